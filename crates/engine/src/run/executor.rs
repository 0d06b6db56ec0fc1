//! Executors, which have parts computed: on threads of this process, in processes, or anywhere else.

use std::sync::Mutex;

use ossicle_dataset::{Draft, Store};

use crate::ahead::Ahead;
use crate::bounds::readers::Readers;
use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::plan::job::Job;
use crate::plan::order::PartOrder;
use crate::progress::Progress;
use crate::rows::worker::Worker;
use crate::run::pool::lock;

/// The setting that workers of a run have in common.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The job that parts are computed by.
    pub job: &'a Job,
    /// The store that drafts go to.
    pub store: &'a dyn Store,
    /// Asks the run to stop.
    pub stop: &'a Stop,
    /// The threads that read ahead of the workers of a process.
    pub readers: Readers,
    /// Those of this process.
    pub ahead: &'a Ahead,
}

/// An executor, which has parts computed somewhere. Whoever runs it gives the drafts their names: what
/// a worker leaves that outlives its run is nothing.
pub trait Executor: Sync {
    /// Starts a worker. It is used, and ended, by the thread that asks for it.
    ///
    /// # Errors
    /// If none can be started. Those that are there do all of the work then.
    fn start<'a>(&'a self, setting: Setting<'a>) -> Result<Box<dyn PartRunner + 'a>, Error>;

    /// Returns whether recordings are read in this process.
    fn reads_here(&self) -> bool {
        true
    }
}

/// Calls `work` with a setting, and has readers go ahead of its workers meanwhile, where those are in this process.
///
/// - `orders`: the parts in the order in which they are begun
pub(crate) fn reading_ahead<T>(
    executor: &dyn Executor,
    readers: Readers,
    job: &Job,
    (store, stop): (&dyn Store, &Stop),
    orders: &(dyn Fn(usize) -> Option<PartOrder> + Sync),
    work: impl FnOnce(Setting<'_>) -> T,
) -> T {
    let here = if executor.reads_here() { readers } else { Readers::default() };
    Ahead::over(here, job, orders, stop, |ahead| work(Setting { job, store, stop, readers, ahead }))
}

/// A worker as its executor sees it.
pub trait PartRunner {
    /// Has a part computed, and returns its draft.
    ///
    /// - `hear`: hears how it goes
    ///
    /// # Errors
    /// If the run cannot go on.
    fn run_part(
        &mut self,
        order: &PartOrder,
        hear: &mut dyn FnMut(Progress) -> Result<(), Error>,
    ) -> Result<Draft, Error>;

    /// Lets the worker go.
    fn end(self: Box<Self>) {}
}

/// Computes parts on the threads that ask for it. They share tables.
#[derive(Debug, Default)]
pub struct Threads {
    first: Mutex<Option<Worker>>,
}

impl Executor for Threads {
    fn start<'a>(&'a self, setting: Setting<'a>) -> Result<Box<dyn PartRunner + 'a>, Error> {
        let mut first = lock(&self.first);
        let worker = match &*first {
            Some(worker) => worker.another(),
            None => first.insert(Worker::new(setting.job)?).another(),
        };
        let worker = worker.after(setting.ahead);
        Ok(Box::new(OnThread { worker, setting }))
    }
}

struct OnThread<'a> {
    worker: Worker,
    setting: Setting<'a>,
}

impl PartRunner for OnThread<'_> {
    fn run_part(
        &mut self,
        order: &PartOrder,
        hear: &mut dyn FnMut(Progress) -> Result<(), Error>,
    ) -> Result<Draft, Error> {
        self.worker.run_part(order, self.setting.store, self.setting.stop, hear)
    }
}
