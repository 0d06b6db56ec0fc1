//! The file that a part becomes: valid ones are the journal of a run.
//!
//! It holds what is cheapest to keep: the base columns, and of the wide ones only their statistics,
//! utterance by utterance. In this order, all little-endian:
//!
//! | block | what |
//! |---|---|
//! | rows | for each good utterance float32 `[frames, dim]`, the base columns, then int16 `[frames]` for the mask of speech and each label array, and then the spikes, where they are kept |
//! | moments | float64 mean and M2 `[2, wide dim]` for each good utterance |
//! | utterances | their rows of `utterances.jsonl` |
//! | failures | the other utterances' rows of `failures.jsonl` |
//! | footer | JSON: [`Footer`] |
//! | trailer | the footer's length (8 bytes), BLAKE3 of all before (32), a magic word (8) |
//!
//! It is written under a temporary name, by whoever computes it, and renamed by the coordinator.
//! Whatever is found under the final name with a matching hash and job key is taken as done, so parts
//! need no sync. Rows are written as they are made: a recording's length does not show in memory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use ossicle_dataset::{Dtype, FailureRow, HashingFile, Mark, UtteranceRow};
use ossicle_dsp::Moments;
use ossicle_dsp::spikes::Spike;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::job::Job;
use crate::spikegram::spike_rows;

#[cfg(target_endian = "big")]
compile_error!("parts and shards are written as they lie in memory: little-endian machines only");

/// What a part's file says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Footer {
    /// The job it belongs to.
    pub(crate) job: String,
    /// BLAKE3 of its utterances' ids, and of the sizes and times of their files when it was made.
    pub(crate) sources: String,
    /// The frames of each good utterance.
    pub(crate) num_frames: Vec<u64>,
    /// The spikes of each good utterance; none where spikes are not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) num_spikes: Vec<u64>,
    /// How many utterances failed.
    pub(crate) failures: u64,
    /// How many samples were used, by sample rate.
    pub(crate) samples: BTreeMap<u32, u64>,
    /// Where each block ends.
    pub(crate) rows_end: u64,
    pub(crate) moments_end: u64,
    pub(crate) utterances_end: u64,
    pub(crate) failures_end: u64,
}

impl Footer {
    pub(crate) fn frames(&self) -> u64 {
        self.num_frames.iter().sum()
    }

    /// Whether the blocks are as long as a part of the job has them, and lie one behind the other.
    fn fits(&self, job: &Job) -> bool {
        let sum = |counts: &[u64]| counts.iter().try_fold(0_u64, |sum, &n| sum.checked_add(n));
        let rows = sum(&self.num_frames).and_then(|n| n.checked_mul(job.part_frame_bytes()));
        let spikes = sum(&self.num_spikes).and_then(|n| n.checked_mul(SPIKE_BYTES));
        let rows = rows.zip(spikes).and_then(|(rows, spikes)| rows.checked_add(spikes));
        let with_spikes = if job.keeps_spikes() { self.num_frames.len() } else { 0 };
        let moments = (self.num_frames.len() as u64).checked_mul(16 * job.wide_dim() as u64);
        rows == Some(self.rows_end)
            && self.num_spikes.len() == with_spikes
            && moments.is_some_and(|n| self.rows_end.checked_add(n) == Some(self.moments_end))
            && self.moments_end <= self.utterances_end
            && self.utterances_end <= self.failures_end
    }
}

/// What a spike takes, here and in its array: int32 channel, int64 sample, float32 amplitude.
pub(crate) const SPIKE_BYTES: u64 = Dtype::Spike.size() as u64;

const MAGIC: &[u8; 8] = b"ossprt02";
const TRAILER_BYTES: u64 = 8 + 32 + 8;

/// Writes a part, utterance by utterance. What is not finished is removed again.
#[derive(Debug)]
pub(crate) struct PartWriter {
    draft: Draft,
    file: HashingFile,
    footer: Footer,
    begun: Option<Mark>,
    moments: Vec<f64>,
    utterances: Vec<u8>,
    failures: Vec<u8>,
}

/// A part's file under its temporary name. It is removed unless somebody takes the name.
#[derive(Debug)]
struct Draft(Option<PathBuf>);

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // Whatever stays is removed by the next run.
            let _ = fs::remove_file(path);
        }
    }
}

impl PartWriter {
    /// Creates the file of the part of this number below `folder`. Its temporary name is this
    /// process' own: a worker that outlived its coordinator for a moment writes to another.
    pub(crate) fn create(
        folder: &Path,
        number: usize,
        job: &str,
        sources: String,
    ) -> Result<PartWriter, ossicle_dataset::Error> {
        let draft = folder.join(format!("{number:06}.{}.draft", std::process::id()));
        Ok(PartWriter {
            file: HashingFile::create(&draft)?,
            draft: Draft(Some(draft)),
            footer: Footer { job: job.to_owned(), sources, ..Footer::default() },
            begun: None,
            moments: Vec::new(),
            utterances: Vec::new(),
            failures: Vec::new(),
        })
    }

