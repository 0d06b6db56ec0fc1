//! `cargo xtask bench`: the whole job, measured against its targets, the disk, and Python.
//!
//! The job is TIMIT's size: 4288 utterances to 120 normalised columns and labels, written to a
//! dataset. Everything that is compared with something is measured in the same run, in turn (A B A B
//! …), and compared pair by pair, so that a machine that slows down for a while slows both.
//! `cargo xtask bench features`, in `features`, times a frame of each feature instead, and `cargo xtask
//! bench spikes`, in `spikes`, matching pursuit; `cargo xtask bench audio`, in `audio`, decoding; `cargo xtask bench
//! python`, in `calls`, calls of the Python package; `cargo xtask bench cold`, in `cold`, the whole job on slow storage;
//! `cargo xtask bench remote`, in `remote`, one whose corpus is in an object store; `cargo xtask bench scale`, in
//! `scale`, plans of millions of utterances.
//!
//! A missed target is printed, not an error. What is an error is a run that fails, leaves no dataset, or
//! leaves another one than the runs before it. Only `--against COMMIT`, in `against`, answers with its
//! exit code: it compares two programs of one project on one machine.

mod against;
mod asked;
mod audio;
mod calls;
mod cold;
mod corpus;
mod disk;
mod features;
mod job;
pub(crate) mod machine;
mod measure;
mod open_files;
mod options;
mod peers;
mod ram;
mod remote;
mod report;
mod scale;
mod scratch;
mod spikes;
pub(crate) mod subject;

use std::fs;
use std::thread::available_parallelism;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use job::Job;
use machine::Machine;
use options::Place;
use scratch::Scratch;
use subject::Ossicle;

/// Time the whole job against its targets, the disk and Python
///
/// Makes the full-size demo corpus once, then measures ossicle on a RAM disk and
/// on disk, and Python. OSSICLE_BIN=FILE takes that binary instead of building
/// one.
///
/// With --against it measures this working tree and COMMIT in turn instead: the
/// whole job on a RAM disk, and a frame of each feature. Prints the median of the
/// ratios of all pairs. Exits with 1 if a median is above 1.02, which is slower by
/// 2 percent.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[group(skip)]
pub(crate) struct Options {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    job: options::Options,
    #[command(flatten)]
    against: against::Options,
}

/// The benchmarks besides the whole job.
#[derive(Debug, Subcommand)]
enum Other {
    /// Time a frame of each feature beside other programs'
    ///
    /// On one thread, of ten seconds of sound in memory: ossicle, mel_spec, and
    /// Python's packages, in turn. With --against it measures this working tree
    /// and COMMIT instead, and exits with 1 if a median is above 1.02.
    Features(Features),
    Spikes(spikes::Options),
    Audio(audio::Options),
    Python(calls::Options),
    Cold(cold::Options),
    Remote(remote::Options),
    Scale(scale::Options),
}

#[derive(Debug, Args)]
#[group(skip)]
struct Features {
    #[command(flatten)]
    frames: features::Options,
    #[command(flatten)]
    against: against::Options,
}

pub(crate) fn run(options: Options) -> Result<()> {
    let Options { other, place, job, against } = options;
    match other {
        Some(Other::Spikes(options)) => spikes::run(&options),
        Some(Other::Audio(options)) => audio::run(&options),
        Some(Other::Python(options)) => calls::run(&options),
        Some(Other::Cold(options)) => cold::run(&options),
        Some(Other::Remote(options)) => remote::run(&options),
        Some(Other::Scale(options)) => scale::run(&options),
        Some(Other::Features(Features { frames, against })) => match against.against {
            Some(commit) => against::run(&commit, against.pairs, None),
            None => features::run(&frames),
        },
        None => match against.against {
            Some(commit) => against::run(&commit, against.pairs, Some(&place)),
            None => whole_job(&job, &place),
        },
    }
}

