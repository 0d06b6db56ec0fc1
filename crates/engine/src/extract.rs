//! A whole extraction on this machine's threads: plan, parts, finish.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ossicle_dataset::{CARD_FILE, Card, SplitCard, WORK_DIR};

use crate::error::Error;
use crate::estimate;
use crate::events::{Event, Observer};
use crate::finish::finish;
use crate::limits;
use crate::output::{Opened, Output};
use crate::plan::Plan;
use crate::run::{Tolerance, run_parts};

/// How to run a job. None of it changes a byte of the dataset.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// How many workers; absent, as many as the cores this process may use.
    pub jobs: Option<usize>,
    /// Whether a dataset of another job is replaced.
    pub overwrite: bool,
    /// How many failures end the run; absent, no number does.
    pub max_failures: Option<Tolerance>,
}

/// What an extraction came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The splits.
    pub splits: Vec<SplitCard>,
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
    /// How long threads took to start and to be joined.
    pub threads: Duration,
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
            already_complete: false,
            parts: 0,
            resumed_parts: 0,
            workers: 0,
            took,
            threads: Duration::ZERO,
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
    let wanted = options.jobs.unwrap_or_else(available_cores).max(1);
    let workers = limits::make_room(wanted)?;
    let begun = out.join(WORK_DIR).exists() || (out.join(CARD_FILE).exists() && !options.overwrite);
    if !begun {
        estimate::require_space(plan, out)?;
    }
    let output = match Output::open(out, plan, options.overwrite)? {
        Opened::Ready(output) => output,
        Opened::Complete(card) => {
            let outcome = Outcome::new(*card, begin.elapsed());
            return Ok(Outcome { already_complete: true, ..outcome });
        }
    };
    if workers < wanted {
        let notice = format!(
            "the limit of open files allows {workers} of {wanted} workers (see `ossicle limits`)"
        );
        observer.on(Event::Notice(&notice));
    }
    // Taken before the recordings are read, so that a change meanwhile is not missed.
    let sources = plan.sources();
    let ran = run_parts(plan, &output, workers, options.max_failures, observer)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let roots = plan.corpus.splits.iter().map(|s| (s.name.clone(), s.root.display().to_string()));
    let run = serde_json::json!({
        "sources": sources,
        "ended_unix_s": now.as_secs(),
        "seconds": begin.elapsed().as_secs_f64(),
        "workers": workers,
        "host": std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim(),
        "simd": plan.level.to_string(),
        "ossicle": env!("CARGO_PKG_VERSION"),
        "corpus": roots.collect::<std::collections::BTreeMap<_, _>>(),
    });
    let card = finish(plan, &output, &ran.parts, workers, &run, observer)?;
    Ok(Outcome {
        parts: plan.parts.len(),
        resumed_parts: ran.resumed,
        workers,
        threads: ran.threads,
        ..Outcome::new(card, begin.elapsed())
    })
}
