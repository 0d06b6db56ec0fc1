//! A corpus that a test puts together, and the dataset that is made of it.

use std::fs;
use std::path::PathBuf;

use ossicle_corpus::{Corpus, CorpusKind, Extra, Split, Utterance};
use ossicle_dataset::{Dataset, Dtype, FailureRow, FailureRows, UtteranceRow, verify};
use ossicle_dsp::Level;
use ossicle_recipe::Recipe;

use crate::bounds::stop::Stop;
use crate::extract::extract_again;
use crate::options::RunOptions;
use crate::plan::{Plan, plan_corpus};
use crate::run::mock::utterance;

/// The sample rate of all recordings.
pub(super) const RATE_HZ: u32 = 16_000;

/// The bytes of a WAVE file, of channels of 16 bits.
pub(super) fn wav(channels: &[&[i16]]) -> Vec<u8> {
    let frames = 0..channels[0].len();
    let samples = frames.flat_map(|n| channels.iter().map(move |channel| channel[n]));
    let data: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
    let count = channels.len() as u16;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((data.len() as u32 + 36).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    bytes.extend(count.to_le_bytes());
    bytes.extend(RATE_HZ.to_le_bytes());
    bytes.extend((RATE_HZ * 2 * u32::from(count)).to_le_bytes());
    bytes.extend((2 * count).to_le_bytes());
    bytes.extend(b"\x10\0data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

/// A corpus in a folder, of utterances that a test puts together.
pub(super) struct TestCorpus {
    folder: tempfile::TempDir,
    pub(super) utterances: Vec<Utterance>,
}

impl TestCorpus {
    pub(super) fn new() -> TestCorpus {
        TestCorpus { folder: tempfile::tempdir().unwrap(), utterances: Vec::new() }
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Adds an utterance of a file that is there.
    pub(super) fn add(
        &mut self,
        id: &str,
        source: &str,
        extra: Option<Box<Extra>>,
    ) -> &mut Utterance {
        let size_bytes = fs::metadata(self.folder.path().join(source)).unwrap().len();
        self.utterances.push(Utterance { extra, ..utterance(id, source, size_bytes) });
        self.utterances.last_mut().unwrap()
    }

    pub(super) fn plan(&self, recipe: &Recipe) -> Plan {
        let split = Split {
            name: "train".to_owned(),
            root: self.folder.path().to_owned(),
            utterances: self.utterances.clone(),
            left_out: 0,
        };
        let corpus = Corpus {
            kind: CorpusKind::List,
            splits: vec![split],
            ignored: Default::default(),
            left_out: 0,
            left_out_because: Vec::new(),
            walked: Default::default(),
            notices: Vec::new(),
        };
        plan_corpus(corpus, recipe.clone(), Level::detect(), &Stop::default()).unwrap()
    }

    pub(super) fn extract(&self, recipe: &Recipe) -> Extracted {
        let root = self.folder.path().join("out");
        let options = RunOptions { jobs: Some(2), ..RunOptions::default() };
        // A ledger alone is a dataset here, too.
        extract_again(&self.plan(recipe), &root, &options, &()).unwrap();
        let verification = verify(&root).unwrap();
        assert_eq!(verification.findings, []);
        Extracted(root)
    }
}

/// A dataset that was written.
pub(super) struct Extracted(pub(super) PathBuf);

impl Extracted {
    pub(super) fn rows(&self) -> Vec<UtteranceRow> {
        let dataset = Dataset::open(&self.0).unwrap();
        dataset.utterances("train").unwrap().map(Result::unwrap).collect()
    }

    pub(super) fn failures(&self) -> Vec<FailureRow> {
        FailureRows::open(&self.0.join("failures.jsonl")).unwrap().map(Result::unwrap).collect()
    }

    /// The spikes of all utterances: channel, sample and amplitude, in 4, 8 and 4 bytes.
    pub(super) fn spikes(&self) -> Vec<(Vec<u8>, i64, Vec<u8>)> {
        let bytes = fs::read(self.0.join("train/spikes-00000.npy")).unwrap();
        let rows = bytes[Dtype::Event.header_bytes()..].chunks_exact(16);
        rows.map(|row| {
            let sample = i64::from_le_bytes(row[4..12].try_into().unwrap());
            (row[..4].to_vec(), sample, row[12..].to_vec())
        })
        .collect()
    }

    /// The bytes of the split's arrays of features, labels and whatever else, with their names.
    pub(super) fn arrays(&self, but: &str) -> Vec<(String, Vec<u8>)> {
        let mut arrays = Vec::new();
        for entry in fs::read_dir(self.0.join("train")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".npy") && !name.starts_with(but) {
                arrays.push((name, fs::read(path).unwrap()));
            }
        }
        arrays.sort();
        arrays
    }
}
