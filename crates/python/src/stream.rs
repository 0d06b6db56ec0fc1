//! Utterances of a corpus, computed as they are asked for.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use ossicle_engine::{Coming, StreamOrder};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyList};
use serde_json::{Value, json};

use crate::errors::{of_engine, wrong};
use crate::json::to_python;
use crate::listen::Call;

/// The time from one look for a signal to the next.
const A_MOMENT: Duration = Duration::from_millis(50);

/// What a dataset would have of a corpus, an utterance at a time.
#[pyclass(frozen, module = "ossicle._ossicle")]
pub(crate) struct Streamer {
    inner: Arc<ossicle_engine::Streamer>,
}

/// The utterances of an epoch.
#[pyclass(frozen, module = "ossicle._ossicle")]
pub(crate) struct Flow {
    inner: ossicle_engine::Flow,
}

#[pymethods]
impl Streamer {
    /// Plans it.
    ///
    /// - `words`: the command line of `speed`, which has a corpus and a recipe
    /// - `recipe`: a recipe's text
    #[new]
    fn new(py: Python<'_>, words: Vec<OsString>, recipe: Option<String>) -> PyResult<Streamer> {
        let call = Call { words, ..Call::default() };
        let inner = call.run(py, move |door| {
            let plan = ossicle_cli::plan(door, recipe)?;
            Ok(ossicle_engine::Streamer::new(plan)?)
        })?;
        Ok(Streamer { inner: Arc::new(inner) })
    }

    /// The name of each array, its type, its number of columns, and their names.
    #[getter]
    fn arrays(&self) -> Vec<(String, String, usize, Vec<String>)> {
        let arrays = self.inner.arrays().into_iter().enumerate();
        let of = |(at, array): (usize, ossicle_dataset::ArrayLayout)| {
            let dtype = format!("{:?}", array.dtype).to_lowercase();
            (array.name, dtype, array.columns, self.inner.column_names(at).to_vec())
        };
        arrays.map(of).collect()
    }

    fn __len__(&self) -> usize {
        self.inner.utterances()
    }

    /// Begins an epoch.
    fn begin(
        &self,
        seed: Option<u64>,
        rank: usize,
        world: usize,
        first: usize,
        jobs: usize,
    ) -> PyResult<Flow> {
        let order = StreamOrder { seed, world, rank, first };
        let inner = self.inner.begin(order, jobs);
        Ok(Flow { inner: inner.map_err(|error| of_engine("the stream", &error))? })
    }
}

#[pymethods]
impl Flow {
    /// Returns the next utterance: its row and the bytes of its arrays, or its row of the ledger and None. None at the
    /// end.
    #[expect(clippy::type_complexity, reason = "a pair")]
    fn next<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Option<(Bound<'py, PyAny>, Option<Bound<'py, PyList>>)>> {
        loop {
            let coming = py.detach(|| self.inner.next_within(A_MOMENT));
            match coming.map_err(|error| of_engine("the stream", &error))? {
                Coming::End => return Ok(None),
                Coming::NotYet => py.check_signals()?,
                Coming::Next(done) => match *done {
                    Ok(streamed) => {
                        let mut row = value(&streamed.row)?;
                        row["split"] = json!(streamed.split);
                        let arrays = streamed.arrays.iter().map(|of| PyByteArray::new(py, of));
                        let arrays = PyList::new(py, arrays.collect::<Vec<_>>())?;
                        return Ok(Some((to_python(py, &row)?, Some(arrays))));
                    }
                    Err(row) => return Ok(Some((to_python(py, &value(&row)?)?, None))),
                },
            }
        }
    }
}

fn value(row: &impl serde::Serialize) -> PyResult<Value> {
    // By way of text, in which a float32 is as short as in a dataset.
    let text = serde_json::to_string(row);
    text.and_then(|text| serde_json::from_str(&text))
        .map_err(|error| wrong(error.to_string(), None))
}
