//! The hash of a part's sources, which decides whether it has to be made again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ossicle_corpus::{Alignment, AlignmentSource, Utterance};
use ossicle_files::{Metadata, join, metadata_of_files};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::input_kind::InputKind;

/// So many utterances' files are looked at together, as each may be a request.
const LOOKED_AT_ONCE: usize = 1024;

/// Hashes ids, sizes and times of recordings and of what lies beside them as they are now, and what else
/// the corpus says of an utterance: its span, channel and columns.
///
/// - `kind`: what utterances are made of
/// - `stamped`: is told the stamp of each utterance
///
/// # Errors
/// If the system cannot look at an alignment. One that is not there, or that nobody may look at, is what
/// it is.
pub(crate) fn hash_sources(
    root: &Path,
    utterances: &[Utterance],
    kind: InputKind,
    stamped: &mut dyn FnMut(Stamp),
) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    let mut record = Vec::new();
    for some in utterances.chunks(LOOKED_AT_ONCE) {
        let beside: Vec<Vec<PathBuf>> =
            some.iter().map(|it| paths_beside(root, it, kind)).collect();
        let mut looked = metadata_of_files(&beside.concat()).into_iter();
        for (utterance, beside) in some.iter().zip(beside) {
            record.clear();
            append_utterance(&mut record, utterance);
            for path in beside {
                let metadata = match looked.next() {
                    Some(Ok(metadata)) => Some(metadata),
                    Some(Err(error)) if !is_settled(error.kind()) => {
                        return Err(Error::Io { action: "look at", path, source: error });
                    }
                    _ => None,
                };
                append_file(&mut record, metadata);
            }
            hasher.update(&record);
            stamped(Stamp::of(&record, utterance));
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Returns the stamp of an utterance, as its files are now.
///
/// # Errors
/// Those of [`hash_sources`].
pub(crate) fn stamp_of(
    root: &Path,
    utterance: &Utterance,
    kind: InputKind,
) -> Result<Stamp, Error> {
    let mut stamp = None;
    let utterances = std::slice::from_ref(utterance);
    hash_sources(root, utterances, kind, &mut |of| stamp = Some(of))?;
    let Some(stamp) = stamp else { unreachable!("each utterance is told of") };
    Ok(stamp)
}

/// A stamp of an utterance: another where anything of it is, its id, its source or its speaker included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp(pub(crate) [u8; STAMP_BYTES]);

/// Half of a BLAKE3: no two differ by chance.
const STAMP_BYTES: usize = 16;

impl Stamp {
    /// - `record`: what is hashed of its files
    pub(crate) fn of(record: &[u8], utterance: &Utterance) -> Stamp {
        let mut hasher = blake3::Hasher::new();
        let mut add = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        };
        add(record);
        add(utterance.id.as_bytes());
        add(utterance.source.as_os_str().as_encoded_bytes());
        add(utterance.speaker.as_deref().unwrap_or_default().as_bytes());
        // A failure may name them.
        for path in utterance.alignment.iter().flat_map(|source| source.paths()) {
            add(path.as_os_str().as_encoded_bytes());
        }
        let mut stamp = [0; STAMP_BYTES];
        hasher.finalize_xof().fill(&mut stamp);
        Stamp(stamp)
    }

    /// Writes it in hexadecimal.
    pub(crate) fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Appends what the corpus says of an utterance.
fn append_utterance(record: &mut Vec<u8>, utterance: &Utterance) {
    record.extend_from_slice(utterance.id.as_bytes());
    record.push(0);
    record.extend_from_slice(&utterance.size_bytes.to_le_bytes());
    record.extend_from_slice(&utterance.modified_ns.to_le_bytes());
    let mut append = |text: String| {
        record.extend_from_slice(&(text.len() as u64).to_le_bytes());
        record.extend_from_slice(text.as_bytes());
    };
    rest_text(utterance).into_iter().for_each(&mut append);
    let said = utterance.alignment.as_ref().and_then(AlignmentSource::said);
    said.map(alignment_text).into_iter().for_each(append);
}

/// Appends the size and time of a file, which are 0 of what is not there.
fn append_file(record: &mut Vec<u8>, metadata: Option<Metadata>) {
    let size = metadata.map_or(0, |found| found.bytes);
    let time = metadata.and_then(|found| found.modified);
    let time = time.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    record.extend_from_slice(&size.to_le_bytes());
    record.extend_from_slice(&time.map_or(0, |time| time.as_nanos() as u64).to_le_bytes());
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
pub(crate) fn alignment_text(alignment: &Alignment) -> String {
    let Ok(text) = serde_json::to_string(alignment) else {
        unreachable!("it has no keys, and memory does not fail to be written")
    };
    text
}

/// Returns whether the error will be the same when the system is asked again.
fn is_settled(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied)
}
