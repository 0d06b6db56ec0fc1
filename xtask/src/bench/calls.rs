//! `cargo xtask bench python`: calls of the Python package beside other packages' for Kaldi's features and Whisper's,
//! what importing it takes, and how large its wheel is; with `--data`, in `data`, a dataset read from Python.

mod data;
mod page;
mod peers;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use self::page::{Group, Page, Target};
use self::peers::{environment, measure};
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
    ("Whisper, 30 s", Target::OfPeer("transformers", 0.1)),
    (
        "1,000 of 3 s",
        Target::SpeedUp { one: "ossicle, jobs=1", two: "ossicle, jobs=2", least: 1.85 },
    ),
];

/// Time calls of the Python package beside other packages'
///
/// Builds the wheel as it is released, without Opus, and installs it beside
/// asrfront, kaldi-native-fbank, librosa and transformers. Times 80 mel energies
/// of recordings of several lengths, on one thread, Whisper's, then a batch on one
/// and two, the import, and the wheel's size.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Turns of each, 0.25 s every one
    #[arg(long, value_name = "N", default_value = "7", value_parser = positive)]
    runs: usize,
    /// Time reading a dataset instead: random utterances, and shuffled frames with those around them, beside NumPy and h5py
    #[arg(long)]
    data: bool,
    /// torchaudio's too, or with --data lhotse's reader: installs PyTorch, 5 GB
    #[arg(long)]
    with_torch: bool,
    /// Write bench/record/python.md too, or with --data bench/record/python-data.md
    #[arg(long)]
    record: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.data {
        return data::run(options.runs, options.with_torch, options.record);
    }
    let mut requirements = vec!["requirements-audio.txt", "requirements-transformers.txt"];
    if options.with_torch {
        requirements.push("requirements-torch.txt");
    }
    let name = if options.with_torch { "bench-python-torch-venv" } else { "bench-python-venv" };
    let (python, wheel) = environment(name, &requirements)?;

    let recording = workspace::root().join(RECORDING);
    let script = python::folder().join("calls.py");
    let mut asked = Asked::start(Command::new(&python).arg(script).arg(recording))?;
    let mut groups = Vec::new();
    for (name, target) in GROUPS {
        let measured = measure(&mut asked, name, options.runs)?;
        groups.push(Group { name: (*name).to_owned(), target: *target, measured });
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
