//! An estimate of what a job will come to, without doing it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use ossicle_dataset::{FRAMES, FailureRow};
use ossicle_files::is_url;

use crate::ahead::Ahead;
use crate::bounds::stop::Stop;
use crate::causes::{CauseCount, Causes};
use crate::error::Error;
use crate::input_kind::InputKind;
use crate::notice::Notice;
use crate::plan::Plan;
use crate::plan::parts::Part;
use crate::plan::rates::Rates;
use crate::plan::statistics::Statistics;
use crate::progress::{Listener, Progress};
use crate::rates;
use crate::rows::context::Context;
use crate::rows::failure::UtteranceError;
use crate::rows::tables::Tables;
use crate::rows::utterance::{Prospect, Workbench};
use crate::run::pool::{self, lock};
use crate::run::probe::Probe;

/// An estimate of a job: its utterances, frames and bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Estimate {
    /// The name and the estimate of each split.
    pub splits: Vec<(String, SplitEstimate)>,
    /// The bytes of the dataset's arrays, apart from events: how many there are only the search tells.
    pub dataset_bytes: u64,
    /// The most bytes on disk at once: the dataset and the parts it is made of.
    pub peak_bytes: u64,
    /// The bytes that are free where it is to be written; absent where the system does not tell.
    pub free_bytes: Option<u64>,
    /// The utterances that will fail, as far as that shows without decoding, as the ledger would have them.
    pub unreadable: Vec<FailureRow>,
    /// Why they will, the most frequent reason first.
    pub causes: Vec<CauseCount>,
    /// Whether all utterances that the run begins with, a hundred or more, will fail for one reason, which
    /// stops it: how many they are, and the first.
    pub first_fail_alike: Option<(u64, FailureRow)>,
    /// The split that would be normalised by and has no frame, as `train`, while others have some.
    pub nothing_to_normalise_by: Option<String>,
    /// The things that people should know and that show when all headers were looked at.
    pub notices: Vec<Notice>,
}

/// An estimate of a split.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SplitEstimate {
    /// The number of utterances that will be stored, as far as that shows without decoding.
    pub utterances: u64,
    /// The number of frames that they have.
    pub frames: u64,
    /// Their duration in seconds.
    pub duration_s: f64,
}

/// Looks at every recording without decoding any: its header, and its alignment where there are labels.
///
/// - `workers`: how many look at once
/// - `stop`: asks to stop
/// - `say`: is called, from any thread, where a file has to be waited for, as others have too many open
/// - `seen`: is told, from any thread, of so many utterances that were looked at
///
/// # Errors
/// If the job is not one that can be done, or a run would be refused for the recordings' rates, or if it was asked to stop.
pub fn estimate(
    plan: &Plan,
    out: &Path,
    workers: usize,
    stop: &Stop,
    say: &(dyn Fn() + Sync),
    seen: &(dyn Fn(usize) + Sync),
) -> Result<Estimate, Error> {
    rates::refuse(plan, &plan.rates)?;
    let tables = Tables::new(plan.job.clone())?;
    let looked: Vec<Mutex<Looked>> = plan.parts.iter().map(|_| Mutex::default()).collect();
    let bench = || Ok::<_, Error>(Workbench::default());
    let look = |bench: &mut Workbench, number: usize| {
        *lock(&looked[number]) = look(plan, &tables, stop, say, bench, &plan.parts[number])?;
        seen(plan.parts[number].utterances.len());
        Ok(())
    };
    pool::run(workers, plan.parts.len(), bench, look, drop)?;
    let mut estimate = Estimate { free_bytes: free_space(out), ..Estimate::default() };
    let splits = plan.corpus.splits.iter();
    estimate.splits = splits.map(|s| (s.name.clone(), SplitEstimate::default())).collect();
    let (mut causes, mut rates) = (Causes::default(), Rates::default());
    let mut rows = vec![0; plan.arrays.grids().len()];
    for (part, looked) in plan.parts.iter().zip(looked) {
        let Looked { sum, failures, rates: of_part, rows: of_part_rows } = lock(&looked).clone();
        rates.merge(&of_part);
        let split = &mut estimate.splits[part.split].1;
        split.utterances += sum.utterances;
        split.frames += sum.frames;
        rows.iter_mut().zip(of_part_rows).for_each(|(sum, rows)| *sum += rows);
        split.duration_s += sum.duration_s;
        failures.iter().for_each(|row| causes.add(row.clone()));
        estimate.unreadable.extend(failures);
    }
    estimate.causes = causes.counts();
    estimate.notices.extend(rates.resampled(plan.recipe()));
    estimate.first_fail_alike = first_fail_alike(plan, &estimate.unreadable);
    let frames: u64 = estimate.splits.iter().map(|(_, split)| split.frames).sum();
    if let Some(Statistics::Of { name, splits }) = &plan.statistics
        && frames > 0
        && splits.iter().all(|&split| estimate.splits[split].1.frames == 0)
    {
        estimate.nothing_to_normalise_by = Some(name.clone());
    }
    (estimate.dataset_bytes, estimate.peak_bytes) = bytes(plan, &rows);
    Ok(estimate)
}

