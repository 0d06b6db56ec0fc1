//! A part: a run of consecutive utterances of one split, and the file that it becomes.
//!
//! A part is the unit of scheduling, of commit and of resume. Its file holds what is cheapest to keep:
//! the base columns, and of the wide ones only their statistics, utterance by utterance. In this order,
//! all little-endian:
//!
//! | block | what |
//! |---|---|
//! | features | float32 `[frames, dim]`, the base columns, of its good utterances |
//! | labels | int16 `[frames]` for each label array |
//! | moments | float64 mean and M2 `[2, wide dim]` for each good utterance |
//! | utterances | their rows of `utterances.jsonl` |
//! | failures | the other utterances' rows of `failures.jsonl` |
//! | footer | JSON: [`Footer`] |
//! | trailer | the footer's length (8 bytes), BLAKE3 of all before (32), a magic word (8) |
//!
//! It is written under a temporary name and renamed. Whatever is found under the final name with a
//! matching hash and job key is taken as done, so parts need no sync.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use ossicle_corpus::{Split, Utterance};
use ossicle_dataset::{FailureRow, HashingFile, UtteranceRow};
use ossicle_dsp::Moments;
use serde::{Deserialize, Serialize};

use crate::error::Error;

#[cfg(target_endian = "big")]
compile_error!("parts and shards are written as they lie in memory: little-endian machines only");

/// A run of consecutive utterances of one split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its place among all parts; its file is named after it.
    pub number: usize,
    /// The split, by its place in the corpus.
    pub split: usize,
    /// Which of the split's utterances.
    pub utterances: Range<usize>,
    /// How large their recordings are, together.
    pub source_bytes: u64,
}

const MIB: u64 = 1 << 20;

/// Cuts a corpus into parts, by the list of utterances and their sizes alone: never by workers or timing.
pub(crate) fn cut(splits: &[Split]) -> Vec<Part> {
    let utterances = || splits.iter().flat_map(|split| &split.utterances);
    let total: u64 = utterances().map(|utterance| utterance.size_bytes).sum();
    let target = (total / 4096).clamp(16 * MIB, 512 * MIB);
    // Short recordings cost by the file, so a small target is not all of it. A small corpus gets
    // small parts: with 256 of them, the last ones to end leave few workers idle for long.
    let most_utterances = match target / (16 * MIB) {
        1 => (utterances().count() / 256).clamp(4, 64),
        scale => usize::try_from(64 * scale).unwrap_or(usize::MAX),
    };
    let mut parts = Vec::new();
    for (split, utterances) in splits.iter().map(|split| &split.utterances).enumerate() {
        let mut begin = 0;
        let mut bytes = 0;
        for (at, utterance) in utterances.iter().enumerate() {
            bytes += utterance.size_bytes;
            let end = at + 1;
            if bytes >= target || end - begin >= most_utterances || end == utterances.len() {
                let (number, utterances) = (parts.len(), begin..end);
                parts.push(Part { number, split, utterances, source_bytes: bytes });
                (begin, bytes) = (end, 0);
            }
        }
    }
    parts
}

impl Part {
    /// Its file below the folder of parts.
    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{:06}.part", self.number))
    }
}

/// What a part's file says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Footer {
    /// The job it belongs to.
    pub(crate) job: String,
    /// BLAKE3 of its utterances' ids, and of the sizes and times of their files when it was made.
    pub(crate) sources: String,
    /// The frames of each good utterance.
    pub(crate) num_frames: Vec<u64>,
    /// How many utterances failed.
    pub(crate) failures: u64,
    /// How many samples were used, by sample rate.
    pub(crate) samples: BTreeMap<u32, u64>,
    /// Where each block ends.
    pub(crate) features_end: u64,
    pub(crate) labels_end: u64,
    pub(crate) moments_end: u64,
    pub(crate) utterances_end: u64,
    pub(crate) failures_end: u64,
}

impl Footer {
    pub(crate) fn frames(&self) -> u64 {
        self.num_frames.iter().sum()
    }
}

/// What decides whether a part has to be made again: ids, and sizes and times of recordings and
/// alignments as they are now.
pub(crate) fn sources(root: &Path, utterances: &[Utterance]) -> String {
    let mut hasher = blake3::Hasher::new();
    for utterance in utterances {
        hasher.update(utterance.id.as_bytes()).update(&[0]);
        hasher.update(&utterance.size_bytes.to_le_bytes());
        hasher.update(&utterance.modified_ns.to_le_bytes());
        if let Some(alignment) = &utterance.alignment {
            let metadata = fs::metadata(root.join(alignment)).ok();
            let size = metadata.as_ref().map_or(0, fs::Metadata::len);
            let time = metadata.and_then(|metadata| metadata.modified().ok());
            let time = time.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            hasher.update(&size.to_le_bytes());
            hasher.update(&time.map_or(0, |time| time.as_nanos() as u64).to_le_bytes());
        }
    }
    hasher.finalize().to_hex().to_string()
}

