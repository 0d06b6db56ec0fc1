//! Numbers that may have any value: the one that fits best is searched for.

use crate::alignment::lag;
use crate::change::{Change, InputChange};
use crate::hypotheses::evidence::{Evidence, keys};

/// The places to which numbers are rounded, as people choose them.
const ROUND: [f64; 17] = [
    1000.0, 500.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.1, 0.05, 0.02, 0.01, 0.005,
    0.001, 1e-4,
];
/// The steps from the least to the largest value.
const STEPS: usize = 24;

/// A number that may have any value within bounds.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    key: Key,
    least: f64,
    most: f64,
}

#[derive(Debug, Clone, PartialEq)]
enum Key {
    /// A key of the recipe that is a number.
    Number(String),
    /// A key of the recipe that is a duration, in samples.
    Samples(&'static str),
    /// The samples by which the recording begins later.
    Delay,
}

impl Number {
    fn new(key: Key, least: f64, most: f64) -> Number {
        Number { key, least, most }
    }

    /// Returns the change to a value.
    pub(crate) fn change(&self, value: f64) -> Change {
        match &self.key {
            Key::Number(key) => keys(&[(key, &value.to_string())]),
            Key::Samples(key) => keys(&[(key, &format!("\"{value}samples\""))]),
            Key::Delay => Change::Input(InputChange::Delayed(value as i64)),
        }
    }

    /// Returns the value that a change gives it, where it does.
    pub(crate) fn value_of(&self, change: &Change) -> Option<f64> {
        match (change, &self.key) {
            (Change::Input(InputChange::Delayed(by)), Key::Delay) => Some(*by as f64),
            (Change::Keys(keys), key) => {
                let [assignment] = &keys[..] else { return None };
                match key {
                    Key::Number(key) if *key == assignment.key => assignment.value.parse().ok(),
                    Key::Samples(key) if *key == assignment.key => {
                        assignment.value.trim_matches('"').strip_suffix("samples")?.parse().ok()
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn is_whole(&self) -> bool {
        !matches!(self.key, Key::Number(_))
    }

    /// The distance of neighbouring values of the first look.
    pub(crate) fn step(&self) -> f64 {
        (self.most - self.least) / STEPS as f64
    }

    /// Returns values from one to another, evenly spread, within its bounds.
    pub(crate) fn between(&self, from: f64, to: f64, steps: usize) -> Vec<f64> {
        let (from, to) = (from.max(self.least), to.min(self.most));
        let value = |step: usize| from + (to - from) * step as f64 / steps as f64;
        let values = (0..=steps).map(value);
        let mut values: Vec<f64> = match self.is_whole() {
            true => values.map(f64::round).collect(),
            false => values.collect(),
        };
        values.dedup();
        values
    }

    /// Returns all values of the first look.
    pub(crate) fn grid(&self) -> Vec<f64> {
        self.between(self.least, self.most, STEPS)
    }

    /// Returns round values near by, the roundest first, and the value itself.
    pub(crate) fn round(&self, value: f64) -> Vec<f64> {
        let near = self.step();
        let rounded = ROUND.iter().map(|place| {
            let round = (value / place).round() * place;
            // 0.96 and not 0.9600000000000001.
            (round * 1e6).round() / 1e6
        });
        let mut values: Vec<f64> = rounded.filter(|round| (round - value).abs() < near).collect();
        values.push(value);
        values.dedup();
        values
    }
}

/// Lists the numbers of a recipe and its recording that differ from program to program.
pub(crate) fn numbers(evidence: &Evidence<'_>) -> Vec<Number> {
    let nyquist = f64::from(evidence.sample_rate_hz) / 2.0;
    let feature =
        |key: &str, least, most| Number::new(Key::Number(evidence.of(key, "").key), least, most);
    let mut numbers = Vec::new();
    if matches!(evidence.kind(), "mel" | "mfcc" | "plp") {
        numbers.extend([
            feature("high_freq_hz", nyquist / 4.0, nyquist),
            feature("low_freq_hz", 0.0, nyquist / 8.0),
            feature("vtln_factor", 0.76, 1.24),
        ]);
    }
    if matches!(evidence.kind(), "mfcc" | "plp") {
        numbers.push(feature("cepstral_lifter", 2.0, 50.0));
    }
    if evidence.kind() == "plp" {
        numbers.push(feature("compress_factor", 0.1, 0.6));
    }
    if matches!(evidence.kind(), "mel" | "mfcc" | "plp" | "spectrogram") {
        numbers.push(feature("preemphasis", 0.76, 1.0));
        let frame = evidence.recipe.frames(evidence.sample_rate_hz);
        let (length, shift) = (frame.length as f64, frame.shift as f64);
        numbers.push(Number::new(Key::Samples("frames.length"), length / 2.0, length * 2.0));
        if evidence.base.columns == evidence.target.columns {
            // Rows that come later are of samples that come later.
            let by = -lag(evidence.base, evidence.target) as f64 * shift;
            numbers.push(Number::new(Key::Delay, by - 1.5 * shift, by + 1.5 * shift));
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_again_in_its_change() {
        for (key, value) in [
            (Key::Number("feature.vtln_factor".to_owned()), 0.85),
            (Key::Samples("frames.length"), 320.0),
            (Key::Delay, -1105.0),
        ] {
            let number = Number::new(key, -2000.0, 2000.0);
            assert_eq!(number.value_of(&number.change(value)), Some(value));
        }
        let lifter = Number::new(Key::Number("feature.cepstral_lifter".to_owned()), 2.0, 50.0);
        let other = Number::new(Key::Number("feature.preemphasis".to_owned()), 0.0, 1.0);
        assert_eq!(lifter.value_of(&other.change(0.9)), None);
    }

    #[test]
    fn the_roundest_number_near_by_comes_first() {
        let factor = Number::new(Key::Number("feature.vtln_factor".to_owned()), 0.76, 1.24);
        assert_eq!(factor.round(1.0999)[0], 1.1);
        assert_eq!(factor.round(0.9602).first(), Some(&0.95));
        assert!(factor.round(0.9602).contains(&0.96));
        let delay = Number::new(Key::Delay, -100.0, 300.0);
        assert_eq!(delay.between(0.0, 3.0, 8), [0.0, 1.0, 2.0, 3.0]);
    }
}
