//! A whole extraction on this machine's threads: plan, parts, finish.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ossicle_dataset::{Array, CARD_FILE, Card, SplitCard, WORK_DIR};

use crate::error::Error;
use crate::estimate;
use crate::events::{Event, Observer, notices};
use crate::finish::{Finishing, finish};
use crate::limits;
use crate::memory;
use crate::notice::Notice;
use crate::output::{self, Opened, Output};
use crate::patience::patiently;
use crate::plan::Plan;
use crate::run::{Running, run_parts};
use crate::stop::Stop;
use crate::tolerance::Tolerance;
use crate::worker_process::Processes;

/// Where parts are computed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isolation {
    /// On threads of this process.
    #[default]
    Threads,
    /// In processes: one that dies loses a part, which is computed again.
    Processes(Processes),
}

/// How to run a job. None of it changes a byte of the dataset.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// How many workers; absent, as many as the cores this process may use.
    pub jobs: Option<usize>,
    /// Where parts are computed.
    pub isolation: Isolation,
    /// Whether a dataset of another job is replaced.
    pub overwrite: bool,
    /// Whether utterances that failed are tried again.
    pub retry_failed: bool,
    /// How many failures end the run; absent, no number does.
    pub max_failures: Option<Tolerance>,
    /// The most files that may be open at once; absent, the system's limit counts.
    pub max_open_files: Option<u64>,
    /// The most memory in bytes; absent, the system's limits count.
    pub max_memory: Option<u64>,
    /// Whether the output is not locked: for file systems that cannot.
    pub no_lock: bool,
    /// Asks the run to stop.
    pub stop: Stop,
}

/// What an extraction came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The splits.
    pub splits: Vec<SplitCard>,
    /// The arrays.
    pub arrays: BTreeMap<String, Array>,
    /// Whether the dataset was complete before.
    pub already_complete: bool,
    /// How many parts there are, and how many of them an earlier run had left.
    pub parts: usize,
    /// How many parts an earlier run had left.
    pub resumed_parts: usize,
    /// How many workers there were.
    pub workers: usize,
    /// How large the arrays and lists are.
    pub bytes: u64,
    /// How long it took.
    pub took: Duration,
    /// How long workers took to start and to be joined.
    pub overhead: Duration,
    /// The processor time of worker processes.
    pub worker_cpu: Duration,
}

impl Outcome {
    /// How many utterances are in the dataset.
    pub fn utterances(&self) -> u64 {
        self.splits.iter().map(|split| split.utterances).sum()
    }

    /// How many utterances are in the ledger.
    pub fn failures(&self) -> u64 {
        self.splits.iter().map(|split| split.failures).sum()
    }

    /// How many frames there are.
    pub fn frames(&self) -> u64 {
        self.splits.iter().map(|split| split.frames).sum()
    }

    /// How long the utterances last, in seconds.
    pub fn duration_s(&self) -> f64 {
        self.splits.iter().fold(0.0, |sum, split| sum + split.duration_s)
    }

    fn new(card: Card, took: Duration) -> Outcome {
        Outcome {
            bytes: card.files.iter().map(|file| file.bytes).sum(),
            splits: card.splits,
            arrays: card.arrays,
            already_complete: false,
            parts: 0,
            resumed_parts: 0,
            workers: 0,
            took,
            overhead: Duration::ZERO,
            worker_cpu: Duration::ZERO,
        }
    }
}

/// How many cores this process may use.
pub fn available_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Makes the dataset of a plan at `out`. Run again, it goes on where it was stopped.
///
/// # Errors
/// If the output cannot be written or belongs to something else, or if too many utterances fail. A
/// bad recording is no error: it is in the ledger.
pub fn extract(
    plan: &Plan,
    out: &Path,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let begin = Instant::now();
    // What can be refused is refused before anything is written.
    output::refuse_inside(out, &plan.corpus.walked)?;
    let room = Room::new(plan, options)?;
    let begun = out.join(WORK_DIR).exists() || (out.join(CARD_FILE).exists() && !options.overwrite);
    if !begun {
        estimate::require_space(plan, out)?;
    }
    let open = || Output::open(out, plan, options);
    let output = match patiently(&options.stop, &mut notices(observer), open)?? {
        Opened::Ready(output) => output,
        Opened::Complete(card) => {
            let outcome = Outcome::new(*card, begin.elapsed());
            return Ok(Outcome { already_complete: true, ..outcome });
        }
    };
    if let Some(notice) = &room.notice {
        observer.on(Event::Notice(notice));
    }
    if output.retries() > 0 {
        let (failures, parts) = (output.retries(), plan.parts.len());
        observer.on(Event::Notice(&Notice::Retrying { failures, parts }));
    }
    // Taken before the recordings are read, so that a change meanwhile is not missed.
    let sources = plan.sources()?;
    let running = Running {
        workers: room.workers,
        isolation: &options.isolation,
        max_failures: options.max_failures,
        retry_failed: options.retry_failed,
        stop: &options.stop,
        observer,
    };
    let ran = run_parts(plan, &output, &running)?;
    let workers = room.workers - ran.missing;
    if ran.missing > 0 {
        let wanted = room.workers;
        observer.on(Event::Notice(&Notice::Workers { workers, wanted }));
    }
    let run = run_file(plan, &sources, begin.elapsed(), workers);
    let finishing = Finishing { workers: room.workers, stop: &options.stop, observer };
    let card =
        finish(plan, &output, &ran.parts, &finishing, &run).map_err(|error| match error {
            Error::Stopped { signal, .. } => {
                Error::Stopped { signal, parts_done: plan.parts.len(), parts: plan.parts.len() }
            }
            error => error,
        })?;
    Ok(Outcome {
        parts: plan.parts.len(),
        resumed_parts: ran.resumed,
        workers,
        overhead: ran.overhead,
        worker_cpu: ran.cpu,
        ..Outcome::new(card, begin.elapsed())
    })
}

/// What is written into `run.json`.
fn run_file(plan: &Plan, sources: &str, took: Duration, workers: usize) -> serde_json::Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let roots = plan.corpus.splits.iter().map(|s| (s.name.clone(), s.root.display().to_string()));
    serde_json::json!({
        "sources": sources,
        "ended_unix_s": now.as_secs(),
        "seconds": took.as_secs_f64(),
        "workers": workers,
        "host": std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim(),
        "simd": plan.job.level.to_string(),
        "ossicle": env!("CARGO_PKG_VERSION"),
        "corpus": roots.collect::<BTreeMap<_, _>>(),
    })
}

/// How many workers there is room for.
struct Room {
    workers: usize,
    /// Why there are fewer than were asked for.
    notice: Option<Notice>,
}

impl Room {
    fn new(plan: &Plan, options: &RunOptions) -> Result<Room, Error> {
        let wanted = options.jobs.unwrap_or_else(available_cores).max(1);
        let threads = options.isolation == Isolation::Threads;
        let bounds = memory::limits(&plan.job, options.max_memory, threads);
        let (by_memory, narrowest) = memory::workers_that_fit(&bounds, wanted)?;
        let workers = limits::make_room(by_memory, options.max_open_files)?;
        let notice = match narrowest {
            _ if workers == wanted => None,
            Some(limit) if workers == by_memory => {
                Some(Notice::Memory { limit: limit.bytes, by: limit.by, workers, wanted })
            }
            _ => Some(Notice::OpenFiles { workers, wanted }),
        };
        Ok(Room { workers, notice })
    }
}
