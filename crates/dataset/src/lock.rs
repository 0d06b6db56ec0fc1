//! The lock of a dataset's folder: one run at a time writes there.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;

use crate::error::Error;
use crate::format::names::{LOCK_FILE, WORK_DIR};
use crate::store::{LocalStore, Store};

/// Holds the lock of a folder as long as it lives. It is the operating system's, which takes it back
/// from a process that was killed.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A fork of this process may have the file open for as long as it lives.
        let _ = self.file.unlock();
    }
}

impl Lock {
    /// Locks `.ossicle/lock` in the store, and makes its folder where that is missing.
    ///
    /// # Errors
    /// [`Error::Locked`] where another run has it, [`Error::NoLocks`] where the file system cannot lock;
    /// or if the file cannot be made.
    pub fn acquire(store: &LocalStore) -> Result<Lock, Error> {
        let (folder, name) = (store.path(WORK_DIR), lock_name());
        let path = store.path(&name);
        loop {
            store.create_folder(WORK_DIR).map_err(Error::io("create the folder", &folder))?;
            let file = match store.open_to_lock(&name) {
                // Removed by a run that finished just now.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                opened => opened.map_err(Error::io("open", &path))?,
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Locked { path: store.root().to_owned() });
                }
                Err(TryLockError::Error(source)) => return Err(Error::NoLocks { path, source }),
            }
            // A run that finishes removes the folder: what is locked must still be what others find.
            if store.is_at(&file, &name)? {
                return Ok(Lock { file });
            }
        }
    }

    /// Refuses a store that another run has locked, as [`Lock::acquire`] does, and makes and keeps nothing.
    /// Where there is no lock yet, it is nobody's.
    ///
    /// # Errors
    /// [`Error::Locked`] or [`Error::NoLocks`]; or if the file is there and cannot be opened.
    pub fn look(store: &LocalStore) -> Result<(), Error> {
        let path = store.path(&lock_name());
        let file = match store.open_to_read(&lock_name()) {
            // Where there is no folder, or a file instead of one, making it will tell.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(());
            }
            opened => opened.map_err(Error::io("open", &path))?,
        };
        // It is shared, so that those who look do not see each other, and given back at once.
        match file.try_lock_shared() {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(Error::Locked { path: store.root().to_owned() }),
            Err(TryLockError::Error(source)) => Err(Error::NoLocks { path, source }),
        }
    }

    /// Removes the file that is locked, as a run does before it ends. Whatever else is in [`WORK_DIR`]
    /// stays for the next.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(store: &LocalStore) -> Result<(), Error> {
        store.remove(&lock_name())
    }
}

fn lock_name() -> String {
    format!("{WORK_DIR}/{LOCK_FILE}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_folder_has_one_lock_which_ends_with_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().join("not/yet/there"));
        let lock = Lock::acquire(&store).unwrap();
        for _ in 0..2 {
            let error = Lock::acquire(&store).unwrap_err();
            assert!(matches!(&error, Error::Locked { path } if path == store.root()), "{error}");
            assert!(matches!(Lock::look(&store), Err(Error::Locked { .. })));
        }
        drop(lock);
        Lock::look(&store).unwrap();
        drop(Lock::acquire(&store).unwrap());
    }

    #[test]
    fn a_lock_ends_though_a_fork_has_its_file_open() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path());
        let lock = Lock::acquire(&store).unwrap();
        // As a fork has it: of the same description.
        let _kept = lock.file.try_clone().unwrap();
        assert!(Lock::acquire(&store).is_err());
        drop(lock);
        drop(Lock::acquire(&store).unwrap());
    }

    #[test]
    fn who_only_looks_sees_the_lock_and_makes_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().join("not/yet/there"));
        Lock::look(&store).unwrap();
        assert!(!folder.path().join("not").exists());
        let lock = Lock::acquire(&store).unwrap();
        assert!(matches!(Lock::look(&store), Err(Error::Locked { path }) if path == store.root()));
        drop(lock);
        Lock::look(&store).unwrap();
        drop(Lock::acquire(&store).unwrap());
    }

    #[test]
    fn whoever_comes_after_a_run_that_removed_its_lock_gets_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path());
        let lock = Lock::acquire(&store).unwrap();
        Lock::remove(&store).unwrap();
        // The first still has its own, which nobody finds any more.
        let second = Lock::acquire(&store).unwrap();
        assert!(!store.is_at(&lock.file, ".ossicle/lock").unwrap());
        assert!(store.is_at(&second.file, ".ossicle/lock").unwrap());
        drop(lock);
        assert!(matches!(Lock::acquire(&store), Err(Error::Locked { .. })));
    }

    #[test]
    fn a_file_that_is_removed_between_opening_and_locking_is_not_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".ossicle/lock");
        let removed = AtomicU32::new(0);
        let opening = |open: &mut dyn FnMut() -> std::io::Result<()>| {
            open()?;
            // The run that had it ends just now.
            if path.exists() && removed.fetch_add(1, Ordering::Relaxed) == 0 {
                std::fs::remove_file(&path)?;
            }
            Ok(())
        };
        let store = LocalStore::new(folder.path()).with_opening(&opening);
        let lock = Lock::acquire(&store).unwrap();
        assert!(removed.load(Ordering::Relaxed) > 1);
        assert!(store.is_at(&lock.file, ".ossicle/lock").unwrap());
    }
}
