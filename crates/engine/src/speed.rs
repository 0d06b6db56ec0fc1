//! A comparison of speeds: the same job, serially and in parallel.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ossicle_dataset::CARD_FILE;

use crate::bounds::cpu::Taken;
use crate::bounds::stop::Stop;
use crate::bounds::{addresses, files};
use crate::error::Error;
use crate::events::{Event, Observer};
use crate::extract::extract;
use crate::options::{Isolation, RunOptions};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::scratch::Scratch;

/// One run of the comparison.
#[derive(Debug, Clone)]
pub struct Timing {
    /// The number of workers that were asked for.
    pub jobs: usize,
    /// The place where parts were computed.
    pub isolation: Isolation,
    /// The outcome of the run.
    pub outcome: Outcome,
    /// The cost of the run, with that of its workers.
    pub watched: Watched,
    /// The time from the last part to the dataset.
    pub finishing: Duration,
    /// BLAKE3 of the card, which names the BLAKE3 of every file.
    pub card: String,
}

/// Runs a job, and other programs, each time into a new folder, which is removed afterwards.
#[derive(Debug)]
pub struct Stopwatch<'a> {
    plan: &'a Plan,
    scratch: Scratch,
    /// How many runs there were.
    runs: usize,
}

impl<'a> Stopwatch<'a> {
    /// - `work`: the folder in which one is made for the outputs
    ///
    /// # Errors
    /// If nothing can be made in `work`.
    pub fn new(plan: &'a Plan, work: &Path) -> Result<Stopwatch<'a>, Error> {
        Ok(Stopwatch { plan, scratch: Scratch::new(work, "ossicle-speed-")?, runs: 0 })
    }

    /// Runs the job.
    ///
    /// # Errors
    /// If the run fails.
    pub fn time(
        &mut self,
        jobs: usize,
        isolation: &Isolation,
        stop: &Stop,
    ) -> Result<Timing, Error> {
        let options = RunOptions {
            jobs: Some(jobs),
            isolation: isolation.clone(),
            stop: stop.clone(),
            ..RunOptions::default()
        };
        let out = self.next_output();
        let timing = time(self.plan, &out, options)?;
        remove(&out)?;
        Ok(timing)
    }

    /// Runs another program, and watches what it takes.
    ///
    /// - `run`: runs it to its end; is told where it may write, where nothing is yet
    ///
    /// # Errors
    /// If what it wrote cannot be removed.
    pub fn time_other<T>(&mut self, run: impl FnOnce(&Path) -> T) -> Result<(T, Watched), Error> {
        let out = self.next_output();
        let (ran, watched) = watch(false, || run(&out));
        remove(&out)?;
        Ok((ran, watched))
    }

    fn next_output(&mut self) -> PathBuf {
        self.runs += 1;
        self.scratch.path().join(format!("run-{}", self.runs))
    }
}

/// Removes an output: two datasets need more room than one.
fn remove(out: &Path) -> Result<(), Error> {
    let removed = match out.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(out),
        _ => fs::remove_file(out),
    };
    removed.map_err(Error::io("remove", out))
}

/// Runs the job once, and watches what it takes.
fn time(plan: &Plan, out: &Path, options: RunOptions) -> Result<Timing, Error> {
    let (finishing, begin) = (Finishing::default(), Instant::now());
    let (outcome, watched) = watch(true, || extract(plan, out, &options, &finishing));
    let outcome = outcome?;
    // Of the time that the run itself says, of which it is a share.
    let before = finishing.0.get().map_or(outcome.took, |at| at.duration_since(begin));
    let finishing = outcome.took.saturating_sub(before);
    let card = out.join(CARD_FILE);
    let text = fs::read(&card).map_err(Error::io("read", &card))?;
    Ok(Timing {
        jobs: options.jobs.unwrap_or_default(),
        isolation: options.isolation,
        watched,
        finishing,
        card: blake3::hash(&text).to_hex().to_string(),
        outcome,
    })
}

/// When all parts were there.
#[derive(Default)]
struct Finishing(OnceLock<Instant>);

