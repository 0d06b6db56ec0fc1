//! Waiting for others to close files.
//!
//! A program that counts its open files never has more than it counted. If there is no room for one all
//! the same, somebody else has taken it: another program (`ENFILE`, the machine's limit), or another part
//! of the process (`EMFILE`, the process' limit). That passes, and is no recording's fault.

use std::{error::Error, fmt, io, iter, thread, time::Duration};

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Too many files are open, in this process or on this machine: the numbers of Linux, macOS and BSD.
const EMFILE: i32 = 24;
const ENFILE: i32 = 23;

/// Returns whether an error comes from too many open files, so that waiting may cure it.
pub fn is_too_many_files(error: &(dyn Error + 'static)) -> bool {
    iter::successors(Some(error), |error| cause(*error))
        .filter_map(|error| error.downcast_ref::<io::Error>()?.raw_os_error())
        .any(|number| matches!(number, EMFILE | ENFILE))
}

/// Returns the error underneath. An I/O error that wraps another names that one's cause as its own.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// Patience with a system that has no file left to open: how long to wait, and whom to tell.
#[derive(Clone, Copy)]
pub struct Patience<'a> {
    should_stop: &'a dyn Fn() -> bool,
    waiting: &'a dyn Fn(),
    longest: Duration,
}

impl<'a> Patience<'a> {
    /// Waits until there is room.
    ///
    /// - `should_stop`: is asked before every pause; whoever asked to stop gets the error of the last try
    /// - `waiting`: is told once in each [`Patience::retry`] that has to wait
    /// - `longest`: how long the pauses may be in all; after that it does not look as if it would pass
    pub fn new(
        should_stop: &'a dyn Fn() -> bool,
        waiting: &'a dyn Fn(),
        longest: Duration,
    ) -> Patience<'a> {
        Patience { should_stop, waiting, longest }
    }

    /// Tells this one too.
    pub fn telling(self, waiting: &'a dyn Fn()) -> Patience<'a> {
        Patience { waiting, ..self }
    }

    /// Tries `work`, again and again while too many files are open, with pauses of 10 ms that double up
    /// to 1 s.
    ///
    /// # Errors
    /// Whatever else `work` says, at once. That too many files are open
    /// ([`is_too_many_files`]), if it was asked to stop, which the caller knows, or has waited too long.
    pub fn retry<T, E: Error + 'static>(
        &self,
        mut work: impl FnMut() -> Result<T, E>,
    ) -> Result<T, E> {
        // Pauses are added up and no clock is read: a slow machine has as many tries as a fast one.
        let mut waited = Duration::ZERO;
        let mut pause = FIRST_PAUSE;
        loop {
            let done = work();
            match &done {
                Err(error) if is_too_many_files(error) => {}
                _ => return done,
            }
            if waited >= self.longest || (self.should_stop)() {
                return done;
            }
            if waited.is_zero() {
                (self.waiting)();
            }
            thread::sleep(pause);
            waited += pause;
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }
}

impl Patience<'static> {
    /// No patience: one try.
    pub const NONE: Patience<'static> = Patience::quiet(Duration::ZERO);

    /// Tries five times more, after pauses of 10, 20, 40, 80 and 160 ms, and by itself tells nobody: for what may
    /// open more files than were counted, as a walk through deep folders does, so that waiting might
    /// never end.
    pub const fn a_few_times() -> Patience<'static> {
        Patience::quiet(Duration::from_millis(10 + 20 + 40 + 80 + 160))
    }

    const fn quiet(longest: Duration) -> Patience<'static> {
        Patience { should_stop: &|| false, waiting: &|| (), longest }
    }
}

