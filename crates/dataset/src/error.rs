//! The errors of datasets on disk.

use std::io;
use std::path::{Path, PathBuf};

use ossicle_files::printable;

use crate::out_of_place::OutOfPlace;

/// A dataset that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum Error {
    #[error("cannot {action} {}", printable(path))]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("{} is not a dataset: it has no {}", printable(path), crate::format::names::CARD_FILE)]
    NoCard { path: PathBuf },
    #[error("{} cannot be read: {reason}", printable(path))]
    BadCard { path: PathBuf, reason: String },
    #[error("{}: {reason}", printable(path))]
    BadFile { path: PathBuf, reason: String },
    /// The file is not what the card says.
    #[error("{}: {reason}", printable(path))]
    Damaged { path: PathBuf, reason: String },
    #[error("the header is not that of a .npy file: {reason}")]
    BadNpy { reason: String },
    #[error("another run is writing {}", printable(path))]
    Locked { path: PathBuf },
    #[error("cannot lock {}", printable(path))]
    NoLocks { path: PathBuf, source: io::Error },
    #[error("{} is {found}, where {due} belongs", printable(path))]
    OutOfPlace { path: PathBuf, found: &'static str, due: &'static str },
    #[error(
        "{} was left by another user, whose number is {owner}, while a dataset was put in place",
        printable(path)
    )]
    OfAnother { path: PathBuf, owner: u32 },
    #[error(transparent)]
    Remote(#[from] ossicle_remote::Error),
    #[error("{} is there already", printable(path))]
    Present { path: PathBuf },
    #[error(
        "{} is in a store that knows no conditions: two runs could publish there at once",
        printable(path)
    )]
    NoConditions { path: PathBuf },
    #[error("{} was changed or removed by somebody else", printable(path))]
    Changed { path: PathBuf },
}

impl Error {
    /// Makes an error of an I/O error, for `map_err`: what was to be done, and to which file.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
        let path = path.to_owned();
        move |source| match OutOfPlace::inside(&source) {
            Some(&OutOfPlace { ref path, found, due }) => {
                Error::OutOfPlace { path: path.clone(), found, due }
            }
            None => Error::Io { action, path, source },
        }
    }

    /// Returns whether nothing is there, nor can be, since a file stands for a folder.
    pub(crate) fn is_nothing(&self) -> bool {
        let not_a_folder = |kind| kind == io::ErrorKind::NotADirectory;
        self.is_not_found()
            || matches!(self, Error::Io { source, .. } if not_a_folder(source.kind()))
    }

    /// Returns whether the system says that the file does not exist.
    pub fn is_not_found(&self) -> bool {
        match self {
            Error::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Error::Remote(error) => error.is_not_found(),
            _ => false,
        }
    }

    pub(crate) fn bad_file(path: &Path, reason: impl ToString) -> Error {
        Error::BadFile { path: path.to_owned(), reason: reason.to_string() }
    }
}
