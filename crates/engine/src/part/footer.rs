//! The footer of a part's file: what it says of itself.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::chunks::CHUNK_BYTES;
use super::{PartArray, moments_bytes, num_grids};

/// The footer of a part's file: what it says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Footer {
    /// The key of the job that it belongs to.
    pub(crate) job: String,
    /// BLAKE3 of its utterances' ids, and of the sizes and times of their files when it was made.
    pub(crate) sources: String,
    /// For each grid, the rows of each good utterance.
    pub(crate) rows: Vec<Vec<u64>>,
    /// The number of utterances that failed.
    pub(crate) failures: u64,
    /// The number of samples that were used, by sample rate.
    pub(crate) samples: BTreeMap<u32, u64>,
    /// The utterances whose search for events ended at none of the ends that were asked for, if there are
    /// any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended_early: Option<EndedEarly>,
    /// The ends of the blocks, in bytes from the beginning of the file.
    pub(super) chunks_end: u64,
    pub(super) moments_end: u64,
    pub(super) utterances_end: u64,
    pub(super) failures_end: u64,
    pub(super) table_end: u64,
}

/// Utterances whose search for events ended at none of the ends that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EndedEarly {
    pub(crate) count: u64,
    /// The id of the first.
    pub(crate) first: String,
}

/// A block of a part's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    Moments,
    Utterances,
    Failures,
    Table,
}

impl Footer {
    /// Returns how many utterances are good.
    pub(crate) fn utterances(&self) -> usize {
        self.rows.first().map_or(0, Vec::len)
    }

    /// Returns where a block lies.
    pub(super) fn block(&self, block: Block) -> Range<u64> {
        match block {
            Block::Moments => self.chunks_end..self.moments_end,
            Block::Utterances => self.moments_end..self.utterances_end,
            Block::Failures => self.utterances_end..self.failures_end,
            Block::Table => self.failures_end..self.table_end,
        }
    }

    /// Returns whether the blocks are as long as a part of these arrays has them, and lie one behind
    /// the other.
    pub(super) fn fits(&self, arrays: &[PartArray]) -> bool {
        let utterances = self.utterances();
        let moments = moments_bytes(arrays).checked_mul(utterances as u64);
        let table = self.table_end.checked_sub(self.failures_end);
        self.rows.len() == num_grids(arrays)
            && self.rows.iter().all(|grid| grid.len() == utterances)
            && moments.is_some_and(|n| self.chunks_end.checked_add(n) == Some(self.moments_end))
            && self.moments_end <= self.utterances_end
            && self.utterances_end <= self.failures_end
            && table.is_some_and(|bytes| bytes.is_multiple_of(CHUNK_BYTES as u64))
    }
}
