//! Whether a dataset is of a plan's job, but for its utterances.

use ossicle_dataset::{Card, Dataset, FAILURES_FILE, LocalStore, UTTERANCES_FILE};

use super::counts::WhyAgain;
use super::lists::Lists;
use super::sound::damaged;
use crate::bounds::stop::Stop;
use crate::difference::Difference;
use crate::error::Error;
use crate::job_file::{beside_utterances, recipe_difference_of};
use crate::plan::job::MapText;
use crate::plan::{Listing, Plan, is_counted, job_key};

/// Compares a dataset's job with a plan's. A dataset's key is of its utterances too, so it is made again of those
/// that it has and of what else the plan's is of: another key is another recipe, another version, or another
/// content of a file that the recipe names.
///
/// Returns the difference for which its rows are none of the plan's, or else why all of them have to be computed
/// again, if there is a reason.
pub(crate) fn difference(
    dataset: &Dataset,
    plan: &Plan,
    store: &LocalStore,
    stop: &Stop,
) -> Result<Result<Option<WhyAgain>, Difference>, Error> {
    let card = dataset.card();
    if let Some(difference) = recipe_difference_of(card, plan) {
        return Ok(Err(difference));
    }
    let is_list = |path: &str| path == FAILURES_FILE || path.ends_with(UTTERANCES_FILE);
    if !damaged(card, store, |file| is_list(&file.path), 1, stop)?.is_empty() {
        return Ok(Ok(Some(WhyAgain::Damaged)));
    }
    let listing = listing(dataset)?;
    let key_of = |maps: &[MapText], rate: u32| {
        job_key(plan.recipe(), rate, &listing, maps, plan.statistics.as_ref())
    };
    let (maps, rate) = (&plan.job.maps[..], plan.job.sample_rate_hz);
    if key_of(maps, rate) == card.job {
        return Ok(Ok(None));
    }
    if !plan.recipe().labels().is_empty() && card.label_names.is_empty() == plan.job.has_labels() {
        return Ok(Ok(Some(WhyAgain::Alignments)));
    }
    let then = classes_of(card, plan);
    if key_of(&then, rate) == card.job {
        return Ok(Ok(Some(WhyAgain::OtherClasses)));
    }
    let rates = card.frame.sample_rate_hz.into_iter().chain([16_000, 8000, 44_100, 48_000]);
    let is_of_rate = |rate| [maps, &then].iter().any(|maps| key_of(maps, rate) == card.job);
    if plan.recipe().audio().sample_rate_hz.is_none() && rates.clone().any(is_of_rate) {
        return Ok(Ok(Some(WhyAgain::OtherRate)));
    }
    Ok(Err(beside_utterances(card, plan)))
}

/// Hashes the names of a dataset's utterances, those that failed included.
fn listing(dataset: &Dataset) -> Result<String, Error> {
    let mut lists = Lists::open(dataset)?;
    let mut listing = Listing::default();
    for split in &dataset.card().splits {
        listing.split(&split.name);
        lists.split(&split.name, &mut |listed| {
            listing.utterance(listed.id(), listed.source());
            Ok(())
        })?;
    }
    Ok(listing.finish())
}

/// Returns the plan's label maps with the classes that a dataset has, where these are counted.
fn classes_of(card: &Card, plan: &Plan) -> Vec<MapText> {
    let tables = plan.recipe().labels().iter().zip(&plan.job.maps);
    let map = |(table, map): (&ossicle_recipe::LabelsTable, &MapText)| {
        let classes = card.label_names.get(&table.name).filter(|_| is_counted(table));
        classes.map_or_else(|| map.clone(), |classes| MapText::Classes(classes.clone()))
    };
    tables.map(map).collect()
}
