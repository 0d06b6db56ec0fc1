//! Why a Parquet file cannot be read.

use std::io;

/// The reason why a Parquet file, or something of it, cannot be read. Messages leave out the path.
#[derive(Debug, thiserror::Error)]
pub enum ParquetError {
    /// The system does not give its bytes.
    #[error("cannot be read")]
    Read(#[from] io::Error),
    /// It is something else.
    #[error("is no Parquet file: those begin and end with `PAR1`")]
    NotParquet,
    /// It is encrypted.
    #[error("is an encrypted Parquet file, and those are not read")]
    Encrypted,
    /// The schema and the places of columns cannot be where they are said to be.
    #[error("says that its footer has {bytes} bytes, and at most {most} can be there")]
    Footer {
        /// What it says.
        bytes: u64,
        /// The most that can be.
        most: u64,
    },
    /// It has more rows than it can have.
    #[error("says that it has {rows} rows, more than its {bytes} bytes can hold")]
    Rows {
        /// What it says.
        rows: u64,
        /// The size of the file.
        bytes: u64,
    },
    /// A page would take too much memory.
    #[error(
        "has a page of `{column}` at byte {at} that says that its {stored} bytes unpack to {bytes}, and at \
         most {most} are read"
    )]
    PageTooLarge {
        /// The column.
        column: String,
        /// The byte of the file at which its header begins.
        at: u64,
        /// The bytes that are stored.
        stored: u64,
        /// The bytes that they would become.
        bytes: u64,
        /// The most that is read.
        most: u64,
    },
    /// It is compressed in a way that is not read.
    #[error("has the column `{column}` compressed by {codec}, which is not read")]
    Codec {
        /// The column.
        column: String,
        /// The name of the compression.
        codec: String,
    },
    /// What is there cannot be.
    #[error("is damaged: {what}")]
    Damaged {
        /// What is wrong, with the place.
        what: String,
    },
    /// The row has nothing to be read.
    #[error("has no recording in row {row}: neither bytes nor a path")]
    Empty {
        /// The row, from 0.
        row: u64,
    },
}

impl ParquetError {
    pub(super) fn damaged(what: impl Into<String>) -> ParquetError {
        ParquetError::Damaged { what: what.into() }
    }
}
