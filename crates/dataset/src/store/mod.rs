//! The places of files: one small interface for a folder, for memory, and for an object store.
//!
//! A [`Store`] knows files of two kinds by how they are written. One is *spooled*: written front to
//! back under a draft's name, finished, and then [`put`](Store::put) under its own. The other is made
//! of *regions*, which any number of writers fill in any order.
//!
//! Names are relative to the store, with `/` between words, such as `train/index.npy`. They are chosen
//! by this program alone: a store does not look for `..` in them.
//!
//! ```
//! use ossicle_dataset::{MemoryStore, Put, Store, read_whole};
//!
//! let store = MemoryStore::default();
//! let mut spool = store.spool("parts/000012.part")?;
//! spool.append(b"rows")?;
//! let draft = spool.finish(false)?;
//! assert_eq!(store.stat("parts/000012.part")?, None);
//! store.put(draft, "parts/000012.part", Put::Always)?;
//! assert_eq!(read_whole(&store, "parts/000012.part")?, b"rows");
//! # Ok::<(), ossicle_dataset::Error>(())
//! ```

#[cfg(test)]
mod conformance;
mod hashing;
mod held;
mod local;
mod memory;
mod object;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use hashing::{HashingSpool, Mark};
pub(crate) use local::DIRECT_ALIGNMENT;
pub use local::{LocalStore, Opening};
pub use memory::MemoryStore;
pub use object::ObjectStore;
pub(crate) use object::location_of;

use crate::error::Error;

/// Keeps the files of a dataset and of the parts of a run.
///
/// Lock, rename and sync of folders are no part of it: they belong to publishing in a folder, which
/// [`LocalStore`] has methods for.
pub trait Store: fmt::Debug + Send + Sync {
    /// Opens a file to be read at any place.
    ///
    /// # Errors
    /// If it cannot be opened, [not being there](Error::is_not_found) included, or is no regular file.
    fn read(&self, name: &str) -> Result<Box<dyn ReadAt>, Error>;

    /// Returns a file's size and tag; `None` where there is none.
    ///
    /// # Errors
    /// If that cannot be told, or if what is there is no regular file.
    fn stat(&self, name: &str) -> Result<Option<Stat>, Error>;

    /// Lists the files in a folder, without those below its folders, in bytewise order.
    ///
    /// - `folder`: a name without `/` at its end; the empty name is the store itself
    ///
    /// Returns whole names, as [`Store::read`] takes them: those in `parts` begin with `parts/`.
    /// Where there is no such folder, there are none.
    ///
    /// # Errors
    /// If the folder cannot be read.
    fn list(&self, folder: &str) -> Result<Vec<String>, Error>;

    /// Begins a draft for a file of this name.
    ///
    /// The draft's own name is no other draft's, whichever process or machine makes that. It is beside
    /// the file's and ends in `.draft`, so that [`Store::list`] finds what was left behind.
    ///
    /// # Errors
    /// If it cannot be created.
    fn spool(&self, name: &str) -> Result<Box<dyn Spool>, Error>;

    /// Gives a finished draft its name.
    ///
    /// The draft is used up, whatever comes: where this fails it is removed, as far as that is possible.
    ///
    /// # Errors
    /// [`Error::Present`] or [`Error::Changed`] if the condition does not hold; or if the store fails.
    fn put(&self, draft: Draft, name: &str, put: Put) -> Result<(), Error>;

    /// Creates or empties a file that is then written in regions, in any order, by any number of
    /// writers.
    ///
    /// - `bytes`: how large it will be. What it reads as before all of that is written is not defined
    ///
    /// # Errors
    /// If it cannot be created.
    fn regions(&self, name: &str, bytes: u64) -> Result<(), Error>;

    /// Opens such a file for writing. Each writer holds one file open, or none.
    ///
    /// # Errors
    /// If it cannot be opened, [not being there](Error::is_not_found) included.
    fn region_writer(&self, name: &str) -> Result<Box<dyn RegionWriter>, Error>;

    /// Returns the path that a file of this name has, or would have, or its URL: for messages.
    fn address(&self, name: &str) -> PathBuf;

    /// Returns how many bytes a region has, but for the last of a file.
    fn region_bytes(&self) -> usize;

    /// Returns whether a file that has its name is all that was put under it, so that nobody reads it to be
    /// sure. In a folder it is not after a loss of power.
    fn has_whole_files(&self) -> bool {
        false
    }

    /// Returns how many files are best looked at side by side, as looking takes no more than waiting.
    fn at_once(&self) -> usize {
        1
    }

    /// Removes a file. That there is none is fine.
    ///
    /// # Errors
    /// If it cannot be removed.
    fn remove(&self, name: &str) -> Result<(), Error>;
}

/// A file that is open for reading.
pub trait ReadAt: fmt::Debug + Send + Sync {
    /// Returns the file's size when it was opened.
    fn bytes(&self) -> u64;

