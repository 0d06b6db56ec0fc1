//! One utterance of a corpus: what it is called, where it is, what it looked like.

use std::{
    fs,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use serde::{Deserialize, Serialize};

/// One recording to be turned into a matrix.
///
/// Made to be held a million times: with paths of ordinary length it takes less than 300 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utterance {
    /// Its name, unique in its split: UTF-8 without control characters.
    pub id: Box<str>,
    /// The recording, relative to [`Split::root`](crate::Split::root), or absolute where it was
    /// given so and lies elsewhere.
    #[serde(with = "crate::paths")]
    pub source: Box<Path>,
    /// Its alignment, relative in the same way.
    #[serde(with = "crate::paths::optional")]
    pub alignment: Option<Box<Path>>,
    /// Its speaker, where the kind of corpus tells.
    pub speaker: Option<Box<str>>,
    /// The size of the recording; 0 where it is no regular file or could not be looked at.
    pub size_bytes: u64,
    /// When the recording was last modified, in nanoseconds since 1970; 0 as for the size.
    pub modified_ns: u64,
}

impl Utterance {
    /// An utterance without alignment and speaker. Looks at the file; whatever is wrong with it
    /// shows when somebody opens it.
    pub(crate) fn look_at(id: String, root: &Path, source: PathBuf) -> Utterance {
        let (size_bytes, modified_ns) = match fs::metadata(root.join(&source)) {
            Ok(metadata) if metadata.is_file() => (metadata.len(), modified_ns(&metadata)),
            _ => (0, 0),
        };
        Utterance {
            id: id.into(),
            source: source.into(),
            alignment: None,
            speaker: None,
            size_bytes,
            modified_ns,
        }
    }
}

fn modified_ns(metadata: &fs::Metadata) -> u64 {
    // A time before 1970 counts as 1970.
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_utterance_takes_less_than_300_bytes() {
        let folder = "train-clean-100/speaker-1234/chapter-123456";
        let heap = [
            format!("{folder}/1234-123456-0001"),
            format!("{folder}/1234-123456-0001.flac"),
            format!("{folder}/1234-123456-0001.PHN"),
            "1234".to_string(),
        ]
        .iter()
        .map(String::len)
        .sum::<usize>();
        assert!(size_of::<Utterance>() + heap < 300, "{} + {heap}", size_of::<Utterance>());
        assert_eq!(size_of::<Utterance>(), 80);
    }
}
