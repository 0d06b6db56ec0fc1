//! Runs on a disk: how far the job is from only reading the audio once and writing the result once.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use super::corpus::Contents;
use super::job::Job;
use super::measure::{self, Taken};
use super::scratch::Scratch;

/// All runs on disk.
pub(crate) struct Disk {
    pub(crate) jobs: usize,
    pub(crate) ossicle: Vec<Taken>,
    pub(crate) floor: Vec<Floor>,
}

/// The least time that any program takes for the job.
pub(crate) struct Floor {
    /// All recordings, each read once into the same buffer.
    pub(crate) read_s: f64,
    /// `cp -r` of the finished dataset.
    pub(crate) copy_s: f64,
    pub(crate) sync_s: f64,
}

impl Floor {
    pub(crate) fn total_s(&self) -> f64 {
        self.read_s + self.copy_s + self.sync_s
    }
}

/// `finished` is a dataset in `output`'s file system.
pub(crate) fn measure(
    job: &Job<'_>,
    contents: &Contents,
    finished: &Scratch,
    output: &Scratch,
) -> Result<Disk> {
    let mut disk = Disk { jobs: job.num_cores, ossicle: Vec::new(), floor: Vec::new() };
    for run in 1..=job.runs {
        output.clear()?;
        sync()?;
        let ossicle = job.ossicle.extract(job.corpus, output, disk.jobs)?;
        output.clear()?;
        sync()?;
        let floor = Floor {
            read_s: read_all(&contents.sources)?,
            copy_s: copy(finished, output)?,
            sync_s: sync()?,
        };
        let (wall_s, floor_s) = (ossicle.wall_s, floor.total_s());
        eprintln!("xtask: disk {run}/{}: ossicle {wall_s:.2} s, floor {floor_s:.2} s", job.runs);
        disk.ossicle.push(ossicle);
        disk.floor.push(floor);
    }
    output.clear()?;
    Ok(disk)
}

fn read_all(files: &[PathBuf]) -> Result<f64> {
    let start = Instant::now();
    let mut buffer = Vec::new();
    for path in files {
        buffer.clear();
        File::open(path)
            .and_then(|mut file| file.read_to_end(&mut buffer))
            .with_context(|| format!("cannot read {}", path.display()))?;
    }
    Ok(start.elapsed().as_secs_f64())
}

fn copy(from: &Scratch, to: &Scratch) -> Result<f64> {
    Ok(measure::run(Command::new("cp").arg("-r").arg(from.path()).arg(to.path()))?.wall_s)
}

fn sync() -> Result<f64> {
    Ok(measure::run(&mut Command::new("sync"))?.wall_s)
}
