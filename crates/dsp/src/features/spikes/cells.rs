//! The correlations of every kernel at every onset, and bounds of them.

use super::atom::Atom;
use super::best::Best;
use super::cell::{CELL, Cell};
use super::channels::{Channels, TOGETHER, row_width};
use super::overlap::{Changes, Overlaps, Row};
use super::peaks::Peaks;
use super::residual::{Kernels, Residual};
use crate::kernels::lanes::Vector;

/// The most correlations of a cell that are computed one by one before all are: of 8, 16 and 32 the
/// fastest on speech.
const MAX_CANDIDATES: u32 = 16;

/// The number of rows that memory is asked ahead for: it takes some ten times as long to answer as
/// a row takes to be subtracted. The overlaps of a row are near those of the one before, and need not be asked for.
const ROWS_AHEAD: usize = 12;

/// The correlations of a residual with every kernel, and bounds of them.
///
/// All channels of a cell lie together. A spike changes some 30,000 correlations. Those that overlap
/// strongly with it are changed at once. The others may be off by the largest *weak* overlap times the
/// amplitude, which is added up for each cell as what is *pending*; its *bound* is the largest of its
/// correlations and what is pending. Where the bound is the largest of all, the few correlations that
/// may be the largest are computed from the residual itself, and so is every one that is chosen. It depends
/// on nothing else then.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    num_channels: usize,
    num_onsets: usize,
    num_cells: usize,
    /// The correlations, by cell and channel.
    correlations: Vec<Cell>,
    /// The bounds, by cell.
    bounds: Vec<Channels>,
    /// The most that correlations may be off, by cell.
    pending: Vec<Channels>,
    /// The largest bound of each cell.
    peaks: Peaks,
}

impl Cells {
    /// Makes room for the correlations of a signal, which are whatever they were.
    pub(super) fn resize(&mut self, num_channels: usize, num_onsets: usize) {
        self.num_channels = num_channels;
        self.num_onsets = num_onsets;
        self.num_cells = num_onsets.div_ceil(CELL);
        self.correlations.resize(self.num_cells * self.num_channels, Cell::ZERO);
        self.bounds.resize(self.num_cells * row_width(self.num_channels), Channels::ZERO);
        self.pending.resize(self.bounds.len(), Channels::ZERO);
    }

    pub(super) fn num_cells(&self) -> usize {
        self.num_cells
    }

    /// Gives access to the correlations of a channel at the onsets of a cell, to be written.
    #[inline(always)]
    pub(super) fn cell_mut(&mut self, cell: usize, channel: usize) -> &mut Cell {
        &mut self.correlations[cell * self.num_channels + channel]
    }

    /// Takes all correlations as they were written.
    #[inline(always)]
    pub(super) fn measure_all<V: Vector<N>, const N: usize>(&mut self) {
        self.peaks.reset(self.num_cells);
        self.bounds.fill(Channels::ZERO);
        self.pending.fill(Channels::ZERO);
        for cell in 0..self.num_cells {
            for channel in 0..self.num_channels {
                self.measure::<V, N>(cell, channel);
            }
            self.peaks.set(cell, self.row_peak::<V, N>(cell));
        }
        self.peaks.settle::<V::Eight>(0, self.num_cells - 1);
    }

    /// Finds the largest correlation without regard to its sign, and of equal ones the first by
    /// onset and then by channel; none where there is nothing but zeros.
    #[inline(always)]
    pub(super) fn best<V: Vector<N>, const N: usize>(
        &mut self,
        kernels: &Kernels,
        residual: &Residual,
    ) -> Option<Best> {
        loop {
            let (cell, bound) = self.peaks.largest::<V::Eight>();
            if bound == 0.0 {
                return None;
            }
            let best = self.largest_with_bound::<V, N>(kernels, residual, cell, bound)?;
            if best.size() == bound {
                return Some(best);
            }
            self.peaks.set(cell, self.row_peak::<V, N>(cell));
            self.peaks.settle::<V::Eight>(cell, cell);
            // Lowered to what was found, the bound may still be the largest. Another channel with the
            // same bound could have an equal correlation at an earlier onset.
            if self.peaks.largest::<V::Eight>() == (cell, best.size())
                && self.is_alone(cell, best.size())
            {
                return Some(best);
            }
        }
    }

