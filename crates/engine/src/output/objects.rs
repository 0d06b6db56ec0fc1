//! A name in an object store: what is below it is looked at, and nothing is locked.

use std::path::Path;

use ossicle_dataset::{
    CARD_FILE, Card, JOB_FILE, ObjectStore, RUN_FILE, Stat, Store, WORK_DIR, finish_publication,
    is_litter, published_card, remove_drafts, require_conditions, write_whole,
};

use super::found::{Found, There, find, parts_left, read_job};
use super::opened::{Opened, Output};
use crate::error::Error;
use crate::job_file::JobFile;
use crate::kept_ledger::KEPT_LEDGER;
use crate::options::RunOptions;
use crate::part::PARTS_DIR;
use crate::plan::Plan;
use crate::share::PLAN_FILE;

/// Makes the place ready for a run. What a run that has published has not removed is removed first.
pub(super) fn open(
    store: &ObjectStore,
    plan: &Plan,
    options: &RunOptions,
) -> Result<Opened, Error> {
    refuse_updates(store, options)?;
    refuse_other_files(store)?;
    require_conditions(store)?;
    let there = there(store, options)?;
    let root = store.address("");
    let (is_fresh, retries) = match found(store, &root, there.as_ref(), plan, options)? {
        Found::Work { is_fresh, retries, .. } => (is_fresh, retries),
        Found::Complete(card) => {
            let parts_left = parts_left(store)?;
            if parts_left == 0 {
                finish_publication(store, &card)?;
            }
            return Ok(Opened::Complete { card, parts_left });
        }
    };
    // Of a run that ended without a dataset.
    store.remove(KEPT_LEDGER)?;
    if is_fresh {
        // Where nobody had begun, another share of the job may be beginning just now.
        if read_job(store)?.is_some_and(|begun| begun.job != plan.job.key) {
            store.remove_all(PARTS_DIR)?;
            store.remove(PLAN_FILE)?;
            remove_drafts(store, &format!("{WORK_DIR}/"))?;
        }
        let text = serde_json::to_vec_pretty(&JobFile::of(plan)).unwrap_or_default();
        write_whole(store, JOB_FILE, &text, false)?;
    } else if store.stat(PLAN_FILE)?.is_none() {
        // Drafts beside a stored plan may be those of shares that are at work.
        remove_drafts(store, &format!("{PARTS_DIR}/"))?;
    }
    let replaces = there_now(store)?;
    Ok(Opened::Ready(Output { is_fresh, _lock: None, retries, updates: None, replaces }))
}

/// Tells what [`open`] would come to, and changes nothing.
pub(super) fn look(
    store: &ObjectStore,
    plan: &Plan,
    options: &RunOptions,
) -> Result<Opened, Error> {
    refuse_updates(store, options)?;
    refuse_other_files(store)?;
    let there = there(store, options)?;
    let root = store.address("");
    Ok(match found(store, &root, there.as_ref(), plan, options)? {
        Found::Work { is_fresh, retries, .. } => {
            Opened::Ready(Output { is_fresh, _lock: None, retries, updates: None, replaces: None })
        }
        Found::Complete(card) => Opened::Complete { card, parts_left: parts_left(store)? },
    })
}

/// The dataset that is there, unless it is to be replaced, whatever it is.
fn there(store: &ObjectStore, options: &RunOptions) -> Result<Option<Card>, Error> {
    if options.overwrite {
        return Ok(None);
    }
    Ok(published_card(store)?)
}

/// The card that is there now, which the new one is to replace.
fn there_now(store: &ObjectStore) -> Result<Option<Stat>, Error> {
    Ok(store.stat(CARD_FILE)?)
}

fn found(
    store: &ObjectStore,
    root: &Path,
    there: Option<&Card>,
    plan: &Plan,
    options: &RunOptions,
) -> Result<Found, Error> {
    let there = there.map(|card| There { card, is_staged: false, folder: None });
    find((store, root), there, plan, options)
}

/// Refuses a name below which somebody else's objects are: it is ours if nothing is there, or a card, or
/// what an earlier run has begun.
fn refuse_other_files(store: &ObjectStore) -> Result<(), Error> {
    let (files, folders) = store.words()?;
    if files.iter().any(|name| name == CARD_FILE) || folders.iter().any(|name| name == WORK_DIR) {
        return Ok(());
    }
    let is_other = |name: &&String| *name != RUN_FILE && !is_litter(name.as_bytes());
    match files.iter().chain(&folders).filter(is_other).min() {
        Some(example) => {
            Err(Error::OutputInUse { path: store.address(""), example: example.clone() })
        }
        None => Ok(()),
    }
}

/// Refuses what only a folder has: datasets that are updated, and parts that are kept.
fn refuse_updates(store: &ObjectStore, options: &RunOptions) -> Result<(), Error> {
    let action = match options {
        RunOptions { update: true, .. } => "update",
        RunOptions { keep_parts: true, .. } => "keep parts in",
        _ => return Ok(()),
    };
    let url = store.location().to_string();
    Err(ossicle_dataset::Error::from(ossicle_remote::Error::Unsupported { action, url }).into())
}
