//! The same job in Python: the scripts of `bench/peers`, in a virtual environment made for them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::job::Job;
use super::scratch::Scratch;
use crate::python;

/// A Python that has what `bench/peers/requirements.txt` asks for.
pub(crate) struct Peer {
    python: PathBuf,
    script: PathBuf,
}

/// One way of doing the job in Python, with all its runs.
pub(crate) struct Way {
    pub(crate) name: String,
    /// The number of workers of ossicle's that it is compared with.
    pub(crate) jobs: usize,
    pub(crate) reports: Vec<Report>,
}

/// The script's report about one run.
pub(crate) struct Report {
    /// The time from the script's first line, so without the interpreter's own start.
    pub(crate) wall_s: f64,
    pub(crate) cpu_s: f64,
    /// The part of `wall_s` in which librosa was loaded.
    pub(crate) loading_s: f64,
    pub(crate) peak_mib: f64,
    /// The largest difference from ossicle's dataset, in standard deviations of a column.
    pub(crate) largest_difference: f64,
    pub(crate) different_labels: u64,
}

impl Peer {
    /// Makes the virtual environment, unless one with these requirements is there.
    pub(crate) fn prepare() -> Result<Self> {
        let python = python::peers("peers-venv", &["requirements.txt"])?;
        Ok(Self { python, script: python::folder().join("timit_mfcc.py") })
    }

    pub(crate) fn python(&self) -> &Path {
        &self.python
    }

    pub(crate) fn script(&self) -> &Path {
        &self.script
    }

    /// Versions of Python, librosa and NumPy.
    pub(crate) fn versions(&self) -> Option<String> {
        let program = "import platform as p, importlib.metadata as m; \
                       print('Python', p.python_version(), *(f'{n} {m.version(n)}' \
                       for n in ('librosa', 'numpy')), sep=', ')";
        let output = Command::new(&self.python).args(["-c", program]).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        Some(text.trim().replacen(", ", " ", 1))
    }

    fn run(&self, job: &Job<'_>, mode: &str, output: &Scratch, like: &Path) -> Result<Report> {
        output.clear()?;
        let run = Command::new(&self.python)
            .arg(&self.script)
            .arg(job.corpus)
            .arg("--out")
            .arg(output.path())
            .args(["--mode", mode, "--jobs", &job.num_cores.to_string(), "--compare"])
            .arg(like)
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start Python")?;
        output.clear()?;
        if !run.status.success() {
            bail!("{}: {}", self.script.display(), run.status);
        }
        Report::read(&String::from_utf8_lossy(&run.stdout))
    }
}

/// The serial way and the pool; `like` is the dataset that ossicle made of the same corpus.
pub(crate) fn measure(
    job: &Job<'_>,
    peer: &Peer,
    like: &Scratch,
    output: &Scratch,
    runs: usize,
) -> Result<Vec<Way>> {
    let num_cores = job.num_cores;
    let mut ways = [
        ("serial", Way { name: "Python, serial".into(), jobs: 1, reports: Vec::new() }),
        (
            "pool",
            Way {
                name: format!("Python, Pool({num_cores})"),
                jobs: num_cores,
                reports: Vec::new(),
            },
        ),
    ];
    for run in 1..=runs {
        for (mode, way) in &mut ways {
            let report = peer.run(job, mode, output, like.path())?;
            eprintln!("xtask: {} {run}/{runs}: {:.2} s", way.name, report.wall_s);
            way.reports.push(report);
        }
    }
    Ok(ways.into_iter().map(|(_, way)| way).collect())
}

impl Report {
    /// Reads the last line of what the script printed.
    fn read(printed: &str) -> Result<Self> {
        let line = printed.lines().last().context("the script printed nothing")?;
        let json: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
        let number =
            |key: &str| json[key].as_f64().with_context(|| format!("no {key:?} in {line}"));
        Ok(Self {
            wall_s: number("wall_s")?,
            cpu_s: number("cpu_s")?,
            loading_s: number("loading_s")?,
            peak_mib: number("peak_rss_mib")?,
            largest_difference: number("largest_difference")?,
            different_labels: number("different_labels")? as u64,
        })
    }
}