    /// Fills `bytes` with what is in the file from `offset` on.
    ///
    /// # Errors
    /// If it cannot be read, or ends before that.
    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> Result<(), Error>;
}

/// A draft that is being written. Dropped unfinished, it is removed.
pub trait Spool: fmt::Debug + Send {
    /// Appends bytes.
    ///
    /// # Errors
    /// If the disk is full, or the like; that may also show later.
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Takes back all but the first `bytes`, which must not be more than were appended.
    ///
    /// # Errors
    /// If the draft cannot be cut.
    fn cut(&mut self, bytes: u64) -> Result<(), Error>;

    /// Closes the draft; all of it is written then.
    ///
    /// - `sync`: whether it must outlast a loss of power from here on
    ///
    /// # Errors
    /// If the disk is full, or the like; the draft is removed. Over a network that may not show before
    /// the file is closed.
    fn finish(self: Box<Self>, sync: bool) -> Result<Draft, Error>;
}

/// Writes regions of a file. Dropped without [`RegionWriter::commit`], it leaves what it wrote, for
/// whoever commits.
pub trait RegionWriter: fmt::Debug + Send {
    /// Writes a whole region.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<(), Error>;

    /// Makes the whole file last, the regions of other writers included, and closes it. Called once a
    /// file, after the last of its regions was written.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    fn commit(self: Box<Self>) -> Result<(), Error>;
}

/// A file's size and tag, which a store tells without reading it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stat {
    /// Its size.
    pub bytes: u64,
    /// Changes whenever the file does. It is compared for equality and means nothing else.
    pub tag: String,
}

/// A finished draft, which waits to be [put](Store::put) by whoever has the store: the value travels
/// between processes. Nothing removes it by itself; [`Store::remove`] does by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its own name in the store.
    pub name: String,
    /// What it holds, where the store has no file of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<held::Held>,
}

impl Draft {
    /// A draft that is a file of the store.
    pub fn of(name: impl Into<String>) -> Draft {
        Draft { name: name.into(), held: None }
    }
}

/// The condition on which a draft gets its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// No condition: a file of that name is replaced.
    Always,
    /// There is no file of that name.
    IfAbsent,
    /// The file is what it was when it was looked at. A folder has no single step for that:
    /// there, it holds among writers that have its lock.
    IfUnchanged(Stat),
}

/// More bytes than any file has that is read whole.
const MOST_WHOLE_BYTES: u64 = 1 << 26;

/// Hashes a file, some of it in memory at a time: its BLAKE3 in hexadecimal.
///
/// # Errors
/// Those of [`Store::read`]; or if it cannot be read.
pub fn hash_whole(store: &dyn Store, name: &str) -> Result<String, Error> {
    let file = store.read(name)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 18];
    for at in (0..file.bytes()).step_by(buffer.len()) {
        let length = (file.bytes() - at).min(buffer.len() as u64) as usize;
        file.read_exact_at(&mut buffer[..length], at)?;
        hasher.update(&buffer[..length]);
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Reads a file that is known to be small, whoever has written it.
///
/// # Errors
/// Those of [`Store::read`]; or if it does not fit into memory.
pub fn read_whole(store: &dyn Store, name: &str) -> Result<Vec<u8>, Error> {
    let file = store.read(name)?;
    let too_large = |_| Error::io("read", Path::new(name))(io::ErrorKind::OutOfMemory.into());
    let found = file.bytes();
    if found > MOST_WHOLE_BYTES {
        let reason = format!("has {found} bytes; such a file has at most {MOST_WHOLE_BYTES}");
        return Err(Error::bad_file(Path::new(name), reason));
    }
    let length = found as usize;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(too_large)?;
    bytes.resize(length, 0);
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// Writes a file in one go and gives it its name: whoever looks finds all of it, or none.
///
/// # Errors
/// Those of [`Store::spool`], [`Spool::append`], [`Spool::finish`] and [`Store::put`].
pub fn write_whole(store: &dyn Store, name: &str, bytes: &[u8], sync: bool) -> Result<(), Error> {
    let mut spool = store.spool(name)?;
    spool.append(bytes)?;
    let draft = spool.finish(sync)?;
    store.put(draft, name, Put::Always)
}

/// Removes the drafts of files that nobody writes any more. A worker that still writes to one writes to
/// nothing.
///
/// - `begin`: what the names of the files begin with; their folder, with `/` at its end, is part of it
///
/// # Errors
/// If the store cannot tell what there is, or cannot remove it.
pub fn remove_drafts(store: &dyn Store, begin: &str) -> Result<(), Error> {
    let folder = begin.rsplit_once('/').map_or("", |(folder, _)| folder);
    let names = store.list(folder)?.into_iter();
    let mut drafts = names.filter(|name| name.starts_with(begin) && name.ends_with(".draft"));
    drafts.try_for_each(|name| store.remove(&name))
}
