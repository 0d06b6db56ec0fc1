//! `cargo xtask bench features`: a frame of each feature, ossicle's beside other programs'.
//!
//! Two programs wait to be asked, one with ossicle and another crate compiled in and one in Python;
//! every subject of a feature gets a turn before any gets its second.

mod options;
mod page;
pub(crate) mod program;

pub(crate) use self::options::Options;

use std::process::Command;

use anyhow::Result;

use self::page::{Feature, Measured, Target};
use self::program::{FOLDER, RECORDING};
use super::asked::Asked;
use super::report::record;
use crate::{python, workspace};

/// Each feature with what is asked of it, on a processor of 2023 (Emerald Rapids).
const TARGETS: &[(&str, &[Target])] = &[
    (
        "kaldi-fbank",
        &[Target::Us("avx512", 0.27), Target::Us("avx2", 0.39), Target::Times("asrfront", 3.2)],
    ),
    ("log-mel", &[Target::Us("avx512", 0.40), Target::Us("avx2", 0.40)]),
    ("torchaudio-mel", &[Target::Us("avx512", 0.45), Target::Us("avx2", 0.45)]),
    (
        "whisper-80",
        &[Target::Us("avx512", 0.27), Target::Us("avx2", 0.34), Target::Times("asrfront", 2.6)],
    ),
    ("librosa-mel", &[Target::Us("avx512", 1.1)]),
    ("librosa-mfcc", &[Target::Us("avx512", 0.70), Target::Us("avx2", 0.70)]),
    ("kaldi-mfcc", &[Target::Us("avx512", 0.50), Target::Us("avx2", 0.50)]),
    ("psf-mfcc", &[]),
    ("timit-mfcc", &[]),
];

pub(crate) fn run(options: &Options) -> Result<()> {
    let recording = workspace::root().join(RECORDING);
    eprintln!("xtask: building {FOLDER}");
    let target = workspace::target_dir().join("bench-features");
    let program = program::build(&workspace::root().join(FOLDER), &target, &["--locked"])?;
    let mut programs = vec![Asked::start(Command::new(program).arg(&recording))?];
    if !options.no_peers {
        let python = python::of_features(options.with_torch)?;
        let script = python::folder().join("features.py");
        programs.push(Asked::start(Command::new(python).arg(script).arg(&recording))?);
    }
    let features = measure(&mut programs, options.runs)?;
    let page = page::page(options, &programs, &features);
    print!("{page}");
    if options.record {
        record("features.md", &page)?;
    }
    Ok(())
}

/// Every subject of each feature in turn, `runs` times, ossicle first.
fn measure(programs: &mut [Asked], runs: usize) -> Result<Vec<Feature>> {
    let mut features = Vec::new();
    for &(name, targets) in TARGETS {
        let mut subjects: Vec<(usize, usize, Measured)> = Vec::new();
        for (program, asked) in programs.iter().enumerate() {
            for (number, subject) in asked.subjects().iter().enumerate() {
                if subject.feature == name {
                    subjects.push((program, number, Measured::new(&subject.program)));
                }
            }
        }
        for run in 1..=runs {
            eprintln!("xtask: {name} {run}/{runs}");
            for (program, number, measured) in &mut subjects {
                measured.turns.push(programs[*program].take_turn(*number)?);
            }
        }
        let measured: Vec<_> = subjects.into_iter().map(|(.., it)| it).collect();
        features.push(Feature::new(name, targets, measured)?);
    }
    Ok(features)
}