    /// Finds the largest correlation of the channels that have this bound in a cell, which is exact
    /// for them afterwards.
    #[inline(always)]
    fn largest_with_bound<V: Vector<N>, const N: usize>(
        &mut self,
        kernels: &Kernels,
        residual: &Residual,
        cell: usize,
        bound: f32,
    ) -> Option<Best> {
        let mut best: Option<Best> = None;
        for group in 0..row_width(self.num_channels) {
            let (row, _) = self.lane(cell, group * TOGETHER);
            let mut meant = 0;
            for (at, bounds) in self.bounds[row].vectors().iter().enumerate() {
                // None is larger.
                meant |= V::load(bounds).at_least(bound) << (at * N);
            }
            while meant != 0 {
                let lane = meant.trailing_zeros() as usize;
                meant &= meant - 1;
                let channel = group * TOGETHER + lane;
                let found = self.exact_largest::<V, N>(kernels, residual, cell, channel);
                self.bounds[row].0[lane] = found.size();
                if best.is_none_or(|best| found.is_before(best)) {
                    best = Some(found);
                }
            }
        }
        best
    }

    /// Finds the largest correlation of a channel in a cell, computed from the residual, and of
    /// equal ones the first.
    #[inline(always)]
    fn exact_largest<V: Vector<N>, const N: usize>(
        &mut self,
        kernels: &Kernels,
        residual: &Residual,
        cell: usize,
        channel: usize,
    ) -> Best {
        let at = cell * self.num_channels + channel;
        let (row, lane) = self.lane(cell, channel);
        let pending = self.pending[row].0[lane];
        let of_cell = &mut self.correlations[at];
        let mut best = Best { channel, onset: cell * CELL, correlation: 0.0 };
        let top = of_cell.places::<V, N>(of_cell.largest::<V, N>()).trailing_zeros() as usize;
        let top = cell * CELL + top;
        best.challenge::<V, N>(kernels, residual, top, self.num_onsets);
        // To be larger, the others would have to be off by more than what is pending.
        let mut places = of_cell.places::<V, N>(best.size() - pending);
        if places.count_ones() > MAX_CANDIDATES && pending > 0.0 {
            residual.correlations::<V, N>(kernels, channel, cell, of_cell);
            if cell + 1 == self.num_cells {
                of_cell.clear_from(self.num_onsets - cell * CELL);
            }
            self.pending[row].0[lane] = 0.0;
            places = of_cell.places::<V, N>(of_cell.largest::<V, N>());
        }
        while places != 0 {
            let onset = cell * CELL + places.trailing_zeros() as usize;
            if onset != top {
                best.challenge::<V, N>(kernels, residual, onset, self.num_onsets);
            }
            places &= places - 1;
        }
        best
    }

    /// Subtracts a spike.
    #[inline(always)]
    pub(super) fn subtract<V: Vector<N>, const N: usize>(
        &mut self,
        overlaps: &Overlaps,
        atom: Atom,
    ) {
        let changes = overlaps.changes(atom);
        self.subtract_strong::<V, N>(overlaps, changes, atom);
        self.add_pending::<V, N>(changes, atom);
    }

