//! The descriptions of corpora that other programs read.

use std::{ffi::OsStr, path::Path};

use crate::recording::has_extension;

/// Descriptions of corpora that other programs read, by the name of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForeignKind {
    /// A script of HTK's: a path a line, or two.
    HtkScript,
    /// Recordings in a manifest of lhotse's.
    LhotseRecordings,
    /// Stretches of recordings in a manifest of lhotse's.
    LhotseCuts,
    /// Parquet or Arrow, with audio in a column.
    Columns,
    /// JSON, often with a path in each object.
    Json,
}

impl ForeignKind {
    pub(crate) fn of(file: &OsStr) -> Option<ForeignKind> {
        let name = Path::new(file);
        let bare = if has_extension(file, &["gz"]) { name.file_stem()? } else { file };
        let begins = |word: &str| bare.as_encoded_bytes().starts_with(word.as_bytes());
        match () {
            () if has_extension(bare, &["scp"]) => Some(ForeignKind::HtkScript),
            () if has_extension(bare, &["jsonl", "json"]) && begins("recordings") => {
                Some(ForeignKind::LhotseRecordings)
            }
            () if has_extension(bare, &["jsonl", "json"]) && begins("cuts") => {
                Some(ForeignKind::LhotseCuts)
            }
            () if has_extension(bare, &["parquet", "arrow"]) => Some(ForeignKind::Columns),
            () if has_extension(bare, &["json", "jsonl"]) => Some(ForeignKind::Json),
            () => None,
        }
    }

    pub(crate) fn in_words(self) -> &'static str {
        match self {
            ForeignKind::HtkScript => "a script of HTK",
            ForeignKind::LhotseRecordings => "a lhotse manifest of recordings",
            ForeignKind::LhotseCuts => "a lhotse manifest of cuts",
            ForeignKind::Columns => "a table of columns",
            ForeignKind::Json => "a JSON manifest",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_recognised_by_name() {
        let kinds = [
            ("train.scp", Some(ForeignKind::HtkScript)),
            ("recordings.json", Some(ForeignKind::LhotseRecordings)),
            ("recordings.jsonl", Some(ForeignKind::LhotseRecordings)),
            ("recordings_train.jsonl.gz", Some(ForeignKind::LhotseRecordings)),
            ("cuts-dev.jsonl.gz", Some(ForeignKind::LhotseCuts)),
            ("train-00000-of-00001.parquet", Some(ForeignKind::Columns)),
            ("manifest.JSON", Some(ForeignKind::Json)),
            ("train.jsonl", Some(ForeignKind::Json)),
            ("metadata.csv", None),
            ("list.txt", None),
            ("files", None),
        ];
        for (name, kind) in kinds {
            assert_eq!(ForeignKind::of(name.as_ref()), kind, "{name}");
        }
    }
}
