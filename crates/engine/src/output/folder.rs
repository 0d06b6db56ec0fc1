//! A folder: it is locked, and what a run that was stopped has left is put in place or gone on with.

use ossicle_dataset::{
    CARD_FILE, Dataset, JOB_FILE, LocalStore, Lock, RUN_FILE, STAGE_DIR, Store, WORK_DIR,
    is_litter, is_publishing, publish, remove_drafts, remove_work, require_own, require_owned,
    staged_card, write_whole,
};

use super::found::{Found, There, find, parts_left, read_job};
use super::opened::{Opened, Output};
use super::writable;
use crate::error::Error;
use crate::job_file::{JobFile, card_difference};
use crate::kept_ledger::KEPT_LEDGER;
use crate::merge::SHARDS_DIR;
use crate::options::RunOptions;
use crate::part::PARTS_DIR;
use crate::plan::Plan;
use crate::share::PLAN_FILE;
use crate::update;

/// Opens or creates the folder and locks it. A run that was stopped while publishing is finished
/// first. Where it fails, it can be called again: nothing in it waits for room to open files.
pub(super) fn open(
    store: &LocalStore<'_>,
    plan: &Plan,
    options: &RunOptions,
) -> Result<Opened, Error> {
    let root = store.root();
    store.create_folder("").map_err(Error::io("create the folder", root))?;
    refuse_other_files(store)?;
    require_own(store, plan.corpus.splits.iter().map(|split| split.name.as_str()))?;
    // Publishing removes the lock with everything else that is no dataset, so it is taken again.
    let lock = loop {
        let lock = lock(store, options.no_lock)?;
        if !is_publishing(store)? {
            break lock;
        }
        refuse_other_publication(store, plan, options.overwrite)?;
        publish(store)?;
    };
    let dataset = if options.overwrite { None } else { open_dataset(store)? };
    let there = dataset.as_ref().map(|it| There {
        card: it.card(),
        is_staged: false,
        folder: Some((it, store)),
    });
    let found = find((store, root), there, plan, options);
    if there.is_some() && !matches!(found, Ok(Found::Work { .. })) {
        clean_up(store)?;
    }
    let (is_fresh, retries, updates) = match found? {
        Found::Work { is_fresh, retries, updates } => (is_fresh, retries, updates),
        Found::Complete(card) => {
            return Ok(Opened::Complete { card, parts_left: parts_left(store)? });
        }
    };
    match options.overwrite {
        true => update::remove_kept(store)?,
        false => update::set_aside(store)?,
    }
    // Of a run that ended without a dataset.
    store.remove(KEPT_LEDGER)?;
    let of_parts = [PARTS_DIR, SHARDS_DIR].into_iter().filter(|_| is_fresh);
    for folder in of_parts.chain([STAGE_DIR]) {
        let removed = store.remove_folder_all(folder);
        removed.map_err(Error::io("remove", &store.path(folder)))?;
    }
    let created = store.create_folder(PARTS_DIR);
    created.map_err(Error::io("create the folder", &store.path(PARTS_DIR)))?;
    if is_fresh {
        let text = serde_json::to_vec_pretty(&JobFile::of(plan)).unwrap_or_default();
        store.remove(PLAN_FILE)?;
        remove_drafts(store, &format!("{WORK_DIR}/"))?;
        write_whole(store, JOB_FILE, &text, false)?;
    } else if store.stat(PLAN_FILE)?.is_none() {
        // Drafts beside a stored plan may be those of shares that are at work.
        remove_drafts(store, &format!("{PARTS_DIR}/"))?;
    }
    Ok(Opened::Ready(Output { is_fresh, _lock: lock, retries, updates, replaces: None }))
}

