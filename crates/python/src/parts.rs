//! A worker of parts of a stored plan, in any process.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ossicle_dsp::Level;
use ossicle_engine::{Isolation, Processes, RunOptions, WorkerCommand};
use pyo3::prelude::*;

use crate::errors::{of_verb, wrong};
use crate::listen::Call;

/// Computes parts of a stored plan that it is asked for, and commits them.
#[pyclass(frozen, module = "ossicle._ossicle")]
pub(crate) struct PartWorker {
    inner: Arc<ossicle_engine::PartWorker>,
}

#[pymethods]
impl PartWorker {
    /// Opens the plan.
    ///
    /// - `out`: the folder of the output
    /// - `plan`: the plan's BLAKE3, where it has to be that one
    /// - `stores`: how object stores are reached, as a cluster's order has it
    /// - `retry_failed`: whether parts with failures that are there are computed again
    /// - `again`: the words that start this program again, where each part is computed in a process of its own
    /// - `timeout_s`: the longest that an utterance may take in such a process
    /// - `max_open_files`: the most files that may be open at once
    /// - `readers`: threads that read ahead
    #[new]
    #[pyo3(signature = (out, plan=None, *, stores=None, retry_failed=false, again=None, timeout_s=None, max_open_files=None, readers=None))]
    #[expect(clippy::too_many_arguments, reason = "keywords")]
    fn new(
        py: Python<'_>,
        out: PathBuf,
        plan: Option<&str>,
        stores: Option<&str>,
        retry_failed: bool,
        again: Option<Vec<OsString>>,
        timeout_s: Option<f64>,
        max_open_files: Option<u64>,
        readers: Option<usize>,
    ) -> PyResult<PartWorker> {
        let isolation = again.map_or(Isolation::Threads, |again| processes(again, timeout_s));
        let options = RunOptions {
            isolation,
            retry_failed,
            max_open_files,
            readers,
            ..RunOptions::default()
        };
        let stores = stores.map(serde_json::from_str).transpose();
        let stores = stores.map_err(|_| wrong("stores is none of a cluster's order", None))?;
        let open =
            || ossicle_engine::PartWorker::open(&out, plan, stores, options, Level::detect());
        let inner = py.detach(open).map_err(|error| of_verb(&error.into()))?;
        Ok(PartWorker { inner: Arc::new(inner) })
    }

    /// Looks whether this machine sees some parts' recordings, and may write parts.
    fn look(&self, py: Python<'_>, parts: Vec<usize>) -> PyResult<()> {
        py.detach(|| self.inner.look(&parts)).map_err(|error| of_verb(&error.into()))
    }

    /// Computes a part, unless it is there, and returns how it went: JSON that is for who planned. Ctrl-C ends it.
    fn run_part(&self, py: Python<'_>, number: usize) -> PyResult<String> {
        let inner = Arc::clone(&self.inner);
        Call::default()
            .run(py, move |door| Ok(serde_json::to_string(&inner.run_part(number, &door.stop)?)?))
    }

    fn __len__(&self) -> usize {
        self.inner.num_parts()
    }
}

/// Worker processes, each of which is this program started again.
fn processes(again: Vec<OsString>, timeout_s: Option<f64>) -> Isolation {
    let mut words = again.into_iter();
    let program = words.next().unwrap_or_default().into();
    let arguments = words.chain(["worker".into()]).collect();
    Isolation::Processes(Processes {
        command: WorkerCommand { program, arguments },
        timeout_per_utterance: timeout_s.map(Duration::from_secs_f64),
    })
}
