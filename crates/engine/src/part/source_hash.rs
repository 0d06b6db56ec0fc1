//! The hash of a part's sources, which decides whether it has to be made again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ossicle_corpus::{Alignment, AlignmentSource, Utterance};
use ossicle_files::{Metadata, join, metadata_of_files};

use crate::error::Error;
use crate::input_kind::InputKind;

/// So many utterances' files are looked at together, as each may be a request.
const LOOKED_AT_ONCE: usize = 1024;

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
    for some in utterances.chunks(LOOKED_AT_ONCE) {
        let beside: Vec<Vec<PathBuf>> =
            some.iter().map(|it| paths_beside(root, it, kind)).collect();
        let mut looked = metadata_of_files(&beside.concat()).into_iter();
        for (utterance, beside) in some.iter().zip(beside) {
            hash_utterance(&mut hasher, utterance);
            for path in beside {
                let metadata = match looked.next() {
                    Some(Ok(metadata)) => Some(metadata),
                    Some(Err(error)) if !is_settled(error.kind()) => {
                        return Err(Error::Io { action: "look at", path, source: error });
                    }
                    _ => None,
                };
                hash_file(&mut hasher, metadata);
            }
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// What the corpus says of an utterance.
fn hash_utterance(hasher: &mut blake3::Hasher, utterance: &Utterance) {
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
}

/// The size and time of a file, which are 0 of what is not there.
fn hash_file(hasher: &mut blake3::Hasher, metadata: Option<Metadata>) {
    let size = metadata.map_or(0, |found| found.bytes);
    let time = metadata.and_then(|found| found.modified);
    let time = time.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    hasher.update(&size.to_le_bytes());
    hasher.update(&time.map_or(0, |time| time.as_nanos() as u64).to_le_bytes());
}

/// The files that lie beside an utterance's recording, and are read with it.
fn paths_beside(root: &Path, utterance: &Utterance, kind: InputKind) -> Vec<PathBuf> {
    let companion = kind.companion(&utterance.source);
    let alignments = utterance.alignment.iter().flat_map(|source| source.paths());
    alignments.chain(companion.as_deref()).map(|path| join(root, path)).collect()
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