/// What the utterances of a part will come to.
#[derive(Debug, Clone, Default)]
struct Looked {
    sum: SplitEstimate,
    failures: Vec<FailureRow>,
    rates: Rates,
    /// Its rows on each grid of the dataset's files.
    rows: Vec<u64>,
}

fn look(
    plan: &Plan,
    tables: &Tables,
    stop: &Stop,
    say: &(dyn Fn() + Sync),
    bench: &mut Workbench,
    part: &Part,
) -> Result<Looked, Error> {
    let split = plan.split(part);
    let mut tell = |progress: Progress| {
        if let Progress::Notice(Notice::WaitingForFiles) = progress {
            say();
        }
        Ok(())
    };
    let hear: RefCell<Listener<'_>> = RefCell::new(&mut tell);
    let (root, ahead) = (&*split.root, &Ahead::default());
    let context = Context { tables, stop, hear: &hear, root, ahead, at: (0, 0) };
    let mut looked = Looked::default();
    for utterance in &split.utterances[part.utterances.clone()] {
        stop.check()?;
        match bench.look(context, utterance) {
            Ok(Prospect { sample_rate_hz, num_samples, rows }) => {
                looked.rates.add(sample_rate_hz, 1, &utterance.id);
                looked.sum.utterances += 1;
                looked.sum.frames += rows[FRAMES];
                looked.rows.resize(rows.len(), 0);
                looked.rows.iter_mut().zip(rows).for_each(|(sum, rows)| *sum += rows);
                looked.sum.duration_s += num_samples as f64 / f64::from(sample_rate_hz);
            }
            Err(UtteranceError::Bad(failure)) => {
                looked.failures.push(failure.row(&split.name, utterance));
            }
            Err(UtteranceError::Ends(error)) => return Err(error),
        }
    }
    Ok(looked)
}

/// Returns whether all utterances that the run would begin with fail for one reason: how many, and the first.
fn first_fail_alike(plan: &Plan, failures: &[FailureRow]) -> Option<(u64, FailureRow)> {
    let parts = plan.largest_first();
    let probe = Probe::of(&parts)?;
    let failed: HashMap<_, _> = failures.iter().map(|row| ((&*row.split, &*row.id), row)).collect();
    for part in parts {
        let split = plan.split(part);
        for utterance in &split.utterances[part.utterances.clone()] {
            match failed.get(&(&*split.name, &*utterance.id)) {
                Some(row) => probe.failed(part.number, (*row).clone()),
                None => probe.stored(part.number),
            }
        }
        probe.ended(part.number);
    }
    match probe.check() {
        Err(Error::Hopeless { failures, first, .. }) => Some((failures, *first)),
        _ => None,
    }
}

/// Returns the bytes of so many rows on each grid of the dataset's files: in the dataset, and at most at once.
fn bytes(plan: &Plan, rows: &[u64]) -> (u64, u64) {
    let arrays = &plan.arrays;
    let grids = || rows.iter().enumerate();
    let dataset: u64 = grids().map(|(grid, rows)| rows * arrays.row_bytes(grid)).sum();
    let parts: u64 = grids().map(|(grid, rows)| rows * arrays.part_row_bytes(grid)).sum();
    (dataset, dataset + parts)
}

/// Refuses a job that cannot fit. Recordings are taken to be 16-bit and mono, which most are; what
/// turns out larger than that runs into the disk's own error.
///
/// - `workers`: how many look into headers, where sizes alone say that it does not fit
pub(crate) fn require_space(
    plan: &Plan,
    out: &Path,
    workers: usize,
    stop: &Stop,
    say: &(dyn Fn() + Sync),
) -> Result<(), Error> {
    // Files of events are large or small, however long the recording was.
    let says_how_long = InputKind::of(plan.recipe()).says_where_it_ends();
    let Some(free) = free_space(out).filter(|_| says_how_long) else {
        return Ok(());
    };
    let source: u64 = plan.parts.iter().map(|part| part.source_bytes).sum();
    let (recipe, of_job_hz) = (&plan.job.recipe, plan.job.sample_rate_hz);
    let rows = plan.arrays.grids().iter().map(|grid| {
        let stream = &recipe.streams()[grid.stream];
        let rate_hz = recipe.rate_of(stream, of_job_hz);
        let samples = u128::from(source / 2) * u128::from(rate_hz) / u128::from(of_job_hz.max(1));
        samples as u64 / stream.frames(rate_hz).shift.max(1) as u64
    });
    let (_, needed) = bytes(plan, &rows.collect::<Vec<_>>());
    if free >= needed {
        return Ok(());
    }
    // A file may be far larger than what it holds, as one with a hole is: its header tells.
    let needed = estimate(plan, out, workers, stop, say, &|_| ())?.peak_bytes;
    if free < needed {
        return Err(Error::NoSpace { path: out.to_owned(), free, needed });
    }
    Ok(())
}

/// Returns the bytes that are free where `path` is, or where the nearest folder above it is that
/// exists.
pub(crate) fn free_space(path: &Path) -> Option<u64> {
    // What an object store has room for, nobody says.
    if is_url(path) {
        return None;
    }
    let absolute = std::path::absolute(path).ok()?;
    let existing = absolute.ancestors().find(|path| path.exists())?;
    let disk = rustix::fs::statvfs(existing).ok()?;
    Some(disk.f_bavail * disk.f_frsize)
}
