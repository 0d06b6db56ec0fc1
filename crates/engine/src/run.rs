//! Running parts: any worker, anywhere, any order.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ossicle_corpus::printable;
use ossicle_dataset::FailureRow;

use crate::error::Error;
use crate::events::{Event, Observer};
use crate::output::Output;
use crate::part::{self, Part, PartFile, PartWriter};
use crate::plan::Plan;
use crate::utterance::Workbench;
use crate::workers::{self, lock};

/// Up to how many failures something holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// So many utterances.
    Count(u64),
    /// So many of a hundred utterances.
    Percent(f64),
}

impl Tolerance {
    /// Whether `failures` of `utterances` are within it.
    pub fn allows(self, failures: u64, utterances: u64) -> bool {
        match self {
            Tolerance::Count(most) => failures <= most,
            Tolerance::Percent(most) => failures as f64 * 100.0 <= most * utterances as f64,
        }
    }
}

impl std::fmt::Display for Tolerance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Tolerance::Count(most) => write!(f, "{most}"),
            Tolerance::Percent(most) => write!(f, "{most}%"),
        }
    }
}

impl std::str::FromStr for Tolerance {
    type Err = String;

    fn from_str(text: &str) -> Result<Tolerance, String> {
        let bad = || format!("{text:?} is neither a number nor a percentage like 5%");
        match text.strip_suffix('%') {
            Some(percent) => percent
                .parse()
                .ok()
                .filter(|percent| (0.0..=100.0).contains(percent))
                .map(Tolerance::Percent)
                .ok_or_else(bad),
            None => text.parse().map(Tolerance::Count).map_err(|_| bad()),
        }
    }
}

/// How far a run is, shared by its workers.
struct Progress<'a> {
    observer: &'a dyn Observer,
    splits: Vec<SplitProgress>,
    failures: AtomicU64,
    utterances: u64,
    max_failures: Option<Tolerance>,
}

struct SplitProgress {
    parts_left: AtomicUsize,
    done: AtomicU64,
    began: Mutex<Option<Instant>>,
}

/// What running the parts came to.
pub(crate) struct Ran {
    /// Every part, in order.
    pub(crate) parts: Vec<PartFile>,
    /// How many were there already.
    pub(crate) resumed: usize,
    /// How long threads took to start and to be joined.
    pub(crate) threads: Duration,
}

/// Runs the parts that are not there yet, largest first.
pub(crate) fn run_parts(
    plan: &Plan,
    output: &Output,
    workers: usize,
    max_failures: Option<Tolerance>,
    observer: &dyn Observer,
) -> Result<Ran, Error> {
    let found: Vec<Option<PartFile>> =
        plan.parts.iter().map(|part| find_part(plan, output, part)).collect();
    let mut todo: Vec<&Part> =
        plan.parts.iter().zip(&found).filter(|(_, f)| f.is_none()).map(|(part, _)| part).collect();
    // The sort is stable: of parts of one size the first comes first.
    todo.sort_by_key(|part| std::cmp::Reverse(part.source_bytes));
    let utterances = plan.parts.iter().map(|part| part.utterances.len() as u64).sum();
    let left: u64 = todo.iter().map(|part| part.utterances.len() as u64).sum();
    let resumed_failures = found.iter().flatten().map(|part| part.footer.failures).sum();
    let progress = Progress {
        observer,
        splits: (0..plan.corpus.splits.len())
            .map(|split| SplitProgress {
                parts_left: todo.iter().filter(|part| part.split == split).count().into(),
                done: 0.into(),
                began: Mutex::new(None),
            })
            .collect(),
        failures: AtomicU64::new(resumed_failures),
        utterances,
        max_failures,
    };
    observer.on(Event::Start { utterances, resumed: utterances - left, workers });
    let threads = workers::run(workers, todo.len(), Workbench::default, |bench, task| {
        run_part(plan, output, todo[task], bench, &progress)
    })?;
    let resumed = plan.parts.len() - todo.len();
    let parts = plan.parts.iter().zip(found).map(|(part, found)| match found {
        Some(found) => Ok(found),
        None => {
            let path = part.path(output.parts());
            PartFile::open(path.clone()).map_err(|reason| {
                Error::job(format!("{} was written and cannot be read: {reason}", path.display()))
            })
        }
    });
    Ok(Ran { parts: parts.collect::<Result<_, _>>()?, resumed, threads })
}

/// The part's file, if an earlier run has left it whole and its sources are what they were.
fn find_part(plan: &Plan, output: &Output, part: &Part) -> Option<PartFile> {
    if output.is_fresh() {
        return None;
    }
    let split = plan.split(part);
    let file = PartFile::open(part.path(output.parts())).ok()?;
    let current = || part::sources(&split.root, &split.utterances[part.utterances.clone()]);
    let whole = file.footer.job == plan.job && file.footer.sources == current();
    (whole && file.is_sound()).then_some(file)
}

/// Computes the utterances of a part, one after the other, and commits it.
fn run_part(
    plan: &Plan,
    output: &Output,
    part: &Part,
    bench: &mut Workbench,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    let split = plan.split(part);
    let split_progress = &progress.splits[part.split];
    lock(&split_progress.began).get_or_insert_with(Instant::now);
    let utterances = &split.utterances[part.utterances.clone()];
    // Taken before the recordings are read: a change while they are read makes the part stale.
    let sources = part::sources(&split.root, utterances);
    let path = part.path(output.parts());
    let mut writer = PartWriter::create(path, plan.num_tracks(), &plan.job, sources)?;
    for utterance in utterances {
        let begin = Instant::now();
        match bench.process(plan, &split.root, utterance) {
            Ok((row, moments)) => {
                writer.append(&row, &bench.features, &bench.labels, &moments)?;
                let samples = (row.end_sample - row.start_sample) as f64;
                progress.observer.on(Event::Utterance {
                    number: split_progress.done.fetch_add(1, Ordering::Relaxed),
                    split: &split.name,
                    id: &utterance.id,
                    num_frames: row.num_frames,
                    audio: Duration::from_secs_f64(samples / f64::from(row.sample_rate_hz)),
                    took: begin.elapsed(),
                });
            }
            Err(failure) => {
                let row = FailureRow {
                    id: utterance.id.to_string(),
                    split: split.name.clone(),
                    source: printable(&utterance.source),
                    stage: failure.stage,
                    error: failure.error,
                };
                writer.append_failure(&row);
                split_progress.done.fetch_add(1, Ordering::Relaxed);
                let path = &split.root.join(&utterance.source);
                progress.observer.on(Event::Failure { row: &row, path });
                let failures = progress.failures.fetch_add(1, Ordering::Relaxed) + 1;
                if let Some(most) = progress.max_failures
                    && !most.allows(failures, progress.utterances)
                {
                    return Err(Error::TooManyFailures { failures, allowed: most.to_string() });
                }
            }
        }
    }
    writer.commit()?;
    if split_progress.parts_left.fetch_sub(1, Ordering::AcqRel) == 1 {
        let began = *lock(&split_progress.began);
        progress.observer.on(Event::SplitDone {
            name: &split.name,
            utterances: split.utterances.len() as u64,
            took: began.map_or(Duration::ZERO, |began| began.elapsed()),
        });
    }
    Ok(())
}
