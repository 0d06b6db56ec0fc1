//! Memory, for tests: whatever a run does to its files, and whatever can fail on the way.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Draft, Put, ReadAt, RegionWriter, Spool, Stat, Store};
use crate::error::Error;
use crate::write::hash::REGION_BYTES;

/// Keeps files in memory. Clones share them.
///
/// Every call of [`Store`], and of what it opens, is counted, and any of them can be made to
/// [fail](MemoryStore::fail_at), so that a test sees what its caller does about it.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    files: BTreeMap<String, MemoryFile>,
    /// The number of changes of any file; a file's tag is that of its last change.
    changes: u64,
    drafts: u64,
    calls: u64,
    /// The call that fails, and its error.
    fault: Option<(u64, io::Error)>,
    open: usize,
    most_open: usize,
}

#[derive(Debug, Default)]
struct MemoryFile {
    bytes: Vec<u8>,
    tag: u64,
}

impl MemoryStore {
    /// Makes one call fail: the next is number 0. Later ones succeed again.
    pub fn fail_at(&self, call: u64, error: io::Error) {
        let mut shared = self.shared();
        shared.fault = Some((shared.calls + call, error));
    }

    /// Returns how many calls there were.
    pub fn calls(&self) -> u64 {
        self.shared().calls
    }

    /// Returns how many files are open: readers, spools and writers of regions.
    pub fn num_open(&self) -> usize {
        self.shared().open
    }

    /// Returns how many files were open at once, at the most.
    pub fn most_open(&self) -> usize {
        self.shared().most_open
    }

    /// Returns every file with its bytes, drafts included, in bytewise order of names.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let shared = self.shared();
        shared.files.iter().map(|(name, file)| (name.clone(), file.bytes.clone())).collect()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // No holder leaves it half changed.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a call, which may be the one that fails.
    fn call(&self, action: &'static str, name: &str) -> Result<MutexGuard<'_, Shared>, Error> {
        let mut shared = self.shared();
        let call = shared.calls;
        shared.calls += 1;
        match shared.fault.take_if(|(at, _)| *at == call) {
            Some((_, error)) => Err(Error::io(action, Path::new(name))(error)),
            None => Ok(shared),
        }
    }

    fn open(&self, shared: &mut Shared, name: &str) -> Handle {
        shared.open += 1;
        shared.most_open = shared.most_open.max(shared.open);
        Handle { store: self.clone(), name: name.to_owned() }
    }
}

impl Shared {
    fn insert(&mut self, name: &str, bytes: Vec<u8>) {
        self.changes += 1;
        self.files.insert(name.to_owned(), MemoryFile { bytes, tag: self.changes });
    }

    fn bytes(&mut self, name: &str, action: &'static str) -> Result<&mut Vec<u8>, Error> {
        self.changes += 1;
        let file = self.files.get_mut(name).ok_or_else(|| missing(action, name))?;
        file.tag = self.changes;
        Ok(&mut file.bytes)
    }

    fn stat(&self, name: &str) -> Option<Stat> {
        let file = self.files.get(name)?;
        Some(Stat { bytes: file.bytes.len() as u64, tag: file.tag.to_string() })
    }
}

fn missing(action: &'static str, name: &str) -> Error {
    Error::io(action, Path::new(name))(ErrorKind::NotFound.into())
}

impl Store for MemoryStore {
    fn read(&self, name: &str) -> Result<Box<dyn ReadAt>, Error> {
        let mut shared = self.call("open", name)?;
        let stat = shared.stat(name).ok_or_else(|| missing("open", name))?;
        let handle = self.open(&mut shared, name);
        Ok(Box::new(MemoryReader { handle, bytes: stat.bytes }))
    }

    fn stat(&self, name: &str) -> Result<Option<Stat>, Error> {
        Ok(self.call("look at", name)?.stat(name))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Error> {
        let shared = self.call("read the folder", folder)?;
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let is_there =
            |name: &&String| name.strip_prefix(&prefix).is_some_and(|below| !below.contains('/'));
        Ok(shared.files.keys().filter(is_there).cloned().collect())
    }

    fn spool(&self, name: &str) -> Result<Box<dyn Spool>, Error> {
        let mut shared = self.call("create", name)?;
        let name = format!("{name}.{}.draft", shared.drafts);
        shared.drafts += 1;
        shared.insert(&name, Vec::new());
        let handle = self.open(&mut shared, &name);
        Ok(Box::new(MemorySpool { handle, finished: false }))
    }

    fn put(&self, draft: Draft, name: &str, put: Put) -> Result<(), Error> {
        let mut shared = match self.call("rename to", name) {
            Ok(shared) => shared,
            Err(error) => {
                self.shared().files.remove(&draft.name);
                return Err(error);
            }
        };
        let file = shared.files.remove(&draft.name).ok_or_else(|| missing("rename to", name))?;
        let there = shared.stat(name);
        match put {
            Put::IfAbsent if there.is_some() => Err(Error::Present { path: name.into() }),
            Put::IfUnchanged(was) if there != Some(was.clone()) => {
                Err(Error::Changed { path: name.into() })
            }
            _ => {
                shared.insert(name, file.bytes);
                Ok(())
            }
        }
    }

    fn regions(&self, name: &str, bytes: u64) -> Result<(), Error> {
        let mut shared = self.call("create", name)?;
        let too_large = || Error::io("create", Path::new(name))(ErrorKind::OutOfMemory.into());
        let length = usize::try_from(bytes).map_err(|_| too_large())?;
        let mut zeros = Vec::new();
        zeros.try_reserve_exact(length).map_err(|_| too_large())?;
        zeros.resize(length, 0);
        shared.insert(name, zeros);
        Ok(())
    }

    fn region_writer(&self, name: &str) -> Result<Box<dyn RegionWriter>, Error> {
        let mut shared = self.call("open", name)?;
        shared.stat(name).ok_or_else(|| missing("open", name))?;
        let handle = self.open(&mut shared, name);
        Ok(Box::new(MemoryRegions { handle }))
    }

    fn address(&self, name: &str) -> PathBuf {
        name.into()
    }

    fn region_bytes(&self) -> usize {
        REGION_BYTES
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        self.call("remove", name)?.files.remove(name);
        Ok(())
    }
}

/// An open file.
#[derive(Debug)]
struct Handle {
    store: MemoryStore,
    name: String,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.store.shared().open -= 1;
    }
}

/// Returns the place of a range of a file in memory, if all of it is there.
fn place(offset: u64, length: usize, file_bytes: usize) -> Option<std::ops::Range<usize>> {
    let begin = usize::try_from(offset).ok()?;
    let end = begin.checked_add(length)?;
    (end <= file_bytes).then_some(begin..end)
}

#[derive(Debug)]
struct MemoryReader {
    handle: Handle,
    bytes: u64,
}

impl ReadAt for MemoryReader {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> Result<(), Error> {
        let name = &self.handle.name;
        let shared = self.handle.store.call("read", name)?;
        let file = shared.files.get(name).ok_or_else(|| missing("read", name))?;
        let place = place(offset, bytes.len(), file.bytes.len())
            .ok_or_else(|| Error::io("read", Path::new(name))(ErrorKind::UnexpectedEof.into()))?;
        bytes.copy_from_slice(&file.bytes[place]);
        Ok(())
    }
}

#[derive(Debug)]
struct MemorySpool {
    handle: Handle,
    finished: bool,
}

impl Spool for MemorySpool {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let name = &self.handle.name;
        self.handle.store.call("write", name)?.bytes(name, "write")?.extend_from_slice(bytes);
        Ok(())
    }

