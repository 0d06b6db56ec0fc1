//! The command line.

use std::ffi::OsString;

use ossicle_cli::{Door, Program, run_in};
use pyo3::prelude::*;

use crate::listen::Call;

/// Runs a command line and returns the exit code.
///
/// - `words`: the program's name and its arguments
/// - `again`: the words that start this program again
/// - `cluster`: computes the parts, as `cluster` says; None is this machine
#[pyfunction]
#[pyo3(signature = (words, again, cluster=None))]
pub(crate) fn run_command(
    py: Python<'_>,
    words: Vec<OsString>,
    again: Vec<OsString>,
    cluster: Option<Bound<'_, PyAny>>,
) -> PyResult<u8> {
    if cluster.is_none() {
        return Ok(py.detach(|| run_in(&Program { words, again }, None)));
    }
    let call = Call { words, again, cluster, ..Call::default() };
    call.run(py, |door| Ok(run_in(door.program(), door.cluster())))
}
