//! A worker: computes parts, wherever it runs.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ossicle_corpus::Utterance;
use ossicle_dataset::{Draft, Stage, Store};

use crate::ahead::Ahead;
use crate::bounds::stop::Stop;
use crate::cause::Cause;
use crate::error::Error;
use crate::input_kind::InputKind;
use crate::part::PartWriter;
use crate::plan::job::Job;
use crate::plan::order::{Origin, PartOrder};
use crate::progress::{Listener, Progress};
use crate::rows::context::Context;
use crate::rows::earlier::EarlierTaker;
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::tables::Tables;
use crate::rows::utterance::{StoredUtterance, Workbench};
use crate::work::Spent;

/// Computes parts of a job, one after the other. It has two files open at the most: a recording or an
/// alignment, and the part that it writes.
#[derive(Debug)]
pub struct Worker {
    tables: Arc<Tables>,
    bench: Workbench,
    ahead: Ahead,
}

impl Worker {
    /// Makes what the job needs: tables, and buffers that do not grow with recordings.
    ///
    /// # Errors
    /// If the job is not one that this version can do.
    pub fn new(job: &Job) -> Result<Worker, Error> {
        Ok(Worker::sharing(Arc::new(Tables::new(job.clone())?)))
    }

    /// Makes another worker of the same job, which shares its tables.
    pub fn another(&self) -> Worker {
        Worker::sharing(Arc::clone(&self.tables))
    }

    /// Makes a worker with these tables and buffers of its own.
    pub(crate) fn sharing(tables: Arc<Tables>) -> Worker {
        Worker { tables, bench: Workbench::default(), ahead: Ahead::default() }
    }

    /// Takes recordings from readers that go ahead of it.
    pub fn after(self, ahead: &Ahead) -> Worker {
        Worker { ahead: ahead.clone(), ..self }
    }

    /// Computes a part. Its draft becomes the part once [`Store::put`] has given it the part's name, which
    /// is for whoever coordinates.
    ///
    /// - `hear`: hears how it goes
    ///
    /// # Errors
    /// If it was asked to stop, cannot write, or `hear` says so. A bad recording is no error: it is in
    /// the part's ledger.
    pub fn run_part(
        &mut self,
        order: &PartOrder,
        to: &dyn Store,
        stop: &Stop,
        hear: &mut dyn FnMut(Progress) -> Result<(), Error>,
    ) -> Result<Draft, Error> {
        let Worker { tables, bench, ahead } = self;
        let (root, recipe) = (&*order.root, &tables.job.recipe);
        let _stoppable = stop.ends_waiting();
        // Taken before the recordings are read: a change while they are read makes the part stale.
        let kind = InputKind::of(recipe);
        let sources = match ahead.begin_part(order.number, kind) {
            Some(sources) => sources,
            None => order.sources(kind)?,
        };
        let name = order.part_name();
        let arrays = tables.arrays.in_parts();
        let mut writer = PartWriter::create(to, &name, arrays, &tables.job.key, &sources)?;
        let hear: RefCell<Listener<'_>> = RefCell::new(hear);
        let say = |progress| (hear.borrow_mut())(progress);
        let at = (order.number, 0);
        let context = Context { tables, stop, hear: &hear, root, ahead, at };
        let _ending = EndOfPart { ahead, part: order.number };
        let mut earlier_rows = EarlierTaker::new(tables, to, order);
        for (place, utterance) in order.utterances.iter().enumerate() {
            if order.only.as_ref().is_some_and(|only| !only.contains(&place)) {
                continue;
            }
            stop.check()?;
            let begin = Instant::now();
            say(Progress::Begun { place })?;
            let done = match order.origin(place) {
                Origin::Lost(how) => {
                    Err(Failure::new(Stage::Worker, Cause::WorkerDied, how).into())
                }
                Origin::Earlier(stamp, earlier)
                    if earlier_rows.is_as_it_was(utterance, stamp)? =>
                {
                    writer.begin();
                    earlier_rows.take(place, earlier, &mut writer)
                }
                Origin::Computed | Origin::Earlier(..) => {
                    writer.begin();
                    let next = order.next_computed(place);
                    let context = Context { at: (order.number, place), ..context };
                    process(bench, context, utterance, next, &mut writer)
                }
            };
            ahead.hear(bench.take_opening(), begin.elapsed());
            match done {
                Ok(StoredUtterance { row, moments, noted }) => {
                    writer.store(&row, &moments);
                    noted.into_iter().for_each(|note| writer.note(note, &row.id));
                    let samples = (row.end_sample - row.start_sample) as f64;
                    let audio = Duration::from_secs_f64(samples / f64::from(row.sample_rate_hz));
                    let took = begin.elapsed().saturating_sub(bench.take_set_up());
                    let spent = Spent { took, ..bench.spent() };
                    say(Progress::Stored { place, num_frames: row.num_frames, audio, spent })?;
                }
                Err(UtteranceError::Bad(failure)) => {
                    // What was not waited for is no fault of the recording.
                    stop.check()?;
                    writer.fail(&failure.clone().row(&order.split, utterance))?;
                    let Failure { stage, cause, error } = failure;
                    say(Progress::Failed { place, stage, cause, error })?;
                }
                Err(UtteranceError::Ends(error)) => return Err(error),
            }
        }
        bench.end_part();
        writer.finish()
    }
}

/// Forgets what was read ahead of a part when it is dropped, however the part has ended.
struct EndOfPart<'a> {
    ahead: &'a Ahead,
    part: usize,
}

impl Drop for EndOfPart<'_> {
    fn drop(&mut self) {
        self.ahead.end_part(self.part);
    }
}

/// Computes an utterance, and makes a failure of a panic: one bad file must not end the run, not even
/// by a mistake of ours.
fn process(
    bench: &mut Workbench,
    context: Context<'_>,
    utterance: &Utterance,
    next: Option<&Utterance>,
    writer: &mut PartWriter,
) -> Result<StoredUtterance, UtteranceError> {
    // Nothing half changed is used afterwards: the bench is a new one, and what was written is taken
    // back.
    let caught = catch_unwind(AssertUnwindSafe(|| bench.process(context, utterance, next, writer)));
    caught.unwrap_or_else(|panic| {
        *bench = Workbench::default();
        let why = panic_message(&*panic);
        let error = format!("it made ossicle panic, which is a bug, please report it: {why}");
        Err(Failure::new(Stage::Worker, Cause::Panicked, error).into())
    })
}

/// Returns what a panic says; nothing if it is no text.
fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
