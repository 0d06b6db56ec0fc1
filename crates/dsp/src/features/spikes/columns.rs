//! Spikes as columns of frames: what a network that wants a matrix gets of a spikegram.

use super::gammatone::Dictionary;
use super::spikegram::Spike;
use crate::error::Error;
use crate::frames::FrameLayout;
use crate::samples::is_sample;
use crate::sink::{Event, Sink};
use crate::stream::{EventStream, Next};

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
    /// The number of samples after its first at which a spike is loudest, for each channel.
    peaks: Vec<usize>,
}

impl SpikeColumns {
    /// Checks the layout, and notes the peak of each channel's kernel.
    ///
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

    /// Returns the number of columns of a row.
    pub fn dim(&self) -> usize {
        self.peaks.len() + self.num_slots
    }

    /// Returns the layout of the frames.
    pub fn frames(&self) -> FrameLayout {
        self.frames
    }

    /// Begins the rows of an utterance.
    ///
    /// - `origin`: the sample that its frames are laid out from
    pub fn begin(&self, origin: u64) -> SpikeSums<'_> {
        let first = i64::try_from(origin)
            .unwrap_or(i64::MAX)
            .saturating_add(self.frames.first_sample() as i64);
        SpikeSums { columns: self, origin, first, next: 0, sums: Vec::new() }
    }
}

/// The rows of an utterance, while its spikes come. What is held is the rows that the last spikes reach, and
/// not those of the whole utterance.
#[derive(Debug)]
pub struct SpikeSums<'a> {
    columns: &'a SpikeColumns,
    origin: u64,
    /// The first sample of the first frame.
    first: i64,
    /// The first row that was not handed out.
    next: usize,
    /// The sums of the rows from there on, as far as there are spikes.
    sums: Vec<f64>,
}

impl SpikeSums<'_> {
    /// Takes in spikes of the dictionary; their order decides the order of sums.
    ///
    /// - `spikes`: none before the sample of which there were [`rows_before`](SpikeSums::rows_before) last
    pub(super) fn add(&mut self, spikes: &[Spike]) {
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
            let last = place / shift;
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

    /// Appends the rows of the frames that end at `sample` or before, which no later spike can change, as
    /// far as a recording that ends there has them.
    ///
    /// - `sample`: where the recording ends, or later
    pub(super) fn rows_before(&mut self, sample: u64, out: &mut Sink) {
        let FrameLayout { length, shift, .. } = self.columns.frames;
        let place = i64::try_from(sample).unwrap_or(i64::MAX);
        let place = place.saturating_sub(self.first).saturating_sub(length as i64);
        let ended = if place < 0 { 0 } else { (place / shift as i64) as usize + 1 };
        self.hand_out(ended.min(self.num_frames(sample)), out);
    }

    /// Appends all other rows: there are no more spikes.
    pub(super) fn rest(&mut self, num_samples: u64, out: &mut Sink) {
        self.hand_out(self.num_frames(num_samples), out);
    }

    /// Returns the number of frames where the recording has so many samples.
    fn num_frames(&self, num_samples: u64) -> usize {
        // Half of what can be counted: the sum with a shift is a number then, too.
        const MOST: u64 = usize::MAX as u64 / 2;
        self.columns.frames.num_frames(num_samples.saturating_sub(self.origin).min(MOST) as usize)
    }

    fn hand_out(&mut self, end: usize, out: &mut Sink) {
        let count = end.saturating_sub(self.next) * self.columns.dim();
        let there = count.min(self.sums.len());
        let (sums, silent) = out.append_rows(count).split_at_mut(there);
        for (row, sum) in sums.iter_mut().zip(self.sums.drain(..there)) {
            *row = decibels(sum);
        }
        silent.fill(0.0);
        self.next = self.next.max(end);
    }
}

impl EventStream for SpikeSums<'_> {
    fn push(&mut self, events: &[Event], before: u64, out: &mut Sink) -> Result<(), Error> {
        let num_channels = self.columns.peaks.len();
        for &Event { channel, amplitude, .. } in events {
            if channel as usize >= num_channels {
                return Err(Error::EventChannel { channel, num_channels });
            }
            if !is_sample(amplitude) {
                return Err(Error::EventAmplitude { amplitude });
            }
        }
        out.events_mut().extend_from_slice(events);
        self.add(events);
        self.rows_before(before, out);
        Ok(())
    }

    fn finish(&mut self, num_samples: u64, out: &mut Sink) -> Result<Next, Error> {
        self.rest(num_samples, out);
        Ok(Next::Done)
    }
}

/// Returns 10·log10(1 + x).
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

    /// Computes the rows by their definition: frame by frame, and spike by spike.
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
            block in 1_u64..1500, origin in 0_u64..500, num_samples in 0_u64..3000,
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
            let mut sums = columns.begin(origin);
            let mut out = Sink::default();
            for number in 0..3000_u64.div_ceil(block) {
                let own: Vec<Spike> =
                    spikes.iter().copied().filter(|s| s.sample / block == number).collect();
                sums.push(&own, ((number + 1) * block).min(num_samples), &mut out).unwrap();
                // Nothing is held but what the longest kernel reaches.
                if (number + 1) * block <= num_samples {
                    let held = sums.sums.len() / columns.dim();
                    prop_assert!(held <= (2 * 120 + dictionary().longest()) / shift + 2);
                }
            }
            let next = sums.finish(num_samples, &mut out).unwrap();
            prop_assert_eq!(next, Next::Done);
            let num_frames = frames.num_frames(num_samples.saturating_sub(origin) as usize);
            let expected = by_definition(&columns, &spikes, origin as i64, num_frames);
            prop_assert_eq!(out.rows().len(), expected.len());
            prop_assert_eq!(out.events(), &spikes[..]);
            for (row, expected) in out.rows().iter().zip(&expected) {
                prop_assert!((row - expected).abs() <= 1e-6 * expected.abs(), "{row} {expected}");
            }
        }
    }

    #[test]
    fn events_that_are_none_of_the_dictionarys_are_refused() {
        let frames = FrameLayout { length: 120, shift: 40, edges: Edges::Snip };
        let columns = SpikeColumns::new(&dictionary(), frames, 0).unwrap();
        let push = |channel, amplitude| {
            let events = [Event { channel, sample: 0, amplitude }];
            columns.begin(0).push(&events, 10, &mut Sink::default()).map_err(|e| e.to_string())
        };
        assert_eq!(push(2, -1e10), Ok(()));
        let error = push(3, 1.0).unwrap_err();
        assert_eq!(error, "an event is of channel 3; there are 3, counted from 0");
        for amplitude in [f32::NAN, f32::INFINITY, 2e10] {
            assert!(push(0, amplitude).unwrap_err().contains("amplitude is"), "{amplitude}");
        }
    }

    #[test]
    fn frames_that_slots_do_not_divide_are_refused() {
        let frames = FrameLayout { length: 400, shift: 160, edges: Edges::Snip };
        let error = SpikeColumns::new(&dictionary(), frames, 7).unwrap_err().to_string();
        assert_eq!(error, "a frame of 400 samples cannot be cut into 7 slots of equal length");
    }
}
