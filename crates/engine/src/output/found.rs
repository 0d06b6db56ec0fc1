//! What an earlier run has left in a place, and what is to be done about it.

use std::path::Path;

use ossicle_dataset::{
    Card, Dataset, JOB_FILE, LocalStore, RUN_FILE, STAGE_DIR, Store, read_whole,
};
use ossicle_files::is_too_many_files;

use crate::bounds::room::available_cores;
use crate::difference::Difference;
use crate::error::Error;
use crate::job_file::{JobFile, card_difference};
use crate::options::RunOptions;
use crate::part::PARTS_DIR;
use crate::plan::Plan;
use crate::update::{self, Looked, Stamps};

/// What is to be done about what is there.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing: a dataset of this very job.
    Complete(Box<Card>),
    /// The work.
    Work {
        /// True where nothing of an earlier run can be gone on with.
        is_fresh: bool,
        /// The number of failures of a complete dataset that are tried again.
        retries: u64,
        /// The dataset that is updated.
        updates: Option<Box<Looked>>,
    },
}

/// What is to be done about a dataset that is there.
#[derive(Debug)]
enum Demand {
    /// Nothing.
    Nothing,
    /// So many failures are tried again.
    Retry(u64),
    /// It is updated.
    Update(Box<Looked>),
}

/// A dataset that is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct There<'a> {
    pub(super) card: &'a Card,
    /// True while it has only to be put in place, so that files may be here or there.
    pub(super) is_staged: bool,
    /// It and its folder, where it is in one: only there it can be updated.
    pub(super) folder: Option<(&'a Dataset, &'a LocalStore<'a>)>,
}

/// Decides what is to be done about what is there. An error if it is another job's, or damaged.
///
/// - `root`: the place, for messages
pub(super) fn find(
    (store, root): (&dyn Store, &Path),
    there: Option<There<'_>>,
    plan: &Plan,
    options: &RunOptions,
) -> Result<Found, Error> {
    let (retries, updates) = match there {
        None => (0, None),
        Some(there) => match demand((store, root), plan, there, options)? {
            Demand::Nothing => return Ok(Found::Complete(Box::new(there.card.clone()))),
            // What an earlier run did of that is gone on with.
            Demand::Retry(failures) => (failures, None),
            Demand::Update(looked) => (0, Some(looked)),
        },
    };
    let is_of_others = |difference: &Difference| *difference == Difference::Utterances;
    let is_fresh = match read_job(store)? {
        Some(earlier) if earlier.job == plan.job.key => false,
        // An update of the corpus as it was once goes no further.
        Some(earlier) if updates.is_some() && is_of_others(&earlier.difference(plan)) => true,
        Some(earlier) if !options.overwrite => {
            return Err(Error::OtherJob {
                path: root.to_owned(),
                what: "the beginning",
                difference: earlier.difference(plan),
            });
        }
        _ => true,
    };
    Ok(Found::Work { is_fresh, retries, updates })
}

/// Decides what is to be done about a dataset that is there. An error if it is another's, or damaged.
fn demand(
    (store, root): (&dyn Store, &Path),
    plan: &Plan,
    there: There<'_>,
    options: &RunOptions,
) -> Result<Demand, Error> {
    let card = there.card;
    let failures: u64 = card.splits.iter().map(|split| split.failures).sum();
    // Recordings that were mended have other sizes and times.
    let retries = options.retry_failed && failures > 0 && card.job == plan.job.key;
    if retries && !options.update {
        return Ok(Demand::Retry(failures));
    }
    let same = card.job == plan.job.key && card.corpus.fingerprint == plan.fingerprint;
    if same
        && !options.update
        && !there.is_staged
        && let Some(file) = damaged(store, card)?
    {
        return Err(Error::Damaged { path: root.to_owned(), file: file.to_owned() });
    }
    if same
        && !retries
        && sources_are_the_same(store, plan, there)?
        && !contents_differ(plan, there, options)?
    {
        return Ok(Demand::Nothing);
    }
    let other =
        |difference| Err(Error::OtherJob { path: root.to_owned(), what: "a dataset", difference });
    // What is only staged yet is put in place first.
    let updated = there.folder.filter(|_| options.update && !there.is_staged);
    let Some((dataset, local)) = updated else {
        return other(card_difference(card, plan));
    };
    match update::difference(dataset, plan, local, &options.stop)? {
        Ok(all_again) => {
            Ok(Demand::Update(Box::new(Looked { dataset: dataset.clone(), all_again })))
        }
        Err(difference) => other(difference),
    }
}

/// Counts the parts that an unfinished run has left and that can be gone on with.
///
/// # Errors
/// They cannot be looked at, which does not mean that there are none.
pub(super) fn parts_left(store: &dyn Store) -> Result<usize, Error> {
    if read_job(store)?.is_none() {
        return Ok(0);
    }
    let names = store.list(PARTS_DIR)?;
    Ok(names.iter().filter(|name| name.ends_with(".part")).count())
}

/// Reads what was begun in the place; none if nothing was, or if no part of it can be reused.
pub(super) fn read_job(store: &dyn Store) -> Result<Option<JobFile>, Error> {
    match read_whole(store, JOB_FILE) {
        Err(error) if error.is_not_found() => Ok(None),
        text => Ok(serde_json::from_slice(&text?).ok()),
    }
}

/// The name in the store of a file of the dataset.
fn name_of(card: &Card, file: &str) -> String {
    card.folder.as_ref().map_or_else(|| file.to_owned(), |folder| format!("{folder}/{file}"))
}

/// Finds the first file that is not there, or not of its size. What a look at names and sizes cannot
/// find, `verify` does.
///
/// # Errors
/// Too many files are open, which says nothing of these.
fn damaged<'a>(store: &dyn Store, card: &'a Card) -> Result<Option<&'a str>, Error> {
    for file in &card.files {
        let is_whole = match store.stat(&name_of(card, &file.path)) {
            Err(error) if is_too_many_files(&error) => return Err(error.into()),
            found => matches!(found, Ok(Some(found)) if found.bytes == file.bytes),
        };
        if !is_whole {
            return Ok(Some(&file.path));
        }
    }
    Ok(None)
}

/// Returns whether contents are hashed and some are others than when the dataset was made. Sizes and times do not tell.
fn contents_differ(plan: &Plan, there: There<'_>, options: &RunOptions) -> Result<bool, Error> {
    match there.folder.filter(|_| options.hash_inputs && !there.is_staged) {
        Some((_, store)) => {
            let workers = options.jobs.unwrap_or_else(available_cores);
            Ok(Stamps::take(plan, true, workers, &options.stop)?.differ(plan, store))
        }
        None => Ok(false),
    }
}

/// Returns whether recordings and alignments have the sizes and times that `run.json` was written with.
/// Times are no part of a dataset, so where there is no `run.json`, they do not count.
fn sources_are_the_same(store: &dyn Store, plan: &Plan, there: There<'_>) -> Result<bool, Error> {
    let staged = || read_whole(store, &format!("{STAGE_DIR}/{RUN_FILE}"));
    let text = match there.is_staged.then(staged) {
        Some(Ok(text)) => Ok(text),
        _ => read_whole(store, &name_of(there.card, RUN_FILE)),
    };
    let text = match text {
        Err(error) if error.is_not_found() => return Ok(true),
        text => text?,
    };
    let run: Option<serde_json::Value> = serde_json::from_slice(&text).ok();
    let sources = run.as_ref().and_then(|run| run.get("sources")?.as_str());
    match sources {
        Some(sources) => Ok(sources == plan.sources(&mut |_| {})?),
        None => Ok(true),
    }
}
