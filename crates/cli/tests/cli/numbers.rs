//! Whole extractions against what librosa computed: see `crates/dsp/tests/golden/README.md`.

use std::path::PathBuf;

use ossicle_testing::Npy;

use crate::program::{Folder, extract_with};

fn golden(folder: &str, file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../dsp/tests/golden", folder, file].iter().collect()
}

/// Extracts the golden recording and compares the first columns with a golden array, relative to that
/// array's range.
fn assert_is(preset: &str, name: &str, tolerance: f64) {
    for recording in ["speech16k", "speech8k"] {
        let folder = Folder::new();
        let out = folder.at("out");
        let input = golden(recording, "input.wav");
        extract_with(preset, input, &out).not_normalised().succeeds();
        let found = Npy::read(out.join("all/features-00000.npy"));
        assert_eq!(found.shape[1], 120);
        let expected = Npy::read(golden(recording, &format!("{name}.npy")));
        assert_eq!(found.shape[0], expected.shape[0], "frames");
        let columns = expected.shape[1];
        let (found, expected) = (found.f32s(), expected.f64s());
        let low = expected.iter().copied().fold(f64::MAX, f64::min);
        let high = expected.iter().copied().fold(f64::MIN, f64::max);
        let rows = found.chunks(120).zip(expected.chunks(columns));
        let differences =
            rows.flat_map(|(a, b)| a.iter().zip(b).map(|(a, b)| (f64::from(*a) - b).abs()));
        let worst = differences.fold(0.0, f64::max) / (high - low);
        assert!(worst < tolerance, "{recording}, {name}: {worst:.1e} of the range");
    }
}

#[test]
fn timit_mfcc_is_librosas_mfcc() {
    assert_is("timit-mfcc", "post_mfcc40", 1e-5);
}

#[test]
fn timit_mfcc_with_deltas_is_the_2019_programs() {
    assert_is("timit-mfcc", "post_mfcc40_delta2", 1e-5);
}

#[test]
fn timit_mel_is_librosas_mel_spectrogram() {
    assert_is("timit-mel", "post_mel40", 1e-5);
}

// Magnitudes 80 dB below the maximum carry the rounding of an f32 transform; librosa's is f64 here.
#[test]
fn timit_spectrogram_is_the_2019_programs() {
    assert_is("timit-spectrogram", "post_spectrogram40", 5e-5);
}
