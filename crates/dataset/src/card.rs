//! The card, `dataset.json`: what a dataset holds.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::format::events::COLUMNS;
use crate::format::names::{CARD_FILE, INDEX_FILE, UTTERANCES_FILE, index_file, shard_file};
use crate::format::npy::Dtype;
use crate::index::IndexReader;
use crate::jsonl::UtteranceRows;
use crate::open::open_file;
use crate::store::{LocalStore, Store};

/// The format of a dataset whose arrays are on one grid of frames.
pub const FORMAT: &str = "ossicle-dataset/1";

/// The format of a dataset some of whose arrays are on other grids of frames than the first, and have an index
/// of their own; or whose files are in a [folder](Card::folder) of their own.
pub const FORMAT_OF_GRIDS: &str = "ossicle-dataset/2";

/// A card larger than this is not one: a dataset of 100,000 shards, which are 200 terabytes, has a card
/// of 20 MB. What is read takes up to ten times as much memory.
const MAX_CARD_BYTES: u64 = 1 << 26;

/// The contents of a dataset. Readers ignore keys that they do not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// [`FORMAT`] or [`FORMAT_OF_GRIDS`].
    pub format: String,
    /// The version of the program that wrote it.
    pub ossicle: String,
    /// The recipe that was computed.
    pub recipe: Value,
    /// The preset whose columns are those of the recipe, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// BLAKE3 of all that decides the bytes: version, recipe, the files it names, utterances.
    pub job: String,
    /// The arrays of every split, by name.
    pub arrays: BTreeMap<String, Array>,
    /// The frames' length and places.
    pub frame: FrameCard,
    /// The name of each class, for each label array.
    pub label_names: BTreeMap<String, Vec<String>>,
    /// The statistics that each feature array was normalised by.
    pub normalization: BTreeMap<String, Normalization>,
    /// The corpus it was made of.
    pub corpus: CorpusCard,
    /// The place where shards are cut, if not by their size: `parts`, of which each has a shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shards: Option<String>,
    /// The splits, in order.
    pub splits: Vec<SplitCard>,
    /// The folder that its files are in, beside the card, where that is not the card's own: in an object store,
    /// where nothing is renamed, it is a BLAKE3 of the job and of its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Every other file, with its size and hash.
    pub files: Vec<FileCard>,
}

/// One array of every split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Array {
    /// The type of one number.
    pub dtype: Dtype,
    /// The numbers in a row; 0 where a row is one number and the array has one dimension.
    pub columns: usize,
    /// The name of each column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub column_names: Vec<String>,
    /// The thing that a row is of.
    pub unit: Unit,
    /// The label that means "no label".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore_index: Option<i64>,
    /// The frames of an array that is on another grid than the dataset's: it has an index of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<FrameCard>,
}

impl Array {
    /// Describes an array of numbers a frame, or a sample.
    pub fn features(column_names: Vec<String>, unit: Unit) -> Array {
        Array {
            dtype: Dtype::Float32,
            columns: column_names.len(),
            column_names,
            unit,
            ignore_index: None,
            frame: None,
        }
    }

    /// Describes an array of one whole number a frame.
    ///
    /// - `ignore_index`: the number that means that there is none
    pub fn track(ignore_index: Option<i64>) -> Array {
        Array {
            dtype: Dtype::Int16,
            columns: 0,
            column_names: Vec::new(),
            unit: Unit::Frame,
            ignore_index,
            frame: None,
        }
    }

    /// Describes the same of numbers that 16 bits do not hold.
    pub fn wide_track(ignore_index: Option<i64>) -> Array {
        Array { dtype: Dtype::Int32, ..Array::track(ignore_index) }
    }

    /// Describes an array of events: where and when each happens, and how strong it is.
    pub fn events() -> Array {
        Array {
            dtype: Dtype::Event,
            columns: 0,
            column_names: COLUMNS.map(str::to_owned).into(),
            unit: Unit::Event,
            ignore_index: None,
            frame: None,
        }
    }
}

/// The thing that a row of an array is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Unit {
    /// A window of the recording.
    Frame,
    /// A sample of the recording.
    Sample,
    /// An event in the recording, such as a sound that begins: as many as there are, and
    /// `utterances.jsonl` says where those of an utterance lie.
    Event,
}