fn whole_job(options: &options::Options, place: &Place) -> Result<()> {
    let num_cores = available_parallelism().context("cannot count the cores")?.get();
    let work = &place.work;
    fs::create_dir_all(work).with_context(|| format!("cannot make {}", work.display()))?;
    let ram_disk = scratch::ram_disk(place.ram_disk.as_deref(), work)?;

    let ossicle = Ossicle::find_or_build()?;
    let peer = if options.no_peers { None } else { Some(peers::Peer::prepare()?) };
    let corpus = corpus::make_once(&ossicle, work)?;

    // The dataset that is copied and compared with; making it warms every cache too.
    let finished = Scratch::new(work.join("finished"));
    ossicle.extract(&corpus, &finished, num_cores)?;
    let contents = corpus::Contents::of_dataset(&corpus, finished.path())?;

    let job = Job { ossicle: &ossicle, corpus: &corpus, num_cores, runs: options.runs };
    let mut sections = vec![report::job(&contents)];
    let output = Scratch::new(ram_disk.join("output"));
    let ram = ram::measure(&job, &output)?;
    sections.push(report::ram(&ram, &contents));
    let disk = disk::measure(&job, &contents, &finished, &Scratch::new(work.join("output")))?;
    sections.push(report::disk(&disk));
    if let Some(peer) = &peer {
        let open_files = open_files::show(&job, peer, &output)?;
        sections.push(report::open_files(&open_files));
        let peers = peers::measure(&job, peer, &finished, &output, options.peer_runs)?;
        sections.push(report::peers(&peers, &ram));
    }

    let machine = Machine::describe(&ossicle, peer.as_ref(), &ram_disk, work);
    let page = report::page(options, &machine, &sections);
    print!("{page}");
    if options.record {
        report::record("whole-job.md", &page)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    use super::*;
    use crate::command_line::tests::{parsed, refusal};

    #[test]
    fn a_word_chooses_another_benchmark() {
        let options: Options =
            parsed(&["--runs", "3", "--no-peers", "--ram-disk", "/ram"]).unwrap();
        assert!(options.other.is_none() && options.against.against.is_none());
        assert_eq!((options.job.runs, options.job.peer_runs), (3, 1));
        assert_eq!(options.place.ram_disk.as_deref(), Some("/ram".as_ref()));
        assert!(options.job.no_peers && !options.job.record);

        let options: Options = parsed(&["features", "--runs", "3", "--with-torch"]).unwrap();
        let Some(Other::Features(Features { frames, .. })) = options.other else { panic!() };
        assert_eq!(frames.runs, 3);
        assert!(frames.with_torch && !frames.no_peers && !frames.record);

        let options: Options = parsed(&["spikes"]).unwrap();
        assert!(matches!(options.other, Some(Other::Spikes(_))));
    }

    #[test]
    fn a_commit_is_compared_with_everything_or_with_features_alone() {
        let options: Options = parsed(&["--against", "HEAD~3", "--work", "/w"]).unwrap();
        assert_eq!(options.against.against.as_deref(), Some("HEAD~3"));
        assert_eq!(options.against.pairs, 20);
        assert_eq!(options.place.work.as_path(), "/w");

        let options: Options = parsed(&["features", "--against", "main", "--pairs", "7"]).unwrap();
        let Some(Other::Features(Features { against, .. })) = options.other else { panic!() };
        assert_eq!((against.against.as_deref(), against.pairs), (Some("main"), 7));
    }

    #[test]
    fn what_would_be_ignored_is_refused() {
        for words in [
            &["--against", "main", "--record"][..],
            &["--against", "main", "--peer-runs", "3"],
            &["features", "--against", "main", "--with-torch"],
            &["--runs", "3", "features"],
        ] {
            assert_eq!(refusal::<Options>(words), ErrorKind::ArgumentConflict, "{words:?}");
        }
        for words in [&["--pairs", "3"][..], &["features", "--pairs", "3"]] {
            let missing = ErrorKind::MissingRequiredArgument;
            assert_eq!(refusal::<Options>(words), missing, "{words:?}");
        }
        for words in [&["--runs", "0"][..], &["--against", "main", "--pairs", "0"]] {
            assert_eq!(refusal::<Options>(words), ErrorKind::ValueValidation, "{words:?}");
        }
    }
}
