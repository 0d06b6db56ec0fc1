//! The wheel in a Python of its own beside its peers, and turns of each.

use std::path::PathBuf;

use anyhow::Result;

use super::page::Measured;
use crate::bench::asked::Asked;
use crate::{python, wheel, workspace};

/// A Python with the wheel, built as it is released, and what files of `bench/peers` require; and the wheel's path.
pub(super) fn environment(name: &str, requirements: &[&str]) -> Result<(PathBuf, PathBuf)> {
    let mut files = vec![workspace::root().join("python/requirements-build.txt")];
    files.extend(requirements.iter().map(|file| python::folder().join(file)));
    let python = python::environment(name, &files)?;
    eprintln!("xtask: building the wheel");
    let wheel = wheel::built(&python, "wheels-bench", &["--release"])?;
    wheel::install(&python, &wheel)?;
    Ok((python, wheel))
}

/// Every subject of a group in turn, `runs` times.
pub(super) fn measure(asked: &mut Asked, name: &str, runs: usize) -> Result<Vec<Measured>> {
    let subjects = asked.subjects().iter().enumerate();
    let mut subjects: Vec<(usize, Measured)> = subjects
        .filter(|(_, subject)| subject.feature == name)
        .map(|(number, subject)| (number, Measured::new(&subject.program)))
        .collect();
    for run in 1..=runs {
        eprintln!("xtask: {name} {run}/{runs}");
        for (number, measured) in &mut subjects {
            measured.turns.push(asked.take_turn(*number)?);
        }
    }
    Ok(subjects.into_iter().map(|(_, it)| it).collect())
}
