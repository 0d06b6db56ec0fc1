//! Storing a plan, computing a share of it, and looking at what is left.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use ossicle_dataset::{CARD_FILE, Place};
use ossicle_dsp::Level;
use ossicle_recipe::Recipe;

use super::Share;
use super::deal::deal;
use super::stored_plan::{self, StoredPlan};
use crate::bounds::room::Room;
use crate::bounds::waiting::Waiting;
use crate::error::Error;
use crate::events::{Event, Observer};
use crate::extract::executor;
use crate::kept_ledger::{self, Ending};
use crate::merge::EarlyShards;
use crate::notice::Notice;
use crate::options::RunOptions;
use crate::output;
use crate::plan::Plan;
use crate::prepare::{Access, Prepared, prepare};
use crate::run::in_flight::InFlight;
use crate::run::orders::{Orders, Planned};
use crate::run::parts::{PartsOptions, find_parts, run_parts, with_parts_kept};
use crate::update::{self, Stamps};

/// How long a share waits before it looks again for the plan that another one makes.
const AGAIN: Duration = Duration::from_millis(200);

/// The outcome of a share.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ShareOutcome {
    /// Its parts are all there.
    Done {
        /// How many parts it has, and how many the plan.
        parts: usize,
        /// The number of parts that the plan has.
        of: usize,
        /// How many of its parts were there before.
        resumed_parts: usize,
        /// The utterances that are stored.
        utterances: u64,
        /// Those that are in the ledger instead.
        failures: u64,
        /// The number of workers.
        workers: usize,
        /// The time that it took.
        took: Duration,
    },
    /// The dataset is there already: nothing is left to do.
    Published,
}

/// The parts of a plan that are not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharesLeft {
    /// The number of parts that the plan has.
    pub parts: usize,
    /// Those that are not there, or not as they were written, or of recordings that have changed since: the number
    /// of each, its split, its first utterance, and how many it has.
    pub missing: Vec<(usize, String, String, usize)>,
    /// The utterances of those that are there.
    pub utterances: u64,
    /// Those that are in the ledger instead.
    pub failures: u64,
}

