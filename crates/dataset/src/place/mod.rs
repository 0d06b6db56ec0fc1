//! The place that a dataset is written to: a folder, or what is below a name in an object store.
//!
//! Both have a [`Store`]; they differ in how what is finished becomes a dataset. In a folder files are
//! gathered in a stage and [renamed](crate::publish()) under a lock. In an object store nothing is renamed
//! and nothing locks: files are put where they stay, in a folder whose name is made of the job and of its
//! parts, and the card comes last, on the condition that nobody else has put one.

mod objects;

use std::path::{Path, PathBuf};

use ossicle_remote::{Client, StoreKind};

use crate::card::Card;
use crate::error::Error;
use crate::format::names::{RUN_FILE, STAGE_DIR};
use crate::publish::{publish, stage_card};
use crate::store::{LocalStore, ObjectStore, Opening, Stat, Store, location_of, write_whole};
pub use objects::{finish_publication, require_conditions};

/// The place that a dataset is written to.
#[derive(Debug, Clone)]
pub enum Place<'a> {
    /// A folder.
    Folder(LocalStore<'a>),
    /// Below a name in an object store.
    Objects(ObjectStore),
}

impl Place<'static> {
    /// The place of a path, which may be a URL. Nothing needs to be there yet.
    ///
    /// # Errors
    /// If it is the URL of something that cannot be written to.
    pub fn at(root: &Path) -> Result<Place<'static>, Error> {
        let Some(location) = location_of(root) else {
            return Ok(Place::Folder(LocalStore::new(root)));
        };
        let location = location?;
        if location.kind() == StoreKind::Http {
            let (action, url) = ("write to", location.to_string());
            return Err(ossicle_remote::Error::Unsupported { action, url }.into());
        }
        Ok(Place::Objects(ObjectStore::new(Client::of_process()?, location)))
    }
}

impl<'a> Place<'a> {
    /// The same place, which opens every file on this machine by this.
    #[must_use]
    pub fn with_opening<'b>(self, opening: &'b Opening<'b>) -> Place<'b> {
        match self {
            Place::Folder(store) => Place::Folder(store.with_opening(opening)),
            Place::Objects(store) => Place::Objects(store),
        }
    }

    /// Returns the store that has its files.
    pub fn store(&self) -> &dyn Store {
        match self {
            Place::Folder(store) => store,
            Place::Objects(store) => store,
        }
    }

    /// The most bytes of its files that are held in memory: what is far away is asked for once.
    pub fn most_held_bytes(&self) -> u64 {
        match self {
            Place::Folder(_) => 0,
            Place::Objects(_) => ObjectStore::MOST_HELD_BYTES,
        }
    }

    /// Its path, or its URL as people may see it.
    pub fn root(&self) -> PathBuf {
        match self {
            Place::Folder(store) => store.root().to_owned(),
            Place::Objects(store) => store.location().to_string().into(),
        }
    }

    /// The folder in which a dataset's files stay; none where that is the place itself.
    ///
    /// - `hash`: of all that the files are made of
    pub fn folder(&self, hash: &str) -> Option<String> {
        match self {
            Place::Folder(_) => None,
            Place::Objects(_) => Some(hash.to_owned()),
        }
    }

    /// Returns the folder that files are written to, with `/` at its end.
    ///
    /// - `hash`: of all that the files are made of
    pub fn files(&self, hash: &str) -> String {
        match self {
            Place::Folder(_) => format!("{STAGE_DIR}/"),
            Place::Objects(_) => format!("{hash}/"),
        }
    }

    /// Makes ready for files to be written, and returns the [folder](Place::files) that they go to.
    ///
    /// # Errors
    /// If something that a run has left which was stopped cannot be removed.
    pub fn begin_files(&self, hash: &str) -> Result<String, Error> {
        if let Place::Objects(store) = self {
            objects::begin_files(store, hash)?;
        }
        Ok(self.files(hash))
    }

    /// Commits a dataset whose files are all written: from here on it is there, or the next run makes it so.
    ///
    /// - `hash`: of all that the files are made of
    /// - `replaces`: the card that was there when the run began
    /// - `run`: the text of `run.json`
    ///
    /// # Errors
    /// If it cannot be written; or if somebody else has put a card in an object store meanwhile.
    pub fn commit(
        &self,
        card: &Card,
        hash: &str,
        replaces: Option<&Stat>,
        run: &str,
    ) -> Result<(), Error> {
        let name = self.files(hash) + RUN_FILE;
        write_whole(self.store(), &name, run.as_bytes(), false)?;
        match self {
            Place::Folder(store) => {
                // An empty split is a folder too.
                for split in &card.splits {
                    let folder = format!("{STAGE_DIR}/{}", split.name);
                    let created = store.create_folder(&folder);
                    created.map_err(Error::io("create the folder", &store.path(&folder)))?;
                }
                stage_card(store, card)
            }
            Place::Objects(store) => objects::put_card(store, card, replaces),
        }
    }

    /// Puts a committed dataset in place, and removes what is of no use any more.
    ///
    /// # Errors
    /// If that cannot be done; another call can finish it.
    pub fn publish(&self, card: &Card) -> Result<(), Error> {
        match self {
            Place::Folder(store) => publish(store),
            Place::Objects(store) => finish_publication(store, card),
        }
    }

    /// Removes a folder with all that is in it. That there is none is fine.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove_folder(&self, name: &str) -> Result<(), Error> {
        match self {
            Place::Folder(store) => {
                let removed = store.remove_folder_all(name);
                removed.map_err(Error::io("remove", &store.path(name)))
            }
            Place::Objects(store) => store.remove_all(name),
        }
    }
}
