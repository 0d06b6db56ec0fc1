//! The bounds on memory, and the number of workers that they allow.

use crate::bounds::addresses;
use crate::bounds::control_group::ControlGroup;
use crate::bounds::readers::Readers;
use crate::error::Error;
use crate::notice::MemoryBound;
use crate::plan::Plan;
use crate::rows::wide_moments::ROWS_AT_ONCE;
use ossicle_files::Object;
use ossicle_recipe::Stream;

const MIB: u64 = 1 << 20;

/// The most that a worker's buffers take, in bytes, apart from those that grow with the number of
/// columns: the file window, pieces of samples and rows, a region, hashes. (`limits` in the command
/// line's tests measures it.)
const WORKER_BYTES: u64 = 32 * MIB;

/// The most that resampling takes besides: two buffers of a minute of samples, and tables that are never
/// larger than 32 MiB and mostly far smaller.
const RESAMPLING_BYTES: u64 = 40 * MIB;

/// The most that a stream holds of samples, where its rows depend on all of them, and of rows.
const STREAM_BYTES: u64 = 12 * MIB;

/// A bound on memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemoryLimit {
    /// The bytes that there may be.
    pub(crate) bytes: u64,
    /// The origin of the bound.
    pub(crate) by: MemoryBound,
    /// The bytes of them that are in use.
    in_use: u64,
    /// The bytes that each worker needs besides.
    worker: u64,
}

impl MemoryLimit {
    /// Returns how many of the wanted workers fit.
    pub(crate) fn workers_that_fit(&self, wanted: usize) -> usize {
        let fit = self.bytes.saturating_sub(self.in_use) / self.worker.max(1);
        wanted.min(usize::try_from(fit).unwrap_or(usize::MAX))
    }
}

/// Returns the most that a worker takes, in bytes.
pub(crate) fn worker_bytes(plan: &Plan) -> u64 {
    let (recipe, needs) = (plan.recipe(), &plan.needs);
    let scratch_of = |stream: &Stream| {
        let rate_hz = recipe.rate_of(stream, plan.job.sample_rate_hz);
        let feature = stream.planned(rate_hz, plan.job.level);
        feature.map_or(0, |feature| feature.scratch_bytes())
    };
    let scratch = match recipe.event_files() {
        // They come a few at a time.
        Some(_) => 0,
        None => recipe.streams().iter().map(scratch_of).sum(),
    };
    let rows = (4 * ROWS_AT_ONCE * plan.arrays.columns_at_once()) as u64;
    // What streams beyond the first hold beside it: rows of at most a million numbers, and samples.
    let streams = (recipe.streams().len() as u64 - 1) * STREAM_BYTES;
    // Resampled samples beside those that were read, and those that a filter holds.
    let resampling = recipe.audio().resample_mode().map_or(0, |_| RESAMPLING_BYTES);
    WORKER_BYTES
        + rows
        + scratch
        + streams
        + resampling
        // In its order, in its rows, and as text.
        + 3 * needs.column_bytes
        + needs.unpacking_bytes
        + if needs.has_objects { Object::MOST_KEPT_BYTES } else { 0 }
}

/// Finds the bounds that there are: what the user asks for, the control group's, and that of the
/// address space.
///
/// - `worker_bytes`: what a worker may take
/// - `threads`: whether workers are threads of this process
pub(crate) fn limits(
    worker_bytes: u64,
    held: u64,
    asked: Option<u64>,
    threads: bool,
) -> Vec<MemoryLimit> {
    let worker = worker_bytes;
    let (reserved, resident) = addresses::in_use();
    let (reserved, resident) = (reserved + held, resident + held);
    let asked = asked.map(|bytes| (bytes, MemoryBound::Asked));
    let group = ControlGroup::now().memory_bytes.map(|bytes| (bytes, MemoryBound::ControlGroup));
    let by_residence = |(bytes, by)| MemoryLimit { bytes, by, in_use: resident, worker };
    let mut limits: Vec<_> = asked.into_iter().chain(group).map(by_residence).collect();
    if let Some(bytes) = addresses::limit() {
        // Processes have an address space each.
        let worker = if threads { worker + addresses::OF_THREAD } else { 2 * MIB };
        let in_use = if threads { reserved } else { reserved + worker_bytes };
        limits.push(MemoryLimit { bytes, by: MemoryBound::AddressSpace, in_use, worker });
    }
    limits
}

