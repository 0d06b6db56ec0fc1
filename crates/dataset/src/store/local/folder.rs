//! The calls that publishing in a folder needs besides those of every store.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind};

use rustix::fs::{FileType, OFlags};

use super::LocalStore;
use super::beneath::{file_type, is_nothing};
use super::close::close;
use crate::error::Error;
use crate::out_of_place::Due;

impl LocalStore<'_> {
    /// Returns whether something of this name is there, of whatever kind. A link is something, wherever
    /// it leads.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn exists(&self, name: &str) -> io::Result<bool> {
        match self.opening(|| self.root.enter().look(name)) {
            Err(error) if is_nothing(&error) => Ok(false),
            found => Ok(found?.is_some()),
        }
    }

    /// Returns the number of the user whose it is; `None` where nothing has this name.
    ///
    /// # Errors
    /// If the system does not say.
    pub(crate) fn owner(&self, name: &str) -> io::Result<Option<u32>> {
        let found = self.opening(|| self.root.enter().look(name))?;
        Ok(found.map(|found| found.st_uid))
    }

    /// Makes a folder and those above it, where they are missing: the store's own, for the empty name.
    ///
    /// # Errors
    /// What the system says.
    pub fn create_folder(&self, name: &str) -> io::Result<()> {
        let make = || self.opening(|| self.root.enter().make_folder(name).map(drop));
        match make() {
            Err(error) if is_nothing(&error) => {
                self.opening(|| self.root.enter().make_root())?;
                make()
            }
            made => made,
        }
    }

    /// Gives a file another name, whatever has it now.
    ///
    /// # Errors
    /// What the system says.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.opening(|| self.root.enter().rename(from, to))
    }

    /// Makes what a file holds last, whoever wrote it.
    ///
    /// # Errors
    /// If the file cannot be opened, synced or closed.
    pub fn sync_file(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        let file = self.open_to_read(name).map_err(Error::io("open", &path))?;
        file.sync_all().map_err(Error::io("sync", &path))?;
        close(file).map_err(Error::io("close", &path))
    }

    /// Makes the renames within a folder last.
    ///
    /// # Errors
    /// If the folder cannot be opened or synced.
    pub fn sync_folder(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        let folder = self.opening(|| self.root.enter().folder(name).map(File::from));
        let folder = folder.map_err(Error::io("open", &path))?;
        folder.sync_all().map_err(Error::io("sync", &path))
    }

    /// Lists the names of all that is in a folder, of whatever kind, in no order.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn names_in(&self, folder: &str) -> io::Result<Vec<OsString>> {
        let entries = self.opening(|| self.root.enter().entries(folder))?;
        Ok(entries.into_iter().map(|(name, _)| name).collect())
    }

    /// Removes a folder with all that is in it. That there is none is fine.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_folder_all(&self, name: &str) -> io::Result<()> {
        self.opening(|| self.root.enter().remove_all(name))
    }

    /// Removes a folder if nothing is in it; one that is not empty stays. That there is none is fine.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_folder_if_empty(&self, name: &str) -> io::Result<()> {
        match self.opening(|| self.root.enter().remove_folder(name)) {
            Err(error)
                if matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::NotFound) =>
            {
                Ok(())
            }
            removed => removed,
        }
    }

    /// Removes all that is in a folder but some names. That there is no such folder is fine.
    ///
    /// # Errors
    /// If the folder cannot be read, or something in it cannot be removed.
    pub fn empty_folder(&self, name: &str, all_but: &[&str]) -> Result<(), Error> {
        let names = match self.names_in(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            names => names.map_err(Error::io("read the folder", &self.path(name)))?,
        };
        for word in names.into_iter().filter(|word| !all_but.iter().any(|but| word == but)) {
            let removed = self.opening(|| self.root.enter().remove_all_in(name, &word));
            removed.map_err(Error::io("remove", &self.path(name).join(&word)))?;
        }
        Ok(())
    }

    /// Opens or creates a file that is only locked.
    pub(crate) fn open_to_lock(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE;
        self.opening(|| self.root.enter().open(name, flags))
    }

    /// Opens a file that is there.
    pub(crate) fn open_to_read(&self, name: &str) -> io::Result<File> {
        self.opening(|| self.root.enter().open(name, OFlags::RDONLY))
    }

    /// Returns whether this open file is still the one of that name, which a lock has to know.
    pub(crate) fn is_at(&self, file: &File, name: &str) -> Result<bool, Error> {
        let is_at = self.opening(|| self.root.enter().is_at(file, name));
        is_at.map_err(Error::io("look at", &self.path(name)))
    }

    /// Returns an error if a name has a link, or anything else that is no file; nothing is fine.
    pub(crate) fn require_file(&self, name: &str) -> Result<(), Error> {
        let found = self.opening(|| self.root.enter().look_at_file(name).map(drop));
        found.map_err(Error::io("look at", &self.path(name)))
    }

    /// Returns an error if a name has a link, or anything else that is no folder, or if there are links
    /// and the like among the files in it that `is_ours` names; nothing is fine.
    ///
    /// - `is_ours`: which of the words in the folder are looked at; none stands for all of them, and those in
    ///   folders below
    pub(crate) fn require_plain_folder(
        &self,
        name: &str,
        is_ours: Option<fn(&str) -> bool>,
    ) -> Result<(), Error> {
        let looked = self.opening(|| {
            let beneath = self.root.enter();
            let found = match beneath.look(name)?.map(|found| file_type(&found)) {
                None => return Ok(()),
                Some(found) => found,
            };
            if found != FileType::Directory {
                return Err(beneath.out_of_place(name, found, Due::Folder));
            }
            let Some(is_ours) = is_ours else { return beneath.require_plain(name) };
            for (word, found) in beneath.entries(name)? {
                let Some(word) = word.to_str().filter(|word| is_ours(word)) else { continue };
                if found != FileType::RegularFile {
                    let name = format!("{name}/{word}");
                    return Err(beneath.out_of_place(&name, found, Due::File));
                }
            }
            Ok(())
        });
        looked.map_err(Error::io("look through", &self.path(name)))
    }
}