    /// Subtracts what a spike overlaps strongly with.
    #[inline(always)]
    fn subtract_strong<V: Vector<N>, const N: usize>(
        &mut self,
        overlaps: &Overlaps,
        changes: &Changes,
        atom: Atom,
    ) {
        let (own, place) = (atom.onset as usize / CELL, atom.onset % CELL as u32);
        let rows = changes.strong(own, self.num_cells);
        let first = own * self.num_channels;
        let first_bound = own * row_width(self.num_channels) * TOGETHER;
        let to_last = (self.num_cells - 1 - own) as isize;
        let Cells { correlations, bounds, pending, .. } = self;
        let prefetch = |correlations: &[Cell], row: Row| {
            if let Some(of_cell) = correlations.get(row.correlations(first)) {
                V::prefetch(&of_cell.0);
            }
        };
        rows.iter().take(ROWS_AHEAD).for_each(|&row| prefetch(correlations, row));
        for (at, &row) in rows.iter().enumerate() {
            if let Some(&row) = rows.get(at + ROWS_AHEAD) {
                prefetch(correlations, row);
            }
            let of_cell = correlations.get_mut(row.correlations(first));
            let Some((of_cell, values)) = of_cell.zip(overlaps.values(row, place)) else {
                continue;
            };
            let mut largest = of_cell.subtract::<V, N>(values, atom.amplitude);
            if row.is_of(to_last) {
                of_cell.clear_from(self.num_onsets - (self.num_cells - 1) * CELL);
                largest = of_cell.largest::<V, N>();
            }
            let bound = row.bound(first_bound);
            let (group, lane) = (bound / TOGETHER, bound % TOGETHER);
            if let Some((bounds, pending)) = bounds.get_mut(group).zip(pending.get(group)) {
                bounds.0[lane] = largest + pending.0[lane];
            }
        }
    }

    /// Adds to bounds the most that a spike may change where it overlaps weakly.
    #[inline(always)]
    fn add_pending<V: Vector<N>, const N: usize>(&mut self, changes: &Changes, atom: Atom) {
        let own = atom.onset as usize / CELL;
        let size = atom.amplitude.abs();
        let width = row_width(self.num_channels);
        let mut last = own;
        for (cell, weak) in changes.weak(own, self.num_cells, width) {
            let bounds = &mut self.bounds[cell * width..][..width];
            let pending = &mut self.pending[cell * width..][..width];
            let mut peak = V::splat(0.0);
            for ((bounds, pending), weak) in bounds.iter_mut().zip(pending).zip(weak) {
                let (bounds, pending) = (bounds.vectors_mut(), pending.vectors_mut());
                for ((bound, pending), weak) in bounds.iter_mut().zip(pending).zip(weak.vectors()) {
                    let rise = V::load(weak) * size;
                    (V::load(pending) + rise).store(pending);
                    let risen = V::load(bound) + rise;
                    risen.store(bound);
                    peak = peak.max(risen);
                }
            }
            self.peaks.set(cell, peak.largest());
            last = cell;
        }
        self.peaks.settle::<V::Eight>(changes.first(own), last);
    }

    /// Brings the bound of a channel in a cell in order after its correlations were written.
    #[inline(always)]
    fn measure<V: Vector<N>, const N: usize>(&mut self, cell: usize, channel: usize) {
        let numbers = &mut self.correlations[cell * self.num_channels + channel];
        if cell + 1 == self.num_cells {
            numbers.clear_from(self.num_onsets - cell * CELL);
        }
        let largest = numbers.largest::<V, N>();
        let (row, lane) = self.lane(cell, channel);
        self.bounds[row].0[lane] = largest + self.pending[row].0[lane];
    }

    /// Returns the place of a channel of a cell among bounds: which of them, and where in it.
    #[inline(always)]
    fn lane(&self, cell: usize, channel: usize) -> (usize, usize) {
        (cell * row_width(self.num_channels) + channel / TOGETHER, channel % TOGETHER)
    }

    /// Returns the bounds of a cell.
    #[inline(always)]
    fn row(&self, cell: usize) -> &[Channels] {
        let width = row_width(self.num_channels);
        &self.bounds[cell * width..][..width]
    }

    /// Returns the largest bound of a cell.
    #[inline(always)]
    fn row_peak<V: Vector<N>, const N: usize>(&self, cell: usize) -> f32 {
        let mut peak = V::splat(0.0);
        for bounds in self.row(cell).iter().flat_map(Channels::vectors) {
            peak = peak.max(V::load(bounds));
        }
        peak.largest()
    }

    /// Returns whether only one channel of a cell has this bound.
    #[inline(always)]
    fn is_alone(&self, cell: usize, bound: f32) -> bool {
        self.row(cell).iter().flat_map(|bounds| bounds.0).filter(|&x| x == bound).count() == 1
    }
}

