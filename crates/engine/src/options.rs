//! Options of running a job. None of them changes a byte of the dataset.

use crate::bounds::stop::Stop;
use crate::bounds::tolerance::Tolerance;
use crate::run::processes::Processes;

/// The place where parts are computed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isolation {
    /// On threads of this process.
    #[default]
    Threads,
    /// In processes: one that dies loses a part, which is computed again.
    Processes(Processes),
}

/// Options of running a job. None of them changes a byte of the dataset.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// The number of workers; absent, as many as the cores this process may use.
    pub jobs: Option<usize>,
    /// The place where parts are computed.
    pub isolation: Isolation,
    /// Replaces a dataset of another job.
    pub overwrite: bool,
    /// Tries utterances that failed again.
    pub retry_failed: bool,
    /// Leaves the parts in the folder of the dataset, so that another run can take rows of them.
    pub keep_parts: bool,
    /// Makes a dataset of the same recipe that of the corpus as it is now. What it has of utterances that are as
    /// they were is taken, where rows can be had exactly.
    pub update: bool,
    /// Tells by the contents of files, and not by their sizes and times, which utterances are as they were.
    pub hash_inputs: bool,
    /// The most failures that the run goes on with; absent, any number.
    pub max_failures: Option<Tolerance>,
    /// True where a run goes on although all utterances of the parts that it begins with, a hundred or more,
    /// fail for one and the same reason.
    pub keep_going: bool,
    /// The most files that may be open at once; absent, the system's limit counts.
    pub max_open_files: Option<u64>,
    /// The number of threads that read recordings ahead of the workers of a process, from the beginning; absent, a few
    /// once reading shows to be slow, or one for each connection to a store of objects.
    pub readers: Option<usize>,
    /// The most memory in bytes; absent, the system's limits count.
    pub max_memory: Option<u64>,
    /// Leaves the output unlocked: for file systems that cannot lock.
    pub no_lock: bool,
    /// The words that the run was started by, for `run.json`; none where there are none.
    pub command: Vec<String>,
    /// Asks the run to stop.
    pub stop: Stop,
}
