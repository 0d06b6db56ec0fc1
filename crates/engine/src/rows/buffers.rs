//! The buffers that a worker keeps from one utterance to the next.

use ossicle_dsp::{Event, Scratch, Sink};

use crate::rows::sink::SinkScratch;
use crate::work::Spent;

/// Buffers that may be dirty, and do not grow with recordings.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub(crate) samples: Vec<f32>,
    /// Samples at the rate of a stream.
    pub(crate) resampled: Vec<f32>,
    pub(crate) events: Vec<Event>,
    /// Those of each stream, which go on side by side.
    pub(crate) streams: Vec<StreamBuffers>,
    /// The rows and events that a stream makes.
    pub(crate) made: Sink,
    pub(crate) track: Vec<i32>,
    /// What the time of the last utterance went to.
    pub(crate) spent: Spent,
}

/// The buffers of a stream.
#[derive(Debug, Default)]
pub(crate) struct StreamBuffers {
    pub(crate) scratch: Scratch,
    pub(crate) sink: SinkScratch,
}
