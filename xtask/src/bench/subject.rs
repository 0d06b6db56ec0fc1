//! The program that is measured.

use std::cell::OnceCell;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::measure::{self, Taken};
use super::scratch::Scratch;
use crate::workspace;

/// A binary of ossicle's.
pub(crate) struct Ossicle {
    binary: PathBuf,
    /// The card of the first dataset it wrote: every later one must be the same.
    card: OnceCell<Vec<u8>>,
}

impl Ossicle {
    /// `OSSICLE_BIN`, or the release build of this working tree.
    pub(crate) fn find_or_build() -> Result<Self> {
        Self::find_or(|| build(&["--release"], "release"))
    }

    /// `OSSICLE_BIN`, or the build that the tests use: it is no slower for a few short recordings, and is
    /// there in a minute less.
    pub(crate) fn find_or_build_for_tests() -> Result<Self> {
        Self::find_or(|| build(&[], "debug"))
    }

    /// `OSSICLE_BIN`, or the release build with object stores.
    pub(crate) fn find_or_build_for_stores() -> Result<Self> {
        Self::find_or(|| build(&["--release", "--features", "cloud"], "release"))
    }

    /// A binary that is there already.
    pub(crate) fn at(binary: PathBuf) -> Self {
        Self { binary, card: OnceCell::new() }
    }

    fn find_or(other: impl FnOnce() -> Result<PathBuf>) -> Result<Self> {
        let binary = match env::var_os("OSSICLE_BIN") {
            Some(binary) => fs::canonicalize(&binary)
                .with_context(|| format!("OSSICLE_BIN is {}", Path::new(&binary).display()))?,
            None => other()?,
        };
        Ok(Self::at(binary))
    }

    pub(crate) fn binary(&self) -> &Path {
        &self.binary
    }

    /// The card of the datasets that it wrote.
    pub(crate) fn card(&self) -> Option<&[u8]> {
        self.card.get().map(Vec::as_slice)
    }

    pub(crate) fn version(&self) -> Option<String> {
        let output = Command::new(&self.binary).arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        Some(text.lines().next()?.to_owned())
    }

    /// The measured job: `ossicle extract` into `output`, which is emptied before the clock starts.
    pub(crate) fn extract(&self, corpus: &Path, output: &Scratch, jobs: usize) -> Result<Taken> {
        output.clear()?;
        let taken = measure::run(
            Command::new(&self.binary)
                .args(Self::extract_arguments(corpus, output.path(), jobs))
                .stdout(Stdio::null()),
        )?;
        self.check_dataset(output.path())?;
        Ok(taken)
    }

    pub(crate) fn extract_arguments(corpus: &Path, dataset: &Path, jobs: usize) -> Vec<String> {
        let corpus = corpus.display().to_string();
        let dataset = dataset.display().to_string();
        let jobs = jobs.to_string();
        ["extract", &corpus, "--out", &dataset, "--preset", "timit-mfcc", "--jobs", &jobs, "-q"]
            .map(str::to_owned)
            .to_vec()
    }

    /// A dataset is complete when its card is there, and nothing in the card varies between two runs
    /// of the same job: the card holds the checksums of all files.
    pub(crate) fn check_dataset(&self, dataset: &Path) -> Result<()> {
        let path = dataset.join("dataset.json");
        let card = fs::read(&path).with_context(|| {
            format!("ossicle exited with 0, but there is no {}", path.display())
        })?;
        if *self.card.get_or_init(|| card.clone()) != card {
            bail!("{} differs from the runs before: not the same bytes", path.display());
        }
        Ok(())
    }
}

fn build(profile: &[&str], folder: &str) -> Result<PathBuf> {
    eprintln!("xtask: building ossicle");
    let status = workspace::cargo()
        .args(["build", "--locked", "--package", "ossicle-cli"])
        .args(profile)
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("ossicle does not build");
    }
    Ok(workspace::target_dir().join(folder).join("ossicle"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_card_and_a_different_card_are_errors() {
        let folder = env::temp_dir().join(format!("xtask-card-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let scratch = Scratch::new(folder);
        let ossicle = Ossicle::at(PathBuf::new());
        let message = |result: Result<()>| result.unwrap_err().to_string();

        assert!(message(ossicle.check_dataset(scratch.path())).contains("there is no "));
        let card = scratch.path().join("dataset.json");
        fs::write(&card, "{}").unwrap();
        ossicle.check_dataset(scratch.path()).unwrap();
        ossicle.check_dataset(scratch.path()).unwrap();
        fs::write(&card, "{ }").unwrap();
        assert!(message(ossicle.check_dataset(scratch.path())).ends_with("not the same bytes"));
    }
}
