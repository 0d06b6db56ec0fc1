//! Spikes as columns of frames: what a network that wants a matrix gets of a spikegram.

use super::gammatone::Dictionary;
use super::spikegram::Spike;
use crate::error::Error;
use crate::frames::FrameLayout;

/// Sums of spikes, a row a frame.
///
/// A spike counts where its kernel is loudest: at its sample plus [`Dictionary::peak`]. A row has a
/// column a channel, the sum of |amplitude| of that channel's spikes in the frame, and then a column a
/// slot, the sum over all channels in that stretch of the frame. Both as 10·log10(1 + x). With 32
/// channels, frames of 400 samples and 10 slots of 40 these are the 42 columns of `timit-spikegram`.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikeColumns {
    frames: FrameLayout,
    num_slots: usize,
    /// For each channel, how long after its sample a spike is loudest.
    peaks: Vec<usize>,
}

impl SpikeColumns {
    /// - `num_slots`: how many stretches of equal length a frame has; none with 0
    ///
    /// # Errors
    /// If a frame has no length or cannot be divided so.
    pub fn new(
        dictionary: &Dictionary,
        frames: FrameLayout,
        num_slots: usize,
    ) -> Result<SpikeColumns, Error> {
        if frames.shift == 0 {
            return Err(Error::FrameShift);
        }
        if frames.length == 0 || (num_slots > 0 && !frames.length.is_multiple_of(num_slots)) {
            return Err(Error::Slots { num_slots, length: frames.length });
        }
        let peaks = (0..dictionary.num_channels()).map(|channel| dictionary.peak(channel));
        Ok(SpikeColumns { frames, num_slots, peaks: peaks.collect() })
    }

    /// How many columns a row has.
    pub fn dim(&self) -> usize {
        self.peaks.len() + self.num_slots
    }

    /// Where the frames lie.
    pub fn frames(&self) -> FrameLayout {
        self.frames
    }

    /// Begins the rows of an utterance.
    ///
    /// - `start`: the sample that its frames are laid out from
    /// - `num_frames`: how many it has
    pub fn begin(&self, start: u64, num_frames: usize) -> SpikeSums<'_> {
        let first = start as i64 + self.frames.first_sample() as i64;
        SpikeSums { columns: self, first, num_frames, next: 0, sums: Vec::new() }
    }
}

/// The rows of an utterance, while its spikes come. What is held is the rows of the spikes that came since
/// [`rows_before`](SpikeSums::rows_before) was last asked, and not of the whole utterance.
#[derive(Debug)]
pub struct SpikeSums<'a> {
    columns: &'a SpikeColumns,
    /// The first sample of the first frame.
    first: i64,
    num_frames: usize,
    /// The first row that was not handed out.
    next: usize,
    /// The sums of the rows from there on, as far as there are spikes.
    sums: Vec<f64>,
}

impl SpikeSums<'_> {
    /// Takes in spikes; their order decides the order of sums.
    ///
    /// - `spikes`: none before the sample that [`rows_before`](SpikeSums::rows_before) was last asked for
    ///
    /// # Panics
    /// If a spike's channel is not in the dictionary.
    pub fn add(&mut self, spikes: &[Spike]) {
        let SpikeColumns { frames: FrameLayout { length, shift, .. }, num_slots, peaks } =
            self.columns;
        let (dim, length, shift) = (self.columns.dim(), *length as i64, *shift as i64);
        for spike in spikes {
            let channel = spike.channel as usize;
            let Ok(sample) = i64::try_from(spike.sample) else { continue };
            let place = sample.saturating_add(peaks[channel] as i64).saturating_sub(self.first);
            if place < 0 {
                continue;
            }
            // The frames that begin at or before the place, and do not end there.
            let last = (place / shift).min(self.num_frames as i64 - 1);
            let begin = ((place - length).div_euclid(shift) + 1).max(self.next as i64);
            for frame in begin..=last {
                let row = (frame as usize - self.next) * dim;
                if self.sums.len() < row + dim {
                    self.sums.resize(row + dim, 0.0);
                }
                let row = &mut self.sums[row..row + dim];
                let size = f64::from(spike.amplitude.abs());
                row[channel] += size;
                if *num_slots > 0 {
                    let slot = (place - frame * shift) / (length / *num_slots as i64);
                    row[peaks.len() + slot as usize] += size;
                }
            }
        }
    }

    /// Appends the rows of the frames that end at `sample` or before, which no later spike can change.
    pub fn rows_before(&mut self, sample: u64, rows: &mut Vec<f32>) {
        let FrameLayout { length, shift, .. } = self.columns.frames;
        let sample = i64::try_from(sample).unwrap_or(i64::MAX);
        let place = sample.saturating_sub(self.first).saturating_sub(length as i64);
        let ended = if place < 0 { 0 } else { (place / shift as i64) as usize + 1 };
        self.hand_out(ended, rows);
    }

    /// Appends all other rows: there are no more spikes.
    pub fn rest(mut self, rows: &mut Vec<f32>) {
        self.hand_out(self.num_frames, rows);
    }

    fn hand_out(&mut self, end: usize, rows: &mut Vec<f32>) {
        let end = end.min(self.num_frames);
        let count = end.saturating_sub(self.next) * self.columns.dim();
        let there = count.min(self.sums.len());
        rows.extend(self.sums.drain(..there).map(decibels));
        rows.resize(rows.len() + (count - there), 0.0);
        self.next = self.next.max(end);
    }
}

