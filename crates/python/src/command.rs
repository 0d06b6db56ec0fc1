//! The command line.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs a command line and returns the exit code.
///
/// - `words`: the program's name and its arguments
/// - `again`: the words that start this program again
#[pyfunction]
pub(crate) fn run_command(py: Python<'_>, words: Vec<OsString>, again: Vec<OsString>) -> u8 {
    py.detach(|| ossicle_cli::run_in(&ossicle_cli::Program { words, again }))
}
