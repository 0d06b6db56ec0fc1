//! A dataset's array: its rows, and the recordings that they were computed of where those are still there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use ossicle_audio::{Channel, OpenOptions, Recording};
use ossicle_compare::{Origin, Side, agree};
use ossicle_dataset::{
    Dataset, Dtype, IndexRow, Matrix, NpyHeader, RUN_FILE, UtteranceRow, read_rows,
};
use ossicle_recipe::Recipe;
use serde::Deserialize;

use crate::messages;
use crate::simd;

/// A dataset's array.
#[derive(Debug)]
pub(crate) struct Stored {
    dataset: Dataset,
    recipe: Recipe,
    array: String,
    /// The number of columns of the array.
    columns: usize,
    /// The split and the place there of each utterance that is compared.
    places: Vec<(String, u64)>,
    names: Vec<String>,
    /// The folder of each split's recordings.
    roots: BTreeMap<String, PathBuf>,
}

impl Stored {
    /// Opens a dataset.
    ///
    /// - `array`: the array's name; absent, the first of features
    /// - `utterance`: the only utterance that is compared
    pub(crate) fn open(
        folder: &Path,
        array: Option<&str>,
        utterance: Option<&str>,
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
            bail!(messages::no_such_array(folder, &named, card.arrays.keys()));
        };
        let (mut names, mut places) = (Vec::new(), Vec::new());
        for split in &card.splits {
            for (place, row) in dataset.utterances(&split.name)?.enumerate() {
                let row = row?;
                if utterance.is_none_or(|utterance| utterance == row.id) {
                    names.push(row.id);
                    places.push((split.name.clone(), place as u64));
                }
            }
        }
        if let (Some(utterance), true) = (utterance, names.is_empty()) {
            let known = dataset.card().splits.first().map(|split| dataset.utterances(&split.name));
            let known =
                known.into_iter().flatten().flatten().take(3).filter_map(|row| Some(row.ok()?.id));
            let known: Vec<String> = known.collect();
            bail!(messages::no_utterance_in(folder, utterance, known.iter().map(|id| &**id)));
        }
        let roots = roots(folder);
        Ok(Stored { recipe, array: named, columns, places, names, roots, dataset })
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Reads an utterance's rows, and its recording if that is there and gives these rows.
    pub(crate) fn side(&self, place: usize) -> Result<Side> {
        let (split, number) = &self.places[place];
        let mut index = self.dataset.index_of(split, &self.array)?;
        let row: Option<IndexRow> = index.nth(*number as usize).transpose()?;
        let Some(row) = row else { bail!(messages::no_rows(&self.names[place])) };
        let shard = self.dataset.shard_path(split, &self.array, row.shard);
        let header = NpyHeader::read(&shard)?;
        let mut values = Vec::new();
        read_rows(&shard, &header, row.first_frame..row.first_frame + row.num_frames, &mut values)?;
        let rows = values.len() / self.columns;
        let matrix = Matrix::new(rows, self.columns, values);
        let utterance = self.dataset.utterances(split)?.nth(*number as usize).transpose()?;
        let origin = utterance.and_then(|utterance| self.origin(split, &utterance));
        let computed = origin.and_then(|origin| Side::computed(origin, simd::level().ok()?).ok());
        let origin =
            computed.filter(|side| agree(&side.matrix, &matrix)).and_then(|side| side.origin);
        Ok(Side { matrix, origin })
    }

    /// Finds what an utterance was computed of. None where it is not there any more, or no file of its own.
    fn origin(&self, split: &str, row: &UtteranceRow) -> Option<Origin> {
        if row.held.is_some() {
            return None;
        }
        let path = self.roots.get(split)?.join(&row.source);
        let channel: Channel = row.channel.parse().ok()?;
        let options = OpenOptions { raw: self.recipe.raw_format(), ..OpenOptions::of(channel) };
        let mut recording = Recording::open(&path, options).ok()?;
        let mut samples = Vec::new();
        recording.read_to_end(&mut samples).ok()?;
        let sample_rate_hz = recording.info().sample_rate_hz;
        let (start, end) = (row.start_sample as usize, row.end_sample as usize);
        let samples = samples.get(start..end.min(samples.len()))?.to_vec();
        let statistics = &self.dataset.card().normalization;
        let of_arrays =
            self.recipe.feature_names().into_iter().map(|name| statistics.get(name).cloned());
        Some(Origin {
            recipe: self.recipe.to_toml().parse().ok()?,
            statistics: of_arrays.collect(),
            array: Some(self.array.clone()),
            id: row.id.clone(),
            samples,
            sample_rate_hz,
        })
    }
}

/// The folders of recordings, as the run that made a dataset has noted them.
fn roots(folder: &Path) -> BTreeMap<String, PathBuf> {
    #[derive(Deserialize)]
    struct Run {
        corpus: BTreeMap<String, PathBuf>,
    }
    /// A run is noted in a few lines.
    const MOST_RUN_BYTES: u64 = 1 << 20;
    let text = ossicle_files::read_small(&folder.join(RUN_FILE), MOST_RUN_BYTES);
    let run = text.ok().and_then(|text| serde_json::from_str::<Run>(&text).ok());
    run.map(|run| run.corpus).unwrap_or_default()
}
