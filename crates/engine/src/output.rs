//! The place that a run writes to: whose it is, and what is left in it of earlier runs.

mod folder;
mod found;
mod objects;
mod opened;
mod published;
mod writable;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ossicle_dataset::{CARD_FILE, JOB_FILE, Place, STAGE_DIR, Store, require_own};
use ossicle_files::is_url;

use crate::difference::Difference;
use crate::error::Error;
use crate::options::RunOptions;
use crate::plan::Plan;
pub(crate) use folder::lock;
use found::read_job;
pub(crate) use opened::{Opened, Output};
pub(crate) use published::is_published;

/// Opens or creates a place, and locks it where it is a folder. A run that was stopped while publishing is
/// finished first. Where it fails, it can be called again: nothing in it waits for room to open files.
pub(crate) fn open(place: &Place<'_>, plan: &Plan, options: &RunOptions) -> Result<Opened, Error> {
    match place {
        Place::Folder(store) => folder::open(store, plan, options),
        Place::Objects(store) => objects::open(store, plan, options),
    }
}

/// Tells what [`open`] would come to, and changes nothing.
pub(crate) fn look(place: &Place<'_>, plan: &Plan, options: &RunOptions) -> Result<Opened, Error> {
    match place {
        Place::Folder(store) => folder::look(store, plan, options),
        Place::Objects(store) => objects::look(store, plan, options),
    }
}

/// Refuses a folder where shares cannot put their parts: another job was begun there, or a link is in the way. It
/// takes no lock: parts get their names whole, and whichever share is last names the same bytes.
///
/// - `key`: of the shares' job
pub(crate) fn join(place: &Place<'_>, key: &str) -> Result<(), Error> {
    if let Place::Folder(store) = place {
        require_own(store, [])?;
    }
    match read_job(place.store())? {
        Some(begun) if begun.job == key => Ok(()),
        _ => Err(Error::OtherPlan { path: place.root(), difference: Difference::Utterances }),
    }
}

/// Returns whether something is there that a run can go on with, or that it will not make again.
///
/// - `overwrite`: whether a dataset that is there will be made again
pub(crate) fn is_begun(place: &Place<'_>, overwrite: bool) -> Result<bool, Error> {
    match place {
        Place::Folder(store) => {
            let is_there = |name: &str| store.path(name).exists();
            let is_complete = is_there(CARD_FILE) && !overwrite;
            Ok([JOB_FILE, STAGE_DIR].into_iter().any(is_there) || is_complete)
        }
        Place::Objects(store) => {
            let is_there = |name: &str| Ok::<_, Error>(store.stat(name)?.is_some());
            Ok(is_there(JOB_FILE)? || (!overwrite && is_there(CARD_FILE)?))
        }
    }
}

/// Refuses an output inside the corpus, where the next run would find it. A corpus inside the output is
/// no better: overwriting a dataset removes files.
pub(crate) fn refuse_inside(root: &Path, walked: &BTreeSet<PathBuf>) -> Result<(), Error> {
    if is_url(root) {
        return objects_inside(root, walked);
    }
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

/// Refuses likewise names below which a corpus is, or that are below a corpus.
fn objects_inside(root: &Path, walked: &BTreeSet<PathBuf>) -> Result<(), Error> {
    match walked.iter().find(|folder| root.starts_with(folder)) {
        Some(folder) => {
            Err(Error::InsideCorpus { path: root.to_owned(), corpus: folder.to_owned() })
        }
        None => Ok(()),
    }
}
