//! What can go wrong with a dataset on disk.

use std::io;
use std::path::{Path, PathBuf};

/// A dataset that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum Error {
    #[error("cannot {action} {}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("{} is not a dataset: it has no {}", path.display(), crate::CARD_FILE)]
    NoCard { path: PathBuf },
    #[error("{} cannot be read: {reason}", path.display())]
    BadCard { path: PathBuf, reason: String },
    #[error("{}: {reason}", path.display())]
    BadFile { path: PathBuf, reason: String },
    #[error("the header is not that of a .npy file: {reason}")]
    BadNpy { reason: String },
}

impl Error {
    /// Makes an error of an I/O error, for `map_err`: what was to be done, and to which file.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
        let path = path.to_owned();
        move |source| Error::Io { action, path, source }
    }

    pub(crate) fn bad_file(path: &Path, reason: impl ToString) -> Error {
        Error::BadFile { path: path.to_owned(), reason: reason.to_string() }
    }
}
