//! Parts that a cluster computes: what the run asks, and what Python answers.
//!
//! A cluster is an object of Python with two methods, which the thread calls that has the interpreter:
//! `begin(order)` returns how many workers there are, and `run(order)` gives, for each part that is done, what its
//! worker's [`run_part`](crate::parts::PartWorker) returned.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ossicle_engine::{Cluster, ClusterOrder, Error, PartDone, Stop};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::message::{Message, Question};

/// The time from one look whether to stop to the next.
const A_MOMENT: Duration = Duration::from_millis(100);

/// What a cluster answers.
pub(crate) enum Answer {
    /// It begins, with so many workers.
    Begun(usize),
    /// A part is done, as JSON.
    Part(String),
    /// It has done what it can.
    Done,
    /// It cannot go on.
    Failed(String),
}

/// A cluster that Python knows.
pub(crate) struct PythonCluster {
    pub(crate) ask: SyncSender<Message>,
    pub(crate) answers: Mutex<Receiver<Answer>>,
}

impl PythonCluster {
    fn ask(&self, question: Question, stop: &Stop) -> Result<Answer, Error> {
        let gone = || Error::Cluster { reason: "nobody is left who knows it".to_owned() };
        self.ask.send(Message::Cluster(question)).map_err(|_| gone())?;
        self.next(stop)?.ok_or_else(gone)
    }

    /// Waits for an answer; there is none where nobody is left to give it.
    fn next(&self, stop: &Stop) -> Result<Option<Answer>, Error> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            stop.check()?;
            match answers.recv_timeout(A_MOMENT) {
                Ok(Answer::Failed(reason)) => return Err(Error::Cluster { reason }),
                Ok(answer) => return Ok(Some(answer)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

fn unexpected() -> Error {
    Error::Cluster { reason: "it answers what it was not asked".to_owned() }
}

impl Cluster for PythonCluster {
    fn begin(&self, order: &ClusterOrder, stop: &Stop) -> Result<usize, Error> {
        match self.ask(Question::Begin(order.clone()), stop)? {
            Answer::Begun(workers) => Ok(workers),
            _ => Err(unexpected()),
        }
    }

    fn run_parts(
        &self,
        order: &ClusterOrder,
        stop: &Stop,
        hear: &mut dyn FnMut(PartDone) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut question = Question::Run(order.clone());
        loop {
            match self.ask(question, stop)? {
                Answer::Part(text) => hear(
                    serde_json::from_str(&text)
                        .map_err(|error| Error::Cluster { reason: error.to_string() })?,
                )?,
                Answer::Done => return Ok(()),
                _ => return Err(unexpected()),
            }
            question = Question::Next;
        }
    }
}

/// An order as Python gets it.
pub(crate) fn order_dict<'py>(
    py: Python<'py>,
    order: &ClusterOrder,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("out", order.out.as_os_str())?;
    // Nobody there reads it: it goes on to workers as it is.
    let stores = order.stores.as_ref().and_then(|stores| serde_json::to_string(stores).ok());
    dict.set_item("stores", stores)?;
    dict.set_item("plan", &order.plan)?;
    dict.set_item("parts", &order.parts)?;
    dict.set_item("worker_bytes", order.worker_bytes)?;
    dict.set_item("retry_failed", order.retry_failed)?;
    Ok(dict)
}