/// The places of frames, in samples. If recordings of several sample rates make these differ, they
/// are absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FrameCard {
    /// The sample rate of the recordings, in Hz.
    pub sample_rate_hz: Option<u32>,
    /// Samples in a frame.
    pub length: Option<u64>,
    /// Samples from one frame's first to the next frame's first.
    pub shift: Option<u64>,
    /// The sample at the centre of the first frame; before the recording's first where more than half a frame
    /// is padded.
    pub first_centre: Option<i64>,
}

/// The statistics that columns were normalised by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Normalization {
    /// The split they are of, `all`, or `dataset` for those of another dataset.
    pub stats_from: String,
    /// The number of frames they are of.
    pub count: u64,
    /// The mean of each column.
    pub mean: Vec<f64>,
    /// The standard deviation that each column was divided by.
    pub standard_deviation: Vec<f64>,
}

/// The corpus that a dataset was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorpusCard {
    /// The kind of corpus, in words: `TIMIT tree`, `folder` or `list`.
    pub kind: String,
    /// BLAKE3 over the id, the source and the size of every utterance.
    pub fingerprint: String,
    /// The number of recordings that belong to no split.
    pub left_out: u64,
    /// Why recordings are no utterances, in a fixed order of the reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out_because: Vec<LeftOutCard>,
    /// The number of files found that are neither a recording of the corpus nor an alignment.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ignored_files: u64,
    /// Those files by kind, the kinds with the most files first; those of other kinds are told as `others`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored_kinds: Vec<IgnoredCard>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The recordings that are no utterances for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutCard {
    /// The reason, in a word: `read-by-all`, `no-standard-split`, `not-in-splits-file`,
    /// `another-copy`, `outside-tree` or `headerless`.
    pub reason: String,
    /// The number of recordings.
    pub count: u64,
    /// The first of them in bytewise order: its id, or the path of one that has none.
    pub first: String,
}

/// The ignored files of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IgnoredCard {
    /// The extension in small letters, with its dot (`.txt`), or `no extension`, `hidden` or `others`.
    pub kind: String,
    /// The number of files.
    pub count: u64,
}

/// The counts of a split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitCard {
    /// The split's name, which is its folder's.
    pub name: String,
    /// The number of utterances in the dataset.
    pub utterances: u64,
    /// The number of their frames.
    pub frames: u64,
    /// The sum of their durations, in seconds.
    pub duration_s: f64,
    /// The number of utterances that are in the ledger instead.
    pub failures: u64,
    /// The number of its recordings that the corpus' rules leave out.
    pub left_out: u64,
    /// The number of shards of each array.
    pub shards: u64,
}

/// A file of the dataset.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileCard {
    /// Relative to the dataset, or to its [folder](Card::folder), with `/`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its BLAKE3, in hexadecimal.
    pub blake3: String,
}

/// A dataset on disk.
#[derive(Debug, Clone)]
pub struct Dataset {
    root: PathBuf,
    card: Card,
}

