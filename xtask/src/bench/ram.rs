//! Runs without a disk in the way: what the computing takes, and what more cores bring.

use anyhow::Result;

use super::job::Job;
use super::measure::Taken;
use super::scratch::Scratch;

/// All runs with one number of workers.
pub(crate) struct Series {
    pub(crate) jobs: usize,
    pub(crate) taken: Vec<Taken>,
}

/// Series with 1 and 2 workers, and with one for each core, in turn. The first is with 1.
pub(crate) fn measure(job: &Job<'_>, output: &Scratch) -> Result<Vec<Series>> {
    let mut numbers = vec![1, 2];
    if job.num_cores > 2 {
        numbers.push(job.num_cores);
    }
    let mut all: Vec<Series> =
        numbers.into_iter().map(|jobs| Series { jobs, taken: Vec::new() }).collect();
    job.ossicle.extract(job.corpus, output, job.num_cores)?;
    for run in 1..=job.runs {
        for series in &mut all {
            let taken = job.ossicle.extract(job.corpus, output, series.jobs)?;
            let Taken { wall_s, .. } = taken;
            eprintln!("xtask: RAM disk {run}/{}: --jobs {} {wall_s:.2} s", job.runs, series.jobs);
            series.taken.push(taken);
        }
    }
    output.clear()?;
    Ok(all)
}
