//! A dataset's array: its rows, and the recordings that they were computed of where those are still there.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};
use ossicle_compare::{Origin, Side, agree};
use ossicle_dataset::{
    Dataset, Dtype, IndexRow, LocalStore, Matrix, Normalization, NpyHeader, Store, UTTERANCES_FILE,
    UtteranceRow, line_at, read_rows,
};
use ossicle_recipe::Recipe;
use serde::Deserialize;
use serde_json::Value;

use crate::compare::making::Making;
use crate::messages;
use crate::run_notes::{corpus_of, run_of};
use crate::simd;
use crate::sound::Sound;
use crate::soundness::{MOST_OF_ALL, Soundness};

/// A dataset's array.
#[derive(Debug)]
pub(crate) struct Stored {
    dataset: Dataset,
    recipe: Recipe,
    array: String,
    /// The number of columns of the array.
    columns: usize,
    /// Each utterance that is compared.
    places: Vec<Place>,
    names: Vec<String>,
    /// What the run has written down.
    run: Option<Value>,
}

/// The place of an utterance.
#[derive(Debug)]
struct Place {
    split: String,
    /// Where its line begins in the list of the split's utterances.
    offset: u64,
    rows: IndexRow,
}

impl Stored {
    /// Opens a dataset.
    ///
    /// - `array`: the array's name; absent, the first of features; and the option that names it
    /// - `utterance`: the only utterance that is compared
    /// - `say`: is told of shards that are too large to be compared with the card first
    pub(crate) fn open(
        folder: &Path,
        (array, option): (Option<&str>, &str),
        utterance: Option<&str>,
        say: &dyn Fn(&str),
    ) -> Result<Stored> {
        let dataset = Dataset::open(folder)?;
        let card = dataset.card();
        let recipe = Recipe::deserialize(&card.recipe)?;
        let named = array
            .or_else(|| recipe.feature_names().first().copied())
            .unwrap_or_default()
            .to_owned();
        let found = card.arrays.get(&named).filter(|array| array.dtype == Dtype::Float32);
        let Some(columns) = found.map(|array| array.columns.max(1)) else {
            bail!(messages::no_such_array(folder, &named, option, card.arrays.keys()));
        };
        let soundness = Soundness::new(&dataset, MOST_OF_ALL, say);
        soundness.check_lists(None)?;
        let (mut names, mut places) = (Vec::new(), Vec::new());
        for split in &card.splits {
            let mut utterances = dataset.utterances(&split.name)?;
            let mut index = dataset.index_of(&split.name, &named)?;
            while let Some(row) = utterances.next().transpose()? {
                let Some(rows) = index.next().transpose()? else {
                    bail!(messages::no_rows(&row.id))
                };
                if utterance.is_none_or(|utterance| utterance == row.id) {
                    names.push(row.id);
                    let (split, offset) = (split.name.clone(), utterances.offset());
                    places.push(Place { split, offset, rows });
                }
            }
        }
        if let (Some(utterance), true) = (utterance, names.is_empty()) {
            let known = dataset.card().splits.first().map(|split| dataset.utterances(&split.name));
            let known =
                known.into_iter().flatten().flatten().take(4).filter_map(|row| Some(row.ok()?.id));
            let known: Vec<String> = known.collect();
            bail!(messages::no_utterance_in(folder, utterance, known.iter().map(|id| &**id)));
        }
        soundness.check_shards(shards(&named, &places))?;
        let run = run_of(dataset.root());
        Ok(Stored { recipe, array: named, columns, places, names, run, dataset })
    }

    /// How its rows were made.
    pub(crate) fn making(&self) -> Making {
        Making { recipe: self.recipe.clone(), statistics: self.statistics() }
    }

    /// The statistics that its arrays were normalised by. None where they were not all.
    fn statistics(&self) -> Option<Vec<Normalization>> {
        let of = &self.dataset.card().normalization;
        self.recipe.feature_names().into_iter().map(|name| of.get(name).cloned()).collect()
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Reads an utterance's rows.
    pub(crate) fn matrix(&self, place: usize) -> Result<Matrix> {
        let Place { split, rows, .. } = &self.places[place];
        let shard = self.dataset.shard_path(split, &self.array, rows.shard);
        let header = NpyHeader::read(&shard)?;
        let mut values = Vec::new();
        let range = rows.first_frame..rows.first_frame + rows.num_frames;
        read_rows(&shard, &header, range, &mut values)?;
        Ok(Matrix::new(values.len() / self.columns, self.columns, values))
    }

    /// Reads an utterance's rows, and its recording if that is there and gives these rows.
    pub(crate) fn side(&self, place: usize) -> Result<Side> {
        let Place { split, .. } = &self.places[place];
        let matrix = self.matrix(place)?;
        let origin = self.origin(split, &self.row(&self.places[place])?);
        let computed = origin.and_then(|origin| Side::computed(origin, simd::level().ok()?).ok());
        let origin =
            computed.filter(|side| agree(&side.matrix, &matrix)).and_then(|side| side.origin);
        Ok(Side { matrix, origin })
    }

    /// Reads what the dataset says of an utterance.
    fn row(&self, place: &Place) -> Result<UtteranceRow> {
        let name = format!("{}/{UTTERANCES_FILE}", place.split);
        let file = LocalStore::new(self.dataset.root()).read(&name)?;
        Ok(serde_json::from_slice(&line_at(&*file, place.offset)?)?)
    }

    /// Finds what an utterance was computed of. None where it is not there any more, or no file of its own.
    fn origin(&self, split: &str, row: &UtteranceRow) -> Option<Origin> {
        if row.held.is_some() {
            return None;
        }
        let path = corpus_of(self.run.as_ref()?, split)?.join(&row.source);
        let sound = Sound::read_channel(&path, &self.recipe, row.channel.parse().ok()?).ok()?;
        let Sound { samples, sample_rate_hz, .. } = sound.cut(row.start_sample, row.end_sample);
        Some(Origin {
            recipe: self.recipe.to_toml().parse().ok()?,
            statistics: self.statistics(),
            array: Some(self.array.clone()),
            id: row.id.clone(),
            samples,
            sample_rate_hz,
        })
    }
}

/// The shards that some utterances' rows are in, each with its split and array.
fn shards<'a>(array: &'a str, places: &'a [Place]) -> BTreeSet<(&'a str, &'a str, usize)> {
    places.iter().map(|place| (place.split.as_str(), array, place.rows.shard)).collect()
}
