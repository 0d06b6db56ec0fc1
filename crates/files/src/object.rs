//! An object that is read by ranges.

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use crate::objects::{ObjectError, ObjectStat, Objects, objects, text};

/// What is asked for at once where reading begins: most utterances are one request.
const FIRST_BYTES: u64 = 1 << 20;

/// What is asked for at once elsewhere than where the last request ended.
const JUMP_BYTES: u64 = 1 << 19;

/// The most that is asked for at once, and kept of one request. Each request that goes on where the last one ended
/// asks for twice as much, up to here.
const MOST_BYTES: u64 = 4 << 20;

/// So many requests' bytes are kept: what reads the end of a container first goes back to its beginning.
const KEPT: usize = 2;

/// An object of a store, as it was when it was opened: bytes of what it becomes later are never given.
#[derive(Debug, Clone)]
pub struct Object {
    shared: Arc<Shared>,
    /// Nothing behind this byte is asked for, unless it is needed.
    end: u64,
}

#[derive(Debug)]
struct Shared {
    url: PathBuf,
    store: Arc<dyn Objects>,
    bytes: u64,
    stamp: Option<SystemTime>,
    kept: Mutex<Kept>,
}

/// What was read last.
#[derive(Debug, Default)]
struct Kept {
    /// The object's tag, once a request has told it.
    tag: Option<Box<str>>,
    /// The bytes of requests, each with where they begin: the newest last.
    blocks: Vec<(u64, Vec<u8>)>,
    /// Where the last request ended, and how much it asked for.
    last: (u64, u64),
}

impl Object {
    /// The most that one holds in memory, in bytes.
    pub const MOST_KEPT_BYTES: u64 = KEPT as u64 * MOST_BYTES;

    /// Opens an object, by reading its first bytes.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub(crate) fn open(url: &Path) -> io::Result<Object> {
        let store = objects()?;
        let name = text(url)?;
        match store.read(name, 0..FIRST_BYTES, None) {
            Ok((bytes, stat)) => {
                let last = (bytes.len() as u64, FIRST_BYTES);
                let kept = Kept { tag: stat.tag.clone(), blocks: vec![(0, bytes)], last };
                Ok(Object::with(url, store, &stat, kept))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error),
            // Stores refuse to give a range of nothing.
            Err(error) => match store.stat(name) {
                Ok(stat) if stat.bytes == 0 => Ok(Object::with(url, store, &stat, Kept::default())),
                _ => Err(error),
            },
        }
    }

    /// Takes an object for what it was when it was listed. Nothing is asked for before something is read, and then
    /// it is an error if it is another one.
    ///
    /// - `stamp`: what [`ObjectStat::stamp`] was
    ///
    /// # Errors
    /// No store can be reached.
    pub(crate) fn listed(url: &Path, bytes: u64, stamp: Option<SystemTime>) -> io::Result<Object> {
        let (url, store, kept) = (url.to_path_buf(), objects()?, Mutex::default());
        Ok(Object { shared: Arc::new(Shared { url, store, bytes, stamp, kept }), end: bytes })
    }

    fn with(url: &Path, store: Arc<dyn Objects>, stat: &ObjectStat, kept: Kept) -> Object {
        let (url, bytes, stamp, kept) =
            (url.to_path_buf(), stat.bytes, stat.stamp(), Mutex::new(kept));
        Object { shared: Arc::new(Shared { url, store, bytes, stamp, kept }), end: bytes }
    }

    /// Says that nothing behind a byte is going to be read.
    pub fn up_to(&self, end: u64) -> Object {
        Object { shared: Arc::clone(&self.shared), end: end.min(self.shared.bytes) }
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> u64 {
        self.shared.bytes
    }

    /// Returns the stamp by which its time of modification and its tag are known.
    pub fn stamp(&self) -> Option<SystemTime> {
        self.shared.stamp
    }

    /// Reads bytes from `offset` on, and returns how many: 0 only at its end or for an empty buffer.
    ///
    /// # Errors
    /// It cannot be read, or is another one by now.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if offset >= self.shared.bytes || buffer.is_empty() {
            return Ok(0);
        }
        // Two readers of one object wait for each other, and mostly for what both need.
        let mut kept = self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = kept.copy(offset, buffer) {
            return Ok(count);
        }
        let range = self.next_range(&kept, offset, buffer.len() as u64);
        let bytes = self.read(&mut kept, range.clone())?;
        kept.last = (range.end, range.end - range.start);
        kept.blocks.push((offset, bytes));
        if kept.blocks.len() > KEPT {
            kept.blocks.remove(0);
        }
        Ok(kept.copy(offset, buffer).unwrap_or(0))
    }

    /// The bytes to ask for next.
    fn next_range(&self, kept: &Kept, offset: u64, wanted: u64) -> Range<u64> {
        let (end, asked) = kept.last;
        let bytes = match offset {
            at if at == end && at > 0 => 2 * asked,
            0 => FIRST_BYTES,
            _ => JUMP_BYTES,
        };
        let bytes = bytes.max(wanted).min(MOST_BYTES);
        // What is nearly all is all of it.
        let limit = if offset < self.end { self.end } else { self.shared.bytes };
        let left = limit - offset;
        offset..offset + if left <= bytes + bytes / 2 { left.min(MOST_BYTES) } else { bytes }
    }

    /// Reads a range of the object that was opened.
    fn read(&self, kept: &mut Kept, range: Range<u64>) -> io::Result<Vec<u8>> {
        let Shared { url, store, bytes, stamp, .. } = &*self.shared;
        let wanted = range.end - range.start;
        let (mut found, stat) = store.read(text(url)?, range, kept.tag.as_deref())?;
        found.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
        let is_same = stat.bytes == *bytes && stat.is_of(*stamp);
        if !is_same || (found.len() as u64) < wanted {
            return Err(ObjectError::Changed.into());
        }
        if kept.tag.is_none() {
            kept.tag = stat.tag;
        }
        Ok(found)
    }
}

impl Kept {
    /// Copies the bytes from a place on that are here, and returns how many; none where there are none.
    fn copy(&self, offset: u64, buffer: &mut [u8]) -> Option<usize> {
        self.blocks.iter().rev().find_map(|(begin, bytes)| {
            let at = usize::try_from(offset.checked_sub(*begin)?).ok()?;
            let there = bytes.get(at..).filter(|there| !there.is_empty())?;
            let count = there.len().min(buffer.len());
            buffer[..count].copy_from_slice(&there[..count]);
            Some(count)
        })
    }
}
