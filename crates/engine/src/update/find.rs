//! Which utterances of a plan are as they were, and where what was made of them is.

use std::collections::{BTreeMap, HashSet};

use ossicle_corpus::Split;
use ossicle_dataset::{Dataset, IndexReader, LocalStore, shard_file};

use super::counts::{UpdateCounts, WhyAgain};
use super::kept_parts::KeptParts;
use super::lists::{Listed, Lists};
use super::recoverable::obstacle;
use super::sound::damaged;
use super::stamps::{EarlierStamps, Stamps};
use crate::bounds::room::Room;
use crate::bounds::stop::Stop;
use crate::cause::Cause;
use crate::error::Error;
use crate::events::{Event, Observer};
use crate::input_kind::InputKind;
use crate::notice::Notice;
use crate::options::RunOptions;
use crate::part::Stamp;
use crate::plan::Plan;
use crate::plan::order::{Earlier, EarlierRows, PartOrder};
use crate::plan::parts::Part;
use crate::run::orders::Orders;

/// A dataset that is to be updated.
#[derive(Debug)]
pub(crate) struct Looked {
    pub(crate) dataset: Dataset,
    /// Why all of its utterances have to be computed again, if there is a reason.
    pub(crate) all_again: Option<WhyAgain>,
}

/// What of an earlier run still holds.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) counts: UpdateCounts,
    /// The key of that run's job.
    pub(crate) job: String,
    /// Of each split of the plan, where what was made of each utterance is.
    pub(crate) of: Vec<Vec<Option<(Stamp, Earlier)>>>,
}

impl Orders for Found {
    /// Makes the order of a part, with what of it is there already.
    fn order(&self, plan: &Plan, part: &Part) -> Result<PartOrder, Error> {
        let of_split = self.of.get(part.split).map_or(&[][..], Vec::as_slice);
        let of_part = part.utterances.clone().map(|at| of_split.get(at).copied().flatten());
        let of: BTreeMap<_, _> =
            of_part.enumerate().filter_map(|(place, earlier)| Some((place, earlier?))).collect();
        Ok(PartOrder { earlier: EarlierRows { job: self.job.clone(), of }, ..plan.order(part) })
    }
}

/// Looks for what of the dataset that is updated still holds, and tells of it; nothing where none is.
///
/// - `room`: how many files are read at once
/// - `is_foreseen`: whether nothing is done with what is found
///
/// # Errors
/// If lists of the dataset cannot be read, or it was asked to stop.
pub(crate) fn find(
    plan: &Plan,
    updates: Option<&Looked>,
    store: &LocalStore,
    (stamps, options): (&Stamps, &RunOptions),
    room: &Room,
    (observer, is_foreseen): (&dyn Observer, bool),
) -> Result<Found, Error> {
    let Some(looked) = updates else { return Ok(Found::default()) };
    let using = (room.workers, &options.stop);
    let found = find_in(plan, looked, store, stamps, options.retry_failed, using)?;
    observer.on(Event::Notice(&Notice::Updating { counts: found.counts.clone(), is_foreseen }));
    Ok(found)
}

/// Looks for what of a dataset still holds.
///
/// - `retry_failed`: tries all failures again
/// - `workers`: how many files are read at once
fn find_in(
    plan: &Plan,
    Looked { dataset, all_again }: &Looked,
    store: &LocalStore,
    stamps: &Stamps,
    retry_failed: bool,
    (workers, stop): (usize, &Stop),
) -> Result<Found, Error> {
    let card = dataset.card();
    let splits = &plan.corpus.splits;
    let of: Vec<_> = splits.iter().map(|split| vec![None; split.utterances.len()]).collect();
    let mut found = Found { job: card.job.clone(), of, ..Found::default() };
    let count = |split: &Split| split.utterances.len() as u64;
    if *all_again == Some(WhyAgain::Damaged) {
        // Nobody knows which utterances there were.
        let all = splits.iter().map(count).sum();
        found.counts.computed_again.insert(WhyAgain::Damaged, all);
        return Ok(found);
    }
    let rows = Sources::look(plan, dataset, *all_again, store, (workers, stop))?;
    let earlier_stamps = EarlierStamps::open(store);
    let mut comparison = Comparison { plan, stamps, earlier_stamps, rows, retry_failed, found };
    let mut lists = Lists::open(dataset)?;
    let mut stored_before = 0;
    for split in &card.splits {
        stop.check()?;
        comparison.split(&split.name, stored_before, &mut lists)?;
        stored_before += split.utterances;
    }
    let mut found = comparison.found;
    let was_there = |name: &str| card.splits.iter().any(|split| split.name == name);
    let new = splits.iter().filter(|split| !was_there(&split.name)).map(count);
    found.counts.new += new.sum::<u64>();
    Ok(found)
}