impl fmt::Debug for Patience<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patience").field("longest", &self.longest).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OpenError;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn emfile() -> io::Error {
        io::Error::from_raw_os_error(EMFILE)
    }

    fn enfile() -> io::Error {
        io::Error::from_raw_os_error(ENFILE)
    }

    /// Tries what never works and says how often.
    fn tries(patience: Patience<'_>) -> u32 {
        let mut tries = 0;
        let error = patience
            .retry(|| {
                tries += 1;
                Err::<(), _>(emfile())
            })
            .unwrap_err();
        assert_eq!(error.raw_os_error(), Some(EMFILE));
        tries
    }

    #[test]
    fn it_waits_while_too_many_files_are_open_and_says_so_once() {
        let said = AtomicU32::new(0);
        let waiting = || {
            said.fetch_add(1, Ordering::Relaxed);
        };
        let patience = Patience::new(&|| false, &waiting, Duration::from_secs(600));
        for round in 1..=2 {
            let mut calls = 0;
            let done = patience.retry(|| {
                calls += 1;
                if calls < 4 { Err([emfile, enfile][calls % 2]()) } else { Ok(calls) }
            });
            assert_eq!(done.unwrap(), 4);
            assert_eq!(said.load(Ordering::Relaxed), round);
        }
        assert_eq!(patience.retry(|| Ok::<_, io::Error>(7)).unwrap(), 7);
        assert_eq!(said.load(Ordering::Relaxed), 2, "nothing was waited for");
    }

    #[test]
    fn it_does_not_wait_for_ever() {
        let longest = |ms| Patience::new(&|| false, &|| (), Duration::from_millis(ms));
        assert_eq!(tries(longest(1)), 2);
        assert_eq!(tries(longest(10)), 2);
        assert_eq!(tries(longest(11)), 3);
        assert_eq!(tries(Patience::NONE), 1);
        assert_eq!(tries(Patience::a_few_times()), 6);
    }

    #[test]
    fn a_few_times_may_be_enough() {
        let mut calls = 0;
        let tried = Patience::a_few_times().retry(|| {
            calls += 1;
            if calls < 3 { Err(emfile()) } else { Ok(()) }
        });
        assert!(tried.is_ok());
    }

    #[test]
    fn another_error_is_not_waited_for() {
        let waiting = || panic!("there is nothing to wait for");
        let mut calls = 0;
        let done: Result<(), io::Error> =
            Patience::new(&|| false, &waiting, Duration::from_millis(200)).retry(|| {
                calls += 1;
                Err(io::Error::from(io::ErrorKind::NotFound))
            });
        assert_eq!((done.unwrap_err().kind(), calls), (io::ErrorKind::NotFound, 1));
    }

    #[test]
    fn it_can_be_stopped_while_it_waits() {
        // Long enough for a few tries more, if it were not stopped.
        let longest = Duration::from_millis(200);
        let asked = AtomicU32::new(0);
        let should_stop = || asked.fetch_add(1, Ordering::Relaxed) == 2;
        assert_eq!(tries(Patience::new(&should_stop, &|| (), longest)), 3);
        let waiting = || panic!("it was stopped before it began to wait");
        assert_eq!(tries(Patience::new(&|| true, &waiting, longest)), 1);
    }

    #[cfg(unix)]
    #[test]
    fn the_numbers_are_those_of_this_system() {
        assert_eq!((EMFILE, ENFILE), (libc::EMFILE, libc::ENFILE));
    }

    #[test]
    fn the_cause_may_lie_deep() {
        assert!(is_too_many_files(&emfile()));
        assert!(is_too_many_files(&enfile()));
        assert!(is_too_many_files(&OpenError::Io(emfile())));
        assert!(is_too_many_files(&io::Error::other(emfile())));
        assert!(is_too_many_files(&io::Error::other(OpenError::Io(io::Error::other(enfile())))));
        for other in [0, 2, 22, 25] {
            assert!(!is_too_many_files(&OpenError::Io(io::Error::from_raw_os_error(other))));
        }
        assert!(!is_too_many_files(&OpenError::NotRegular { what: "a FIFO" }));
    }
}
