//! Asked to stop, a run stops within a second, says how to go on with it, and can be gone on with.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rustix::process::Signal;

use super::chance::Chance;
use super::job::Reference;
use super::moment::Moment;
use super::running::Running;
use super::setting::Setting;
use super::tally::Tally;

const WITHIN: Duration = Duration::from_secs(1);
/// Numbers as in signal(7).
const SIGNALS: [(&str, Signal, i32); 3] =
    [("SIGINT", Signal::INT, 2), ("SIGTERM", Signal::TERM, 15), ("SIGHUP", Signal::HUP, 1)];

pub(crate) fn signals(setting: &Setting, tally: &mut Tally, ground: &Path) -> Result<()> {
    let reference = Reference::small(setting, ground)?;
    setting.play(tally, setting.rounds, |folder, chance, tally| match chance.turn(6) {
        0 => under_nohup(setting, &reference, folder, chance, tally),
        1 => twice(setting, &reference, folder, chance, tally),
        _ => once(setting, &reference, folder, chance, tally),
    })
}

/// Any of the three, at any moment.
fn once(
    setting: &Setting,
    reference: &Reference,
    folder: &Path,
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<()> {
    let (out, log) = (folder.join("out"), folder.join("log"));
    let &(name, signal, number) = chance.pick(&SIGNALS);
    let moment = match chance.one_in(3) {
        true => Moment::any(chance, &out, reference.took),
        false => Moment::while_computing(chance, &out, reference.computing),
    };
    let mut command = reference.job.command(&out);
    command.args(setting.any_workers(chance)).arg("--log-file").arg(&log);
    let mut running = Running::start(&mut command, folder)?;
    moment.wait(&mut running)?;
    let begin = Instant::now();
    // A terminal tells the whole group, `kill` and a service manager the program alone.
    match name {
        "SIGTERM" => running.signal(signal),
        _ => running.signal_group(signal),
    }
    let ended = running.wait()?;
    let took = begin.elapsed();
    if ended.code() == reference.code {
        // It was just ending.
        reference.require_at(&out)?;
        tally.count("ended before the signal");
    } else {
        ended.require_code(128 + number)?;
        ensure!(took <= WITHIN, "{name}: it took {:.2} s", took.as_secs_f64());
        tally.count(format!("{name}s"));
        tally.time(&format!("gone after {name}"), took);
        // Before the run begins there is nothing to be gone on with, and nothing to be said.
        if log.exists() && out.join(".ossicle/job.json").exists() {
            let lines = reference.new_lines(&ended.said());
            let says_how = lines.iter().any(|line| line.contains("same command"));
            ensure!(says_how, "{name}: not a word of how to go on\n{}", ended.stderr);
        }
    }
    require_whole_lines(&log)?;
    reference.finish_with_any_workers(setting, chance, &out)
}

/// Sends Ctrl-C twice: whoever types that does not want to wait.
fn twice(
    setting: &Setting,
    reference: &Reference,
    folder: &Path,
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<()> {
    let out = folder.join("out");
    let moment = Moment::while_computing(chance, &out, reference.computing);
    let mut command = reference.job.command(&out);
    let mut running = Running::start(command.args(setting.any_workers(chance)), folder)?;
    if moment.wait(&mut running)? {
        running.signal_group(Signal::INT);
        std::thread::sleep(chance.time_up_to(Duration::from_millis(20)));
        let begin = Instant::now();
        running.signal_group(Signal::INT);
        let ended = running.wait()?;
        let took = begin.elapsed();
        if ended.code() != reference.code {
            ended.require_code(130)?;
            ensure!(took <= WITHIN, "a second SIGINT: it took {:.2} s", took.as_secs_f64());
            tally.count("second SIGINTs");
            tally.time("gone after a second SIGINT", took);
        }
    } else {
        running.wait()?;
    }
    reference.finish_with_any_workers(setting, chance, &out)
}

/// A program that was started under `nohup` stays when its terminal goes.
fn under_nohup(
    setting: &Setting,
    reference: &Reference,
    folder: &Path,
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<()> {
    let out = folder.join("out");
    let moment = Moment::while_computing(chance, &out, reference.computing);
    let mut command = Command::new("nohup");
    command.arg(setting.program()).args(reference.job.words(&out));
    let mut running = Running::start(command.args(setting.any_workers(chance)), folder)?;
    if moment.wait(&mut running)? {
        running.signal_group(Signal::HUP);
        tally.count("SIGHUPs under nohup");
    }
    running.wait()?.require_code(reference.code)?;
    reference.require_at(&out)
}

/// A log that somebody reads must not end in the middle of a line.
fn require_whole_lines(log: &Path) -> Result<()> {
    if !log.exists() {
        return Ok(());
    }
    let text = fs::read_to_string(log)?;
    ensure!(text.is_empty() || text.ends_with('\n'), "the log ends in the middle of a line");
    ensure!(!text.contains('\0'), "the log has holes");
    Ok(())
}
