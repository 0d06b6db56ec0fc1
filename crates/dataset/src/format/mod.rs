//! The form of a dataset's files: names, rows of lists, and how arrays lie in files.
//!
//! A [`Format`] lays the rows of a shard out as pieces of known size, found by their offset and never
//! held as a list: whoever writes makes any stretch of any file, in any order, and needs to know
//! nothing of the format. [`Npy`](crate::Npy) is the first.
//!
//! The names of version 1 that say more than they need, such as that of an [event](events), are here alone.

pub(crate) mod events;
pub(crate) mod matrices;
pub(crate) mod names;
pub(crate) mod npy;
pub(crate) mod npy_file;
pub(crate) mod rows;

use std::fmt;
use std::ops::Range;

use crate::write::split::{ArrayLayout, SplitLayout};

/// Lays out the files of arrays.
pub trait Format: fmt::Debug + Send + Sync {
    /// Returns the file of a shard, relative to the dataset.
    fn path(&self, split: &str, array: &str, shard: usize) -> String;

    /// Lays out a shard.
    ///
    /// - `utterances`: those of the split that the shard holds
    fn lay_out(
        &self,
        array: &ArrayLayout,
        split: &SplitLayout,
        utterances: Range<usize>,
    ) -> Box<dyn Pieces>;
}

/// A file that is to be written, as pieces.
pub trait Pieces: fmt::Debug + Send + Sync {
    /// Returns the size of the file.
    fn bytes(&self) -> u64;

    /// Returns the piece that the byte at `offset` is in.
    ///
    /// - `split`: the split that the file was laid out for
    ///
    /// # Panics
    /// If `offset >= self.bytes()`.
    fn piece_at(&self, offset: u64, split: &SplitLayout) -> Located<'_>;
}

/// A piece of a file, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<'a> {
    /// The offset of its first byte.
    pub begin: u64,
    /// The piece's contents.
    pub piece: Piece<'a>,
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Bytes that are known.
    Bytes(&'a [u8]),
    /// Rows of an utterance.
    Rows {
        /// The utterance, by its place in the split.
        utterance: usize,
        /// The rows of that utterance that are in the piece.
        rows: Range<u64>,
    },
}
