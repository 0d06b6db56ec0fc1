//! The correlations of one channel at a few onsets after one another.

use crate::kernels::lanes::Vector;

/// The number of onsets of a channel in a cell: as many as registers hold besides what is
/// subtracted.
pub(super) const CELL: usize = 64;

/// The correlations of one channel at the onsets of a cell: four lines of a cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Cell(pub(super) [f32; CELL]);

impl Cell {
    pub(super) const ZERO: Cell = Cell([0.0; CELL]);

    /// Leaves nothing of what is past the last onset.
    #[inline(always)]
    pub(super) fn clear_from(&mut self, num_onsets: usize) {
        self.0.iter_mut().skip(num_onsets).for_each(|x| *x = 0.0);
    }

    /// Returns the largest without regard to signs.
    #[inline(always)]
    pub(super) fn largest<V: Vector<N>, const N: usize>(&self) -> f32 {
        let (vectors, _) = self.0.as_chunks();
        vectors.iter().fold(V::splat(0.0), |peak, x| peak.max(V::load(x).abs())).largest()
    }

    /// Returns a bit for each place, the lowest for the first: whether it has at least this size.
    #[inline(always)]
    pub(super) fn places<V: Vector<N>, const N: usize>(&self, least: f32) -> u64 {
        let (vectors, _) = self.0.as_chunks();
        let mut places = 0;
        for (at, x) in vectors.iter().enumerate() {
            places |= u64::from(V::load(x).abs().at_least(least)) << (at * N);
        }
        places
    }

    /// Subtracts overlaps times an amplitude, and returns the largest of what is left.
    #[inline(always)]
    pub(super) fn subtract<V: Vector<N>, const N: usize>(
        &mut self,
        overlaps: &[f32; CELL],
        amplitude: f32,
    ) -> f32 {
        let ((numbers, _), (overlaps, _)) = (self.0.as_chunks_mut(), overlaps.as_chunks());
        let mut peak = V::splat(0.0);
        for (number, overlap) in numbers.iter_mut().zip(overlaps) {
            let left = V::load(number) - V::load(overlap) * amplitude;
            left.store(number);
            peak = peak.max(left.abs());
        }
        peak.largest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::lanes::LANES;
    use crate::kernels::simd::Baseline;

    #[test]
    fn places_are_those_of_at_least_a_size() {
        let mut cell = Cell::ZERO;
        for (place, x) in [(0, 1.0), (7, -2.0), (8, 0.5), (63, -1.0)] {
            cell.0[place] = x;
        }
        assert_eq!(cell.largest::<Baseline, LANES>(), 2.0);
        assert_eq!(cell.places::<Baseline, LANES>(1.0), 1 | 1 << 7 | 1 << 63);
        assert_eq!(cell.places::<Baseline, LANES>(2.5), 0);
        assert_eq!(cell.places::<Baseline, LANES>(-1.0), u64::MAX);
    }

    #[test]
    fn what_is_left_is_measured_as_it_is_subtracted() {
        let mut cell = Cell([1.0; CELL]);
        let mut overlaps = [0.0; CELL];
        overlaps[9] = -1.5;
        overlaps[40] = 0.5;
        assert_eq!(cell.subtract::<Baseline, LANES>(&overlaps, 2.0), 4.0);
        assert_eq!(cell.0[9], 4.0);
        assert_eq!(cell.0[40], 0.0);
        assert_eq!(cell.0[41], 1.0);
    }
}
