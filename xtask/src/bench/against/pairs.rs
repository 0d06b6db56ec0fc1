//! Two programs that take turns, and the ratios of what they took.

use std::fmt;

use anyhow::Result;

use crate::bench::measure::Figures;

/// One of two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// This working tree.
    Here,
    /// The commit that it is compared with.
    There,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Here => "here",
            Self::There => "there",
        })
    }
}

/// One of each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair<T> {
    pub(crate) here: T,
    pub(crate) there: T,
}

impl<T> Pair<T> {
    pub(crate) fn of(&self, side: Side) -> &T {
        match side {
            Side::Here => &self.here,
            Side::There => &self.there,
        }
    }

    pub(crate) fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Here => &mut self.here,
            Side::There => &mut self.there,
        }
    }
}

/// A turn of each side. Who goes first changes from pair to pair, so that being first is nobody's
/// advantage.
pub(crate) fn both<T>(pair: usize, mut turn: impl FnMut(Side) -> Result<T>) -> Result<Pair<T>> {
    if pair.is_multiple_of(2) {
        let there = turn(Side::There)?;
        Ok(Pair { here: turn(Side::Here)?, there })
    } else {
        let here = turn(Side::Here)?;
        Ok(Pair { here, there: turn(Side::There)? })
    }
}

/// A thing that was measured on both sides.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    pub(crate) here: Figures,
    pub(crate) there: Figures,
    /// Here to there, pair by pair: above 1 is slower.
    pub(crate) ratios: Figures,
}

impl Compared {
    /// # Panics
    /// If there are no pairs.
    pub(crate) fn new<T>(
        name: String,
        unit: &'static str,
        pairs: &[Pair<T>],
        time: impl Fn(&T) -> f64,
    ) -> Self {
        Self {
            name,
            unit,
            here: Figures::new(pairs.iter().map(|it| time(&it.here))),
            there: Figures::new(pairs.iter().map(|it| time(&it.there))),
            ratios: Figures::new(pairs.iter().map(|it| time(&it.here) / time(&it.there))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_goes_first_changes_from_pair_to_pair() {
        let mut order = String::new();
        for pair in 0..3 {
            let sides = both(pair, |side| {
                order.push_str(if side == Side::Here { "A" } else { "B" });
                Ok(side)
            });
            assert_eq!(sides.unwrap(), Pair { here: Side::Here, there: Side::There });
        }
        assert_eq!(order, "BAABBA");
    }

    #[test]
    fn ratios_are_taken_pair_by_pair() {
        // The machine was half as fast in the second pair, and three times as slow in the third.
        let pairs = [(1.1, 1.0), (2.2, 2.0), (3.3, 3.0)].map(|(here, there)| Pair { here, there });
        let compared = Compared::new("x".to_owned(), "s", &pairs, |&it| it);
        let Compared { ratios, .. } = compared;
        assert!((ratios.smallest() - 1.1).abs() < 1e-12 && (ratios.largest() - 1.1).abs() < 1e-12);
    }
}
