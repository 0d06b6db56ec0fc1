//! What is where a file or a folder of ours belongs, and is neither.

use std::io;
use std::path::PathBuf;

use ossicle_files::printable;
use rustix::fs::FileType;

/// Something that is where another thing belongs. It travels inside of an [`io::Error`], as that is what a
/// store's opening hands through, and becomes [`Error::OutOfPlace`](crate::Error::OutOfPlace).
#[derive(Debug, Clone, thiserror::Error)]
#[error("{} is {found}, where {due} belongs", printable(path))]
pub(crate) struct OutOfPlace {
    pub(crate) path: PathBuf,
    pub(crate) found: &'static str,
    pub(crate) due: &'static str,
}

/// The thing that belongs somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    File,
    Folder,
}

impl OutOfPlace {
    pub(crate) fn new(path: PathBuf, found: FileType, due: Due) -> OutOfPlace {
        let due = match due {
            Due::File => "a file",
            Due::Folder => "a folder",
        };
        let found = match found {
            FileType::RegularFile => "a file",
            FileType::Directory => "a folder",
            FileType::Symlink => "a symbolic link",
            FileType::Fifo => "a FIFO",
            FileType::Socket => "a socket",
            _ => "a device",
        };
        OutOfPlace { path, found, due }
    }

    /// Finds it in an error of the system's kind.
    pub(crate) fn inside(error: &io::Error) -> Option<&OutOfPlace> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<OutOfPlace> for io::Error {
    fn from(out_of_place: OutOfPlace) -> io::Error {
        io::Error::other(out_of_place)
    }
}
