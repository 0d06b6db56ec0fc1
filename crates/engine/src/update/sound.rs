//! Whether files of an earlier run are what was written.

use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;

use ossicle_dataset::{Card, FileCard, LocalStore, hash_whole};

use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::run::pool::{self, lock};

/// Returns which of a dataset's files are not what its card says, of those that are asked for.
///
/// - `workers`: how many are read at once
///
/// # Errors
/// If it was asked to stop. A file that cannot be read is none that can be trusted.
pub(super) fn damaged(
    card: &Card,
    store: &LocalStore,
    is_asked_for: impl Fn(&FileCard) -> bool,
    workers: usize,
    stop: &Stop,
) -> Result<HashSet<String>, Error> {
    let files: Vec<&FileCard> = card.files.iter().filter(|file| is_asked_for(file)).collect();
    let found = Mutex::new(BTreeSet::new());
    pool::for_each(workers, files.len(), |number| {
        stop.check()?;
        let file = files[number];
        if hash_whole(store, &file.path).ok().as_ref() != Some(&file.blake3) {
            lock(&found).insert(file.path.clone());
        }
        Ok::<_, Error>(())
    })?;
    stop.check()?;
    Ok(found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_iter().collect())
}
