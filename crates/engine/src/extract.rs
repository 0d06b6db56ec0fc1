//! A whole extraction on this machine: plan, parts, finish.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ossicle_dataset::Place;
use ossicle_files::{is_url, printable};

use crate::bounds::waiting::Waiting;
use crate::error::Error;
use crate::events::{Event, Observer};
use crate::finish::{FinishOptions, finish};
use crate::kept_ledger::{self, Ending, KEPT_LEDGER};
use crate::merge::EarlyShards;
use crate::notice::Notice;
use crate::options::{Isolation, RunOptions};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::prepare::{Access, Prepared, prepare};
use crate::run::cluster::{Cluster, OnCluster};
use crate::run::executor::{Executor, Threads};
use crate::run::in_flight::InFlight;
use crate::run::parts::{PartsOptions, run_parts, with_parts_kept};
use crate::run::processes::ProcessExecutor;
use crate::update::{self, SOURCES_BLAKE3, Stamps};
use crate::work::Work;

/// Makes the dataset of a plan at `out`. Run again, it goes on where it was stopped.
///
/// # Errors
/// If the output cannot be written or belongs to something else, or if too many utterances fail: more than
/// are allowed, all, or, unless it is to keep going, all of the first hundred or more for one reason. Any
/// other bad recording is no error: it is in the ledger.
pub fn extract(
    plan: &Plan,
    out: &Path,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let executor = executor(out, &options.isolation);
    extract_on(&*executor, plan, out, options, observer)
}

/// Makes the dataset of a plan at `out`, as [`extract`] does, with parts computed by a cluster, and on this machine
/// those that it leaves.
///
/// # Errors
/// Those of [`extract`], and of the cluster.
pub fn extract_on_cluster(
    cluster: &dyn Cluster,
    plan: &Plan,
    out: &Path,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let executor = executor(out, &options.isolation);
    let by = By { executor: &*executor, cluster: Some(cluster), may_be_empty: false };
    run(&by, plan, out, options, observer)
}

/// Makes a dataset to compare or to mend another with: one of which nothing is stored is one, too.
pub(crate) fn extract_again(
    plan: &Plan,
    out: &Path,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let options = RunOptions { keep_going: true, ..options.clone() };
    let executor = executor(out, &options.isolation);
    let by = By { executor: &*executor, cluster: None, may_be_empty: true };
    run(&by, plan, out, &options, observer)
}

/// Makes the executor on this machine.
pub(crate) fn executor(out: &Path, isolation: &Isolation) -> Box<dyn Executor + Send> {
    match isolation {
        Isolation::Threads => Box::<Threads>::default(),
        Isolation::Processes(processes) => {
            Box::new(ProcessExecutor::new(processes.clone(), out.to_owned()))
        }
    }
}

/// Makes the dataset of a plan at `out`, as [`extract`] does, with parts computed by an executor.
///
/// - `options`: without its isolation, which the executor stands for
///
/// # Errors
/// Those of [`extract`].
pub fn extract_on(
    executor: &dyn Executor,
    plan: &Plan,
    out: &Path,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let by = By { executor, cluster: None, may_be_empty: false };
    run(&by, plan, out, options, observer)
}

/// Who computes parts, and what may come of it.
struct By<'a> {
    executor: &'a dyn Executor,
    /// Who computes them before.
    cluster: Option<&'a dyn Cluster>,
    /// Whether a dataset is published of which nothing is stored.
    may_be_empty: bool,
}