/// Compares the utterances of a plan with those of a dataset, both in the order of their ids.
struct Comparison<'a> {
    plan: &'a Plan,
    stamps: &'a Stamps,
    earlier_stamps: Option<EarlierStamps>,
    rows: Sources<'a>,
    retry_failed: bool,
    found: Found,
}

impl Comparison<'_> {
    /// Compares those of a split of the dataset.
    ///
    /// - `stored_before`: the good utterances of the splits before
    fn split(
        &mut self,
        name: &str,
        stored_before: u64,
        lists: &mut Lists<'_>,
    ) -> Result<(), Error> {
        let splits = &self.plan.corpus.splits;
        let place = splits.iter().position(|own| own.name == name);
        let own: &[_] = place.map_or(&[], |place| &splits[place].utterances);
        let dataset = self.rows.dataset;
        let index = self.rows.files.is_ok().then(|| dataset.index(name)).transpose()?;
        let mut at = Cursor { index, stored_before, shard: 0 };
        self.earlier_stamps.iter_mut().for_each(|stamps| stamps.pass_to(name));
        let mut next = 0;
        lists.split(name, &mut |listed| {
            at.pass(&listed)?;
            while own.get(next).is_some_and(|utterance| *utterance.id < *listed.id()) {
                self.found.counts.new += 1;
                next += 1;
            }
            let is_own = own.get(next).is_some_and(|utterance| *utterance.id == *listed.id());
            match place.filter(|_| is_own) {
                None => self.found.counts.vanished += 1,
                Some(place) => {
                    self.utterance(name, (place, next), &listed, &at);
                    next += 1;
                }
            }
            Ok(())
        })?;
        self.found.counts.new += (own.len() - next) as u64;
        Ok(())
    }

    /// Compares an utterance with what it was.
    ///
    /// - `place`: of its split in the plan, and its own there
    fn utterance(&mut self, split: &str, place: (usize, usize), listed: &Listed, at: &Cursor) {
        let was = self.earlier_stamps.as_mut().and_then(|of| of.of(split, listed.id()));
        let is_as_it_was = was.ok_or(WhyAgain::NoStamps).and_then(|was| {
            self.stamps.is_as_it_was(place.0, place.1, &was).ok_or(WhyAgain::NoContents)
        });
        let counts = &mut self.found.counts;
        let earlier = match is_as_it_was {
            Ok(false) => {
                counts.changed += 1;
                None
            }
            Ok(true) => match self.rows.of(split, listed, at, self.retry_failed) {
                Ok(earlier) => Some(earlier),
                Err(why) => again(counts, why),
            },
            Err(why) => again(counts, why),
        };
        match earlier {
            Some(Earlier::Part { .. }) => counts.from_parts += 1,
            Some(Earlier::Files { .. }) => counts.from_dataset += 1,
            Some(Earlier::Failed { .. }) => counts.still_failed += 1,
            None => {}
        }
        let stamp = self.stamps.stamp(place.0, place.1);
        self.found.of[place.0][place.1] = earlier.map(|earlier| (stamp, earlier));
    }
}

