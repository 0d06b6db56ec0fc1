//! The folder that a run writes to: whose it is, and what is left in it of earlier runs.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use ossicle_dataset::{CARD_FILE, Card, Dataset, RUN_FILE, WORK_DIR, is_publishing, publish};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::plan::Plan;

/// An output folder, locked for this run.
#[derive(Debug)]
pub(crate) struct Output {
    root: PathBuf,
    parts: PathBuf,
    fresh: bool,
    /// Held as long as the run lasts; the operating system releases it with the process.
    _lock: File,
}

/// What the output folder turned out to be.
#[derive(Debug)]
pub(crate) enum Opened {
    /// Ours to write to.
    Ready(Output),
    /// A dataset of this very job.
    Complete(Box<Card>),
}

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
            job: plan.job.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            listing: plan.listing.clone(),
            recipe: recipe_value(plan),
        }
    }

    /// What differs from another job, in words.
    fn difference(&self, plan: &Plan) -> String {
        let now = JobFile::of(plan);
        if self.version != now.version {
            return format!("it was begun by version {}; this is {}", self.version, now.version);
        }
        if let Some(what) = recipe_difference(&self.recipe, &now.recipe) {
            return what;
        }
        if self.listing != now.listing {
            return "its list of utterances is another".to_owned();
        }
        "a file that the recipe names has changed".to_owned()
    }
}

pub(crate) fn recipe_value(plan: &Plan) -> serde_json::Value {
    serde_json::to_value(&plan.recipe).unwrap_or_default()
}

/// The first key that differs between two recipes, in words.
fn recipe_difference(old: &serde_json::Value, new: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    fn walk(path: &str, old: &Value, new: &Value) -> Option<String> {
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
            _ => Some(format!("its {path} was {old}, and is now {new}")),
        }
    }
    walk("", old, new)
}

impl Output {
    /// Opens or creates the folder and locks it. A run that was stopped while publishing is finished
    /// first.
    pub(crate) fn open(root: &Path, plan: &Plan, overwrite: bool) -> Result<Opened, Error> {
        fs::create_dir_all(root).map_err(Error::io("create the folder", root))?;
        refuse_strangers(root)?;
        let work = root.join(WORK_DIR);
        let lock = loop {
            let lock = lock(root, &work)?;
            if !is_publishing(root) {
                break lock;
            }
            publish(root)?;
        };
        if !overwrite {
            match Dataset::open(root) {
                Err(ossicle_dataset::Error::NoCard { .. }) => {}
                Ok(dataset) => {
                    let card = dataset.card();
                    let same = card.job == plan.job && card.corpus.fingerprint == plan.fingerprint;
                    if same && let Some(file) = damaged(root, card) {
                        let _ = fs::remove_dir_all(&work);
                        return Err(Error::job(format!(
                            "{}: {file} is missing or not as large as it was; --overwrite makes the \
                             dataset again",
                            root.display()
                        )));
                    }
                    if same && sources_are_the_same(root, plan) {
                        drop(lock);
                        let _ = fs::remove_dir_all(&work);
                        return Ok(Opened::Complete(Box::new(card.clone())));
                    }
                    let _ = fs::remove_dir_all(&work);
                    return Err(Error::OtherJob {
                        path: root.to_owned(),
                        what: "a dataset",
                        difference: card_difference(card, plan),
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
        let job_path = work.join("job.json");
        let parts = work.join("parts");
        let earlier = fs::read(&job_path).ok();
        let earlier = earlier.and_then(|text| serde_json::from_slice::<JobFile>(&text).ok());
        let mut fresh = true;
        match earlier {
            Some(earlier) if earlier.job == plan.job => fresh = false,
            Some(earlier) if !overwrite => {
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
        }
        Ok(Opened::Ready(Output { root: root.to_owned(), parts, fresh, _lock: lock }))
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of part files.
    pub(crate) fn parts(&self) -> &Path {
        &self.parts
    }

    /// Whether nothing of an earlier run can be there.
    pub(crate) fn is_fresh(&self) -> bool {
        self.fresh
    }
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
fn sources_are_the_same(root: &Path, plan: &Plan) -> bool {
    let run = fs::read(root.join(RUN_FILE)).ok();
    let run = run.and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
    let sources = run.as_ref().and_then(|run| run.get("sources")?.as_str());
    sources.is_none_or(|sources| sources == plan.sources())
}

fn card_difference(card: &Card, plan: &Plan) -> String {
    let old = JobFile {
        job: card.job.clone(),
        version: card.ossicle.clone(),
        listing: plan.listing.clone(),
        recipe: card.recipe.clone(),
    };
    if card.job == plan.job && card.corpus.fingerprint == plan.fingerprint {
        return "a recording or an alignment has changed since".to_owned();
    }
    if card.job == plan.job || old.difference(plan).starts_with("a file") {
        return "its utterances, or the sizes of their recordings, have changed".to_owned();
    }
    old.difference(plan)
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
/// removes the folder.
fn lock(root: &Path, work: &Path) -> Result<File, Error> {
    let path = work.join("lock");
    loop {
        fs::create_dir_all(work).map_err(Error::io("create the folder", work))?;
        let file = match File::options().create(true).write(true).truncate(false).open(&path) {
            // Removed by a run that finished just now.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            opened => opened.map_err(Error::io("open", &path))?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { path: root.to_owned() }),
            Err(TryLockError::Error(source)) => {
                return Err(Error::Io { action: "lock", path, source });
            }
        }
        let locked = file.metadata().map_err(Error::io("look at", &path))?;
        match fs::metadata(&path) {
            Ok(there) if (there.dev(), there.ino()) == (locked.dev(), locked.ino()) => {
                return Ok(file);
            }
            _ => {}
        }
    }
}
