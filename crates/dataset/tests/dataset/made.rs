//! Writes a small dataset from the format's description in `ARCHITECTURE.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ossicle_dataset::{
    Array, CARD_FILE, Card, CorpusCard, Dtype, FORMAT, FailureRow, FileCard, FrameCard, NpyHeader,
    SplitCard, Stage, Unit, UtteranceRow,
};
use tempfile::TempDir;

/// How many columns the features have.
pub(crate) const COLUMNS: usize = 5;

/// The frames of the utterances of each shard of each split. The first two shards of `train` have the
/// same size, the third has another.
pub(crate) const SPLITS: [(&str, &[&[u64]]); 3] =
    [("train", &[&[3, 4], &[7], &[2, 1, 1]]), ("test", &[&[6]]), ("void", &[&[]])];

/// A dataset in a folder of its own, removed at the end.
pub(crate) struct Made {
    folder: TempDir,
    pub(crate) card: Card,
}

impl Made {
    /// A sound dataset.
    pub(crate) fn new() -> Made {
        let mut made = Made { folder: tempfile::tempdir().unwrap(), card: card() };
        for (split, shards) in SPLITS {
            made.write_split(split, shards);
        }
        let failures = [failure("x", "train"), failure("y", "train"), failure("z", "test")];
        made.write("failures.jsonl", lines(&failures).as_bytes());
        made.write("run.json", b"{}\n");
        made.seal();
        made
    }

