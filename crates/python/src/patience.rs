//! Work that Ctrl-C ends.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use ossicle_engine::{Error, for_each};
use pyo3::prelude::*;

/// The time after which it is looked whether somebody wants it to end.
const A_MOMENT: Duration = Duration::from_millis(200);

/// The reason why not all tasks were done.
pub(crate) enum Failure {
    /// The first task, by number, that failed.
    Of(usize, Box<Error>),
    /// A signal's handler raised an exception.
    Interrupted(PyErr),
}

impl Failure {
    /// Returns the exception.
    pub(crate) fn raised(self, of: impl Fn(usize, &Error) -> PyErr) -> PyErr {
        match self {
            Failure::Of(task, error) => of(task, &error),
            Failure::Interrupted(error) => error,
        }
    }
}

/// Calls `work` once for every task in 0..`tasks`, on `jobs` threads, without the interpreter's lock. Between
/// moments it runs the handlers of signals, as that of Ctrl-C.
///
/// # Errors
/// The failure of the first task that failed, in their order and not in that of time; or what a handler raised.
pub(crate) fn for_each_until_interrupted(
    py: Python<'_>,
    jobs: usize,
    tasks: usize,
    work: impl Fn(usize) -> Result<(), Error> + Sync,
) -> Result<(), Failure> {
    let failed: Mutex<Option<(usize, Box<Error>)>> = Mutex::new(None);
    // Those that were not begun when a moment was over; none of them is before one that failed.
    let mut left: Vec<usize> = (0..tasks).collect();
    while !left.is_empty() {
        let later: Mutex<Vec<usize>> = Mutex::default();
        let end = Instant::now() + A_MOMENT;
        py.detach(|| {
            for_each(jobs, left.len(), |number| {
                let task = left[number];
                // One a moment at least, or it would never end.
                if number >= jobs && Instant::now() >= end {
                    lock(&later).push(task);
                } else if let Err(error) = work(task) {
                    let mut failed = lock(&failed);
                    if failed.as_ref().is_none_or(|(first, _)| task < *first) {
                        *failed = Some((task, Box::new(error)));
                    }
                }
                Ok::<(), std::convert::Infallible>(())
            })
        })
        .unwrap_or_else(|never| match never {});
        py.check_signals().map_err(Failure::Interrupted)?;
        left = later.into_inner().unwrap_or_else(PoisonError::into_inner);
        left.sort_unstable();
        if let Some((first, _)) = &*lock(&failed) {
            left.retain(|task| task < first);
        }
    }
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some((task, error)) => Err(Failure::Of(task, error)),
        None => Ok(()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
