//! Axes, and the round values on them.

use crate::number::tick;

/// An axis: which values lie along an edge of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The name of what is measured, with its unit: `time, s`. Empty for none.
    pub label: String,
    /// The value at its beginning: left or below.
    pub low: f64,
    /// The value at its end.
    pub high: f64,
    /// The marks on it.
    pub ticks: Ticks,
}

/// The values that an axis marks.
#[derive(Debug, Clone, PartialEq)]
pub enum Ticks {
    /// Round values, as many as there is room for.
    Round,
    /// Round values that are whole numbers, for counts.
    Whole,
    /// Round values without their numbers, which stand at the panel below.
    Silent,
    /// These values, by these names; those that would overlap are in a second line, or left out.
    At(Vec<(f64, String)>),
    /// None.
    None,
}

impl Axis {
    /// Makes an axis with round values. Ends that are no range, such as two equal values, are moved apart.
    pub fn new(label: impl Into<String>, low: f64, high: f64) -> Axis {
        let (low, high) = range(low, high);
        Axis { label: label.into(), low, high, ticks: Ticks::Round }
    }

    /// Changes what is marked.
    #[must_use]
    pub fn ticks(self, ticks: Ticks) -> Axis {
        Axis { ticks, ..self }
    }

    /// Returns where a value is, from 0 at the axis' beginning to 1 at its end.
    pub(crate) fn share(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// Returns what is marked, at most `most` round values, each with its text.
    pub(crate) fn marked(&self, most: usize) -> Vec<(f64, String)> {
        match &self.ticks {
            Ticks::Round => round(self.low, self.high, most),
            Ticks::Whole => round_by(self.low, self.high, most, 1.0),
            Ticks::Silent => {
                let round = round(self.low, self.high, most).into_iter();
                round.map(|(value, _)| (value, String::new())).collect()
            }
            Ticks::At(ticks) => {
                let is_inside =
                    |(value, _): &&(f64, String)| (0.0..=1.0).contains(&self.share(*value));
                ticks.iter().filter(is_inside).cloned().collect()
            }
            Ticks::None => Vec::new(),
        }
    }
}

/// Makes a range of two values: finite, and the second above the first.
fn range(low: f64, high: f64) -> (f64, f64) {
    match (low.is_finite(), high.is_finite()) {
        (true, true) if high > low && high - low > 1e-12 * low.abs().max(high.abs()) => (low, high),
        (true, _) => (low - 0.5 * low.abs().max(1.0), low + 0.5 * low.abs().max(1.0)),
        _ => (0.0, 1.0),
    }
}

/// Returns round values of a range, at most `most` of them but two at least, with how they are written.
pub(crate) fn round(low: f64, high: f64, most: usize) -> Vec<(f64, String)> {
    // Twice as many each time: a step of half the range or less has two.
    let finer = std::iter::successors(Some(most.max(1)), |&most| Some(2 * most)).take(5);
    let mut marked = finer.map(|most| round_by(low, high, most, 0.0));
    let first = marked.next().unwrap_or_default();
    match first.len() {
        0 | 1 => marked.find(|of| of.len() > 1).unwrap_or(first),
        _ => first,
    }
}

/// - `least`: the least step
fn round_by(low: f64, high: f64, most: usize, least: f64) -> Vec<(f64, String)> {
    let (step, digits) = step(((high - low) / most.max(1) as f64).max(least));
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last)
        .take(most.max(1) + 1)
        .map(|n| n as f64 * step)
        .map(|value| (value, tick(value, step, digits)))
        .collect()
}

/// The least of 1, 2, 5, 10 … that is not below `least`, and with how many digits it is written.
fn step(least: f64) -> (f64, usize) {
    // Numbers of single precision are not below 1e-45.
    let (mut power, mut digits) = if least < 1e-9 { (1e-45, 45_usize) } else { (1e-9, 9_usize) };
    loop {
        for step in [1.0, 2.0, 5.0] {
            if step * power >= least * (1.0 - 1e-9) || power > 1e300 {
                return (step * power, digits);
            }
        }
        power *= 10.0;
        digits = digits.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_not_too_many() {
        let ticks = |low, high, most| {
            let texts = round(low, high, most).into_iter().map(|(_, text)| text);
            texts.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ticks(0.0, 2.92, 6), "0.0 0.5 1.0 1.5 2.0 2.5");
        assert_eq!(ticks(0.0, 1000.0, 4), "0 500 1000");
        assert_eq!(ticks(10.0, 40.0, 4), "10 20 30 40");
        assert_eq!(ticks(-0.3, 0.3, 3), "−0.2 0.0 0.2");
        assert_eq!(ticks(0.0, 0.03, 3), "0.00 0.01 0.02 0.03");
        assert_eq!(ticks(1.01, 1.09, 1), "1.02 1.04 1.06 1.08");
        assert_eq!(ticks(0.0, 3e-12, 3), "0 1.0e−12 2.0e−12 3.0e−12");
        // One value alone would say little.
        assert_eq!(ticks(-0.19, 0.19, 2), "−0.1 0.0 0.1");
    }

    #[test]
    fn counts_are_marked_at_whole_numbers() {
        let ticks = |high: f64| {
            let axis = Axis::new("", 0.0, 1.05 * high).ticks(Ticks::Whole);
            axis.marked(6).into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ticks(1.0), "0 1");
        assert_eq!(ticks(2.0), "0 1 2");
        assert_eq!(ticks(9.0), "0 2 4 6 8");
        assert_eq!(ticks(1000.0), "0 200 400 600 800 1000");
    }

    #[test]
    fn places_are_in_proportion() {
        let axis = Axis::new("", 10.0, 20.0);
        assert_eq!([10.0, 15.0, 20.0].map(|value| axis.share(value)), [0.0, 0.5, 1.0]);
    }

    #[test]
    fn an_axis_of_no_range_is_given_one() {
        for (low, high) in [
            (3.0, 3.0),
            (0.0, 0.0),
            (5.0, 4.0),
            (f64::NAN, 1.0),
            (1.0, f64::INFINITY),
            (1e9, 1e9 + 1e-7),
            (f64::INFINITY, f64::NEG_INFINITY),
        ] {
            let axis = Axis::new("", low, high);
            assert!(axis.low < axis.high, "{low} {high}: {axis:?}");
            assert!(!axis.marked(5).is_empty() && axis.marked(5).len() <= 6, "{axis:?}");
        }
    }
}
