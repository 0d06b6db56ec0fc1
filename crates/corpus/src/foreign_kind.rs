//! The descriptions and containers of corpora that other programs read, and this version does not.

use std::{ffi::OsStr, path::Path};

use crate::recording::has_extension;

/// A file that other programs read a corpus of, by the name of the file or by how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForeignKind {
    /// Arrow, with audio in a column.
    Arrow,
    /// Parquet, with audio in a column: it is read where the feature `arrow` is built.
    Parquet,
    /// A manifest in YAML, as lhotse writes one under such a name.
    Yaml,
    /// Segments with their texts, as NIST's scoring programs have them.
    Stm,
    /// An archive, or one compressed in a way that is none of gzip's.
    Packed,
    /// A file of arrays in HDF5.
    Hdf5,
    /// A database in SQLite's format.
    Sqlite,
}

impl ForeignKind {
    /// The kind of a file with this name.
    pub(crate) fn of(file: &OsStr) -> Option<ForeignKind> {
        let name = Path::new(file);
        let bare = if has_extension(file, &["gz"]) { name.file_stem()? } else { file };
        match () {
            () if has_extension(bare, &["arrow"]) => Some(ForeignKind::Arrow),
            () if has_extension(bare, &["yaml", "yml"]) => Some(ForeignKind::Yaml),
            () if has_extension(bare, &["stm"]) => Some(ForeignKind::Stm),
            () if has_extension(bare, &["parquet"]) && !cfg!(feature = "arrow") => {
                Some(ForeignKind::Parquet)
            }
            () => None,
        }
    }

    /// The kind of a file that begins so, by its format's first bytes.
    pub(crate) fn beginning(head: &[u8]) -> Option<ForeignKind> {
        const BEGINNINGS: [(&[u8], ForeignKind); 9] = [
            (b"ARROW1\0\0", ForeignKind::Arrow),
            (b"PK\x03\x04", ForeignKind::Packed),
            (b"7z\xbc\xaf\x27\x1c", ForeignKind::Packed),
            (b"Rar!\x1a\x07", ForeignKind::Packed),
            (b"BZh", ForeignKind::Packed),
            (b"\xfd7zXZ\0", ForeignKind::Packed),
            (b"\x28\xb5\x2f\xfd", ForeignKind::Packed),
            (b"\x89HDF\r\n\x1a\n", ForeignKind::Hdf5),
            (b"SQLite format 3\0", ForeignKind::Sqlite),
        ];
        BEGINNINGS.iter().find(|(begin, _)| head.starts_with(begin)).map(|&(_, kind)| kind)
    }

    pub(crate) fn in_words(self) -> &'static str {
        match self {
            ForeignKind::Arrow => "a table of columns in Arrow's format",
            ForeignKind::Parquet => "a Parquet file",
            ForeignKind::Yaml => "a file of YAML",
            ForeignKind::Stm => "a list of segments in NIST's STM format",
            ForeignKind::Packed => "a compressed archive",
            ForeignKind::Hdf5 => "a file of HDF5",
            ForeignKind::Sqlite => "a database of SQLite",
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
            ("cuts.yaml.gz", Some(ForeignKind::Yaml)),
            ("recordings.yml", Some(ForeignKind::Yaml)),
            ("dev.stm", Some(ForeignKind::Stm)),
            ("train.jsonl", None),
            ("metadata.csv", None),
            ("list.txt", None),
            ("files", None),
        ];
        for (name, kind) in kinds {
            assert_eq!(ForeignKind::of(name.as_ref()), kind, "{name}");
        }
    }

    #[test]
    fn text_begins_as_none_of_them() {
        for text in ["", "a.wav\n", "PK.wav\n", "7z.wav", "BZ.wav", "{\"a\":1}"] {
            assert_eq!(ForeignKind::beginning(text.as_bytes()), None, "{text}");
        }
    }
}
