//! Running parts: any worker, anywhere, any order.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::events::{Event, Observer, notices};
use crate::extract::Isolation;
use crate::output::Output;
use crate::part::{self, Part};
use crate::part_file::PartFile;
use crate::patience::patiently;
use crate::plan::Plan;
use crate::stop::Stop;
use crate::task::{Report, Task, compute};
use crate::tolerance::Tolerance;
use crate::utterance::Workbench;
use crate::worker_process::{Shared, WorkerProcess};
use crate::workers::{self, lock};

/// How parts are run.
pub(crate) struct Running<'a> {
    pub(crate) workers: usize,
    pub(crate) isolation: &'a Isolation,
    pub(crate) max_failures: Option<Tolerance>,
    /// Whether parts with failures are computed again.
    pub(crate) retry_failed: bool,
    pub(crate) stop: &'a Stop,
    pub(crate) observer: &'a dyn Observer,
}

/// What running the parts came to.
pub(crate) struct Ran {
    /// Every part, in order.
    pub(crate) parts: Vec<PartFile>,
    /// How many were there already.
    pub(crate) resumed: usize,
    /// How many workers could not be started.
    pub(crate) missing: usize,
    /// How long workers took to start and to be joined.
    pub(crate) overhead: Duration,
    /// The processor time of worker processes.
    pub(crate) cpu: Duration,
}

/// Where a part is computed.
enum Worker<'a> {
    Thread(Box<Workbench>),
    Process(Box<WorkerProcess<'a>>),
}

/// Runs the parts that are not there yet, largest first.
pub(crate) fn run_parts(plan: &Plan, output: &Output, running: &Running<'_>) -> Result<Ran, Error> {
    let Running { workers, stop, observer, .. } = *running;
    let found = find_parts(plan, output, running)?;
    let mut todo: Vec<&Part> =
        plan.parts.iter().zip(&found).filter(|(_, f)| f.is_none()).map(|(part, _)| part).collect();
    // The sort is stable: of parts of one size the first comes first.
    todo.sort_by_key(|part| std::cmp::Reverse(part.source_bytes));
    let progress = Progress::new(plan, &found, &todo, running);
    let left: u64 = todo.iter().map(|part| part.utterances.len() as u64).sum();
    let resumed = progress.utterances - left;
    observer.on(Event::Start { utterances: progress.utterances, resumed, workers });

    let shared = Shared::default();
    let start = || {
        Ok(match running.isolation {
            Isolation::Threads => Worker::Thread(Box::default()),
            Isolation::Processes(processes) => {
                let process = WorkerProcess::start(&plan.job, processes, stop, &shared)?;
                Worker::Process(Box::new(process))
            }
        })
    };
    let work = |worker: &mut Worker<'_>, number: usize| {
        let draft = run_part(plan, output, todo[number], worker, &progress)?;
        // Only the coordinator renames: what a process that outlived its coordinator leaves is nothing.
        let path = todo[number].path(output.parts());
        fs::rename(&draft, &path).map_err(Error::io("rename to", &path))?;
        progress.part_is_done(plan, todo[number]);
        Ok(())
    };
    let end = |worker: Worker<'_>| {
        if let Worker::Process(process) = worker {
            process.end();
        }
    };
    let ran = workers::run(workers, todo.len(), start, work, end).map_err(|error| match error {
        // With how far it came.
        Error::Stopped { signal, .. } => progress.stopped(signal),
        error => error,
    })?;

    let resumed = plan.parts.len() - todo.len();
    let parts = plan.parts.iter().zip(found).map(|(part, found)| match found {
        Some(found) => Ok(found),
        None => {
            let path = part.path(output.parts());
            let open = || PartFile::open(path.clone(), &plan.job);
            patiently(stop, &mut notices(observer), open)?
                .map_err(|source| Error::LostPart { path: path.clone(), source: source.into() })
        }
    });
    let cpu = *lock(&shared.cpu);
    let parts = parts.collect::<Result<_, _>>()?;
    Ok(Ran { parts, resumed, missing: ran.missing, overhead: ran.overhead, cpu })
}

/// The parts that an earlier run has left whole, and whose sources are what they were.
fn find_parts(
    plan: &Plan,
    output: &Output,
    running: &Running<'_>,
) -> Result<Vec<Option<PartFile>>, Error> {
    if output.is_fresh() {
        return Ok(plan.parts.iter().map(|_| None).collect());
    }
    let found: Vec<Mutex<Option<PartFile>>> = plan.parts.iter().map(|_| Mutex::default()).collect();
    workers::for_each(running.workers, plan.parts.len(), |number| {
        running.stop.check()?;
        *lock(&found[number]) = find_part(plan, output, &plan.parts[number], running)?;
        Ok::<_, Error>(())
    })?;
    Ok(found.into_iter().map(|part| lock(&part).take()).collect())
}

