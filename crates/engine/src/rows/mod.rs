//! The way from recordings to the rows of a part: what a worker does, wherever it runs.

mod alignment_fit;
mod buffers;
pub(crate) mod context;
mod earlier;
pub(crate) mod extent;
pub(crate) mod failure;
pub(crate) mod features;
mod feed;
pub(crate) mod input;
pub(crate) mod int16;
mod labels;
pub(crate) mod levels;
pub(crate) mod resampling;
mod samples;
#[cfg(test)]
mod segments;
pub(crate) mod sink;
mod speech;
pub(crate) mod stretch;
pub(crate) mod tables;
#[cfg(test)]
mod test_corpus;
pub(crate) mod utterance;
pub(crate) mod wide_moments;
pub(crate) mod worker;
