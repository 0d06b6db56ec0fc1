//! A long recording, of which the next stretch is read while the last one is decoded.

use std::fmt;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use ossicle_audio::{ByteSource, Error, Media, Stamp};

use crate::run::pool::lock;

/// How much is read at once. A recording has two of these in memory.
pub(crate) const STRETCH_BYTES: u64 = 1 << 20;

/// A recording that is read from front to back, but for a few leaps: readers are one stretch ahead of whoever reads
/// it. What is behind a leap is read as it is asked for.
#[derive(Debug)]
pub(super) struct Streamed {
    media: Media,
    readers: Arc<dyn StretchReaders>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes that were read ahead, and where they begin.
    ready: Option<(u64, Vec<u8>)>,
    /// Those that readers were asked for.
    coming: Option<(Range<u64>, Receiver<Vec<u8>>)>,
    /// Where the last read ended.
    end: u64,
}

/// Whoever reads stretches.
pub(super) trait StretchReaders: fmt::Debug + Send + Sync {
    /// Has a stretch read, before anything that nobody has come to yet.
    fn ask(&self, stretch: Stretch);
}

/// A stretch that readers are asked for.
#[derive(Debug)]
pub(super) struct Stretch {
    media: Media,
    range: Range<u64>,
    to: SyncSender<Vec<u8>>,
}

impl Stretch {
    /// Reads it. Where that fails, whoever waits for it is told by that nothing comes.
    pub(super) fn read(self) {
        let mut bytes = vec![0; (self.range.end - self.range.start) as usize];
        if self.media.read_exact_at(self.range.start, &mut bytes).is_ok() {
            // Nobody may wait any more.
            let _ = self.to.try_send(bytes);
        }
    }
}

impl Streamed {
    pub(super) fn new(media: Media, readers: Arc<dyn StretchReaders>) -> Streamed {
        Streamed { media, readers, state: Mutex::default() }
    }

    /// Asks readers for the stretch from here on, unless they were asked for one.
    fn ask(&self, state: &mut State, start: u64) {
        let end = self.media.len().min(start.saturating_add(STRETCH_BYTES));
        if state.coming.is_some() || start >= end {
            return;
        }
        let (to, receiver) = sync_channel(1);
        self.readers.ask(Stretch { media: self.media.clone(), range: start..end, to });
        state.coming = Some((start..end, receiver));
    }
}

impl ByteSource for Streamed {
    fn stamp(&self) -> Stamp {
        Stamp { bytes: self.media.len(), ..self.media.stamp() }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error> {
        let mut state = lock(&self.state);
        if let Some((range, _)) = &state.coming
            && range.contains(&offset)
            && let Some((range, receiver)) = state.coming.take()
        {
            state.ready = receiver.recv().ok().map(|bytes| (range.start, bytes));
        }
        if let Some((start, bytes)) = &state.ready
            && let Some(at) = offset.checked_sub(*start)
            && at < bytes.len() as u64
        {
            let bytes = &bytes[at as usize..];
            let count = bytes.len().min(buffer.len());
            buffer[..count].copy_from_slice(&bytes[..count]);
            let next = *start + at + bytes.len() as u64;
            state.end = offset + count as u64;
            self.ask(&mut state, next);
            return Ok(count);
        }
        let count = self.media.read_at(offset, buffer)?;
        let is_on = offset == state.end;
        state.end = offset + count as u64;
        if is_on {
            // What was asked for before a leap is of no use.
            state.coming = None;
            let next = state.end;
            self.ask(&mut state, next);
        }
        Ok(count)
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        self.media.check_unchanged()
    }
}
