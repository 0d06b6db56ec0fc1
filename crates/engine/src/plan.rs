//! What is to be done, decided before anything is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ossicle_corpus::{
    Corpus, CorpusSource, DiscoverOptions, LabelMap, Sought, Split, Utterance, printable,
};
use ossicle_dataset::{Array, Card, Dataset, Dtype, Normalization, Unit};
use ossicle_dsp::{Level, Splice};

use crate::error::Error;
use crate::feature_arrays::FeatureArray;
use crate::job::{Job, LabelArray};
use crate::limits;
use crate::notice::Notice;
use crate::part::{self, Part};
use crate::patience::a_few_times;
use crate::recipe::{Recipe, Scope};

/// A job, planned: everything that decides its bytes, and how it is cut into parts.
#[derive(Debug)]
pub struct Plan {
    pub(crate) job: Job,
    pub(crate) corpus: Corpus,
    notices: Vec<Notice>,
    pub(crate) splice: Splice,
    pub(crate) features: Vec<FeatureArray>,
    pub(crate) statistics: Option<Statistics>,
    pub(crate) parts: Vec<Part>,
    /// BLAKE3 of the utterances: ids, sources, sizes.
    pub(crate) fingerprint: String,
    /// BLAKE3 of the ids and sources alone, which name the job; sizes may change while it is resumed.
    pub(crate) listing: String,
}

/// Where the statistics of normalisation come from.
#[derive(Debug)]
pub(crate) enum Statistics {
    /// Of these splits, by their place in the corpus.
    Of { name: String, splits: Vec<usize> },
    /// Of another dataset.
    Given(Normalization),
}

/// The environment variable that forces an instruction set, for tests and bug reports.
pub const SIMD_VARIABLE: &str = "OSSICLE_SIMD";

impl Plan {
    /// Finds the corpus and plans its extraction.
    ///
    /// - `stdin`: read only where the corpus is a list on standard input
    ///
    /// # Errors
    /// If the corpus is unusable, or the recipe does not fit it.
    pub fn new(
        source: &CorpusSource,
        splits_file: Option<&Path>,
        recipe: Recipe,
        stdin: &mut dyn std::io::BufRead,
    ) -> Result<Plan, Error> {
        // Looking for recordings opens folders, and must not fail over that.
        limits::make_room(1, None)?;
        let options = DiscoverOptions {
            splits_file: splits_file.map(Path::to_owned),
            sought: if recipe.reads_spikes() {
                Sought::Spikes
            } else if recipe.raw_format().is_some() {
                Sought::RawAudioToo
            } else {
                Sought::Audio
            },
            // Spikes do not say where the recording ended: its phones do.
            alignments: !recipe.labels.is_empty() || recipe.reads_spikes(),
        };
        let mut discover = || ossicle_corpus::discover(source, &options, stdin);
        let corpus = match source {
            // What was read of it does not come a second time.
            CorpusSource::Stdin => discover()?,
            _ => a_few_times(discover)?,
        };
        let mut notices = corpus.notices.iter().cloned().map(Notice::Corpus).collect();
        let labels = label_arrays(&recipe, &corpus, &mut notices)?;
        let statistics = statistics(&recipe, &corpus, &mut notices)?;
        let mut fingerprint = blake3::Hasher::new();
        let mut listing = blake3::Hasher::new();
        for split in &corpus.splits {
            // A record ends where its text does: no name has a newline, printed.
            let head = format!("split {}\n", split.name);
            fingerprint.update(head.as_bytes());
            listing.update(head.as_bytes());
            for utterance in &split.utterances {
                let source = printable(&utterance.source);
                let record = format!("{}\n{source}\n", utterance.id);
                listing.update(record.as_bytes());
                fingerprint.update(format!("{record}{}\n", utterance.size_bytes).as_bytes());
            }
        }
        let listing = listing.finalize().to_hex().to_string();
        let mut job = blake3::Hasher::new();
        job.update(concat!("ossicle ", env!("CARGO_PKG_VERSION"), "\n").as_bytes());
        job.update(recipe.to_toml().as_bytes());
        job.update(listing.as_bytes());
        for text in labels.iter().filter_map(|array| array.text.as_deref()) {
            job.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        }
        if let Some(Statistics::Given(given)) = &statistics {
            for x in given.mean.iter().chain(&given.standard_deviation) {
                job.update(&x.to_le_bytes());
            }
        }
        job.update(&[u8::from(labels.is_empty())]);
        let key = job.finalize().to_hex().to_string();
        Ok(Plan {
            splice: recipe.splice()?,
            features: FeatureArray::all(&recipe)?,
            statistics,
            parts: part::cut(&corpus.splits),
            fingerprint: fingerprint.finalize().to_hex().to_string(),
            listing,
            job: Job::new(key, recipe, labels, simd_level()?)?,
            corpus,
            notices,
        })
    }

