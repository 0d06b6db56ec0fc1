//! Corpora to be extracted under bad conditions, each with one bad recording in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use ossicle_testing::{Random, wav};

use super::tree;

/// A corpus, and how it is named on the command line.
#[derive(Debug, Clone)]
pub(crate) struct Corpus {
    folder: PathBuf,
    /// Absent: the folder is one root. Otherwise each split has a folder there.
    splits: &'static [&'static str],
}

/// A bad recording: the beginning of a header.
const BAD: &[u8] = b"RIFF\x24\x12";
const SAMPLE_RATE_HZ: u32 = 16_000;
/// Folders of recordings; one is below another, so that a folder that cannot be read is not all.
const FOLDERS: [(&str, usize); 4] = [("train", 4), ("train/more", 2), ("valid", 3), ("test", 3)];

impl Corpus {
    /// Twelve recordings of 0.3 s with alignments, in three splits: a run of milliseconds.
    pub(crate) fn tiny(folder: PathBuf) -> Result<Self> {
        let mut seed = 0;
        for (name, recordings) in FOLDERS {
            let below = folder.join(name);
            fs::create_dir_all(&below)?;
            for number in 0..recordings {
                seed += 1;
                let num_samples = SAMPLE_RATE_HZ as usize * 3 / 10;
                let alignment = format!("0 1600 h#\n1600 3200 aa\n3200 {num_samples} s\n");
                fs::write(below.join(format!("{number}.phn")), alignment)?;
                fs::write(below.join(format!("{number}.wav")), wave(seed, num_samples))?;
            }
        }
        fs::write(folder.join("train/3.wav"), BAD)?;
        Ok(Self { folder, splits: &["train", "valid", "test"] })
    }

    /// TIMIT's layout with some 90 utterances, made by the program itself: a run of a fifth of a
    /// second.
    pub(crate) fn small(program: &Path, folder: PathBuf) -> Result<Self> {
        let made = Command::new(program)
            .arg("demo")
            .arg(&folder)
            .args(["--corpus-only", "--scale", "0.02"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .with_context(|| format!("cannot start {}", program.display()))?;
        ensure!(made.success(), "ossicle demo: {made}");
        // The first in order of names, whichever that is.
        let mut at = folder.join("TRAIN");
        while at.is_dir() {
            let entries: Vec<_> = fs::read_dir(&at)?.collect::<Result<_, _>>()?;
            let is_recording = |path: &Path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                path.is_dir() || (name.ends_with(".WAV") && !name.starts_with("SA"))
            };
            let paths = entries.iter().map(|entry| entry.path()).filter(|path| is_recording(path));
            at = paths.min().with_context(|| format!("no recording in {}", at.display()))?;
        }
        fs::write(&at, BAD)?;
        Ok(Self { folder, splits: &[] })
    }

    /// The words of the command line.
    pub(crate) fn words(&self) -> Vec<String> {
        let folder = self.folder.display();
        match self.splits.is_empty() {
            true => vec![folder.to_string()],
            false => self.splits.iter().map(|split| format!("{split}={folder}/{split}")).collect(),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The same in another folder, as its programs would find it here.
    pub(crate) fn copy_to(&self, folder: PathBuf) -> Result<Self> {
        tree::copy(&self.folder, &folder)?;
        Ok(Self { folder, splits: self.splits })
    }
}

/// Returns a mono file of 16-bit noise.
fn wave(seed: u64, num_samples: usize) -> Vec<u8> {
    let mut random = Random::with_seed(seed);
    let samples: Vec<i16> = (0..num_samples).map(|_| random.i16(-4000..=4000)).collect();
    wav(&samples, 1, SAMPLE_RATE_HZ)
}
