//! From recordings to the rows of a part: what a worker does, wherever it runs.

mod buffers;
mod by_rate;
mod context;
pub(crate) mod failure;
pub(crate) mod input;
mod labels;
mod samples;
#[cfg(test)]
mod segments;
pub(crate) mod sink;
mod spectral;
pub(crate) mod spike_plan;
pub(crate) mod spikegram;
pub(crate) mod stretch;
pub(crate) mod tables;
mod utterance;
pub(crate) mod wide_moments;
pub(crate) mod worker;
