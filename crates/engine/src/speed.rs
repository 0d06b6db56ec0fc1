//! A comparison of speeds: the same job, serially and in parallel.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use ossicle_dataset::CARD_FILE;

use crate::bounds::cpu::cpu_time;
use crate::bounds::stop::Stop;
use crate::bounds::{files, memory};
use crate::error::Error;
use crate::events::Observer;
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
    /// The processor time of all threads and workers.
    pub cpu: Duration,
    /// The most memory seen in use, in bytes; 0 where the system does not tell.
    pub peak_memory: u64,
    /// The most files seen open; 0 where the system does not tell.
    pub peak_open_files: u64,
    /// BLAKE3 of the card, which names the BLAKE3 of every file.
    pub card: String,
}

/// Runs the job with each number of workers and each isolation, each time into a new folder in one that is
/// made in `work`, and removes that. Returns the timings of each, in the order of `runs`.
///
/// The largest number is run once before, untimed, so that every run finds the recordings in memory.
///
/// - `repeat`: how often each is run: all of them once, then all of them again, so that what slows the
///   machine down for a while does not fall on one alone
///
/// # Errors
/// If a run fails, or if nothing can be made in `work`.
pub fn compare(
    plan: &Plan,
    work: &Path,
    runs: &[(usize, Isolation)],
    repeat: usize,
    stop: &Stop,
    observer: &dyn Observer,
    mut timed: impl FnMut(&Timing),
) -> Result<Vec<Vec<Timing>>, Error> {
    let scratch = Scratch::new(work, "ossicle-speed-")?;
    let mut timings = vec![Vec::new(); runs.len()];
    let first = runs.iter().max_by_key(|(jobs, _)| jobs);
    let rounds = (0..repeat).flat_map(|_| runs.iter().enumerate());
    let counted = rounds.map(|(place, run)| (run, Some(place)));
    let runs = first.map(|run| (run, None)).into_iter().chain(counted);
    for (number, ((jobs, isolation), place)) in runs.enumerate() {
        let out = scratch.path().join(format!("run-{number}-jobs-{jobs}"));
        let options = RunOptions {
            jobs: Some(*jobs),
            isolation: isolation.clone(),
            stop: stop.clone(),
            ..RunOptions::default()
        };
        let timing = time(plan, &out, options, observer);
        let timing = timing?;
        // Two datasets need more room than one.
        std::fs::remove_dir_all(&out).map_err(Error::io("remove", &out))?;
        if let Some(place) = place {
            timed(&timing);
            timings[place].push(timing);
        }
    }
    Ok(timings)
}

/// Runs the job once, and watches what it takes.
fn time(
    plan: &Plan,
    out: &Path,
    options: RunOptions,
    observer: &dyn Observer,
) -> Result<Timing, Error> {
    let peaks = Peaks::default();
    let cpu_before = cpu_time();
    let outcome = thread::scope(|scope| {
        scope.spawn(|| peaks.watch());
        let outcome = extract(plan, out, &options, observer);
        peaks.stop.store(true, Ordering::Relaxed);
        outcome
    })?;
    let card = out.join(CARD_FILE);
    let text = std::fs::read(&card).map_err(Error::io("read", &card))?;
    Ok(Timing {
        jobs: options.jobs.unwrap_or_default(),
        isolation: options.isolation,
        cpu: cpu_time().saturating_sub(cpu_before) + outcome.worker_cpu,
        peak_memory: peaks.memory.load(Ordering::Relaxed),
        peak_open_files: peaks.files.load(Ordering::Relaxed),
        card: blake3::hash(&text).to_hex().to_string(),
        outcome,
    })
}

/// The most memory of this process and its workers together, and the most open files of any of them,
/// looked at every few milliseconds.
#[derive(Default)]
struct Peaks {
    memory: AtomicU64,
    files: AtomicU64,
    stop: AtomicBool,
}

impl Peaks {
    /// Looks until it is told to stop.
    fn watch(&self) {
        while !self.stop.load(Ordering::Relaxed) {
            let children = children();
            let theirs = children.iter().map(|child| memory::of_process(child).1).sum::<u64>();
            self.memory.fetch_max(memory::in_use().1 + theirs, Ordering::Relaxed);
            let files = children.iter().map(|child| files::open_in(child)).max().unwrap_or(0);
            let files = files.max(files::open_now().unwrap_or(0));
            self.files.fetch_max(files, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The processes that threads of this one have started.
fn children() -> Vec<String> {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let of_thread =
        |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("children"));
    let lists = threads.filter_map(|thread| of_thread(thread).ok());
    lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}
