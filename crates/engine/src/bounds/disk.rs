//! An estimate of what a job will come to, without doing it.

use std::path::Path;

use ossicle_corpus::Utterance;
use ossicle_dataset::FailureRow;

use crate::error::Error;
use crate::input_kind::InputKind;
use crate::plan::Plan;
use crate::rows::failure::Failure;
use crate::rows::input::Input;
use crate::rows::stretch::stretch;
use crate::rows::tables::Tables;

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
    /// The recordings that cannot be opened, as the ledger would have them.
    pub unreadable: Vec<FailureRow>,
}

/// An estimate of a split.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SplitEstimate {
    /// The number of utterances with a readable header.
    pub utterances: u64,
    /// The number of frames that they have, before cropping.
    pub frames: u64,
    /// Their duration in seconds, before cropping.
    pub duration_s: f64,
}

/// Reads the header of every recording, and nothing else of them.
///
/// # Errors
/// If the job is not one that can be done.
pub fn estimate(plan: &Plan, out: &Path) -> Result<Estimate, Error> {
    let tables = Tables::new(plan.job.clone())?;
    let mut estimate = Estimate { free_bytes: free_space(out), ..Estimate::default() };
    for split in &plan.corpus.splits {
        let mut sum = SplitEstimate::default();
        for utterance in &split.utterances {
            match look(plan, &tables, &split.root, utterance) {
                Ok((sample_rate_hz, num_samples)) => {
                    let frames = plan.job.recipe.frames(sample_rate_hz);
                    sum.utterances += 1;
                    // At a rate for which a shift is too short, no utterance has frames.
                    if frames.shift > 0 {
                        sum.frames += frames.num_frames(num_samples as usize) as u64;
                    }
                    sum.duration_s += num_samples as f64 / f64::from(sample_rate_hz);
                }
                Err(failure) => estimate.unreadable.push(failure.row(&split.name, utterance)),
            }
        }
        estimate.splits.push((split.name.clone(), sum));
    }
    let frames: u64 = estimate.splits.iter().map(|(_, split)| split.frames).sum();
    (estimate.dataset_bytes, estimate.peak_bytes) = bytes(plan, frames);
    Ok(estimate)
}

/// Reads the header of an utterance's recording. Returns the sample rate in Hz, and how many samples the
/// utterance can have.
fn look(
    plan: &Plan,
    tables: &Tables,
    root: &Path,
    utterance: &Utterance,
) -> Result<(u32, u64), Failure> {
    let input = Input::open(tables, root, utterance, Vec::new())?;
    let (sample_rate_hz, most_samples) = input.extent(plan.recipe());
    let frame_length = plan.job.recipe.frames(sample_rate_hz).length as u64;
    let samples = stretch(utterance.span(), sample_rate_hz, most_samples, frame_length)?;
    Ok((sample_rate_hz, samples.end - samples.start))
}

/// Returns the bytes of so many frames: in the dataset, and at most at once.
fn bytes(plan: &Plan, frames: u64) -> (u64, u64) {
    let dataset = frames * plan.arrays.frame_bytes();
    let part_frame = plan.arrays.part_frame_bytes();
    (dataset, dataset + frames * part_frame)
}

/// Refuses a job that cannot fit. Recordings are taken to be 16-bit and mono, which most are; what
/// turns out larger than that runs into the disk's own error.
pub(crate) fn require_space(plan: &Plan, out: &Path) -> Result<(), Error> {
    // Files of events are large or small, however long the recording was.
    let says_how_long = InputKind::of(plan.recipe()).says_where_it_ends();
    let Some(free) = free_space(out).filter(|_| says_how_long) else {
        return Ok(());
    };
    let source: u64 = plan.parts.iter().map(|part| part.source_bytes).sum();
    // The rate matters only where frames are given in time; the usual one stands in.
    let shift = plan.job.recipe.frames(16_000).shift.max(1) as u64;
    let (_, needed) = bytes(plan, source / 2 / shift);
    if free < needed {
        return Err(Error::NoSpace { path: out.to_owned(), free, needed });
    }
    Ok(())
}

/// Returns the bytes that are free where `path` is, or where the nearest folder above it is that
/// exists.
pub(crate) fn free_space(path: &Path) -> Option<u64> {
    let absolute = std::path::absolute(path).ok()?;
    let existing = absolute.ancestors().find(|path| path.exists())?;
    let disk = rustix::fs::statvfs(existing).ok()?;
    Some(disk.f_bavail * disk.f_frsize)
}
