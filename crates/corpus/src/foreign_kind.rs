//! The descriptions of corpora that other programs read, and this version does not.

use std::{ffi::OsStr, path::Path};

use crate::recording::has_extension;

/// Descriptions of corpora that other programs read, by the name of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForeignKind {
    /// Arrow, with audio in a column.
    Arrow,
    /// Parquet, with audio in a column: it is read where the feature `arrow` is built.
    Parquet,
}

impl ForeignKind {
    pub(crate) fn of(file: &OsStr) -> Option<ForeignKind> {
        let name = Path::new(file);
        let bare = if has_extension(file, &["gz"]) { name.file_stem()? } else { file };
        if has_extension(bare, &["arrow"]) {
            return Some(ForeignKind::Arrow);
        }
        let is_read = cfg!(feature = "arrow");
        (has_extension(bare, &["parquet"]) && !is_read).then_some(ForeignKind::Parquet)
    }

    pub(crate) fn in_words(self) -> &'static str {
        match self {
            ForeignKind::Arrow => "a table of columns in Arrow's format",
            ForeignKind::Parquet => "a Parquet file",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_recognised_by_name() {
        let kinds = [
            ("train.ARROW", Some(ForeignKind::Arrow)),
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
