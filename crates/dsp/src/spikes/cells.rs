//! The correlations of every kernel at every onset, kept up lazily.

use super::gammatone::Dictionary;
use super::overlap::{Overlaps, row_width};
use super::peaks::Peaks;
use crate::lanes::{LANES, Lanes, Vector};

/// How many onsets of a channel lie in a cell: as many as registers hold besides what is subtracted.
pub(super) const CELL: usize = 64;

/// How many vectors those are.
pub(super) const VECTORS: usize = CELL / LANES;

/// How many cells of a channel share a log.
const CELLS_A_LOG: usize = 8;

/// The correlations of one channel at the onsets of a cell.
type Cell = [Lanes; VECTORS];

/// A spike, as it is remembered until all correlations near it are up to date.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) channel: u32,
    pub(super) onset: u32,
    pub(super) amplitude: f32,
}

/// The correlations of a residual with every kernel, and bounds of them.
///
/// All channels of a cell lie together. A spike changes some 30,000 correlations; here it is entered in
/// the logs of the stretches of time that it reaches, and each cell's *bound* rises by the most that the
/// spike can add. Only a cell whose bound is the largest of all is brought up to date, with all spikes
/// since the last time at once. Its correlations get the operations that they would have got, in the
/// same order, so that their bits do not depend on when that happens; and because rounding is monotone,
/// no correlation exceeds its bound.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    num_channels: usize,
    num_onsets: usize,
    num_cells: usize,
    /// By cell and channel.
    correlations: Vec<Cell>,
    /// By cell; lanes are channels.
    bounds: Vec<Lanes>,
    /// How much of its log each has seen, by cell and channel.
    seen: Vec<u32>,
    logs: Vec<Vec<Event>>,
    /// The largest bound of each cell.
    peaks: Peaks,
    /// Where the overlaps of spikes with a cell are, and their amplitudes.
    due: Vec<(u32, f32)>,
}

/// The largest correlation of all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Best {
    pub(super) channel: usize,
    pub(super) onset: usize,
    pub(super) correlation: f32,
}

impl Cells {
    /// Makes room for the correlations of a signal, which are whatever they were.
    pub(super) fn resize(&mut self, dictionary: &Dictionary, num_onsets: usize) {
        self.num_channels = dictionary.num_channels();
        self.num_onsets = num_onsets;
        self.num_cells = num_onsets.div_ceil(CELL);
        let cells = self.num_cells * self.num_channels;
        self.correlations.resize(cells, [Lanes::ZERO; VECTORS]);
        self.seen.resize(cells, 0);
        self.bounds.resize(self.num_cells * row_width(self.num_channels), Lanes::ZERO);
        let logs = self.num_cells.div_ceil(CELLS_A_LOG);
        // Those that are not needed keep their memory for longer signals.
        self.logs.resize_with(logs.max(self.logs.len()), Vec::new);
    }

    pub(super) fn num_cells(&self) -> usize {
        self.num_cells
    }

    /// The correlations of a channel at the onsets of a cell, to be written.
    #[inline(always)]
    pub(super) fn cell_mut(&mut self, cell: usize, channel: usize) -> &mut Cell {
        &mut self.correlations[cell * self.num_channels + channel]
    }

    /// Takes all correlations as they were written, and forgets the spikes.
    #[inline(always)]
    pub(super) fn begin<V: Vector>(&mut self) {
        self.seen.fill(0);
        self.logs.iter_mut().for_each(Vec::clear);
        self.peaks.reset(self.num_cells);
        self.bounds.fill(Lanes::ZERO);
        let width = row_width(self.num_channels);
        for cell in 0..self.num_cells {
            for channel in 0..self.num_channels {
                let numbers = &mut self.correlations[cell * self.num_channels + channel];
                cut(numbers, self.num_onsets - cell * CELL);
                let bound = largest::<V>(numbers);
                self.bounds[cell * width + channel / LANES].0[channel % LANES] = bound;
            }
            self.peaks.set(cell, self.row_peak::<V>(cell));
        }
        self.peaks.settle::<V>(0, self.num_cells - 1);
    }

    /// The largest correlation without regard to its sign, and of equal ones the first by onset and then
    /// by channel; none where there is nothing but zeros.
    #[inline(always)]
    pub(super) fn best<V: Vector>(&mut self, overlaps: &Overlaps) -> Option<Best> {
        loop {
            let (cell, bound) = self.peaks.largest::<V>();
            if bound == 0.0 {
                return None;
            }
            let mut best: Option<Best> = None;
            for channel in 0..self.num_channels {
                if self.bound(cell, channel) != bound {
                    continue;
                }
                if self.catch_up::<V>(overlaps, cell, channel) != bound {
                    continue;
                }
                let (place, correlation) = self.find(cell, channel, bound);
                let onset = cell * CELL + place;
                if best.is_none_or(|best| onset < best.onset) {
                    best = Some(Best { channel, onset, correlation });
                }
            }
            if best.is_some() {
                return best;
            }
            self.peaks.set(cell, self.row_peak::<V>(cell));
            self.peaks.settle::<V>(cell, cell);
        }
    }

