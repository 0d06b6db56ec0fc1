//! What is compared, and what several runs of it took.

use std::time::Duration;

use ossicle_engine::{Isolation, Timing, Watched};
use serde_json::{Value, json};

use crate::words::workers;

/// One run of what is compared.
#[derive(Debug, Clone)]
pub(super) enum Run {
    /// Ours.
    Job(Box<Timing>),
    /// Another program's.
    Other(Watched),
}

impl Run {
    pub(super) fn took(&self) -> Duration {
        match self {
            Run::Job(timing) => timing.outcome.took,
            Run::Other(watched) => watched.took,
        }
    }

    pub(super) fn seconds(&self) -> f64 {
        self.took().as_secs_f64().max(1e-9)
    }

    pub(super) fn job(&self) -> Option<&Timing> {
        match self {
            Run::Job(timing) => Some(timing),
            Run::Other(_) => None,
        }
    }

    /// What the system says of it.
    pub(super) fn watched(&self) -> &Watched {
        match self {
            Run::Job(timing) => &timing.watched,
            Run::Other(watched) => watched,
        }
    }
}

/// The runs of one of those that are compared, the shortest first; there is one at least.
#[derive(Debug, Clone)]
pub(super) struct Runs {
    /// Another program's command; none where it is ours.
    pub(super) command: Option<String>,
    runs: Vec<Run>,
}

impl Runs {
    pub(super) fn new(command: Option<String>, mut runs: Vec<Run>) -> Runs {
        runs.sort_by_key(Run::took);
        Runs { command, runs }
    }

    /// The one that half of the others are not longer than.
    pub(super) fn median(&self) -> &Run {
        &self.runs[(self.runs.len() - 1) / 2]
    }

    pub(super) fn seconds(&self) -> Vec<f64> {
        self.runs.iter().map(|run| run.took().as_secs_f64()).collect()
    }

    pub(super) fn all(&self) -> &[Run] {
        &self.runs
    }

    /// As `--json` has it.
    ///
    /// - `first`: the seconds of what all are compared with
    /// - `serial`: those of one worker, if it was timed
    pub(super) fn json(&self, first: f64, serial: Option<f64>) -> Value {
        let run = self.median();
        let (seconds, watched) = (run.took().as_secs_f64(), run.watched());
        let mut told = json!({
            "seconds": seconds,
            "seconds_of_each": self.seconds(),
            "speed_up": first / run.seconds(),
            "cpu_seconds": (watched.user + watched.system).as_secs_f64(),
            "user_seconds": watched.user.as_secs_f64(),
            "system_seconds": watched.system.as_secs_f64(),
            "bytes_read": watched.bytes_read,
            "bytes_written": watched.bytes_written,
            "peak_memory_bytes": watched.peak_memory,
            "peak_open_files": watched.peak_open_files,
        });
        let more = match (run, &self.command) {
            (Run::Job(timing), _) => json!({
                "jobs": timing.jobs,
                "isolation": kind(timing),
                "workers": timing.outcome.workers,
                "efficiency": serial.map(|serial| serial / run.seconds() / timing.jobs as f64),
                "utterances": timing.outcome.utterances(),
                "failures": timing.outcome.failures(),
                "audio_seconds": timing.outcome.duration_s(),
                "start_and_join_seconds": timing.outcome.overhead.as_secs_f64(),
                "finishing_seconds": timing.finishing.as_secs_f64(),
                "card_blake3": timing.card,
            }),
            (Run::Other(_), command) => json!({ "command": command }),
        };
        if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
            told.extend(more);
            told.extend(run.job().into_iter().flat_map(|job| job.outcome.work.spent.to_json()));
        }
        told
    }
}

/// `threads`, `processes`.
pub(super) fn kind(timing: &Timing) -> &'static str {
    match timing.isolation {
        Isolation::Processes(_) => "processes",
        _ => "threads",
    }
}

/// `2 workers`, `2 worker processes`.
pub(super) fn name(jobs: usize, isolation: &Isolation) -> String {
    match (isolation, jobs) {
        (Isolation::Processes(_), 1) => "1 worker process".to_owned(),
        (Isolation::Processes(_), _) => format!("{jobs} worker processes"),
        _ => workers(jobs),
    }
}

/// Returns whether all runs of the job wrote the same bytes.
pub(super) fn are_same(all: &[Runs]) -> bool {
    let mut cards = all.iter().flat_map(Runs::all).filter_map(|run| Some(&run.job()?.card));
    let first = cards.next();
    cards.all(|card| Some(card) == first)
}

/// The seconds of one worker, if it was timed: what efficiency is of.
pub(super) fn serial_seconds(all: &[Runs]) -> Option<f64> {
    let jobs = all.iter().map(Runs::median).filter(|run| run.job().is_some_and(|it| it.jobs == 1));
    jobs.map(Run::seconds).next()
}
