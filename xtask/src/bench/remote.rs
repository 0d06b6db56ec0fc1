//! `cargo xtask bench remote`: a corpus of many small recordings in an object store that is far away.
//!
//! The store is a server on loopback that answers late. `ossicle extract s3://…` stands beside what the store can give:
//! GETs of all recordings one by one, and as many at once as ossicle has connections; and beside the same job with the
//! corpus in a folder, whose dataset has to be the same.

mod gets;
mod http;
mod store;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use super::cold::files_in;
use super::machine::hardware_and_commit;
use super::measure::{self, Figures, Taken};
use super::report::{against_target, list, record, spread, table};
use super::scratch::Scratch;
use super::subject::Ossicle;
use super::{corpus, scratch};
use crate::command_line::{self, positive};
use crate::workspace;
use gets::get_all;
use store::{BUCKET, Store};

/// Time reading a corpus of small recordings from an object store
///
/// From a server on loopback that answers MS milliseconds late, beside GETs one by
/// one, and GETs on as many connections.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The corpus, a folder of WAVE files [default: those of the full-size demo corpus, which is made once]
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// How late the store answers, in milliseconds
    #[arg(long, value_name = "MS", default_value = "40")]
    late: f64,
    /// Connections at once
    #[arg(long, value_name = "N", default_value = "32", value_parser = positive)]
    connections: usize,
    /// Timed runs of each, but of GETs one by one, which run once
    #[arg(long, value_name = "N", default_value = "3", value_parser = positive)]
    runs: usize,
    /// Write bench/record/remote.md too
    #[arg(long)]
    record: bool,
}

/// How many times faster than GETs one by one the job is at least.
const TARGET: f64 = 20.0;

/// The memory that the job is given: for two workers, and what is read ahead of them on 32 connections.
const MOST_MEMORY: u64 = 256 << 20;

pub(crate) fn run(options: &Options) -> Result<()> {
    let ossicle = Ossicle::find_or_build_for_stores()?;
    let work = workspace::target_dir().join("bench");
    fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
    let corpus = match &options.corpus {
        Some(folder) => fs::canonicalize(folder).context("there is no such corpus")?,
        None => recordings_alone(&corpus::make_once(&ossicle, &work)?, &work)?,
    };
    let files = files_in(&corpus)?;
    let store = Store::start(&corpus, Duration::from_secs_f64(options.late / 1e3))?;
    let output = Scratch::new(scratch::ram_disk(None, &work)?.join("remote"));
    let job = Job { options, ossicle: &ossicle, store: &store, output: &output };
    let measured = job.measure(&corpus, &keys_of(&corpus, &files)?)?;
    let page = page(options, &files, &measured);
    print!("{page}");
    if options.record {
        record("remote.md", &page)?;
    }
    Ok(())
}

/// Makes a folder of a corpus' recordings without their alignments, which would be further objects.
fn recordings_alone(corpus: &Path, work: &Path) -> Result<PathBuf> {
    let folder = work.join("recordings");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut files = files_in(corpus)?;
    files.sort();
    for (number, (path, _)) in files.into_iter().enumerate() {
        let link = folder.join(format!("{number:05}.wav"));
        if !link.exists() {
            fs::hard_link(&path, &link)
                .with_context(|| format!("cannot make {}", link.display()))?;
        }
    }
    Ok(folder)
}

/// The keys of recordings in the bucket.
fn keys_of(corpus: &Path, files: &[(PathBuf, u64)]) -> Result<Vec<String>> {
    let keys = files.iter().map(|(path, _)| {
        let key = path.strip_prefix(corpus)?.to_str();
        Ok(key.context("a name is no text")?.to_owned())
    });
    keys.collect()
}

struct Job<'a> {
    options: &'a Options,
    ossicle: &'a Ossicle,
    store: &'a Store,
    output: &'a Scratch,
}

/// What was measured.
struct Measured {
    one_by_one_s: f64,
    /// Wall seconds of GETs on all connections.
    at_once_s: Vec<f64>,
    from_store: Vec<Taken>,
    from_folder: Vec<Taken>,
    /// The requests of a job.
    requests: u64,
}

