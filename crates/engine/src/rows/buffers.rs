//! What a worker keeps from one utterance to the next.

use ossicle_dsp::Scratch;
use ossicle_dsp::spikes::{PursuitScratch, Spike};

use crate::rows::sink::SinkScratch;

/// Buffers that may be dirty, and do not grow with recordings.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub(crate) samples: Vec<f32>,
    pub(crate) scratch: Scratch,
    pub(crate) rows: Vec<f32>,
    pub(crate) track: Vec<i16>,
    pub(crate) sink: SinkScratch,
    pub(crate) pursuit: PursuitScratch,
    pub(crate) spikes: Vec<Spike>,
    pub(crate) kept: Vec<Spike>,
}
