//! A corpus of FLAC to features: ossicle, and a pool of processes in Python.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::files;
use super::options::Options;
use crate::bench::measure::{self, Figures};
use crate::bench::scratch::Scratch;
use crate::bench::subject::Ossicle;
use crate::python;

/// The runs of each, in turn.
const RUNS: usize = 3;

/// Values in natural logarithms that are further apart are of other work.
const SAME_WORK: f64 = 1e-2;

/// What both took.
pub(super) struct Pool {
    pub(super) ours_s: Figures,
    pub(super) theirs_s: Figures,
    pub(super) ratio: Figures,
    pub(super) largest_difference: f64,
}

/// # Errors
/// If they computed something else: then their times say nothing about each other.
pub(super) fn measure(
    options: &Options,
    ossicle: &Ossicle,
    python: &Path,
    speech: &Path,
    work: &Path,
) -> Result<Pool> {
    let corpus = Scratch::new(work.join("audio-corpus"));
    corpus.clear()?;
    files::make(python, speech, "corpus", corpus.path(), Some(options.utterances))?;
    let (ours, theirs) =
        (Scratch::new(work.join("audio-ours")), Scratch::new(work.join("audio-theirs")));
    let jobs = options.jobs.to_string();
    let (mut ours_s, mut theirs_s, mut largest_difference) = (Vec::new(), Vec::new(), 0.0_f64);
    // The first of ossicle's warms the page cache for all.
    for run in 0..=RUNS {
        ours.clear()?;
        let mut command = Command::new(ossicle.binary());
        command.arg("extract").arg(corpus.path()).arg("--out").arg(ours.path());
        command.args(["--preset", "kaldi-fbank", "--jobs", &jobs, "-q"]);
        let taken = measure::run(command.stdout(Stdio::null()))?;
        ossicle.check_dataset(ours.path())?;
        if run == 0 {
            continue;
        }
        eprintln!("xtask: corpus of FLAC {run}/{RUNS}");
        ours_s.push(taken.wall_s);
        theirs.clear()?;
        let script = python::folder().join("flac_fbank.py");
        let mut command = Command::new(python);
        command.arg(script).arg(corpus.path()).arg(theirs.path()).arg(&jobs).arg(ours.path());
        let report = report(&mut command)?;
        let number =
            |key: &str| report[key].as_f64().with_context(|| format!("no {key} in {report}"));
        theirs_s.push(number("wall_s")?);
        largest_difference = largest_difference.max(number("largest_difference")?);
    }
    if largest_difference > SAME_WORK {
        bail!("the features of both are up to {largest_difference} apart: not the same work");
    }
    let ratio = Figures::new(theirs_s.iter().zip(&ours_s).map(|(theirs, ours)| theirs / ours));
    let (ours_s, theirs_s) = (Figures::new(ours_s), Figures::new(theirs_s));
    Ok(Pool { ours_s, theirs_s, ratio, largest_difference })
}

/// Runs a script, and reads the last line that it prints.
fn report(command: &mut Command) -> Result<Value> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("{} from {command:?}", output.status);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().context("the script printed nothing")?;
    Ok(serde_json::from_str(line)?)
}
