//! What somebody else has, which no run may touch.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};

/// Files of a dataset and of a run, and others.
const FILES: [&str; 17] = [
    "lock",
    "job.json",
    "dataset.json",
    "run.json",
    "sources.jsonl",
    "kept.json",
    "kept/kept.json",
    "failures.jsonl",
    "demo.json",
    "thesis.tex",
    "index.npy",
    "utterances.jsonl",
    "features-00000.npy",
    "parts/000000.part",
    "stage/dataset.json",
    "stage/train/index.npy",
    "repair/dataset.json",
];

/// A folder of somebody else.
#[derive(Debug)]
pub(crate) struct Victim(PathBuf);

/// All that can be told of a folder without opening it, and the bytes of its files: nothing of it may
/// change, times included.
#[derive(Debug, PartialEq)]
pub(crate) struct Look(BTreeMap<PathBuf, Seen>);

#[derive(Debug, PartialEq)]
struct Seen {
    inode: u64,
    mode: u32,
    links: u64,
    /// Of its content and of itself, in seconds and nanoseconds.
    times: [i64; 4],
    bytes: Vec<u8>,
}

impl Victim {
    /// Makes it, with an empty folder in it.
    pub(crate) fn new(root: PathBuf) -> Result<Self> {
        for name in FILES {
            let path = root.join(name);
            let folder = path.parent().context("a file is in a folder")?;
            fs::create_dir_all(folder)?;
            fs::write(&path, format!("{name} of somebody else"))?;
            let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
            for path in [&path, folder] {
                File::open(path)?.set_modified(long_ago)?;
            }
        }
        fs::create_dir(root.join("empty"))?;
        Ok(Self(root))
    }

    /// What a link in a place of this name is made to lead to: its own thing of that name, if it has one.
    pub(crate) fn like(&self, place: &Path) -> PathBuf {
        let like = place.file_name().map(|name| self.0.join(name)).filter(|like| like.exists());
        like.unwrap_or_else(|| self.0.clone())
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn look(&self) -> Result<Look> {
        Look::at(&self.0)
    }
}

impl Look {
    /// The same but for what giving a file another name, or taking one away, changes of it.
    pub(crate) fn whatever_its_names(mut self) -> Self {
        for seen in self.0.values_mut() {
            seen.links = 0;
            seen.times[2..].fill(0);
        }
        self
    }

    /// Looks at a folder and all below it; at links, and not where they lead.
    pub(crate) fn at(root: &Path) -> Result<Self> {
        let mut seen = BTreeMap::new();
        let mut waiting = vec![root.to_owned()];
        while let Some(path) = waiting.pop() {
            let found = fs::symlink_metadata(&path)?;
            if found.is_dir() {
                for entry in fs::read_dir(&path)? {
                    waiting.push(entry?.path());
                }
            }
            let bytes = if found.is_file() { fs::read(&path)? } else { Vec::new() };
            let times = [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()];
            let (inode, mode, links) = (found.ino(), found.mode(), found.nlink());
            seen.insert(path, Seen { inode, mode, links, times, bytes });
        }
        Ok(Self(seen))
    }

    /// The same without the folder itself, in which something was made and removed.
    pub(crate) fn without(mut self, folder: &Path) -> Self {
        self.0.remove(folder);
        self
    }

    /// # Errors
    /// If anything is not what it was, with its path.
    pub(crate) fn require_same(&self, now: &Self) -> Result<()> {
        for (path, seen) in &self.0 {
            let there = now.0.get(path);
            ensure!(there.is_some(), "{} is gone", path.display());
            ensure!(there == Some(seen), "{} is not what it was", path.display());
        }
        let new = now.0.keys().find(|path| !self.0.contains_key(*path));
        ensure!(
            new.is_none(),
            "{} was made",
            new.map_or("".into(), |path| path.display().to_string())
        );
        Ok(())
    }
}
