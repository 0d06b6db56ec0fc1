//! Killed while one dataset replaces another: the old one is whole, or the new one can be finished.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::chance::Chance;
use super::corpus::Corpus;
use super::job::{Job, Reference};
use super::moment::Moment;
use super::parts::Parts;
use super::phase::Phase;
use super::running::Running;
use super::setting::Setting;
use super::tally::Tally;
use super::tree::{self, CARD_FILE, Tree, WORK_DIR};

const MOST_KILLS: usize = 5;
/// Somebody's own file in the folder of the dataset. It must stay.
const NOTES: (&str, &str) = ("train/notes.txt", "mine");
/// Many shards, of which the other recipe leaves most unnamed: they have to go.
const OLD: [&str; 2] = ["--set", "output.shard_bytes=262144"];
const NEW: [&str; 2] = ["--set", "feature.num_ceps=13"];

pub(crate) fn kill_overwrite(setting: &Setting, tally: &mut Tally, ground: &Path) -> Result<()> {
    let corpus = Corpus::small(setting.program(), ground.join("corpus"))?;
    let mut datasets = Vec::new();
    for options in [OLD, NEW] {
        let job = Job::new(setting, corpus.clone(), &options);
        datasets.push(Reference::make(job, ground)?);
    }
    let old = ground.join("old");
    let made = Running::start(&mut datasets[0].job.command(&old), ground)?.wait()?;
    made.require_code(datasets[0].code)?;
    fs::write(old.join(NOTES.0), NOTES.1)?;
    for dataset in &mut datasets {
        dataset.tree = dataset.tree.clone().with(NOTES.0, NOTES.1);
    }
    setting.play(tally, setting.rounds, |folder, chance, tally| {
        let out = folder.join("out");
        tree::copy(&old, &out)?;
        round(setting, &datasets, folder, &out, chance, tally)
    })
}

fn round(
    setting: &Setting,
    datasets: &[Reference],
    folder: &Path,
    out: &Path,
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<()> {
    let [old, new] = datasets else { unreachable!("there are two") };
    let mut before = (Parts::default(), true);
    for _ in 0..1 + chance.below(MOST_KILLS) {
        // Now and then somebody changes their mind and wants the old one back.
        let wants_new = !chance.one_in(4);
        let wanted = if wants_new { new } else { old };
        let moment = Moment::any(chance, out, wanted.took);
        let workers = setting.any_workers(chance);
        let card = fs::read(out.join(CARD_FILE)).ok();
        let mut command = wanted.job.command(out);
        let mut running = Running::start(command.arg("--overwrite").args(workers), folder)?;
        moment.wait(&mut running)?;
        if let Some(ended) = running.kill()? {
            ended.require_code(wanted.code)?;
            wanted.require_at(out).context("a run that was not killed")?;
            tally.count("ended before the kill");
            before = (Parts::default(), wants_new);
            continue;
        }
        let phase = Phase::of(out, card.as_deref());
        tally.count(phase.in_words());
        require_whole_or_finishable(setting, datasets, folder, out, chance, tally)?;
        let parts = Parts::of(out)?;
        if phase.has_parts() && before.1 == wants_new {
            parts.require_all_of(&before.0)?;
        }
        let kept = if phase.has_parts() { parts } else { Parts::default() };
        before = (kept, wants_new);
    }
    let workers = setting.any_workers(chance);
    new.finish(new.job.command(out).arg("--overwrite").args(workers), out)?;
    Ok(())
}

/// Returns an error unless there is a card and all of its dataset, or a staged card.
fn require_whole_or_finishable(
    setting: &Setting,
    datasets: &[Reference],
    folder: &Path,
    out: &Path,
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<()> {
    if !out.join(CARD_FILE).exists() {
        ensure!(Phase::of(out, None) == Phase::Publishing, "neither a card nor a staged card");
        tally.count("without a card, but finishable");
        return Ok(());
    }
    let tree = Tree::of(out)?.without_work();
    let differences = datasets.iter().map(|dataset| dataset.tree.require_same(&tree));
    let errors: Vec<_> = differences.filter_map(Result::err).collect();
    if let [first, _] = &errors[..] {
        bail!("there is a card, but neither dataset is whole: {first}");
    }
    tally.count("with a whole dataset");
    // The program's own eye costs a start of it: not every time.
    if chance.one_in(4) {
        let mut verify = Command::new(setting.program());
        let ended = Running::start(verify.arg("verify").arg(out), folder)?.wait()?;
        let known = [format!("{WORK_DIR}: "), format!("{}: ", NOTES.0)];
        let is_known = |line: &&str| known.iter().any(|known| line.starts_with(known));
        let mut findings = ended.stdout.lines().filter(|line| line.contains(": "));
        let unknown = findings.find(|line| !is_known(line) && !line.contains("is damaged: "));
        ensure!(unknown.is_none(), "verify finds {}", unknown.unwrap_or_default());
        tally.count("verified");
    }
    Ok(())
}
