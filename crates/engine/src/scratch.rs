//! A folder for what is not kept.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir};

use crate::error::Error;

/// A new folder that is this user's alone, removed in the end with all that is in it.
///
/// Its name is random and it is made where nothing has that name, so that nobody can have put anything there
/// before; nobody else can look into it, as what is in it may be of a private corpus.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
    /// The folder that it is in, where that was made for it.
    made: Option<PathBuf>,
}

impl Scratch {
    /// Makes the folder.
    ///
    /// - `parent`: the folder that it is in, which is made where it is missing
    /// - `begin`: what its name begins with
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub(crate) fn new(parent: &Path, begin: &str) -> Result<Scratch, Error> {
        let made = (!parent.exists()).then(|| parent.to_owned());
        let failed = || Error::io("create a folder in", parent);
        fs::create_dir_all(parent).map_err(failed())?;
        let mut builder = Builder::new();
        let builder = builder.prefix(begin).permissions(Permissions::from_mode(0o700));
        Ok(Scratch { folder: builder.tempdir_in(parent).map_err(failed())?, made })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.folder.path());
        if let Some(made) = &self.made {
            // Only if nothing else is in it by now.
            let _ = fs::remove_dir(made);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_new_and_private_and_goes_with_what_was_made_for_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path().join("work");
        let scratch = Scratch::new(&parent, "x-").unwrap();
        let other = Scratch::new(&parent, "x-").unwrap();
        assert_ne!(scratch.path(), other.path());
        let mode = fs::metadata(scratch.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        fs::create_dir(scratch.path().join("a")).unwrap();
        fs::write(scratch.path().join("a/b"), "").unwrap();
        fs::write(folder.path().join("mine"), "").unwrap();
        std::os::unix::fs::symlink(folder.path(), scratch.path().join("link")).unwrap();
        drop(other);
        drop(scratch);
        assert!(!parent.exists());
        assert!(folder.path().join("mine").exists());
        fs::create_dir(&parent).unwrap();
        drop(Scratch::new(&parent, "x-").unwrap());
        assert!(parent.exists(), "it was the user's");
    }
}
