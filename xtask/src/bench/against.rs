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

pub(crate) use self::options::Options;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail};

use self::checkout::Checkout;
use self::pairs::{Compared, Pair, both};
use super::asked::{self, Asked, Turn};
use super::corpus;
use super::features::program;
use super::options::Place;
use super::scratch::{self, Scratch};
use super::subject::Ossicle;
use crate::workspace;

/// Measures `pairs` pairs of turns of this tree and `commit`.
///
/// - `place`: where the whole job has its files; without one, only features are measured
pub(crate) fn run(commit: &str, pairs: usize, place: Option<&Place>) -> Result<()> {
    let checkout = Checkout::of(commit)?;
    let mut notes = Vec::new();
    let mut compared = Vec::new();
    if let Some(place) = place {
        compared.extend(whole_job(place, pairs, &checkout, &mut notes)?);
    }
    compared.extend(kernels(pairs, &checkout, &mut notes)?);
    notes.push(format!("{} is kept for the next time", checkout::folder().display()));
    print!("{}", page::page(pairs, &checkout, &compared, &notes));
    let slower = page::slower(&compared);
    if !slower.is_empty() {
        bail!("slower than {}: {}", checkout.name(), slower.join(", "));
    }
    Ok(())
}

/// `ossicle extract` of the full-size corpus on a RAM disk by both programs: wall and CPU time.
fn whole_job(
    place: &Place,
    num_pairs: usize,
    checkout: &Checkout,
    notes: &mut Vec<String>,
) -> Result<Vec<Compared>> {
    let jobs = available_parallelism().context("cannot count the cores")?.get();
    let work = &place.work;
    fs::create_dir_all(work).with_context(|| format!("cannot make {}", work.display()))?;
    let ram_disk = scratch::ram_disk(place.ram_disk.as_deref(), work)?;
    let programs = Pair { here: Ossicle::find_or_build()?, there: build::ossicle_of(checkout)? };
    let corpus = corpus::make_once(&programs.here, work)?;
    let output = Scratch::new(ram_disk.join("against"));

    // Once without a clock, for warm caches.
    programs.here.extract(&corpus, &output, jobs)?;
    programs.there.extract(&corpus, &output, jobs)?;
    let mut taken = Vec::new();
    for pair in 1..=num_pairs {
        taken.push(both(pair, |side| {
            let taken = programs.of(side).extract(&corpus, &output, jobs)?;
            eprintln!("xtask: job {pair}/{num_pairs}: {side} {:.2} s", taken.wall_s);
            Ok(taken)
        })?);
    }
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
    num_pairs: usize,
    checkout: &Checkout,
    notes: &mut Vec<String>,
) -> Result<Vec<Compared>> {
    let recording = workspace::root().join(program::RECORDING);
    let (here, there) = (build::features_here()?, build::features_of(checkout, notes)?);
    let start = |program: &Path| Asked::start(Command::new(program).arg(&recording));
    let mut turns: BTreeMap<String, Vec<Pair<Turn>>> = BTreeMap::new();
    let mut on_one_side = BTreeSet::new();
    for pair in 1..=num_pairs {
        eprintln!("xtask: features {pair}/{num_pairs}");
        // Where memory happens to lie makes a program faster or slower by 2 percent for as long as it
        // runs, so each pair has its own.
        let mut programs = Pair { here: start(&here)?, there: start(&there)? };
        let numbers = Pair { here: numbers_of(&programs.here), there: numbers_of(&programs.there) };
        on_one_side
            .extend(numbers.here.keys().filter(|it| !numbers.there.contains_key(*it)).cloned());
        on_one_side
            .extend(numbers.there.keys().filter(|it| !numbers.here.contains_key(*it)).cloned());
        for (feature, &here) in &numbers.here {
            let Some(&there) = numbers.there.get(feature) else { continue };
            let numbers = Pair { here, there };
            let taken = both(pair, |side| programs.of_mut(side).take_turn(*numbers.of(side)))?;
            require_the_same_work(feature, &taken)?;
            turns.entry(feature.clone()).or_default().push(taken);
        }
    }
    if turns.is_empty() {
        bail!("there is no feature that both measure");
    }
    let one_sided = on_one_side.iter().map(|it| format!("{it}: only one of the two measures it"));
    notes.extend(one_sided);
    let compared = |(feature, turns): (String, Vec<Pair<Turn>>)| {
        Compared::new(feature, "µs/frame", &turns, |it| it.us_per_frame)
    };
    Ok(turns.into_iter().map(compared).collect())
}

/// # Errors
/// If the two computed something else: then their times say nothing about each other.
fn require_the_same_work(feature: &str, taken: &Pair<Turn>) -> Result<()> {
    let Pair { here, there } = taken;
    if (here.num_frames, here.dim) != (there.num_frames, there.dim) {
        bail!(
            "{feature}: {} frames of {} here, {} frames of {} there",
            here.num_frames,
            here.dim,
            there.num_frames,
            there.dim
        );
    }
    Ok(())
}

/// The number of each feature of ossicle's that a program can time, with the richest instruction set, which comes first.
fn numbers_of(program: &Asked) -> BTreeMap<String, usize> {
    let mut numbers = BTreeMap::new();
    for (number, subject) in program.subjects().iter().enumerate() {
        if subject.program.starts_with(asked::OSSICLE) {
            numbers.entry(subject.feature.clone()).or_insert(number);
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_shape_is_other_work() {
        let turn = |us_per_frame, dim| Turn { us_per_frame, num_frames: 998, dim };
        let same = Pair { here: turn(0.2, 80), there: turn(0.3, 80) };
        require_the_same_work("f", &same).unwrap();
        let other = Pair { here: turn(0.2, 80), there: turn(0.2, 40) };
        let error = require_the_same_work("f", &other).unwrap_err().to_string();
        assert_eq!(error, "f: 998 frames of 80 here, 998 frames of 40 there");
    }
}
