//! Features of the spectrum of frames: a front (samples to spectrum) and heads (spectrum to columns), as
//! many frames at once as a vector has lanes.

pub(crate) mod cepstrum;
pub(crate) mod chunks;
pub(crate) mod config;
pub(crate) mod energy;
pub(crate) mod extractor;
pub(crate) mod front;
pub(crate) mod head;
pub(crate) mod log;
pub(crate) mod mel;
mod noise;
mod pack;
pub(crate) mod pcen;
mod piece;
pub(crate) mod plp;
mod presets;
pub(crate) mod scratch;
mod stream;
pub(crate) mod waveform;
pub(crate) mod window;
