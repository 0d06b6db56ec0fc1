//! `ossicle speed`: the same extraction with different numbers of workers.

use std::io::Write;

use anyhow::Result;
use ossicle_corpus::printable;
use ossicle_engine::{Isolation, Plan, Stop, Timing, available_cores, compare, size};
use serde_json::json;

use crate::args::SpeedArgs;
use crate::corpus;
use crate::done::Done;
use crate::door::Door;
use crate::isolation::isolation;
use crate::messages;
use crate::table::table;
use crate::terminal::say;
use crate::words::{times, workers};

pub(crate) fn run(args: &SpeedArgs, door: &dyn Door, out: &mut dyn Write) -> Result<Done> {
    let stop = door.stop()?;
    let plan = corpus::plan(&args.corpus, &args.recipe, &stop)?;
    for notice in plan.notices() {
        door.say(&format!("ossicle: {}", door.notice(notice)));
    }
    let work = args.work.clone().unwrap_or_else(std::env::temp_dir);
    let jobs = if args.jobs.is_empty() { default_jobs() } else { args.jobs.clone() };
    let mut runs = Vec::new();
    for &arg in &args.isolation {
        let isolation = isolation(arg, door, None)?;
        runs.extend(jobs.iter().map(|&jobs| (jobs, isolation.clone())));
    }
    let timings = time(&plan, &work, &runs, args.repeat, &stop)?;
    match args.json {
        true => writeln!(out, "{:#}", as_json(&timings, &plan))?,
        false => write!(out, "{}", report(&timings))?,
    }
    match are_same(&timings) {
        true => Ok(Done::Well),
        false => Ok(Done::WithFailures),
    }
}

/// How often each number of workers is timed where nobody says.
pub(crate) const REPEAT: usize = 3;

/// The timings of one number of workers, the shortest first.
pub(crate) struct Runs(Vec<Timing>);

impl Runs {
    fn new(mut timings: Vec<Timing>) -> Runs {
        timings.sort_by_key(|timing| timing.outcome.took);
        Runs(timings)
    }

    /// The one that half of the others are not longer than.
    fn median(&self) -> &Timing {
        &self.0[(self.0.len() - 1) / 2]
    }

    fn seconds(&self) -> Vec<f64> {
        self.0.iter().map(|timing| timing.outcome.took.as_secs_f64()).collect()
    }
}

fn are_same(timings: &[Runs]) -> bool {
    let mut all = timings.iter().flat_map(|runs| &runs.0);
    let first = all.next().map(|timing| &timing.card);
    all.all(|timing| Some(&timing.card) == first)
}

/// Serially, and on all cores.
fn default_jobs() -> Vec<usize> {
    match available_cores() {
        1 => vec![1, 2],
        cores => vec![1, cores],
    }
}

/// The usual comparison: serially and on all cores, on threads.
pub(crate) fn default_runs() -> Vec<(usize, Isolation)> {
    default_jobs().into_iter().map(|jobs| (jobs, Isolation::Threads)).collect()
}

/// Times each number of workers, saying so as it goes.
pub(crate) fn time(
    plan: &Plan,
    work: &std::path::Path,
    runs: &[(usize, Isolation)],
    repeat: usize,
    stop: &Stop,
) -> Result<Vec<Runs>> {
    let names = runs.iter().map(|(jobs, isolation)| name(*jobs, isolation)).collect::<Vec<_>>();
    say(&format!("timing {}, in {}", names.join(", "), printable(work)));
    let timings = compare(plan, work, runs, repeat, stop, &(), |timing| {
        let seconds = timing.outcome.took.as_secs_f64();
        say(&format!("{}: time = {seconds:.2}", name(timing.jobs, &timing.isolation)));
    });
    Ok(timings?.into_iter().map(Runs::new).collect())
}

/// `2 workers`, `2 worker processes`.
fn name(jobs: usize, isolation: &Isolation) -> String {
    match (isolation, jobs) {
        (Isolation::Processes(_), 1) => "1 worker process".to_owned(),
        (Isolation::Processes(_), _) => format!("{jobs} worker processes"),
        _ => workers(jobs),
    }
}

