//! `cargo xtask bench python --data`: a dataset read from Python, beside NumPy's own maps, h5py and lhotse.

mod page;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;

use self::page::{Group, Page, Target};
use super::peers::{environment, measure};
use crate::bench::asked::Asked;
use crate::bench::report::record;
use crate::bench::scratch::Scratch;
use crate::python::succeed;
use crate::{python, workspace};

/// What is timed, with what is asked of it.
const GROUPS: &[(&str, Target)] = &[
    ("utterances, mapped", Target::AtMost { peer: "np.load", ratio: 1.2 }),
    ("utterances, copied", Target::AtMost { peer: "np.load", ratio: 1.2 }),
    ("frames", Target::Faster { times: 5.0, gigabytes_per_s: 1.0 }),
];

/// What the dataset is made by.
const PRESET: &str = "timit-mfcc";

/// - `with_torch`: lhotse's reader too, which needs it
pub(super) fn run(runs: usize, with_torch: bool, is_recorded: bool) -> Result<()> {
    let mut requirements = vec!["requirements-data.txt"];
    let mut name = "bench-data-venv";
    if with_torch {
        requirements.extend(["requirements-torch.txt", "requirements-lhotse.txt"]);
        name = "bench-data-torch-venv";
    }
    let (python, _) = environment(name, &requirements)?;

    let work = Scratch::new(workspace::target_dir().join("bench/data"));
    work.clear()?;
    let dataset = made(&python, work.path())?;
    let script = python::folder().join("data.py");
    let others = work.path().join("others");
    let mut asked = Asked::start(Command::new(&python).arg(script).arg(dataset).arg(others))?;
    let mut groups = Vec::new();
    for (name, target) in GROUPS {
        let measured = measure(&mut asked, name, runs)?;
        groups.push(Group { name, target: *target, measured });
    }
    let page =
        Page { runs, preset: PRESET, programs: asked.programs(), groups: &groups }.to_string();
    print!("{page}");
    if is_recorded {
        record("python-data.md", &page)?;
    }
    Ok(())
}

/// Makes the demo corpus at its full size, and a dataset of it, by the command in the wheel.
fn made(python: &Path, work: &Path) -> Result<PathBuf> {
    let (corpus, dataset) = (work.join("corpus"), work.join("dataset"));
    let ossicle = || {
        let mut command = Command::new(python);
        command.args(["-m", "ossicle"]).stdout(Stdio::null());
        command
    };
    eprintln!("xtask: making the dataset in {}", dataset.display());
    fs::create_dir_all(work)?;
    succeed(ossicle().arg("demo").arg(&corpus).args(["--corpus-only", "--scale", "1.0"]))?;
    succeed(
        ossicle()
            .args(["extract", "--quiet", "--preset", PRESET])
            .arg(&corpus)
            .arg("--out")
            .arg(&dataset),
    )?;
    Ok(dataset)
}
