//! The errors of making a corpus: a scale that makes none, and a disk that does not take it.

use std::io;
use std::path::PathBuf;

use ossicle_files::printable;

/// The reason why a corpus could not be planned or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The scale is not a number above 0 and at most [`MAX_SCALE`](crate::MAX_SCALE).
    #[error("scale is {scale}; it must be above 0 and at most {}", crate::MAX_SCALE)]
    Scale {
        /// The scale that was asked for.
        scale: f64,
    },
    /// A speaker's folder could not be made.
    #[error("cannot create the folder {}", printable(path))]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}", printable(path))]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}
