//! A worker process as its coordinator sees it.
//!
//! What a process dies over, be it a crash, a limit or somebody's signal, costs one part: it is computed
//! again by a new process. Where that dies too, the utterance is looked for that it dies over, and stands
//! in the ledger.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::Shutdown;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ossicle_dataset::{Draft, remove_drafts};
use ossicle_remote::Client;
use signal_hook::consts::{SIGABRT, SIGKILL, SIGXCPU, SIGXFSZ};
use signal_hook::low_level::signal_name;

use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::notice::Notice;
use crate::part::part_begin;
use crate::plan::order::PartOrder;
use crate::progress::{Listener, Progress};
use crate::run::executor::{Executor, PartRunner, Setting};
use crate::run::message::{Answer, Hello, line, parse};
use crate::run::pool::lock;

/// The command that starts a worker process. It calls [`serve`](crate::serve()) with its standard
/// input, which is one end of a pair of sockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The program. It is not always the one that runs: under Python that is Python.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// Options of worker processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Processes {
    /// The command that starts one.
    pub command: WorkerCommand,
    /// The longest that an utterance may take before its worker counts as hanging; absent, for ever.
    pub timeout_per_utterance: Option<Duration>,
}

/// The interval at which a coordinator looks whether it was asked to stop.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The longest that a process may take to understand a job.
const LONGEST_START: Duration = Duration::from_secs(60);

/// The most times that a process is started that dies before it has understood its job.
const MOST_STARTS: usize = 3;

/// The most times that a part is tried when processes die over it and no utterance is to blame.
const MOST_ATTEMPTS: usize = 6;

/// Computes parts in processes on this machine: one that dies loses a part, which is computed again.
#[derive(Debug)]
pub struct ProcessExecutor {
    processes: Processes,
    /// The folder that drafts go to.
    store: PathBuf,
    /// A lock for starting: processes are started one at a time, so that the files that this takes for
    /// a moment count once.
    starting: Mutex<()>,
}

impl ProcessExecutor {
    /// - `store`: the folder that drafts go to
    pub fn new(processes: Processes, store: PathBuf) -> ProcessExecutor {
        ProcessExecutor { processes, store, starting: Mutex::default() }
    }
}

impl Executor for ProcessExecutor {
    fn start<'a>(&'a self, setting: Setting<'a>) -> Result<Box<dyn PartRunner + 'a>, Error> {
        let process = Process::start(self, setting)?;
        Ok(Box::new(WorkerProcess { executor: self, setting, process }))
    }

    fn reads_here(&self) -> bool {
        false
    }
}

/// A worker process, started again where it died.
struct WorkerProcess<'a> {
    executor: &'a ProcessExecutor,
    setting: Setting<'a>,
    process: Process,
}

/// The outcome of an attempt at a part.
enum Attempt {
    Done(Draft),
    /// The process died or hung over an utterance, if it had begun one.
    Died {
        place: Option<usize>,
        how: String,
        hung: bool,
    },
}

impl PartRunner for WorkerProcess<'_> {
    /// Computes a part. Where a process dies over it, it is begun again, and then the utterance is
    /// looked for.
    fn run_part(&mut self, order: &PartOrder, hear: Listener<'_>) -> Result<Draft, Error> {
        // Most parts are computed as they come.
        let mut attempt = self.attempt(order, hear)?;
        let mut order = Cow::Borrowed(order);
        let mut attempts = 0;
        loop {
            let (place, how, hung) = match attempt {
                Attempt::Done(draft) => return Ok(draft),
                Attempt::Died { place, how, hung } => (place, how, hung),
            };
            attempts += 1;
            hear(Progress::Notice(Notice::WorkerDied { how: how.clone() }))?;
            // The first death may have been somebody's signal, and have nothing to do with the part.
            if attempts > 1 {
                // A process that hangs says where; one that dies may have been ruined earlier.
                let at_fault = match place {
                    Some(place) if hung => Some((place, how)),
                    _ => self.find_fatal_utterance(&order, place, hear)?,
                };
                // Whoever dies without the utterance that was blamed dies of something else.
                let is_new = |(place, _): &(usize, String)| !order.lost.contains_key(place);
                match at_fault.filter(is_new) {
                    Some((place, how)) => {
                        let how = format!("the worker {how} over it, again and again");
                        order.to_mut().lost.insert(place, how);
                    }
                    None if attempts < MOST_ATTEMPTS => {}
                    None => return Err(Error::WorkersDie { attempts }),
                }
            }
            attempt = self.attempt(&order, hear)?;
        }
    }

    fn end(self: Box<Self>) {
        self.process.end();
    }
}

