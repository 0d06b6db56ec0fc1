//! What ends a run.

use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};

use crate::difference::Difference;
use crate::recipe::RecipeError;

/// Why a job could not be planned, run or finished. A bad recording is none of these: it goes to the
/// ledger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum Error {
    #[error(transparent)]
    Corpus(#[from] ossicle_corpus::Error),
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    #[error(transparent)]
    Dataset(#[from] ossicle_dataset::Error),
    #[error("cannot {action} {}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("{reason}")]
    Job { reason: String },
    #[error(
        "{} holds other files ({example}); give a new or an empty folder, or a dataset",
        path.display()
    )]
    OutputInUse { path: PathBuf, example: String },
    #[error("another run is writing {}; wait for it to end, or give another --out", path.display())]
    Locked { path: PathBuf },
    #[error(
        "cannot lock {}: --no-lock does without, where you see to it that no other run writes there",
        path.display()
    )]
    NoLocks { path: PathBuf, source: io::Error },
    #[error(
        "the output {} lies inside the corpus {}, where the next run would find it: give --out a \
         folder elsewhere", path.display(), corpus.display()
    )]
    InsideCorpus { path: PathBuf, corpus: PathBuf },
    #[error(
        "{} holds {what} of another job: {difference}; --overwrite replaces it", path.display()
    )]
    OtherJob { path: PathBuf, what: &'static str, difference: Difference },
    #[error(
        "the limit of open files is {limit}, of which {in_use} are in use; one worker needs \
         {needed}: type `ulimit -n 1024`, or where that is refused raise the hard limit (see \
         `ossicle limits`)"
    )]
    TooFewFiles { limit: u64, in_use: u64, needed: u64 },
    #[error(
        "too many files were open, by other programs, for {waited_s} s: close some, or raise the \
         limit (see `ossicle limits`), and run the same command again"
    )]
    FilesTaken { waited_s: u64 },
    #[error(
        "memory is limited to {limit} by {by}, and one worker needs {needed}: raise that, or run \
         where there is more", limit = crate::estimate::size(*limit),
        needed = crate::estimate::size(*needed)
    )]
    TooLittleMemory { limit: u64, by: &'static str, needed: u64 },
    #[error("stopped: {parts_done} of {parts} parts are kept; the same command goes on from there")]
    Stopped { signal: usize, parts_done: usize, parts: usize },
    #[error("cannot start a worker, {}", program.display())]
    Worker { program: PathBuf, source: io::Error },
    #[error(
        "workers died {attempts} times over a part, and not over any of its utterances alone: try \
         fewer --jobs, which take less memory"
    )]
    WorkersDie { attempts: usize },
    #[error("{error}")]
    InWorker { error: String, os_error: Option<i32> },
    #[error("{} was written and cannot be read", path.display())]
    LostPart { path: PathBuf, source: Box<dyn StdError + Send + Sync> },
    #[error("{failures} utterances failed, which is more than --max-failures {allowed} allows")]
    TooManyFailures { failures: u64, allowed: String },
    #[error(
        "{} has {free} free, and the run needs up to {needed}; make room, or give --out another disk",
        path.display(), free = crate::estimate::size(*free), needed = crate::estimate::size(*needed)
    )]
    NoSpace { path: PathBuf, free: u64, needed: u64 },
}

impl Error {
    /// Makes an error of an I/O error, for `map_err`: what was to be done, and to which file.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
        let path = path.to_owned();
        move |source| Error::Io { action, path, source }
    }

    /// What to do about it, where the message does not say.
    pub fn advice(&self) -> Option<&'static str> {
        advice(os_error(self)?)
    }

    pub(crate) fn job(reason: impl Into<String>) -> Error {
        Error::Job { reason: reason.into() }
    }
}

/// An error and its causes, as one sentence.
pub fn sentence(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// The system's number for an error, if underneath is an error of the system, of this process or of a
/// worker.
pub(crate) fn os_error(error: &Error) -> Option<i32> {
    match error {
        Error::InWorker { os_error, .. } => *os_error,
        error => os_error_underneath(error),
    }
}

/// The system's number for any error, if underneath is an error of the system.
pub(crate) fn os_error_underneath(error: &(dyn StdError + 'static)) -> Option<i32> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(number) = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
            return Some(number);
        }
        cause = error.source();
    }
    None
}

/// What to do about an error of the system while a dataset is written. What is done is never lost: the
/// same command goes on from there.
fn advice(os_error: i32) -> Option<&'static str> {
    use rustix::io::Errno;
    Some(match Errno::from_raw_os_error(os_error) {
        Errno::NOSPC | Errno::DQUOT => {
            "make room, and the same command goes on from there; or give --out another disk"
        }
        Errno::FBIG => {
            "raise the limit of file sizes (`ulimit -f unlimited`), and the same command goes on from \
             there"
        }
        Errno::IO | Errno::STALE | Errno::NODEV | Errno::NXIO | Errno::TIMEDOUT => {
            "look at the disk; the same command goes on from there, or give --out another disk"
        }
        Errno::ROFS | Errno::ACCESS | Errno::PERM => {
            "give --out a folder that can be written, or change its permissions"
        }
        Errno::NOENT | Errno::NOTDIR => {
            "was the folder removed or renamed meanwhile? the same command makes it anew"
        }
        Errno::EXIST => "give --out a folder: a new or an empty one, or a dataset",
        Errno::NOMEM | Errno::AGAIN => "give fewer --jobs, and the same command goes on from there",
        Errno::MFILE | Errno::NFILE => {
            "too many files are open, by other programs: close some, and the same command goes on from \
             there"
        }
        _ => return None,
    })
}
