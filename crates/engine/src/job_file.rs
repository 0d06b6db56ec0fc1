//! The file in which a run describes itself in its folder, so that another one knows whether it can go
//! on.

use std::path::Path;

use ossicle_corpus::printable;
use ossicle_dataset::{Card, Normalization};
use ossicle_recipe::Recipe;
use serde::{Deserialize, Serialize};

use crate::difference::{Difference, recipe_difference};
use crate::plan::Plan;
use crate::plan::arrays::FeatureArray;
use crate::plan::job::{BYTES_VERSION, MapText, recipe_value};
use crate::plan::statistics::Statistics;
use crate::rows::tables::label_arrays;

/// The content of `.ossicle/job.json`: enough to name what differs between two jobs.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct JobFile {
    pub(crate) job: String,
    /// The number that changes when bytes do; files of before that have none.
    #[serde(default)]
    bytes: u32,
    version: String,
    listing: String,
    recipe: serde_json::Value,
    /// How many parts there are; files of earlier versions do not say.
    #[serde(default)]
    pub(crate) parts: Option<usize>,
    /// Whether there are alignments to make labels of; files of earlier versions do not say.
    #[serde(default)]
    alignments: Option<bool>,
}

impl JobFile {
    pub(crate) fn of(plan: &Plan) -> JobFile {
        JobFile {
            job: plan.job.key.clone(),
            bytes: BYTES_VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            listing: plan.listing.clone(),
            recipe: recipe_value(plan.recipe()),
            parts: Some(plan.parts.len()),
            alignments: alignments(plan),
        }
    }

    /// Returns what differs from the job of a plan.
    pub(crate) fn difference(&self, plan: &Plan) -> Difference {
        let now = JobFile::of(plan);
        if self.bytes != now.bytes {
            return Difference::Version { was: self.version.clone(), is: now.version };
        }
        if let Some(what) = recipe_difference(&as_read_today(&self.recipe), &now.recipe) {
            return what;
        }
        if self.listing != now.listing {
            return Difference::Utterances;
        }
        if let (Some(were), Some(are)) = (self.alignments, now.alignments)
            && were != are
        {
            return Difference::Alignments { were };
        }
        Difference::Named { files: named(plan).into_iter().map(|(words, _)| words).collect() }
    }
}

/// Returns whether there are alignments to make labels of; none where the recipe wants no labels.
fn alignments(plan: &Plan) -> Option<bool> {
    (!plan.recipe().labels().is_empty()).then(|| plan.job.has_labels())
}

/// What a recipe names that is no part of its text.
enum Named<'a> {
    /// A label map, by its place.
    LabelMap(usize),
    /// A dataset's statistics.
    Statistics(&'a [Normalization]),
}

/// Returns what the plan's recipe names that is no part of its text, in words.
fn named(plan: &Plan) -> Vec<(String, Named<'_>)> {
    let maps = plan.recipe().labels().iter().zip(&plan.job.maps).enumerate();
    let is_file = |map: &MapText| !matches!(map, MapText::Named);
    let mut named: Vec<_> = maps
        .filter(|(_, (_, map))| is_file(map))
        .map(|(i, (table, _))| {
            let name = table.map.to_string();
            (format!("the label map {}", printable(Path::new(&name))), Named::LabelMap(i))
        })
        .collect();
    if let Some(Statistics::Given(given)) = &plan.statistics {
        let from = plan.recipe().normalize().and_then(|normalize| normalize.stats_from.as_deref());
        let words = format!("the dataset {} of the statistics", from.unwrap_or_default());
        named.push((words, Named::Statistics(given)));
    }
    named
}

