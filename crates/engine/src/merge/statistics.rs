//! The statistics that columns are normalised by, made of those that parts have of their utterances.

use ossicle_dataset::{FRAMES, Normalization, Store};
use ossicle_dsp::Moments;
use ossicle_recipe::{EpsOf, NormalizeTable, Recipe, StatisticsOf};

use crate::error::Error;
use crate::part::{PartFile, PartMoments};
use crate::plan::Plan;
use crate::plan::statistics::Statistics;
use crate::run::pool;

/// What columns are normalised by, of each array that is.
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
    let of_splits = plan.parts.iter().zip(parts);
    let of_splits: Vec<&PartFile> =
        of_splits.filter(|(part, _)| splits.contains(&part.split)).map(|(_, file)| file).collect();
    let read = |number: usize| of_splits[number].all_moments(store, plan.arrays.in_parts());
    pool::in_order(store.at_once(), of_splits.len(), read, |number, of_part| {
        merge_part((plan, of_splits[number]), &of_part, std::slice::from_mut(&mut moments), |_| 0);
        Ok(())
    })?;
    let count = moments.first().map_or(0, |moments| moments.count);
    let frames_of_all: u64 = parts.iter().flat_map(|part| &part.footer.rows[FRAMES]).sum();
    // Where no split has a frame, there is nothing to normalise either.
    if count == 0 && frames_of_all > 0 {
        let utterances =
            splits.iter().map(|&split| plan.corpus.splits[split].utterances.len() as u64);
        let (from, utterances) = (name.clone(), utterances.sum());
        return Err(Error::NoFrames { from, utterances, ledger: None });
    }
    let normalized = || plan.arrays.normalized().map(|(place, _)| &moments[place]);
    let constant = normalized().map(constant_columns).collect();
    let recipe = &plan.job.recipe;
    let of_array = |moments: &Moments| {
        let moments = together(recipe, moments.clone());
        Normalization {
            stats_from: name.clone(),
            count: moments.count,
            standard_deviation: standard_deviation(recipe, &moments),
            mean: moments.mean,
        }
    };
    let normalization = Some(normalized().map(of_array).collect());
    Ok(Gathered { normalization, constant })
}

/// The columns that have the same number in all of several rows.
fn constant_columns(moments: &Moments) -> Vec<usize> {
    let columns = moments.m2.iter().enumerate().filter(|(_, m2)| **m2 == 0.0);
    if moments.count > 1 { columns.map(|(column, _)| column).collect() } else { Vec::new() }
}

/// Returns the moments of no rows, of each feature array.
pub(crate) fn no_moments(plan: &Plan) -> Vec<Moments> {
    plan.arrays.features.iter().map(|array| Moments::empty(array.wide_dim())).collect()
}

/// Merges the statistics of a part's utterances, in order, into those of the groups that they belong to.
///
/// - `groups`: of each, the moments of each feature array
/// - `group_of`: the group of an utterance, by its place in the part
pub(crate) fn merge_part(
    (plan, file): (&Plan, &PartFile),
    of_part: &PartMoments<'_>,
    groups: &mut [Vec<Moments>],
    group_of: impl Fn(usize) -> usize,
) {
    for utterance in 0..file.footer.utterances() {
        for (array, moments) in groups[group_of(utterance)].iter_mut().enumerate() {
            let (mean, m2) = of_part.of(utterance, array);
            moments.merge(
                plan.arrays.num_wide(array, &file.footer.rows, utterance) as u64,
                &mean,
                &m2,
            );
        }
    }
}

/// Returns the standard deviation of each column as the recipe has it, with what stands for 0.
pub(crate) fn standard_deviation(recipe: &Recipe, moments: &Moments) -> Vec<f64> {
    let Some(normalize) = recipe.normalize() else { return moments.standard_deviation() };
    let count = moments.count.saturating_sub(normalize.ddof()).max(1) as f64;
    let (of_variance, of_std) = match normalize.eps_of() {
        EpsOf::Variance => (normalize.eps(), 0.0),
        EpsOf::Std => (0.0, normalize.eps()),
    };
    let deviation = moments.m2.iter().map(|m2| {
        let deviation = (m2 / count + of_variance).sqrt() + of_std;
        let deviation = if deviation == 0.0 { normalize.zero_std } else { deviation };
        deviation.max(normalize.std_floor())
    });
    deviation.collect()
}

/// Makes the moments of all columns together those of each, where the recipe wants that.
pub(crate) fn together(recipe: &Recipe, moments: Moments) -> Moments {
    let wanted = recipe.normalize().map(NormalizeTable::columns);
    if wanted != Some(StatisticsOf::Together) {
        return moments;
    }
    let Moments { count, mean, m2, .. } = &moments;
    let mut of_all = Moments::empty(1);
    for (&mean, &m2) in mean.iter().zip(m2) {
        of_all.merge(*count, &[mean], &[m2]);
    }
    let columns = mean.len();
    // As much for each column as makes the deviation that of all their numbers.
    let ddof = recipe.normalize().map_or(0, NormalizeTable::ddof);
    let own = |count: u64| count.saturating_sub(ddof).max(1) as f64;
    let m2 = vec![of_all.m2[0] * own(*count) / own(of_all.count); columns];
    Moments { mean: vec![of_all.mean[0]; columns], m2, ..moments }
}
