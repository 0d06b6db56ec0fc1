//! Whether a dataset is what its card says.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::card::{Array, CARD_FILE, Card, Dataset, SplitCard};
use crate::error::Error;
use crate::layout::{FAILURES_FILE, INDEX_FILE, RUN_FILE, UTTERANCES_FILE, shard_file};
use crate::npy::{Dtype, NPY_HEADER_BYTES, NpyHeader};
use crate::publish::WORK_DIR;
use crate::rows::{FailureRow, UtteranceRow};

/// Something that is wrong with a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, relative to the dataset.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

/// What a verification looked at and found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many files were read.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// What is wrong; nothing, if the dataset is sound.
    pub findings: Vec<Finding>,
}

/// Reads the whole dataset: structure, counts, sizes, checksums, and that every number is finite.
///
/// # Errors
/// If there is no dataset. What is wrong with one that is there is in the [`Verification`].
pub fn verify(root: &Path) -> Result<Verification, Error> {
    let mut check = Check { root, seen: Verification::default() };
    let dataset = match Dataset::open(root) {
        Ok(dataset) => dataset,
        Err(Error::BadCard { reason, .. }) => {
            check.find(CARD_FILE, reason);
            return Ok(check.seen);
        }
        Err(error) => return Err(error),
    };
    let card = dataset.card();
    check.files(card);
    check.strangers(card)?;
    for split in &card.splits {
        check.split(card, split);
    }
    check.ledger(card);
    Ok(check.seen)
}

struct Check<'a> {
    root: &'a Path,
    seen: Verification,
}

impl Check<'_> {
    /// Notes what is wrong with a file; the first thing says enough.
    fn find(&mut self, file: &str, what: impl Into<String>) {
        if self.seen.findings.iter().any(|finding| finding.file == file) {
            return;
        }
        self.seen.findings.push(Finding { file: file.to_owned(), what: what.into() });
    }

    /// Every file the card names is there, with its size, its hash and finite numbers.
    fn files(&mut self, card: &Card) {
        for file in &card.files {
            let floats = array_of(card, &file.path).is_some_and(|a| a.dtype == Dtype::Float32);
            let digest = match Digest::of(&self.root.join(&file.path), floats) {
                Ok(digest) => digest,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    self.find(&file.path, "is missing");
                    continue;
                }
                Err(error) => {
                    self.find(&file.path, format!("cannot be read: {error}"));
                    continue;
                }
            };
            self.seen.files += 1;
            self.seen.bytes += digest.bytes;
            if digest.bytes != file.bytes {
                let (found, promised) = (digest.bytes, file.bytes);
                self.find(&file.path, format!("has {found} bytes; the card says {promised}"));
            } else if digest.hash != file.blake3 {
                self.find(&file.path, "its bytes do not match the checksum in the card");
            }
            if let Some(at) = digest.not_finite {
                self.find(&file.path, format!("the number at byte {at} is not finite"));
            }
        }
    }

    /// Nothing is there that the card does not name.
    fn strangers(&mut self, card: &Card) -> Result<(), Error> {
        let mut named: BTreeSet<&str> = card.files.iter().map(|file| file.path.as_str()).collect();
        named.extend([CARD_FILE, RUN_FILE]);
        let folders: BTreeSet<&str> = card.splits.iter().map(|split| split.name.as_str()).collect();
        for folder in [""].into_iter().chain(folders.iter().copied()) {
            let path = self.root.join(folder);
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) => {
                    self.find(folder, format!("cannot be read: {error}"));
                    continue;
                }
            };
            let mut names = Vec::new();
            for entry in entries {
                let entry = entry.map_err(Error::io("read", &path))?;
                let name = entry.file_name().to_string_lossy().into_owned();
                names.push(if folder.is_empty() { name } else { format!("{folder}/{name}") });
            }
            names.sort();
            for name in names {
                if name == WORK_DIR {
                    self.find(&name, "is left of a run that did not finish; run it again");
                } else if !named.contains(name.as_str()) && !folders.contains(name.as_str()) {
                    self.find(&name, "is not a file of the dataset");
                }
            }
        }
        Ok(())
    }

    /// Index, utterances and shards of a split agree with one another and with the card.
    fn split(&mut self, card: &Card, split: &SplitCard) {
        let index_file = format!("{}/{INDEX_FILE}", split.name);
        let index = match read_index(&self.root.join(&index_file)) {
            Ok(index) => index,
            Err(what) => return self.find(&index_file, what),
        };
        if index.len() as u64 != split.utterances {
            let what =
                format!("has {} rows; the card says {} utterances", index.len(), split.utterances);
            self.find(&index_file, what);
        }
        let shard_frames = match frames_of_shards(&index) {
            Ok(frames) => frames,
            Err(what) => return self.find(&index_file, what),
        };
        let frames: u64 = shard_frames.iter().sum();
        if frames != split.frames || shard_frames.len() as u64 != split.shards {
            let (have, want) = (shard_frames.len(), split.shards);
            let what = format!(
                "holds {frames} frames in {have} shards; the card says {} in {want}",
                split.frames
            );
            self.find(&index_file, what);
        }
        self.utterances(split, &index);
        for (name, array) in &card.arrays {
            for (shard, &frames) in shard_frames.iter().enumerate() {
                let file = shard_file(&split.name, name, shard);
                let mut shape = vec![frames];
                shape.extend((array.columns > 0).then_some(array.columns as u64));
                let expected = NpyHeader { dtype: array.dtype, shape };
                match read_header(&self.root.join(&file)) {
                    Ok(found) if found == expected => {}
                    Ok(found) => {
                        let what = format!("is {found:?}; the index says {expected:?}");
                        self.find(&file, what);
                    }
                    Err(what) => self.find(&file, what),
                }
            }
        }
    }

    /// The rows of `utterances.jsonl` are in order of id and as long as the index says.
    fn utterances(&mut self, split: &SplitCard, index: &[[i64; 3]]) {
        let name = format!("{}/{UTTERANCES_FILE}", split.name);
        let mut last = String::new();
        let mut rows = 0;
        let what = each_row(&self.root.join(&name), |row: UtteranceRow| {
            let expected = index.get(rows).map(|row| row[2]);
            rows += 1;
            if expected != i64::try_from(row.num_frames).ok() {
                return Err(format!("its num_frames is not the index's {expected:?}"));
            }
            if rows > 1 && row.id <= last {
                return Err(format!("{:?} does not come after {last:?}", row.id));
            }
            last = row.id;
            Ok(())
        });
        if let Err(what) = what {
            self.find(&name, what);
        } else if rows != index.len() {
            self.find(&name, format!("has {rows} rows; the index has {}", index.len()));
        }
    }

    /// The ledger has as many rows as the card says.
    fn ledger(&mut self, card: &Card) {
        let mut counts: Vec<u64> = vec![0; card.splits.len()];
        let what = each_row(&self.root.join(FAILURES_FILE), |row: FailureRow| {
            let split = card.splits.iter().position(|split| split.name == row.split);
            counts[split.ok_or_else(|| format!("split {:?} is unknown", row.split))?] += 1;
            Ok(())
        });
        if let Err(what) = what {
            return self.find(FAILURES_FILE, what);
        }
        for (split, rows) in card.splits.iter().zip(counts) {
            if split.failures != rows {
                let what =
                    format!("has {rows} of {}; the card says {}", split.name, split.failures);
                self.find(FAILURES_FILE, what);
            }
        }
    }
}

