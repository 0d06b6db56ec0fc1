//! The statistics that columns are normalised by, made of those that parts have of their utterances.

use ossicle_dataset::{FRAMES, Normalization, Store};
use ossicle_dsp::{Moments, Widen};
use ossicle_recipe::Recipe;

use crate::error::Error;
use crate::part::PartFile;
use crate::plan::Plan;
use crate::plan::statistics::Statistics;

/// What columns are normalised by, of each feature array.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// None where it is not the same for all.
    pub(crate) normalization: Option<Vec<Normalization>>,
    /// The columns that are the same number in all frames that are normalised by.
    pub(crate) constant: Vec<Vec<usize>>,
}

/// Gathers the statistics of each feature array, utterance by utterance in order, so that neither parts nor
/// bad files show in the numbers.
pub(crate) fn normalization(
    plan: &Plan,
    parts: &[PartFile],
    store: &dyn Store,
) -> Result<Gathered, Error> {
    let (name, splits) = match &plan.statistics {
        None => return Ok(Gathered::default()),
        Some(Statistics::Given(given)) => {
            let normalization = Some(given.clone());
            return Ok(Gathered { normalization, ..Gathered::default() });
        }
        Some(Statistics::Of { name, splits }) => (name, splits),
    };
    let mut moments = no_moments(plan);
    for (part, file) in plan.parts.iter().zip(parts) {
        if splits.contains(&part.split) {
            merge_part(plan, file, store, std::slice::from_mut(&mut moments), |_| 0)?;
        }
    }
    let count = moments.first().map_or(0, |moments| moments.count);
    let frames_of_all: u64 = parts.iter().flat_map(|part| &part.footer.rows[FRAMES]).sum();
    // Where no split has a frame, there is nothing to normalise either.
    if count == 0 && frames_of_all > 0 {
        let utterances =
            splits.iter().map(|&split| plan.corpus.splits[split].utterances.len() as u64);
        let (from, utterances) = (name.clone(), utterances.sum());
        return Err(Error::NoFrames { from, utterances, ledger: None });
    }
    let constant = moments.iter().map(constant_columns).collect();
    let of_array = |moments: Moments| Normalization {
        stats_from: name.clone(),
        count: moments.count,
        standard_deviation: standard_deviation(&plan.job.recipe, &moments),
        mean: moments.mean,
    };
    let normalization = Some(moments.into_iter().map(of_array).collect());
    Ok(Gathered { normalization, constant })
}

/// The columns that have the same number in all of several rows.
fn constant_columns(moments: &Moments) -> Vec<usize> {
    let columns = moments.m2.iter().enumerate().filter(|(_, m2)| **m2 == 0.0);
    if moments.count > 1 { columns.map(|(column, _)| column).collect() } else { Vec::new() }
}

/// Returns the moments of no rows, of each feature array.
pub(crate) fn no_moments(plan: &Plan) -> Vec<Moments> {
    let arrays = &plan.arrays;
    let of_array = |dim| Moments::empty(arrays.deltas.wide_dim(dim));
    arrays.features.iter().map(|array| of_array(array.dim)).collect()
}

/// Merges the statistics of a part's utterances, in order, into those of the groups that they belong to.
///
/// - `groups`: of each, the moments of each feature array
/// - `group_of`: the group of an utterance, by its place in the part
pub(crate) fn merge_part(
    plan: &Plan,
    file: &PartFile,
    store: &dyn Store,
    groups: &mut [Vec<Moments>],
    group_of: impl Fn(usize) -> usize,
) -> Result<(), Error> {
    let utterances = file.footer.utterances();
    let of_part = file.moments(store, plan.arrays.in_parts(), 0..utterances)?;
    for (utterance, &frames) in file.footer.rows[FRAMES].iter().enumerate() {
        for (array, moments) in groups[group_of(utterance)].iter_mut().enumerate() {
            let (mean, m2) = of_part.of(utterance, array);
            moments.merge(frames, &mean, &m2);
        }
    }
    Ok(())
}

/// Returns the standard deviation of each column, with what stands for 0.
pub(crate) fn standard_deviation(recipe: &Recipe, moments: &Moments) -> Vec<f64> {
    let zero_std = recipe.normalize().map_or(1.0, |normalize| normalize.zero_std);
    let mut deviation = moments.standard_deviation();
    deviation.iter_mut().filter(|s| **s == 0.0).for_each(|s| *s = zero_std);
    deviation
}
