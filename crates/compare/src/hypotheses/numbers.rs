//! Numbers that may have any value: the one that fits best is searched for.

use serde_json::Value;

use crate::alignment::lag;
use crate::change::{Assignment, Change, InputChange};
use crate::hypotheses::evidence::Evidence;

/// The places to which numbers are rounded, as people choose them.
const ROUND: [f64; 17] = [
    1000.0, 500.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.1, 0.05, 0.02, 0.01, 0.005,
    0.001, 1e-4,
];
/// The steps from the least to the largest value.
const STEPS: usize = 24;
/// The steps of numbers that say how small something is, or how long a stretch of time, and whose traces are broad.
const BROAD_STEPS: usize = 14;
/// Values beside the one that there is are a half of a step from it, a quarter, and so on, so many times.
const HALVINGS: i32 = 6;

/// A number that may have any value within bounds.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    key: Key,
    /// Other keys without which it means nothing.
    beside: Vec<Assignment>,
    least: f64,
    most: f64,
    spacing: Spacing,
    /// The value that there is.
    own: Option<f64>,
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

/// How values lie between bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Spacing {
    Even,
    /// Even, whole numbers.
    Whole,
    /// Each as many times the one before.
    Geometric,
}

impl Number {
    fn new(key: Key, least: f64, most: f64, spacing: Spacing) -> Number {
        Number { key, beside: Vec::new(), least, most, spacing, own: None }
    }

    /// Says the value that there is.
    fn from(mut self, own: Option<f64>) -> Number {
        self.own = own.filter(|own| (self.least..=self.most).contains(own));
        self
    }

    /// Sets other keys with it.
    fn with(mut self, beside: Vec<Assignment>) -> Number {
        self.beside = beside;
        self
    }

    /// Returns the change to a value.
    pub(crate) fn change(&self, value: f64) -> Change {
        let (key, value) = match &self.key {
            Key::Number(key) => (key.as_str(), written(value)),
            Key::Samples(key) => (*key, format!("\"{value}samples\"")),
            Key::Delay => return Change::Input(InputChange::Delayed(value as i64)),
        };
        let own = Assignment::new(key, value);
        Change::Keys([own].into_iter().chain(self.beside.iter().cloned()).collect())
    }

