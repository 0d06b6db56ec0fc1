//! The descriptions of corpora that other programs read, and this version does not.

use std::{ffi::OsStr, path::Path};

use crate::recording::has_extension;

/// Descriptions of corpora that other programs read, by the name of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForeignKind {
    /// Parquet or Arrow, with audio in a column.
    Columns,
}

impl ForeignKind {
    pub(crate) fn of(file: &OsStr) -> Option<ForeignKind> {
        let name = Path::new(file);
        let bare = if has_extension(file, &["gz"]) { name.file_stem()? } else { file };
        has_extension(bare, &["parquet", "arrow"]).then_some(ForeignKind::Columns)
    }

    pub(crate) fn in_words(self) -> &'static str {
        match self {
            ForeignKind::Columns => "a table of columns",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_recognised_by_name() {
        let kinds = [
            ("train-00000-of-00001.parquet", Some(ForeignKind::Columns)),
            ("train.ARROW", Some(ForeignKind::Columns)),
            ("train.jsonl", None),
            ("metadata.csv", None),
            ("list.txt", None),
            ("files", None),
        ];
        for (name, kind) in kinds {
            assert_eq!(ForeignKind::of(name.as_ref()), kind, "{name}");
        }
    }
}
