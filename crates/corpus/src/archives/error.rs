//! Why the bytes of a recording cannot be had.

use std::{io, path::PathBuf};

use ossicle_files::{OpenError, printable};

/// The reason why the bytes of a recording that has no file of its own cannot be had.
///
/// Messages leave out the path, because the caller knows it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeldError {
    /// The file that it is in was not opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file that it is in cannot be read.
    #[error("cannot be read")]
    Read(#[from] io::Error),
    /// The file that it is in is not the one in which it was found.
    #[error("was changed after the corpus was listed")]
    Changed,
    /// The file ends before it.
    #[error("has {bytes} bytes, and the recording would begin at byte {offset}")]
    Behind {
        /// Where it would begin.
        offset: u64,
        /// The size of the file.
        bytes: u64,
    },
    /// There is no room to unpack the archive that it is in.
    #[error(
        "has to be unpacked, and {} has no room for that; unpack it where there is: `gunzip {}`",
        printable(folder),
        printable(archive)
    )]
    NoRoom {
        /// The archive.
        archive: PathBuf,
        /// The folder that it would be unpacked in.
        folder: PathBuf,
    },
    /// A command has failed.
    #[error("the command {how}{}{said}", if said.is_empty() { "" } else { ": " })]
    Command {
        /// How it ended ("ended with status 1").
        how: String,
        /// The end of what it wrote to standard error, on one line.
        said: String,
    },
    /// A command was ended, as it did more than it may.
    #[error("the command {what}, and was ended")]
    CommandLimit {
        /// What it does.
        what: &'static str,
    },
    /// The Parquet file that it is in cannot be read.
    #[cfg(feature = "arrow")]
    #[error(transparent)]
    Parquet(#[from] super::parquet::ParquetError),
    /// Something else is there.
    #[error("has {found} at byte {offset}, and no recording")]
    NoRecording {
        /// Where it is.
        offset: u64,
        /// What it is, with its article.
        found: &'static str,
    },
}
