//! Codecs: what makes samples of coded bytes, a folder or a file for each.

mod damaged;
pub(crate) mod shorten;
