//! The draws of a round: numbers that the same seed gives again.

use std::time::Duration;

use ossicle_testing::Random;

/// Draws of one round.
#[derive(Debug)]
pub(crate) struct Chance {
    seed: u64,
    random: Random,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, random: Random::with_seed(seed) }
    }

    /// One of 0..`bound`.
    ///
    /// # Panics
    /// If `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.random.usize(..bound)
    }

    /// Picks one of so many kinds of rounds: seeds that follow each other go through all.
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
        Duration::from_nanos(self.random.u64(..=most.as_nanos() as u64))
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
    fn a_seed_gives_its_draws_again_and_the_next_seed_gives_others() {
        let draws = |seed| {
            let mut chance = Chance::new(seed);
            [(); 20].map(|()| chance.below(1000))
        };
        assert_eq!(draws(17), draws(17));
        assert_ne!(draws(17), draws(18));
        assert!(draws(17).iter().all(|&draw| draw < 1000));
    }

    #[test]
    fn a_sample_keeps_the_order() {
        let sample = Chance::new(1).sample((0..100).collect(), 10);
        assert_eq!(sample.len(), 10);
        assert!(sample.is_sorted());
        assert_eq!(Chance::new(1).sample(vec![1, 2], 10), [1, 2]);
    }
}