/// The array that a shard is of.
fn array_of<'a>(card: &'a Card, path: &str) -> Option<&'a Array> {
    let (_, file) = path.rsplit_once('/')?;
    let (array, _) = file.strip_suffix(".npy")?.rsplit_once('-')?;
    card.arrays.get(array)
}

struct Digest {
    bytes: u64,
    hash: String,
    /// Where the first number that is not finite lies.
    not_finite: Option<u64>,
}

impl Digest {
    fn of(path: &Path, floats: bool) -> std::io::Result<Digest> {
        let mut file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(std::io::Error::other("it is not a file"));
        }
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; 1 << 20];
        let (mut bytes, mut not_finite) = (0, None);
        loop {
            let filled = fill(&mut file, &mut buffer)?;
            hasher.update(&buffer[..filled]);
            if floats && not_finite.is_none() {
                // Whole numbers lie in whole buffers: both sizes are multiples of four.
                let skip = if bytes == 0 { NPY_HEADER_BYTES.min(filled) } else { 0 };
                let numbers = buffer[skip..filled].as_chunks().0;
                let at = numbers.iter().position(|&x| !f32::from_le_bytes(x).is_finite());
                not_finite = at.map(|at| bytes + (skip + 4 * at) as u64);
            }
            bytes += filled as u64;
            if filled < buffer.len() {
                break;
            }
        }
        Ok(Digest { bytes, hash: hasher.finalize().to_hex().to_string(), not_finite })
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn read_header(path: &Path) -> Result<NpyHeader, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let size = file.metadata().map_err(|error| error.to_string())?.len();
    let read = file.take(NPY_HEADER_BYTES as u64).read_to_end(&mut bytes);
    read.map_err(|error| format!("cannot be read: {error}"))?;
    let (header, length) = NpyHeader::parse(&bytes).map_err(|error| error.to_string())?;
    let expected = header.data_bytes().and_then(|data| data.checked_add(length as u64));
    if expected != Some(size) {
        let expected = expected.map_or("more than there can be".to_owned(), |n| n.to_string());
        return Err(format!("has {size} bytes; its header says {expected}"));
    }
    Ok(header)
}

fn read_index(path: &Path) -> Result<Vec<[i64; 3]>, String> {
    let header = read_header(path)?;
    if header.dtype != Dtype::Int64 || header.shape.get(1..) != Some(&[3]) {
        return Err(format!("is {header:?}; an index is int64 of three columns"));
    }
    let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    let numbers = bytes.get(NPY_HEADER_BYTES..).unwrap_or_default().as_chunks().0;
    let (rows, _) = numbers.as_chunks::<3>();
    Ok(rows.iter().map(|row| row.map(i64::from_le_bytes)).collect())
}

/// How many frames each shard has; an error where an utterance does not follow on the one before.
fn frames_of_shards(index: &[[i64; 3]]) -> Result<Vec<u64>, String> {
    let mut frames: Vec<u64> = vec![0];
    for (row, &[shard, first, count]) in index.iter().enumerate() {
        if usize::try_from(shard) == Ok(frames.len()) && row > 0 {
            frames.push(0);
        }
        let last = frames.len() - 1;
        let follows =
            usize::try_from(shard) == Ok(last) && u64::try_from(first) == Ok(frames[last]);
        match u64::try_from(count) {
            Ok(count) if follows => frames[last] = frames[last].saturating_add(count),
            _ => return Err(format!("row {row} does not follow on the row before")),
        }
    }
    Ok(frames)
}

fn each_row<T: serde::de::DeserializeOwned>(
    path: &Path,
    mut row: impl FnMut(T) -> Result<(), String>,
) -> Result<(), String> {
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let at = |what: String| format!("line {}: {what}", number + 1);
        let line = line.map_err(|error| at(error.to_string()))?;
        let parsed = serde_json::from_str(&line).map_err(|error| at(error.to_string()))?;
        row(parsed).map_err(at)?;
    }
    Ok(())
}
