//! The calls that publishing in a folder needs besides those of every store.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};

use super::LocalStore;
use super::close::close;
use super::system::{fine_if_missing, is_open_at};
use crate::error::Error;

impl LocalStore<'_> {
    /// Returns whether something of this name is there, of whatever kind.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn exists(&self, name: &str) -> io::Result<bool> {
        self.path(name).try_exists()
    }

    /// Makes a folder and those above it, where they are missing: the store's own, for the empty name.
    ///
    /// # Errors
    /// What the system says.
    pub fn create_folder(&self, name: &str) -> io::Result<()> {
        fs::create_dir_all(self.path(name))
    }

    /// Gives a file another name, whatever has it now.
    ///
    /// # Errors
    /// What the system says.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    /// Makes what a file holds last, whoever wrote it.
    ///
    /// # Errors
    /// If the file cannot be opened, synced or closed.
    pub fn sync_file(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        let file = self.opening(|| File::open(&path)).map_err(Error::io("open", &path))?;
        file.sync_all().map_err(Error::io("sync", &path))?;
        close(file).map_err(Error::io("close", &path))
    }

    /// Makes the renames within a folder last.
    ///
    /// # Errors
    /// If the folder cannot be opened or synced.
    pub fn sync_folder(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        let folder = self.opening(|| File::open(&path)).map_err(Error::io("open", &path))?;
        folder.sync_all().map_err(Error::io("sync", &path))
    }

    /// Lists the names of all that is in a folder, of whatever kind, in no order.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn names_in(&self, folder: &str) -> io::Result<Vec<OsString>> {
        let path = self.path(folder);
        self.opening(|| fs::read_dir(&path))?.map(|entry| Ok(entry?.file_name())).collect()
    }

    /// Removes a folder with all that is in it. That there is none is fine.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_folder_all(&self, name: &str) -> io::Result<()> {
        let path = self.path(name);
        fine_if_missing(self.opening(|| fs::remove_dir_all(&path)))
    }

    /// Removes a folder if nothing is in it; one that is not empty stays. That there is none is fine.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_folder_if_empty(&self, name: &str) -> io::Result<()> {
        match fs::remove_dir(self.path(name)) {
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
            removed => fine_if_missing(removed),
        }
    }

    /// Removes all that is in a folder but one file. That there is no such folder is fine.
    ///
    /// # Errors
    /// If the folder cannot be read, or something in it cannot be removed.
    pub fn empty_folder(&self, name: &str, all_but: &str) -> Result<(), Error> {
        let folder = self.path(name);
        let unreadable = || Error::io("read the folder", &folder);
        let entries = match self.opening(|| fs::read_dir(&folder)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(unreadable())?,
        };
        for entry in entries {
            let entry = entry.map_err(unreadable())?;
            if entry.file_name() == all_but {
                continue;
            }
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let removed = match is_folder {
                true => self.opening(|| fs::remove_dir_all(&path)),
                false => fs::remove_file(&path),
            };
            removed.map_err(Error::io("remove", &path))?;
        }
        Ok(())
    }

    /// Opens or creates a file that is only locked.
    pub(crate) fn open_to_lock(&self, name: &str) -> io::Result<File> {
        let path = self.path(name);
        self.opening(|| File::options().create(true).write(true).truncate(false).open(&path))
    }

    /// Returns whether this open file is still the one of that name, which a lock has to know.
    pub(crate) fn is_at(&self, file: &File, name: &str) -> Result<bool, Error> {
        let path = self.path(name);
        is_open_at(file, &path).map_err(Error::io("look at", &path))
    }
}