    /// Begins an utterance: its rows are appended next, and then its tracks.
    pub(crate) fn begin(&mut self) {
        self.begun = Some(self.file.mark());
    }

    /// Appends base rows of the utterance that was begun.
    pub(crate) fn append_rows(&mut self, rows: &[f32]) -> Result<(), Error> {
        Ok(self.file.append(bytemuck::cast_slice(rows))?)
    }

    /// Appends some of a label array or of the mask of speech of the utterance that was begun.
    pub(crate) fn append_track(&mut self, track: &[i16]) -> Result<(), Error> {
        Ok(self.file.append(bytemuck::cast_slice(track))?)
    }

    /// Appends some spikes of the utterance that was begun.
    pub(crate) fn append_spikes(&mut self, spikes: &[Spike]) -> Result<(), Error> {
        Ok(self.file.append(&spike_rows(spikes))?)
    }

    /// Ends the utterance that was begun, which is good.
    pub(crate) fn store(&mut self, row: &UtteranceRow, moments: &Moments) {
        self.begun = None;
        self.moments.extend_from_slice(&moments.mean);
        self.moments.extend_from_slice(&moments.m2);
        append_line(&mut self.utterances, row);
        self.footer.num_frames.push(row.num_frames);
        self.footer.num_spikes.extend(row.num_spikes);
        *self.footer.samples.entry(row.sample_rate_hz).or_default() +=
            row.end_sample - row.start_sample;
    }

    /// Ends an utterance that failed, and takes back what was appended of it: the bytes of the others
    /// are those of a part without it.
    pub(crate) fn fail(&mut self, row: &FailureRow) -> Result<(), Error> {
        if let Some(mark) = self.begun.take() {
            self.file.take_back(mark)?;
        }
        append_line(&mut self.failures, row);
        self.footer.failures += 1;
        Ok(())
    }

    /// Ends the file and hands out its temporary name: renamed, the part is done.
    pub(crate) fn finish(mut self) -> Result<PathBuf, Error> {
        self.footer.rows_end = self.file.len();
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
        Ok(self.draft.0.take().unwrap_or_default())
    }
}

pub(crate) fn append_line(text: &mut Vec<u8>, row: &impl Serialize) {
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

/// Why a part's file is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadPart {
    #[error("the system does not give it")]
    Io(#[from] io::Error),
    #[error("it is torn")]
    Torn,
    #[error("it is another job's")]
    OtherJob,
}

impl PartFile {
    /// Opens a part's file and reads its footer.
    pub(crate) fn open(path: PathBuf, job: &Job) -> Result<PartFile, BadPart> {
        let footer = read_footer(&path)?;
        if footer.job != job.key {
            return Err(BadPart::OtherJob);
        }
        if !footer.fits(job) {
            return Err(BadPart::Torn);
        }
        Ok(PartFile { path, footer })
    }

    /// Whether its bytes are those that were written.
    pub(crate) fn is_sound(&self) -> io::Result<bool> {
        let mut file = File::open(&self.path)?;
        let hashed = file.metadata()?.len().saturating_sub(TRAILER_BYTES - 8);
        let mut hasher = blake3::Hasher::new();
        let mut left = (&mut file).take(hashed);
        io::copy(&mut left, &mut hasher)?;
        let mut expected = [0; 32];
        match file.read_exact(&mut expected) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            read => read?,
        }
        Ok(*hasher.finalize().as_bytes() == expected)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The rows of its utterances.
    pub(crate) fn utterances(&self) -> Result<Vec<UtteranceRow>, Error> {
        let block = self.read_block(self.footer.moments_end..self.footer.utterances_end)?;
        let rows = serde_json::Deserializer::from_slice(&block).into_iter();
        rows.collect::<Result<_, _>>().map_err(|source| Error::PartRow { source })
    }

    /// Reads a block of its file.
    pub(crate) fn read_block(&self, block: Range<u64>) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; usize::try_from(block.end - block.start).unwrap_or(usize::MAX)];
        let file = File::open(&self.path).map_err(Error::io("open", &self.path))?;
        file.read_exact_at(&mut bytes, block.start).map_err(Error::io("read", &self.path))?;
        Ok(bytes)
    }
}

