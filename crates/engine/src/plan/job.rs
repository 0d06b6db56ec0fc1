//! The job that every part is computed by: all that a worker needs to know of a plan.

use ossicle_corpus::LabelMap;
use ossicle_dsp::Level;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use ossicle_recipe::{MapChoice, Recipe};

use crate::error::Error;

/// The number that changes when, and only when, the same job gives other bytes, in its dataset or in
/// its parts: what was begun by another version of the program with the same number can be gone on
/// with.
pub const BYTES_VERSION: u32 = 2;

/// A job, by which every part of a plan is computed. It travels to workers, whole: they look at no file
/// but recordings and alignments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// BLAKE3 of what decides the bytes apart from the recordings' content.
    pub(crate) key: String,
    pub(crate) recipe: Recipe,
    /// The sample rate that columns are counted and named at: that of most recordings, or where none is
    /// known, one that the recipe can be computed at.
    pub(crate) sample_rate_hz: u32,
    /// The maps of the recipe's label arrays; none where the corpus has no alignments.
    pub(crate) maps: Vec<MapText>,
    #[serde(serialize_with = "write_level", deserialize_with = "read_level")]
    pub(crate) level: Level,
}

/// A label map: one that is known by its name in the recipe, or what its file says. Files may change while
/// workers start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MapText {
    Named,
    Text(String),
    /// The classes that the recipe lists, or that were counted.
    Classes(Vec<String>),
}

impl MapText {
    /// Makes the map.
    ///
    /// - `choice`: what the recipe says
    pub(crate) fn map(&self, choice: &MapChoice) -> Result<LabelMap, Error> {
        match self {
            MapText::Text(text) => Ok(LabelMap::parse(text)?),
            MapText::Classes(classes) => Ok(LabelMap::of_classes(classes.clone())),
            MapText::Named => {
                let name = choice.to_string();
                LabelMap::named(&name).ok_or(Error::NoLabelMap { name })
            }
        }
    }
}

impl Job {
    /// Makes a job of a recipe whose labels, if it has any, the corpus has no alignments for.
    pub fn without_labels(key: &str, recipe: Recipe, level: Level) -> Job {
        let sample_rate_hz = recipe.example_rate_hz();
        Job { key: key.to_owned(), recipe, sample_rate_hz, maps: Vec::new(), level }
    }

    /// Returns the key of the job: what it writes belongs to it.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns what is computed.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Returns whether labels of 16 bits do not count the classes of each label array; nothing where there
    /// are no labels.
    pub(crate) fn wide_labels(&self) -> Vec<bool> {
        let arrays = self.recipe.labels().iter().zip(&self.maps);
        arrays.map(|(table, map)| map.map(&table.map).is_ok_and(|map| map.is_wide())).collect()
    }

    /// Returns whether the corpus has the alignments that label arrays are made of.
    pub(crate) fn has_labels(&self) -> bool {
        !self.maps.is_empty()
    }
}

/// Returns the recipe as the card and the job's file have it.
pub(crate) fn recipe_value(recipe: &Recipe) -> serde_json::Value {
    serde_json::to_value(recipe).unwrap_or_default()
}

fn write_level<S: Serializer>(level: &Level, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(level)
}

fn read_level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Level, D::Error> {
    let name = String::deserialize(deserializer)?;
    Level::named(&name)
        .ok_or_else(|| de::Error::custom(format!("this machine has no level {name:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_recipe::RecipeSource;

    #[test]
    fn a_job_told_to_a_worker_is_the_same_job() {
        for preset in Recipe::preset_names() {
            let source: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
            let job = Job {
                key: "key".to_owned(),
                recipe: source.finish().unwrap(),
                sample_rate_hz: 44_100,
                maps: vec![
                    MapText::Named,
                    MapText::Text("a A\nb B\n".to_owned()),
                    MapText::Classes(vec!["a".to_owned()]),
                ],
                level: Level::detect(),
            };
            let text = serde_json::to_string(&job).unwrap();
            assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job, "{preset}");
        }
    }

    #[test]
    fn a_level_that_this_machine_has_not_is_refused() {
        let job = Job {
            key: String::new(),
            recipe: Recipe::preset("kaldi-fbank")
                .unwrap()
                .parse::<RecipeSource>()
                .unwrap()
                .finish()
                .unwrap(),
            sample_rate_hz: 16_000,
            maps: Vec::new(),
            level: Level::BASELINE,
        };
        let text = serde_json::to_string(&job).unwrap();
        let other = text.replace(&format!("{:?}", Level::BASELINE.to_string()), "\"of 2050\"");
        assert_ne!(text, other);
        let error = serde_json::from_str::<Job>(&other).unwrap_err().to_string();
        assert!(error.contains("of 2050"), "{error}");
    }
}
