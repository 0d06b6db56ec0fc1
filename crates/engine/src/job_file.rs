//! The file in which a run describes itself in its folder, so that another one knows whether it can go
//! on.

use ossicle_dataset::Card;
use ossicle_recipe::Recipe;
use serde::{Deserialize, Serialize};

use crate::difference::{Difference, recipe_difference};
use crate::plan::Plan;
use crate::plan::job::{BYTES_VERSION, recipe_value};

/// The name of the file.
pub(crate) const JOB_FILE: &str = ".ossicle/job.json";

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
        Difference::NamedFile
    }
}

/// Writes an older recipe as it would be written today: what has become a key with a default since is
/// no difference. What cannot be read stays as it is.
fn as_read_today(recipe: &serde_json::Value) -> serde_json::Value {
    let read = serde_json::from_value::<Recipe>(recipe.clone());
    read.map_or_else(|_| recipe.clone(), |recipe| recipe_value(&recipe))
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
    };
    if card.job == plan.job.key && card.corpus.fingerprint == plan.fingerprint {
        return Difference::Sources;
    }
    if card.job == plan.job.key {
        return Difference::UtterancesOrSizes;
    }
    match old.difference(plan) {
        Difference::NamedFile if card.corpus.fingerprint == plan.fingerprint => {
            Difference::NamedFileOrVersion { was: card.ossicle.clone() }
        }
        // The card does not say which utterances it has, so that these look alike.
        Difference::NamedFile => Difference::UtterancesOrSizes,
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
