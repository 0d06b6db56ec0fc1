//! Corpora to be extracted under bad conditions, each with one bad recording in it, one of FLAC and one of MP3.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use ossicle_testing::{Random, wav};

use super::tree;
use crate::workspace;

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
/// Coded recordings of other programs, of one channel at 16 kHz: where they lie, and how many samples they have.
const CODED: [(&str, u64); 2] = [("flac16.flac", 31_963), ("id3.mp3", 8000)];
const CODED_IN: &str = "crates/audio/tests/fixtures";
/// Folders of recordings; one is below another, so that a folder that cannot be read is not all.
const FOLDERS: [(&str, usize); 4] = [("train", 4), ("train/more", 2), ("valid", 3), ("test", 3)];

impl Corpus {
    /// Twelve recordings of 0.3 s and a little more with alignments, in three splits: a run of milliseconds.
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
        // Its first bytes alone say what it is.
        fs::rename(folder.join("train/more/0.wav"), folder.join("train/more/0.sound"))?;
        for (at, (coded, num_samples)) in ["train/1", "valid/1"].into_iter().zip(CODED) {
            fs::remove_file(folder.join(at).with_extension("wav"))?;
            let extension = Path::new(coded).extension().unwrap_or_default();
            copy_coded(coded, num_samples, &folder.join(at).with_extension(extension), "phn")?;
        }
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
        // The first in order of names, whichever those are.
        let mut recordings = Vec::new();
        add_recordings(&folder.join("TRAIN"), &mut recordings)?;
        recordings.sort();
        let [bad, coded @ ..] = &recordings[..] else { bail!("no recording in {folder:?}") };
        fs::write(bad, BAD)?;
        ensure!(coded.len() > CODED.len(), "too few recordings in {folder:?}");
        // What a file is its bytes say, and not its name.
        for (path, (name, num_samples)) in coded.iter().zip(CODED) {
            copy_coded(name, num_samples, path, "PHN")?;
        }
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

/// Finds the recordings of a tree of TIMIT's that are in a split.
fn add_recordings(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            add_recordings(&path, found)?;
        } else if name.ends_with(".WAV") && !name.starts_with("SA") {
            found.push(path);
        }
    }
    Ok(())
}

/// Copies a coded recording, and writes its alignment beside it.
fn copy_coded(name: &str, num_samples: u64, to: &Path, alignment: &str) -> Result<()> {
    let from = workspace::root().join(CODED_IN).join(name);
    fs::copy(&from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    let phones = format!("0 1600 h#\n1600 {num_samples} aa\n");
    Ok(fs::write(to.with_extension(alignment), phones)?)
}

/// Returns a mono file of 16-bit noise.
fn wave(seed: u64, num_samples: usize) -> Vec<u8> {
    let mut random = Random::with_seed(seed);
    let samples: Vec<i16> = (0..num_samples).map(|_| random.i16(-4000..=4000)).collect();
    wav(&samples, 1, SAMPLE_RATE_HZ)
}
