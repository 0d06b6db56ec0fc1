//! The folder that a run writes to: whose it is, and what is left in it of earlier runs.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use ossicle_dataset::{
    CARD_FILE, Card, Dataset, LOCK_FILE, RUN_FILE, WORK_DIR, is_publishing, publish, remove_work,
};
use serde::{Deserialize, Serialize};

use crate::difference::Difference;
use crate::error::Error;
use crate::extract::RunOptions;
use crate::plan::Plan;

/// An output folder, locked for this run.
#[derive(Debug)]
pub(crate) struct Output {
    root: PathBuf,
    parts: PathBuf,
    fresh: bool,
    /// Held as long as the run lasts; the operating system releases it with the process.
    _lock: Option<File>,
    /// How many failures the complete dataset has that is tried again.
    retries: u64,
}

/// What the output folder turned out to be.
#[derive(Debug)]
pub(crate) enum Opened {
    /// Ours to write to.
    Ready(Output),
    /// A dataset of this very job.
    Complete(Box<Card>),
}

const JOB_FILE: &str = "job.json";

/// What `.ossicle/job.json` says: enough to name what differs between two jobs.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct JobFile {
    job: String,
    version: String,
    listing: String,
    recipe: serde_json::Value,
}

impl JobFile {
    fn of(plan: &Plan) -> JobFile {
        JobFile {
            job: plan.job.key.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            listing: plan.listing.clone(),
            recipe: recipe_value(plan),
        }
    }

    /// What differs from the job of a plan.
    fn difference(&self, plan: &Plan) -> Difference {
        let now = JobFile::of(plan);
        if self.version != now.version {
            return Difference::Version { was: self.version.clone(), is: now.version };
        }
        if let Some(what) = recipe_difference(&self.recipe, &now.recipe) {
            return what;
        }
        if self.listing != now.listing {
            return Difference::Utterances;
        }
        Difference::NamedFile
    }
}

pub(crate) fn recipe_value(plan: &Plan) -> serde_json::Value {
    serde_json::to_value(plan.recipe()).unwrap_or_default()
}

/// The first key that differs between two recipes.
fn recipe_difference(old: &serde_json::Value, new: &serde_json::Value) -> Option<Difference> {
    use serde_json::Value;
    fn walk(path: &str, old: &Value, new: &Value) -> Option<Difference> {
        let join =
            |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match (old, new) {
            _ if old == new => None,
            (Value::Object(a), Value::Object(b)) => {
                let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
                let value = |map: &serde_json::Map<String, Value>, key: &str| {
                    map.get(key).cloned().unwrap_or_default()
                };
                keys.into_iter().find_map(|key| walk(&join(key), &value(a, key), &value(b, key)))
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                a.iter().zip(b).find_map(|(a, b)| walk(path, a, b))
            }
            _ => {
                let (was, is) = (old.to_string(), new.to_string());
                Some(Difference::Key { key: path.to_owned(), was, is })
            }
        }
    }
    walk("", old, new)
}