    /// The same job on some of the utterances. Its statistics have to be given: those of all are not to
    /// be had from some.
    pub(crate) fn some(mut self, keep: impl Fn(&Split, &Utterance) -> bool) -> Plan {
        for split in &mut self.corpus.splits {
            let mut utterances = std::mem::take(&mut split.utterances);
            utterances.retain(|utterance| keep(split, utterance));
            split.utterances = utterances;
        }
        self.parts = part::cut(&self.corpus.splits);
        self
    }

    /// The corpus that was found.
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// What is computed.
    pub fn recipe(&self) -> &Recipe {
        &self.job.recipe
    }

    /// The parts that the work is cut into.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What the user should know before work begins.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// What the sizes and times of all recordings and alignments are now, as a hash.
    pub(crate) fn sources(&self) -> Result<String, Error> {
        let mut hasher = blake3::Hasher::new();
        for split in &self.corpus.splits {
            hasher.update(
                part::sources(&split.root, &split.utterances, self.job.recipe.reads_spikes())?
                    .as_bytes(),
            );
        }
        Ok(hasher.finalize().to_hex().to_string())
    }

    pub(crate) fn split(&self, part: &Part) -> &Split {
        &self.corpus.splits[part.split]
    }

    /// The number of columns of the feature array, with deltas and neighbouring frames.
    pub fn row_dim(&self) -> usize {
        self.splice.wide_dim(self.job.wide_dim())
    }

    /// The names of the arrays that have a whole number a frame, in the order of a part: the mask of
    /// speech, and labels.
    pub(crate) fn track_names(&self) -> impl Iterator<Item = &str> {
        let labels = self.job.labels.iter().map(|array| array.table.name.as_str());
        self.job.recipe.vad.iter().map(|vad| vad.name.as_str()).chain(labels)
    }

    /// How many bytes a frame takes in all arrays.
    pub(crate) fn frame_bytes(&self) -> u64 {
        (4 * self.row_dim() + 2 * self.job.num_tracks()) as u64
    }

    /// The arrays of the dataset.
    pub(crate) fn arrays(&self) -> BTreeMap<String, Array> {
        let features = |array: &FeatureArray| {
            let card = Array {
                dtype: Dtype::Float32,
                columns: array.columns.len(),
                column_names: array.column_names.clone(),
                unit: Unit::Frame,
                ignore_index: None,
            };
            (array.name.clone(), card)
        };
        let labels = |array: &LabelArray| {
            let array_card = Array {
                dtype: Dtype::Int16,
                columns: 0,
                column_names: Vec::new(),
                unit: Unit::Frame,
                ignore_index: Some(ossicle_corpus::IGNORE.into()),
            };
            (array.table.name.clone(), array_card)
        };
        let vad = |table: &crate::recipe::VadTable| {
            let array = Array {
                dtype: Dtype::Int16,
                columns: 0,
                column_names: Vec::new(),
                unit: Unit::Frame,
                ignore_index: None,
            };
            (table.name.clone(), array)
        };
        let tracks = self.job.labels.iter().map(labels).chain(self.job.recipe.vad.iter().map(vad));
        let spikes = |name: &str| {
            let array = Array {
                dtype: Dtype::Spike,
                columns: 0,
                column_names: ["channel", "sample", "amplitude"].map(str::to_owned).into(),
                unit: Unit::Event,
                ignore_index: None,
            };
            (name.to_owned(), array)
        };
        let spikes = self.job.recipe.spikes_name().map(spikes);
        self.features.iter().map(features).chain(tracks).chain(spikes).collect()
    }
}

