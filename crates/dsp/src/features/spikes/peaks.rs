//! A tree of maxima over time.

use crate::kernels::lanes::{LANES, Lanes, Vector};

/// The largest of many numbers, none of them negative, while some change: a tree of which every node is
/// the maximum of eight.
#[derive(Debug, Clone, Default)]
pub(super) struct Peaks {
    /// The numbers, then their maxima, and so on up to one node.
    levels: Vec<Vec<Lanes>>,
}

impl Peaks {
    /// Forgets all, and has so many numbers, which are 0.
    pub(super) fn reset(&mut self, count: usize) {
        let mut left = count.max(1);
        let mut depth = 0;
        loop {
            left = left.div_ceil(LANES);
            if self.levels.len() == depth {
                self.levels.push(Vec::new());
            }
            self.levels[depth].clear();
            self.levels[depth].resize(left, Lanes::ZERO);
            depth += 1;
            if left == 1 {
                break;
            }
        }
        self.levels.truncate(depth);
    }

    /// Changes a number; [`settle`](Peaks::settle) comes after that.
    #[inline(always)]
    pub(super) fn set(&mut self, at: usize, number: f32) {
        self.levels[0][at / LANES].0[at % LANES] = number;
    }

    /// Brings the tree in order after numbers from `first` to `last` were changed.
    #[inline(always)]
    pub(super) fn settle<V: Vector>(&mut self, first: usize, last: usize) {
        let (mut first, mut last) = (first / LANES, last / LANES);
        for depth in 1..self.levels.len() {
            let (below, above) = self.levels.split_at_mut(depth);
            for node in first..=last {
                let largest = V::load(&below[depth - 1][node].0).largest();
                above[0][node / LANES].0[node % LANES] = largest;
            }
            (first, last) = (first / LANES, last / LANES);
        }
    }

    /// Returns the first place of the largest number, and the number.
    #[inline(always)]
    pub(super) fn largest<V: Vector>(&self) -> (usize, f32) {
        let mut node = 0;
        let mut largest = 0.0;
        for (depth, level) in self.levels.iter().enumerate().rev() {
            let lanes = &level[node].0;
            if depth == self.levels.len() - 1 {
                largest = V::load(lanes).largest();
            }
            node = node * LANES + lanes.iter().position(|&x| x == largest).unwrap_or(0);
        }
        (node, largest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::Baseline;

    #[test]
    fn the_first_of_the_largest_is_found_in_trees_of_any_size() {
        for count in [1, 7, 8, 9, 64, 65, 1000] {
            let mut peaks = Peaks::default();
            peaks.reset(3);
            peaks.reset(count);
            let mut plain = vec![0.0_f32; count];
            for step in 0..200 {
                let (first, last) =
                    (step * 7919 % count, (step * 7919 % count + step % 20).min(count - 1));
                for (at, number) in plain.iter_mut().enumerate().take(last + 1).skip(first) {
                    *number = (at * 31 + step * 17) as f32 % 13.0;
                    peaks.set(at, *number);
                }
                peaks.settle::<Baseline>(first, last);
                let largest = plain.iter().fold(0.0_f32, |a, &b| a.max(b));
                let place = plain.iter().position(|&x| x == largest).unwrap();
                assert_eq!(peaks.largest::<Baseline>(), (place, largest), "step {step} of {count}");
            }
        }
    }
}
