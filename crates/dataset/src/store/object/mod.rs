//! A bucket of an object store, or what is in it below a name.

mod bucket;
mod reader;
mod recent;
mod regions;
mod spool;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ossicle_remote::{Bytes, Client, Depth, Location, Meta, PIECE_BYTES};

use super::held::Held;
use super::{Draft, Put, ReadAt, RegionWriter, Spool, Stat, Store};
use crate::error::Error;
use bucket::Bucket;
use reader::ObjectReader;
use recent::{Part, Recent};
use regions::{Begun, ObjectRegions};
use spool::ObjectSpool;

/// Keeps files as objects.
///
/// An object is there whole or not at all, and nothing is renamed. A draft is kept in memory, or if it is
/// large, in a file without a name on this machine, and sent when it is finished: a large one in pieces that
/// become an object when it is [put](Store::put), under the name that it was begun for, and a small one
/// only then. A file of regions is sent in pieces too; its writers are in the process that has begun it.
///
/// What is being sent takes room in a store, although it does not show there. So a small object beside it
/// says so, whose name is a draft's: who removes drafts gives up what they stand for.
#[derive(Debug, Clone)]
pub struct ObjectStore {
    bucket: Bucket,
    /// The files of regions that were begun here.
    begun: Arc<Mutex<HashMap<String, Arc<Begun>>>>,
    recent: Recent,
}

impl ObjectStore {
    /// The most bytes of parts that are held in memory.
    pub(crate) const MOST_HELD_BYTES: u64 = recent::MOST_BYTES_OF_ALL;

    /// A store of what is below a location, which needs nothing there yet.
    pub fn new(client: Client, root: Location) -> ObjectStore {
        ObjectStore {
            bucket: Bucket { client, root },
            begun: Arc::default(),
            recent: Recent::default(),
        }
    }

    /// The address that it keeps files below, as people may see it.
    pub fn location(&self) -> &Location {
        &self.bucket.root
    }

    /// The way to it.
    pub fn client(&self) -> &Client {
        &self.bucket.client
    }

    fn begun(&self) -> MutexGuard<'_, HashMap<String, Arc<Begun>>> {
        // No holder leaves it half changed.
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put_held(
        &self,
        held: Option<Held>,
        draft: &str,
        name: &str,
        put: &Put,
    ) -> Result<(), Error> {
        match held {
            Some(Held::Whole(bytes)) => {
                let put = match put {
                    Put::Always => ossicle_remote::Put::Always,
                    Put::IfAbsent => ossicle_remote::Put::IfAbsent,
                    Put::IfUnchanged(stat) => ossicle_remote::Put::IfUnchanged(meta_of(stat)),
                };
                let bytes = Bytes::from(bytes);
                let done = self.bucket.client.put(&self.bucket.at(name), bytes.clone(), &put);
                let meta = done.map_err(|error| self.told(name, error))?;
                self.recent.keep(name, meta, Some(bytes));
                Ok(())
            }
            Some(Held::Sent { of, upload, tags, bytes }) if of == name && *put == Put::Always => {
                self.bucket.complete((name, draft), &upload, tags, bytes)
            }
            Some(Held::Sent { .. }) => {
                let reason = "so large a file gets only the name it was begun for, on no condition";
                Err(Error::bad_file(&self.address(name), reason))
            }
            None => Err(Error::io("put", &self.address(name))(ErrorKind::NotFound.into())),
        }
    }

    fn told(&self, name: &str, error: ossicle_remote::Error) -> Error {
        match error {
            ossicle_remote::Error::Present { .. } => Error::Present { path: self.address(name) },
            ossicle_remote::Error::Changed { .. } => Error::Changed { path: self.address(name) },
            error => error.into(),
        }
    }
}

fn stat_of(meta: &Meta) -> Stat {
    let time = || meta.modified.map_or_else(String::new, |time| format!("{time:?}"));
    Stat { bytes: meta.bytes, tag: meta.tag.clone().unwrap_or_else(time) }
}

