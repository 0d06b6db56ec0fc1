//! The places of a split's utterances among its rows and shards.

use std::ops::Range;

use crate::card::Array;
use crate::format::npy::Dtype;
use crate::write::shards::{Shard, cut_shards, shards_to};

/// The grid of frames, which every dataset has.
pub const FRAMES: usize = 0;

/// An array, as far as the layout of its files depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrayLayout {
    /// Its name.
    pub name: String,
    /// The type of a number.
    pub dtype: Dtype,
    /// The numbers in a row; 0 where a row is one number and the array has one dimension.
    pub columns: usize,
    /// The grid by which its rows are counted: [`FRAMES`], or another of the split's.
    pub grid: usize,
}

impl ArrayLayout {
    /// Takes what matters of an array.
    pub fn new(name: &str, array: &Array, grid: usize) -> ArrayLayout {
        let (dtype, columns) = (array.dtype, array.columns);
        ArrayLayout { name: name.to_owned(), dtype, columns, grid }
    }

    /// Returns how many bytes a row takes.
    pub fn row_bytes(&self) -> u64 {
        (self.dtype.size() * self.columns.max(1)) as u64
    }
}

/// The places of a split's utterances among its rows and shards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitLayout {
    /// Its name, which is its folder's.
    pub name: String,
    /// The shards, each with the utterances that share it.
    pub shards: Vec<Shard>,
    /// The rows before each utterance, and one more: all rows; for each grid.
    first_row: Vec<Vec<u64>>,
}

impl SplitLayout {
    /// Lays out a split.
    ///
    /// - `first_row`: for each grid, [`FRAMES`] first, the rows before each utterance, and one more
    /// - `bytes_a_row`: of the first grids, what a row takes in all arrays that share the cut
    ///
    /// # Panics
    /// If there is no grid of frames, or if grids have different numbers of utterances.
    pub fn new(
        name: &str,
        first_row: Vec<Vec<u64>>,
        bytes_a_row: &[u64],
        shard_bytes: u64,
    ) -> SplitLayout {
        let utterances = first_row[FRAMES].len();
        assert!(first_row.iter().all(|grid| grid.len() == utterances), "grids differ");
        let rows = |grid: &[u64], utterance| grid[utterance + 1] - grid[utterance];
        let sizes = (0..utterances.saturating_sub(1)).map(|utterance| {
            let grids = first_row.iter().zip(bytes_a_row);
            let bytes =
                grids.map(|(grid, bytes)| rows(grid, utterance).saturating_mul(*bytes)).sum();
            (rows(&first_row[FRAMES], utterance), bytes)
        });
        let shards = cut_shards(sizes, shard_bytes);
        SplitLayout { name: name.to_owned(), shards, first_row }
    }

    /// Lays out a split whose shards end behind these utterances; those that would be empty are none.
    ///
    /// - `first_row`: as of [`SplitLayout::new`]
    /// - `ends`: rising, the last of them behind all utterances
    ///
    /// # Panics
    /// If there is no grid of frames, or if grids have different numbers of utterances.
    pub fn cut_behind(name: &str, first_row: Vec<Vec<u64>>, ends: &[usize]) -> SplitLayout {
        let utterances = first_row[FRAMES].len();
        assert!(first_row.iter().all(|grid| grid.len() == utterances), "grids differ");
        let frames =
            |utterance: usize| first_row[FRAMES][utterance + 1] - first_row[FRAMES][utterance];
        let shards = shards_to(frames, ends);
        SplitLayout { name: name.to_owned(), shards, first_row }
    }

    /// Returns how many utterances there are.
    pub fn utterances(&self) -> usize {
        self.first_row[FRAMES].len() - 1
    }

    /// Returns which rows are those of some utterances, counted from the split's first.
    pub fn rows(&self, grid: usize, utterances: &Range<usize>) -> Range<u64> {
        let first_row = &self.first_row[grid];
        first_row[utterances.start]..first_row[utterances.end]
    }

    /// Returns how many frames an utterance has.
    pub fn num_frames(&self, utterance: usize) -> u64 {
        let rows = self.rows(FRAMES, &(utterance..utterance + 1));
        rows.end - rows.start
    }

    /// Returns the utterance that a row is of, counted from the split's first row.
    pub(crate) fn utterance_of(&self, grid: usize, row: u64) -> usize {
        self.first_row[grid].partition_point(|&first| first <= row) - 1
    }
}