const MAGIC: &[u8; 8] = b"ossprt01";
const TRAILER_BYTES: u64 = 8 + 32 + 8;

/// Writes a part, utterance by utterance.
#[derive(Debug)]
pub(crate) struct PartWriter {
    path: PathBuf,
    draft: PathBuf,
    file: HashingFile,
    footer: Footer,
    labels: Vec<Vec<i16>>,
    moments: Vec<f64>,
    utterances: Vec<u8>,
    failures: Vec<u8>,
}

impl PartWriter {
    pub(crate) fn create(
        path: PathBuf,
        num_label_arrays: usize,
        job: &str,
        sources: String,
    ) -> Result<PartWriter, Error> {
        let draft = path.with_extension("draft");
        Ok(PartWriter {
            file: HashingFile::create(&draft)?,
            draft,
            path,
            footer: Footer { job: job.to_owned(), sources, ..Footer::default() },
            labels: vec![Vec::new(); num_label_arrays],
            moments: Vec::new(),
            utterances: Vec::new(),
            failures: Vec::new(),
        })
    }

    /// Appends a good utterance.
    ///
    /// - `features`: its base rows
    /// - `labels`: for each label array its labels
    /// - `moments`: of its wide rows
    pub(crate) fn append(
        &mut self,
        row: &UtteranceRow,
        features: &[f32],
        labels: &[Vec<i16>],
        moments: &Moments,
    ) -> Result<(), Error> {
        self.file.append(bytemuck::cast_slice(features))?;
        for (all, labels) in self.labels.iter_mut().zip(labels) {
            all.extend_from_slice(labels);
        }
        self.moments.extend_from_slice(&moments.mean);
        self.moments.extend_from_slice(&moments.m2);
        append_line(&mut self.utterances, row);
        self.footer.num_frames.push(row.num_frames);
        *self.footer.samples.entry(row.sample_rate_hz).or_default() +=
            row.end_sample - row.start_sample;
        Ok(())
    }

    /// Appends an utterance that failed.
    pub(crate) fn append_failure(&mut self, row: &FailureRow) {
        append_line(&mut self.failures, row);
        self.footer.failures += 1;
    }

    /// Ends the file and gives it its name: the part is done.
    pub(crate) fn commit(mut self) -> Result<(), Error> {
        self.footer.features_end = self.file.len();
        for labels in &self.labels {
            self.file.append(bytemuck::cast_slice(labels))?;
        }
        self.footer.labels_end = self.file.len();
        self.file.append(bytemuck::cast_slice(&self.moments))?;
        self.footer.moments_end = self.file.len();
        self.file.append(&self.utterances)?;
        self.footer.utterances_end = self.file.len();
        self.file.append(&self.failures)?;
        self.footer.failures_end = self.file.len();
        let mut footer = Vec::new();
        append_line(&mut footer, &self.footer);
        self.file.append(&footer)?;
        self.file.append(&(footer.len() as u64).to_le_bytes())?;
        let hash = self.file.hash();
        self.file.append(&hash)?;
        self.file.append(MAGIC)?;
        self.file.finish()?;
        fs::rename(&self.draft, &self.path).map_err(Error::io("rename to", &self.path))
    }
}

fn append_line(text: &mut Vec<u8>, row: &impl Serialize) {
    if serde_json::to_writer(&mut *text, row).is_err() {
        unreachable!("rows have only string keys, and memory does not fail to be written");
    }
    text.push(b'\n');
}

/// A part that is done.
#[derive(Debug)]
pub(crate) struct PartFile {
    path: PathBuf,
    pub(crate) footer: Footer,
}

