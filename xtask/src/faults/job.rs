//! A job, and the dataset that it makes when nothing is in its way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::chance::Chance;
use super::corpus::Corpus;
use super::running::Running;
use super::setting::Setting;
use super::tree::{Tree, WORK_DIR};

/// A command line of `ossicle extract`, but for where it writes to and with how many workers.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    program: PathBuf,
    pub(crate) corpus: Corpus,
    options: Vec<String>,
}

/// The result of a run that nothing disturbed, with which all others are compared.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) job: Job,
    pub(crate) tree: Tree,
    pub(crate) code: i32,
    /// The number of rows in the ledger.
    pub(crate) failures: usize,
    /// The time it took, and the time until all parts were there.
    pub(crate) took: Duration,
    pub(crate) computing: Duration,
    said: Vec<String>,
}

impl Job {
    pub(crate) fn new(setting: &Setting, corpus: Corpus, options: &[&str]) -> Self {
        let options = options.iter().map(|&word| word.to_owned()).collect();
        Self { program: setting.program().to_owned(), corpus, options }
    }

    /// The same job for a copy of its corpus.
    pub(crate) fn of(&self, corpus: Corpus) -> Self {
        Self { corpus, ..self.clone() }
    }

    pub(crate) fn command(&self, out: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(self.words(out));
        command
    }

    /// The words after the program's name.
    pub(crate) fn words(&self, out: &Path) -> Vec<String> {
        let mut words = vec!["extract".to_owned()];
        words.extend(self.corpus.words());
        words.extend(
            ["--out", &out.display().to_string(), "--preset", "timit-mfcc"].map(str::to_owned),
        );
        words.extend(self.options.iter().cloned());
        words
    }
}

impl Reference {
    /// Runs the job with one worker.
    ///
    /// - `folder`: for the dataset, which is removed again
    pub(crate) fn make(job: Job, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let out = folder.join("reference");
        let begin = Instant::now();
        let mut running = Running::start(job.command(&out).args(["--jobs", "1"]), folder)?;
        while !out.join(WORK_DIR).join("stage").exists() && !running.has_ended()? {
            thread::sleep(Duration::from_micros(200));
        }
        let computing = begin.elapsed();
        let ended = running.wait()?;
        let took = begin.elapsed();
        // One recording is bad: that is the way a run ends that could be done.
        ended.require_code(1)?;
        let tree = Tree::of(&out)?;
        let failures = rows(&out)?;
        ensure!(failures > 0, "a bad recording is not in the ledger");
        let said = ended.said().into_iter().map(str::to_owned).collect();
        fs::remove_dir_all(&out)?;
        Ok(Self { job, tree, code: ended.code(), failures, took, computing, said })
    }

    /// The lines that a run with faults said more than one without: it says something about itself.
    pub(crate) fn new_lines<'a>(&self, said: &[&'a str]) -> Vec<&'a str> {
        said.iter().copied().filter(|line| !self.said.iter().any(|known| known == line)).collect()
    }

    /// # Errors
    /// If the dataset is not the reference's, byte by byte, or something is left over.
    pub(crate) fn require_at(&self, out: &Path) -> Result<()> {
        self.tree.require_same(&Tree::of(out)?)
    }

    /// The reference of a small corpus, both below `ground`.
    pub(crate) fn small(setting: &Setting, ground: &Path) -> Result<Self> {
        let corpus = Corpus::small(setting.program(), ground.join("corpus"))?;
        Self::make(Job::new(setting, corpus, &[]), ground)
    }

    /// Finishes as [`Reference::finish`] does, with any workers.
    pub(crate) fn finish_with_any_workers(
        &self,
        setting: &Setting,
        chance: &mut Chance,
        out: &Path,
    ) -> Result<()> {
        let workers = setting.any_workers(chance);
        self.finish(self.job.command(out).args(workers), out).map(drop)
    }

    /// Runs the job to its end where nothing is in its way any more, and compares.
    ///
    /// # Errors
    /// If the dataset is not the reference's, byte by byte, or something is left over.
    pub(crate) fn finish(
        &self,
        command: &mut Command,
        out: &Path,
    ) -> Result<super::running::Ended> {
        let beside = out.parent().context("a dataset lies in a folder")?;
        let ended = Running::start_as(command, beside, ".finish")?.wait()?;
        ended.require_code(self.code)?;
        self.require_at(out).context("after finishing")?;
        Ok(ended)
    }
}

/// Counts the rows of a dataset's ledger.
pub(crate) fn rows(dataset: &Path) -> Result<usize> {
    Ok(fs::read_to_string(dataset.join("failures.jsonl"))?.lines().count())
}
