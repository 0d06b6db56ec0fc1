//! `ossicle speed`: the same extraction with different numbers of workers, and other programs beside it.

mod entrant;
mod others;
mod report;

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use ossicle_corpus::printable;
use ossicle_engine::{Isolation, Plan, Stop, Stopwatch, available_cores};
use serde_json::json;

use crate::args::SpeedArgs;
use crate::corpus;
use crate::done::Done;
use crate::door::Door;
use crate::isolation::isolation;
use crate::messages;
use crate::terminal::say;
use entrant::{Run, Runs, are_same, name, serial_seconds};
use others::Other;
use report::report;

pub(crate) fn run(args: &SpeedArgs, door: &dyn Door, out: &mut dyn Write) -> Result<Done> {
    let stop = door.stop()?;
    let plan = corpus::plan(&args.corpus, &args.recipe, &stop)?;
    for notice in plan.notices() {
        door.say(&format!("ossicle: {}", door.notice(notice)));
    }
    let work = args.work.clone().unwrap_or_else(std::env::temp_dir);
    let jobs =
        if args.jobs.is_empty() { default_jobs(available_cores()) } else { args.jobs.clone() };
    let mut jobs_of = Vec::new();
    for &arg in &args.isolation {
        let isolation = isolation(arg, door, None)?;
        jobs_of.extend(jobs.iter().map(|&jobs| (jobs, isolation.clone())));
    }
    let others: Vec<_> = args.against.iter().map(|it| Other::new(it, &args.corpus)).collect();
    let all = time(&plan, &work, (&jobs_of, &others), args.repeat, &stop)?;
    match args.json {
        true => writeln!(out, "{:#}", as_json(&all, &plan))?,
        false => write!(out, "{}", report(&all))?,
    }
    match are_same(&all) {
        true => Ok(Done::Well),
        false => Ok(Done::WithFailures),
    }
}

/// How often each number of workers is timed where nobody says.
const REPEAT: usize = 3;

/// Serially, and on twice as many cores each time, up to all.
fn default_jobs(cores: usize) -> Vec<usize> {
    let mut jobs: Vec<_> = std::iter::successors(Some(1), |jobs| Some(jobs * 2))
        .take_while(|&it| it < cores)
        .collect();
    // Where there is one core, two workers show what that comes to.
    jobs.push(if cores == 1 { 2 } else { cores });
    if cores == 1 { vec![1, 2] } else { jobs }
}

/// The usual comparison, serially and on all cores, on threads, as a table.
pub(crate) fn usual(plan: &Plan, work: &Path, stop: &Stop) -> Result<String> {
    let cores = available_cores().max(2);
    let jobs = [1, cores].map(|jobs| (jobs, Isolation::Threads));
    Ok(report(&time(plan, work, (&jobs, &[]), REPEAT, stop)?))
}

/// Times each number of workers, saying so as it goes, and each of other programs.
///
/// All are run once before, untimed, in one run with the most workers, so that every run finds the recordings in
/// memory; others each once too, since what they load is theirs alone. Then all take turns.
///
/// - `repeat`: how often each is run: all of them once, then all of them again, so that what slows the machine down
///   for a while does not fall on one alone
fn time(
    plan: &Plan,
    work: &Path,
    (jobs, others): (&[(usize, Isolation)], &[Other]),
    repeat: usize,
    stop: &Stop,
) -> Result<Vec<Runs>> {
    let mut names: Vec<_> = jobs.iter().map(|(jobs, isolation)| name(*jobs, isolation)).collect();
    names.extend(others.iter().map(|other| other.command.clone()));
    say(&format!("timing {}, in {}", names.join(", "), printable(work)));
    let mut watch = Stopwatch::new(plan, work)?;
    if let Some((jobs, isolation)) = jobs.iter().max_by_key(|(jobs, _)| jobs) {
        watch.time(*jobs, isolation, stop)?;
    }
    for other in others {
        other.time(&mut watch)?;
        stop.check()?;
    }
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); names.len()];
    for _ in 0..repeat {
        for (place, name) in names.iter().enumerate() {
            stop.check()?;
            let run = match jobs.get(place) {
                Some((jobs, isolation)) => Run::Job(Box::new(watch.time(*jobs, isolation, stop)?)),
                None => Run::Other(others[place - jobs.len()].time(&mut watch)?),
            };
            say(&format!("{name}: time = {:.2}", run.seconds()));
            runs[place].push(run);
        }
    }
    let commands = jobs.iter().map(|_| None);
    let commands = commands.chain(others.iter().map(|other| Some(other.command.clone())));
    Ok(commands.zip(runs).map(|(command, runs)| Runs::new(command, runs)).collect())
}

fn as_json(all: &[Runs], plan: &Plan) -> serde_json::Value {
    let first = all[0].median().seconds();
    let serial = serial_seconds(all);
    let told = |runs: &Runs| runs.json(first, serial);
    let (others, ours): (Vec<_>, Vec<_>) = all.iter().partition(|runs| runs.command.is_some());
    let [ours, others] = [ours, others].map(|of| of.into_iter().map(told).collect::<Vec<_>>());
    let notice = |of| messages::notice_json(of, &messages::notice(of));
    let notices: Vec<_> = plan.notices().iter().map(notice).collect();
    json!({
        "job": plan.job().key(),
        "runs": ours,
        "against": others,
        "same_bytes": are_same(all),
        "in_2019": {"seconds": 681.01, "jobs": 12, "seconds_in_parallel": 186.69, "speed_up": 3.65},
        "notices": notices,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_double_up_to_all_cores() {
        assert_eq!(default_jobs(1), [1, 2]);
        assert_eq!(default_jobs(2), [1, 2]);
        assert_eq!(default_jobs(6), [1, 2, 4, 6]);
        assert_eq!(default_jobs(8), [1, 2, 4, 8]);
    }
}
