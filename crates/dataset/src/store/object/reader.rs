//! An object that is open for reading.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use ossicle_remote::{Bytes, Client, Location, Meta};

use crate::error::Error;
use crate::store::ReadAt;

/// What is read at once: reads that follow each other come out of one request.
const BLOCK_BYTES: u64 = 4 << 20;

#[derive(Debug)]
pub(super) struct ObjectReader {
    client: Client,
    at: Location,
    meta: Meta,
    /// The block that was read last, and where it begins.
    block: Mutex<(u64, Bytes)>,
}

impl ObjectReader {
    pub(super) fn new(client: Client, at: Location, meta: Meta) -> ObjectReader {
        ObjectReader { client, at, meta, block: Mutex::new((0, Bytes::new())) }
    }
}

impl ReadAt for ObjectReader {
    fn bytes(&self) -> u64 {
        self.meta.bytes
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> Result<(), Error> {
        let length = bytes.len() as u64;
        let end = offset.checked_add(length).filter(|&end| end <= self.meta.bytes);
        let Some(end) = end else {
            let path = PathBuf::from(self.at.to_string());
            return Err(Error::io("read", &path)(ErrorKind::UnexpectedEof.into()));
        };
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        let (begin, held) = &*block;
        if offset < *begin || end > begin + held.len() as u64 {
            let most = offset.saturating_add(BLOCK_BYTES.max(length)).min(self.meta.bytes);
            *block = (offset, self.client.get_range(&self.at, offset..most, Some(&self.meta))?);
        }
        let (begin, held) = &*block;
        let at = (offset - begin) as usize;
        bytes.copy_from_slice(&held[at..at + bytes.len()]);
        Ok(())
    }
}
