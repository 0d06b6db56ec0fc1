//! The hash of a part's sources, which decides whether it has to be made again.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use ossicle_corpus::{Alignment, AlignmentSource, Utterance};

use crate::error::Error;
use crate::input_kind::InputKind;

/// Hashes ids, sizes and times of recordings and of what lies beside them as they are now, and what else
/// the corpus says of an utterance: its span, channel and columns.
///
/// - `kind`: what utterances are made of
///
/// # Errors
/// If the system cannot look at an alignment. One that is not there, or that nobody may look at, is what
/// it is.
pub(crate) fn hash_sources(
    root: &Path,
    utterances: &[Utterance],
    kind: InputKind,
) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    for utterance in utterances {
        hasher.update(utterance.id.as_bytes()).update(&[0]);
        hasher.update(&utterance.size_bytes.to_le_bytes());
        hasher.update(&utterance.modified_ns.to_le_bytes());
        if let Some(rest) = rest_text(utterance) {
            hasher.update(&(rest.len() as u64).to_le_bytes()).update(rest.as_bytes());
        }
        if let Some(said) = utterance.alignment.as_ref().and_then(AlignmentSource::said) {
            let said = alignment_text(said);
            hasher.update(&(said.len() as u64).to_le_bytes()).update(said.as_bytes());
        }
        let companion = kind.companion(&utterance.source);
        for beside in
            utterance.alignment.iter().flat_map(|source| source.paths()).chain(companion.as_deref())
        {
            let path = root.join(beside);
            let metadata = match fs::metadata(&path) {
                Ok(metadata) => Some(metadata),
                Err(error) if is_settled(error.kind()) => None,
                Err(source) => return Err(Error::Io { action: "look at", path, source }),
            };
            let size = metadata.as_ref().map_or(0, fs::Metadata::len);
            let time = metadata.and_then(|metadata| metadata.modified().ok());
            let time = time.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            hasher.update(&size.to_le_bytes());
            hasher.update(&time.map_or(0, |time| time.as_nanos() as u64).to_le_bytes());
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Writes a span, a channel and columns as a text that is another where any of them is; none where there are none.
pub(crate) fn rest_text(utterance: &Utterance) -> Option<String> {
    if utterance.extra.is_none() && utterance.columns.is_empty() {
        return None;
    }
    let Ok(text) = serde_json::to_string(&(&utterance.extra, &utterance.columns)) else {
        unreachable!("its keys are strings, and memory does not fail to be written")
    };
    Some(text)
}

/// Writes an alignment as a text that is another where any of it is.
fn alignment_text(alignment: &Alignment) -> String {
    let Ok(text) = serde_json::to_string(alignment) else {
        unreachable!("it has no keys, and memory does not fail to be written")
    };
    text
}

/// Returns whether the error will be the same when the system is asked again.
fn is_settled(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied)
}
