//! The correlations of every kernel at every onset, kept up lazily.

use std::ops::Range;

use super::gammatone::Dictionary;
use super::logs::{Logs, Strength};
use super::overlap::{Overlaps, row_width};
use super::peaks::Peaks;
use crate::lanes::{LANES, Lanes, Vector};

/// How many onsets of a channel lie in a cell: as many as registers hold besides what is subtracted.
pub(super) const CELL: usize = 64;

/// How many vectors those are.
const VECTORS: usize = CELL / LANES;

/// The correlations of one channel at the onsets of a cell: four lines of a cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Cell([[f32; LANES]; VECTORS]);

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
/// spike can add. Only a cell whose bound is the largest of all is brought up to date, first with the
/// spikes that are *strong* there, of which there are few. What the *weak* ones may add is known, and is
/// mostly too little to matter; only if the bound is still the largest of all are they subtracted too, and
/// then the bound is the maximum itself. Every correlation that is chosen has seen all spikes.
///
/// Bounds are exact but for rounding: the weak are subtracted after the strong, whenever that is, and sums
/// in another order differ in the seventh digit.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    num_channels: usize,
    num_onsets: usize,
    num_cells: usize,
    /// By cell and channel.
    correlations: Vec<Cell>,
    /// By cell; lanes are channels.
    bounds: Vec<Lanes>,
    /// By cell; lanes are channels: the most that the weak spikes can add that it has not seen.
    pending: Vec<Lanes>,
    /// How much of its logs each has seen, by cell and channel.
    seen: Vec<Seen>,
    logs: Logs,
    /// The largest bound of each cell.
    peaks: Peaks,
    /// Where the overlaps of spikes with a cell are, and their amplitudes.
    due: Vec<(u32, f32)>,
    ripe: Vec<Ripe>,
}

/// How much of its logs the correlations of a channel in a cell have seen.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    strong: u32,
    weak: u32,
}

/// The correlations of a channel in a cell, on their way to be up to date.
#[derive(Debug, Clone, Copy)]
struct Ripe {
    cell: usize,
    channel: usize,
    /// Where what is due to them ends.
    end: usize,
}

/// The largest correlation of all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Best {
    pub(super) channel: usize,
    pub(super) onset: usize,
    pub(super) correlation: f32,
}

impl Cell {
    const ZERO: Cell = Cell([[0.0; LANES]; VECTORS]);

    /// Leaves nothing of what is past the last onset.
    #[inline(always)]
    fn cut(&mut self, num_onsets: usize) {
        self.0.as_flattened_mut().iter_mut().skip(num_onsets).for_each(|x| *x = 0.0);
    }

    /// The largest without regard to signs.
    #[inline(always)]
    fn largest<V: Vector>(&self) -> f32 {
        self.0.iter().fold(V::splat(0.0), |peak, x| peak.max(V::load(x).abs())).largest()
    }
}

impl Cells {
    /// Makes room for the correlations of a signal, which are whatever they were.
    pub(super) fn resize(&mut self, dictionary: &Dictionary, num_onsets: usize) {
        self.num_channels = dictionary.num_channels();
        self.num_onsets = num_onsets;
        self.num_cells = num_onsets.div_ceil(CELL);
        let cells = self.num_cells * self.num_channels;
        self.correlations.resize(cells, Cell::ZERO);
        self.seen.resize(cells, Seen::default());
        self.bounds.resize(self.num_cells * row_width(self.num_channels), Lanes::ZERO);
        self.pending.resize(self.bounds.len(), Lanes::ZERO);
        self.logs.resize(self.num_channels, self.num_cells);
    }

    pub(super) fn num_cells(&self) -> usize {
        self.num_cells
    }

    /// The correlations of a channel at the onsets of a cell, to be written.
    #[inline(always)]
    pub(super) fn cell_mut(&mut self, cell: usize, channel: usize) -> &mut [[f32; LANES]; VECTORS] {
        &mut self.correlations[cell * self.num_channels + channel].0
    }

