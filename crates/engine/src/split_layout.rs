//! Where a split's utterances lie, in its parts and in its shards.

use std::ops::Range;

use ossicle_dataset::{Dtype, HashingFile, NpyHeader, Shard, cut_shards};

use crate::error::Error;
use crate::part_file::{PartFile, SPIKE_BYTES};
use crate::plan::Plan;

/// Where a split's utterances lie, in its parts and in its shards.
pub(crate) struct SplitLayout {
    /// Its parts, among all.
    pub(crate) parts: Range<usize>,
    pub(crate) shards: Vec<Shard>,
    /// The frames of each good utterance.
    pub(crate) num_frames: Vec<u64>,
    /// The frames before each of them, in the split; one more at the end.
    pub(crate) first_frame: Vec<u64>,
    /// For each good utterance its part among the split's.
    pub(crate) part: Vec<u32>,
    /// The first frame of each part, in the split.
    pub(crate) part_first_frame: Vec<u64>,
    /// The spikes before each good utterance, in the split; one more at the end. None where spikes are not
    /// kept.
    pub(crate) first_spike: Vec<u64>,
    /// The first spike of each part, likewise.
    part_first_spike: Vec<u64>,
}

impl SplitLayout {
    pub(crate) fn new(plan: &Plan, parts: &[PartFile], split: usize) -> SplitLayout {
        let begin = plan.parts.partition_point(|part| part.split < split);
        let end = plan.parts.partition_point(|part| part.split <= split);
        let mut layout = SplitLayout {
            parts: begin..end,
            shards: Vec::new(),
            num_frames: Vec::new(),
            first_frame: vec![0],
            part: Vec::new(),
            part_first_frame: Vec::new(),
            first_spike: Vec::new(),
            part_first_spike: Vec::new(),
        };
        let mut total = 0;
        let mut spikes = 0;
        layout.first_spike.extend(plan.job.keeps_spikes().then_some(0));
        for (at, part) in (0..).zip(&parts[begin..end]) {
            layout.part_first_frame.push(total);
            for &frames in &part.footer.num_frames {
                total += frames;
                layout.num_frames.push(frames);
                layout.first_frame.push(total);
                layout.part.push(at);
            }
            layout.part_first_spike.push(spikes);
            for &count in &part.footer.num_spikes {
                spikes += count;
                layout.first_spike.push(spikes);
            }
        }
        // All arrays share the cut, so the widest decides.
        let widest = (4 * plan.row_dim()) as u64;
        layout.shards = cut_shards(&layout.num_frames, widest, plan.job.recipe.output.shard_bytes);
        layout
    }

    pub(crate) fn parts<'a>(&self, parts: &'a [PartFile]) -> &'a [PartFile] {
        &parts[self.parts.clone()]
    }

    /// Where an utterance begins in its part's file.
    pub(crate) fn row_offset(&self, utterance: usize, frame_bytes: u64) -> u64 {
        let part = self.part[utterance] as usize;
        let spikes = match self.first_spike.get(utterance) {
            Some(first) => first - self.part_first_spike[part],
            None => 0,
        };
        (self.first_frame[utterance] - self.part_first_frame[part]) * frame_bytes
            + spikes * SPIKE_BYTES
    }

    /// How many spikes the utterances of a shard have.
    pub(crate) fn spikes_of(&self, shard: &Shard) -> u64 {
        let Range { start, end } = shard.utterances;
        self.first_spike[end] - self.first_spike[start]
    }

    /// Where each utterance's spikes begin in their shard, and how many there are.
    pub(crate) fn spike_places(&self) -> impl Iterator<Item = (u64, u64)> {
        self.shards.iter().flat_map(move |shard| {
            let begin = self.first_spike[shard.utterances.start];
            shard.utterances.clone().map(move |utterance| {
                let first = self.first_spike[utterance];
                (first - begin, self.first_spike[utterance + 1] - first)
            })
        })
    }

    pub(crate) fn write_index(&self, file: &mut HashingFile) -> Result<(), Error> {
        let shape = vec![self.num_frames.len() as u64, 3];
        file.append(&NpyHeader { dtype: Dtype::Int64, shape }.to_bytes())?;
        for (number, shard) in self.shards.iter().enumerate() {
            let begin = self.first_frame[shard.utterances.start];
            for utterance in shard.utterances.clone() {
                let first = self.first_frame[utterance] - begin;
                let row = [number as u64, first, self.num_frames[utterance]];
                file.append(bytemuck::cast_slice(&row))?;
            }
        }
        Ok(())
    }
}
