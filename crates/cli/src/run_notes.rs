//! What the run that made a dataset has written down in `run.json`: no part of the dataset, and maybe not there.

use std::path::{Path, PathBuf};

use ossicle_dataset::RUN_FILE;
use ossicle_files::read_small;
use serde_json::Value;

/// More than any command line has.
const MOST_BYTES: u64 = 1 << 22;

/// What `run.json` says; none where it is missing or is something else.
///
/// - `root`: the folder that it is in
pub(crate) fn run_of(root: &Path) -> Option<Value> {
    serde_json::from_str(&read_small(&root.join(RUN_FILE), MOST_BYTES).ok()?).ok()
}

/// The folder of a split's recordings, as the run knew it.
pub(crate) fn corpus_of(run: &Value, split: &str) -> Option<PathBuf> {
    let root = Path::new(run["corpus"][split].as_str()?);
    Some(run["folder"].as_str().map_or(root.to_owned(), |folder| Path::new(folder).join(root)))
}
