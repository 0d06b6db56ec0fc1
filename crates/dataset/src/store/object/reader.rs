//! An object that is open for reading.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use ossicle_remote::{Bytes, Client, Location, Meta};

use super::recent::{Part, Recent};
use crate::error::Error;
use crate::store::ReadAt;

/// What is read at once: reads that follow each other come out of one request.
const BLOCK_BYTES: u64 = 4 << 20;

#[derive(Debug)]
pub(super) struct ObjectReader {
    client: Client,
    at: Location,
    name: String,
    bytes: u64,
    state: Mutex<State>,
    recent: Recent,
}

#[derive(Debug)]
struct State {
    meta: Meta,
    /// The block that was read last, and where it begins.
    block: (u64, Bytes),
}

impl ObjectReader {
    /// - `part`: what is known of the object
    /// - `recent`: where a small one is kept once it has been read
    pub(super) fn new(
        (client, at): (Client, Location),
        name: &str,
        part: Part,
        recent: &Recent,
    ) -> ObjectReader {
        let (bytes, block) = (part.meta.bytes, (0, part.bytes.unwrap_or_default()));
        let state = Mutex::new(State { meta: part.meta, block });
        ObjectReader { client, at, name: name.to_owned(), bytes, state, recent: recent.clone() }
    }

    /// Reads a block. A part that somebody has written again meanwhile has the bytes that it had.
    fn get(&self, range: Range<u64>, meta: &mut Meta) -> Result<Bytes, Error> {
        match self.client.get_range(&self.at, range.clone(), Some(meta)) {
            Err(ossicle_remote::Error::Changed { .. }) if Recent::is_part(&self.name) => {
                let now = self.client.head(&self.at)?.filter(|now| now.bytes == self.bytes);
                *meta = now.ok_or_else(|| self.broken(ErrorKind::NotFound))?;
                Ok(self.client.get_range(&self.at, range, Some(meta))?)
            }
            read => Ok(read?),
        }
    }

    fn broken(&self, kind: ErrorKind) -> Error {
        Error::io("read", &PathBuf::from(self.at.to_string()))(kind.into())
    }
}

impl ReadAt for ObjectReader {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> Result<(), Error> {
        let length = bytes.len() as u64;
        let end = offset.checked_add(length).filter(|&end| end <= self.bytes);
        let end = end.ok_or_else(|| self.broken(ErrorKind::UnexpectedEof))?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { meta, block } = &mut *state;
        if offset < block.0 || end > block.0 + block.1.len() as u64 {
            // Of a small file all that comes before is wanted next, or was.
            let begin = if self.bytes <= BLOCK_BYTES { 0 } else { offset };
            let most = begin.saturating_add(BLOCK_BYTES.max(length)).min(self.bytes);
            *block = (begin, self.get(begin..most, meta)?);
            if begin == 0 && most == self.bytes {
                self.recent.keep(&self.name, meta.clone(), Some(block.1.clone()));
            }
        }
        let at = (offset - block.0) as usize;
        bytes.copy_from_slice(&block.1[at..at + bytes.len()]);
        Ok(())
    }
}