/// Tells what [`open`] would come to, and changes nothing.
pub(super) fn look(
    store: &LocalStore<'_>,
    plan: &Plan,
    options: &RunOptions,
) -> Result<Opened, Error> {
    let root = store.root();
    writable::require_folder(store)?;
    let ready = |is_fresh, retries, updates| {
        Opened::Ready(Output { is_fresh, _lock: None, retries, updates, replaces: None })
    };
    if !root.exists() {
        return Ok(ready(true, 0, None));
    }
    refuse_other_files(store)?;
    require_own(store, plan.corpus.splits.iter().map(|split| split.name.as_str()))?;
    if !options.no_lock {
        Lock::look(store)?;
    }
    writable::require_work(store)?;
    // What a run was stopped at putting in place would be put there first.
    let is_staged = is_publishing(store)?;
    if is_staged {
        refuse_other_publication(store, plan, options.overwrite)?;
    }
    let of = if is_staged { LocalStore::new(store.path(STAGE_DIR)) } else { store.clone() };
    let dataset = if options.overwrite { None } else { open_dataset(&of)? };
    let there =
        dataset.as_ref().map(|it| There { card: it.card(), is_staged, folder: Some((it, store)) });
    Ok(match find((store, root), there, plan, options)? {
        Found::Work { is_fresh, retries, updates } => ready(is_fresh, retries, updates),
        Found::Complete(card) => Opened::Complete { card, parts_left: parts_left(store)? },
    })
}

/// Leaves no trace in a folder that is complete, but for what an unfinished run has left there, of this
/// job or of another: hours of work may be in that, and it can be gone on with. Parts that are to be kept stay.
fn clean_up(store: &LocalStore) -> Result<(), Error> {
    update::put_back(store)?;
    match parts_left(store)? {
        0 => Ok(remove_work(store)?),
        _ => Ok(Lock::remove(store)?),
    }
}

/// Refuses to finish putting a dataset in place that another user has left, or, unless it is replaced
/// afterwards, one of another job.
fn refuse_other_publication(store: &LocalStore, plan: &Plan, overwrite: bool) -> Result<(), Error> {
    require_owned(store, &[WORK_DIR, JOB_FILE, STAGE_DIR])?;
    let card = staged_card(store)?;
    let difference = match read_job(store)? {
        _ if overwrite => return Ok(()),
        Some(begun) if begun.job != plan.job.key => begun.difference(plan),
        _ if card.job != plan.job.key => card_difference(&card, plan),
        _ => return Ok(()),
    };
    let path = store.root().to_owned();
    Err(Error::OtherJob { path, what: "the beginning", difference })
}

/// Refuses a folder with files of somebody else: it is ours if it is empty (but for what desktops leave
/// everywhere), holds a card, or was begun by an earlier run.
fn refuse_other_files(store: &LocalStore) -> Result<(), Error> {
    let root = store.root();
    let names = store.names_in("").map_err(Error::io("read the folder", root))?;
    let mut example = None;
    for name in names {
        if name == CARD_FILE || name == WORK_DIR {
            return Ok(());
        }
        if name != RUN_FILE && !is_litter(name.as_encoded_bytes()) {
            let name = name.to_string_lossy().into_owned();
            example = Some(example.map_or(name.clone(), |least: String| least.min(name)));
        }
    }
    match example {
        Some(example) => Err(Error::OutputInUse { path: root.to_owned(), example }),
        None => Ok(()),
    }
}

/// Locks the folder, where it can be.
pub(crate) fn lock(store: &LocalStore, no_lock: bool) -> Result<Option<Lock>, Error> {
    match no_lock {
        true => {
            let created = store.create_folder(WORK_DIR);
            created.map_err(Error::io("create the folder", &store.path(WORK_DIR)))?;
            Ok(None)
        }
        false => Ok(Some(Lock::acquire(store)?)),
    }
}

/// Opens the dataset that is there, if there is one.
fn open_dataset(store: &LocalStore) -> Result<Option<Dataset>, Error> {
    match Dataset::open_in(store) {
        Err(ossicle_dataset::Error::NoCard { .. }) => Ok(None),
        opened => Ok(Some(opened?)),
    }
}
