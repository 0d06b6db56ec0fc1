//! Waiting for others to close files.
//!
//! This program never opens more files than it counted. If there is no room for one all the same,
//! somebody else has taken it: another program (`ENFILE`, the machine's limit), or another part of the
//! process that this is a library of (`EMFILE`, the process' limit). That passes, and is no recording's
//! fault.

use std::error::Error as StdError;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, os_error_underneath};
use crate::notice::Notice;
use crate::stop::Stop;

/// After this long it does not look as if it would pass.
const LONGEST: Duration = Duration::from_secs(600);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Too many files are open, in this process or on this machine: the numbers of Linux, macOS and BSD.
const EMFILE: i32 = 24;
const ENFILE: i32 = 23;

/// Whether somewhere underneath the system says that too many files are open.
fn is_too_many_files(error: &(dyn StdError + 'static)) -> bool {
    matches!(os_error_underneath(error), Some(EMFILE | ENFILE))
}

/// Does `work`, again and again while too many files are open.
///
/// - `say`: is told once that it waits
///
/// # Errors
/// Outside: that it was asked to stop, or has waited too long. Inside: whatever else `work` says.
pub(crate) fn patiently<T, E: StdError + 'static>(
    stop: &Stop,
    say: &mut dyn FnMut(Notice) -> Result<(), Error>,
    work: impl FnMut() -> Result<T, E>,
) -> Result<Result<T, E>, Error> {
    patiently_for(LONGEST, stop, say, work)
}

/// Does `work`, and a few times more where too many files are open: for what may open more files than
/// were counted, as a walk through deep folders does, so that waiting might never end.
pub(crate) fn a_few_times<T, E: StdError + 'static>(
    mut work: impl FnMut() -> Result<T, E>,
) -> Result<T, E> {
    for milliseconds in [10, 20, 40, 80, 160] {
        match work() {
            Err(error) if is_too_many_files(&error) => {
                thread::sleep(Duration::from_millis(milliseconds));
            }
            done => return done,
        }
    }
    work()
}

fn patiently_for<T, E: StdError + 'static>(
    longest: Duration,
    stop: &Stop,
    say: &mut dyn FnMut(Notice) -> Result<(), Error>,
    mut work: impl FnMut() -> Result<T, E>,
) -> Result<Result<T, E>, Error> {
    let mut pause = FIRST_PAUSE;
    let mut since = None;
    loop {
        match work() {
            Err(error) if is_too_many_files(&error) => {
                stop.check()?;
                if since.is_none() {
                    say(Notice::WaitingForFiles)?;
                }
                if since.get_or_insert_with(Instant::now).elapsed() > longest {
                    return Err(Error::FilesTaken { waited_s: longest.as_secs() });
                }
                thread::sleep(pause);
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
            done => return Ok(done),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn emfile() -> io::Error {
        io::Error::from_raw_os_error(EMFILE)
    }

    #[test]
    fn it_waits_while_too_many_files_are_open_and_says_so_once() {
        let (mut calls, mut said) = (0, 0);
        let mut say = |_: Notice| {
            said += 1;
            Ok(())
        };
        let done = patiently(&Stop::default(), &mut say, || {
            calls += 1;
            if calls < 4 { Err(emfile()) } else { Ok(calls) }
        });
        assert_eq!(done.unwrap().unwrap(), 4);
        assert_eq!(said, 1);
    }

    #[test]
    fn it_does_not_wait_for_ever() {
        let longest = Duration::from_millis(5);
        let waited =
            patiently_for(longest, &Stop::default(), &mut |_| Ok(()), || Err::<(), _>(emfile()));
        assert!(matches!(waited, Err(Error::FilesTaken { .. })));
        let mut calls = 0;
        let tried = a_few_times(|| {
            calls += 1;
            if calls < 3 { Err(emfile()) } else { Ok(()) }
        });
        assert!(tried.is_ok());
        assert!(a_few_times(|| Err::<(), _>(emfile())).is_err());
    }

    #[test]
    fn another_error_is_not_waited_for() {
        let mut calls = 0;
        let done: Result<(), io::Error> = patiently(&Stop::default(), &mut |_| Ok(()), || {
            calls += 1;
            Err(io::Error::from(io::ErrorKind::NotFound))
        })
        .unwrap();
        assert_eq!((done.unwrap_err().kind(), calls), (io::ErrorKind::NotFound, 1));
    }

    #[test]
    fn it_can_be_stopped_while_it_waits() {
        let stop = Stop::default();
        stop.flag().store(2, std::sync::atomic::Ordering::Relaxed);
        let waited = patiently(&stop, &mut |_| Ok(()), || Err::<(), _>(emfile()));
        assert!(matches!(waited, Err(Error::Stopped { signal: 2, .. })));
    }

    #[test]
    fn the_cause_may_lie_deep() {
        let error = ossicle_audio::Error::Open { source: emfile() };
        assert!(is_too_many_files(&error));
        assert!(!is_too_many_files(&ossicle_audio::Error::Empty));
    }
}