impl Output {
    /// Opens or creates the folder and locks it. A run that was stopped while publishing is finished
    /// first.
    pub(crate) fn open(root: &Path, plan: &Plan, options: &RunOptions) -> Result<Opened, Error> {
        fs::create_dir_all(root).map_err(Error::io("create the folder", root))?;
        refuse_strangers(root)?;
        let work = root.join(WORK_DIR);
        let lock = loop {
            let lock = lock(root, &work, options.no_lock)?;
            if !is_publishing(root)? {
                break lock;
            }
            publish(root)?;
        };
        let mut retries = 0;
        if !options.overwrite {
            match Dataset::open(root) {
                Err(ossicle_dataset::Error::NoCard { .. }) => {}
                Ok(dataset) => match judge(root, plan, dataset.card(), options.retry_failed) {
                    Ok(0) => {
                        leave(root, plan)?;
                        return Ok(Opened::Complete(Box::new(dataset.card().clone())));
                    }
                    Ok(failures) => retries = failures,
                    Err(error) => {
                        leave(root, plan)?;
                        return Err(error);
                    }
                },
                Err(error) => return Err(error.into()),
            }
        }
        let job_path = work.join(JOB_FILE);
        let parts = work.join("parts");
        let mut fresh = true;
        match read_job(&work)? {
            Some(earlier) if earlier.job == plan.job.key => fresh = false,
            Some(earlier) if !options.overwrite => {
                return Err(Error::OtherJob {
                    path: root.to_owned(),
                    what: "the beginning",
                    difference: earlier.difference(plan),
                });
            }
            _ => {}
        }
        let old =
            [if fresh { Some(&parts) } else { None }, Some(&root.join(ossicle_dataset::STAGE_DIR))];
        for folder in old.into_iter().flatten() {
            match fs::remove_dir_all(folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                removed => removed.map_err(Error::io("remove", folder))?,
            }
        }
        fs::create_dir_all(&parts).map_err(Error::io("create the folder", &parts))?;
        if fresh {
            let text = serde_json::to_vec_pretty(&JobFile::of(plan)).unwrap_or_default();
            let draft = work.join("job.draft");
            fs::write(&draft, text).map_err(Error::io("write", &draft))?;
            fs::rename(&draft, &job_path).map_err(Error::io("rename to", &job_path))?;
        } else {
            remove_drafts(&parts)?;
        }
        Ok(Opened::Ready(Output { root: root.to_owned(), parts, fresh, _lock: lock, retries }))
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of part files.
    pub(crate) fn parts(&self) -> &Path {
        &self.parts
    }

    /// How many failures the complete dataset has that is tried again.
    pub(crate) fn retries(&self) -> u64 {
        self.retries
    }

    /// Whether nothing of an earlier run can be there.
    pub(crate) fn is_fresh(&self) -> bool {
        self.fresh
    }
}

/// What is to be done about a dataset that is there: nothing, or so many failures are tried again. An
/// error if it is another's, or damaged.
fn judge(root: &Path, plan: &Plan, card: &Card, retry_failed: bool) -> Result<u64, Error> {
    let failures: u64 = card.splits.iter().map(|split| split.failures).sum();
    // Recordings that were mended have other sizes and times.
    if retry_failed && failures > 0 && card.job == plan.job.key {
        return Ok(failures);
    }
    let same = card.job == plan.job.key && card.corpus.fingerprint == plan.fingerprint;
    if same && let Some(file) = damaged(root, card) {
        return Err(Error::Damaged { path: root.to_owned(), file: file.to_owned() });
    }
    if same && sources_are_the_same(root, plan)? {
        return Ok(0);
    }
    Err(Error::OtherJob {
        path: root.to_owned(),
        what: "a dataset",
        difference: card_difference(card, plan),
    })
}

/// Leaves no trace in a folder that is complete, but for what an unfinished run of another job has left:
/// that can be gone on with.
fn leave(root: &Path, plan: &Plan) -> Result<(), Error> {
    let work = root.join(WORK_DIR);
    if read_job(&work)?.is_none_or(|earlier| earlier.job == plan.job.key) {
        return Ok(remove_work(root)?);
    }
    let lock = work.join(LOCK_FILE);
    fs::remove_file(&lock).map_err(Error::io("remove", &lock))
}

/// What was begun in the folder; none if nothing was, or nothing that can be gone on with.
fn read_job(work: &Path) -> Result<Option<JobFile>, Error> {
    let path = work.join(JOB_FILE);
    match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => Ok(serde_json::from_slice(&text.map_err(Error::io("read", &path))?).ok()),
    }
}

/// Removes parts that were not finished. A worker that still writes to one writes to nothing.
fn remove_drafts(parts: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(parts).map_err(Error::io("read the folder", parts))? {
        let path = entry.map_err(Error::io("read the folder", parts))?.path();
        if path.extension().is_some_and(|extension| extension == "draft") {
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
    }
    Ok(())
}

/// The first file that is not there, or not of its size. What a look at names and sizes cannot find,
/// `verify` does.
fn damaged<'a>(root: &Path, card: &'a Card) -> Option<&'a str> {
    let whole = |path: &str, bytes| fs::metadata(root.join(path)).is_ok_and(|m| m.len() == bytes);
    let damaged = card.files.iter().find(|file| !whole(&file.path, file.bytes))?;
    Some(&damaged.path)
}

