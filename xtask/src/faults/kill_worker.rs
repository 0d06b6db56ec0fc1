//! Worker processes that are killed cost nothing, and those whose coordinator is killed go.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::chance::Chance;
use super::job::Reference;
use super::moment::Moment;
use super::processes::children;
use super::running::Running;
use super::setting::Setting;
use super::tally::Tally;

/// An utterance at which workers die again and again is taken for a bad one, so there must not be many.
const MOST_KILLS: usize = 2;

pub(crate) fn kill_worker(setting: &Setting, tally: &mut Tally, ground: &Path) -> Result<()> {
    if !setting.has_processes() {
        tally.not_run("there are no worker processes, or they were not asked for");
        return Ok(());
    }
    let reference = Reference::small(setting, ground)?;
    setting.play(tally, setting.rounds, |folder, chance, tally| {
        if chance.turn(4) == 0 {
            coordinator(&reference, folder, chance, tally)
        } else {
            workers(&reference, folder, chance, tally)
        }
    })
}

fn options(chance: &mut Chance) -> [String; 4] {
    let jobs = (1 + chance.below(4)).to_string();
    ["--isolation", "processes", "--jobs", &jobs].map(str::to_owned)
}

/// The run goes on without those that are killed.
fn workers(
    reference: &Reference,
    folder: &Path,
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<()> {
    let out = folder.join("out");
    let mut command = reference.job.command(&out);
    let mut running = Running::start(command.args(options(chance)), folder)?;
    for _ in 0..1 + chance.below(MOST_KILLS) {
        let moment = Moment::while_computing(chance, &out, reference.computing);
        if !moment.wait(&mut running)? {
            break;
        }
        let workers = children(running.id());
        if workers.is_empty() {
            tally.count("moments without a worker");
            continue;
        }
        let worker = chance.pick(&workers);
        if let Some(pid) = Pid::from_raw(worker.pid)
            && kill_process(pid, Signal::KILL).is_ok()
        {
            tally.count("workers killed");
        }
        thread::sleep(Duration::from_millis(20));
    }
    let ended = running.wait()?;
    ended.require_code(reference.code)?;
    reference.require_at(&out)
}

/// Workers must not outlive their coordinator, nor keep its lock.
fn coordinator(
    reference: &Reference,
    folder: &Path,
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<()> {
    let out = folder.join("out");
    let mut command = reference.job.command(&out);
    let mut running = Running::start(command.args(options(chance)), folder)?;
    let moment = Moment::while_computing(chance, &out, reference.computing);
    if !moment.wait(&mut running)? {
        running.wait()?.require_code(reference.code)?;
        return reference.require_at(&out);
    }
    let workers = children(running.id()).len();
    let begin = Instant::now();
    running.kill_alone()?;
    tally.time("workers gone", begin.elapsed());
    tally.count("coordinators killed alone");
    tally.add("workers left alone", workers);
    let ended = reference.finish(reference.job.command(&out).args(options(chance)), &out)?;
    ensure!(!ended.stderr.contains("another run"), "the lock outlived its holder");
    Ok(())
}