fn run(
    by: &By<'_>,
    plan: &Plan,
    out: &Path,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    let begin = Instant::now();
    let say = || observer.on(Event::Notice(&Notice::WaitingForFiles));
    let waiting = Waiting::new(&options.stop, &say);
    let prepared = prepare(plan, out, options, Access::Change, &waiting, observer)?;
    let (room, output) = match prepared {
        Prepared::MayBegin { room, output } => (room, output),
        Prepared::Complete(outcome) => return Ok(*outcome),
    };
    let opening = |open: &mut dyn FnMut() -> _| waiting.open(open);
    let place = Place::at(out)?.with_opening(&opening);
    let store = place.store();
    // Taken before the recordings are read, so that a change meanwhile is not missed.
    let stamps = Stamps::take(plan, options.hash_inputs, room.workers, &options.stop)?;
    let in_flight = InFlight::default();
    let shards = EarlyShards::at(plan, &place);
    let updated = OnceCell::new();
    let earlier = || {
        // What is in an object store is not updated.
        let Place::Folder(store) = &place else { return Ok(None) };
        let found = update::find(
            plan,
            output.updates.as_deref(),
            store,
            (&stamps, options),
            &room,
            (observer, false),
        )?;
        let _ = updated.set(output.updates.is_some().then(|| found.counts.clone()));
        Ok(Some(found))
    };
    let parts_options = PartsOptions {
        cluster: by.cluster.map(|cluster| OnCluster { cluster, out, stop: &options.stop }),
        is_fresh: output.is_fresh(),
        earlier: &earlier,
        done: &|part| shards.as_ref().map_or(Ok(()), |shards| shards.done(part)),
        ..PartsOptions::of(options, &room, by.executor, store, observer, &in_flight)
    };
    let told = |error| {
        let error = kept_ledger::named_in(error, plan, &place, (&in_flight, Ending::OfRun), out);
        with_parts_kept(plan, store, below(out, error))
    };
    let ran = waiting.outcome(run_parts(plan, &parts_options)).map_err(told)?;
    if !by.may_be_empty && ran.parts.iter().all(|part| part.footer.utterances() == 0) {
        let causes = kept_ledger::keep(plan, &place, &in_flight, Ending::OfRun)?;
        return Err(Error::NothingStored { causes, ledger: out.join(KEPT_LEDGER) });
    }
    let workers = ran.workers;
    if ran.missing > 0 {
        let (workers, wanted) = (room.workers - ran.missing, room.workers);
        observer.on(Event::Notice(&Notice::Workers { workers, wanted }));
    }
    let listed = stamps.stage(plan, store)?;
    let sources = (&*stamps.sources, &*listed);
    let mut run = run_file(plan, &options.command, sources, begin.elapsed(), (workers, &ran.work));
    run["parts"] = plan.parts.len().into();
    run["resumed_parts"] = ran.resumed.into();
    let finish_options = FinishOptions {
        workers: room.workers,
        keep_parts: options.keep_parts,
        stop: &options.stop,
        observer,
        replaces: output.replaces(),
    };
    let finished =
        waiting.outcome(finish(plan, &place, ran.parts, (shards.as_ref(), finish_options), &run));
    let card = finished.map_err(told)?;
    Ok(Outcome {
        parts: plan.parts.len(),
        resumed_parts: ran.resumed,
        workers,
        overhead: ran.overhead,
        work: ran.work,
        update: updated.into_inner().flatten(),
        ..Outcome::of_card(out, card, begin.elapsed(), &waiting)
    })
}

/// Names an error's part as people find it, below `out`: parts know their names in the store alone.
fn below(out: &Path, error: Error) -> Error {
    match error {
        Error::LostPart { path, source } => Error::LostPart { path: out.join(path), source },
        error => error,
    }
}

/// Makes the content of `run.json`.
///
/// - `sources`: BLAKE3 over what all files look like, and of the file that says it of each utterance
fn run_file(
    plan: &Plan,
    command: &[String],
    (sources, listed): (&str, &str),
    took: Duration,
    (workers, work): (usize, &Work),
) -> serde_json::Value {
    #[expect(clippy::disallowed_methods, reason = "a date, and no duration")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // A URL may have a password in it.
    let shown = |root: &Path| match is_url(root) {
        true => printable(root),
        false => root.display().to_string(),
    };
    let roots = plan.corpus.splits.iter().map(|s| (s.name.clone(), shown(&s.root)));
    // Paths in the command are relative to it.
    let folder = std::env::current_dir().unwrap_or_default();
    serde_json::json!({
        "command": command,
        "folder": folder.display().to_string(),
        "sources": sources,
        SOURCES_BLAKE3: listed,
        "ended_unix_s": now.as_secs(),
        "seconds": took.as_secs_f64(),
        "workers": workers,
        "work": work.to_json(),
        "host": std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim(),
        "simd": plan.job.level.to_string(),
        "ossicle": env!("CARGO_PKG_VERSION"),
        "corpus": roots.collect::<BTreeMap<_, _>>(),
    })
}
