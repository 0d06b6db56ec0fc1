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
    /// The good utterances whose recordings have each sample rate, in Hz.
    pub(crate) rates: BTreeMap<u32, OfRate>,
    /// The utterances whose search for events ended at none of the ends that were asked for, if there are
    /// any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended_early: Option<Noted>,
    /// Those whose recordings have several channels, of which the first is taken as nobody said which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_of_several: Option<Noted>,
    /// Those whose channel is silent, beside one that is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) silent_channel: Option<Noted>,
    /// Those whose floating-point samples have another full scale than 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) loud_floats: Option<Noted>,
    /// Those whose alignment is in no Unicode encoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) latin1: Option<Noted>,
    /// Those whose samples go beyond the 16 bits that they are kept in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) clipped_samples: Option<Noted>,
    /// The ends of the blocks, in bytes from the beginning of the file.
    pub(super) chunks_end: u64,
    pub(super) moments_end: u64,
    pub(super) utterances_end: u64,
    pub(super) failures_end: u64,
    pub(super) table_end: u64,
}

/// The good utterances whose recordings have one sample rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OfRate {
    pub(crate) count: u64,
    /// The id of the first.
    pub(crate) first: String,
    /// The number of their samples that were used.
    pub(crate) samples: u64,
}

/// What people should know of an utterance that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    /// The search for events ended at none of the ends that were asked for.
    EndedEarly,
    /// Its recording has several channels, of which the first is taken as nobody said which.
    FirstOfSeveral,
    /// Its channel is silent, beside one that is not.
    SilentChannel,
    /// Its floating-point samples have another full scale than 1.
    LoudFloats,
    /// Its alignment is in no Unicode encoding, and was read as Latin-1.
    Latin1,
    /// Its samples go beyond the 16 bits that they are kept in.
    ClippedSamples,
}

/// Utterances of which people should know the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Noted {
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
    /// Returns the utterances of which people should know this, if there are any.
    pub(crate) fn noted(&self, note: Note) -> Option<&Noted> {
        match note {
            Note::EndedEarly => self.ended_early.as_ref(),
            Note::FirstOfSeveral => self.first_of_several.as_ref(),
            Note::SilentChannel => self.silent_channel.as_ref(),
            Note::LoudFloats => self.loud_floats.as_ref(),
            Note::Latin1 => self.latin1.as_ref(),
            Note::ClippedSamples => self.clipped_samples.as_ref(),
        }
    }

    /// Notes it of the utterance of this id.
    pub(super) fn note(&mut self, note: Note, id: &str) {
        let noted = match note {
            Note::EndedEarly => &mut self.ended_early,
            Note::FirstOfSeveral => &mut self.first_of_several,
            Note::SilentChannel => &mut self.silent_channel,
            Note::LoudFloats => &mut self.loud_floats,
            Note::Latin1 => &mut self.latin1,
            Note::ClippedSamples => &mut self.clipped_samples,
        };
        noted.get_or_insert_with(|| Noted { count: 0, first: id.to_owned() }).count += 1;
    }

    /// Counts a good utterance by the rate of its recording.
    pub(super) fn count_rate(&mut self, sample_rate_hz: u32, id: &str, samples: u64) {
        let new = || OfRate { count: 0, first: id.to_owned(), samples: 0 };
        let of_rate = self.rates.entry(sample_rate_hz).or_insert_with(new);
        of_rate.count += 1;
        of_rate.samples += samples;
    }

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
