//! `ossicle speed`: the same extraction with different numbers of workers.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use ossicle_corpus::printable;
use ossicle_engine::{Isolation, Plan, Stop, Timing, available_cores, compare, size};
use serde_json::json;

use crate::args::SpeedArgs;
use crate::corpus;
use crate::done::Done;
use crate::isolation::isolation;
use crate::messages;
use crate::signals;
use crate::table::table;
use crate::words::workers;

pub(crate) fn run(args: &SpeedArgs, out: &mut dyn Write) -> Result<Done> {
    let plan = corpus::plan(&args.corpus, &args.recipe)?;
    for notice in plan.notices() {
        let _ = writeln!(std::io::stderr(), "ossicle: {}", messages::notice(notice));
    }
    let work = args.work.clone().unwrap_or_else(temporary_folder);
    let jobs = if args.jobs.is_empty() { default_jobs() } else { args.jobs.clone() };
    let mut runs = Vec::new();
    for &arg in &args.isolation {
        let isolation = isolation(arg, None)?;
        runs.extend(jobs.iter().map(|&jobs| (jobs, isolation.clone())));
    }
    let timings = time(&plan, &work, &runs);
    // Only if it is empty: a folder of the user's stays.
    let _ = std::fs::remove_dir(&work);
    let timings = timings?;
    match args.json {
        true => writeln!(out, "{:#}", as_json(&timings, &plan))?,
        false => write!(out, "{}", report(&timings))?,
    }
    match timings.iter().all(|timing| timing.card == timings[0].card) {
        true => Ok(Done::Well),
        false => Ok(Done::WithFailures),
    }
}

fn temporary_folder() -> PathBuf {
    std::env::temp_dir().join(format!("ossicle-speed-{}", std::process::id()))
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
) -> Result<Vec<Timing>> {
    let mut err = std::io::stderr();
    let names = runs.iter().map(|(jobs, isolation)| name(*jobs, isolation)).collect::<Vec<_>>();
    let _ = writeln!(err, "timing {}, in {}", names.join(", "), printable(work));
    let stop = Stop::default();
    signals::watch(&stop)?;
    let timings = compare(plan, work, runs, true, &stop, &(), |timing| {
        let seconds = timing.outcome.took.as_secs_f64();
        let _ = writeln!(err, "{}: time = {seconds:.2}", name(timing.jobs, &timing.isolation));
    });
    Ok(timings?)
}

/// `2 workers`, `2 worker processes`.
fn name(jobs: usize, isolation: &Isolation) -> String {
    match (isolation, jobs) {
        (Isolation::Processes(_), 1) => "1 worker process".to_owned(),
        (Isolation::Processes(_), _) => format!("{jobs} worker processes"),
        _ => workers(jobs),
    }
}

fn as_json(timings: &[Timing], plan: &Plan) -> serde_json::Value {
    let runs: Vec<_> = timings
        .iter()
        .map(|timing| {
            let seconds = timing.outcome.took.as_secs_f64();
            json!({
                "jobs": timing.jobs,
                "isolation": kind(timing),
                "workers": timing.outcome.workers,
                "seconds": seconds,
                "speed_up": timings[0].outcome.took.as_secs_f64() / seconds,
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
    let same = timings.iter().all(|timing| timing.card == timings[0].card);
    let notices: Vec<_> = plan.notices().iter().map(messages::notice_json).collect();
    json!({"runs": runs, "same_bytes": same, "notices": notices})
}

fn kind(timing: &Timing) -> &'static str {
    match timing.isolation {
        Isolation::Processes(_) => "processes",
        _ => "threads",
    }
}

/// The table of a comparison, a column a run.
pub(crate) fn report(timings: &[Timing]) -> String {
    let Some(first) = timings.first() else { return String::new() };
    let row = |name: &str, cell: &dyn Fn(&Timing) -> String| {
        std::iter::once(name.to_owned()).chain(timings.iter().map(cell)).collect::<Vec<_>>()
    };
    let seconds = |timing: &Timing| timing.outcome.took.as_secs_f64().max(1e-9);
    let speed_up = |timing: &Timing| seconds(first) / seconds(timing);
    let ideal = |timing: &Timing| timing.jobs as f64 / first.jobs as f64;
    let files = |timing: &Timing| timing.outcome.utterances() + timing.outcome.failures();
    let seen = |value: u64, text: String| if value == 0 { "?".to_owned() } else { text };
    let rows = [
        row("workers", &|t| t.outcome.workers.to_string()),
        row("which are", &|t| kind(t).to_owned()),
        row("time", &|t| format!("{:.2} s", seconds(t))),
        row("times faster", &|t| format!("{:.2}", speed_up(t))),
        row("of the ideal", &|t| format!("{:.0} %", 100.0 * speed_up(t) / ideal(t))),
        row("files a second", &|t| format!("{:.0}", files(t) as f64 / seconds(t))),
        row("× real time", &|t| format!("{:.0}", t.outcome.duration_s() / seconds(t))),
        row("processor time", &|t| format!("{:.2} s", t.cpu.as_secs_f64())),
        row("peak memory", &|t| seen(t.peak_memory, size(t.peak_memory))),
        row("peak open files", &|t| seen(t.peak_open_files, t.peak_open_files.to_string())),
        row("starting and joining", &|t| {
            let share = t.outcome.overhead.as_secs_f64() / seconds(t);
            format!("{:.2} %", 100.0 * share)
        }),
    ];
    let same = match timings.iter().all(|timing| timing.card == first.card) {
        true => {
            format!("every run wrote the same bytes (BLAKE3 of the card: {}…)", &first.card[..16])
        }
        false => "THE RUNS WROTE DIFFERENT BYTES: please report this".to_owned(),
    };
    format!("{}\n{same}\n", table(rows))
}
