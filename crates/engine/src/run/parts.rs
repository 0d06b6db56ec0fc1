//! The run of all parts: any worker, anywhere, any order.

#[cfg(test)]
mod tests;

use std::sync::Mutex;
use std::time::Duration;

use ossicle_dataset::{Put, Store};

use crate::bounds::readers::Readers;
use crate::bounds::room::Room;
use crate::bounds::stop::Stop;
use crate::bounds::tolerance::Tolerance;
use crate::error::Error;
use crate::events::{Event, Observer};
use crate::options::RunOptions;
use crate::part::{PARTS_DIR, PartFile, part_name};
use crate::plan::Plan;
use crate::plan::order::PartOrder;
use crate::plan::parts::Part;
use crate::progress::Listener;
use crate::run::cluster::OnCluster;
use crate::run::executor::{Executor, PartRunner, reading_ahead};
use crate::run::in_flight::InFlight;
use crate::run::orders::{Orders, Planned};
use crate::run::pool::{self, lock};
use crate::run::probe::Probe;
use crate::run::tally::Tally;
use crate::update::Found;
use crate::work::Work;

/// The options of running all parts.
pub(crate) struct PartsOptions<'a> {
    pub(crate) workers: usize,
    pub(crate) readers: Readers,
    pub(crate) executor: &'a dyn Executor,
    /// Computes parts before the executor does, which is left with what it does not.
    pub(crate) cluster: Option<OnCluster<'a>>,
    pub(crate) store: &'a dyn Store,
    /// True where nothing of an earlier run can be there.
    pub(crate) is_fresh: bool,
    /// The most failures that the run goes on with; absent, any number.
    pub(crate) max_failures: Option<Tolerance>,
    /// Goes on although all that it begins with fails for one reason.
    pub(crate) keep_going: bool,
    /// Computes parts with failures again.
    pub(crate) retry_failed: bool,
    pub(crate) stop: &'a Stop,
    pub(crate) observer: &'a dyn Observer,
    /// Is told of the failures of parts that are not done.
    pub(crate) in_flight: &'a InFlight,
    /// Makes the orders of the plan's parts.
    pub(crate) orders: &'a dyn Orders,
    /// Finds what an earlier run has made of utterances, which their orders then say; asked for where a part is not
    /// there yet.
    pub(crate) earlier: &'a dyn Fn() -> Result<Option<Found>, Error>,
    /// Is told, by the worker's thread, of a part that is done.
    pub(crate) done: &'a (dyn Fn(&Part) -> Result<(), Error> + Sync),
}

impl<'a> PartsOptions<'a> {
    /// Takes from a run's options what is of all parts. The plan has its utterances, nothing of an earlier run is used,
    /// and nobody is told of parts that are done.
    pub(crate) fn of(
        options: &'a RunOptions,
        room: &Room,
        executor: &'a dyn Executor,
        store: &'a dyn Store,
        observer: &'a dyn Observer,
        in_flight: &'a InFlight,
    ) -> PartsOptions<'a> {
        PartsOptions {
            workers: room.workers,
            readers: room.readers,
            executor,
            cluster: None,
            store,
            is_fresh: false,
            max_failures: options.max_failures,
            keep_going: options.keep_going,
            retry_failed: options.retry_failed,
            stop: &options.stop,
            observer,
            in_flight,
            orders: &Planned,
            earlier: &|| Ok(None),
            done: &|_| Ok(()),
        }
    }
}

/// The outcome of running all parts.
#[derive(Debug)]
pub(crate) struct PartsRun {
    /// Every part, in order.
    pub(crate) parts: Vec<PartFile>,
    /// The number of parts that were there already.
    pub(crate) resumed: usize,
    /// The number of workers that there were: the cluster's, where one was asked.
    pub(crate) workers: usize,
    /// The number of workers that could not be started.
    pub(crate) missing: usize,
    /// The time that workers took to start and to be joined.
    pub(crate) overhead: Duration,
    /// The work that was done.
    pub(crate) work: Work,
}

