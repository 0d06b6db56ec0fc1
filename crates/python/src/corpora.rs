//! The utterances of a corpus.

use std::ffi::OsString;

use ossicle_corpus::{Corpus, Held, Span, Split, Utterance};
use ossicle_files::printable;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use serde_json::{Value, json};

use crate::json::to_python;
use crate::listen::Call;

/// The columns that every list of utterances has, before those of its corpus.
const COLUMNS: [&str; 13] = [
    "id",
    "split",
    "source",
    "held",
    "channel",
    "start_sample",
    "end_sample",
    "start_s",
    "end_s",
    "speaker",
    "alignment",
    "path",
    "bytes",
];

/// Lists the utterances of a corpus, without the interpreter's lock: of each column a list, by its name.
///
/// - `words`: the command line of `info`
#[pyfunction]
pub(crate) fn discover<'py>(py: Python<'py>, words: Vec<OsString>) -> PyResult<Bound<'py, PyDict>> {
    let call = Call { words, ..Call::default() };
    let corpus = call.run(py, |door| ossicle_cli::discover(door))?;
    let further = further(&corpus);
    let names = COLUMNS.iter().copied().chain(further.iter().map(String::as_str));
    let columns: Vec<(&str, Bound<'_, PyList>)> =
        names.map(|name| (name, PyList::empty(py))).collect();
    for split in &corpus.splits {
        for utterance in &split.utterances {
            let own = utterance.columns.unpacked();
            let of_corpus = further.iter().map(|name| {
                let own = own.iter().find(|column| column.name() == name);
                own.map_or(Value::Null, |column| column.value().clone())
            });
            let row = row(split, utterance).into_iter().chain(of_corpus);
            for ((_, column), value) in columns.iter().zip(row) {
                column.append(to_python(py, &value)?)?;
            }
        }
    }
    let by_name = PyDict::new(py);
    for (name, column) in columns {
        by_name.set_item(name, column)?;
    }
    Ok(by_name)
}

/// The values of [`COLUMNS`].
fn row(split: &Split, utterance: &Utterance) -> [Value; COLUMNS.len()] {
    let (samples, seconds) = match utterance.span() {
        None => ((None, None), (None, None)),
        Some(Span::Samples { start, end }) => ((Some(start), end), (None, None)),
        Some(Span::Nanoseconds { start, end }) => {
            let seconds = |nanoseconds: u64| nanoseconds as f64 / 1e9;
            ((None, None), (Some(seconds(start)), end.map(seconds)))
        }
    };
    [
        json!(utterance.id),
        json!(split.name),
        json!(printable(&utterance.source)),
        json!(utterance.held().map(Held::to_row)),
        json!(utterance.channel()),
        json!(samples.0),
        json!(samples.1),
        json!(seconds.0),
        json!(seconds.1),
        json!(utterance.speaker),
        json!(utterance.alignment.is_some()),
        json!(printable(&utterance.path(&split.root))),
        json!(utterance.recording_bytes()),
    ]
}

/// The names of the corpus' further columns, in the order in which they are met.
fn further(corpus: &Corpus) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for utterance in corpus.splits.iter().flat_map(|split| &split.utterances) {
        for column in utterance.columns.unpacked() {
            let is_known = COLUMNS.contains(&column.name());
            if !is_known && !names.iter().any(|name| name == column.name()) {
                names.push(column.name().to_owned());
            }
        }
    }
    names
}
