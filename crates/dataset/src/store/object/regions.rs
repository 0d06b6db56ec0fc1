//! A file of regions on its way into a store.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ossicle_remote::{Bytes, PIECE_BYTES, Put, Upload};

use super::bucket::Bucket;
use crate::error::Error;
use crate::store::RegionWriter;

/// A file of regions that was begun.
#[derive(Debug)]
pub(super) struct Begun {
    bytes: u64,
    /// The upload, and the name of the object that says that there is one; none of a file that is one piece.
    sent: Option<(Upload, String)>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The tag of each piece, once it is sent.
    tags: Vec<Option<String>>,
    is_complete: bool,
}

impl Begun {
    pub(super) fn new(bytes: u64, sent: Option<(Upload, String)>) -> Begun {
        let pieces = bytes.div_ceil(PIECE_BYTES as u64) as usize;
        let state = State { tags: vec![None; pieces], is_complete: false };
        Begun { bytes, sent, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No holder leaves it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
pub(super) struct ObjectRegions {
    bucket: Bucket,
    name: String,
    begun: Arc<Begun>,
}

impl ObjectRegions {
    pub(super) fn new(bucket: Bucket, name: String, begun: Arc<Begun>) -> ObjectRegions {
        ObjectRegions { bucket, name, begun }
    }

    /// The number of the piece that a region is; none if it is none.
    fn piece(&self, bytes: &[u8], offset: u64) -> Option<usize> {
        let whole = self.begun.bytes.checked_sub(offset)?.min(PIECE_BYTES as u64);
        let is_piece = offset.is_multiple_of(PIECE_BYTES as u64) && bytes.len() as u64 == whole;
        is_piece.then_some((offset / PIECE_BYTES as u64) as usize)
    }
}

impl RegionWriter for ObjectRegions {
    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<(), Error> {
        let path = self.bucket.address(&self.name);
        let wrong = || Error::io("write", &path)(ErrorKind::InvalidInput.into());
        let number = self.piece(bytes, offset).ok_or_else(wrong)?;
        let (client, at) = (&self.bucket.client, self.bucket.at(&self.name));
        let bytes = Bytes::copy_from_slice(bytes);
        let tag = match &self.begun.sent {
            Some((upload, _)) => client.put_piece(&at, upload, number, bytes)?,
            None => client.put(&at, bytes, &Put::Always)?.tag.unwrap_or_default(),
        };
        if let Some(piece) = self.begun.state().tags.get_mut(number) {
            *piece = Some(tag);
        }
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        let mut state = self.begun.state();
        if state.is_complete {
            return Ok(());
        }
        let tags: Option<Vec<String>> = state.tags.iter().cloned().collect();
        let Some(tags) = tags else {
            let reason = "not all of its regions were written";
            return Err(Error::bad_file(&self.bucket.address(&self.name), reason));
        };
        match &self.begun.sent {
            Some((upload, draft)) => {
                self.bucket.complete((&self.name, draft), upload, tags, self.begun.bytes)?;
            }
            None if self.begun.bytes == 0 => {
                let at = self.bucket.at(&self.name);
                self.bucket.client.put(&at, Bytes::new(), &Put::Always)?;
            }
            None => {}
        }
        state.is_complete = true;
        Ok(())
    }
}
