//! Waiting for others to close files.
//!
//! This program never opens more files than it counted. If there is no room for one all the same,
//! somebody else has taken it. That passes, and is no recording's fault: whatever opens files waits.

use std::error::Error as StdError;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ossicle_files::{Patience, is_too_many_files};

use crate::bounds::stop::Stop;
use crate::error::Error;

/// The longest wait: after it, it does not look as if somebody else would close files.
const LONGEST: Duration = Duration::from_secs(600);

/// The waiting of a run for files that can be opened. It ends when the run is asked to stop, or has
/// waited too long.
pub(crate) struct Waiting<'a> {
    stop: &'a Stop,
    say: &'a (dyn Fn() + Sync),
    /// True once a store was told that something was not opened for want of files.
    has_given_up: AtomicBool,
}

impl<'a> Waiting<'a> {
    /// Makes the waiting of a run that `stop` may end.
    ///
    /// - `say`: is called once for each wait
    pub(crate) fn new(stop: &'a Stop, say: &'a (dyn Fn() + Sync)) -> Waiting<'a> {
        Waiting { stop, say, has_given_up: AtomicBool::new(false) }
    }

    /// Does all of something that opens files, and can be begun again at any place.
    pub(crate) fn patiently<T, E: StdError + Into<Error> + 'static>(
        &self,
        work: impl FnMut() -> Result<T, E>,
    ) -> Result<T, Error> {
        self.retry(work).map_err(|error| match is_too_many_files(&error) {
            true => shortage(self.stop),
            false => error.into(),
        })
    }

    /// Opens something, as a store asks for it.
    pub(crate) fn open(&self, work: &mut dyn FnMut() -> io::Result<()>) -> io::Result<()> {
        self.retry(work).inspect_err(|error| {
            if is_too_many_files(error) {
                self.has_given_up.store(true, Ordering::Relaxed);
            }
        })
    }

    /// Tells a shortage of files that a store had, which has lasted too long or was not waited for, from
    /// other errors.
    pub(crate) fn outcome<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        outcome.map_err(|error| {
            match self.has_given_up.load(Ordering::Relaxed) && is_too_many_files(&error) {
                true => shortage(self.stop),
                false => error,
            }
        })
    }

    /// Does something that opens files as often as it takes, but for an error that is none of a shortage.
    pub(crate) fn retry<T, E: StdError + 'static>(
        &self,
        work: impl FnMut() -> Result<T, E>,
    ) -> Result<T, E> {
        patience(&|| self.stop.signal().is_some(), &|| (self.say)()).retry(work)
    }
}

/// Returns the patience of a run: the longest wait, and what ends it.
pub(crate) fn patience<'a>(
    should_stop: &'a dyn Fn() -> bool,
    waiting: &'a dyn Fn(),
) -> Patience<'a> {
    Patience::new(should_stop, waiting, LONGEST)
}

/// Returns the error that a shortage of files ends in: a stop that was asked for, or the shortage
/// itself.
pub(crate) fn shortage(stop: &Stop) -> Error {
    let taken = || Error::FilesTaken { waited_s: LONGEST.as_secs() };
    stop.check().err().unwrap_or_else(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::atomic::AtomicU32;

    /// EMFILE on Linux, macOS and BSD.
    fn emfile() -> io::Error {
        io::Error::from_raw_os_error(24)
    }

    fn not_opened(error: io::Error) -> Error {
        Error::io("open", Path::new("a"))(error)
    }

    #[test]
    fn it_waits_while_too_many_files_are_open_and_says_so_once() {
        let said = AtomicU32::new(0);
        let say = || {
            said.fetch_add(1, Ordering::Relaxed);
        };
        let mut calls = 0;
        let stop = Stop::default();
        let opened = Waiting::new(&stop, &say).open(&mut || {
            calls += 1;
            if calls < 4 { Err(emfile()) } else { Ok(()) }
        });
        assert!(opened.is_ok());
        assert_eq!((calls, said.into_inner()), (4, 1));
    }

    #[test]
    fn a_shortage_that_was_not_waited_for_is_a_stop() {
        let stop = Stop::default();
        stop.flag().store(2, Ordering::Relaxed);
        let waiting = Waiting::new(&stop, &|| ());
        let opened = waiting.open(&mut || Err(emfile())).map_err(not_opened);
        assert!(matches!(waiting.outcome(opened), Err(Error::Stopped { signal: 2, .. })));
    }

    #[test]
    fn work_of_many_steps_is_begun_again_and_its_other_errors_end_it() {
        let stop = Stop::default();
        let waiting = Waiting::new(&stop, &|| ());
        let mut steps = 0;
        let done = waiting.patiently(|| {
            steps += 1;
            if steps == 1 { Err(not_opened(emfile())) } else { Ok(steps) }
        });
        assert_eq!(done.unwrap(), 2);
        let missing = || not_opened(io::ErrorKind::NotFound.into());
        let failed = waiting.patiently(|| Err::<(), _>(missing()));
        assert!(matches!(failed, Err(Error::Io { .. })));
        stop.flag().store(15, Ordering::Relaxed);
        let stopped = waiting.patiently(|| Err::<(), _>(not_opened(emfile())));
        assert!(matches!(stopped, Err(Error::Stopped { signal: 15, .. })));
    }

    #[test]
    fn only_what_was_waited_for_lasted_too_long() {
        let stop = Stop::default();
        let waiting = Waiting::new(&stop, &|| ());
        // What starts a process does not wait, and says itself what was not to be had.
        let worker = || Error::Worker { program: "a".into(), source: emfile() };
        let outcome = waiting.outcome(Err::<(), _>(worker()));
        assert!(matches!(outcome, Err(Error::Worker { .. })));
        waiting.has_given_up.store(true, Ordering::Relaxed);
        let outcome = waiting.outcome(Err::<(), _>(not_opened(emfile())));
        assert!(matches!(outcome, Err(Error::FilesTaken { .. })));
        let other = not_opened(io::ErrorKind::NotFound.into());
        assert!(matches!(waiting.outcome(Err::<(), _>(other)), Err(Error::Io { .. })));
    }
}
