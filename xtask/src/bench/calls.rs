//! `cargo xtask bench python`: calls of the Python package beside other packages' for Kaldi's features, what
//! importing it takes, and how large its wheel is.

mod page;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use self::page::{Group, Measured, Page, Target};
use super::asked::Asked;
use super::features::program::RECORDING;
use super::measure::Figures;
use super::report::record;
use crate::command_line::positive;
use crate::{python, wheel, workspace};

/// What is timed, with what ossicle's calls may take.
const GROUPS: &[(&str, Target)] = &[
    ("0.05 s", Target::OfPeer("asrfront", 0.6)),
    ("3 s", Target::OfPeer("asrfront", 0.6)),
    ("30 s", Target::OfPeer("asrfront", 0.6)),
    (
        "1,000 of 3 s",
        Target::SpeedUp { one: "ossicle, jobs=1", two: "ossicle, jobs=2", least: 1.85 },
    ),
];

/// Time calls of the Python package beside other packages'
///
/// Builds the wheel as it is released, without Opus, and installs it beside
/// asrfront, kaldi-native-fbank and librosa. Times 80 mel energies of recordings
/// of several lengths, on one thread, then a batch on one and two, the import,
/// and the wheel's size.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Turns of each, 0.25 s every one
    #[arg(long, value_name = "N", default_value = "7", value_parser = positive)]
    runs: usize,
    /// torchaudio's too: installs PyTorch, 5 GB
    #[arg(long)]
    with_torch: bool,
    /// Write bench/record/python.md too
    #[arg(long)]
    record: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let folder = python::folder();
    let mut requirements = vec![
        workspace::root().join("python/requirements-build.txt"),
        folder.join("requirements-audio.txt"),
    ];
    if options.with_torch {
        requirements.push(folder.join("requirements-torch.txt"));
    }
    let name = if options.with_torch { "bench-python-torch-venv" } else { "bench-python-venv" };
    let python = python::environment(name, &requirements)?;
    eprintln!("xtask: building the wheel");
    let wheel = wheel::built(&python, "wheels-bench", &["--release"])?;
    wheel::install(&python, &wheel)?;

    let recording = workspace::root().join(RECORDING);
    let script = folder.join("calls.py");
    let mut asked = Asked::start(Command::new(&python).arg(script).arg(recording))?;
    let mut groups = Vec::new();
    for (name, target) in GROUPS {
        groups.push(measure(&mut asked, name, target, options.runs)?);
    }
    let page = Page {
        runs: options.runs,
        programs: asked.programs(),
        groups: &groups,
        import_ms: import(&python, options.runs)?,
        wheel_mb: wheel::megabytes(&wheel)?,
    };
    let page = page.to_string();
    print!("{page}");
    if options.record {
        record("python.md", &page)?;
    }
    Ok(())
}

/// Every subject of a group in turn, `runs` times.
fn measure(asked: &mut Asked, name: &str, target: &Target, runs: usize) -> Result<Group> {
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
    let measured = subjects.into_iter().map(|(_, it)| it).collect();
    Ok(Group { name: name.to_owned(), target: *target, measured })
}

/// The milliseconds that `import ossicle` takes after `import numpy`, each in a process of its own.
fn import(python: &Path, runs: usize) -> Result<Figures> {
    const CODE: &str = "import time, numpy; start = time.perf_counter(); import ossicle; \
                        print((time.perf_counter() - start) * 1e3)";
    let mut all = Vec::new();
    for _ in 0..=runs {
        let output = Command::new(python).args(["-c", CODE]).output()?;
        let text = String::from_utf8(output.stdout)?;
        all.push(text.trim().parse::<f64>().with_context(|| format!("{python:?} says {text:?}"))?);
    }
    // The first reads files that the others find in memory.
    Ok(Figures::new(all.into_iter().skip(1)))
}
