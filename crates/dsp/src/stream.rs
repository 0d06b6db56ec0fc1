//! Rows of samples that come one after the other.

use std::fmt;

use crate::error::Error;
use crate::frames::FrameLayout;
use crate::scratch::Scratch;
use crate::sink::{Event, Sink};

/// Says when rows are handed out. Their bits are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Latency {
    /// Whole vectors of eight frames at a time, which is fastest.
    #[default]
    Batch,
    /// Each as soon as its samples are there and it is certain that the recording has it, as a recogniser
    /// wants them.
    Row,
}

/// The next step after a recording's last sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// The end: all rows have been handed out.
    Done,
    /// The recording once more, from its first sample: its largest value had to be known before the first
    /// row, and it was too long to be held.
    Again,
}

/// The beginning of an utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Names the utterance where there is [`Dither`](crate::Dither): those of the same key have the same
    /// noise.
    pub key: u64,
    /// The time at which rows are handed out.
    pub latency: Latency,
    /// The sample, of those that are fed, from which frames are laid out.
    pub origin: u64,
    /// The most samples that are held of a recording whose rows depend on all of it; a longer one is asked
    /// for [again](Next::Again). A million by default: a minute of speech, 4 MB.
    pub most_held: usize,
}

impl Default for Start {
    fn default() -> Start {
        Start { key: 0, latency: Latency::Batch, origin: 0, most_held: 1 << 20 }
    }
}

/// A feature that is planned: tables that threads share, from which each begins a stream an utterance.
pub trait Feature: fmt::Debug + Send + Sync {
    /// Returns the number of columns of a row.
    fn dim(&self) -> usize;

    /// Returns the layout of the frames.
    fn frames(&self) -> FrameLayout;

    /// Returns whether samples before an utterance's first and after its last bear on its rows, so
    /// that they are not those of the utterance alone.
    fn hears_around(&self) -> bool {
        false
    }

    /// Returns the most samples that are best fed at a time: a minute of speech, or fewer where
    /// their rows would be more than a million numbers. A recording that is no longer is best fed
    /// whole.
    fn most_at_once(&self) -> usize {
        const MOST: usize = 1 << 20;
        let FrameLayout { length, shift, .. } = self.frames();
        let by_numbers = (MOST / self.dim().max(1)).saturating_mul(shift);
        // At least a whole vector of eight frames.
        by_numbers.min(MOST).max(length.saturating_add(8 * shift))
    }

    /// Returns the bytes that the scratch grows to besides what any feature takes, however long
    /// recordings are.
    fn scratch_bytes(&self) -> u64 {
        0
    }

    /// Computes what takes long, so that the first recording does not wait for it.
    fn prepare(&self) {}

    /// Begins an utterance.
    ///
    /// - `scratch`: of this thread, may be dirty; what it holds on to does not depend on the
    ///   recording's length
    fn begin<'a>(&'a self, start: Start, scratch: &'a mut Scratch) -> Box<dyn RowStream + 'a>;

    /// Begins an utterance of which another program has found the events: none where the feature's rows
    /// are not made of events.
    fn begin_events(&self, _start: Start) -> Option<Box<dyn EventStream + '_>> {
        None
    }
}

/// The rows of an utterance, made as its samples come, without being told how many will.
///
/// Whatever the samples are cut into, rows have the same bits. A whole recording is one call of
/// [`finish`](RowStream::finish), which is the fastest way.
pub trait RowStream: fmt::Debug + Send {
    /// Takes the next samples, and puts the rows and events that are final by them into `out`.
    ///
    /// - `samples`: any number of them, mono, at the feature's sample rate, full scale at ±1.0
    ///
    /// # Errors
    /// If a sample is one that the feature cannot take. The stream is of no use then.
    fn push(&mut self, samples: &[f32], out: &mut Sink) -> Result<(), Error>;

    /// Takes the last samples, and puts all rows and events that are left into `out`.
    ///
    /// - `last`: any number of samples, none too
    ///
    /// # Errors
    /// If a sample is one that the feature cannot take. The stream is of no use then.
    fn finish(&mut self, last: &[f32], out: &mut Sink) -> Result<Next, Error>;
}

/// The rows of an utterance, made of events that come from elsewhere, a few at a time.
///
/// Whatever the events are cut into, rows have the same bits.
pub trait EventStream: fmt::Debug + Send {
    /// Takes the next events, and puts them, and the rows that are final by them, into `out`.
    ///
    /// - `events`: in any order, which is that of sums; none before the sample that was said last
    /// - `before`: the recording goes on to this sample at least, and no later event is before it
    ///
    /// # Errors
    /// If an event is one that the feature cannot take. The stream is of no use then.
    fn push(&mut self, events: &[Event], before: u64, out: &mut Sink) -> Result<(), Error>;

    /// Puts all rows that are left into `out`: there are no more events.
    ///
    /// - `num_samples`: how many the recording has, all of what `before` said at least
    ///
    /// # Errors
    /// If the feature cannot make them.
    fn finish(&mut self, num_samples: u64, out: &mut Sink) -> Result<Next, Error>;
}