fn as_json(timings: &[Runs], plan: &Plan) -> serde_json::Value {
    let first = timings[0].median().outcome.took.as_secs_f64();
    let runs: Vec<_> = timings
        .iter()
        .map(|runs| {
            let timing = runs.median();
            let seconds = timing.outcome.took.as_secs_f64();
            json!({
                "jobs": timing.jobs,
                "isolation": kind(timing),
                "workers": timing.outcome.workers,
                "seconds": seconds,
                "seconds_of_each": runs.seconds(),
                "speed_up": first / seconds,
                "cpu_seconds": timing.cpu.as_secs_f64(),
                "utterances": timing.outcome.utterances(),
                "failures": timing.outcome.failures(),
                "audio_seconds": timing.outcome.duration_s(),
                "peak_memory_bytes": timing.peak_memory,
                "peak_open_files": timing.peak_open_files,
                "start_and_join_seconds": timing.outcome.overhead.as_secs_f64(),
                "card_blake3": timing.card,
            })
        })
        .collect();
    let told = |of| messages::notice_json(of, &messages::notice(of));
    let notices: Vec<_> = plan.notices().iter().map(told).collect();
    json!({"runs": runs, "same_bytes": are_same(timings), "notices": notices})
}

fn kind(timing: &Timing) -> &'static str {
    match timing.isolation {
        Isolation::Processes(_) => "processes",
        _ => "threads",
    }
}

/// The table of a comparison, a column for each number of workers.
pub(crate) fn report(timings: &[Runs]) -> String {
    let Some(first) = timings.first().map(Runs::median) else { return String::new() };
    let row = |name: &str, cell: &dyn Fn(&Timing) -> String| {
        let cells = timings.iter().map(|runs| cell(runs.median()));
        std::iter::once(name.to_owned()).chain(cells).collect::<Vec<_>>()
    };
    let seconds = |timing: &Timing| timing.outcome.took.as_secs_f64().max(1e-9);
    let speed_up = |timing: &Timing| seconds(first) / seconds(timing);
    let efficiency = |timing: &Timing| speed_up(timing) * first.jobs as f64 / timing.jobs as f64;
    let files = |timing: &Timing| timing.outcome.utterances() + timing.outcome.failures();
    let seen = |value: u64, text: String| if value == 0 { "?".to_owned() } else { text };
    let mut rows = vec![
        row("workers", &|t| t.outcome.workers.to_string()),
        row("run as", &|t| kind(t).to_owned()),
        row("time", &|t| format!("{:.2} s", seconds(t))),
        row("times faster", &|t| format!("{:.2}", speed_up(t))),
        row("efficiency", &|t| format!("{:.0} %", 100.0 * efficiency(t))),
        row("files a second", &|t| times(files(t) as f64 / seconds(t))),
        row("× real time", &|t| times(t.outcome.duration_s() / seconds(t))),
        row("processor time", &|t| format!("{:.2} s", t.cpu.as_secs_f64())),
        row("peak memory", &|t| seen(t.peak_memory, size(t.peak_memory))),
        row("peak open files", &|t| seen(t.peak_open_files, t.peak_open_files.to_string())),
        row("starting and joining", &|t| {
            let share = t.outcome.overhead.as_secs_f64() / seconds(t);
            format!("{:.2} %", 100.0 * share)
        }),
    ];
    if timings.iter().any(|runs| runs.0.len() > 1) {
        let range = |runs: &Runs| match &runs.seconds()[..] {
            [least, .., most] => format!("{least:.2} to {most:.2}"),
            _ => String::new(),
        };
        let name = format!("median of {}, from", timings[0].0.len());
        rows.insert(3, std::iter::once(name).chain(timings.iter().map(range)).collect());
    }
    let mut text = table(rows);
    text.push('\n');
    let mut line = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    match are_same(timings) {
        true => line(&format!(
            "every run wrote the same bytes (BLAKE3 of the card: {}…)",
            &first.card[..16]
        )),
        false => line("THE RUNS WROTE DIFFERENT BYTES: please report this"),
    }
    if timings.iter().any(|runs| seconds(runs.median()) < 1.0) {
        line(messages::TOO_SHORT);
    }
    if timings.iter().any(|runs| efficiency(runs.median()) >= 1.005) {
        line(messages::NOISE);
    }
    text
}
