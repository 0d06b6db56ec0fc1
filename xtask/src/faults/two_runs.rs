//! Two runs never write to one folder, and a lock never outlives its run.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};
use rustix::process::Signal;

use super::chance::Chance;
use super::job::Reference;
use super::moment::Moment;
use super::running::{Ended, Running};
use super::setting::Setting;
use super::tally::Tally;

const MOST_AT_ONCE: usize = 4;

pub(crate) fn two_runs(setting: &Setting, tally: &mut Tally, ground: &Path) -> Result<()> {
    let reference = Reference::small(setting, ground)?;
    setting.play(tally, setting.rounds, |folder, chance, tally| match chance.turn(2) {
        0 => second(setting, &reference, folder, chance, tally),
        _ => at_once(setting, &reference, folder, chance, tally),
    })
}

/// The second is refused while the first runs, and goes through when that is killed.
fn second(
    setting: &Setting,
    reference: &Reference,
    folder: &Path,
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<()> {
    let out = folder.join("out");
    let moment = Moment::while_computing(chance, &out, reference.computing);
    let mut command = reference.job.command(&out);
    let mut first = Running::start_as(command.args(setting.any_workers(chance)), folder, ".first")?;
    moment.wait(&mut first)?;
    // Stopped, it holds its lock for as long as it takes to see the second run.
    first.signal_group(Signal::STOP);
    if !first.has_ended()? && out.join(".ossicle/lock").exists() {
        let mut command = reference.job.command(&out);
        if chance.one_in(2) {
            command.arg("--overwrite");
        }
        let begin = Instant::now();
        let ended = Running::start_as(&mut command, folder, ".second")?.wait()?;
        tally.time("refused", begin.elapsed());
        require_refused(reference, &ended)?;
        tally.count("refused");
    }
    first.kill()?;
    reference.finish_with_any_workers(setting, chance, &out)?;
    tally.count("went through after a kill");
    Ok(())
}

/// Several start at nearly the same time: also while one removes what it needs no more, each makes the
/// dataset, finds it complete, or is refused.
fn at_once(
    setting: &Setting,
    reference: &Reference,
    folder: &Path,
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<()> {
    let out = folder.join("out");
    let mut runs = Vec::new();
    for number in 0..2 + chance.below(MOST_AT_ONCE - 1) {
        let mut command = reference.job.command(&out);
        command.args(setting.any_workers(chance));
        // Nobody is spared a second run by the dataset that the first one makes.
        if chance.one_in(2) {
            command.arg("--overwrite");
        }
        let mut run = Running::start_as(&mut command, folder, &format!(".{number}"))?;
        if chance.one_in(2) {
            Moment::any(chance, &out, reference.took).wait(&mut run)?;
        }
        runs.push(run);
    }
    // All are waited for, so that a round that fails leaves none behind.
    let ended: Vec<_> = runs.into_iter().map(Running::wait).collect();
    for ended in ended {
        let ended = ended?;
        if ended.code() == reference.code {
            tally.count("went through");
        } else {
            require_refused(reference, &ended)?;
            tally.count("refused");
        }
    }
    reference.finish_with_any_workers(setting, chance, &out)
}

fn require_refused(reference: &Reference, ended: &Ended) -> Result<()> {
    ended.require_code(2)?;
    let lines = reference.new_lines(&ended.said());
    let is_refused = lines.len() == 1 && lines[0].contains("another run is writing");
    ensure!(is_refused, "it was not refused in one sentence:\n{}", ended.stderr);
    Ok(())
}
