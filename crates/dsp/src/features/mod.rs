//! Features: each makes rows of samples.

pub(crate) mod spectral;
pub mod spikes;
pub(crate) mod waveform;