#[cfg(test)]
mod tests {
    use ossicle_testing::Random;

    use super::super::gammatone::{Dictionary, GammatoneConfig};
    use super::*;
    use crate::kernels::lanes::LANES;
    use crate::kernels::simd::Baseline;

    fn dictionary() -> Dictionary {
        let config = GammatoneConfig {
            num_channels: 11,
            low_freq_hz: 150.0,
            length_s: 0.03,
            ..GammatoneConfig::new(16_000)
        };
        Dictionary::new(&config).unwrap()
    }

    /// Numbers from -1 to 1.
    fn random() -> impl FnMut() -> f64 {
        let mut random = Random::with_seed(1);
        move || 2.0 * random.f64() - 1.0
    }

    /// Computes the correlation of a signal with a kernel that begins there.
    fn correlation(signal: &[f64], kernel: &[f32]) -> f64 {
        signal.iter().zip(kernel).map(|(&x, &y)| x * f64::from(y)).sum()
    }

    /// Makes the cells and the residual of a signal.
    fn begin(kernels: &[&[f32]], num_onsets: usize, signal: &[f64]) -> (Cells, Residual) {
        let mut cells = Cells::default();
        cells.resize(kernels.len(), num_onsets);
        for number in &mut cells.correlations {
            // Whatever is behind the last onset must not be found.
            *number = Cell([99.0; CELL]);
        }
        for (channel, kernel) in kernels.iter().enumerate() {
            for onset in 0..num_onsets {
                let place = onset % CELL;
                cells.cell_mut(onset / CELL, channel).0[place] =
                    correlation(&signal[onset..], kernel) as f32;
            }
        }
        cells.measure_all::<Baseline, LANES>();
        let mut residual = Residual::default();
        residual.load(signal);
        (cells, residual)
    }

    /// Computes the size of the largest correlation.
    fn best_plainly(dictionary: &Dictionary, num_onsets: usize, signal: &[f64]) -> f64 {
        let mut best = 0.0;
        for onset in 0..num_onsets {
            for channel in 0..dictionary.num_channels() {
                let correlation = correlation(&signal[onset..], dictionary.kernel(channel));
                best = f64::max(best, correlation.abs());
            }
        }
        best
    }

    #[test]
    fn what_is_chosen_is_the_largest_and_has_seen_every_spike() {
        let dictionary = dictionary();
        let overlaps = Overlaps::new(&dictionary);
        let padded = Kernels::new(dictionary.kernels());
        let mut random = random();
        for num_onsets in [1, 63, 64, 65, 1000, 1603] {
            let mut signal: Vec<f64> = (0..num_onsets).map(|_| random()).collect();
            signal.resize(num_onsets + dictionary.longest(), 0.0);
            let (mut cells, mut residual) =
                begin(&dictionary.kernels().collect::<Vec<_>>(), num_onsets, &signal);
            let rounding = 3e-6 * best_plainly(&dictionary, num_onsets, &signal);
            for step in 0..300 {
                let truth = best_plainly(&dictionary, num_onsets, &signal);
                let at = format!("step {step} of {num_onsets} onsets");
                let Some(best) = cells.best::<Baseline, LANES>(&padded, &residual) else {
                    assert!(truth <= rounding, "{at}");
                    break;
                };
                let kernel = dictionary.kernel(best.channel);
                let plain = correlation(&signal[best.onset..], kernel);
                assert!(
                    (f64::from(best.correlation) - plain).abs() <= rounding,
                    "{at}: {best:?} {plain}"
                );
                assert!(plain.abs() >= truth - rounding, "{at}: {plain} {truth}");
                let atom = best.atom();
                residual.subtract::<Baseline, LANES>(&padded, atom);
                cells.subtract::<Baseline, LANES>(&overlaps, atom);
                for (x, &y) in signal[best.onset..].iter_mut().zip(kernel) {
                    *x -= f64::from(best.correlation) * f64::from(y);
                }
            }
        }
    }

