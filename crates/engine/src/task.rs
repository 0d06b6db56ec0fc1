//! A part, computed: what a worker does, wherever it runs.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ossicle_corpus::Utterance;
use ossicle_dataset::{FailureRow, Stage};
use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::error::Error;
use crate::job::Job;
use crate::notice::Notice;
use crate::part;
use crate::part_file::PartWriter;
use crate::patience::patiently;
use crate::stop::Stop;
use crate::utterance::{Failure, Surroundings, Trouble, Workbench};

/// A part as a worker gets it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task<'a> {
    /// The part's number.
    pub(crate) number: usize,
    /// The folder of parts.
    pub(crate) folder: &'a Path,
    pub(crate) split: &'a str,
    /// What the utterances' paths are relative to.
    pub(crate) root: &'a Path,
    pub(crate) utterances: &'a [Utterance],
    /// Utterances that workers died over, by their place in the part, and how: they are not touched.
    pub(crate) lost: &'a BTreeMap<usize, String>,
    /// Only these places are computed, and nothing is kept: a search for what workers die over.
    pub(crate) probe: Option<&'a Range<usize>>,
}

impl Task<'_> {
    /// The row of the ledger of one of its utterances.
    pub(crate) fn failure_row(&self, utterance: &Utterance, failure: Failure) -> FailureRow {
        failure.row(self.split, utterance)
    }
}

/// What a worker says while it computes a part. Places are those of utterances in the part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Report {
    /// An utterance is begun.
    Begun { place: usize },
    /// An utterance is done.
    Stored { place: usize, num_frames: u64, audio: Duration, took: Duration },
    /// An utterance is bad.
    Failed { place: usize, failure: Failure },
    /// People should know.
    Notice(Notice),
}

/// Computes a part and returns the file it is in, under a temporary name.
pub(crate) fn compute(
    job: &Job,
    task: Task<'_>,
    bench: &mut Workbench,
    stop: &Stop,
    report: &mut dyn FnMut(Report) -> Result<(), Error>,
) -> Result<PathBuf, Error> {
    // Taken before the recordings are read: a change while they are read makes the part stale.
    let sources = part::sources(task.root, task.utterances, job.recipe.reads_spikes())?;
    let create = || PartWriter::create(task.folder, task.number, &job.key, sources.clone());
    let mut say = |notice: Notice| report(Report::Notice(notice));
    let mut writer = patiently(stop, &mut say, create)??;
    for (place, utterance) in task.utterances.iter().enumerate() {
        if task.probe.is_some_and(|probe| !probe.contains(&place)) {
            continue;
        }
        stop.check()?;
        let begin = Instant::now();
        report(Report::Begun { place })?;
        let lost = task.lost.get(&place);
        let lost = lost.map(|how| Failure::new(Stage::Worker, Cause::WorkerDied, how.as_str()));
        let done = match lost {
            Some(failure) => Err(Trouble::Bad(failure)),
            None => {
                writer.begin();
                let mut say = |notice: Notice| report(Report::Notice(notice));
                let mut around = Surroundings { job, stop, say: &mut say };
                process(bench, &mut around, task.root, utterance, &mut writer)
            }
        };
        match done {
            Ok((row, moments)) => {
                writer.store(&row, &moments);
                let samples = (row.end_sample - row.start_sample) as f64;
                let audio = Duration::from_secs_f64(samples / f64::from(row.sample_rate_hz));
                let took = begin.elapsed();
                report(Report::Stored { place, num_frames: row.num_frames, audio, took })?;
            }
            Err(Trouble::Bad(failure)) => {
                writer.fail(&task.failure_row(utterance, failure.clone()))?;
                report(Report::Failed { place, failure })?;
            }
            Err(Trouble::Ends(error)) => return Err(error),
        }
    }
    writer.finish()
}

/// One bad file must not end the run, not even by a mistake of ours.
fn process(
    bench: &mut Workbench,
    around: &mut Surroundings<'_>,
    root: &Path,
    utterance: &Utterance,
    writer: &mut PartWriter,
) -> Result<(ossicle_dataset::UtteranceRow, ossicle_dsp::Moments), Trouble> {
    // Nothing half changed is used afterwards: the bench is a new one, and what was written is taken
    // back.
    let caught = catch_unwind(AssertUnwindSafe(|| bench.process(around, root, utterance, writer)));
    caught.unwrap_or_else(|panic| {
        *bench = Workbench::default();
        let why = words(&*panic);
        let error = format!("it made ossicle panic, which is a bug, please report it: {why}");
        Err(Failure::new(Stage::Worker, Cause::Panicked, error).into())
    })
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
