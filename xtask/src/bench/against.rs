//! `cargo xtask bench --against COMMIT`: is this working tree slower than a commit?
//!
//! Both are built with the release profile and take turns, AB BA AB …, on the same recordings. What
//! counts is the ratio within a pair, so that a machine that slows down for a while slows both, and the
//! median of all pairs. The answer is also the exit code.

mod build;
mod checkout;
mod options;
mod page;
mod pairs;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail};

use self::checkout::Checkout;
use self::options::{Options, Outcome, parse};
use self::pairs::{Compared, Pair, in_turn};
use super::corpus;
use super::features::asked::{self, Asked};
use super::features::program;
use super::scratch::{self, Scratch};
use super::subject::Ossicle;
use crate::workspace;

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<()> {
    let options = match parse(arguments)? {
        Outcome::Run(options) => options,
        Outcome::Help(text) => {
            print!("{text}");
            return Ok(());
        }
    };
    let checkout = Checkout::of(&options.against)?;
    let mut notes = Vec::new();
    let mut compared = Vec::new();
    if !options.features_only {
        compared.extend(whole_job(&options, &checkout, &mut notes)?);
    }
    compared.extend(kernels(&options, &checkout, &mut notes)?);
    notes.push(format!("{} is kept for the next time", checkout::folder().display()));
    print!("{}", page::page(&options, &checkout, &compared, &notes));
    let slower = page::slower(&compared);
    if !slower.is_empty() {
        bail!("slower than {}: {}", checkout.name(), slower.join(", "));
    }
    Ok(())
}

/// `ossicle extract` of the full-size corpus on a RAM disk by both programs: wall and CPU time.
fn whole_job(
    options: &Options,
    checkout: &Checkout,
    notes: &mut Vec<String>,
) -> Result<Vec<Compared>> {
    let jobs = available_parallelism().context("cannot count the cores")?.get();
    let work = &options.work;
    fs::create_dir_all(work).with_context(|| format!("cannot make {}", work.display()))?;
    let ram_disk = scratch::ram_disk(options.ram_disk.as_deref(), work)?;
    let programs = Pair { here: Ossicle::find_or_build()?, there: build::ossicle_of(checkout)? };
    let corpus = corpus::make_once(&programs.here, work)?;
    let output = Scratch::new(ram_disk.join("against"));

    // Once without a clock, for warm caches.
    programs.here.extract(&corpus, &output, jobs)?;
    programs.there.extract(&corpus, &output, jobs)?;
    let taken = in_turn(options.pairs, |pair, side| {
        let taken = programs.of(side).extract(&corpus, &output, jobs)?;
        eprintln!("xtask: job {pair}/{}: {side} {:.2} s", options.pairs, taken.wall_s);
        Ok(taken)
    })?;
    if programs.here.card() != programs.there.card() {
        notes.push("the whole job: the two wrote different datasets".to_owned());
    }
    let name = |what| format!("extract --jobs {jobs}, {what}");
    let mut compared = vec![Compared::new(name("wall"), "s", &taken, |it| it.wall_s)];
    // Known on Linux only.
    if taken.iter().all(|it| it.here.cpu_s.is_some() && it.there.cpu_s.is_some()) {
        compared.push(Compared::new(name("CPU"), "s", &taken, |it| it.cpu_s.unwrap_or(f64::NAN)));
    }
    Ok(compared)
}

/// A frame of each feature that both can compute, on one thread.
fn kernels(
    options: &Options,
    checkout: &Checkout,
    notes: &mut Vec<String>,
) -> Result<Vec<Compared>> {
    let recording = workspace::root().join(program::RECORDING);
    let (here, there) = (build::features_here()?, build::features_of(checkout, notes)?);
    let start = |program: &Path| Asked::start(Command::new(program).arg(&recording));
    let mut programs = Pair { here: start(&here)?, there: start(&there)? };
    let numbers = Pair { here: numbers_of(&programs.here), there: numbers_of(&programs.there) };
    let mut compared = Vec::new();
    for (feature, &here) in &numbers.here {
        let Some(&there) = numbers.there.get(feature) else {
            notes.push(format!("{feature}: {} does not measure it", checkout.name()));
            continue;
        };
        let numbers = Pair { here, there };
        let turns = in_turn(options.pairs, |_, side| {
            let number = *numbers.of(side);
            programs.of_mut(side).take_turn(number)
        })?;
        let (one, other) = (turns[0].here, turns[0].there);
        if (one.num_frames, one.dim) != (other.num_frames, other.dim) {
            bail!(
                "{feature}: {} frames of {} here, {} frames of {} there",
                one.num_frames,
                one.dim,
                other.num_frames,
                other.dim
            );
        }
        let feature = Compared::new(feature.clone(), "µs/frame", &turns, |it| it.us_per_frame);
        eprintln!("xtask: {}: {:.3}", feature.name, feature.ratios.median());
        compared.push(feature);
    }
    if compared.is_empty() {
        bail!("there is no feature that both measure");
    }
    Ok(compared)
}

/// The number of each feature of ossicle's that a program can time.
fn numbers_of(program: &Asked) -> BTreeMap<String, usize> {
    let subjects = program.subjects().iter().enumerate();
    let ours = subjects.filter(|(_, it)| it.program == asked::OSSICLE);
    ours.map(|(number, it)| (it.feature.clone(), number)).collect()
}