/// Runs the parts that are not there yet, largest first.
pub(crate) fn run_parts(plan: &Plan, options: &PartsOptions<'_>) -> Result<PartsRun, Error> {
    let PartsOptions { workers, executor, store, stop, observer, max_failures, in_flight, .. } =
        *options;
    let mut found = match options.is_fresh {
        true => plan.parts.iter().map(|_| None).collect(),
        false => find_parts((plan, options.orders), store, workers, options.retry_failed, stop)?,
    };
    let all = plan.largest_first();
    let probe = if options.keep_going { None } else { Probe::of(&all) };
    if let Some(probe) = &probe {
        probe.found(plan.parts.iter().zip(&found), store)?;
    }
    let mut todo: Vec<&Part> =
        all.into_iter().filter(|part| found[plan.place_of(part)].is_none()).collect();
    let earlier = if todo.is_empty() { None } else { (options.earlier)()? };
    let orders = earlier.as_ref().map_or(options.orders, |earlier| earlier as &dyn Orders);
    let tally = Tally::new(plan, &found, &todo, max_failures, probe, (observer, in_flight));
    // What an earlier run has left may tell.
    tally.check()?;
    let left: u64 = todo.iter().map(|part| part.utterances.len() as u64).sum();
    let (utterances, resumed) = (tally.utterances(), tally.utterances() - left);
    let bytes_of = |parts: &mut dyn Iterator<Item = &Part>| parts.map(|it| it.source_bytes).sum();
    let source_bytes: u64 = bytes_of(&mut plan.parts.iter());
    let resumed_bytes = source_bytes - bytes_of(&mut todo.iter().copied());
    let start =
        |workers| Event::Start { utterances, resumed, workers, source_bytes, resumed_bytes };
    let resumed_parts = plan.parts.len() - todo.len();
    let mut of_cluster = None;
    match options.cluster.filter(|_| !todo.is_empty()) {
        None => observer.on(start(workers)),
        Some(on) => {
            let (order, workers) = on.begin((plan, orders), store, &todo, options.retry_failed)?;
            of_cluster = Some(workers);
            observer.on(start(workers));
            on.run_parts(plan, &todo, &order, &tally)?;
            for part in &todo {
                found[plan.place_of(part)] = find_part((plan, orders), part, store, false)?;
            }
            todo.retain(|part| found[plan.place_of(part)].is_none());
        }
    }

    let readers = options.readers;
    let work = |runner: &mut Box<dyn PartRunner + '_>, number: usize| {
        let part = todo[number];
        let order = orders.order(plan, part)?;
        let mut hear = tally.begin_part(part.split, &order);
        run_part(&mut **runner, &order, store, &mut hear)?;
        (options.done)(part)?;
        tally.end_part(plan, part)
    };
    // One that cannot be read ends the run where its part begins.
    let ahead = |number: usize| todo.get(number).and_then(|part| orders.order(plan, part).ok());
    let ran = reading_ahead(executor, readers, &plan.job, (store, stop), &ahead, |setting| {
        pool::run(workers, todo.len(), || executor.start(setting), work, PartRunner::end)
    })?;

    let parts = plan.parts.iter().zip(found).map(|(part, found)| match found {
        Some(found) => Ok(found),
        None => {
            let name = part_name(part.number);
            PartFile::open(store, &name, plan.arrays.in_parts(), &plan.job.key)
                .map_err(|source| Error::LostPart { path: name.into(), source: source.into() })
        }
    });
    let parts = parts.collect::<Result<_, _>>()?;
    let (missing, overhead) = (ran.missing, ran.overhead);
    let workers = of_cluster.unwrap_or(workers - missing);
    let work = tally.into_work();
    Ok(PartsRun { parts, resumed: resumed_parts, workers, missing, overhead, work })
}

/// Has a part computed, and gives its draft the part's name: only who coordinates does, so that what a process leaves
/// that outlived its coordinator is nothing.
pub(crate) fn run_part(
    runner: &mut dyn PartRunner,
    order: &PartOrder,
    store: &dyn Store,
    hear: Listener<'_>,
) -> Result<(), Error> {
    let draft = runner.run_part(order, hear)?;
    Ok(store.put(draft, &order.part_name(), Put::Always)?)
}

/// Says of a run that was stopped how far it came: whichever step was stopped, the parts that are there
/// stay.
pub(crate) fn with_parts_kept(plan: &Plan, store: &dyn Store, error: Error) -> Error {
    let Error::Stopped { signal, .. } = error else { return error };
    let names = store.list(PARTS_DIR).unwrap_or_default();
    let parts_done = names.iter().filter(|name| name.ends_with(".part")).count();
    Error::Stopped { signal, parts_done, parts: plan.parts.len() }
}

/// Looks for the parts that an earlier run has left whole, and whose sources are what they were.
///
/// - `retry_failed`: whether parts with failures count as missing
pub(crate) fn find_parts(
    (plan, orders): (&Plan, &dyn Orders),
    store: &dyn Store,
    workers: usize,
    retry_failed: bool,
    stop: &Stop,
) -> Result<Vec<Option<PartFile>>, Error> {
    let found: Vec<Mutex<Option<PartFile>>> = plan.parts.iter().map(|_| Mutex::default()).collect();
    pool::for_each(workers.max(store.at_once()), plan.parts.len(), |number| {
        stop.check()?;
        *lock(&found[number]) =
            find_part((plan, orders), &plan.parts[number], store, retry_failed)?;
        Ok::<_, Error>(())
    })?;
    Ok(found.into_iter().map(|part| lock(&part).take()).collect())
}

/// Looks for a part that is there whole, and whose sources are what they were.
///
/// - `retry_failed`: whether one with failures counts as missing
pub(crate) fn find_part(
    (plan, orders): (&Plan, &dyn Orders),
    part: &Part,
    store: &dyn Store,
    retry_failed: bool,
) -> Result<Option<PartFile>, Error> {
    let name = part_name(part.number);
    // Whatever else is wrong with it, it can be computed again.
    let opened = PartFile::open(store, &name, plan.arrays.in_parts(), &plan.job.key);
    let Ok(file) = opened else { return Ok(None) };
    let sources = orders.sources(plan, part)?;
    if file.footer.sources != sources || (retry_failed && file.footer.failures > 0) {
        return Ok(None);
    }
    // Asked last, since it reads the whole file.
    let is_sound = store.has_whole_files() || file.is_sound(store).unwrap_or(false);
    Ok(is_sound.then_some(file))
}
