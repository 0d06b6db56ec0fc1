//! The program that a command line is run in.

use std::ffi::OsString;

/// A command line, and the program that it is run in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The program's name and its arguments, as a shell has them.
    pub words: Vec<OsString>,
    /// The words that start the program again, to which arguments are added. Under Python they are
    /// `python -m ossicle`.
    pub again: Vec<OsString>,
}
