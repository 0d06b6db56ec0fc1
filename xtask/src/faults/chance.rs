//! What a round leaves to chance: numbers that the same seed gives again.

use std::time::Duration;

/// Steele, Lea and Flood's SplitMix64 (*Fast splittable pseudorandom number generators*, 2014): any
/// seed will do, also one that differs from another by one.
#[derive(Debug)]
pub(crate) struct Chance {
    seed: u64,
    state: u64,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// One of 0..`bound`.
    ///
    /// # Panics
    /// If `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        // The bias of the remainder does not matter for bounds this small.
        (self.next() % bound as u64) as usize
    }

    /// Whose turn it is among so many kinds of rounds: seeds that follow each other go through all.
    pub(crate) fn turn(&self, kinds: u64) -> u64 {
        self.seed % kinds
    }

    pub(crate) fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    /// # Panics
    /// If there is nothing to take.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Anything up to `most`.
    pub(crate) fn time_up_to(&mut self, most: Duration) -> Duration {
        Duration::from_nanos(self.next() % (most.as_nanos() as u64 + 1))
    }

    /// Takes `count` of them, in their order.
    pub(crate) fn sample<T>(&mut self, mut from: Vec<T>, count: usize) -> Vec<T> {
        while from.len() > count {
            let at = self.below(from.len());
            from.remove(at);
        }
        from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        // The first outputs for seed 1234567, as the authors' C program prints them.
        let mut chance = Chance::new(1_234_567);
        assert_eq!(chance.next(), 6_457_827_717_110_365_317);
        assert_eq!(chance.next(), 3_203_168_211_198_807_973);
        assert_eq!(chance.next(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn a_sample_keeps_the_order() {
        let sample = Chance::new(1).sample((0..100).collect(), 10);
        assert_eq!(sample.len(), 10);
        assert!(sample.is_sorted());
        assert_eq!(Chance::new(1).sample(vec![1, 2], 10), [1, 2]);
    }
}