    /// Returns the value that a change gives it, where it does.
    pub(crate) fn value_of(&self, change: &Change) -> Option<f64> {
        match (change, &self.key) {
            (Change::Input(InputChange::Delayed(by)), Key::Delay) => Some(*by as f64),
            (Change::Keys(keys), key) => {
                let (own, beside) = keys.split_first()?;
                match key {
                    _ if beside != self.beside => None,
                    Key::Number(key) if *key == own.key => own.value.parse().ok(),
                    Key::Samples(key) if *key == own.key => {
                        own.value.trim_matches('"').strip_suffix("samples")?.parse().ok()
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn steps(&self) -> usize {
        if self.spacing == Spacing::Geometric { BROAD_STEPS } else { STEPS }
    }

    /// Returns the value so many steps of the first look away from another.
    fn away(&self, value: f64, steps: f64) -> f64 {
        let share = steps / self.steps() as f64;
        match self.spacing {
            Spacing::Geometric => value * libm::pow(self.most / self.least, share),
            _ => value + share * (self.most - self.least),
        }
    }

    /// Returns values from one to another within its bounds, the steps between them alike.
    fn between(&self, from: f64, to: f64, steps: usize) -> Vec<f64> {
        let (from, to) = (from.max(self.least), to.min(self.most));
        let value = |step: usize| {
            let share = step as f64 / steps as f64;
            match self.spacing {
                Spacing::Even => from + (to - from) * share,
                Spacing::Whole => (from + (to - from) * share).round(),
                Spacing::Geometric => from * libm::pow(to / from, share),
            }
        };
        let mut values: Vec<f64> = (0..=steps).map(value).collect();
        values.dedup();
        values
    }

    /// Returns values about one.
    ///
    /// - `off`: how far the first and the last are from it, in steps of the first look
    pub(crate) fn about(&self, value: f64, off: f64, steps: usize) -> Vec<f64> {
        self.between(self.away(value, -off), self.away(value, off), steps)
    }

    /// Returns all values of the first look: some from the least to the largest, and some that are closer and closer to
    /// the one that there is.
    pub(crate) fn grid(&self) -> Vec<f64> {
        let mut values = self.between(self.least, self.most, self.steps());
        if let Some(own) = self.own {
            let near = |halvings: i32| {
                let off = libm::ldexp(1.0, -halvings);
                [self.away(own, -off), self.away(own, off)]
            };
            let near = (1..=HALVINGS).flat_map(near);
            match self.spacing {
                Spacing::Whole => values.extend(near.chain([own - 1.0, own + 1.0]).map(f64::round)),
                _ => values.extend(near),
            }
        }
        values.retain(|value| (self.least..=self.most).contains(value) && Some(*value) != self.own);
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    }

    /// Returns round values near by, the roundest first, and the value itself.
    pub(crate) fn round(&self, value: f64) -> Vec<f64> {
        let (below, above) = (self.away(value, -1.0), self.away(value, 1.0));
        let mut values: Vec<f64> = match self.spacing {
            // 1e-5, 2e-5 and 5e-5, then by digits.
            Spacing::Geometric => {
                let power = libm::pow(10.0, libm::floor(libm::log10(value)));
                let steps = [10.0, 5.0, 1.0, 0.5, 0.1, 0.01, 1e-3, 1e-4];
                steps
                    .iter()
                    .map(|step| decimal((value / power / step).round() * step * power))
                    .collect()
            }
            _ => ROUND.iter().map(|place| decimal((value / place).round() * place)).collect(),
        };
        values.retain(|round| below < *round && *round < above);
        values.push(value);
        values.dedup();
        values
    }
}

/// Takes a number as it is written with few digits: 0.96 and not 0.9600000000000001.
pub(super) fn decimal(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

/// Writes a number as people do: 0.97 and 20, but 1e-7 and 1e6.
pub(super) fn written(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        1e-3..1e6 => value.to_string(),
        _ => format!("{value:e}"),
    }
}

/// Lists the numbers of a recipe and its recording that differ from program to program.
pub(crate) fn numbers(evidence: &Evidence<'_>) -> Vec<Number> {
    let mut numbers = Vec::new();
    let kind = evidence.kind();
    if matches!(kind, "mel" | "mfcc" | "plp") {
        filters(evidence, &mut numbers);
    }
    if matches!(kind, "mfcc" | "plp") {
        cepstra(evidence, &mut numbers);
    }
    if matches!(kind, "mel" | "mfcc" | "plp" | "spectrogram") {
        front(evidence, &mut numbers);
        least(evidence, &mut numbers);
    }
    normalization(evidence, &mut numbers);
    numbers
}

/// A number of the feature, from the value that it has.
fn of_feature(evidence: &Evidence<'_>, key: &str, bounds: (f64, f64), spacing: Spacing) -> Number {
    let full = Key::Number(evidence.of(key, "").key);
    Number::new(full, bounds.0, bounds.1, spacing).from(evidence.number(key))
}

fn filters(evidence: &Evidence<'_>, numbers: &mut Vec<Number>) {
    let nyquist = f64::from(evidence.sample_rate_hz) / 2.0;
    let number = |key, bounds| of_feature(evidence, key, bounds, Spacing::Even);
    let high = number("high_freq_hz", (nyquist / 4.0, nyquist));
    // 0 and less are counted from half the sample rate.
    let own =
        evidence.number("high_freq_hz").map(|own| if own > 0.0 { own } else { nyquist + own });
    let warp = number("vtln_factor", (0.76, 1.24));
    let factor = warp.own.unwrap_or(1.0);
    numbers.extend([high.from(own), number("low_freq_hz", (0.0, nyquist / 8.0))]);
    numbers.push(warp.from(Some(factor)));
}

fn cepstra(evidence: &Evidence<'_>, numbers: &mut Vec<Number>) {
    let lifter = of_feature(evidence, "cepstral_lifter", (2.0, 50.0), Spacing::Even);
    if lifter.own.is_none() {
        numbers.push(lifter.clone().with(vec![evidence.of("lifter_from", "\"one\"")]));
    }
    numbers.push(lifter);
    numbers.push(of_feature(evidence, "num_mel_bins", (8.0, 128.0), Spacing::Whole));
    if evidence.kind() == "plp" {
        numbers.push(of_feature(evidence, "compress_factor", (0.1, 0.6), Spacing::Even));
        numbers.push(of_feature(evidence, "cepstral_scale", (0.1, 100.0), Spacing::Geometric));
    }
}

/// What becomes of samples before the spectrum.
fn front(evidence: &Evidence<'_>, numbers: &mut Vec<Number>) {
    numbers.push(of_feature(evidence, "preemphasis", (0.0, 1.0), Spacing::Even));
    let frame = evidence.recipe.frames(evidence.sample_rate_hz);
    let (length, shift) = (frame.length as f64, frame.shift as f64);
    if evidence.is("window", "blackman") {
        let coefficient = of_feature(evidence, "blackman_coeff", (0.3, 0.55), Spacing::Even);
        numbers.push(coefficient.from(Some(0.42)));
    }
    let key = Key::Samples("frames.length");
    let of_length = Number::new(key, length / 2.0, length * 2.0, Spacing::Whole);
    numbers.push(of_length.from(Some(length)));
    let window = of_feature(evidence, "window_length", (length / 4.0, length), Spacing::Whole);
    let covered = window.own.unwrap_or(length);
    numbers.push(window.from(Some(covered)));
    if evidence.base.columns == evidence.target.columns {
        // Rows that come later are of samples that come later.
        let by = -lag(evidence.base, evidence.target) as f64 * shift;
        let (from, to) = (by - 1.5 * shift, by + 1.5 * shift);
        numbers.push(Number::new(Key::Delay, from, to, Spacing::Whole));
    }
}

/// How small numbers may be before the logarithm.
fn least(evidence: &Evidence<'_>, numbers: &mut Vec<Number>) {
    // Energies are those of samples, whose squares are so much larger.
    let unit = if evidence.is_int16() { 1e9 } else { 1.0 };
    let number = |key, (least, most): (f64, f64)| {
        of_feature(evidence, key, (least * unit, most * unit), Spacing::Geometric)
    };
    let has_log = evidence.of_feature("log").is_some_and(|log| log != "none" && log != "pcen");
    if has_log {
        let modes = ["add", "raise"];
        let is_mode = |mode: &str| match evidence.of_feature("floor_mode") {
            Some(own) => own == mode,
            None => mode == "raise",
        };
        // What is raised shows in columns of logarithms: many numbers are the least.
        let is_seen = evidence.kind() != "mfcc";
        for mode in modes.into_iter().filter(|&mode| mode == "add" || !is_seen) {
            let beside = match is_mode(mode) {
                true => Vec::new(),
                false => vec![evidence.of("floor_mode", format!("{mode:?}"))],
            };
            numbers.push(number("floor", (1e-12, 0.1)).with(beside));
        }
        if !is_seen {
            numbers.push(of_feature(evidence, "top_db", (20.0, 120.0), Spacing::Even));
        }
    }
    if evidence.is("spectrum", "magnitude") {
        numbers.push(number("magnitude_epsilon", (1e-12, 1e-2)));
    }
    if evidence.is("use_energy", true) {
        numbers.push(number("energy_floor", (1e-8, 10.0)));
        numbers.push(of_feature(evidence, "energy_scale", (0.01, 10.0), Spacing::Geometric));
    }
    let unit = if evidence.is_int16() { 32768.0 } else { 1.0 };
    numbers.push(of_feature(evidence, "dither", (1e-6 * unit, 3e-3 * unit), Spacing::Geometric));
}

fn normalization(evidence: &Evidence<'_>, numbers: &mut Vec<Number>) {
    if !evidence.has_table("normalize") {
        return;
    }
    let number = |key: &'static str, least, most, spacing| {
        let own = evidence.of_table("normalize", key).and_then(Value::as_f64);
        Number::new(Key::Number(format!("normalize.{key}")), least, most, spacing).from(own)
    };
    numbers.push(number("eps", 1e-8, 1.0, Spacing::Geometric));
    numbers.push(number("std_floor", 1e-3, 10.0, Spacing::Geometric));
    if evidence.of_table("normalize", "scope").is_some_and(|scope| scope == "sliding") {
        numbers.push(number("cmn_window", 10.0, 1000.0, Spacing::Whole));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str, least: f64, most: f64, spacing: Spacing) -> Number {
        Number::new(Key::Number(key.to_owned()), least, most, spacing)
    }

    #[test]
    fn a_value_is_found_again_in_its_change() {
        let add = vec![Assignment::new("feature.floor_mode", "\"add\"")];
        for (number, value) in [
            (of("feature.vtln_factor", 0.5, 1.5, Spacing::Even), 0.85),
            (of("feature.floor", 1e-12, 1e9, Spacing::Geometric).with(add), 3e-7),
            (Number::new(Key::Samples("frames.length"), 200.0, 800.0, Spacing::Whole), 320.0),
            (Number::new(Key::Delay, -2000.0, 2000.0, Spacing::Whole), -1105.0),
        ] {
            assert_eq!(number.value_of(&number.change(value)), Some(value));
        }
        let lifter = of("feature.cepstral_lifter", 2.0, 50.0, Spacing::Even);
        let other = of("feature.preemphasis", 0.0, 1.0, Spacing::Even);
        assert_eq!(lifter.value_of(&other.change(0.9)), None);
    }

    #[test]
    fn the_roundest_number_near_by_comes_first() {
        let factor = of("feature.vtln_factor", 0.76, 1.24, Spacing::Even);
        assert_eq!(factor.round(1.0999)[0], 1.1);
        assert_eq!(factor.round(0.9602).first(), Some(&0.95));
        assert!(factor.round(0.9602).contains(&0.96));
        let delay = Number::new(Key::Delay, -100.0, 300.0, Spacing::Whole);
        assert_eq!(delay.between(0.0, 3.0, 8), [0.0, 1.0, 2.0, 3.0]);
        let floor = of("feature.floor", 1e-12, 0.1, Spacing::Geometric);
        assert!(floor.round(2.9999e-7).contains(&3e-7));
        assert_eq!(floor.change(3e-7).to_string(), "feature.floor = 3e-7");
        assert_eq!(factor.change(0.96).to_string(), "feature.vtln_factor = 0.96");
    }

    #[test]
    fn values_beside_the_one_that_there_is_are_looked_at() {
        let length = Number::new(Key::Samples("frames.length"), 200.0, 800.0, Spacing::Whole);
        let grid = length.from(Some(400.0)).grid();
        for near in [399.0, 401.0, 402.0, 388.0, 425.0] {
            assert!(grid.contains(&near), "{near}: {grid:?}");
        }
        assert!(!grid.contains(&400.0));
    }
}
