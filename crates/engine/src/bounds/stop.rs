//! A flag that asks a run to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ossicle_files::{Stoppable, stop_waiting_if};

use crate::error::Error;

/// A flag that whoever runs a job may raise, from a signal handler for example. The job then drops the
/// parts in hand and ends with [`Error::Stopped`]; the same job run again goes on from there.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Returns the flag to set to the number of the signal that came: anything but 0 asks to stop.
    pub fn flag(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.0)
    }

    /// Returns the number of the signal, if one came.
    pub fn signal(&self) -> Option<usize> {
        // Relaxed: nothing else that threads share depends on the flag.
        Some(self.0.load(Ordering::Relaxed)).filter(|&signal| signal != 0)
    }

    /// Ends the waiting of this thread for stores once a signal has come, until the value is dropped.
    pub(crate) fn ends_waiting(&self) -> Stoppable {
        let stop = self.clone();
        stop_waiting_if(move || stop.signal().is_some())
    }

    /// Goes on unless it was asked to stop.
    ///
    /// # Errors
    /// If it was.
    pub fn check(&self) -> Result<(), Error> {
        match self.signal() {
            None => Ok(()),
            Some(signal) => Err(Error::Stopped { signal, parts_done: 0, parts: 0 }),
        }
    }
}
