//! Codecs: what makes samples of coded bytes, a folder or a file for each.

pub(crate) mod adpcm;
mod damaged;
mod edits;
pub(crate) mod flac;
mod matroska;
mod ogg;
mod opus;
pub(crate) mod packets;
pub(crate) mod shorten;
mod source;
pub(crate) mod table;