/// Stores a plan in the folder of its output, so that shares need not look at the corpus.
///
/// # Errors
/// Those that a run would end with before it works; or if the dataset is there already, or the plan cannot be
/// written.
pub fn store_plan(
    plan: &Plan,
    out: &Path,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<(), Error> {
    let say = || observer.on(Event::Notice(&Notice::WaitingForFiles));
    let waiting = Waiting::new(&options.stop, &say);
    match prepare(plan, out, options, Access::Change, &waiting, observer)? {
        Prepared::Complete(_) => Err(Error::AlreadyPublished { path: out.to_owned() }),
        // The lock is held until the plan is there.
        Prepared::MayBegin { output, room } => {
            let place = Place::at(out)?;
            let earlier = match (&output.updates, &place) {
                (Some(looked), Place::Folder(store)) => {
                    let stamps =
                        Stamps::take(plan, options.hash_inputs, room.workers, &options.stop)?;
                    let run = (&stamps, options);
                    Some(update::find(plan, Some(looked), store, run, &room, (observer, false))?)
                }
                _ => None,
            };
            let orders = earlier.as_ref().map_or(&Planned as &dyn Orders, |earlier| earlier);
            let _hash = stored_plan::store_plan(plan, orders, place.store())?;
            drop(output);
            Ok(())
        }
    }
}

/// Computes a share of a job's parts, whatever others do meanwhile. It takes no lock, and publishes nothing: that is
/// what [`extract`](crate::extract()) does afterwards, which finds the parts.
///
/// - `recipe`: which has to be that of the plan
/// - `make_plan`: makes the plan where none is stored yet; the share that does stores it for the others
///
/// # Errors
/// Those of [`extract`](crate::extract()); or if the plan is of another recipe or version, or damaged.
pub fn compute_share(
    share: Share,
    recipe: &Recipe,
    make_plan: &dyn Fn() -> Result<Plan, Error>,
    out: &Path,
    (options, level): (&RunOptions, Level),
    observer: &dyn Observer,
) -> Result<ShareOutcome, Error> {
    let begin = Instant::now();
    let say = || observer.on(Event::Notice(&Notice::WaitingForFiles));
    let waiting = Waiting::new(&options.stop, &say);
    let opening = |open: &mut dyn FnMut() -> _| waiting.open(open);
    let place = Place::at(out)?.with_opening(&opening);
    let Some(stored) = plan_of(recipe, make_plan, out, options, observer)? else {
        return Ok(ShareOutcome::Published);
    };
    output::join(&place, stored.key())?;
    let dealt = deal(&stored.sizes(), share.of());
    let plan = stored.outline(|part| dealt[part] + 1 == share.number(), level)?;
    let room = Room::make(&plan, &place, options)?;
    if let Some(notice) = &room.notice {
        observer.on(Event::Notice(notice));
    }
    let in_flight = InFlight::default();
    let shards = EarlyShards::at(&plan, &place);
    let executor = executor(out, &options.isolation);
    let parts_options = PartsOptions {
        orders: &stored,
        done: &|part| shards.as_ref().map_or(Ok(()), |shards| shards.done(part)),
        ..PartsOptions::of(options, &room, &*executor, place.store(), observer, &in_flight)
    };
    let ran = waiting.outcome(run_parts(&plan, &parts_options));
    // Somebody may have computed all parts that were missing, and be done.
    if output::is_published(&place, stored.key(), options.no_lock)? {
        return Ok(ShareOutcome::Published);
    }
    let ran = ran.map_err(|error| {
        let ending = Ending::OfShare(share);
        let error = kept_ledger::named_in(error, &plan, &place, (&in_flight, ending), out);
        with_parts_kept(&plan, place.store(), error)
    })?;
    let footers = || ran.parts.iter().map(|part| &part.footer);
    Ok(ShareOutcome::Done {
        parts: plan.parts.len(),
        of: dealt.len(),
        resumed_parts: ran.resumed,
        utterances: footers().map(|footer| footer.utterances() as u64).sum(),
        failures: footers().map(|footer| footer.failures).sum(),
        workers: ran.workers,
        took: begin.elapsed(),
    })
}

/// Opens the plan that is stored, or makes and stores it; none where the dataset is there already.
fn plan_of(
    recipe: &Recipe,
    make_plan: &dyn Fn() -> Result<Plan, Error>,
    out: &Path,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Option<StoredPlan>, Error> {
    let place = Place::at(out)?;
    loop {
        if let Some(stored) = StoredPlan::open(place.store(), out)? {
            stored.require_recipe(recipe)?;
            return Ok(Some(stored));
        }
        options.stop.check()?;
        // Who has the lock makes the plan, or publishes.
        if !options.no_lock && is_locked(&place)? {
            thread::sleep(AGAIN);
            continue;
        }
        let plan = make_plan()?;
        match store_plan(&plan, out, options, observer) {
            Err(Error::AlreadyPublished { .. }) => return Ok(None),
            // Another share was faster.
            Err(Error::Dataset(ossicle_dataset::Error::Locked { .. })) => {}
            stored => stored?,
        }
    }
}

fn is_locked(place: &Place<'_>) -> Result<bool, Error> {
    let Place::Folder(store) = place else { return Ok(false) };
    match ossicle_dataset::Lock::look(store) {
        Err(ossicle_dataset::Error::Locked { .. }) => Ok(true),
        looked => Ok(looked.map(|()| false)?),
    }
}

/// Looks which parts of a stored plan are there, whole and of recordings as they are now.
///
/// # Errors
/// If there is no plan, or it is damaged; or a part cannot be looked at.
pub fn check_shares(out: &Path, options: &RunOptions) -> Result<SharesLeft, Error> {
    let place = Place::at(out)?;
    let store = place.store();
    let Some(stored) = StoredPlan::open(store, out)? else {
        let path = out.to_owned();
        return Err(match store.stat(CARD_FILE)? {
            Some(_) => Error::AlreadyPublished { path },
            None => Error::NoPlan { path },
        });
    };
    let plan = stored.outline(|_| true, Level::BASELINE)?;
    let room = Room::make(&plan, &place, options)?;
    let found = find_parts((&plan, &stored), store, room.workers, false, &options.stop)?;
    let missing = plan.parts.iter().zip(&found).filter(|(_, found)| found.is_none());
    let missing = missing.map(|(part, _)| {
        let (split, first) = (plan.split(part).name.clone(), stored.first(part).to_owned());
        (part.number, split, first, part.utterances.len())
    });
    let footers = || found.iter().flatten().map(|part| &part.footer);
    Ok(SharesLeft {
        parts: plan.parts.len(),
        missing: missing.collect(),
        utterances: footers().map(|footer| footer.utterances() as u64).sum(),
        failures: footers().map(|footer| footer.failures).sum(),
    })
}
