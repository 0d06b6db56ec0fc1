//! Codecs: what makes samples of coded bytes, a folder or a file for each.

pub(crate) mod adpcm;
mod damaged;
mod edits;
mod ogg;
pub(crate) mod packets;
pub(crate) mod shorten;
mod source;
pub(crate) mod table;