impl Job<'_> {
    fn measure(&self, corpus: &Path, keys: &[String]) -> Result<Measured> {
        let address = self.store.address;
        let bucket = PathBuf::from(format!("s3://{BUCKET}"));
        // Once for the card that every run's is compared with.
        self.extract(corpus)?;
        let (mut at_once_s, mut from_store, mut from_folder) = (vec![], vec![], vec![]);
        let mut requests = 0;
        for run in 1..=self.options.runs {
            eprintln!("xtask: run {run} of {}", self.options.runs);
            at_once_s.push(get_all(address, keys, self.options.connections)?);
            self.store.take_requests();
            from_store.push(self.extract(&bucket)?);
            requests = self.store.take_requests();
            from_folder.push(self.extract(corpus)?);
        }
        eprintln!("xtask: all recordings, one by one");
        let one_by_one_s = get_all(address, keys, 1)?;
        Ok(Measured { one_by_one_s, at_once_s, from_store, from_folder, requests })
    }

    fn extract(&self, corpus: &Path) -> Result<Taken> {
        self.output.clear()?;
        let mut command = Command::new(self.ossicle.binary());
        command.arg("extract").arg(corpus).arg("--out").arg(self.output.path());
        command.args(["--preset", "kaldi-fbank", "--quiet", "--max-memory"]);
        command.arg(MOST_MEMORY.to_string());
        command.args(["--connections", &self.options.connections.to_string(), "--store-option"]);
        command.arg(format!("aws_endpoint=http://{}", self.store.address));
        command.env("AWS_ACCESS_KEY_ID", "any").env("AWS_SECRET_ACCESS_KEY", "any");
        let taken = measure::run(command.stdout(Stdio::null()))?;
        self.ossicle.check_dataset(self.output.path())?;
        Ok(taken)
    }
}

fn page(options: &Options, files: &[(PathBuf, u64)], measured: &Measured) -> String {
    let Measured { one_by_one_s, at_once_s, from_store, from_folder, requests } = measured;
    let (count, connections) = (files.len(), options.connections);
    let bytes = files.iter().map(|(_, bytes)| *bytes as f64).sum::<f64>();
    let row = |what: String, wall: &Figures, peak: String, target: String| {
        let times = Figures::new(wall.all().iter().map(|wall_s| one_by_one_s / wall_s));
        let each = format!("{:.0}", count as f64 / wall.median());
        vec![what, spread(wall, 2), each, spread(&times, 1), peak, target]
    };
    let wall = |taken: &[Taken]| Figures::new(taken.iter().map(|it| it.wall_s));
    let peak = |taken: &[Taken]| taken.iter().filter_map(|it| it.peak_mib).fold(0.0, f64::max);
    let (job, most_mib) = (wall(from_store), MOST_MEMORY as f64 / 1048576.0);
    let is_fast = one_by_one_s / job.median() >= TARGET;
    let is_small = peak(from_store) <= most_mib;
    let target = format!(
        "{}; {}",
        against_target(&format!("≥ {TARGET:.0} × one by one"), is_fast),
        against_target(&format!("≤ {most_mib:.0} MiB"), is_small)
    );
    let mebibytes = |taken: &[Taken]| format!("{:.0}", peak(taken));
    let rows = [
        row(
            "GETs, one by one".into(),
            &Figures::new([*one_by_one_s]),
            String::new(),
            String::new(),
        ),
        row(
            format!("GETs on {connections} connections"),
            &Figures::new(at_once_s.iter().copied()),
            String::new(),
            String::new(),
        ),
        row(format!("the job, {connections} connections"), &job, mebibytes(from_store), target),
        row(
            "the job from a folder".into(),
            &wall(from_folder),
            mebibytes(from_folder),
            String::new(),
        ),
    ];
    let head = ["", "wall s", "recordings a second", "× one by one", "peak MiB", "target"];
    format!(
        "# An object store\n\n`{}`\n\n{}\n`ossicle extract s3://… --preset kaldi-fbank --max-memory {MOST_MEMORY}` of {count} recordings, {:.0} kB \
         each, to a RAM disk; from a server on loopback that answers each request {} ms late. GETs read every recording whole and do \
         nothing with it, on connections that stay open. The job lists the bucket, looks at headers, reads, computes and \
         publishes: {requests} requests in all. Its dataset is that of the folder, byte by byte. Medians of {} runs, smallest \
         and largest in parentheses.\n\n{}",
        command_line::as_typed(),
        list(&hardware_and_commit()),
        bytes / count as f64 / 1e3,
        options.late,
        options.runs,
        table(&head, &rows)
    )
}
