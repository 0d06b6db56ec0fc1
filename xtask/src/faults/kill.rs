//! Killed at any moment, again and again, a run ends with the bytes of one that was not, and does
//! nothing twice.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::chance::Chance;
use super::job::Reference;
use super::moment::Moment;
use super::parts::Parts;
use super::phase::Phase;
use super::running::Running;
use super::setting::Setting;
use super::tally::Tally;

const MOST_KILLS: usize = 5;

pub(crate) fn kill(setting: &Setting, tally: &mut Tally, ground: &Path) -> Result<()> {
    let reference = Reference::small(setting, ground)?;
    setting.play(tally, setting.rounds, |folder, chance, tally| {
        round(setting, &reference, folder, chance, tally)
    })
}

fn round(
    setting: &Setting,
    reference: &Reference,
    folder: &Path,
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<()> {
    let out = folder.join("out");
    // In every second round the recordings of parts that are done get other samples.
    let own = match chance.one_in(2) {
        true => Some(reference.job.corpus.copy_to(folder.join("corpus"))?),
        false => None,
    };
    let job = own.as_ref().map_or(reference.job.clone(), |corpus| reference.job.of(corpus.clone()));
    for _ in 0..1 + chance.below(MOST_KILLS) {
        let before = Parts::of(&out)?;
        // Where parts are is where most can be lost.
        let moment = match chance.one_in(3) {
            true => Moment::while_computing(chance, &out, reference.computing),
            false => Moment::any(chance, &out, reference.took),
        };
        let workers = setting.any_workers(chance);
        let mut running = Running::start(job.command(&out).args(workers), folder)?;
        moment.wait(&mut running)?;
        if let Some(ended) = running.kill()? {
            ended.require_code(reference.code)?;
            reference.require_at(&out).context("a run that was not killed")?;
            tally.count("ended before the kill");
            break;
        }
        let phase = Phase::of(&out, None);
        tally.count(phase.in_words());
        if phase.has_parts() {
            let parts = Parts::of(&out)?;
            parts.require_all_of(&before)?;
            if let Some(corpus) = &own {
                tally.add("recordings changed", parts.scramble_sources(corpus)?);
            }
        } else if chance.one_in(2) {
            // What is left to be killed takes a moment, and has been killed often.
            break;
        }
    }

    let phase = Phase::of(&out, None);
    let parts = Parts::of(&out)?;
    let mut torn = 0;
    if phase.has_parts() && parts.count() > 0 && own.is_none() && chance.one_in(2) {
        parts.tear_one(chance)?;
        torn = 1;
        tally.count("parts torn");
    }
    let parts = parts.count() - torn;
    let workers = setting.any_workers(chance);
    let ended = reference.finish(job.command(&out).args(workers).arg("--json"), &out)?;
    let json = ended.json()?;
    let resumed = json["resumed_parts"].as_u64().context("no resumed_parts in --json")?;
    if phase.has_parts() || phase == Phase::Beginning {
        ensure!(resumed == parts as u64, "{parts} parts were there, and {resumed} were taken");
        tally.add("parts taken over", parts);
    } else {
        ensure!(json["already_complete"] == true, "{phase:?}, and yet it was computed again");
    }
    Ok(())
}
