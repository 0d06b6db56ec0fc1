//! Parts that stay beside the dataset that was made of them.
//!
//! They lie in the folder of parts, and a file says that they are to be kept and of which job they are. A run that
//! makes another dataset moves both aside before it writes parts of its own; once that dataset is there, they are
//! gone.

use std::sync::Mutex;

use ossicle_dataset::{
    Card, JOB_FILE, KEPT_DIR, KEPT_FILE, LocalStore, PARTS_DIR, Store, read_whole, write_whole,
};
use serde::{Deserialize, Serialize};

use super::stamps::{SOURCES_BLAKE3, listed_sources};
use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::job_file::JobFile;
use crate::part::{KEPT_PARTS_DIR, PartFile, kept_part_name, part_name};
use crate::plan::Plan;
use crate::run::pool::{self, lock};

/// The content of `.ossicle/kept.json`.
#[derive(Debug, Serialize, Deserialize)]
struct KeptFile {
    /// The job that the parts are of.
    job: JobFile,
    /// BLAKE3 of what the sources looked like that they are of, as the dataset's `run.json` has it.
    sources: String,
    /// How many good utterances each has.
    utterances: Vec<u64>,
}

/// The file that says so of parts that were moved aside.
const ASIDE_FILE: &str = ".ossicle/kept/kept.json";

/// Says that the parts of a dataset which is about to be published are to be kept.
///
/// - `run`: what its `run.json` says
pub(crate) fn keep(
    plan: &Plan,
    parts: &[PartFile],
    run: &serde_json::Value,
    store: &LocalStore,
) -> Result<(), Error> {
    let utterances = parts.iter().map(|part| part.footer.utterances() as u64).collect();
    let sources = run[SOURCES_BLAKE3].as_str().unwrap_or_default().to_owned();
    let kept = KeptFile { job: JobFile::of(plan), sources, utterances };
    let text = serde_json::to_vec(&kept).unwrap_or_default();
    Ok(write_whole(store, KEPT_FILE, &text, true)?)
}

/// Moves the parts of the dataset in place aside, where they were kept. Can be called again after any interruption.
pub(crate) fn set_aside(store: &LocalStore) -> Result<(), Error> {
    if store.stat(JOB_FILE)?.is_some() {
        // Parts are those of a run that has begun since, and what says otherwise is of that run's own end.
        return Ok(store.remove(KEPT_FILE)?);
    }
    if of_dataset(store, KEPT_FILE).is_none() {
        return Ok(store.remove(KEPT_FILE)?);
    }
    move_folder(store, PARTS_DIR, KEPT_PARTS_DIR)?;
    rename(store, KEPT_FILE, ASIDE_FILE)
}

/// Moves them back, where no run has begun that they were moved aside for.
pub(crate) fn put_back(store: &LocalStore) -> Result<(), Error> {
    if store.stat(JOB_FILE)?.is_some() || store.stat(ASIDE_FILE)?.is_none() {
        return Ok(());
    }
    if of_dataset(store, ASIDE_FILE).is_none() {
        // The dataset that they were moved aside for is there.
        let removed = store.remove_folder_all(KEPT_DIR);
        return removed.map_err(Error::io("remove", &store.path(KEPT_DIR)));
    }
    move_folder(store, KEPT_PARTS_DIR, PARTS_DIR)?;
    rename(store, ASIDE_FILE, KEPT_FILE)
}

/// Reads what says of which dataset parts are; none if it is not the one in place.
fn of_dataset(store: &LocalStore, name: &str) -> Option<KeptFile> {
    let kept: KeptFile = serde_json::from_slice(&read_whole(store, name).ok()?).ok()?;
    (listed_sources(store)? == kept.sources).then_some(kept)
}

/// Removes them, wherever they are, but for what is in the folder of parts.
pub(crate) fn remove_kept(store: &LocalStore) -> Result<(), Error> {
    store.remove(KEPT_FILE)?;
    let removed = store.remove_folder_all(KEPT_DIR);
    removed.map_err(Error::io("remove", &store.path(KEPT_DIR)))
}

/// Moves a folder, unless that was done before.
fn move_folder(store: &LocalStore, from: &str, to: &str) -> Result<(), Error> {
    let is_there = |name: &str| store.exists(name).map_err(Error::io("look at", &store.path(name)));
    if !is_there(from)? {
        return Ok(());
    }
    let created = store.create_folder(KEPT_DIR);
    created.map_err(Error::io("create the folder", &store.path(KEPT_DIR)))?;
    let removed = store.remove_folder_all(to);
    removed.map_err(Error::io("remove", &store.path(to)))?;
    rename(store, from, to)
}

fn rename(store: &LocalStore, from: &str, to: &str) -> Result<(), Error> {
    store.rename(from, to).map_err(Error::io("rename to", &store.path(to)))
}

/// The parts that a dataset was made of, where they were kept.
#[derive(Debug)]
pub(super) struct KeptParts {
    /// The good utterances before each part, and one more: all of them.
    before: Vec<u64>,
    /// Whether each is what was written.
    is_sound: Vec<bool>,
}

impl KeptParts {
    /// Looks at the parts of a dataset; none where they were not kept.
    ///
    /// - `workers`: how many are read at once
    ///
    /// # Errors
    /// If it was asked to stop. What cannot be read is not there.
    pub(super) fn open(
        plan: &Plan,
        card: &Card,
        store: &LocalStore,
        workers: usize,
        stop: &Stop,
    ) -> Result<Option<KeptParts>, Error> {
        let aside = of_dataset(store, ASIDE_FILE);
        let name = if aside.is_some() { kept_part_name } else { part_name };
        let kept = aside.or_else(|| of_dataset(store, KEPT_FILE));
        let Some(KeptFile { utterances, .. }) = kept.filter(|kept| kept.job.job == card.job) else {
            return Ok(None);
        };
        let mut before = vec![0_u64];
        before.extend(utterances.iter().scan(0_u64, |sum, &good| {
            *sum = sum.saturating_add(good);
            Some(*sum)
        }));
        let all: u64 = card.splits.iter().map(|split| split.utterances).sum();
        if before.last() != Some(&all) {
            return Ok(None);
        }
        let sound: Vec<Mutex<bool>> = utterances.iter().map(|_| Mutex::default()).collect();
        let arrays = plan.arrays.in_parts();
        pool::for_each(workers, sound.len(), |number| {
            stop.check()?;
            let file = PartFile::open(store, &name(number), arrays, &card.job).ok();
            let file = file.filter(|file| file.footer.utterances() as u64 == utterances[number]);
            *lock(&sound[number]) = file.is_some_and(|file| file.is_sound(store).unwrap_or(false));
            Ok::<_, Error>(())
        })?;
        stop.check()?;
        let is_sound = sound.iter().map(|sound| *lock(sound)).collect();
        Ok(Some(KeptParts { before, is_sound }))
    }

    /// Returns whether all of them are there.
    pub(super) fn are_whole(&self) -> bool {
        self.is_sound.iter().all(|&sound| sound)
    }

    /// Returns the part of an utterance, and its place among the part's good ones; none where that is not sound.
    ///
    /// - `utterance`: counted over the good ones of all splits
    pub(super) fn place_of(&self, utterance: u64) -> Option<(u32, u32)> {
        let part = self.before.partition_point(|&before| before <= utterance).checked_sub(1)?;
        let is_sound = self.is_sound.get(part).copied().unwrap_or(false);
        let place = u32::try_from(utterance - self.before[part]).ok()?;
        is_sound.then_some((u32::try_from(part).ok()?, place))
    }
}
