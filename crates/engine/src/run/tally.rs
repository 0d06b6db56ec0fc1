//! A tally of how far a run is, kept by all of its workers.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::bounds::tolerance::Tolerance;
use crate::error::Error;
use crate::events::{Event, Observer};
use crate::kept_ledger::KEPT_LEDGER;
use crate::part::PartFile;
use crate::plan::Plan;
use crate::plan::order::PartOrder;
use crate::plan::parts::{Part, source_bytes};
use crate::plan::statistics::Statistics;
use crate::progress::Progress;
use crate::rows::failure::Failure;
use crate::run::in_flight::InFlight;
use crate::run::pool::lock;
use crate::run::probe::Probe;
use crate::work::Work;

/// A tally of how far a run is, kept by all of its workers.
pub(crate) struct Tally<'a> {
    observer: &'a dyn Observer,
    max_failures: Option<Tolerance>,
    probe: Option<Probe>,
    splits: Vec<SplitTally>,
    failures: AtomicU64,
    utterances: u64,
    in_flight: &'a InFlight,
    /// The name and the places of the splits that are normalised by, and how many utterances they have.
    normalised_by: Option<(String, Vec<usize>, u64)>,
    work: Mutex<Work>,
}

/// The tally of a split.
struct SplitTally {
    utterances: u64,
    parts_left: AtomicUsize,
    done: AtomicU64,
    failed: AtomicU64,
    began: Mutex<Option<Instant>>,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(
        plan: &Plan,
        found: &[Option<PartFile>],
        todo: &[&Part],
        max_failures: Option<Tolerance>,
        probe: Option<Probe>,
        (observer, in_flight): (&'a dyn Observer, &'a InFlight),
    ) -> Tally<'a> {
        let failed = |split| {
            let of = plan.parts.iter().zip(found).filter(|(part, _)| part.split == split);
            of.filter_map(|(_, found)| Some(found.as_ref()?.footer.failures)).sum::<u64>()
        };
        let utterances = |split| {
            let of = plan.parts.iter().filter(|part| part.split == split);
            of.map(|part| part.utterances.len() as u64).sum::<u64>()
        };
        let split = |split| SplitTally {
            utterances: utterances(split),
            parts_left: todo.iter().filter(|part| part.split == split).count().into(),
            done: 0.into(),
            failed: failed(split).into(),
            began: Mutex::new(None),
        };
        let resumed_failures: u64 = found.iter().flatten().map(|part| part.footer.failures).sum();
        Tally {
            observer,
            max_failures,
            probe,
            splits: (0..plan.corpus.splits.len()).map(split).collect(),
            failures: resumed_failures.into(),
            utterances: plan.parts.iter().map(|part| part.utterances.len() as u64).sum(),
            in_flight,
            normalised_by: match &plan.statistics {
                Some(Statistics::Of { name, splits }) => {
                    let utterances = splits.iter().map(|&split| utterances(split)).sum();
                    Some((name.clone(), splits.clone(), utterances))
                }
                _ => None,
            },
            work: Mutex::default(),
        }
    }

    /// Returns the work that it was told of.
    pub(crate) fn into_work(self) -> Work {
        self.work.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how many utterances there are.
    pub(crate) fn utterances(&self) -> u64 {
        self.utterances
    }

    /// Begins a part, and returns what hears of it. Of a part that is computed again, what was heard
    /// before is not counted twice.
    pub(crate) fn begin_part<'t>(
        &'t self,
        split: usize,
        order: &'t PartOrder,
    ) -> impl FnMut(Progress) -> Result<(), Error> + 't {
        lock(&self.splits[split].began).get_or_insert_with(Instant::now);
        let mut heard_of = 0;
        move |progress| self.hear(split, order, progress, &mut heard_of)
    }

    /// - `heard_of`: how many utterances of the part were heard of
    fn hear(
        &self,
        split: usize,
        order: &PartOrder,
        progress: Progress,
        heard_of: &mut usize,
    ) -> Result<(), Error> {
        self.check()?;
        let mut counted = |place: usize| {
            let utterance = order.utterances.get(place).filter(|_| place >= *heard_of)?;
            *heard_of = place + 1;
            Some((utterance, self.splits[split].done.fetch_add(1, Ordering::Relaxed)))
        };
        match progress {
            Progress::Begun { place } => {
                if let Some(utterance) = order.utterances.get(place) {
                    let (part, split, id) = (order.number, order.split.as_str(), &*utterance.id);
                    self.observer.on(Event::Begun { part, split, id });
                }
            }
            Progress::Notice(notice) => self.observer.on(Event::Notice(&notice)),
            Progress::Stored { place, num_frames, audio, spent } => {
                let Some((utterance, number)) = counted(place) else { return Ok(()) };
                let (split, id) = (order.split.as_str(), &utterance.id);
                if let Some(probe) = &self.probe {
                    probe.stored(order.number);
                }
                let source_bytes = source_bytes(utterance);
                self.observer.on(Event::Utterance {
                    number,
                    split,
                    id,
                    num_frames,
                    audio,
                    spent,
                    source_bytes,
                });
                lock(&self.work).add(split, id, spent);
            }
            Progress::Failed { place, stage, cause, error } => {
                let Some((utterance, _)) = counted(place) else { return Ok(()) };
                let row = Failure::new(stage, cause, error).row(&order.split, utterance);
                let path = &utterance.path(&order.root);
                let source_bytes = source_bytes(utterance);
                self.observer.on(Event::Failure { row: &row, path, source_bytes });
                self.in_flight.failed(order.number, &row);
                self.splits[split].failed.fetch_add(1, Ordering::Release);
                if let Some(probe) = &self.probe {
                    probe.failed(order.number, row);
                }
                let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
                if let Some(most) = self.max_failures
                    && !most.allows(failures, self.utterances)
                {
                    let (allowed, ledger) = (most.to_string(), KEPT_LEDGER.into());
                    return Err(Error::TooManyFailures { failures, allowed, ledger });
                }
            }
        }
        Ok(())
    }

    /// Goes on unless what the run began with has failed for one reason, or all that is normalised by has
    /// failed.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.probe.as_ref().map_or(Ok(()), Probe::check)?;
        self.check_normalised_by()
    }

    /// Refuses to go on with other splits where nothing is there to normalise them by. Where all are done,
    /// merging tells.
    fn check_normalised_by(&self) -> Result<(), Error> {
        let Some((from, splits, utterances)) = &self.normalised_by else { return Ok(()) };
        let left = |split: usize| self.splits[split].parts_left.load(Ordering::Acquire);
        let failed = |split: &usize| self.splits[*split].failed.load(Ordering::Acquire);
        let all_failed = splits.iter().map(failed).sum::<u64>() == *utterances
            && splits.iter().all(|&split| left(split) == 0);
        match all_failed && (0..self.splits.len()).any(|split| left(split) > 0) {
            true => {
                Err(Error::NoFrames { from: from.clone(), utterances: *utterances, ledger: None })
            }
            false => Ok(()),
        }
    }

    /// Counts a part that is done.
    pub(crate) fn end_part(&self, plan: &Plan, part: &Part) -> Result<(), Error> {
        self.in_flight.ended(part.number);
        self.observer.on(Event::PartEnded { part: part.number });
        if let Some(probe) = &self.probe {
            probe.ended(part.number);
        }
        let tally = &self.splits[part.split];
        if tally.parts_left.fetch_sub(1, Ordering::AcqRel) == 1 {
            let began = *lock(&tally.began);
            self.observer.on(Event::SplitDone {
                name: &plan.split(part).name,
                utterances: tally.utterances,
                took: began.map_or(Duration::ZERO, |began| began.elapsed()),
            });
        }
        self.check()
    }
}