impl Observer for Finishing {
    fn on(&self, event: Event<'_>) {
        if let Event::Finishing { .. } = event {
            let _ = self.0.set(Instant::now());
        }
    }
}

/// The cost of some work.
#[derive(Debug, Clone, Copy)]
pub struct Watched {
    /// The time that it took.
    pub took: Duration,
    /// The processor time in this program and those that it started.
    pub user: Duration,
    /// The processor time in the system, for them.
    pub system: Duration,
    /// The bytes that were asked of files, pipes and sockets; absent where the system does not tell.
    pub bytes_read: Option<u64>,
    /// Those that were written.
    pub bytes_written: Option<u64>,
    /// The most memory seen in use, in bytes; 0 where the system does not tell.
    pub peak_memory: u64,
    /// The most files that one process was seen to have open; 0 where the system does not tell.
    pub peak_open_files: u64,
}

/// Does some work, and watches what it and the processes that it starts take.
///
/// - `is_here`: whether this process does it, and not only those that it starts
fn watch<T>(is_here: bool, work: impl FnOnce() -> T) -> (T, Watched) {
    let peaks = Peaks { is_here, ..Peaks::default() };
    let (before, begin) = (Taken::now(), Instant::now());
    let (done, took) = thread::scope(|scope| {
        scope.spawn(|| peaks.watch());
        let done = work();
        let took = begin.elapsed();
        peaks.stop.store(true, Ordering::Relaxed);
        (done, took)
    });
    let taken = Taken::now().since(before);
    let watched = Watched {
        took,
        user: taken.user,
        system: taken.system,
        bytes_read: taken.read,
        bytes_written: taken.written,
        peak_memory: peaks.memory.load(Ordering::Relaxed),
        peak_open_files: peaks.files.load(Ordering::Relaxed),
    };
    (done, watched)
}

/// The most memory of this process and its workers together, and the most open files of any of them,
/// looked at every few milliseconds.
#[derive(Default)]
struct Peaks {
    /// Whether this process is looked at, too.
    is_here: bool,
    memory: AtomicU64,
    files: AtomicU64,
    stop: AtomicBool,
}

impl Peaks {
    /// Looks until it is told to stop.
    fn watch(&self) {
        let own_words = words_of("self");
        while !self.stop.load(Ordering::Relaxed) {
            let mut processes = descendants("self");
            processes.retain(|it| words_of(it) != own_words);
            let theirs: u64 = processes.iter().map(|it| addresses::of_process(it).1).sum();
            let files = processes.iter().map(|it| files::open_in(it)).max().unwrap_or(0);
            let (mine, my_files) = match self.is_here {
                true => (addresses::in_use().1, files::open_now().unwrap_or(0)),
                false => (0, 0),
            };
            self.memory.fetch_max(mine + theirs, Ordering::Relaxed);
            self.files.fetch_max(files.max(my_files), Ordering::Relaxed);
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The words that a process was started with. One that this process has forked has the same until it becomes another
/// program; till then its memory is this process's, and would be counted as the other's.
fn words_of(process: &str) -> Vec<u8> {
    fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default()
}

/// The processes that threads of a process have started, and those that they have started.
fn descendants(process: &str) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let of_thread = |thread: std::fs::DirEntry| fs::read_to_string(thread.path().join("children"));
    let lists = threads.filter_map(|thread| of_thread(thread).ok());
    let mut all: Vec<String> = lists
        .flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    for child in all.clone() {
        all.extend(descendants(&child));
    }
    all
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};

    #[test]
    fn a_process_that_runs_another_program_has_other_words_than_this_one() {
        let mut cat = Command::new("cat");
        let mut cat = cat.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        // While a process becomes another program it has no words at all for a moment: wait for its answer.
        cat.stdin.as_mut().unwrap().write_all(b".").unwrap();
        cat.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        assert_eq!(words_of(&cat.id().to_string()), b"cat\0");
        assert!(descendants("self").contains(&cat.id().to_string()));
        drop(cat.stdin.take());
        cat.wait().unwrap();
        assert_eq!(words_of("self"), words_of(&std::process::id().to_string()));
        assert!(!words_of("self").is_empty());
    }
}