/// The label arrays.
fn label_arrays(
    recipe: &Recipe,
    corpus: &Corpus,
    notices: &mut Vec<Notice>,
) -> Result<Vec<LabelArray>, Error> {
    let mut arrays = Vec::new();
    for table in &recipe.labels {
        let (map, text) = match LabelMap::named(&table.map) {
            Some(map) => (map, None),
            None => {
                let path = Path::new(&table.map);
                let text = fs::read_to_string(path)
                    .map_err(|source| Error::LabelMap { map: table.map.clone(), source })?;
                (LabelMap::parse(&text)?, Some(text))
            }
        };
        arrays.push(LabelArray { table: table.clone(), map, text });
    }
    let mut utterances = corpus.splits.iter().flat_map(|split| &split.utterances);
    if !arrays.is_empty() && !utterances.any(|utterance| utterance.alignment.is_some()) {
        arrays.clear();
        if recipe.reads_spikes() {
            return Err(Error::NoPhones);
        }
        notices.push(Notice::NoAlignments);
    }
    Ok(arrays)
}

/// Where the statistics come from, of what there is.
fn statistics(
    recipe: &Recipe,
    corpus: &Corpus,
    notices: &mut Vec<Notice>,
) -> Result<Option<Statistics>, Error> {
    let Some(normalize) = &recipe.normalize else { return Ok(None) };
    if normalize.scope != Scope::Corpus {
        return Ok(None);
    }
    let from = normalize.stats_from.as_deref().unwrap_or("train");
    let named = |name: &str| corpus.splits.iter().position(|split| split.name == name);
    if let Some(split) = named(from) {
        let empty = |split: &Split| split.utterances.is_empty();
        if empty(&corpus.splits[split]) && !corpus.splits.iter().all(empty) {
            return Err(Error::EmptySplit { split: from.to_owned() });
        }
        return Ok(Some(Statistics::Of { name: from.to_owned(), splits: vec![split] }));
    }
    if from == "all" {
        let splits = (0..corpus.splits.len()).collect();
        return Ok(Some(Statistics::Of { name: from.to_owned(), splits }));
    }
    if Path::new(from).is_dir() {
        return given_statistics(recipe, from).map(|given| Some(Statistics::Given(given)));
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

fn given_statistics(recipe: &Recipe, folder: &str) -> Result<Normalization, Error> {
    let dataset = Dataset::open(Path::new(folder)).map_err(Error::Statistics)?;
    let whole = whole_statistics(dataset.card(), recipe)?;
    let whole = whole.ok_or_else(|| {
        let found = dataset.card().normalization.values().map(|n| n.mean.len()).sum();
        let wanted = recipe.deltas().map_or(0, |deltas| deltas.wide_dim(recipe.dim()));
        Error::OtherStatistics { folder: folder.to_owned(), found, wanted }
    })?;
    if dataset.card().recipe.get("feature") != serde_json::to_value(&recipe.feature).ok().as_ref() {
        return Err(Error::OtherFeature { folder: folder.to_owned() });
    }
    Ok(whole)
}

/// A card's statistics of the wide columns of this recipe; none if it has not all of them.
pub(crate) fn whole_statistics(
    card: &Card,
    recipe: &Recipe,
) -> Result<Option<Normalization>, Error> {
    let columns = recipe.deltas()?.wide_dim(recipe.dim());
    let mut whole = Normalization {
        stats_from: "dataset".to_owned(),
        count: 0,
        mean: vec![0.0; columns],
        standard_deviation: vec![1.0; columns],
    };
    for array in FeatureArray::all(recipe)? {
        let given = card.normalization.get(&array.name);
        if given.and_then(|given| array.restore(given, &mut whole)).is_none() {
            return Ok(None);
        }
    }
    Ok(Some(whole))
}

/// The instruction set that the environment asks for, or else the machine's richest.
///
/// # Errors
/// If this machine has none of that name.
pub fn simd_level() -> Result<Level, Error> {
    let Ok(name) = std::env::var(SIMD_VARIABLE) else { return Ok(Level::detect()) };
    Level::named(&name).ok_or_else(|| {
        let known: Vec<_> = Level::available().map(|level| level.to_string()).collect();
        Error::SimdLevel { name: name.clone(), known: known.join(", ") }
    })
}
