//! The ticks of an axis.

/// A straight line from values to places on the page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    /// The values at its ends.
    pub(crate) values: (f64, f64),
    /// The places of those on the page.
    pub(crate) places: (f64, f64),
}

impl Axis {
    pub(crate) fn place(&self, value: f64) -> f64 {
        let share = (value - self.values.0) / (self.values.1 - self.values.0);
        self.places.0 + share * (self.places.1 - self.places.0)
    }

    /// Round values, at most `most` of them, with how they are written.
    pub(crate) fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        let (low, high) = self.values;
        let (step, digits) = step((high - low) / most.max(1) as f64);
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        (first..=last)
            .map(|n| n as f64 * step)
            .map(|value| (value, format!("{value:.digits$}")))
            .collect()
    }
}

/// The least of 1, 2, 5, 10 … that is not below `least`, and with how many digits it is written.
fn step(least: f64) -> (f64, usize) {
    let mut power = 1e-9;
    let mut digits = 9_usize;
    loop {
        for step in [1.0, 2.0, 5.0] {
            if step * power >= least * (1.0 - 1e-9) {
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
            let axis = Axis { values: (low, high), places: (0.0, 1.0) };
            axis.ticks(most).into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ticks(0.0, 2.92, 6), "0.0 0.5 1.0 1.5 2.0 2.5");
        assert_eq!(ticks(0.0, 1000.0, 4), "0 500 1000");
        assert_eq!(ticks(10.0, 40.0, 4), "10 20 30 40");
        assert_eq!(ticks(-0.3, 0.3, 3), "-0.2 0.0 0.2");
        assert_eq!(ticks(0.0, 0.03, 3), "0.00 0.01 0.02 0.03");
    }

    #[test]
    fn places_are_in_proportion() {
        let axis = Axis { values: (10.0, 20.0), places: (100.0, 0.0) };
        assert_eq!([10.0, 15.0, 20.0].map(|value| axis.place(value)), [100.0, 50.0, 0.0]);
    }
}
