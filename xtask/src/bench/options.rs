//! The options of `cargo xtask bench`.

use std::path::PathBuf;

use clap::Args;

use crate::command_line::positive;
use crate::workspace;

#[derive(Debug, Args)]
#[group(id = "whole-job", conflicts_with = "against")]
pub(crate) struct Options {
    /// Timed runs of each, after one that warms up
    #[arg(long, value_name = "N", default_value = "5", value_parser = positive)]
    pub(crate) runs: usize,
    /// Timed runs of each way in Python
    #[arg(long, value_name = "N", default_value = "1", value_parser = positive)]
    pub(crate) peer_runs: usize,
    /// Go without Python
    #[arg(long)]
    pub(crate) no_peers: bool,
    /// Write bench/record/whole-job.md too
    #[arg(long)]
    pub(crate) record: bool,
}

/// The folders of the whole job.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The corpus and outputs on disk [default: target/bench]
    #[arg(long, value_name = "DIR", default_value_os_t = default_work(), hide_default_value = true)]
    pub(crate) work: PathBuf,
    /// Outputs on a RAM disk [default: /dev/shm/ossicle-bench, if 4 GB are free]
    #[arg(long, value_name = "DIR")]
    pub(crate) ram_disk: Option<PathBuf>,
}

fn default_work() -> PathBuf {
    workspace::target_dir().join("bench")
}