    fn cut(&mut self, bytes: u64) -> Result<(), Error> {
        let name = &self.handle.name;
        let length = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.handle.store.call("cut", name)?.bytes(name, "cut")?.truncate(length);
        Ok(())
    }

    fn finish(mut self: Box<Self>, _sync: bool) -> Result<Draft, Error> {
        drop(self.handle.store.call("close", &self.handle.name)?);
        self.finished = true;
        Ok(Draft::of(self.handle.name.clone()))
    }
}

impl Drop for MemorySpool {
    fn drop(&mut self) {
        if !self.finished {
            self.handle.store.shared().files.remove(&self.handle.name);
        }
    }
}

#[derive(Debug)]
struct MemoryRegions {
    handle: Handle,
}

impl RegionWriter for MemoryRegions {
    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<(), Error> {
        let name = &self.handle.name;
        let mut shared = self.handle.store.call("write", name)?;
        let file = shared.bytes(name, "write")?;
        // A folder's file would grow; here that shows.
        let place = place(offset, bytes.len(), file.len())
            .ok_or_else(|| Error::io("write", Path::new(name))(ErrorKind::InvalidInput.into()))?;
        file[place].copy_from_slice(bytes);
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        self.handle.store.call("close", &self.handle.name).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{read_whole, write_whole};

    /// Everything a store can do, once.
    fn everything(store: &MemoryStore) -> Result<(), Error> {
        write_whole(store, "a", b"123", true)?;
        let mut spool = store.spool("b")?;
        spool.append(b"45")?;
        spool.cut(1)?;
        let draft = spool.finish(false)?;
        store.put(draft, "b", Put::IfAbsent)?;
        store.regions("c", 2)?;
        let writer = store.region_writer("c")?;
        writer.write_at(b"67", 0)?;
        writer.commit()?;
        store.stat("a")?;
        store.list("")?;
        read_whole(store, "c")?;
        store.remove("c")
    }

    #[test]
    fn every_call_can_fail_and_leaves_neither_a_draft_nor_an_open_file() {
        let whole = MemoryStore::default();
        everything(&whole).unwrap();
        let calls = whole.calls();
        assert_eq!(calls, 18);
        for call in 0..calls {
            let store = MemoryStore::default();
            store.fail_at(call, io::Error::from_raw_os_error(28));
            let error = everything(&store).unwrap_err();
            assert!(
                matches!(&error, Error::Io { source, .. } if source.raw_os_error() == Some(28))
            );
            assert_eq!((store.calls(), store.num_open()), (call + 1, 0));
            assert!(store.files().iter().all(|(name, _)| !name.contains("draft")), "{call}");
            everything(&store).map_or_else(
                // The name was given already.
                |error| assert!(matches!(error, Error::Present { .. }), "{call}: {error}"),
                |()| assert_eq!(store.files(), whole.files(), "{call}"),
            );
        }
    }

    #[test]
    fn it_knows_how_many_files_were_open_at_once() {
        let store = MemoryStore::default();
        write_whole(&store, "a", b"1", false).unwrap();
        let (first, second) = (store.read("a").unwrap(), store.spool("b").unwrap());
        assert_eq!((store.num_open(), store.most_open()), (2, 2));
        drop(first);
        drop(second);
        drop(store.read("a").unwrap());
        assert_eq!((store.num_open(), store.most_open()), (0, 2));
    }

    #[test]
    fn a_region_past_the_end_is_an_error() {
        let store = MemoryStore::default();
        store.regions("a", 4).unwrap();
        let writer = store.region_writer("a").unwrap();
        assert!(writer.write_at(&[1; 4], 1).is_err());
        assert!(writer.write_at(&[1; 4], u64::MAX).is_err());
        writer.write_at(&[1; 4], 0).unwrap();
    }
}
