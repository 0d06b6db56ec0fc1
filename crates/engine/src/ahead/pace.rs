//! When reading ahead is worth its while.

use std::time::Duration;

/// Whether recordings are waited for. Where they come out of the memory of the system, a thread that reads them for
/// another only costs.
#[derive(Debug)]
pub(super) struct Pace {
    is_slow: bool,
    count: u32,
    opening: Duration,
    took: Duration,
}

/// So many utterances tell something, and after so many what they told counts half.
const FEW: u32 = 16;
const MANY: u32 = 128;

/// What comes out of memory is there in less than this.
const QUICK: Duration = Duration::from_micros(300);

impl Pace {
    /// - `is_slow`: known to be
    pub(super) fn new(is_slow: bool) -> Pace {
        Pace { is_slow, count: 0, opening: Duration::ZERO, took: Duration::ZERO }
    }

    pub(super) fn is_slow(&self) -> bool {
        self.is_slow
    }

    /// Hears how long a recording was waited for, of the time that its utterance took. Returns whether it shows by that
    /// that reading ahead is worth its while, which it does once.
    pub(super) fn hear(&mut self, opening: Duration, took: Duration) -> bool {
        if self.is_slow {
            return false;
        }
        self.count += 1;
        self.opening += opening;
        self.took += took;
        self.is_slow = self.count >= FEW
            && self.opening / self.count >= QUICK
            && self.opening * 4 >= self.took;
        if self.count >= MANY {
            (self.count, self.opening, self.took) =
                (self.count / 2, self.opening / 2, self.took / 2);
        }
        self.is_slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn us(us: u64) -> Duration {
        Duration::from_micros(us)
    }

    /// After how many utterances it shows.
    fn heard(pace: &mut Pace, opening: Duration, took: Duration) -> Option<usize> {
        (1..=1000).find(|_| pace.hear(opening, took))
    }

    #[test]
    fn recordings_are_slow_that_take_long_and_a_good_deal_of_the_time() {
        assert_eq!(heard(&mut Pace::new(false), us(5000), us(10_000)), Some(16));
        assert_eq!(heard(&mut Pace::new(false), us(100), us(150)), None, "quick, if all there is");
        assert_eq!(heard(&mut Pace::new(false), us(5000), us(50_000)), None, "little beside it");
        assert_eq!(heard(&mut Pace::new(true), us(5000), us(10_000)), None, "it was known");
    }

    #[test]
    fn what_becomes_slow_shows_before_long_whatever_came_before() {
        let mut pace = Pace::new(false);
        assert_eq!(heard(&mut pace, us(20), us(1000)), None);
        let after = heard(&mut pace, us(5000), us(6000)).unwrap();
        assert!(after < 128, "{after}");
        assert!(pace.is_slow());
    }
}
