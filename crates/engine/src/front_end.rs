//! A front end in one file, for training and serving: a recipe, its statistics, and the rows of a probe, by which
//! whoever loads it sees that it computes the same.

use ossicle_dataset::Normalization;
use ossicle_dsp::Level;
use ossicle_recipe::Recipe;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::probe_difference::ProbeDifference;
use crate::transform::{Bench, Transform, Unusable};

/// The format of such a file, and of the samples of its probe.
pub(crate) const FORMAT: &str = "ossicle-front-end/1";

/// The name of the probe, which a recipe's noise depends on.
const PROBE_ID: &str = "probe";

/// A front end: what a [`Transform`] is planned by, and the rows that it gives of a built-in probe of a second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrontEnd {
    format: String,
    /// The version of the program that made it.
    ossicle: String,
    recipe: Recipe,
    /// The rate of the samples.
    sample_rate_hz: u32,
    /// The statistics that rows are normalised by, of each array that is.
    statistics: Option<Vec<Normalization>>,
    probe: Vec<ProbeRows>,
}

/// The rows of the probe in an array.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ProbeRows {
    name: String,
    columns: Vec<String>,
    /// One row after the other.
    rows: Vec<f32>,
}

impl FrontEnd {
    /// Computes the probe's rows.
    ///
    /// # Errors
    /// Rows are normalised by their speaker, of whom there is nothing.
    pub fn of(transform: &Transform) -> Result<FrontEnd, Error> {
        Ok(FrontEnd {
            format: FORMAT.to_owned(),
            ossicle: env!("CARGO_PKG_VERSION").to_owned(),
            recipe: transform.recipe().clone(),
            sample_rate_hz: transform.sample_rate_hz(),
            statistics: transform.statistics().map(<[Normalization]>::to_vec),
            probe: probe_rows(transform)?,
        })
    }

    /// Writes it as a line of JSON.
    pub fn to_text(&self) -> String {
        let Ok(text) = serde_json::to_string(self) else {
            unreachable!("it has only string keys and finite numbers")
        };
        text + "\n"
    }

    /// Reads what [`to_text`](FrontEnd::to_text) wrote.
    ///
    /// # Errors
    /// If it is something else.
    pub fn from_text(text: &str) -> Result<FrontEnd, Error> {
        let no = |reason: String| Error::NoFrontEnd { reason };
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| no(error.to_string()))?;
        match value.get("format").and_then(serde_json::Value::as_str) {
            Some(FORMAT) => {}
            Some(other) => {
                return Err(no(format!(
                    "its format is {other:?}, and this version reads {FORMAT:?}"
                )));
            }
            None => return Err(no("it has no format".to_owned())),
        }
        // Of the text, whose decimals are those of 32 bits.
        serde_json::from_str(text).map_err(|error| no(error.to_string()))
    }

    /// Plans it, and compares the rows of the probe with those that it gave where it was made.
    ///
    /// - `tolerance`: how far numbers may be from those; with 0, every bit is the same
    ///
    /// # Errors
    /// If it cannot be computed here, or its rows are others.
    pub fn plan(&self, tolerance: f32, level: Level) -> Result<Transform, Error> {
        let (recipe, rate) = (&self.recipe, self.sample_rate_hz);
        let transform = match &self.statistics {
            Some(of) => Transform::normalized_by(recipe, rate, of.clone(), level)?,
            None => Transform::new(recipe, rate, level)?,
        };
        let found = probe_rows(&transform)?;
        let shape = |of: &ProbeRows| (of.name.clone(), of.columns.clone(), of.rows.len());
        if !found.iter().map(shape).eq(self.probe.iter().map(shape)) {
            let version = self.ossicle.clone();
            return Err(Error::ProbeOfOtherColumns { version });
        }
        match self.worst(&found).filter(|(off, _)| *off > tolerance) {
            Some((_, difference)) => Err(Error::ProbeDiffers(Box::new(difference))),
            None => Ok(transform),
        }
    }

    /// Finds the number that is farthest from what it was, and how far.
    fn worst(&self, found: &[ProbeRows]) -> Option<(f32, ProbeDifference)> {
        let mut worst: Option<(f32, ProbeDifference)> = None;
        for (saved, found) in self.probe.iter().zip(found) {
            for (at, (&was, &is)) in saved.rows.iter().zip(&found.rows).enumerate() {
                // Of a number that is none, nothing is near.
                let off = if was == is { 0.0 } else { (was - is).abs() };
                let off = if off.is_nan() { f32::INFINITY } else { off };
                if off > 0.0 && worst.as_ref().is_none_or(|(most, _)| off > *most) {
                    let columns = saved.columns.len().max(1);
                    let difference = ProbeDifference {
                        array: saved.name.clone(),
                        row: at / columns,
                        column: saved.columns.get(at % columns).cloned().unwrap_or_default(),
                        saved: was,
                        found: is,
                        version: self.ossicle.clone(),
                    };
                    worst = Some((off, difference));
                }
            }
        }
        worst
    }
}

