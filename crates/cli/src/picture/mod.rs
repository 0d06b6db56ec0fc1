//! Pictures: what a spikegram looks like, and what it costs to come near.

mod file;
mod rate;
mod spikegram;

pub(crate) use file::picture_bytes;
pub(crate) use rate::rate_picture;
pub(crate) use spikegram::{Shown, frequencies, spikegram_picture};
