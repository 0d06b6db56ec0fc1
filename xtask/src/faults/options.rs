//! The options of `cargo xtask faults`.

use std::env;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::command_line::positive;

#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct Options {
    /// Rounds of each scenario; the sweeps inject up to 20 faults a round
    #[arg(long, value_name = "N", default_value = "50", value_parser = positive)]
    pub(crate) rounds: usize,
    /// What chance begins with: the first round has S, the next S+1
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where parts are computed
    #[arg(long, value_name = "WHERE", default_value = "both")]
    pub(crate) isolation: Wanted,
    /// Of the sweeps, only the faults whose description holds TEXT
    #[arg(long, value_name = "TEXT")]
    pub(crate) fault: Option<String>,
    /// Where corpora and datasets lie on disk [default: the folder of temporary
    /// files]
    #[arg(long, value_name = "DIR", default_value_os_t = env::temp_dir(), hide_default_value = true)]
    pub(crate) work: PathBuf,
    /// A minute or two of it, whatever else is said
    #[arg(long)]
    pub(crate) short: bool,
    /// Write bench/record/faults.md too
    #[arg(long)]
    pub(crate) record: bool,
}

/// The places where parts are to be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wanted {
    Threads,
    Processes,
    /// As far as the program has them: each start takes one
    Both,
}
