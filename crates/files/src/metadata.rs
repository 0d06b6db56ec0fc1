//! What is said of a file, an object or a folder without opening it.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{objects::ObjectStat, url::join};

/// A file's kind, size and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// Its kind.
    pub kind: Kind,
    /// The size of a file in bytes.
    pub bytes: u64,
    /// When it was last modified, where that is known. That of an object stands for its ETag, too.
    pub modified: Option<SystemTime>,
}

/// The kinds of what is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file, or an object.
    File,
    /// A folder. In a store there is one where there are objects below it.
    Folder,
    /// A pipe, a socket, a device.
    Other,
}

impl Metadata {
    /// Returns whether it is a regular file or an object.
    pub fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Returns whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == Kind::Folder
    }

    pub(crate) const FOLDER: Metadata = Metadata { kind: Kind::Folder, bytes: 0, modified: None };

    pub(crate) fn of_object(stat: &ObjectStat) -> Metadata {
        Metadata { kind: Kind::File, bytes: stat.bytes, modified: stat.stamp() }
    }
}

impl From<fs::Metadata> for Metadata {
    fn from(found: fs::Metadata) -> Metadata {
        Metadata {
            kind: Kind::from(found.file_type()),
            bytes: found.len(),
            modified: found.modified().ok(),
        }
    }
}

impl From<fs::FileType> for Kind {
    fn from(kind: fs::FileType) -> Kind {
        match kind {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Folder,
            _ => Kind::Other,
        }
    }
}

/// An entry of a folder.
#[derive(Debug)]
pub struct Entry {
    /// Its path.
    pub path: PathBuf,
    /// What it is; none for a link.
    pub(crate) kind: Option<Kind>,
}

impl Entry {
    /// Its name.
    pub fn name(&self) -> OsString {
        self.path.file_name().unwrap_or_default().to_owned()
    }

    /// Returns whether it is a folder, or a link to one.
    pub fn is_folder(&self) -> bool {
        let is_link_to_one = || fs::metadata(&self.path).is_ok_and(|found| found.is_dir());
        self.kind.map_or_else(is_link_to_one, |kind| kind == Kind::Folder)
    }

    /// Returns whether it is a folder, and no link to one.
    pub fn is_own_folder(&self) -> bool {
        self.kind == Some(Kind::Folder)
    }

    /// Returns whether it is a regular file or an object, and no link to one.
    pub fn is_own_file(&self) -> bool {
        self.kind == Some(Kind::File)
    }

    pub(crate) fn of(folder: &Path, name: &str, kind: Kind) -> Entry {
        Entry { path: join(folder, name), kind: Some(kind) }
    }
}
