//! How to run a job. None of it changes a byte of the dataset.

use crate::bounds::stop::Stop;
use crate::bounds::tolerance::Tolerance;
use crate::run::processes::Processes;

/// Where parts are computed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isolation {
    /// On threads of this process.
    #[default]
    Threads,
    /// In processes: one that dies loses a part, which is computed again.
    Processes(Processes),
}

/// How to run a job. None of it changes a byte of the dataset.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// How many workers; absent, as many as the cores this process may use.
    pub jobs: Option<usize>,
    /// Where parts are computed.
    pub isolation: Isolation,
    /// Whether a dataset of another job is replaced.
    pub overwrite: bool,
    /// Whether utterances that failed are tried again.
    pub retry_failed: bool,
    /// How many failures end the run; absent, no number does.
    pub max_failures: Option<Tolerance>,
    /// Whether a run goes on although all utterances of the parts that it begins with, a hundred or more,
    /// fail for one and the same reason.
    pub keep_going: bool,
    /// The most files that may be open at once; absent, the system's limit counts.
    pub max_open_files: Option<u64>,
    /// The most memory in bytes; absent, the system's limits count.
    pub max_memory: Option<u64>,
    /// Whether the output is not locked: for file systems that cannot.
    pub no_lock: bool,
    /// Asks the run to stop.
    pub stop: Stop,
}