/// Returns how many of the wanted workers fit into all bounds, and the narrowest of those.
///
/// # Errors
/// If not even one does.
pub(crate) fn workers_that_fit(
    limits: &[MemoryLimit],
    wanted: usize,
) -> Result<(usize, Option<MemoryLimit>), Error> {
    let narrowest = limits.iter().min_by_key(|limit| limit.workers_that_fit(usize::MAX));
    let Some(limit) = narrowest.copied() else { return Ok((wanted, None)) };
    match limit.workers_that_fit(wanted) {
        0 => Err(Error::TooLittleMemory {
            limit: limit.bytes,
            by: limit.by,
            needed: limit.in_use + limit.worker,
        }),
        fit => Ok((fit, Some(limit))),
    }
}

/// Returns how many of the wanted readers fit beside so many workers.
///
/// - `threads`: whether workers are threads of this process
pub(crate) fn readers_that_fit(
    limits: &[MemoryLimit],
    workers: usize,
    wanted: Readers,
    threads: bool,
) -> usize {
    let processes = if threads { 1 } else { workers as u64 };
    let fit = |count: &usize| {
        let readers = Readers { count: *count, ..wanted };
        limits.iter().all(|limit| {
            let bytes = match limit.by {
                MemoryBound::AddressSpace => readers.bytes() + *count as u64 * addresses::OF_THREAD,
                _ => processes * readers.bytes(),
            };
            let in_use = limit.in_use.saturating_add(bytes);
            MemoryLimit { in_use, ..*limit }.workers_that_fit(workers) == workers
        })
    };
    (0..=wanted.count).rev().find(fit).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::needs::Needs;
    use crate::run::mock::{in_parts_of, one_feature, plan};
    use ossicle_corpus::{Column, Extra, Held};

    #[test]
    fn a_worker_has_room_for_the_columns_of_the_largest_part() {
        let mut plan = in_parts_of(2, plan(one_feature(&[]), &[("all", &[1, 1, 1, 1])]));
        let without = worker_bytes(&plan);
        assert_eq!(plan.needs.column_bytes, 0);
        for (number, length) in [(1, 1000), (2, 5000), (3, 7000)] {
            let text = ("text".to_owned(), "x".repeat(length).into());
            plan.corpus.splits[0].utterances[number].columns = Column::all([text]).unwrap();
        }
        plan.needs = Needs::of(&plan.corpus, &plan.parts);
        let columns = worker_bytes(&plan) - without;
        assert!((36_000..37_000).contains(&columns), "{columns}");
    }

    #[test]
    fn a_worker_has_room_for_the_pages_of_a_table() {
        let mut plan = plan(one_feature(&[]), &[("all", &[1, 1])]);
        let without = worker_bytes(&plan);
        for (utterance, size) in plan.corpus.splits[0].utterances.iter_mut().zip([5 * MIB, 1 << 40])
        {
            let held = Held::Row { row: 0, column: 0, bytes: 1000 };
            utterance.size_bytes = size;
            utterance.extra = Extra::of(None, None, Some(held));
        }
        plan.needs = Needs::of(&plan.corpus, &plan.parts);
        assert_eq!(worker_bytes(&plan) - without, 128 * MIB + 1000);
        plan.corpus.splits[0].utterances[1].extra = None;
        plan.needs = Needs::of(&plan.corpus, &plan.parts);
        assert_eq!(worker_bytes(&plan) - without, 10 * MIB + 1000);
    }

    #[test]
    fn the_narrowest_bound_counts() {
        let limit = |bytes, by| MemoryLimit { bytes, by, in_use: 10 * MIB, worker: 40 * MIB };
        let wide = limit(1000 * MIB, MemoryBound::ControlGroup);
        let narrow = limit(100 * MIB, MemoryBound::AddressSpace);
        let (fit, by) = workers_that_fit(&[wide, narrow], 8).unwrap();
        assert_eq!((fit, by.map(|limit| limit.by)), (2, Some(MemoryBound::AddressSpace)));
        assert_eq!(workers_that_fit(&[wide], 8).unwrap().0, 8);
        assert_eq!(workers_that_fit(&[], 8).unwrap(), (8, None));
        let error = workers_that_fit(&[wide, limit(49 * MIB, MemoryBound::Asked)], 8).unwrap_err();
        let Error::TooLittleMemory { by, needed, .. } = error else { panic!("{error}") };
        assert_eq!((by, needed), (MemoryBound::Asked, 50 * MIB));
    }
}
