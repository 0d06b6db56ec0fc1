//! `cargo xtask bench audio`: decoding beside other programs', and the features of a corpus of FLAC.
//!
//! Two programs wait to be asked, one with ossicle and other crates compiled in and one in Python; every
//! subject of a recording gets a turn before any gets its second.

mod files;
mod options;
mod page;
mod pool;

pub(crate) use self::options::Options;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use self::page::Measured;
use super::asked::Asked;
use super::report::record;
use super::subject::Ossicle;
use super::{corpus, scratch};
use crate::{python, workspace};

/// The package of the program with ossicle and other crates, from the project's folder.
const FOLDER: &str = "bench/audio";

/// What other packages than those of features are needed.
const REQUIREMENTS: &str = "requirements-audio.txt";

pub(crate) fn run(options: &Options) -> Result<()> {
    let ossicle = Ossicle::find_or_build()?;
    let work = workspace::target_dir().join("bench");
    let python = python::peers("peers-audio-venv", &[REQUIREMENTS])?;
    let speech = match &options.speech {
        Some(folder) => folder.clone(),
        None => corpus::make_once(&ossicle, &work)?,
    };
    let recordings = scratch::Scratch::new(work.join("audio-minute"));
    recordings.clear()?;
    files::make(&python, &speech, "minute", recordings.path(), None)?;

    let mut programs = vec![
        Asked::start(Command::new(build(options)?).arg(recordings.path()))?,
        Asked::start(
            Command::new(&python).arg(python::folder().join("audio.py")).arg(recordings.path()),
        )?,
    ];
    let measured = measure(&mut programs, options.runs)?;
    let pool = pool::measure(options, &ossicle, &python, &speech, &work)?;
    let page = page::page(options, &programs, &measured, &pool);
    print!("{page}");
    if options.record {
        record("audio.md", &page)?;
    }
    Ok(())
}

fn build(options: &Options) -> Result<PathBuf> {
    eprintln!("xtask: building {FOLDER}");
    let target = workspace::target_dir().join("bench-audio");
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--release", "--locked"]);
    if options.opus {
        cargo.args(["--features", "opus"]);
    }
    cargo.arg("--manifest-path").arg(workspace::root().join(FOLDER).join("Cargo.toml"));
    python::succeed(cargo.arg("--target-dir").arg(&target))?;
    Ok(target.join("release/ossicle-bench-audio"))
}

/// Every subject of each recording in turn, `runs` times, ossicle first.
fn measure(programs: &mut [Asked], runs: usize) -> Result<BTreeMap<String, Vec<Measured>>> {
    let mut all: BTreeMap<String, Vec<(usize, usize, Measured)>> = BTreeMap::new();
    for (program, asked) in programs.iter().enumerate() {
        for (number, subject) in asked.subjects().iter().enumerate() {
            let measured = Measured::new(&subject.program);
            all.entry(subject.feature.clone()).or_default().push((program, number, measured));
        }
    }
    for (what, subjects) in &mut all {
        for run in 1..=runs {
            eprintln!("xtask: {what} {run}/{runs}");
            for (program, number, measured) in subjects.iter_mut() {
                measured.turns.push(programs[*program].take_turn(*number)?);
            }
        }
    }
    let measured = |(what, subjects): (_, Vec<_>)| {
        (what, subjects.into_iter().map(|(_, _, measured)| measured).collect())
    };
    Ok(all.into_iter().map(measured).collect())
}