/// Whether recordings and alignments have the sizes and times that `run.json` was written with. Times
/// are no part of a dataset, so where there is no `run.json`, they do not count.
fn sources_are_the_same(root: &Path, plan: &Plan) -> Result<bool, Error> {
    let path = root.join(RUN_FILE);
    let text = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        text => text.map_err(Error::io("read", &path))?,
    };
    let run: Option<serde_json::Value> = serde_json::from_slice(&text).ok();
    let sources = run.as_ref().and_then(|run| run.get("sources")?.as_str());
    match sources {
        Some(sources) => Ok(sources == plan.sources()?),
        None => Ok(true),
    }
}

fn card_difference(card: &Card, plan: &Plan) -> Difference {
    let old = JobFile {
        job: card.job.clone(),
        version: card.ossicle.clone(),
        listing: plan.listing.clone(),
        recipe: card.recipe.clone(),
    };
    if card.job == plan.job.key && card.corpus.fingerprint == plan.fingerprint {
        return Difference::Sources;
    }
    if card.job == plan.job.key {
        return Difference::UtterancesOrSizes;
    }
    match old.difference(plan) {
        // The card does not say which utterances it has, so that these look alike.
        Difference::NamedFile => Difference::UtterancesOrSizes,
        difference => difference,
    }
}

/// What is written inside the corpus, the next run would find there. A corpus inside the output is no
/// better: overwriting a dataset removes files.
pub(crate) fn refuse_inside(root: &Path, walked: &BTreeSet<PathBuf>) -> Result<(), Error> {
    let absolute = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    // Of what is not there yet, the nearest folder above it tells where links lead.
    let there = absolute.ancestors().find_map(|above| {
        let real = above.canonicalize().ok()?;
        Some(real.join(absolute.strip_prefix(above).ok()?))
    });
    let real = there.unwrap_or(absolute);
    match walked.iter().find(|folder| real.starts_with(folder)) {
        Some(folder) => {
            Err(Error::InsideCorpus { path: root.to_owned(), corpus: folder.to_owned() })
        }
        None => Ok(()),
    }
}

/// A folder is ours if it is empty, holds a card, or was begun by an earlier run.
fn refuse_strangers(root: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(root).map_err(Error::io("read the folder", root))?;
    let mut example = None;
    for entry in entries {
        let name = entry.map_err(Error::io("read the folder", root))?.file_name();
        if name == CARD_FILE || name == WORK_DIR {
            return Ok(());
        }
        if name != RUN_FILE {
            let name = name.to_string_lossy().into_owned();
            example = Some(example.map_or(name.clone(), |least: String| least.min(name)));
        }
    }
    match example {
        Some(example) => Err(Error::OutputInUse { path: root.to_owned(), example }),
        None => Ok(()),
    }
}

/// Locks `.ossicle/lock`. After locking, the path must still be the locked file: a run that finishes
/// removes the folder. The lock is the operating system's, which takes it back from a process that was
/// killed.
pub(crate) fn lock(root: &Path, work: &Path, no_lock: bool) -> Result<Option<File>, Error> {
    let path = work.join(LOCK_FILE);
    loop {
        fs::create_dir_all(work).map_err(Error::io("create the folder", work))?;
        if no_lock {
            return Ok(None);
        }
        let file = match File::options().create(true).write(true).truncate(false).open(&path) {
            // Removed by a run that finished just now.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            opened => opened.map_err(Error::io("open", &path))?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { path: root.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(Error::NoLocks { path, source }),
        }
        let locked = file.metadata().map_err(Error::io("look at", &path))?;
        match fs::metadata(&path) {
            Ok(there) if (there.dev(), there.ino()) == (locked.dev(), locked.ino()) => {
                return Ok(Some(file));
            }
            _ => {}
        }
    }
}
