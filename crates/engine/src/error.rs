//! What ends a run.

use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};

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
        "{} holds {what} of another job: {difference}; --overwrite replaces it", path.display()
    )]
    OtherJob { path: PathBuf, what: &'static str, difference: String },
    #[error(
        "the limit of open files is {limit}, of which {in_use} are in use; one worker needs \
         {needed}: type `ulimit -n 1024`, or where that is refused raise the hard limit (see \
         `ossicle limits`)"
    )]
    TooFewFiles { limit: u64, in_use: u64, needed: u64 },
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
