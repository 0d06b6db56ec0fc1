//! The same faults while a run goes on with what another has left: parts, a staged card, a dataset that
//! is being replaced.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::chance::Chance;
use super::corpus::Corpus;
use super::fault::{Effect, Fault};
use super::job::{Job, Reference};
use super::parts::Parts;
use super::phase::Phase;
use super::running::Running;
use super::setting::Setting;
use super::strace::Strace;
use super::sweep::Sweep;
use super::tally::Tally;

pub(crate) fn sweep_resume(setting: &Setting, tally: &mut Tally, _ground: &Path) -> Result<()> {
    let folder = setting.ram().join("sweep-resume");
    let corpus = Corpus::tiny(folder.join("corpus"))?;
    let reference = Reference::make(Job::new(setting, corpus.clone(), &[]), &folder)?;
    let old = Job::new(setting, corpus, &["--set", "output.shard_bytes=65536"]);
    let mut chance = Chance::new(setting.seed());

    let strace = Strace::find()?;
    let resuming =
        killed_run(&strace, &reference, &folder, "resuming", Phase::Computing, &mut chance)?;
    let publishing =
        killed_run(&strace, &reference, &folder, "publishing", Phase::Publishing, &mut chance)?;
    let replacing = folder.join("replacing");
    let made = Running::start(&mut old.command(&replacing), &folder)?.wait()?;
    made.require_code(reference.code)?;

    let begun = [(resuming, "resuming"), (publishing, "publishing"), (replacing, "replacing")];
    for (way, words) in setting.ways() {
        for (begun, what) in &begun {
            let mut options = words.clone();
            if *what == "replacing" {
                options.push("--overwrite".to_owned());
            }
            let sweep = Sweep {
                setting,
                strace: &strace,
                reference: &reference,
                begun: Some(begun.clone()),
                options,
                folder: &folder,
                way: format!("{what}, {way}"),
            };
            sweep.run(tally)?;
        }
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Kills a run in this phase, at one of its changing calls, and returns the folder that it left.
fn killed_run(
    strace: &Strace,
    reference: &Reference,
    folder: &Path,
    name: &str,
    phase: Phase,
    chance: &mut Chance,
) -> Result<PathBuf> {
    let out = folder.join(name);
    let command = || {
        let mut command = reference.job.command(&out);
        command.args(["--jobs", "1"]);
        command
    };
    let mut calls = strace.calls(&command(), &[&out], folder)?;
    // Parts are renamed when they are done, and so are all files when they are published.
    calls.retain(|call| call.name.starts_with("rename") && call.changes);
    for _ in 0..100 {
        fs::remove_dir_all(&out).with_context(|| format!("cannot remove {}", out.display()))?;
        let call = chance.pick(&calls);
        let fault = Fault {
            call: call.name.clone(),
            effect: Effect::Kill,
            number: call.number,
            paths: vec![call.path.clone()],
            changes: true,
        };
        let log = folder.join("strace");
        Running::start(&mut strace.inject(&fault, &command(), &log), folder)?.wait()?;
        let has_parts = Parts::of(&out)?.count() > 0;
        if Phase::of(&out, None) == phase && (has_parts || phase == Phase::Publishing) {
            return Ok(out);
        }
    }
    bail!("no kill in a hundred leaves a folder that is {name}")
}