fn find_part(
    plan: &Plan,
    output: &Output,
    part: &Part,
    running: &Running<'_>,
) -> Result<Option<PartFile>, Error> {
    let split = plan.split(part);
    let mut say = notices(running.observer);
    // Whatever else is wrong with it, it can be computed again.
    let path = part.path(output.parts());
    let opened = patiently(running.stop, &mut say, || PartFile::open(path.clone(), &plan.job))?;
    let Ok(file) = opened else { return Ok(None) };
    if file.footer.sources
        != part::sources(
            &split.root,
            &split.utterances[part.utterances.clone()],
            plan.job.recipe.reads_spikes(),
        )?
    {
        return Ok(None);
    }
    if running.retry_failed && file.footer.failures > 0 {
        return Ok(None);
    }
    let sound = patiently(running.stop, &mut say, || file.is_sound())?;
    Ok(sound.unwrap_or(false).then_some(file))
}

/// Has a part computed, and returns the file it is in.
fn run_part(
    plan: &Plan,
    output: &Output,
    part: &Part,
    worker: &mut Worker<'_>,
    progress: &Progress<'_>,
) -> Result<PathBuf, Error> {
    let split = plan.split(part);
    let task = Task {
        number: part.number,
        folder: output.parts(),
        split: &split.name,
        root: &split.root,
        utterances: &split.utterances[part.utterances.clone()],
        lost: &BTreeMap::new(),
        probe: None,
    };
    // Of a part that is computed again, what was heard before is not counted twice.
    let mut heard_of = 0;
    let mut hear = |report: Report| progress.hear(plan, part, task, report, &mut heard_of);
    lock(&progress.splits[part.split].began).get_or_insert_with(Instant::now);
    match worker {
        Worker::Thread(bench) => compute(&plan.job, task, bench, progress.running.stop, &mut hear),
        Worker::Process(process) => process.compute(task, &mut hear),
    }
}

/// How far a run is, shared by its workers.
struct Progress<'a> {
    running: &'a Running<'a>,
    splits: Vec<SplitProgress>,
    parts: usize,
    parts_done: AtomicUsize,
    failures: AtomicU64,
    utterances: u64,
}

struct SplitProgress {
    parts_left: AtomicUsize,
    done: AtomicU64,
    began: Mutex<Option<Instant>>,
}

impl<'a> Progress<'a> {
    fn new(
        plan: &Plan,
        found: &[Option<PartFile>],
        todo: &[&Part],
        running: &'a Running<'a>,
    ) -> Progress<'a> {
        let split = |split| SplitProgress {
            parts_left: todo.iter().filter(|part| part.split == split).count().into(),
            done: 0.into(),
            began: Mutex::new(None),
        };
        let resumed_failures: u64 = found.iter().flatten().map(|part| part.footer.failures).sum();
        Progress {
            running,
            splits: (0..plan.corpus.splits.len()).map(split).collect(),
            parts: plan.parts.len(),
            parts_done: (plan.parts.len() - todo.len()).into(),
            failures: resumed_failures.into(),
            utterances: plan.parts.iter().map(|part| part.utterances.len() as u64).sum(),
        }
    }

    /// Tells whoever watches what a worker reports.
    ///
    /// - `heard_of`: how many utterances of the part were heard of
    fn hear(
        &self,
        plan: &Plan,
        part: &Part,
        task: Task<'_>,
        report: Report,
        heard_of: &mut usize,
    ) -> Result<(), Error> {
        let observer = self.running.observer;
        let mut counted = |place: usize| {
            let utterance = task.utterances.get(place).filter(|_| place >= *heard_of)?;
            *heard_of = place + 1;
            Some((utterance, self.splits[part.split].done.fetch_add(1, Ordering::Relaxed)))
        };
        match report {
            Report::Begun { .. } => {}
            Report::Notice(notice) => observer.on(Event::Notice(&notice)),
            Report::Stored { place, num_frames, audio, took } => {
                let Some((utterance, number)) = counted(place) else { return Ok(()) };
                let (split, id) = (task.split, &utterance.id);
                observer.on(Event::Utterance { number, split, id, num_frames, audio, took });
            }
            Report::Failed { place, failure } => {
                let Some((utterance, _)) = counted(place) else { return Ok(()) };
                let row = task.failure_row(utterance, failure);
                let path = &plan.split(part).root.join(&utterance.source);
                observer.on(Event::Failure { row: &row, path });
                let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
                if let Some(most) = self.running.max_failures
                    && !most.allows(failures, self.utterances)
                {
                    let allowed = most.to_string();
                    return Err(Error::TooManyFailures { failures, allowed });
                }
            }
        }
        Ok(())
    }

    fn part_is_done(&self, plan: &Plan, part: &Part) {
        self.parts_done.fetch_add(1, Ordering::Relaxed);
        let progress = &self.splits[part.split];
        if progress.parts_left.fetch_sub(1, Ordering::AcqRel) == 1 {
            let split = plan.split(part);
            let began = *lock(&progress.began);
            self.running.observer.on(Event::SplitDone {
                name: &split.name,
                utterances: split.utterances.len() as u64,
                took: began.map_or(Duration::ZERO, |began| began.elapsed()),
            });
        }
    }

    fn stopped(&self, signal: usize) -> Error {
        let parts_done = self.parts_done.load(Ordering::Relaxed);
        Error::Stopped { signal, parts_done, parts: self.parts }
    }
}
