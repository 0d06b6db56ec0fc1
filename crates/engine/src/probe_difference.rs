//! How the rows of a front end differ from those of where it was saved.

use std::fmt;

/// A number of the probe that is another than it was.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeDifference {
    /// The array.
    pub array: String,
    /// The row, and the name of the column, of the largest difference.
    pub row: usize,
    /// The name of that column.
    pub column: String,
    /// The number that the file has.
    pub saved: f32,
    /// The number that was computed.
    pub found: f32,
    /// The version of the program that made the file.
    pub version: String,
}

impl fmt::Display for ProbeDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ProbeDifference { array, row, column, saved, found, version } = self;
        write!(
            f,
            "row {row} of {array}, {column}, is {found}, and was {saved} where the file was made, by version \
             {version}"
        )
    }
}