fn read_footer(path: &Path) -> Result<Footer, BadPart> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let at = size.checked_sub(TRAILER_BYTES).ok_or(BadPart::Torn)?;
    let mut trailer = [0; TRAILER_BYTES as usize];
    file.read_exact_at(&mut trailer, at)?;
    let (length, _) = trailer.split_first_chunk().ok_or(BadPart::Torn)?;
    let begin = at.checked_sub(u64::from_le_bytes(*length)).ok_or(BadPart::Torn)?;
    if !trailer.ends_with(MAGIC) {
        return Err(BadPart::Torn);
    }
    let mut footer = vec![0; usize::try_from(at - begin).unwrap_or(usize::MAX)];
    file.read_exact_at(&mut footer, begin)?;
    let footer: Footer = serde_json::from_slice(&footer).map_err(|_| BadPart::Torn)?;
    if footer.failures_end != begin {
        return Err(BadPart::Torn);
    }
    Ok(footer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{Recipe, RecipeSource};
    use ossicle_dsp::Level;
    use proptest::prelude::*;

    fn job() -> Job {
        let mut source: RecipeSource = Recipe::preset("timit-mfcc").unwrap().parse().unwrap();
        for set in ["feature.num_ceps=1", "deltas.order=0"] {
            source.set(set).unwrap();
        }
        Job::new("job".into(), source.finish().unwrap(), Vec::new(), Level::BASELINE).unwrap()
    }

    fn row(id: &str, num_frames: u64) -> UtteranceRow {
        UtteranceRow {
            id: id.into(),
            source: "a.wav".into(),
            channel: "first".into(),
            sample_rate_hz: 16_000,
            start_sample: 0,
            end_sample: 560,
            num_frames,
            first_spike: None,
            num_spikes: None,
            speaker: None,
            intervals: BTreeMap::new(),
        }
    }

    fn failure(id: &str) -> FailureRow {
        FailureRow {
            id: id.into(),
            split: "all".into(),
            source: "b.wav".into(),
            stage: ossicle_dataset::Stage::Decode,
            cause: "empty".into(),
            error: "is bad".into(),
        }
    }

    /// Writes a part of one good utterance, with or without one that fails half way before it.
    fn write(folder: &Path, fail_first: bool) -> PathBuf {
        let mut writer = PartWriter::create(folder, 0, "job", "sources".into()).unwrap();
        if fail_first {
            writer.begin();
            writer.append_rows(&[9.0; 5000]).unwrap();
            writer.fail(&failure("b")).unwrap();
        }
        writer.begin();
        writer.append_rows(&[1.0]).unwrap();
        writer.append_rows(&[2.0]).unwrap();
        writer.store(&row("a", 2), &Moments::of_rows(&[1.0, 2.0], 1, Level::BASELINE));
        let (draft, path) = (writer.finish().unwrap(), folder.join("000000.part"));
        fs::rename(draft, &path).unwrap();
        path
    }

    #[test]
    fn what_failed_half_way_leaves_no_rows() {
        let folder = tempfile::tempdir().unwrap();
        let part = PartFile::open(write(folder.path(), true), &job()).unwrap();
        assert!(part.is_sound().unwrap());
        assert_eq!((part.footer.failures, &part.footer.num_frames[..]), (1, &[2][..]));
        let rows = part.read_block(0..part.footer.rows_end).unwrap();
        assert_eq!(rows, [1.0_f32, 2.0].map(f32::to_le_bytes).concat());
    }

    #[test]
    fn a_part_that_is_not_finished_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let writer = PartWriter::create(folder.path(), 0, "job", "sources".into()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(writer);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn blocks_that_do_not_fit_the_job_are_refused_whatever_the_hash_says() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = PartWriter::create(folder.path(), 0, "job", "sources".into()).unwrap();
        writer.begin();
        writer.append_rows(&[1.0]).unwrap();
        writer.store(&row("a", u64::MAX), &Moments::of_rows(&[1.0], 1, Level::BASELINE));
        let path = writer.finish().unwrap();
        assert!(matches!(PartFile::open(path, &job()), Err(BadPart::Torn)));
    }

    proptest! {
        #[test]
        fn a_part_file_with_a_flipped_bit_or_a_cut_is_not_sound(
            at: prop::sample::Index, bit in 0_u32..8, cut: bool,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = write(folder.path(), false);
            let part = PartFile::open(path.clone(), &job()).unwrap();
            prop_assert!(part.is_sound().unwrap());
            prop_assert_eq!(part.footer.frames(), 2);
            let mut bytes = fs::read(&path).unwrap();
            let at = at.index(bytes.len());
            if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
            fs::write(&path, bytes).unwrap();
            let sound = |part: PartFile| part.is_sound().unwrap();
            prop_assert!(!PartFile::open(path, &job()).is_ok_and(sound));
        }
    }
}
