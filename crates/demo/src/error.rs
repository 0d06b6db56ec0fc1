//! What can go wrong: a scale that makes no corpus, and a disk that does not take it.

use std::io;
use std::path::PathBuf;

/// Why a corpus could not be planned or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The scale is not a number above 0 and at most [`MAX_SCALE`](crate::MAX_SCALE).
    #[error("scale is {scale}; it must be above 0 and at most {}", crate::MAX_SCALE)]
    Scale {
        /// What was asked for.
        scale: f64,
    },
    /// A speaker's folder could not be made.
    #[error("cannot create the folder {}", path.display())]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}
