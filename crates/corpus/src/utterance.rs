//! One utterance of a corpus: what it is called, where it is, what it looked like.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ossicle_files::{Metadata, Source, join, metadata};
use serde::{Deserialize, Serialize};

use crate::{
    alignment_source::AlignmentSource,
    extra::{Columns, Extra},
    held::Held,
    names::id_of_folder,
    span::Span,
};

/// One recording to be turned into a matrix.
///
/// Made to be held a million times: with paths of ordinary length it takes less than 300 bytes and what its
/// columns hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utterance {
    /// Its name, unique in its split: UTF-8 without control characters.
    pub id: Box<str>,
    /// The recording, relative to [`Split::root`](crate::Split::root), or absolute where it was
    /// given so and lies elsewhere. Those of one file may share it.
    #[serde(with = "crate::paths")]
    pub source: Arc<Path>,
    /// Its alignment.
    pub alignment: Option<AlignmentSource>,
    /// Its speaker, where the kind of corpus tells.
    pub speaker: Option<Box<str>>,
    /// The size of the recording; 0 where it is no regular file or could not be looked at.
    pub size_bytes: u64,
    /// When the recording was last modified, in nanoseconds since 1970; 0 as for the size.
    pub modified_ns: u64,
    /// The corpus' further columns, in the corpus' order.
    #[serde(default, skip_serializing_if = "Columns::is_empty")]
    pub columns: Columns,
    /// What few kinds of corpora tell: see [`span()`](Utterance::span), [`channel()`](Utterance::channel) and
    /// [`held()`](Utterance::held).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Box<Extra>>,
}

impl Utterance {
    /// Returns the path of its recording.
    ///
    /// - `root`: the folder that [`source`](Utterance::source) is relative to
    pub fn path(&self, root: &Path) -> PathBuf {
        join(root, &self.source)
    }

    /// The stretch of the recording that it is; `None` for all of it.
    pub fn span(&self) -> Option<Span> {
        self.extra.as_ref()?.span()
    }

    /// The channel of the recording that it is, from 0; `None` where the corpus does not tell.
    pub fn channel(&self) -> Option<u16> {
        self.extra.as_ref()?.channel()
    }

    /// The place of the recording in [`source`](Utterance::source); `None` where it has that file for itself.
    pub fn held(&self) -> Option<&Held> {
        self.extra.as_ref()?.held()
    }

    /// Returns the bytes that its recording takes, at the most: those of the file, or of what it has of it.
    pub fn recording_bytes(&self) -> u64 {
        self.held().map_or(self.size_bytes, |held| held.most_bytes(self.size_bytes))
    }

    /// Returns the memory that getting at its recording takes besides reading it, in bytes: that of whatever has to be
    /// unpacked first.
    pub fn unpacking_bytes(&self) -> u64 {
        self.held().map_or(0, |held| held.memory_bytes(self.size_bytes))
    }

    /// When the recording was last modified; `None` where it could not be looked at.
    pub fn modified(&self) -> Option<SystemTime> {
        self.is_there().then(|| UNIX_EPOCH + Duration::from_nanos(self.modified_ns))
    }

    /// Returns whether what was opened is the source, as it was when the corpus was listed.
    pub(crate) fn is_of(&self, opened: &Source) -> bool {
        self.size_bytes == opened.bytes && self.modified_ns == nanoseconds(opened.modified)
    }

    /// Returns whether its recording is a regular file or an object that could be looked at.
    pub fn is_there(&self) -> bool {
        (self.size_bytes, self.modified_ns) != (0, 0)
    }

    /// An utterance with nothing but its recording. Looks at the file; whatever is wrong with it
    /// shows when somebody opens it.
    pub(crate) fn look_at(
        id: impl Into<Box<str>>,
        root: &Path,
        source: impl Into<Arc<Path>>,
    ) -> Utterance {
        let source = source.into();
        let metadata = looked_at(&join(root, &source)).filter(Metadata::is_file);
        let size_bytes = metadata.map_or(0, |found| found.bytes);
        let modified_ns = metadata.map_or(0, |found| nanoseconds(found.modified));
        Utterance { size_bytes, modified_ns, ..Utterance::of(id, source) }
    }