    /// A sound dataset with an array of spikes, as many as there are frames.
    pub(crate) fn with_spikes() -> Made {
        let mut made = Made::new();
        let array = Array {
            dtype: Dtype::Event,
            columns: 0,
            column_names: Vec::new(),
            unit: Unit::Event,
            ignore_index: None,
            frame: None,
        };
        made.card.arrays.insert("spikes".into(), array);
        for (split, shards) in SPLITS {
            let mut rows = Vec::new();
            for (number, utterances) in shards.iter().enumerate() {
                let mut first = 0;
                for &frames in *utterances {
                    let row = utterance(rows.len(), frames);
                    let (first_event, num_events) = (Some(first), Some(frames));
                    rows.push(UtteranceRow { first_event, num_events, ..row });
                    first += frames;
                }
                made.write(&format!("{split}/spikes-{number:05}.npy"), &spikes(first));
            }
            made.write(&format!("{split}/utterances.jsonl"), lines(&rows).as_bytes());
        }
        made.seal();
        made
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn at(&self, file: &str) -> PathBuf {
        self.root().join(file)
    }

    pub(crate) fn write(&self, file: &str, bytes: &[u8]) {
        let path = self.at(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn bytes(&self, file: &str) -> Vec<u8> {
        fs::read(self.at(file)).unwrap()
    }

    pub(crate) fn swap(&self, a: &str, b: &str) {
        let (bytes_a, bytes_b) = (self.bytes(a), self.bytes(b));
        self.write(a, &bytes_b);
        self.write(b, &bytes_a);
    }

    /// Writes a card with the sizes and hashes that the files have now.
    pub(crate) fn seal(&mut self) {
        let mut files = vec!["failures.jsonl".to_owned()];
        for split in &self.card.splits {
            for entry in fs::read_dir(self.at(&split.name)).unwrap() {
                let name = entry.unwrap().file_name();
                files.push(format!("{}/{}", split.name, name.to_str().unwrap()));
            }
        }
        files.sort();
        self.card.files = files
            .into_iter()
            .map(|path| {
                let content = self.bytes(&path);
                let blake3 = blake3::hash(&content).to_hex().to_string();
                FileCard { path, bytes: content.len() as u64, blake3 }
            })
            .collect();
        self.write(CARD_FILE, self.card.to_text().as_bytes());
    }

    fn write_split(&mut self, split: &str, shards: &[&[u64]]) {
        let mut index = Vec::new();
        let mut rows = Vec::new();
        for (number, utterances) in shards.iter().enumerate() {
            let mut frames = 0;
            for &num_frames in *utterances {
                index.extend([number as u64, frames, num_frames]);
                rows.push(utterance(rows.len(), num_frames));
                frames += num_frames;
            }
            self.write(&format!("{split}/features-{number:05}.npy"), &features(number, frames));
            self.write(&format!("{split}/labels-{number:05}.npy"), &labels(frames));
        }
        let shape = vec![rows.len() as u64, 3];
        let index: Vec<u8> = index.iter().flat_map(|number| number.to_le_bytes()).collect();
        let header = NpyHeader { dtype: Dtype::Int64, shape }.to_bytes();
        self.write(&format!("{split}/index.npy"), &[header, index].concat());
        self.write(&format!("{split}/utterances.jsonl"), lines(&rows).as_bytes());
        self.card.splits.push(SplitCard {
            name: split.into(),
            utterances: rows.len() as u64,
            frames: shards.iter().copied().flatten().sum(),
            duration_s: 1.0,
            failures: match split {
                "train" => 2,
                "test" => 1,
                _ => 0,
            },
            left_out: 0,
            shards: shards.len() as u64,
        });
    }
}

/// A shard of features that differ from place to place and from shard to shard.
pub(crate) fn features(shard: usize, frames: u64) -> Vec<u8> {
    let header = NpyHeader { dtype: Dtype::Float32, shape: vec![frames, COLUMNS as u64] };
    let first = 1000 * shard as u64;
    let numbers = (first..first + frames * COLUMNS as u64).map(|x| x as f32 / 8.0);
    [header.to_bytes(), numbers.flat_map(f32::to_le_bytes).collect()].concat()
}

pub(crate) fn labels(frames: u64) -> Vec<u8> {
    let header = NpyHeader { dtype: Dtype::Int16, shape: vec![frames] };
    let labels = (0..frames as i16).map(|frame| frame * 7 % 5 - 1);
    [header.to_bytes(), labels.flat_map(i16::to_le_bytes).collect()].concat()
}

pub(crate) fn spikes(count: u64) -> Vec<u8> {
    let mut bytes = NpyHeader { dtype: Dtype::Event, shape: vec![count] }.to_bytes();
    for spike in 0..count {
        bytes.extend((spike as i32 % 32).to_le_bytes());
        bytes.extend((100 * spike as i64).to_le_bytes());
        bytes.extend((spike as f32 / 8.0).to_le_bytes());
    }
    bytes
}

pub(crate) fn utterance(number: usize, num_frames: u64) -> UtteranceRow {
    UtteranceRow {
        id: format!("u{number:03}"),
        source: format!("u{number:03}.wav"),
        held: None,
        channel: "first".into(),
        sample_rate_hz: 16_000,
        start_sample: 0,
        end_sample: num_frames * 160,
        num_frames,
        first_event: None,
        num_events: None,
        truncated: None,
        levels: None,
        speaker: None,
        intervals: [("phones".into(), vec![("sh".into(), 0, num_frames * 160)])].into(),
        columns: Default::default(),
    }
}

pub(crate) fn failure(id: &str, split: &str) -> FailureRow {
    FailureRow {
        id: id.into(),
        split: split.into(),
        source: format!("{id}.wav"),
        held: None,
        stage: Stage::Decode,
        cause: "empty".into(),
        error: "holds 0 bytes".into(),
    }
}

pub(crate) fn lines<T: serde::Serialize>(rows: &[T]) -> String {
    rows.iter().map(|row| serde_json::to_string(row).unwrap() + "\n").collect()
}

fn card() -> Card {
    let array = |dtype, columns, ignore_index| Array {
        dtype,
        columns,
        column_names: Vec::new(),
        unit: Unit::Frame,
        ignore_index,
        frame: None,
    };
    let arrays = [
        ("features".into(), array(Dtype::Float32, COLUMNS, None)),
        ("labels".into(), array(Dtype::Int16, 0, Some(-1))),
    ];
    Card {
        format: FORMAT.into(),
        ossicle: "0.0.0".into(),
        recipe: serde_json::json!({"feature": [{"kind": "mfcc"}]}),
        preset: None,
        job: "0".into(),
        arrays: arrays.into(),
        frame: FrameCard::default(),
        label_names: BTreeMap::new(),
        normalization: BTreeMap::new(),
        corpus: CorpusCard {
            kind: "folder".into(),
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
