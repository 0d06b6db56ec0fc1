//! An executor that computes nothing: it makes parts up, notes what it is asked for, and fails on order.
//!
//! With it come plans of corpora that are nowhere, so that a test needs no recording and no folder.

mod made;
mod plans;

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ossicle_dataset::{Draft, MemoryStore, Stage};

use crate::bounds::readers::Readers;
use crate::bounds::stop::Stop;
use crate::cause::Cause;
use crate::error::Error;
use crate::events::{Event, Observer};
use crate::input_kind::InputKind;
use crate::notice::Notice;
use crate::part::{PartFile, PartWriter, part_name};
use crate::plan::Plan;
use crate::plan::order::PartOrder;
use crate::progress::{Listener, Progress};
use crate::rows::failure::Failure;
use crate::rows::sink::SinkScratch;
use crate::rows::tables::Tables;
use crate::run::executor::{Executor, PartRunner, Setting};
use crate::run::in_flight::InFlight;
use crate::run::orders::Planned;
use crate::run::parts::{PartsOptions, run_parts};
use crate::run::pool::lock;
use crate::work::Spent;

pub(crate) use made::MadeRows;
pub(crate) use plans::{in_parts_of, one_feature, plan, two_features, utterance, with_events};

/// Makes parts up. Its faults are those that it was given; it watches its own run.
#[derive(Default)]
pub(crate) struct Mock {
    /// The faults: what is to go wrong.
    pub(crate) faults: Faults,
    /// The flag that a run with this executor is asked to stop by.
    pub(crate) stop: Stop,
    pub(crate) in_flight: InFlight,
    asked: Mutex<Vec<usize>>,
    starts: AtomicUsize,
    heard: Mutex<Vec<String>>,
}

/// The faults: what is to go wrong.
#[derive(Default)]
pub(crate) struct Faults {
    /// Utterances that are bad, by their ids.
    pub(crate) bad: BTreeSet<&'static str>,
    /// The part that ends the run half way, and its error.
    pub(crate) part: Option<(At, fn() -> Error)>,
    /// The part that a worker dies over half way, once: it is then computed again.
    pub(crate) dies_over: Option<usize>,
    /// Asks the run to stop half way through a part.
    pub(crate) stop: Option<At>,
    /// The number of workers that can start, and the number that are asked to.
    pub(crate) starts: Option<(usize, usize)>,
}

/// A choice of a part.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// The one that is asked for after so many others.
    Ask(usize),
    /// The one of this number.
    Part(usize),
}

impl Mock {
    pub(crate) fn with(faults: Faults) -> Mock {
        Mock { faults, ..Mock::default() }
    }

    /// Returns the numbers of the parts that were asked for, in order.
    pub(crate) fn asked(&self) -> Vec<usize> {
        lock(&self.asked).clone()
    }

    /// Returns what was heard of the run, a line an event.
    pub(crate) fn heard(&self) -> Vec<String> {
        lock(&self.heard).clone()
    }

    /// Returns the options of a run with it: one worker, and whatever an earlier run has left is looked
    /// for.
    pub(crate) fn options<'a>(&'a self, store: &'a MemoryStore) -> PartsOptions<'a> {
        PartsOptions {
            workers: 1,
            readers: Readers::default(),
            executor: self,
            cluster: None,
            store,
            is_fresh: false,
            max_failures: None,
            keep_going: false,
            retry_failed: false,
            stop: &self.stop,
            observer: self,
            in_flight: &self.in_flight,
            orders: &Planned,
            earlier: &|| Ok(None),
            done: &|_| Ok(()),
        }
    }
}

impl Observer for Mock {
    fn on(&self, event: Event<'_>) {
        let line = match event {
            // Told of every utterance and every part besides.
            Event::Begun { .. } | Event::PartEnded { .. } => return,
            Event::Start { utterances, resumed, workers, .. } => {
                format!("start {utterances} {resumed} {workers}")
            }
            Event::Utterance { number, id, num_frames, .. } => {
                format!("stored {number} {id} {num_frames}")
            }
            Event::Failure { row, path, .. } => format!("failed {} {}", row.id, path.display()),
            Event::SplitDone { name, utterances, .. } => format!("done {name} {utterances}"),
            Event::Notice(Notice::WorkerDied { how }) => format!("died {how}"),
            other => format!("{other:?}"),
        };
        lock(&self.heard).push(line);
    }
}