    /// What stands for the recordings of a folder that cannot be read: whoever opens it is told why, and the loss is
    /// counted as that of a recording is.
    pub(crate) fn of_closed_folder(root: &Path, folder: PathBuf) -> Utterance {
        Utterance::look_at(id_of_folder(&folder), root, folder)
    }

    /// Returns whether it stands for the recordings of a folder that cannot be read.
    pub(crate) fn is_closed_folder(&self) -> bool {
        self.id.ends_with('/') && !self.is_there()
    }

    /// An utterance with nothing but its recording, which is not looked at.
    pub(crate) fn of(id: impl Into<Box<str>>, source: Arc<Path>) -> Utterance {
        Utterance {
            id: id.into(),
            source,
            alignment: None,
            speaker: None,
            size_bytes: 0,
            modified_ns: 0,
            columns: Columns::default(),
            extra: None,
        }
    }
}

/// Looks at a file; none where that cannot be.
fn looked_at(path: &Path) -> Option<Metadata> {
    const TIMES: usize = 3;
    for _ in 0..TIMES {
        match metadata(path).map_err(|error| error.kind()) {
            Ok(metadata) => return Some(metadata),
            Err(ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied) => {
                return None;
            }
            // A disk that has not answered may the next time. If it never does, that is one recording's
            // failure, and no reason to read none.
            Err(_) => {}
        }
    }
    None
}

fn nanoseconds(time: Option<SystemTime>) -> u64 {
    // A time before 1970 counts as 1970.
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extra::Column;
    use serde_json::json;

    #[test]
    fn an_utterance_takes_less_than_300_bytes() {
        let folder = "train-clean-100/1234/123456";
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
        // A path, two words and columns of 16 bytes each, an alignment of 24, two numbers, and a pointer to what is
        // rare.
        assert_eq!(size_of::<Utterance>(), 112);
        // A segment of a recording has so many more.
        assert_eq!(size_of::<Extra>(), 32);
    }

    fn plain() -> Utterance {
        Utterance {
            id: "a".into(),
            source: Path::new("a.wav").into(),
            alignment: None,
            speaker: None,
            size_bytes: 7,
            modified_ns: 1,
            columns: Columns::default(),
            extra: None,
        }
    }

    fn there_and_back(utterance: &Utterance) -> String {
        let text = serde_json::to_string(utterance).unwrap();
        assert_eq!(&serde_json::from_str::<Utterance>(&text).unwrap(), utterance, "{text}");
        text
    }

    #[test]
    fn an_utterance_without_extras_says_nothing_of_them_on_its_way() {
        let utterance = plain();
        assert_eq!(
            there_and_back(&utterance),
            r#"{"id":"a","source":"a.wav","alignment":null,"speaker":null,"size_bytes":7,"modified_ns":1}"#
        );
        assert_eq!((utterance.span(), utterance.channel()), (None, None));
        assert!(utterance.columns.is_empty());
    }

    #[test]
    fn spans_channels_and_columns_travel_as_they_are_and_in_order() {
        let column = |name: &str, value| (name.to_owned(), value);
        for span in [
            Span::Nanoseconds { start: 1_234_567_891, end: None },
            Span::Samples { start: 0, end: Some(u64::MAX - 1) },
        ] {
            let held = Held::Entry { offset: 12, most: None };
            let utterance = Utterance {
                columns: Column::all([
                    column("text", json!("caf\u{e9}\n")),
                    column("language", json!("fr")),
                    column("gain", json!(0.1 + 0.2)),
                    column("custom", json!({"z": [1, u64::MAX, -1], "a": null})),
                ])
                .unwrap(),
                extra: Extra::of(Some(span), Some(1), Some(held)),
                ..plain()
            };
            let text = there_and_back(&utterance);
            assert!(text.contains("0.30000000000000004") && text.contains(r#"{"z":"#), "{text}");
            assert_eq!((utterance.span(), utterance.channel()), (Some(span), Some(1)));
        }
    }
}