fn meta_of(stat: &Stat) -> Meta {
    Meta { bytes: stat.bytes, tag: Some(stat.tag.clone()), modified: None }
}

impl Store for ObjectStore {
    fn read(&self, name: &str) -> Result<Box<dyn ReadAt>, Error> {
        let at = self.bucket.at(name);
        let client = self.bucket.client.clone();
        let part = match self.recent.get(name) {
            Some(part) => part,
            None => {
                let missing = || Error::io("open", &self.address(name))(ErrorKind::NotFound.into());
                let meta = client.head(&at)?.ok_or_else(missing)?;
                self.recent.keep(name, meta.clone(), None);
                Part::without_bytes(meta)
            }
        };
        Ok(Box::new(ObjectReader::new((client, at), name, part, &self.recent)))
    }

    fn stat(&self, name: &str) -> Result<Option<Stat>, Error> {
        Ok(self.bucket.client.head(&self.bucket.at(name))?.as_ref().map(stat_of))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Error> {
        let listing = self.bucket.client.list(&self.bucket.at(folder), Depth::Folder)?;
        let whole = |name| if folder.is_empty() { name } else { format!("{folder}/{name}") };
        Ok(listing.objects.into_iter().map(|entry| whole(entry.name)).collect())
    }

    fn spool(&self, name: &str) -> Result<Box<dyn Spool>, Error> {
        Ok(Box::new(ObjectSpool::new(self.bucket.clone(), name)))
    }

    fn put(&self, draft: Draft, name: &str, put: Put) -> Result<(), Error> {
        self.recent.forget(name);
        let was_sent = matches!(draft.held, Some(Held::Sent { .. }));
        let done = self.put_held(draft.held, &draft.name, name, &put);
        if done.is_err() && was_sent {
            // Whatever stays is removed by the next run.
            let _ = self.bucket.give_up(&draft.name);
        }
        done
    }

    fn regions(&self, name: &str, bytes: u64) -> Result<(), Error> {
        let sent = match bytes > PIECE_BYTES as u64 {
            true => {
                let draft = Bucket::draft_name(name);
                Some((self.bucket.begin(name, &draft)?, draft))
            }
            false => None,
        };
        self.begun().insert(name.to_owned(), Arc::new(Begun::new(bytes, sent)));
        Ok(())
    }

    fn region_writer(&self, name: &str) -> Result<Box<dyn RegionWriter>, Error> {
        let begun = self.begun().get(name).map(Arc::clone);
        let missing = || Error::io("open", &self.address(name))(ErrorKind::NotFound.into());
        let begun = begun.ok_or_else(missing)?;
        Ok(Box::new(ObjectRegions::new(self.bucket.clone(), name.to_owned(), begun)))
    }

    fn address(&self, name: &str) -> PathBuf {
        self.bucket.address(name)
    }

    fn region_bytes(&self) -> usize {
        PIECE_BYTES
    }

    fn has_whole_files(&self) -> bool {
        true
    }

    fn at_once(&self) -> usize {
        self.bucket.client.connections()
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        if name.ends_with(".draft") {
            return self.bucket.give_up(name);
        }
        self.recent.forget(name);
        Ok(self.bucket.client.remove(&self.bucket.at(name))?)
    }
}

impl ObjectStore {
    /// Returns the names of the objects and of the folders that are in it.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub fn words(&self) -> Result<(Vec<String>, Vec<String>), Error> {
        let listing = self.bucket.client.list(&self.bucket.root, Depth::Folder)?;
        let files = listing.objects.into_iter().map(|entry| entry.name).collect();
        Ok((files, listing.folders))
    }