/// Counts an utterance that is computed again.
fn again(counts: &mut UpdateCounts, why: WhyAgain) -> Option<Earlier> {
    *counts.computed_again.entry(why).or_default() += 1;
    None
}

/// A place in the lists of a split.
struct Cursor {
    /// Where rows are; none where no row of the dataset's files is taken.
    index: Option<IndexReader>,
    /// The good utterances of the splits before.
    stored_before: u64,
    /// The shard of the utterance that was passed last.
    shard: usize,
}

impl Cursor {
    fn pass(&mut self, listed: &Listed) -> Result<(), Error> {
        if let (Some(index), Listed::Stored { .. }) = (&mut self.index, listed) {
            self.shard = index.next().transpose()?.map_or(usize::MAX, |row| row.shard);
        }
        Ok(())
    }
}

/// What rows can be taken of.
struct Sources<'a> {
    dataset: &'a Dataset,
    all_again: Option<WhyAgain>,
    parts: Option<KeptParts>,
    /// The files of the dataset that are not what they were; or why none of its rows can be taken.
    files: Result<HashSet<String>, WhyAgain>,
    /// Rows of the list say how loud recordings are.
    has_levels: bool,
}

impl<'a> Sources<'a> {
    fn look(
        plan: &Plan,
        dataset: &'a Dataset,
        all_again: Option<WhyAgain>,
        store: &LocalStore,
        (workers, stop): (usize, &Stop),
    ) -> Result<Sources<'a>, Error> {
        let card = dataset.card();
        let parts = match all_again {
            Some(_) => None,
            None => KeptParts::open(plan, card, store, workers, stop)?,
        };
        let is_needed = parts.as_ref().is_none_or(|parts| !parts.are_whole());
        let files = match all_again.or_else(|| obstacle(plan)) {
            Some(why) => Err(why),
            None if is_needed => Ok(damaged(card, store, |_| true, workers, stop)?),
            None => Ok(HashSet::new()),
        };
        // An index that cannot be trusted says nothing of where rows are.
        let files = files.and_then(|damaged| {
            let is_index = |name: &String| name.contains("/index");
            if damaged.iter().any(is_index) { Err(WhyAgain::Damaged) } else { Ok(damaged) }
        });
        let recipe = plan.recipe();
        let is_audio = InputKind::of(recipe) != InputKind::Events;
        let has_levels = is_audio && recipe.audio().levels();
        Ok(Sources { dataset, all_again, parts, files, has_levels })
    }

    /// Returns where what was made of an utterance is, which is as it was; or why it is computed again.
    fn of(
        &self,
        split: &str,
        listed: &Listed,
        at: &Cursor,
        retry_failed: bool,
    ) -> Result<Earlier, WhyAgain> {
        if let Some(why) = self.all_again {
            return Err(why);
        }
        let (number, line, row) = match listed {
            Listed::Stored { number, line, row } => (*number, *line, row),
            Listed::Failed { line, row } => {
                let cause = Cause::named(&row.cause).filter(|cause| !cause.may_pass());
                return match cause {
                    Some(_) if !retry_failed => Ok(Earlier::Failed { line: *line }),
                    _ => Err(WhyAgain::TriedAgain),
                };
            }
        };
        if row.levels.is_some() != self.has_levels {
            return Err(WhyAgain::OlderRow);
        }
        let place = at.stored_before + u64::from(number);
        if let Some((part, utterance)) = self.parts.as_ref().and_then(|parts| parts.place_of(place))
        {
            return Ok(Earlier::Part { part, utterance });
        }
        let damaged = self.files.as_ref().map_err(|why| *why)?;
        let mut arrays = self.dataset.card().arrays.keys();
        let is_sound = |array: &String| !damaged.contains(&shard_file(split, array, at.shard));
        match at.shard != usize::MAX && arrays.all(is_sound) {
            true => Ok(Earlier::Files { utterance: number, line }),
            false => Err(WhyAgain::Damaged),
        }
    }
}
