//! What every part is computed by: a recipe, made ready. A worker needs this and nothing else of a plan.

use ossicle_audio::RawFormat;
use ossicle_corpus::LabelMap;
use ossicle_dsp::{Deltas, EnergyVad, Level, SlidingNormalizer};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::recipe::{LabelsTable, Recipe, RecipeSource};
use crate::spikegram::SpikeJob;

/// What every part is computed by.
#[derive(Debug)]
pub(crate) struct Job {
    /// BLAKE3 of what decides the bytes apart from the recordings' content.
    pub(crate) key: String,
    pub(crate) recipe: Recipe,
    pub(crate) raw: Option<RawFormat>,
    pub(crate) deltas: Deltas,
    pub(crate) sliding: Option<SlidingNormalizer>,
    pub(crate) vad: Option<EnergyVad>,
    /// The label arrays; empty where the corpus has no alignments.
    pub(crate) labels: Vec<LabelArray>,
    /// What makes spikegrams, where they are what is computed.
    pub(crate) spikes: Option<SpikeJob>,
    pub(crate) level: Level,
    dim: usize,
}

/// A label array.
#[derive(Debug)]
pub(crate) struct LabelArray {
    pub(crate) table: LabelsTable,
    pub(crate) map: LabelMap,
    /// What the map's file says, where it is one.
    pub(crate) text: Option<String>,
}

/// A job as it is told to a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct JobMessage {
    /// The coordinator's: a program that was replaced while it runs starts other workers.
    version: String,
    key: String,
    recipe: String,
    /// For each label array, what its map's file says: files may change while workers start.
    maps: Vec<Option<String>>,
    level: String,
}

impl Job {
    pub(crate) fn new(
        key: String,
        recipe: Recipe,
        labels: Vec<LabelArray>,
        level: Level,
    ) -> Result<Job, Error> {
        Ok(Job {
            key,
            raw: recipe.raw_format(),
            deltas: recipe.deltas()?,
            sliding: recipe.sliding()?,
            vad: recipe.vad()?,
            spikes: SpikeJob::new(&recipe),
            labels,
            level,
            dim: recipe.dim(),
            recipe,
        })
    }

    pub(crate) fn to_message(&self) -> JobMessage {
        JobMessage {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            key: self.key.clone(),
            recipe: self.recipe.to_toml(),
            maps: self.labels.iter().map(|array| array.text.clone()).collect(),
            level: self.level.to_string(),
        }
    }

    pub(crate) fn of_message(message: JobMessage) -> Result<Job, Error> {
        let (theirs, ours) = (&message.version, env!("CARGO_PKG_VERSION"));
        if theirs != ours {
            return Err(Error::OtherVersion { theirs: theirs.clone(), ours });
        }
        let recipe = message.recipe.parse::<RecipeSource>()?.finish()?;
        // Where the corpus has no alignments there are no maps, whatever the recipe says.
        let labels = recipe.labels.iter().zip(message.maps).map(|(table, text)| {
            let map = match &text {
                Some(text) => LabelMap::parse(text)?,
                None => LabelMap::named(&table.map)
                    .ok_or_else(|| Error::NoLabelMap { name: table.map.clone() })?,
            };
            Ok(LabelArray { table: table.clone(), map, text })
        });
        let labels = labels.collect::<Result<_, Error>>()?;
        let level = Level::named(&message.level)
            .ok_or_else(|| Error::NoLevel { name: message.level.clone() })?;
        Job::new(message.key, recipe, labels, level)
    }

    /// The number of base columns.
    pub(crate) fn dim(&self) -> usize {
        self.dim
    }

    /// The number of columns with deltas.
    pub(crate) fn wide_dim(&self) -> usize {
        self.deltas.wide_dim(self.dim)
    }

    /// How many arrays have a whole number a frame: labels, and the mask of speech.
    pub(crate) fn num_tracks(&self) -> usize {
        self.labels.len() + usize::from(self.vad.is_some())
    }

    /// Whether spikes become an array.
    pub(crate) fn keeps_spikes(&self) -> bool {
        self.recipe.spikes_name().is_some()
    }

    /// How many bytes a frame takes in a part.
    pub(crate) fn part_frame_bytes(&self) -> u64 {
        (4 * self.dim + 2 * self.num_tracks()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_told_to_a_worker_is_the_same_job() {
        let mut source: RecipeSource = Recipe::preset("timit-mfcc").unwrap().parse().unwrap();
        source.set("feature.num_ceps=13").unwrap();
        let recipe = source.finish().unwrap();
        let text = "a A\nb B\n";
        let map = LabelMap::parse(text).unwrap();
        let labels =
            vec![LabelArray { table: recipe.labels[0].clone(), map, text: Some(text.to_owned()) }];
        let job = Job::new("key".to_owned(), recipe, labels, Level::BASELINE).unwrap();
        let text = serde_json::to_string(&job.to_message()).unwrap();
        let told = Job::of_message(serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(told.labels[0].map.class_names(), ["A", "B"]);
        assert_eq!(told.dim(), 13);
        assert_eq!((told.recipe, told.key, told.level), (job.recipe, job.key, job.level));
    }
}