    /// Gives up all that a run which was stopped has begun to send below a name.
    ///
    /// # Errors
    /// If it cannot be listed or given up.
    pub(crate) fn give_up_below(&self, folder: &str) -> Result<(), Error> {
        let below = self.bucket.client.list(&self.bucket.at(folder), Depth::All)?;
        let names = below.objects.into_iter().map(|entry| format!("{folder}/{}", entry.name));
        let mut drafts = names.filter(|name| name.ends_with(".draft"));
        drafts.try_for_each(|draft| self.bucket.give_up(&draft))
    }

    /// Removes all that is below a name.
    ///
    /// # Errors
    /// If it cannot be listed or removed.
    pub fn remove_all(&self, folder: &str) -> Result<(), Error> {
        self.recent.forget_all();
        let below = self.bucket.client.list(&self.bucket.at(folder), Depth::All)?;
        let names = below.objects.into_iter().map(|entry| format!("{folder}/{}", entry.name));
        let (drafts, others): (Vec<_>, Vec<_>) = names.partition(|name| name.ends_with(".draft"));
        drafts.iter().try_for_each(|draft| self.bucket.give_up(draft))?;
        let others: Vec<_> = others.iter().map(|name| self.bucket.at(name)).collect();
        Ok(self.bucket.client.remove_many(&others)?)
    }

    /// Writes a small file on a condition.
    ///
    /// # Errors
    /// [`Error::Present`] or [`Error::Changed`] if the condition does not hold; or if the store fails.
    pub(crate) fn write_on(&self, name: &str, bytes: Vec<u8>, put: &Put) -> Result<(), Error> {
        self.put_held(Some(Held::Whole(bytes)), "", name, put)
    }
}

/// Reads a file's address as text: a folder's path, or that of an object.
pub(crate) fn location_of(root: &Path) -> Option<Result<Location, Error>> {
    let text = root.to_str().filter(|text| ossicle_remote::is_url(text))?;
    Some(Location::parse(text).map_err(Error::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::names::PARTS_DIR;
    use crate::store::{read_whole, write_whole};

    fn store() -> ObjectStore {
        let root = Location::parse("s3://speech/out").unwrap();
        ObjectStore::new(Client::in_memory(), root)
    }

    #[test]
    fn a_part_is_asked_for_once_and_any_other_file_each_time() {
        let part = &*format!("{PARTS_DIR}/000000.part");
        let (first, second) = (store(), "dataset.json");
        let behind = |name: &str| first.client().remove(&first.bucket.at(name)).unwrap();
        for name in [part, second] {
            write_whole(&first, name, b"whole", false).unwrap();
            behind(name);
        }
        assert_eq!(read_whole(&first, part).unwrap(), b"whole", "it was put here");
        assert!(read_whole(&first, second).is_err());
        // One that was there before.
        let other = ObjectStore { recent: Recent::default(), ..first.clone() };
        assert!(read_whole(&other, part).is_err());
        write_whole(&first, part, b"again", false).unwrap();
        assert_eq!(read_whole(&other, part).unwrap(), b"again");
        behind(part);
        assert_eq!(read_whole(&other, part).unwrap(), b"again", "it was read here");
        other.remove(part).unwrap();
        assert!(read_whole(&other, part).is_err());
    }

    #[test]
    fn a_part_that_is_written_again_while_it_is_open_has_the_bytes_that_it_had() {
        let (part, large) = (&*format!("{PARTS_DIR}/000001.part"), vec![7; 6 << 20]);
        let (first, second) = (store(), "dataset.json");
        let other = ObjectStore { recent: Recent::default(), ..first.clone() };
        for name in [part, second] {
            write_whole(&first, name, &large, false).unwrap();
        }
        let [of_part, of_other] = [part, second].map(|name| other.read(name).unwrap());
        for name in [part, second] {
            write_whole(&first, name, &large, false).unwrap();
        }
        let mut byte = [0];
        of_part.read_exact_at(&mut byte, 5 << 20).unwrap();
        assert_eq!(byte, [7]);
        assert!(
            of_other.read_exact_at(&mut byte, 5 << 20).is_err(),
            "another file is not the one that was opened"
        );
    }
}
