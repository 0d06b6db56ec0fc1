//! The full-size demo corpus, and what of it a dataset was made from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::measure;
use super::scratch::Scratch;
use super::subject::Ossicle;

/// Makes `WORK/corpus` where it is not there yet. It is kept: making it is not measured.
pub(crate) fn make_once(ossicle: &Ossicle, work: &Path) -> Result<PathBuf> {
    let corpus = work.join("corpus");
    if corpus.is_dir() {
        eprintln!("xtask: taking the corpus in {}", corpus.display());
        return Ok(corpus);
    }
    eprintln!("xtask: making the corpus in {}", corpus.display());
    let unfinished = Scratch::new(work.join("corpus.unfinished"));
    unfinished.clear()?;
    measure::run(
        Command::new(ossicle.binary())
            .arg("demo")
            .arg(unfinished.path())
            .args(["--scale", "1.0", "--corpus-only"])
            .stdout(Stdio::null()),
    )?;
    fs::rename(unfinished.path(), &corpus)
        .with_context(|| format!("cannot rename to {}", corpus.display()))?;
    Ok(corpus)
}

/// The recordings that a dataset was made from, and its size.
pub(crate) struct Contents {
    /// The recordings, without those of the corpus that belong to no split.
    pub(crate) sources: Vec<PathBuf>,
    pub(crate) num_frames: u64,
    pub(crate) source_bytes: u64,
    pub(crate) dataset_bytes: u64,
}

impl Contents {
    pub(crate) fn of_dataset(corpus: &Path, dataset: &Path) -> Result<Self> {
        let mut contents =
            Self { sources: Vec::new(), num_frames: 0, source_bytes: 0, dataset_bytes: 0 };
        for entry in fs::read_dir(dataset)? {
            let entry = entry?.path();
            if entry.is_file() {
                contents.dataset_bytes += size_of(&entry)?;
                continue;
            }
            for file in fs::read_dir(&entry)? {
                contents.dataset_bytes += size_of(&file?.path())?;
            }
            contents.add_split(corpus, &entry.join("utterances.jsonl"))?;
        }
        Ok(contents)
    }

    fn add_split(&mut self, corpus: &Path, utterances: &Path) -> Result<()> {
        let text = fs::read_to_string(utterances)
            .with_context(|| format!("cannot read {}", utterances.display()))?;
        for line in text.lines() {
            let row: Value = serde_json::from_str(line)
                .with_context(|| format!("{}: {line}", utterances.display()))?;
            let source = row["source"].as_str().context("a row names no source")?;
            let source = corpus.join(source);
            self.source_bytes += size_of(&source)?;
            self.sources.push(source);
            self.num_frames += row["num_frames"].as_u64().context("a row has no num_frames")?;
        }
        Ok(())
    }
}

fn size_of(path: &Path) -> Result<u64> {
    let metadata = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(metadata.len())
}