/// 10·log10(1 + x).
fn decibels(x: f64) -> f32 {
    (10.0 / std::f64::consts::LN_10 * libm::log1p(x)) as f32
}

#[cfg(test)]
mod tests {
    use super::super::gammatone::GammatoneConfig;
    use super::*;
    use crate::frames::{Edges, Pad};
    use proptest::prelude::*;

    fn dictionary() -> Dictionary {
        Dictionary::new(&GammatoneConfig { num_channels: 3, ..GammatoneConfig::new(8000) }).unwrap()
    }

    /// Frame by frame, and spike by spike: what the rows are by their definition.
    fn by_definition(
        columns: &SpikeColumns,
        spikes: &[Spike],
        start: i64,
        num_frames: usize,
    ) -> Vec<f32> {
        let FrameLayout { length, shift, .. } = columns.frames;
        let mut rows = Vec::new();
        for frame in 0..num_frames {
            let begin = start + columns.frames.first_sample() as i64 + (frame * shift) as i64;
            let mut row = vec![0.0_f64; columns.dim()];
            for spike in spikes {
                let at = spike.sample as i64 + columns.peaks[spike.channel as usize] as i64 - begin;
                if (0..length as i64).contains(&at) {
                    row[spike.channel as usize] += f64::from(spike.amplitude.abs());
                    if columns.num_slots > 0 {
                        let slot = at as usize * columns.num_slots / length;
                        row[3 + slot] += f64::from(spike.amplitude.abs());
                    }
                }
            }
            rows.extend(row.iter().map(|x| (10.0 * libm::log10(1.0 + x)) as f32));
        }
        rows
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_definition_however_spikes_come(
            spikes in prop::collection::vec((0_u32..3, 0_u64..3000, -9.0_f32..9.0), 0..200),
            block in 1_u64..1500, start in 0_u64..500, num_frames in 1_usize..40,
            shift in 1_usize..200, slots in prop::sample::select(&[0_usize, 1, 5]),
            centred: bool,
        ) {
            let edges = match centred {
                true => Edges::Center { pad: Pad::Zero, drop_last: false },
                false => Edges::Snip,
            };
            let frames = FrameLayout { length: 120, shift, edges };
            let columns = SpikeColumns::new(&dictionary(), frames, slots).unwrap();
            let mut spikes: Vec<Spike> = spikes
                .into_iter()
                .map(|(channel, sample, amplitude)| Spike { channel, sample, amplitude })
                .collect();
            // Block by block, and in no order within one.
            spikes.sort_by_key(|spike| spike.sample / block);
            let mut sums = columns.begin(start, num_frames);
            let mut rows = Vec::new();
            for number in 0..3000_u64.div_ceil(block) {
                let own: Vec<Spike> =
                    spikes.iter().copied().filter(|s| s.sample / block == number).collect();
                sums.add(&own);
                sums.rows_before((number + 1) * block, &mut rows);
                // Nothing is held but what the longest kernel reaches.
                let held = sums.sums.len() / columns.dim();
                prop_assert!(held <= (2 * 120 + dictionary().longest()) / shift + 2);
            }
            sums.rest(&mut rows);
            let expected = by_definition(&columns, &spikes, start as i64, num_frames);
            prop_assert_eq!(rows.len(), expected.len());
            for (row, expected) in rows.iter().zip(&expected) {
                prop_assert!((row - expected).abs() <= 1e-6 * expected.abs(), "{row} {expected}");
            }
        }
    }

    #[test]
    fn frames_that_slots_do_not_divide_are_refused() {
        let frames = FrameLayout { length: 400, shift: 160, edges: Edges::Snip };
        let error = SpikeColumns::new(&dictionary(), frames, 7).unwrap_err().to_string();
        assert_eq!(error, "a frame of 400 samples cannot be cut into 7 slots of equal length");
    }
}