    /// Takes all correlations as they were written, and forgets the spikes.
    #[inline(always)]
    pub(super) fn begin<V: Vector>(&mut self) {
        self.seen.fill(Seen::default());
        self.logs.clear();
        self.peaks.reset(self.num_cells);
        self.bounds.fill(Lanes::ZERO);
        self.pending.fill(Lanes::ZERO);
        for cell in 0..self.num_cells {
            for channel in 0..self.num_channels {
                let numbers = &mut self.correlations[cell * self.num_channels + channel];
                numbers.cut(self.num_onsets - cell * CELL);
                let largest = numbers.largest::<V>();
                *self.bound_mut(cell, channel) = largest;
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
            let mut up_to_date = true;
            for channel in 0..self.num_channels {
                if self.bound(cell, channel) != bound {
                    continue;
                }
                match self.waiting(cell, channel) {
                    Some(strength) => {
                        self.catch_up::<V>(overlaps, cell, channel, strength);
                        up_to_date = false;
                    }
                    None => {
                        let (place, correlation) = self.find(cell, channel, bound);
                        let onset = cell * CELL + place;
                        if best.is_none_or(|best| onset < best.onset) {
                            best = Some(Best { channel, onset, correlation });
                        }
                    }
                }
            }
            if up_to_date {
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
        self.logs.push(overlaps, event, first, last);
        let size = event.amplitude.abs();
        let mut ripe = std::mem::take(&mut self.ripe);
        for cell in first..=last {
            let rises = &reached.bounds[(cell - first + skipped) * width..][..width];
            let bounds = &mut self.bounds[cell * width..][..width];
            let pending = &mut self.pending[cell * width..][..width];
            let mut peak = V::splat(0.0);
            for ((bound, pending), rise) in bounds.iter_mut().zip(pending).zip(rises) {
                let rise = V::load(&rise.0) * size;
                let risen = V::load(&bound.0) + rise.abs();
                risen.store(&mut bound.0);
                peak = peak.max(risen);
                // Weak spikes have negative ones.
                let waits = V::load(&pending.0) - rise.min(V::splat(0.0));
                waits.store(&mut pending.0);
            }
            let peak = peak.largest();
            self.peaks.set(cell, peak);
            if peak < size {
                continue;
            }
            // What would be the next largest anyway.
            let numbers = &self.correlations[cell * self.num_channels..][..self.num_channels];
            let bounds = bounds.iter().flat_map(|lanes| &lanes.0);
            for (channel, (numbers, &bound)) in numbers.iter().zip(bounds).enumerate() {
                if bound >= size {
                    V::prefetch(numbers.0.as_flattened());
                    ripe.push(Ripe { cell, channel, end: 0 });
                }
            }
        }
        // One step for all of them before the next, so that memory has time to answer.
        self.due.clear();
        for Ripe { cell, channel, end } in &mut ripe {
            *end = self.gather::<V>(overlaps, *cell, *channel, Strength::Strong);
        }
        let mut begin = 0;
        for &Ripe { cell, channel, end } in &ripe {
            self.apply::<V>(overlaps, cell, channel, begin..end);
            begin = end;
        }
        for of_cell in ripe.chunk_by(|a, b| a.cell == b.cell) {
            let cell = of_cell[0].cell;
            self.peaks.set(cell, self.row_peak::<V>(cell));
        }
        ripe.clear();
        self.ripe = ripe;
        self.peaks.settle::<V>(first, last);
    }

    /// Which spikes the correlations of a channel in a cell should see next; none if they are up to date.
    #[inline(always)]
    fn waiting(&self, cell: usize, channel: usize) -> Option<Strength> {
        let seen = self.seen[cell * self.num_channels + channel].strong as usize;
        if seen < self.logs.of(Strength::Strong, cell, channel).len() {
            return Some(Strength::Strong);
        }
        let (row, lane) = self.lane(cell, channel);
        (self.pending[row].0[lane] > 0.0).then_some(Strength::Weak)
    }

    /// Subtracts the spikes of a strength that the correlations of a channel in a cell have not seen.
    #[inline(always)]
    fn catch_up<V: Vector>(
        &mut self,
        overlaps: &Overlaps,
        cell: usize,
        channel: usize,
        strength: Strength,
    ) {
        let numbers = &self.correlations[cell * self.num_channels + channel];
        V::prefetch(numbers.0.as_flattened());
        self.due.clear();
        let end = self.gather::<V>(overlaps, cell, channel, strength);
        self.apply::<V>(overlaps, cell, channel, 0..end);
    }

    /// Appends what is due to the correlations of a channel in a cell, which count as having seen it, and
    /// says where it ends.
    #[inline(always)]
    fn gather<V: Vector>(
        &mut self,
        overlaps: &Overlaps,
        cell: usize,
        channel: usize,
        strength: Strength,
    ) -> usize {
        let log = self.logs.of(strength, cell, channel);
        let seen = &mut self.seen[cell * self.num_channels + channel];
        let seen = match strength {
            Strength::Strong => &mut seen.strong,
            Strength::Weak => &mut seen.weak,
        };
        let new = &log[*seen as usize..];
        *seen = log.len() as u32;
        let strong = strength == Strength::Strong;
        if !strong {
            let (row, lane) = self.lane(cell, channel);
            self.pending[row].0[lane] = 0.0;
        }
        // Which of them reach the cell cannot be predicted, so they are gathered without a branch.
        let pairs = overlaps.with(channel);
        let start = (cell * CELL) as i32;
        let begin = self.due.len();
        self.due.resize(begin + new.len(), (0, 0.0));
        let due = &mut self.due[begin..];
        let mut count = 0;
        for event in new {
            let pair = &pairs[event.channel as usize];
            let onset = event.onset as i32;
            let (reaches, place) = pair.place(start - onset);
            due[count] = (place, event.amplitude);
            count += usize::from(reaches & (pair.is_strong(start, onset) == strong));
        }
        for &(place, _) in &due[..count] {
            overlaps.at(place).into_iter().for_each(|values| V::prefetch(values));
        }
        self.due.truncate(begin + count);
        self.due.len()
    }

    /// Subtracts what is due from the correlations of a channel in a cell. The bound becomes their maximum,
    /// and what weak spikes may add.
    #[inline(always)]
    fn apply<V: Vector>(
        &mut self,
        overlaps: &Overlaps,
        cell: usize,
        channel: usize,
        due: Range<usize>,
    ) {
        let numbers = &mut self.correlations[cell * self.num_channels + channel];
        if !due.is_empty() {
            let mut vectors = [V::splat(0.0); VECTORS];
            for (vector, number) in vectors.iter_mut().zip(&numbers.0) {
                *vector = V::load(number);
            }
            for &(place, amplitude) in &self.due[due] {
                let Some(values) = overlaps.at(place) else { break };
                let (values, _) = values.as_chunks::<LANES>();
                for (vector, value) in vectors.iter_mut().zip(values) {
                    *vector = *vector - V::load(value) * amplitude;
                }
            }
            for (vector, number) in vectors.iter().zip(&mut numbers.0) {
                vector.store(number);
            }
            numbers.cut(self.num_onsets - cell * CELL);
        }
        let largest = numbers.largest::<V>();
        let (row, lane) = self.lane(cell, channel);
        *self.bound_mut(cell, channel) = largest + self.pending[row].0[lane];
    }

    /// Where a channel of a cell is among bounds.
    #[inline(always)]
    fn lane(&self, cell: usize, channel: usize) -> (usize, usize) {
        (cell * row_width(self.num_channels) + channel / LANES, channel % LANES)
    }

    #[inline(always)]
    fn bound(&self, cell: usize, channel: usize) -> f32 {
        let (row, lane) = self.lane(cell, channel);
        self.bounds[row].0[lane]
    }

    #[inline(always)]
    fn bound_mut(&mut self, cell: usize, channel: usize) -> &mut f32 {
        let (row, lane) = self.lane(cell, channel);
        &mut self.bounds[row].0[lane]
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
        let numbers = &self.correlations[cell * self.num_channels + channel].0;
        let mut numbers = numbers.as_flattened().iter().copied().enumerate();
        numbers.find(|(_, x)| x.abs() == size).unwrap_or((0, 0.0))
    }
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
            *number = Cell([[99.0; LANES]; VECTORS]);
        }
        for (onset, row) in correlations.iter().enumerate() {
            for (channel, &x) in row.iter().enumerate() {
                let place = onset % CELL;
                cells.cell_mut(onset / CELL, channel)[place / LANES][place % LANES] = x;
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
    fn what_is_chosen_is_the_largest_and_has_seen_every_spike() {
        let dictionary = dictionary();
        let overlaps = Overlaps::new(&dictionary);
        let mut random = random();
        for num_onsets in [1, 63, 64, 65, 1000, 1603] {
            let mut number = || random() as f32 / 1e9 - 1.0;
            let mut correlations: Vec<Vec<f32>> =
                (0..num_onsets).map(|_| (0..11).map(|_| number()).collect()).collect();
            let mut cells = cells(&dictionary, &correlations);
            let rounding = 3e-6 * best_plainly(&correlations).correlation.abs();
            for step in 0..300 {
                let truth = best_plainly(&correlations);
                let Some(best) = cells.best::<Lanes>(&overlaps) else {
                    assert!(truth.correlation.abs() <= rounding, "step {step} of {num_onsets}");
                    break;
                };
                // The order of sums is another than here.
                let at = format!("step {step} of {num_onsets} onsets");
                let plain = correlations[best.onset][best.channel];
                assert!((best.correlation - plain).abs() <= rounding, "{at}: {best:?} {plain}");
                assert!(plain.abs() >= truth.correlation.abs() - rounding, "{at}: {truth:?}");
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