impl Dataset {
    /// Reads the card of the dataset at `root`. Whoever only reads may have links for files, as caches of
    /// downloads do.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn open(root: &Path) -> Result<Dataset, Error> {
        let path = root.join(CARD_FILE);
        let card = open_file(&path).and_then(|(mut file, bytes)| {
            let read = |text: &mut [u8]| file.read_exact(text).map_err(Error::io("read", &path));
            parse_card(&path, bytes, read)
        });
        match card {
            Err(error) if error.is_nothing() => Err(Error::NoCard { path: root.to_owned() }),
            Err(Error::BadFile { path, reason }) => {
                Err(Error::BadCard { path, reason: format!("it {reason}") })
            }
            card => Ok(Dataset::of(root, card?)),
        }
    }

    /// Reads the card of the dataset in a store's folder, which is to be written to: no link is followed.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn open_in(store: &LocalStore) -> Result<Dataset, Error> {
        match published_card(store)? {
            Some(card) => Ok(Dataset::of(store.root(), card)),
            None => Err(Error::NoCard { path: store.root().to_owned() }),
        }
    }

    fn of(root: &Path, card: Card) -> Dataset {
        let root = card.folder.as_ref().map_or(root.to_owned(), |folder| root.join(folder));
        Dataset { root, card }
    }

    /// The folder that its files are in: that of its card, unless the card says otherwise.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The card that describes it.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Returns the path of a shard of an array, whether or not there is one.
    pub fn shard_path(&self, split: &str, array: &str, shard: usize) -> PathBuf {
        self.root.join(shard_file(split, array, shard))
    }

    /// Opens the index of a split, which says where each utterance's frames lie, in order.
    ///
    /// # Errors
    /// If the split has no index, or a damaged one.
    pub fn index(&self, split: &str) -> Result<IndexReader, Error> {
        IndexReader::open(&self.root.join(split).join(INDEX_FILE))
    }

    /// Opens the index of an array in a split: its own, where it is on another grid than the dataset's frames.
    ///
    /// # Errors
    /// As [`Dataset::index`].
    pub fn index_of(&self, split: &str, array: &str) -> Result<IndexReader, Error> {
        let has_own = self.card.arrays.get(array).is_some_and(|array| array.frame.is_some());
        let file = if has_own { index_file(array) } else { INDEX_FILE.to_owned() };
        IndexReader::open(&self.root.join(split).join(file))
    }

    /// Opens the rows about a split's utterances, in the order of [`Dataset::index`].
    ///
    /// # Errors
    /// If the split has no such file.
    pub fn utterances(&self, split: &str) -> Result<UtteranceRows, Error> {
        UtteranceRows::open(&self.root.join(split).join(UTTERANCES_FILE))
    }
}

/// Reads the card of the dataset that is in a store, if there is one.
///
/// # Errors
/// If it cannot be read.
pub fn published_card(store: &dyn Store) -> Result<Option<Card>, Error> {
    match read_card(store, CARD_FILE) {
        Err(error) if error.is_nothing() => Ok(None),
        Err(Error::BadFile { path, reason }) => {
            Err(Error::BadCard { path, reason: format!("it {reason}") })
        }
        card => card.map(Some),
    }
}

pub(crate) fn read_card(store: &dyn Store, name: &str) -> Result<Card, Error> {
    let file = store.read(name)?;
    parse_card(&store.address(name), file.bytes(), |text| file.read_exact_at(text, 0))
}

/// - `read`: fills a buffer of the file's size
fn parse_card(
    path: &Path,
    bytes: u64,
    read: impl FnOnce(&mut [u8]) -> Result<(), Error>,
) -> Result<Card, Error> {
    let bad = |reason: String| Error::BadCard { path: path.to_owned(), reason };
    if bytes > MAX_CARD_BYTES {
        return Err(bad(format!("it has {bytes} bytes; a card has at most {MAX_CARD_BYTES}")));
    }
    let mut text = vec![0; bytes as usize];
    read(&mut text)?;
    let text = String::from_utf8(text).map_err(|_| bad("it is not UTF-8 text".to_owned()))?;
    Card::from_text(&text).map_err(bad)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A card of an empty dataset.
    pub(crate) fn empty_card() -> Card {
        Card {
            format: FORMAT.to_owned(),
            ossicle: "0.0.0".to_owned(),
            recipe: Value::Null,
            preset: None,
            job: "0".to_owned(),
            arrays: BTreeMap::new(),
            frame: FrameCard::default(),
            label_names: BTreeMap::new(),
            normalization: BTreeMap::from([(
                "features".to_owned(),
                Normalization {
                    stats_from: "train".to_owned(),
                    count: 3,
                    mean: vec![0.1, 1.0 / 3.0, -2e-300],
                    standard_deviation: vec![1e-5, 2.0, 3.0],
                },
            )]),
            corpus: CorpusCard {
                kind: "list".into(),
                fingerprint: "0".into(),
                left_out: 0,
                left_out_because: Vec::new(),
                ignored_files: 0,
                ignored_kinds: Vec::new(),
            },
            shards: None,
            splits: Vec::new(),
            folder: None,
            files: Vec::new(),
        }
    }

    /// The card of an empty split.
    pub(crate) fn split(name: &str) -> SplitCard {
        SplitCard {
            name: name.into(),
            utterances: 0,
            frames: 0,
            duration_s: 0.0,
            failures: 0,
            left_out: 0,
            shards: 0,
        }
    }
}
