//! `cargo xtask bench`: the whole job, measured against its targets, the disk, and Python.
//!
//! The job is TIMIT's size: 4288 utterances to 120 normalised columns and labels, written to a
//! dataset. Everything that is compared with something is measured in the same run, in turn (A B A B
//! …), and compared pair by pair, so that a machine that slows down for a while slows both.
//! `cargo xtask bench features`, in `features`, times a frame of each feature instead, and `cargo xtask
//! bench spikes`, in `spikes`, matching pursuit.
//!
//! A missed target is printed, not an error. What is an error is a run that fails, leaves no dataset, or
//! leaves another one than the runs before it. Only `--against COMMIT`, in `against`, answers with its
//! exit code: it compares two programs of one project on one machine.

mod against;
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
mod report;
mod scratch;
mod spikes;
pub(crate) mod subject;

use std::fs;
use std::thread::available_parallelism;

use anyhow::{Context, Result};

use job::Job;
use machine::Machine;
use options::{Outcome, parse};
use scratch::Scratch;
use subject::Ossicle;

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<()> {
    let arguments: Vec<_> = arguments.collect();
    if arguments.iter().any(|it| it == "--against") {
        return against::run(arguments.into_iter());
    }
    let mut arguments = arguments.into_iter().peekable();
    if arguments.next_if_eq("features").is_some() {
        return features::run(arguments);
    }
    if arguments.next_if_eq("spikes").is_some() {
        return spikes::run(arguments);
    }
    let options = match parse(arguments)? {
        Outcome::Run(options) => options,
        Outcome::Help(text) => {
            print!("{text}");
            return Ok(());
        }
    };
    let num_cores = available_parallelism().context("cannot count the cores")?.get();
    let work = &options.work;
    fs::create_dir_all(work).with_context(|| format!("cannot make {}", work.display()))?;
    let ram_disk = scratch::ram_disk(options.ram_disk.as_deref(), work)?;

    let ossicle = Ossicle::find_or_build()?;
    let peer = if options.with_peers { Some(peers::Peer::prepare()?) } else { None };
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
    let page = report::page(&options, &machine, &sections);
    print!("{page}");
    if options.record {
        report::record("whole-job.md", &page)?;
    }
    Ok(())
}
