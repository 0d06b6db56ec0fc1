//! Ending what a thread waits for.
//!
//! A store may take minutes to answer, and whoever waits for it is deep in a reader or a decoder that knows of no
//! stopping. So a thread says once, where its work begins, when it is not to wait any longer.

use std::{cell::RefCell, fmt, sync::Arc};

/// Says whether to stop.
pub type ShouldStop = Arc<dyn Fn() -> bool + Send + Sync>;

thread_local! {
    static ASKED: RefCell<Option<ShouldStop>> = const { RefCell::new(None) };
}

/// Ends the waiting of a thread for stores, for as long as this lives.
#[must_use]
pub struct Stoppable {
    /// What was asked before.
    before: Option<ShouldStop>,
}

/// Ends the waiting of this thread for stores once this says so, until the value is dropped. What was waited for is an
/// error then.
pub fn stop_waiting_if(should_stop: impl Fn() -> bool + Send + Sync + 'static) -> Stoppable {
    Stoppable { before: ASKED.replace(Some(Arc::new(should_stop))) }
}

/// Who says whether this thread's waiting ends; none where it goes on until there is an answer.
pub fn stop_of_thread() -> Option<ShouldStop> {
    ASKED.with_borrow(Clone::clone)
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        ASKED.replace(self.before.take());
    }
}

impl fmt::Debug for Stoppable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stoppable").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_asked_by_the_innermost_until_that_is_over() {
        let says = || stop_of_thread().map(|should_stop| should_stop());
        assert_eq!(says(), None);
        let _outer = stop_waiting_if(|| false);
        {
            let _inner = stop_waiting_if(|| true);
            assert_eq!(says(), Some(true));
            assert_eq!(std::thread::spawn(|| stop_of_thread().is_some()).join().ok(), Some(false));
        }
        assert_eq!(says(), Some(false));
    }
}
