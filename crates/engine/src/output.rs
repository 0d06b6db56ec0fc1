//! The folder that a run writes to: whose it is, and what is left in it of earlier runs.

mod writable;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ossicle_dataset::{
    CARD_FILE, Card, Dataset, JOB_FILE, LocalStore, Lock, RUN_FILE, STAGE_DIR, Store, WORK_DIR,
    is_litter, is_publishing, publish, read_whole, remove_drafts, remove_work, require_own,
    require_owned, staged_card, write_whole,
};

use crate::difference::Difference;
use crate::error::Error;
use crate::job_file::{JobFile, card_difference};
use crate::kept_ledger::KEPT_LEDGER;
use crate::merge::SHARDS_DIR;
use crate::notice::Notice;
use crate::options::RunOptions;
use crate::part::PARTS_DIR;
use crate::plan::Plan;
use crate::share::PLAN_FILE;
use crate::update::{self, Looked, WhyAgain};

/// An output folder, locked for this run.
#[derive(Debug)]
pub(crate) struct Output {
    is_fresh: bool,
    /// Held as long as the run lasts.
    _lock: Option<Lock>,
    /// The number of failures of the complete dataset that are tried again.
    retries: u64,
    /// The dataset that is updated.
    pub(crate) updates: Option<Box<Looked>>,
}

/// The state that the output folder turned out to be in.
#[derive(Debug)]
pub(crate) enum Opened {
    /// Ours to write to.
    Ready(Output),
    /// A dataset of this very job.
    Complete {
        card: Box<Card>,
        /// How many parts a run has left here that was stopped while it made the dataset again.
        parts_left: usize,
    },
}

/// What is to be done about what is in the folder.
#[derive(Debug)]
enum Found {
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
    /// It is updated; why all of its utterances have to be computed again, if there is a reason.
    Update(Option<WhyAgain>),
}

impl Output {
    /// Opens or creates the folder and locks it. A run that was stopped while publishing is finished
    /// first. Where it fails, it can be called again: nothing in it waits for room to open files.
    pub(crate) fn open(root: &Path, plan: &Plan, options: &RunOptions) -> Result<Opened, Error> {
        let store = LocalStore::new(root);
        store.create_folder("").map_err(Error::io("create the folder", root))?;
        refuse_other_files(&store)?;
        require_own(&store, plan.corpus.splits.iter().map(|split| split.name.as_str()))?;
        // Publishing removes the lock with everything else that is no dataset, so it is taken again.
        let lock = loop {
            let lock = lock(&store, options.no_lock)?;
            if !is_publishing(&store)? {
                break lock;
            }
            refuse_other_publication(&store, plan, options.overwrite)?;
            publish(&store)?;
        };
        let dataset = if options.overwrite { None } else { open_dataset(&store)? };
        let dataset = dataset.as_ref().map(|dataset| There { dataset, is_staged: false });
        let found = find(&store, dataset, plan, options);
        if dataset.is_some() && !matches!(found, Ok(Found::Work { .. })) {
            clean_up(&store)?;
        }
        let (is_fresh, retries, updates) = match found? {
            Found::Work { is_fresh, retries, updates } => (is_fresh, retries, updates),
            Found::Complete(card) => {
                return Ok(Opened::Complete { card, parts_left: parts_left(&store)? });
            }
        };
        match options.overwrite {
            true => update::remove_kept(&store)?,
            false => update::set_aside(&store)?,
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
            remove_drafts(&store, &format!("{WORK_DIR}/"))?;
            write_whole(&store, JOB_FILE, &text, false)?;
        } else if store.stat(PLAN_FILE)?.is_none() {
            // Drafts beside a stored plan may be those of shares that are at work.
            remove_drafts(&store, &format!("{PARTS_DIR}/"))?;
        }
        Ok(Opened::Ready(Output { is_fresh, _lock: lock, retries, updates }))
    }

    /// Tells what [`Output::open`] would come to, and changes nothing.
    pub(crate) fn look(root: &Path, plan: &Plan, options: &RunOptions) -> Result<Opened, Error> {
        let store = LocalStore::new(root);
        writable::require_folder(&store)?;
        let ready = |is_fresh, retries, updates| {
            Opened::Ready(Output { is_fresh, _lock: None, retries, updates })
        };
        if !root.exists() {
            return Ok(ready(true, 0, None));
        }
        refuse_other_files(&store)?;
        require_own(&store, plan.corpus.splits.iter().map(|split| split.name.as_str()))?;
        if !options.no_lock {
            Lock::look(&store)?;
        }
        writable::require_work(&store)?;
        // What a run was stopped at putting in place would be put there first.
        let is_staged = is_publishing(&store)?;
        if is_staged {
            refuse_other_publication(&store, plan, options.overwrite)?;
        }
        let of = if is_staged { LocalStore::new(store.path(STAGE_DIR)) } else { store.clone() };
        let dataset = if options.overwrite { None } else { open_dataset(&of)? };
        let there = dataset.as_ref().map(|dataset| There { dataset, is_staged });
        Ok(match find(&store, there, plan, options)? {
            Found::Work { is_fresh, retries, updates } => ready(is_fresh, retries, updates),
            Found::Complete(card) => Opened::Complete { card, parts_left: parts_left(&store)? },
        })
    }

    /// Returns what trying the failures of a complete dataset again takes, where that is done.
    pub(crate) fn notice(&self, plan: &Plan) -> Option<Notice> {
        let (failures, parts) = (self.retries, plan.parts.len());
        (failures > 0).then_some(Notice::Retrying { failures, parts })
    }

