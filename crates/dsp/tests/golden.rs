//! The presets against what other programs computed: see `golden/README.md`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

use std::fs;
use std::path::PathBuf;

use ossicle_dsp::{Deltas, Extractor, FeatureConfig, Level, SampleScale, Scratch};

fn golden(folder: &str, file: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/golden", folder, file].iter().collect();
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A float64 array of two dimensions, NumPy's format 1.0.
fn array(folder: &str, name: &str) -> (Vec<f64>, usize) {
    let bytes = golden(folder, &format!("{name}.npy"));
    let header = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let text = std::str::from_utf8(&bytes[10..10 + header]).unwrap();
    assert!(text.contains("'<f8'") && text.contains("'fortran_order': False"), "{text}");
    let shape = &text[text.find("'shape': (").unwrap() + 10..];
    let columns = shape.split(&[',', ')']).nth(1).unwrap().trim().parse().unwrap();
    let numbers = bytes[10 + header..].as_chunks().0.iter().map(|&b| f64::from_le_bytes(b));
    (numbers.collect(), columns)
}

/// The samples of a 16-bit mono WAVE file with a 44-byte header, and its rate.
fn recording(folder: &str) -> (Vec<f32>, u32) {
    let bytes = golden(folder, "input.wav");
    assert_eq!(&bytes[36..40], b"data", "a plain header");
    let rate = u32::from_le_bytes(*bytes[24..].first_chunk().unwrap());
    let samples = bytes[44..].as_chunks().0.iter().map(|&b| f32::from(i16::from_le_bytes(b)));
    (samples.map(|s| s / 32768.0).collect(), rate)
}

/// The largest difference, relative to the range of the expected array.
fn worst(found: &[f32], (expected, columns): &(Vec<f64>, usize), dim: usize) -> f64 {
    assert_eq!(dim, *columns);
    assert_eq!(found.len(), expected.len(), "the same number of frames");
    let low = expected.iter().copied().fold(f64::MAX, f64::min);
    let high = expected.iter().copied().fold(f64::MIN, f64::max);
    let differences = found.iter().zip(expected).map(|(&a, b)| (f64::from(a) - b).abs());
    differences.fold(0.0, f64::max) / (high - low)
}

fn features(folder: &str, config: fn(u32) -> FeatureConfig) -> (Vec<f32>, usize) {
    let (mut samples, rate) = recording(folder);
    SampleScale::Midpoint.apply(&mut samples);
    let extractor = Extractor::new(config(rate), Level::detect()).unwrap();
    let mut out = vec![0.0; extractor.num_frames(samples.len()) * extractor.dim()];
    extractor.extract_into(&samples, &mut Scratch::default(), &mut out);
    (out, extractor.dim())
}

fn check(name: &str, config: fn(u32) -> FeatureConfig, tolerance: f64) {
    for folder in ["speech16k", "speech8k"] {
        let (found, dim) = features(folder, config);
        let error = worst(&found, &array(folder, name), dim);
        println!("{folder} {name}: {error:.1e} of the range");
        assert!(error < tolerance, "{folder} {name}: {error:.1e} of the range");
    }
}

#[test]
fn timit_mfcc_is_what_librosa_computes() {
    check("post_mfcc40", FeatureConfig::timit_mfcc, 1e-5);
}

#[test]
fn timit_mel_is_what_librosa_computes() {
    check("post_mel40", FeatureConfig::timit_mel, 1e-5);
}

// Magnitudes 80 dB below the maximum carry the rounding of an f32 transform; librosa's is f64 here.
#[test]
fn timit_spectrogram_is_what_librosa_computes() {
    check("post_spectrogram40", FeatureConfig::timit_spectrogram, 5e-5);
}

#[test]
fn deltas_are_what_the_2019_program_computes() {
    for folder in ["speech16k", "speech8k"] {
        let (base, dim) = features(folder, FeatureConfig::timit_mfcc);
        let deltas = Deltas::new(2, 2).unwrap();
        let num_frames = base.len() / dim;
        let mut wide = vec![0.0; num_frames * deltas.wide_dim(dim)];
        let (level, all) = (Level::detect(), 0..num_frames);
        deltas.widen_into(level, &base, dim, all, num_frames, &mut Vec::new(), &mut wide);
        let expected = array(folder, "post_mfcc40_delta2");
        let error = worst(&wide, &expected, deltas.wide_dim(dim));
        println!("{folder} post_mfcc40_delta2: {error:.1e} of the range");
        assert!(error < 1e-5, "{folder}: {error:.1e} of the range");
    }
}
