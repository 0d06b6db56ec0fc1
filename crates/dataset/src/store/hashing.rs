//! BLAKE3 of a file that is written front to back.

use super::{Draft, Spool};
use crate::error::Error;

/// Hashes a draft while it is written.
#[derive(Debug)]
pub struct HashingSpool {
    spool: Box<dyn Spool>,
    hasher: blake3::Hasher,
    bytes: u64,
}

/// A place in a [`HashingSpool`] that it can go back to.
#[derive(Debug, Clone)]
pub struct Mark {
    hasher: blake3::Hasher,
    bytes: u64,
}

impl HashingSpool {
    /// Hashes what is appended to this draft, which must be empty.
    pub fn new(spool: Box<dyn Spool>) -> HashingSpool {
        HashingSpool { spool, hasher: blake3::Hasher::new(), bytes: 0 }
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        self.spool.append(bytes)
    }

    /// Remembers what was appended so far, for [`HashingSpool::take_back`].
    pub fn mark(&self) -> Mark {
        Mark { hasher: self.hasher.clone(), bytes: self.bytes }
    }

    /// Takes back what was appended since the mark.
    ///
    /// # Errors
    /// If the draft cannot be cut.
    pub fn take_back(&mut self, to: Mark) -> Result<(), Error> {
        self.spool.cut(to.bytes)?;
        (self.hasher, self.bytes) = (to.hasher, to.bytes);
        Ok(())
    }

    /// Returns how many bytes were appended.
    pub fn len(&self) -> u64 {
        self.bytes
    }

    /// Returns whether nothing was appended.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Returns the BLAKE3 of what was appended so far.
    pub fn hash(&self) -> [u8; 32] {
        *self.hasher.finalize().as_bytes()
    }

    /// Closes the draft and returns it with its size and its BLAKE3, in hexadecimal.
    ///
    /// - `sync`: whether it must outlast a loss of power from here on
    ///
    /// # Errors
    /// Those of [`Spool::finish`].
    pub fn finish(self, sync: bool) -> Result<(Draft, u64, String), Error> {
        let hash = self.hasher.finalize().to_hex().to_string();
        Ok((self.spool.finish(sync)?, self.bytes, hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, Store, read_whole};

    #[test]
    fn what_is_taken_back_leaves_no_trace() {
        let write = |with_more: bool| {
            let store = MemoryStore::default();
            let mut file = HashingSpool::new(store.spool("a").unwrap());
            file.append(&[1; 10_000]).unwrap();
            if with_more {
                let mark = file.mark();
                file.append(&[2; 9_000]).unwrap();
                file.append(&[3; 9]).unwrap();
                file.take_back(mark).unwrap();
            }
            file.append(&[4; 100]).unwrap();
            let (len, so_far) = (file.len(), file.hash());
            let (draft, bytes, hash) = file.finish(false).unwrap();
            let text = read_whole(&store, &draft.name).unwrap();
            assert_eq!((len, so_far), (bytes, *blake3::hash(&text).as_bytes()));
            assert_eq!(hash, blake3::hash(&text).to_hex().as_str());
            (bytes, hash, text)
        };
        assert_eq!(write(true), write(false));
        assert_eq!(write(true).0, 10_100);
    }
}
