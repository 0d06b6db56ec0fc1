//! Whether a run could write to its folder, asked without writing.

use std::path::Path;

use ossicle_dataset::{LocalStore, WORK_DIR};
use rustix::fs::{Access, access};
use rustix::io::Errno;

use crate::error::Error;

/// Refuses a folder that could not be made.
pub(super) fn require_folder(store: &LocalStore) -> Result<(), Error> {
    let root = store.root();
    if root.is_dir() {
        return Ok(());
    }
    refuse("create the folder", root, may_create(root))
}

/// Refuses a folder in which a run's own could not be made, or could not be written to.
pub(super) fn require_work(store: &LocalStore) -> Result<(), Error> {
    let work = store.path(WORK_DIR);
    if !work.is_dir() {
        return refuse("create the folder", &work, may_create(&work));
    }
    let lock = work.join("lock");
    match lock.exists() {
        true => refuse("open", &lock, access(&lock, Access::WRITE_OK)),
        false => refuse("open", &lock, may_write_in(&work)),
    }
}

/// Asks whether a folder that is not there can be made, with those that it is in.
fn may_create(folder: &Path) -> Result<(), Errno> {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    if absolute.symlink_metadata().is_ok() {
        // A file, or a link to nowhere.
        return Err(Errno::EXIST);
    }
    match absolute.ancestors().skip(1).find(|above| above.symlink_metadata().is_ok()) {
        Some(above) if above.is_dir() => may_write_in(above),
        Some(above) if above.exists() => Err(Errno::NOTDIR),
        Some(_) => Err(Errno::NOENT),
        None => Ok(()),
    }
}

fn may_write_in(folder: &Path) -> Result<(), Errno> {
    access(folder, Access::WRITE_OK | Access::EXEC_OK)
}

fn refuse(action: &'static str, path: &Path, allowed: Result<(), Errno>) -> Result<(), Error> {
    allowed.map_err(|errno| Error::io(action, path)(errno.into()))
}
