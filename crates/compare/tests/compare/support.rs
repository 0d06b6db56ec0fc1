//! Recordings and sides.

use std::sync::OnceLock;

use ossicle_compare::{Comparison, Origin, Side, Which, compare};
use ossicle_demo::{Demo, DemoConfig, SAMPLE_RATE_HZ};
use ossicle_dsp::Level;
use ossicle_recipe::{Recipe, RecipeSource};
use ossicle_testing::Random;

/// A second and a half: enough to tell all causes apart, and a search takes as much longer as there is more.
const MOST_SAMPLES: usize = 24_000;

/// Returns the beginning of a synthetic utterance: full scale ±1.0, 16 kHz, with a touch of noise and a constant, as
/// recordings have.
pub(crate) fn recording(number: usize) -> Vec<f32> {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    let demo = DEMO.get_or_init(|| Demo::new(&DemoConfig::default()).unwrap());
    let recordings = demo.recordings();
    let utterance = recordings[number % recordings.len()].synthesize();
    let mut random = Random::with_seed(number as u64);
    let noise = |x: &i16| f32::from(*x) / 32768.0 + (random.f32() - 0.5) * 2e-3 + 1e-3;
    let samples = utterance.samples.iter().take(MOST_SAMPLES).map(noise);
    samples.map(|x| (x * 32768.0).round() / 32768.0).collect()
}

/// A preset with keys changed.
pub(crate) fn recipe(preset: &str, set: &[&str]) -> RecipeSource {
    let mut source: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
    for assignment in set {
        source.set(assignment).unwrap();
    }
    source
}

/// The rows of a preset with keys changed.
pub(crate) fn side(preset: &str, set: &[&str], samples: &[f32]) -> Side {
    side_at(preset, set, samples, SAMPLE_RATE_HZ)
}

pub(crate) fn side_at(preset: &str, set: &[&str], samples: &[f32], sample_rate_hz: u32) -> Side {
    let origin = Origin {
        recipe: recipe(preset, set),
        statistics: None,
        array: None,
        id: "utterance".to_owned(),
        samples: samples.to_vec(),
        sample_rate_hz,
    };
    Side::computed(origin, Level::detect()).unwrap()
}

/// Compares a preset's rows with a matrix of which nothing else is known.
pub(crate) fn explain(a: &Side, b: &Side) -> Comparison {
    compare(a, &Side::of_matrix(b.matrix.clone()), Level::detect()).unwrap()
}

/// What an answer says: keys with their values, or words.
pub(crate) fn said(comparison: &Comparison) -> Vec<String> {
    assert_eq!(comparison.changed, Which::A);
    let mut said: Vec<String> = Vec::new();
    for change in &comparison.changes {
        if change.keys.is_empty() {
            said.push(change.words.clone());
        }
        let key = |key: &ossicle_compare::KeyChange| {
            format!("{}={}", key.key, key.to.as_deref().unwrap_or_default().trim_matches('"'))
        };
        said.extend(change.keys.iter().map(key));
    }
    said.sort();
    said
}

/// Adds white noise that lies so many dB below the recording.
pub(crate) fn with_noise(samples: &[f32], db: f32, seed: u64) -> Vec<f32> {
    let energy: f32 = samples.iter().map(|x| x * x).sum();
    let rms = (energy / samples.len() as f32).sqrt() * libm::powf(10.0, db / 20.0);
    let mut random = Random::with_seed(seed);
    // Evenly spread, whose variance is a third of the square of its bound.
    let mut noise = || (random.f32() * 2.0 - 1.0) * rms * 3f32.sqrt();
    samples.iter().map(|x| x + noise()).collect()
}
