//! What a run looks at, refuses and tells before it works, for the run itself and for who only asks.

use std::path::Path;
use std::time::Instant;

use ossicle_dataset::Place;

use crate::bounds::disk;
use crate::bounds::room::Room;
use crate::bounds::waiting::Waiting;
use crate::error::Error;
use crate::events::{Event, Observer};
use crate::notice::Notice;
use crate::options::RunOptions;
use crate::outcome::Outcome;
use crate::output::{self, Opened, Output};
use crate::plan::Plan;
use crate::private;
use crate::rates;
use crate::update::{self, Stamps, UpdateCounts};

/// What may be done to the output folder, and how closely recordings are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The folder is made, locked and put in order.
    Change,
    /// Nothing is changed.
    Look,
    /// Nothing is changed, and nothing is estimated of recordings.
    LookAtList,
}

/// A run before it works.
pub(crate) enum Prepared {
    /// It may begin.
    MayBegin { room: Room, output: Output },
    /// There is nothing to do.
    Complete(Box<Outcome>),
}

/// A run as far as it is known before it works.
#[derive(Debug)]
pub enum Checked {
    /// It may begin, with so many workers.
    MayBegin {
        /// The number of workers that there is room for.
        workers: usize,
        /// What of the dataset that would be updated still holds; none where none would be.
        update: Option<UpdateCounts>,
    },
    /// There is nothing to do: the dataset is complete.
    Complete(Box<Outcome>),
}

/// Checks whether a run may begin: by all that [`extract`](crate::extract()) itself looks at before it works,
/// with the same errors and notices. Nothing is made, changed or waited for in the output's folder. Whether
/// a file system can lock does not show where no run has ever made a lock.
///
/// - `headers`: whether recordings are looked at for the room that a dataset takes
///
/// # Errors
/// Those that the run would end with before it works.
pub fn check(
    plan: &Plan,
    out: &Path,
    options: &RunOptions,
    headers: bool,
    observer: &dyn Observer,
) -> Result<Checked, Error> {
    let access = if headers { Access::Look } else { Access::LookAtList };
    let say = || observer.on(Event::Notice(&Notice::WaitingForFiles));
    let waiting = Waiting::new(&options.stop, &say);
    Ok(match prepare(plan, out, options, access, &waiting, observer)? {
        Prepared::MayBegin { room, output } => {
            let update = match (&output.updates, Place::at(out)?) {
                (Some(looked), Place::Folder(store)) => {
                    let (workers, stop) = (room.workers, &options.stop);
                    let stamps = Stamps::take(plan, options.hash_inputs, workers, stop)?;
                    let asked = (&stamps, options);
                    let found =
                        update::find(plan, Some(looked), &store, asked, &room, (observer, true))?;
                    Some(found.counts)
                }
                _ => None,
            };
            Checked::MayBegin { workers: room.workers, update }
        }
        Prepared::Complete(outcome) => Checked::Complete(outcome),
    })
}

/// Looks at everything that can be refused before a run works, and opens its output.
pub(crate) fn prepare(
    plan: &Plan,
    out: &Path,
    options: &RunOptions,
    access: Access,
    waiting: &Waiting<'_>,
    observer: &dyn Observer,
) -> Result<Prepared, Error> {
    let begin = Instant::now();
    // What can be refused is refused before anything is written.
    output::refuse_inside(out, &plan.corpus.walked)?;
    // Asked first, so that connections to an object store count.
    let place = Place::at(out)?;
    let is_begun = output::is_begun(&place, options.overwrite)?;
    let room = Room::make(plan, &place, options)?;
    // The estimate is of a whole job, and not of what is missing from one that was begun.
    if !is_begun {
        if access != Access::LookAtList {
            let say = || observer.on(Event::Notice(&Notice::WaitingForFiles));
            disk::require_space(plan, out, room.workers, &options.stop, &say)?;
        }
        rates::refuse(plan, &plan.rates)?;
    }
    let opened = waiting.patiently(|| match access {
        Access::Change => output::open(&place, plan, options),
        Access::Look | Access::LookAtList => output::look(&place, plan, options),
    })?;
    let output = match opened {
        Opened::Ready(output) => output,
        Opened::Complete { card, parts_left } => {
            if parts_left > 0 {
                observer.on(Event::Notice(&Notice::PartsLeft { parts: parts_left }));
            }
            let outcome = Outcome::of_card(out, *card, begin.elapsed(), waiting);
            return Ok(Prepared::Complete(Box::new(Outcome { already_complete: true, ..outcome })));
        }
    };
    // What is there already may be of a time in which it was not refused.
    rates::refuse(plan, &plan.rates)?;
    let of_output = output.notice(plan).into_iter().chain(private::notice(plan, out));
    for notice in room.notice.iter().cloned().chain(of_output) {
        observer.on(Event::Notice(&notice));
    }
    Ok(Prepared::MayBegin { room, output })
}
