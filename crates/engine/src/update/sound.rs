//! Whether files of an earlier run are what was written.

use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;

use ossicle_dataset::{Card, FileCard, LocalStore, ReadAt, Store};

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
        if hash_of(store, &file.path).ok().as_ref() != Some(&file.blake3) {
            lock(&found).insert(file.path.clone());
        }
        Ok::<_, Error>(())
    })?;
    stop.check()?;
    Ok(found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_iter().collect())
}

/// Hashes a file.
pub(super) fn hash_of(store: &dyn Store, name: &str) -> Result<String, Error> {
    let file: Box<dyn ReadAt> = store.read(name)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 18];
    for at in (0..file.bytes()).step_by(buffer.len()) {
        let length = (file.bytes() - at).min(buffer.len() as u64) as usize;
        file.read_exact_at(&mut buffer[..length], at)?;
        hasher.update(&buffer[..length]);
    }
    Ok(hasher.finalize().to_hex().to_string())
}
