//! The origin of the statistics of normalisation.

use std::path::Path;

use ossicle_corpus::{Corpus, Split};
use ossicle_dataset::{Card, Dataset, Normalization};

use super::arrays::{Arrays, FeatureArray};
use crate::difference::recipe_difference;
use crate::error::Error;
use crate::notice::Notice;
use crate::plan::job::recipe_value;
use ossicle_recipe::{Recipe, Scope};
use serde::Deserialize;

/// The origin of the statistics of normalisation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Statistics {
    /// Those of these splits, by their place in the corpus.
    Of { name: String, splits: Vec<usize> },
    /// Those of another dataset, for each array that is normalised.
    Given(Vec<Normalization>),
}

impl Statistics {
    /// Finds them, of what there is. None where no corpus is normalised by.
    pub(crate) fn find(
        recipe: &Recipe,
        arrays: &Arrays,
        corpus: &Corpus,
        notices: &mut Vec<Notice>,
    ) -> Result<Option<Statistics>, Error> {
        let Some(normalize) = recipe.normalize() else { return Ok(None) };
        match normalize.scope {
            Scope::Corpus => {}
            Scope::Constants => return Ok(constants(recipe, arrays)?.map(Statistics::Given)),
            _ => return Ok(None),
        }
        let from = normalize.stats_from.as_deref().unwrap_or("train");
        if let Some(split) = corpus.splits.iter().position(|split| split.name == from) {
            let empty = |split: &Split| split.utterances.is_empty();
            if empty(&corpus.splits[split]) && !corpus.splits.iter().all(empty) {
                let from = from.to_owned();
                return Err(Error::NoFrames { from, utterances: 0, ledger: None });
            }
            return Ok(Some(Statistics::Of { name: from.to_owned(), splits: vec![split] }));
        }
        if from == "all" {
            let splits = (0..corpus.splits.len()).collect();
            return Ok(Some(Statistics::Of { name: from.to_owned(), splits }));
        }
        if Path::new(from).is_dir() {
            return of_dataset(recipe, arrays, from).map(|given| Some(Statistics::Given(given)));
        }
        let names: Vec<&str> = corpus.splits.iter().map(|split| split.name.as_str()).collect();
        if let ([only], "train") = (&names[..], from) {
            let name = (*only).to_owned();
            notices.push(Notice::NormalizedBy { split: name.clone() });
            return Ok(Some(Statistics::Of { name, splits: vec![0] }));
        }
        let splits = names.into_iter().map(str::to_owned).collect();
        Err(Error::StatsFrom { from: from.to_owned(), splits })
    }
}

/// Takes the constants of a recipe, of each array that is normalised; none where it has none.
pub(crate) fn constants(
    recipe: &Recipe,
    arrays: &Arrays,
) -> Result<Option<Vec<Normalization>>, Error> {
    let Some(normalize) = recipe.normalize() else { return Ok(None) };
    let of_array = |(_, array): (usize, &FeatureArray)| {
        let (mean, standard_deviation) = normalize.constants(array.wide_dim())?.ok()?;
        let stats_from = "constants".to_owned();
        Some(Normalization { stats_from, count: 0, mean, standard_deviation })
    };
    // A recipe has as many as its columns: it is checked.
    Ok(arrays.normalized().map(of_array).collect())
}

/// Takes the statistics of another dataset, which must be of the same features.
pub(crate) fn of_dataset(
    recipe: &Recipe,
    arrays: &Arrays,
    folder: &str,
) -> Result<Vec<Normalization>, Error> {
    let dataset = Dataset::open(Path::new(folder)).map_err(Error::Statistics)?;
    let card = dataset.card();
    let given = of_card(card, arrays).ok_or_else(|| {
        let found = card.normalization.values().map(|n| n.mean.len()).sum();
        let wanted = arrays.normalized().map(|(_, array)| array.wide_dim()).sum();
        Error::OtherStatistics { folder: folder.to_owned(), found, wanted }
    })?;
    // Compared as they are read today, so that a card need not say what was a default since.
    let theirs = Recipe::deserialize(&card.recipe).ok();
    if theirs.as_ref().is_some_and(|theirs| same_columns(theirs, recipe)) {
        return Ok(given);
    }
    let theirs = theirs.as_ref().map_or_else(|| card.recipe.clone(), deciding);
    let difference = recipe_difference(&theirs, &deciding(recipe));
    Err(Error::OtherFeature { folder: folder.to_owned(), difference })
}

/// Returns whether columns mean the same in both, before they are normalised.
fn same_columns(a: &Recipe, b: &Recipe) -> bool {
    let frames = |of: &Recipe| (of.frames_table().length, of.frames_table().shift);
    a.features() == b.features()
        && a.audio().scale == b.audio().scale
        && frames(a) == frames(b)
        && a.wide() == b.wide()
}

/// What decides the meaning of columns before they are normalised.
fn deciding(recipe: &Recipe) -> serde_json::Value {
    let all = recipe_value(recipe);
    let mut frames = all["frames"].clone();
    if let Some(frames) = frames.as_object_mut() {
        frames.retain(|key, _| ["length", "shift"].contains(&key.as_str()));
    }
    serde_json::json!({
        "audio": { "scale": all["audio"]["scale"] },
        "frames": frames,
        "feature": all["feature"],
        "deltas": all["deltas"],
    })
}

/// The dataset that statistics are taken from, and the sample rate of its recordings, if it has one.
pub(crate) fn given_rate(
    recipe: &Recipe,
    statistics: Option<&Statistics>,
) -> Option<(String, u32)> {
    let Some(Statistics::Given(_)) = statistics else { return None };
    let folder = recipe.normalize()?.stats_from.clone()?;
    let rate = Dataset::open(Path::new(&folder)).ok()?.card().frame.sample_rate_hz?;
    Some((folder, rate))
}

/// Takes a card's statistics of the arrays that are normalised; none if it has not all of them.
pub(crate) fn of_card(card: &Card, arrays: &Arrays) -> Option<Vec<Normalization>> {
    let of_array = |(_, array): (usize, &FeatureArray)| {
        let given = card.normalization.get(&array.name)?;
        let columns = array.wide_dim();
        let fits = given.mean.len() == columns && given.standard_deviation.len() == columns;
        let stats_from = "dataset".to_owned();
        fits.then(|| Normalization { stats_from, ..given.clone() })
    };
    arrays.normalized().map(of_array).collect()
}