impl PartFile {
    /// Opens a part's file and reads its footer. Where it is not one, says why in words.
    pub(crate) fn open(path: PathBuf) -> Result<PartFile, String> {
        let read = || -> std::io::Result<Option<Footer>> {
            let file = File::open(&path)?;
            let size = file.metadata()?.len();
            let Some(at) = size.checked_sub(TRAILER_BYTES) else { return Ok(None) };
            let mut trailer = [0; TRAILER_BYTES as usize];
            file.read_exact_at(&mut trailer, at)?;
            let Some((length, _)) = trailer.split_first_chunk() else { return Ok(None) };
            let begin = at.checked_sub(u64::from_le_bytes(*length));
            let (Some(begin), true) = (begin, trailer.ends_with(MAGIC)) else { return Ok(None) };
            let mut footer = vec![0; usize::try_from(at - begin).unwrap_or(usize::MAX)];
            file.read_exact_at(&mut footer, begin)?;
            let footer: Option<Footer> = serde_json::from_slice(&footer).ok();
            Ok(footer.filter(|footer| footer.failures_end == begin))
        };
        match read() {
            Ok(Some(footer)) => Ok(PartFile { path, footer }),
            Ok(None) => Err("it is torn".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Whether its bytes are those that were written.
    pub(crate) fn is_sound(&self) -> bool {
        let hash = || -> std::io::Result<bool> {
            let mut file = File::open(&self.path)?;
            let hashed = file.metadata()?.len().saturating_sub(TRAILER_BYTES - 8);
            let mut hasher = blake3::Hasher::new();
            let mut left = (&mut file).take(hashed);
            std::io::copy(&mut left, &mut hasher)?;
            let mut expected = [0; 32];
            file.read_exact(&mut expected)?;
            Ok(*hasher.finalize().as_bytes() == expected)
        };
        hash().unwrap_or(false)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a block of its file.
    pub(crate) fn read_block(&self, block: Range<u64>) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; usize::try_from(block.end - block.start).unwrap_or(usize::MAX)];
        let file = File::open(&self.path).map_err(Error::io("open", &self.path))?;
        file.read_exact_at(&mut bytes, block.start).map_err(Error::io("read", &self.path))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(sizes: &[u64]) -> Split {
        let utterance = |(i, &size_bytes): (usize, &u64)| Utterance {
            id: format!("{i:04}").into(),
            source: Path::new("x.wav").into(),
            alignment: None,
            speaker: None,
            size_bytes,
            modified_ns: 0,
        };
        Split {
            name: "all".to_owned(),
            root: PathBuf::new(),
            utterances: sizes.iter().enumerate().map(utterance).collect(),
            left_out: 0,
        }
    }

    proptest! {
        #[test]
        fn parts_hold_every_utterance_once_in_order(
            sizes in prop::collection::vec(prop::collection::vec(0..40 * MIB, 0..200), 1..4),
        ) {
            let splits: Vec<_> = sizes.iter().map(|sizes| split(sizes)).collect();
            let mut seen = vec![0; splits.len()];
            for (number, part) in cut(&splits).iter().enumerate() {
                prop_assert_eq!(part.number, number);
                prop_assert_eq!(part.utterances.start, seen[part.split]);
                seen[part.split] = part.utterances.end;
                prop_assert!((1..=64).contains(&part.utterances.len()));
                // All but the last utterance are below the target together.
                let bytes = &sizes[part.split][part.utterances.clone()];
                prop_assert_eq!(part.source_bytes, bytes.iter().sum::<u64>());
                prop_assert!(bytes[..bytes.len() - 1].iter().sum::<u64>() < 16 * MIB);
            }
            let lengths: Vec<_> = sizes.iter().map(Vec::len).collect();
            prop_assert_eq!(seen, lengths);
        }

        #[test]
        fn a_part_file_with_a_flipped_bit_or_a_cut_is_not_sound(at: prop::sample::Index, bit in 0_u32..8, cut: bool) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("000000.part");
            let mut writer = PartWriter::create(path.clone(), 1, "job", "sources".into()).unwrap();
            let row = UtteranceRow {
                id: "a".into(),
                source: "a.wav".into(),
                channel: "first".into(),
                sample_rate_hz: 16_000,
                start_sample: 0,
                end_sample: 560,
                num_frames: 2,
                speaker: None,
                intervals: BTreeMap::new(),
            };
            let moments = Moments::of_rows(&[1.0, 2.0], 1, ossicle_dsp::Level::BASELINE);
            writer.append(&row, &[1.0, 2.0], &[vec![3, 4]], &moments).unwrap();
            writer.commit().unwrap();
            let part = PartFile::open(path.clone()).unwrap();
            prop_assert!(part.is_sound());
            prop_assert_eq!(part.footer.frames(), 2);
            let mut bytes = fs::read(&path).unwrap();
            let at = at.index(bytes.len());
            if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
            fs::write(&path, bytes).unwrap();
            prop_assert!(!PartFile::open(path).is_ok_and(|part| part.is_sound()));
        }
    }
}