    /// Bounds hold at every step for every correlation, also where nothing is looked for.
    #[test]
    fn no_correlation_is_above_its_bound() {
        let dictionary = dictionary();
        let overlaps = Overlaps::new(&dictionary);
        let padded = Kernels::new(dictionary.kernels());
        let mut random = random();
        let num_onsets = 900;
        let mut signal: Vec<f64> = (0..num_onsets).map(|_| random()).collect();
        signal.resize(num_onsets + dictionary.longest(), 0.0);
        let (mut cells, mut residual) =
            begin(&dictionary.kernels().collect::<Vec<_>>(), num_onsets, &signal);
        for step in 0..40 {
            // Anything may be subtracted, not the largest only.
            let atom = Atom {
                channel: (random().abs() * 10.9) as u32,
                onset: (random().abs() * 899.9) as u32,
                amplitude: random() as f32,
            };
            residual.subtract::<Baseline, LANES>(&padded, atom);
            cells.subtract::<Baseline, LANES>(&overlaps, atom);
            let kernel = dictionary.kernel(atom.channel as usize);
            for (x, &y) in signal[atom.onset as usize..].iter_mut().zip(kernel) {
                *x -= f64::from(atom.amplitude) * f64::from(y);
            }
            for cell in 0..cells.num_cells() {
                let mut largest = 0.0_f32;
                for channel in 0..11 {
                    let (row, lane) = cells.lane(cell, channel);
                    let bound = cells.bounds[row].0[lane];
                    largest = largest.max(bound);
                    for onset in cell * CELL..num_onsets.min((cell + 1) * CELL) {
                        let truth = correlation(&signal[onset..], dictionary.kernel(channel)).abs();
                        assert!(
                            truth <= f64::from(bound) + 1e-5,
                            "step {step}, {channel} at {onset}"
                        );
                    }
                }
                assert_eq!(cells.row_peak::<Baseline, LANES>(cell), largest);
            }
        }
    }

    #[test]
    fn of_equal_correlations_the_first_by_onset_and_then_by_channel_is_taken() {
        // All channels are equal, and the sound is there once, twice in one cell, and in two cells.
        let kernels = [&[1.0, -0.5][..]; 11];
        let mut signal = vec![0.0; 1200];
        for (onset, first) in [(141, 141), (130, 130), (650, 130)] {
            signal[onset] = 1.0;
            signal[onset + 1] = -0.5;
            let (mut cells, residual) = begin(&kernels, 700, &signal);
            let kernels = Kernels::new(kernels.into_iter());
            let expected = Some(Best { channel: 0, onset: first, correlation: 1.25 });
            assert_eq!(cells.best::<Baseline, LANES>(&kernels, &residual), expected);
            // A channel that is looked at before the others, because its bound is larger.
            let (row, lane) = cells.lane(first / CELL, 9);
            cells.pending[row].0[lane] = 0.25;
            cells.bounds[row].0[lane] += 0.25;
            cells.peaks.set(first / CELL, 1.5);
            cells.peaks.settle::<Baseline>(first / CELL, first / CELL);
            assert_eq!(cells.best::<Baseline, LANES>(&kernels, &residual), expected);
        }
    }

    #[test]
    fn an_earlier_onset_goes_before_a_lower_channel() {
        let mut kernels = [&[1.0, -0.5][..]; 11];
        // It hears the same one sample before.
        kernels[3] = &[0.0, 1.0, -0.5];
        let mut signal = vec![0.0; 300];
        signal[140] = 1.0;
        signal[141] = -0.5;
        let (mut cells, residual) = begin(&kernels, 200, &signal);
        let best = cells.best::<Baseline, LANES>(&Kernels::new(kernels.into_iter()), &residual);
        assert_eq!(best, Some(Best { channel: 3, onset: 139, correlation: 1.25 }));
    }

    #[test]
    fn where_there_is_nothing_there_is_no_best() {
        let dictionary = dictionary();
        let (mut cells, residual) =
            begin(&dictionary.kernels().collect::<Vec<_>>(), 70, &[0.0; 2000]);
        assert_eq!(
            cells.best::<Baseline, LANES>(&Kernels::new(dictionary.kernels()), &residual),
            None
        );
    }
}
