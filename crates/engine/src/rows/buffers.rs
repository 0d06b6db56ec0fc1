//! The buffers that a worker keeps from one utterance to the next.

use ossicle_dsp::{Event, Scratch, Sink};

use crate::rows::sink::SinkScratch;

/// Buffers that may be dirty, and do not grow with recordings.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub(crate) samples: Vec<f32>,
    /// Samples at the rate that they are resampled to.
    pub(crate) resampled: Vec<f32>,
    pub(crate) events: Vec<Event>,
    pub(crate) scratch: Scratch,
    /// The rows and events that a stream makes.
    pub(crate) made: Sink,
    pub(crate) sink: SinkScratch,
    pub(crate) track: Vec<i32>,
}