impl WorkerProcess<'_> {
    /// Looks for an utterance that processes die over, by halves of the part.
    fn find_fatal_utterance(
        &mut self,
        order: &PartOrder,
        place: Option<usize>,
        hear: Listener<'_>,
    ) -> Result<Option<(usize, String)>, Error> {
        // What was not begun is not to blame.
        let mut suspects = 0..place.map_or(order.utterances.len(), |place| place + 1);
        if let Some(place) = place
            && let Some(how) = self.dies_over(order, place..place + 1, hear)?
        {
            return Ok(Some((place, how)));
        }
        while suspects.len() > 1 {
            let middle = suspects.start + suspects.len() / 2;
            let later = middle..suspects.end;
            suspects = match self.dies_over(order, later.clone(), hear)? {
                Some(_) => later,
                None => suspects.start..middle,
            };
        }
        let how = self.dies_over(order, suspects.clone(), hear)?;
        Ok(how.map(|how| (suspects.start, how)))
    }

    /// Tries whether processes die over these utterances: twice, for somebody may have killed one.
    /// Returns how the last one died.
    fn dies_over(
        &mut self,
        order: &PartOrder,
        places: Range<usize>,
        hear: Listener<'_>,
    ) -> Result<Option<String>, Error> {
        let search = PartOrder { only: Some(places), ..order.clone() };
        let mut last = None;
        for _ in 0..2 {
            let mut notices = |progress: Progress| match progress {
                Progress::Notice(_) => hear(progress),
                _ => Ok(()),
            };
            match self.attempt(&search, &mut notices)? {
                Attempt::Done(_) => return Ok(None),
                Attempt::Died { how, .. } => last = Some(how),
            }
        }
        Ok(last)
    }

    /// Tries a part once. Where the process dies, another is started for the next attempt.
    fn attempt(&mut self, order: &PartOrder, hear: Listener<'_>) -> Result<Attempt, Error> {
        let timeout = self.executor.processes.timeout_per_utterance;
        let attempt = self.process.compute(order, timeout, self.setting.stop, hear)?;
        if matches!(attempt, Attempt::Died { .. }) {
            // What it had written takes room on the disk. Whatever stays is removed with the folder.
            let _ = remove_drafts(self.setting.store, &part_begin(order.number));
            self.process = Process::start(self.executor, self.setting)?;
        }
        Ok(attempt)
    }
}

/// One process and the socket to it. It is killed when it is dropped.
struct Process {
    child: Child,
    socket: BufReader<UnixStream>,
    line: Vec<u8>,
}

/// A message of the process, or why there is none.
enum Heard {
    Answer(Answer),
    /// Nothing, for one interval.
    Nothing,
    /// The process has closed its end, or what it says is no answer.
    Gone,
}

impl Process {
    /// Starts a process; one that somebody killed at once is started again.
    fn start(executor: &ProcessExecutor, setting: Setting<'_>) -> Result<Process, Error> {
        let _one_at_a_time = lock(&executor.starting);
        let hello = Hello {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            job: setting.job.clone(),
            readers: setting.readers,
            store: executor.store.clone(),
            remote: Client::installed().and_then(|client| client.options().cloned()),
        };
        let mut attempts = 0;
        loop {
            attempts += 1;
            match Process::start_once(&executor.processes.command, &hello, setting.stop) {
                Err(error @ Error::Worker { .. }) if attempts == MOST_STARTS => return Err(error),
                Err(Error::Worker { .. }) => {}
                started => return started,
            }
        }
    }

    /// Starts a process, tells it the job, and waits until it is ready.
    fn start_once(command: &WorkerCommand, hello: &Hello, stop: &Stop) -> Result<Process, Error> {
        let WorkerCommand { program, arguments } = command;
        let cannot = |source: io::Error| Error::Worker { program: program.clone(), source };
        // Both ends close on exec; the child's becomes its standard input.
        let (ours, theirs) = UnixStream::pair().map_err(cannot)?;
        ours.set_read_timeout(Some(POLL_INTERVAL)).map_err(cannot)?;
        let child = Command::new(program)
            .args(arguments)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .spawn()
            .map_err(cannot)?;
        let mut process = Process { child, socket: BufReader::new(ours), line: Vec::new() };
        let begin = Instant::now();
        let mut has_died = process.send(hello).is_err();
        while !has_died {
            stop.check()?;
            match process.receive().map_err(cannot)? {
                Heard::Answer(Answer::Ready) => return Ok(process),
                Heard::Nothing if begin.elapsed() < LONGEST_START => {}
                Heard::Nothing => return Err(cannot(ErrorKind::TimedOut.into())),
                Heard::Answer(_) | Heard::Gone => has_died = true,
            }
        }
        let how = process.how_it_died();
        Err(cannot(io::Error::other(format!("it {how} at once"))))
    }

