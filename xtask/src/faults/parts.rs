//! The parts that a killed run has left, and proofs that they are not computed again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::chance::Chance;
use super::corpus::Corpus;
use super::tree::WORK_DIR;

/// The file that a part is, and the time it was written: both change when it is written again.
type Identity = (u64, i64, i64, u64);

/// The committed parts below an output folder.
#[derive(Debug, Default)]
pub(crate) struct Parts(BTreeMap<PathBuf, Identity>);

impl Parts {
    pub(crate) fn of(out: &Path) -> Result<Self> {
        let entries = match fs::read_dir(out.join(WORK_DIR).join("parts")) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            entries => entries?,
        };
        let mut parts = BTreeMap::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "part") {
                let it = fs::metadata(&path)?;
                parts.insert(path, (it.ino(), it.mtime(), it.mtime_nsec(), it.size()));
            }
        }
        Ok(Self(parts))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// # Errors
    /// If one of `before` is not there any more, or is another file than it was.
    pub(crate) fn require_all_of(&self, before: &Self) -> Result<()> {
        for (path, identity) in &before.0 {
            let now = self.0.get(path);
            ensure!(now.is_some(), "{} was done and is gone", path.display());
            ensure!(now == Some(identity), "{} was done and is made again", path.display());
        }
        Ok(())
    }

    /// Leaves one of them as a loss of power may: written in part only, or with nothing in its end.
    pub(crate) fn tear_one(&self, chance: &mut Chance) -> Result<()> {
        let paths: Vec<_> = self.0.keys().collect();
        let path = *chance.pick(&paths);
        let mut bytes = fs::read(path)?;
        let whole = chance.below(bytes.len());
        if chance.one_in(2) {
            bytes.truncate(whole);
        } else {
            bytes[whole..].fill(0);
        }
        fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Puts other samples into the recordings of these parts, and gives their files the old times
    /// back. Whoever reads them again makes another dataset.
    ///
    /// - `corpus`: of one root, which sources are relative to
    pub(crate) fn scramble_sources(&self, corpus: &Corpus) -> Result<usize> {
        let mut scrambled = 0;
        for path in self.0.keys() {
            for source in sources(path).with_context(|| path.display().to_string())? {
                let recording = corpus.folder().join(&source);
                scramble(&recording).with_context(|| recording.display().to_string())?;
                scrambled += 1;
            }
        }
        Ok(scrambled)
    }
}

/// The length of a SPHERE header: a RIFF header is shorter.
const HEADER_BYTES: usize = 1024;

fn scramble(recording: &Path) -> Result<()> {
    let metadata = fs::metadata(recording)?;
    let mut bytes = fs::read(recording)?;
    // The same whatever was there: a recording may come up again.
    for (at, byte) in bytes.iter_mut().enumerate().skip(HEADER_BYTES) {
        *byte = (at % 7) as u8;
    }
    fs::write(recording, bytes)?;
    let times = fs::FileTimes::new().set_modified(metadata.modified()?);
    File::options().write(true).open(recording)?.set_times(times)?;
    Ok(())
}

/// The sources of a part's utterances. Its file ends with a footer in JSON, the footer's length
/// (8 bytes), a hash (32) and a magic word (8); the footer says where the rows are.
fn sources(part: &Path) -> Result<Vec<String>> {
    let bytes = fs::read(part)?;
    let trailer = bytes.len().checked_sub(48).context("it is too short")?;
    let length = u64::from_le_bytes(bytes[trailer..trailer + 8].try_into()?);
    let begin = trailer.checked_sub(length as usize).context("its footer is too long")?;
    let footer: Value = serde_json::from_slice(&bytes[begin..trailer])?;
    let at = |key: &str| -> Result<usize> {
        let end = footer[key].as_u64().with_context(|| format!("its footer has no {key}"))?;
        ensure!(end as usize <= begin, "its {key} is past its end");
        Ok(end as usize)
    };
    let rows = std::str::from_utf8(&bytes[at("moments_end")?..at("failures_end")?])?;
    let source = |row: &str| -> Result<String> {
        let row: Value = serde_json::from_str(row)?;
        Ok(row["source"].as_str().context("a row has no source")?.to_owned())
    };
    rows.lines().map(source).collect()
}
