//! The file that a part becomes: valid ones are the journal of a run.
//!
//! It holds what is cheapest to keep: rows before deltas, and of the wide columns only their statistics,
//! utterance by utterance. This folder alone knows how its bytes lie. In this order, all little-endian:
//!
//! | block | what |
//! |---|---|
//! | chunks | rows of an utterance in an array, as they came: base rows of a feature, whole numbers a frame, events |
//! | moments | for each good utterance and feature array, of its wide columns: mean float64, M2 float64, minimum float32, maximum float32 |
//! | utterances | their rows of `utterances.jsonl` |
//! | failures | the other utterances' rows of `failures.jsonl` |
//! | table | for each chunk: utterance uint32, array uint32, first row uint64, number of rows uint64 |
//! | footer | JSON: [`Footer`] |
//! | trailer | the footer's length (8 bytes), BLAKE3 of all before (32), a magic word (8) |
//!
//! Chunks lie one behind the other, so that the table says where each is. Each array counts its rows on a
//! grid of its own; arrays on one grid have as many rows an utterance.
//!
//! A part is written as a draft, by whoever computes it, and gets its name from the coordinator. Whatever
//! is found under that name with a matching hash and job key is taken as done, so parts need no sync. Rows
//! are written as they are made: a recording's length does not show in memory.

mod chunks;
mod footer;
mod reader;
mod source_hash;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use footer::{Footer, Note, Noted};
pub(crate) use ossicle_dataset::PARTS_DIR;
pub use reader::{BadPart, PartFile};
pub(crate) use reader::{PartMoments, PartReader};
pub(crate) use source_hash::{Stamp, alignment_text, hash_sources, rest_text, stamp_of};
pub(crate) use writer::PartWriter;

#[cfg(target_endian = "big")]
compile_error!("parts and shards are written as they lie in memory: little-endian machines only");

/// The form of an array in a part's file. Arrays are known by their place among all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartArray {
    /// The bytes that a row takes.
    pub(crate) row_bytes: u64,
    /// The grid that its rows are counted on, by its number.
    pub(crate) grid: usize,
    /// The number of wide columns that it has statistics of; 0 where it has none.
    pub(crate) wide_columns: usize,
}

/// The bytes that the moments of a wide column take: mean, M2, minimum and maximum.
const COLUMN_MOMENTS_BYTES: usize = 8 + 8 + 4 + 4;

/// Returns the number of grids that arrays have.
pub(crate) fn num_grids(arrays: &[PartArray]) -> usize {
    arrays.iter().map(|array| array.grid + 1).max().unwrap_or(0)
}

/// Returns the bytes that the moments of an utterance take.
fn moments_bytes(arrays: &[PartArray]) -> u64 {
    arrays.iter().map(|array| (COLUMN_MOMENTS_BYTES * array.wide_columns) as u64).sum()
}

/// Returns the name of a part's file, in the store.
pub(crate) fn part_name(number: usize) -> String {
    part_begin(number) + "part"
}

/// Returns the name of a part's file that is kept of an earlier run, while its folder is that of another's parts.
pub(crate) fn kept_part_name(number: usize) -> String {
    part_name(number).replacen(PARTS_DIR, KEPT_PARTS_DIR, 1)
}

/// The folder of such parts.
pub(crate) const KEPT_PARTS_DIR: &str = ".ossicle/kept/parts";

/// Returns what the names of a part's file and of its drafts begin with.
pub(crate) fn part_begin(number: usize) -> String {
    format!("{PARTS_DIR}/{number:06}.")
}
