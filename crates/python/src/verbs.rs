//! Verbs of the command as functions: `extract`, `plan`, `verify`, `info` and `show`.

use std::ffi::OsString;

use ossicle_cli::{Called, call};
use pyo3::prelude::*;

use crate::json::to_python;
use crate::listen::Call;

/// Returns the names of the options of a verb.
#[pyfunction]
pub(crate) fn options_of(verb: &str) -> Vec<String> {
    ossicle_cli::options_of(verb)
}

/// Calls a verb, without the interpreter's lock. Returns what the command prints with `--json`, and whether all is well.
///
/// - `words`: the command line
/// - `again`: the words that start this program again
/// - `recipe`: a recipe's text
/// - `say`: is called with each line that people are shown
/// - `hear`: is called with each event, a dict
/// - `bar`: whether the command's bar is drawn on standard error; lines go there then, and not to `say`
/// - `cluster`: computes the parts, as `cluster` says; None is this machine
#[pyfunction]
#[pyo3(signature = (words, again, recipe, say, hear, bar, cluster=None))]
#[expect(clippy::too_many_arguments, reason = "what a call of Python is")]
pub(crate) fn call_verb<'py>(
    py: Python<'py>,
    words: Vec<OsString>,
    again: Vec<OsString>,
    recipe: Option<String>,
    say: Bound<'py, PyAny>,
    hear: Option<Bound<'py, PyAny>>,
    bar: bool,
    cluster: Option<Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyAny>, bool)> {
    let of_python = Call { words, again, say: Some(say), hear, bar, cluster };
    let Called { result, is_well } = of_python.run(py, move |door| call(door, recipe))?;
    Ok((to_python(py, &result)?, is_well))
}