/// Computes the rows of the probe.
fn probe_rows(transform: &Transform) -> Result<Vec<ProbeRows>, Error> {
    let mut bench = Bench::default();
    let rate = transform.sample_rate_hz();
    let rows_of = |samples: &[f32], bench: &mut Bench| {
        transform.rows(samples, PROBE_ID, Unusable::Refuse, bench)
    };
    let rows = match rows_of(&probe(rate, rate as usize), &mut bench) {
        // Some rows take more than a second.
        Err(Error::TooFewSamples { least: Some(least), .. }) => {
            rows_of(&probe(rate, least), &mut bench)?
        }
        rows => rows?,
    };
    let of_array = |((name, columns), rows): ((&str, &[String]), Vec<f32>)| ProbeRows {
        name: name.to_owned(),
        columns: columns.to_vec(),
        rows,
    };
    Ok(transform.arrays().zip(rows).map(of_array).collect())
}

/// Makes the samples of the probe: three triangular waves and noise, louder and softer in turns, whose numbers are
/// whole multiples of 1/32768 and so the same on every machine.
fn probe(sample_rate_hz: u32, num_samples: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let sample = |at: usize| {
        // Numerical Recipes' generator; its high bits are the good ones.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = i64::from(state >> 20) - 2048;
        let triangle = |hz: u64| {
            let period = u64::from(sample_rate_hz.max(1));
            let phase = (at as u64 * hz % period * 8192 / period) as i64;
            if phase < 4096 { phase - 2048 } else { 6144 - phase }
        };
        let tenth = at as u64 * 10 / u64::from(sample_rate_hz.max(1)) % 10;
        let loudness = [4, 1, 8, 2, 0, 12, 3, 6, 1, 5][tenth as usize];
        let sum = triangle(130) * 6 + triangle(730) * 3 + triangle(2350) * 2 + noise * 2;
        (sum * loudness / 16) as f32 / 32768.0
    };
    (0..num_samples).map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_recipe::RecipeSource;
    use proptest::prelude::*;

    fn planned(preset: &str, sets: &[&str]) -> Transform {
        let mut source: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
        sets.iter().for_each(|set| source.set(set).unwrap());
        let recipe = source.finish().unwrap();
        let rate = recipe.audio().sample_rate_hz.unwrap_or(16_000);
        Transform::new(&recipe, rate, Level::detect()).unwrap()
    }

    #[test]
    fn every_preset_is_planned_again_by_its_file_at_any_level() {
        for preset in Recipe::preset_names().filter(|name| *name != "timit-spikegram") {
            let transform = planned(preset, &["normalize="]);
            let text = FrontEnd::of(&transform).unwrap().to_text();
            let read = FrontEnd::from_text(&text).unwrap();
            let again = read.plan(0.0, Level::BASELINE).unwrap();
            let all = read.probe.iter().flat_map(|of| &of.rows);
            assert!(all.clone().any(|x| x != &read.probe[0].rows[0]), "{preset} is silent");
            let (a, b) = (FrontEnd::of(&again).unwrap(), FrontEnd::of(&transform).unwrap());
            assert_eq!(a.to_text(), b.to_text(), "{preset}");
        }
    }

    #[test]
    fn statistics_are_kept() {
        let plain = planned("kaldi-fbank", &["normalize="]);
        let columns = plain.arrays().map(|(_, columns)| columns.len()).next().unwrap();
        let mut source: RecipeSource = Recipe::preset("kaldi-fbank").unwrap().parse().unwrap();
        source.set("normalize.stats_from=train").unwrap();
        let statistics = vec![Normalization {
            stats_from: "train".to_owned(),
            count: 7,
            mean: (0..columns).map(|at| 0.1 * at as f64).collect(),
            standard_deviation: vec![1.0 / 3.0; columns],
        }];
        let level = Level::detect();
        let transform =
            Transform::normalized_by(&source.finish().unwrap(), 16_000, statistics, level).unwrap();
        let text = FrontEnd::of(&transform).unwrap().to_text();
        let again = FrontEnd::from_text(&text).unwrap().plan(0.0, level).unwrap();
        assert_eq!(again.statistics(), transform.statistics());
    }

    #[test]
    fn rows_that_differ_are_refused_and_told() {
        let mut front_end = FrontEnd::of(&planned("kaldi-mfcc", &["normalize="])).unwrap();
        let columns = front_end.probe[0].columns.len();
        front_end.probe[0].rows[2 * columns + 1] += 0.25;
        front_end.probe[0].rows[0] += 0.125;
        let level = Level::detect();
        let error = front_end.plan(0.0, level).unwrap_err().to_string();
        assert!(error.contains("row 2 of features, c1, is "), "{error}");
        assert!(front_end.plan(0.2, level).is_err());
        assert!(front_end.plan(0.26, level).is_ok());
        front_end.probe[0].rows[5] = f32::NAN;
        assert!(front_end.plan(1.0, level).is_err());
        front_end.probe[0].rows.pop();
        let error = front_end.plan(0.0, level).unwrap_err();
        assert!(matches!(error, Error::ProbeOfOtherColumns { .. }), "{error}");
    }

    #[test]
    fn what_is_no_front_end_is_told() {
        for (text, words) in [
            ("", "EOF"),
            ("{}", "it has no format"),
            ("{\"format\": \"ossicle-front-end/9\"}", "its format is \"ossicle-front-end/9\""),
            ("{\"format\": \"ossicle-front-end/1\"}", "missing field"),
            ("[1]", "it has no format"),
        ] {
            let error = FrontEnd::from_text(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn numbers_of_32_bits_are_read_as_they_were_written(bits in any::<u32>()) {
            let number = f32::from_bits(bits);
            prop_assume!(number.is_finite());
            let text = serde_json::to_string(&number).unwrap();
            prop_assert_eq!(serde_json::from_str::<f32>(&text).unwrap().to_bits(), bits);
        }
    }
}