    /// Returns whether nothing of an earlier run can be there.
    pub(crate) fn is_fresh(&self) -> bool {
        self.is_fresh
    }
}

/// Refuses a folder where shares cannot put their parts: another job was begun there, or a link is in the way. It
/// takes no lock: parts get their names whole, and whichever share is last names the same bytes.
///
/// - `key`: of the shares' job
pub(crate) fn join(store: &LocalStore, key: &str) -> Result<(), Error> {
    require_own(store, [])?;
    match read_job(store)? {
        Some(begun) if begun.job == key => Ok(()),
        _ => Err(Error::OtherPlan {
            path: store.root().to_owned(),
            difference: Difference::Utterances,
        }),
    }
}

/// Opens the dataset that is there, if there is one.
fn open_dataset(store: &LocalStore) -> Result<Option<Dataset>, Error> {
    match Dataset::open_in(store) {
        Err(ossicle_dataset::Error::NoCard { .. }) => Ok(None),
        opened => Ok(Some(opened?)),
    }
}

/// Returns whether something is there that a run can go on with.
pub(crate) fn is_begun(root: &Path) -> bool {
    [JOB_FILE, STAGE_DIR].iter().any(|name| root.join(name).exists())
}

/// A dataset that is there.
#[derive(Debug, Clone, Copy)]
struct There<'a> {
    dataset: &'a Dataset,
    /// True while it has only to be put in place, so that files may be here or there.
    is_staged: bool,
}

/// Decides what is to be done about what is there. An error if it is another job's, or damaged.
fn find(
    store: &LocalStore,
    there: Option<There<'_>>,
    plan: &Plan,
    options: &RunOptions,
) -> Result<Found, Error> {
    let (retries, updates) = match there {
        None => (0, None),
        Some(there) => match demand(store, plan, there, options)? {
            Demand::Nothing => return Ok(Found::Complete(Box::new(there.dataset.card().clone()))),
            // What an earlier run did of that is gone on with.
            Demand::Retry(failures) => (failures, None),
            Demand::Update(all_again) => {
                let looked = Looked { dataset: there.dataset.clone(), all_again };
                (0, Some(Box::new(looked)))
            }
        },
    };
    let is_of_others = |difference: &Difference| *difference == Difference::Utterances;
    let is_fresh = match read_job(store)? {
        Some(earlier) if earlier.job == plan.job.key => false,
        // An update of the corpus as it was once goes no further.
        Some(earlier) if updates.is_some() && is_of_others(&earlier.difference(plan)) => true,
        Some(earlier) if !options.overwrite => {
            return Err(Error::OtherJob {
                path: store.root().to_owned(),
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
    store: &LocalStore,
    plan: &Plan,
    there: There<'_>,
    options: &RunOptions,
) -> Result<Demand, Error> {
    let (root, card) = (store.root(), there.dataset.card());
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
        && let Some(file) = damaged(root, card)
    {
        return Err(Error::Damaged { path: root.to_owned(), file: file.to_owned() });
    }
    if same && !retries && sources_are_the_same(store, plan, there.is_staged)? {
        return Ok(Demand::Nothing);
    }
    let other =
        |difference| Err(Error::OtherJob { path: root.to_owned(), what: "a dataset", difference });
    // What is only staged yet is put in place first.
    if !options.update || there.is_staged {
        return other(card_difference(card, plan));
    }
    match update::difference(there.dataset, plan, store, &options.stop)? {
        Ok(all_again) => Ok(Demand::Update(all_again)),
        Err(difference) => other(difference),
    }
}

/// Counts the parts that an unfinished run has left and that can be gone on with.
///
/// # Errors
/// They cannot be looked at, which does not mean that there are none.
fn parts_left(store: &LocalStore) -> Result<usize, Error> {
    if read_job(store)?.is_none() {
        return Ok(0);
    }
    let names = store.list(PARTS_DIR)?;
    Ok(names.iter().filter(|name| name.ends_with(".part")).count())
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

/// Reads what was begun in the folder; none if nothing was, or if no part of it can be reused.
fn read_job(store: &LocalStore) -> Result<Option<JobFile>, Error> {
    match read_whole(store, JOB_FILE) {
        Err(error) if error.is_not_found() => Ok(None),
        text => Ok(serde_json::from_slice(&text?).ok()),
    }
}

/// Finds the first file that is not there, or not of its size. What a look at names and sizes cannot
/// find, `verify` does.
fn damaged<'a>(root: &Path, card: &'a Card) -> Option<&'a str> {
    let whole = |path: &str, bytes| fs::metadata(root.join(path)).is_ok_and(|m| m.len() == bytes);
    let damaged = card.files.iter().find(|file| !whole(&file.path, file.bytes))?;
    Some(&damaged.path)
}

/// Returns whether recordings and alignments have the sizes and times that `run.json` was written with.
/// Times are no part of a dataset, so where there is no `run.json`, they do not count.
fn sources_are_the_same(store: &LocalStore, plan: &Plan, is_staged: bool) -> Result<bool, Error> {
    let staged = || read_whole(store, &format!("{STAGE_DIR}/{RUN_FILE}"));
    let text = match is_staged.then(staged) {
        Some(Ok(text)) => Ok(text),
        _ => read_whole(store, RUN_FILE),
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

/// Refuses an output inside the corpus, where the next run would find it. A corpus inside the output is
/// no better: overwriting a dataset removes files.
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