/// Tells which of what a recipe names is another than it was when a card was written, as far as that shows
/// in the card: the names of classes and the statistics.
fn named_and_changed(card: &Card, plan: &Plan) -> Vec<String> {
    let maps = label_arrays(&plan.job).unwrap_or_default();
    let is_changed = |named: &Named<'_>| match named {
        Named::LabelMap(i) => maps.get(*i).is_some_and(|array| {
            let names = card.label_names.get(&array.table.name);
            names.is_some_and(|names| names != array.map.class_names())
        }),
        Named::Statistics(given) => {
            let numbers = |of: &Normalization| (of.mean.clone(), of.standard_deviation.clone());
            let theirs = |((_, array), given): ((usize, &FeatureArray), &Normalization)| {
                card.normalization.get(&array.name).map(numbers) != Some(numbers(given))
            };
            plan.arrays.normalized().zip(*given).any(theirs)
        }
    };
    let named = named(plan).into_iter().filter(|(_, named)| is_changed(named));
    named.map(|(words, _)| words).collect()
}

/// Writes an older recipe as it would be written today: what has become a key with a default since is
/// no difference. What cannot be read stays as it is.
fn as_read_today(recipe: &serde_json::Value) -> serde_json::Value {
    let read = serde_json::from_value::<Recipe>(recipe.clone());
    read.map_or_else(|_| recipe.clone(), |recipe| recipe_value(&recipe))
}

/// Returns what differs between the recipe of a dataset and a plan's.
pub(crate) fn recipe_difference_of(card: &Card, plan: &Plan) -> Option<Difference> {
    recipe_difference(&as_read_today(&card.recipe), &recipe_value(plan.recipe()))
}

/// Tells what differs between the job of a dataset of the same recipe and a plan's that is not for utterances.
pub(crate) fn beside_utterances(card: &Card, plan: &Plan) -> Difference {
    match named_and_changed(card, plan) {
        changed if changed.is_empty() => Difference::NamedOrVersion {
            files: named(plan).into_iter().map(|(words, _)| words).collect(),
            was: card.ossicle.clone(),
        },
        files => Difference::Named { files },
    }
}

/// Tells what differs between a dataset's job and a plan's.
pub(crate) fn card_difference(card: &Card, plan: &Plan) -> Difference {
    let old = JobFile {
        job: card.job.clone(),
        // The card does not say.
        bytes: BYTES_VERSION,
        version: card.ossicle.clone(),
        listing: plan.listing.clone(),
        recipe: card.recipe.clone(),
        parts: None,
        alignments: alignments(plan).map(|_| !card.label_names.is_empty()),
    };
    if card.job == plan.job.key && card.corpus.fingerprint == plan.fingerprint {
        return Difference::Sources;
    }
    if card.job == plan.job.key {
        return Difference::UtterancesOrSizes;
    }
    match old.difference(plan) {
        Difference::Named { .. } if card.corpus.fingerprint == plan.fingerprint => {
            beside_utterances(card, plan)
        }
        // The card does not say which utterances it has, so that these look alike.
        Difference::Named { .. } => Difference::UtterancesOrSizes,
        difference => difference,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_recipe::RecipeSource;

    #[test]
    fn what_an_older_recipe_does_not_say_is_no_difference() {
        let text = Recipe::preset("timit-mfcc").unwrap();
        let recipe = text.parse::<RecipeSource>().unwrap().finish().unwrap();
        let now = recipe_value(&recipe);
        let mut old = now.clone();
        assert_eq!(old["audio"].as_object_mut().unwrap().remove("resample"), Some("error".into()));
        assert_eq!(recipe_difference(&as_read_today(&old), &now), None);
        old["audio"]["channel"] = "mix".into();
        let Some(Difference::Key { key, was, is }) = recipe_difference(&as_read_today(&old), &now)
        else {
            panic!("another channel is a difference")
        };
        assert_eq!((&*key, &*was, &*is), ("audio.channel", "\"mix\"", "\"first\""));
        // A recipe that this version does not read is compared as it stands.
        old["audio"] = "none".into();
        assert!(recipe_difference(&as_read_today(&old), &now).is_some());
    }
}