impl Executor for Mock {
    fn start<'a>(&'a self, setting: Setting<'a>) -> Result<Box<dyn PartRunner + 'a>, Error> {
        let before = self.starts.fetch_add(1, Ordering::SeqCst);
        if self.faults.starts.is_some_and(|(can, _)| before >= can) {
            let source = io::Error::from(ErrorKind::WouldBlock);
            return Err(Error::Worker { program: "mock".into(), source });
        }
        // What stands for utterances has masks of its own.
        let tables = Tables { vad: None, ..Tables::new(setting.job.clone())? };
        Ok(Box::new(MockRunner { mock: self, setting, tables, scratch: SinkScratch::default() }))
    }
}

struct MockRunner<'a> {
    mock: &'a Mock,
    setting: Setting<'a>,
    tables: Tables,
    scratch: SinkScratch,
}

impl PartRunner for MockRunner<'_> {
    fn run_part(&mut self, order: &PartOrder, hear: Listener<'_>) -> Result<Draft, Error> {
        let faults = &self.mock.faults;
        let ask = {
            let mut asked = lock(&self.mock.asked);
            asked.push(order.number);
            asked.len() - 1
        };
        // Long enough for the others to have tried.
        while faults.starts.is_some_and(|(_, all)| self.mock.starts.load(Ordering::SeqCst) < all) {
            thread::yield_now();
        }
        let is_here = |at: At| at == At::Ask(ask) || at == At::Part(order.number);
        let ends = |stop: Option<At>| stop.is_some_and(is_here);
        let half = order.utterances.len().div_ceil(2);
        if faults.dies_over == Some(order.number) {
            drop(self.compute(order, half, hear)?);
            hear(Progress::Notice(Notice::WorkerDied { how: "on order".to_owned() }))?;
        }
        if let Some((at, error)) = faults.part
            && is_here(at)
        {
            drop(self.compute(order, half, hear)?);
            return Err(error());
        }
        if ends(faults.stop) {
            drop(self.compute(order, half, hear)?);
            self.mock.stop.flag().store(15, Ordering::SeqCst);
        }
        self.compute(order, order.utterances.len(), hear)?.finish()
    }
}

impl MockRunner<'_> {
    /// Writes the first utterances of a part.
    fn compute(
        &mut self,
        order: &PartOrder,
        utterances: usize,
        hear: Listener<'_>,
    ) -> Result<PartWriter, Error> {
        let Setting { job, store, stop, .. } = self.setting;
        let (name, sources) = (part_name(order.number), order.sources(InputKind::Audio)?);
        let arrays = self.tables.arrays.in_parts();
        let mut writer = PartWriter::create(store, &name, arrays, job.key(), &sources)?;
        for (place, utterance) in order.utterances[..utterances].iter().enumerate() {
            stop.check()?;
            hear(Progress::Begun { place })?;
            let made = MadeRows::of(utterance, &self.tables.arrays);
            // What is bad has rows until it turns out to be.
            let moments = made.write(&self.tables, &mut writer, &mut self.scratch)?;
            if self.mock.faults.bad.contains(&*utterance.id) {
                let (stage, cause, error) = (Stage::Decode, Cause::Truncated, "on order");
                let row = Failure::new(stage, cause, error).row(&order.split, utterance);
                writer.fail(&row)?;
                hear(Progress::Failed { place, stage, cause, error: error.to_owned() })?;
                continue;
            }
            let row = made.row(utterance);
            writer.store(&row, &moments);
            let (audio, spent) = (Duration::from_secs(1), Spent::default());
            hear(Progress::Stored { place, num_frames: row.num_frames, audio, spent })?;
        }
        Ok(writer)
    }
}

/// Makes all parts of a plan up.
///
/// - `bad`: the ids of utterances that fail
pub(crate) fn parts(plan: &Plan, store: &MemoryStore, bad: &[&'static str]) -> Vec<PartFile> {
    let faults = Faults { bad: bad.iter().copied().collect(), ..Faults::default() };
    run_parts(plan, &Mock::with(faults).options(store)).unwrap().parts
}