    /// Subtracts a spike.
    #[inline(always)]
    pub(super) fn subtract<V: Vector>(&mut self, overlaps: &Overlaps, event: Event) {
        let reached = overlaps.reached(event.channel as usize, event.onset as usize);
        let width = row_width(self.num_channels);
        let first = reached.first_cell.max(0) as usize;
        let skipped = first.wrapping_add_signed(-reached.first_cell);
        let rows = reached.bounds.len() / width;
        let last = (first + rows - skipped).min(self.num_cells) - 1;
        for log in &mut self.logs[first / CELLS_A_LOG..=last / CELLS_A_LOG] {
            log.push(event);
        }
        let size = event.amplitude.abs();
        for cell in first..=last {
            let rises = &reached.bounds
                [(cell - reached.first_cell.max(0) as usize + skipped) * width..][..width];
            let row = &mut self.bounds[cell * width..][..width];
            let mut peak = V::splat(0.0);
            for (bound, rise) in row.iter_mut().zip(rises) {
                let risen = V::load(&bound.0) + V::load(&rise.0) * size;
                risen.store(&mut bound.0);
                peak = peak.max(risen);
            }
            let mut peak = peak.largest();
            // What would be the next largest anyway.
            if peak >= size {
                for channel in 0..self.num_channels {
                    if self.bound(cell, channel) >= size {
                        self.catch_up::<V>(overlaps, cell, channel);
                    }
                }
                peak = self.row_peak::<V>(cell);
            }
            self.peaks.set(cell, peak);
        }
        self.peaks.settle::<V>(first, last);
    }

    /// Brings the correlations of a channel in a cell up to date. Returns their maximum, which becomes
    /// the bound.
    #[inline(always)]
    fn catch_up<V: Vector>(&mut self, overlaps: &Overlaps, cell: usize, channel: usize) -> f32 {
        let at = cell * self.num_channels + channel;
        let log = &self.logs[cell / CELLS_A_LOG];
        let new = &log[self.seen[at] as usize..];
        let numbers = &mut self.correlations[at];
        let bound = if new.is_empty() {
            largest::<V>(numbers)
        } else {
            self.seen[at] = log.len() as u32;
            let mut vectors = [V::splat(0.0); VECTORS];
            for (vector, number) in vectors.iter_mut().zip(&*numbers) {
                *vector = V::load(&number.0);
            }
            // Which of them reach the cell cannot be predicted, so they are first gathered without a branch.
            let pairs = overlaps.with(channel);
            let start = (cell * CELL) as i32;
            self.due.resize(new.len().max(self.due.len()), (0, 0.0));
            let mut count = 0;
            for event in new {
                let (reaches, place) =
                    pairs[event.channel as usize].place(start - event.onset as i32);
                self.due[count] = (place, event.amplitude);
                count += usize::from(reaches);
            }
            for &(place, amplitude) in &self.due[..count] {
                let Some(values) = overlaps.at(place) else { break };
                let (values, _) = values.as_chunks::<LANES>();
                for (vector, value) in vectors.iter_mut().zip(values) {
                    *vector = *vector - V::load(value) * amplitude;
                }
            }
            for (vector, number) in vectors.iter().zip(&mut *numbers) {
                vector.store(&mut number.0);
            }
            cut(numbers, self.num_onsets - cell * CELL);
            largest::<V>(numbers)
        };
        let width = row_width(self.num_channels);
        self.bounds[cell * width + channel / LANES].0[channel % LANES] = bound;
        bound
    }

    #[inline(always)]
    fn bound(&self, cell: usize, channel: usize) -> f32 {
        self.bounds[cell * row_width(self.num_channels) + channel / LANES].0[channel % LANES]
    }

    /// The largest bound of a cell.
    #[inline(always)]
    fn row_peak<V: Vector>(&self, cell: usize) -> f32 {
        let width = row_width(self.num_channels);
        let row = &self.bounds[cell * width..][..width];
        row.iter().fold(V::splat(0.0), |peak, bound| peak.max(V::load(&bound.0))).largest()
    }

    /// The first place in a cell where the correlation is so large, and the correlation.
    #[inline(always)]
    fn find(&self, cell: usize, channel: usize, size: f32) -> (usize, f32) {
        let numbers = self.correlations[cell * self.num_channels + channel].iter();
        let mut numbers = numbers.flat_map(|lanes| lanes.0).enumerate();
        numbers.find(|(_, x)| x.abs() == size).unwrap_or((0, 0.0))
    }
}

/// Leaves nothing of what is past the last onset.
#[inline(always)]
fn cut(numbers: &mut Cell, num_onsets: usize) {
    for place in num_onsets..CELL {
        numbers[place / LANES].0[place % LANES] = 0.0;
    }
}

