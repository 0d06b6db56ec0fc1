//! How much faster more workers are: the same job, serially and in parallel.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use ossicle_dataset::{CARD_FILE, WORK_DIR};

use crate::error::Error;
use crate::events::Observer;
use crate::extract::{Outcome, RunOptions, extract};
use crate::limits;
use crate::plan::Plan;

/// One run of the comparison.
#[derive(Debug, Clone)]
pub struct Timing {
    /// How many workers were asked for.
    pub jobs: usize,
    /// What it came to.
    pub outcome: Outcome,
    /// Processor time of all threads.
    pub cpu: Duration,
    /// The most memory seen in use, in bytes; 0 where the system does not tell.
    pub peak_memory: u64,
    /// The most files seen open; 0 where the system does not tell.
    pub peak_open_files: u64,
    /// BLAKE3 of the card, which names the BLAKE3 of every file.
    pub card: String,
}

/// Runs the job once with each number of workers, each into an empty folder below `work`, and removes
/// what it wrote.
///
/// - `warm_up`: whether the first number is run once more before, untimed, so that every run finds the
///   recordings in memory
///
/// # Errors
/// If a run fails, or if `work` holds the output of something else.
pub fn compare(
    plan: &Plan,
    work: &Path,
    jobs: &[usize],
    warm_up: bool,
    observer: &dyn Observer,
    mut timed: impl FnMut(&Timing),
) -> Result<Vec<Timing>, Error> {
    let mut timings = Vec::new();
    let mut runs: Vec<(usize, bool)> = jobs.iter().map(|&jobs| (jobs, true)).collect();
    if warm_up && let Some(&most) = jobs.iter().max() {
        runs.insert(0, (most, false));
    }
    for (number, (jobs, counts)) in runs.into_iter().enumerate() {
        let out = work.join(format!("run-{number}-jobs-{jobs}"));
        remove_dataset(&out)?;
        let timing = time(plan, &out, jobs, observer);
        remove_dataset(&out)?;
        let timing = timing?;
        if counts {
            timed(&timing);
            timings.push(timing);
        }
    }
    Ok(timings)
}

fn time(plan: &Plan, out: &Path, jobs: usize, observer: &dyn Observer) -> Result<Timing, Error> {
    let options = RunOptions { jobs: Some(jobs), ..RunOptions::default() };
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
        jobs,
        cpu: cpu_time().saturating_sub(cpu_before),
        peak_memory: peaks.memory.load(Ordering::Relaxed),
        peak_open_files: peaks.files.load(Ordering::Relaxed),
        card: blake3::hash(&text).to_hex().to_string(),
        outcome,
    })
}

/// Removes a dataset that an earlier comparison left; anything else stays.
fn remove_dataset(out: &Path) -> Result<(), Error> {
    if out.join(CARD_FILE).exists() || out.join(WORK_DIR).exists() {
        std::fs::remove_dir_all(out).map_err(Error::io("remove", out))?;
    }
    Ok(())
}

/// The most memory and open files of this process, looked at every few milliseconds.
#[derive(Default)]
struct Peaks {
    memory: AtomicU64,
    files: AtomicU64,
    stop: AtomicBool,
}

impl Peaks {
    fn watch(&self) {
        while !self.stop.load(Ordering::Relaxed) {
            self.memory.fetch_max(memory_in_use(), Ordering::Relaxed);
            self.files.fetch_max(limits::open_now().unwrap_or(0), Ordering::Relaxed);
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The resident memory of this process in bytes: the second number of `/proc/self/statm`, in pages.
fn memory_in_use() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * rustix::param::page_size() as u64
}

/// The processor time of all threads so far.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