    fn send(&mut self, message: &impl serde::Serialize) -> io::Result<()> {
        self.socket.get_mut().write_all(&line(message)?)
    }

    /// Listens for one interval.
    fn receive(&mut self) -> io::Result<Heard> {
        // What of a line came before the interval was over stays in `line`.
        match self.socket.read_until(b'\n', &mut self.line) {
            Ok(_) if self.line.ends_with(b"\n") => {
                let answer = parse(&self.line);
                self.line.clear();
                Ok(answer.map_or(Heard::Gone, Heard::Answer))
            }
            Ok(_) => Ok(Heard::Gone),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {
                    Ok(Heard::Nothing)
                }
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Ok(Heard::Gone),
                _ => Err(error),
            },
        }
    }

    /// Has a part computed.
    fn compute(
        &mut self,
        order: &PartOrder,
        timeout: Option<Duration>,
        stop: &Stop,
        hear: Listener<'_>,
    ) -> Result<Attempt, Error> {
        let mut place = None;
        let mut since = Instant::now();
        if self.send(order).is_err() {
            return Ok(Attempt::Died { place, how: self.how_it_died(), hung: false });
        }
        loop {
            stop.check()?;
            let heard = self.receive().map_err(Error::io("listen to", "a worker".as_ref()))?;
            match heard {
                Heard::Answer(Answer::Progress(progress)) => {
                    since = Instant::now();
                    if let Progress::Begun { place: begun } = progress {
                        place = Some(begun);
                    }
                    hear(progress)?;
                }
                Heard::Answer(Answer::Done(draft)) => return Ok(Attempt::Done(draft)),
                Heard::Answer(Answer::Ended { error, advice }) => {
                    return Err(Error::InWorker { error, advice });
                }
                Heard::Nothing => {
                    if let Some(timeout) = timeout.filter(|&timeout| since.elapsed() > timeout) {
                        self.kill();
                        let seconds = timeout.as_secs_f64();
                        let how = format!("took longer than {seconds} s and was ended");
                        return Ok(Attempt::Died { place, how, hung: true });
                    }
                }
                Heard::Answer(Answer::Ready) | Heard::Gone => {
                    return Ok(Attempt::Died { place, how: self.how_it_died(), hung: false });
                }
            }
        }
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits for its end and says what it was.
    fn how_it_died(&mut self) -> String {
        // It has closed its end of the socket, or talks nonsense: in either case it is of no use.
        // A process that exits closes its files a moment before it can be waited for.
        std::thread::sleep(Duration::from_millis(1));
        if let Ok(None) = self.child.try_wait() {
            std::thread::sleep(POLL_INTERVAL);
        }
        let by_us = matches!(self.child.try_wait(), Ok(None));
        let _ = self.child.kill();
        match self.child.wait() {
            Ok(_) if by_us => "went silent and was ended".to_owned(),
            Ok(status) => describe_exit(status),
            Err(error) => format!("was lost: {error}"),
        }
    }

    /// Closes the socket, and waits for the process' end. One that does not end
    /// soon is killed when it is dropped.
    fn end(mut self) {
        let _ = self.socket.get_ref().shutdown(Shutdown::Write);
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(5) {
            match self.receive() {
                Ok(Heard::Gone) => {
                    let _ = self.child.wait();
                    break;
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Says how a process ended, for a sentence about the worker.
fn describe_exit(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => {
            let name = signal_name(signal).unwrap_or("a signal");
            let hint = match signal {
                SIGABRT => ": it aborted",
                SIGKILL => "; was memory short?",
                SIGXCPU => ": its processor time ran out",
                SIGXFSZ => ": the file size limit",
                _ => "",
            };
            format!("was ended by signal {signal} ({name}{hint})")
        }
        (_, Some(code)) => format!("ended with exit code {code}"),
        _ => "ended".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_process_is_told_by_its_signals_name_and_what_it_hints_at() {
        // What wait(2) reports: the signal, or the exit code in the second byte. The numbers are the
        // same on Linux and macOS.
        for (status, words) in [
            (3 << 8, "ended with exit code 3"),
            (6, "was ended by signal 6 (SIGABRT: it aborted)"),
            (9, "was ended by signal 9 (SIGKILL; was memory short?)"),
            (11, "was ended by signal 11 (SIGSEGV)"),
            (24, "was ended by signal 24 (SIGXCPU: its processor time ran out)"),
            (25, "was ended by signal 25 (SIGXFSZ: the file size limit)"),
            (42, "was ended by signal 42 (a signal)"),
        ] {
            assert_eq!(describe_exit(ExitStatus::from_raw(status)), words);
        }
    }
}