/// The largest without regard to signs.
#[inline(always)]
fn largest<V: Vector>(numbers: &Cell) -> f32 {
    numbers.iter().fold(V::splat(0.0), |peak, x| peak.max(V::load(&x.0).abs())).largest()
}

#[cfg(test)]
mod tests {
    use super::super::gammatone::GammatoneConfig;
    use super::*;

    fn dictionary() -> Dictionary {
        let config = GammatoneConfig {
            num_channels: 11,
            low_freq_hz: 150.0,
            length_s: 0.03,
            ..GammatoneConfig::new(8000)
        };
        Dictionary::new(&config).unwrap()
    }

    /// Deterministic numbers in 0..2^31 that look random.
    fn random() -> impl FnMut() -> u32 {
        let mut state = 7_u64;
        move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u32
        }
    }

    /// Cells with these correlations, by onset and channel.
    fn cells(dictionary: &Dictionary, correlations: &[Vec<f32>]) -> Cells {
        let mut cells = Cells::default();
        cells.resize(dictionary, correlations.len());
        for number in &mut cells.correlations {
            // Whatever is behind the last onset must not be found.
            *number = [Lanes::splat(99.0); VECTORS];
        }
        for (onset, row) in correlations.iter().enumerate() {
            for (channel, &x) in row.iter().enumerate() {
                let place = onset % CELL;
                cells.cell_mut(onset / CELL, channel)[place / LANES].0[place % LANES] = x;
            }
        }
        cells.begin::<Lanes>();
        cells
    }

    /// Changes every correlation at once.
    fn subtract_plainly(correlations: &mut [Vec<f32>], overlaps: &Overlaps, event: Event) {
        for (onset, row) in correlations.iter_mut().enumerate() {
            for (channel, x) in row.iter_mut().enumerate() {
                let d = (onset / CELL * CELL) as i32 - event.onset as i32;
                let (reaches, place) = overlaps.with(channel)[event.channel as usize].place(d);
                if reaches {
                    *x -= overlaps.at(place).unwrap()[onset % CELL] * event.amplitude;
                }
            }
        }
    }

    /// The first by onset and then by channel.
    fn best_plainly(correlations: &[Vec<f32>]) -> Best {
        let mut best = Best { channel: 0, onset: 0, correlation: 0.0 };
        for (onset, row) in correlations.iter().enumerate() {
            for (channel, &correlation) in row.iter().enumerate() {
                if correlation.abs() > best.correlation.abs() {
                    best = Best { channel, onset, correlation };
                }
            }
        }
        best
    }

    #[test]
    fn what_waits_gets_the_bits_of_what_does_not() {
        let dictionary = dictionary();
        let overlaps = Overlaps::new(&dictionary);
        let mut random = random();
        for num_onsets in [1, 63, 64, 65, 1000, 1603] {
            let mut number = || random() as f32 / 1e9 - 1.0;
            let mut correlations: Vec<Vec<f32>> =
                (0..num_onsets).map(|_| (0..11).map(|_| number()).collect()).collect();
            let mut cells = cells(&dictionary, &correlations);
            for step in 0..300 {
                let truth = best_plainly(&correlations);
                let Some(best) = cells.best::<Lanes>(&overlaps) else {
                    assert_eq!(truth.correlation, 0.0, "step {step} of {num_onsets} onsets");
                    break;
                };
                assert_eq!(best, truth, "step {step} of {num_onsets} onsets");
                let event = Event {
                    channel: best.channel as u32,
                    onset: best.onset as u32,
                    amplitude: best.correlation,
                };
                cells.subtract::<Lanes>(&overlaps, event);
                subtract_plainly(&mut correlations, &overlaps, event);
            }
        }
    }

    #[test]
    fn of_equal_correlations_the_first_by_onset_and_then_by_channel_is_taken() {
        let dictionary = dictionary();
        let overlaps = Overlaps::new(&dictionary);
        let mut correlations = vec![vec![0.0; 11]; 700];
        for (onset, channel) in [(650, 0), (130, 9), (131, 2), (130, 4)] {
            correlations[onset][channel] = if channel == 4 { -1.0 } else { 1.0 };
            let mut cells = cells(&dictionary, &correlations);
            let best = cells.best::<Lanes>(&overlaps);
            assert_eq!(best, Some(best_plainly(&correlations)));
        }
        assert_eq!(best_plainly(&correlations), Best { channel: 4, onset: 130, correlation: -1.0 });
    }

    #[test]
    fn where_there_is_nothing_there_is_no_best() {
        let dictionary = dictionary();
        let overlaps = Overlaps::new(&dictionary);
        let mut cells = cells(&dictionary, &vec![vec![0.0; 11]; 70]);
        assert_eq!(cells.best::<Lanes>(&overlaps), None);
    }
}
