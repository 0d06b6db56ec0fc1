//! Presets at rates that no golden recording has: how milliseconds become samples, and samples a transform,
//! is each program's own rule.
//!
//! `rates.json` is what the programs themselves make of noise; `cargo xtask golden` makes it again. Kaldi's
//! and HTK's own programs are none that it runs: their rules are written here, from their sources' words.

use std::collections::BTreeMap;
use std::path::Path;

use ossicle_dsp::{Error, FeatureConfig, Level, Next, Scratch, Sink, Start};
use ossicle_recipe::{Recipe, RecipeSource};
use serde::Deserialize;

const RATES: [u32; 6] = [11_025, 22_050, 24_000, 32_000, 44_100, 48_000];

fn preset(name: &str) -> Recipe {
    Recipe::preset(name).unwrap().parse::<RecipeSource>().unwrap().finish().unwrap()
}

/// What a program makes of noise at its rates.
#[derive(Deserialize)]
struct Program {
    by: String,
    rates: BTreeMap<u32, Told>,
}

#[derive(Deserialize)]
struct Told {
    num_samples: usize,
    /// In samples, where the program tells.
    length: Option<usize>,
    shift: Option<usize>,
    frames: usize,
    columns: usize,
    row: usize,
    /// That row.
    values: Vec<f64>,
}

/// The noise of `bench/peers/golden.py`, of ±1.0.
fn noise(num_samples: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let mut sample = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Python's division of whole numbers goes down.
        ((i64::from(state >> 16) - 32_768).div_euclid(8)) as f32 / 32_768.0
    };
    (0..num_samples).map(|_| sample()).collect()
}

/// All rows of a recording.
fn rows(recipe: &Recipe, rate: u32, samples: &[f32]) -> Vec<f32> {
    let feature = recipe.streams()[0].planned(rate, Level::detect()).unwrap();
    let (mut scratch, mut sink) = (Scratch::default(), Sink::default());
    let mut stream = feature.begin(Start::default(), &mut scratch);
    while stream.finish(samples, &mut sink).unwrap() == Next::Again {
        sink.clear();
    }
    sink.rows().to_vec()
}

#[test]
fn presets_at_other_rates_are_what_their_programs_make_there() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dsp/tests/golden/rates.json");
    let text = std::fs::read_to_string(path).unwrap();
    let programs: BTreeMap<String, Program> = serde_json::from_str(&text).unwrap();
    let names: Vec<&str> = programs.keys().map(String::as_str).collect();
    let expected = ["kaldi-fbank", "kaldi-mfcc", "kaldi-mfcc-hires", "lhotse-fbank", "librosa-mel"];
    assert_eq!(names, [&expected[..], &["librosa-mfcc", "psf-logfbank", "psf-mfcc"]].concat());
    for (name, Program { by, rates }) in programs {
        assert_eq!(rates.keys().copied().collect::<Vec<_>>(), RATES, "{name}");
        for (rate, told) in rates {
            let recipe = preset(&name);
            let [config] = &recipe.feature_configs(rate)[..] else {
                panic!("{name} is one feature")
            };
            let layout = config.frames;
            let at = format!("{name} at {rate} Hz, by {by}");
            assert!(told.length.is_none_or(|length| length == layout.length), "{at}");
            assert!(told.shift.is_none_or(|shift| shift == layout.shift), "{at}");
            assert_eq!(layout.num_frames(told.num_samples), told.frames, "{at}");
            assert_eq!(config.dim(), told.columns, "{at}");
            // python_speech_features leaves out what its transform does not hold, and warns.
            if layout.length > 512 && name.starts_with("psf") {
                let refused = recipe.check_at(rate).unwrap_err();
                assert_eq!(
                    refused,
                    Error::FrameLength { length: layout.length, n_fft: 512 },
                    "{at}"
                );
                continue;
            }
            let rows = rows(&recipe, rate, &noise(told.num_samples));
            assert_eq!(rows.len(), told.frames * told.columns, "{at}");
            let ours = &rows[told.row * told.columns..][..told.columns];
            let most = told.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let range = most - told.values.iter().copied().fold(f64::INFINITY, f64::min);
            for (column, (&ours, &theirs)) in ours.iter().zip(&told.values).enumerate() {
                // Cepstra of single precision, times 12 by the lifter: see docs/parity.md. A filter or a
                // window of another rate is a hundred times as far away.
                let error = (f64::from(ours) - theirs).abs();
                assert!(error < 1e-4 * range, "{at}: {ours} is not {theirs} in column {column}");
            }
        }
    }
}

/// A preset's only configuration, and how many frames a second has.
fn of_a_second(name: &str, rate: u32) -> (FeatureConfig, usize) {
    let config = preset(name).feature_configs(rate).remove(0);
    let frames = config.frames.num_frames(rate as usize);
    (config, frames)
}

#[test]
fn frames_of_kaldi_and_htk_are_as_many_samples_as_their_rules_make_them() {
    let kaldi = ["kaldi-fbank", "kaldi-mfcc", "kaldi-mfcc-hires", "kaldi-plp", "kaldi-spectrogram"];
    for rate in RATES {
        for name in kaldi.into_iter().chain(["htk-mfcc"]) {
            let hz = f64::from(rate);
            let (length, shift) = match name {
                // In HTK a sample lasts so many times 100 ns, and a part of one is dropped.
                "htk-mfcc" => (250_000.0 / (1e7 / hz), 100_000.0 / (1e7 / hz)),
                // int(samp_freq * 0.001 * frame_length_ms)
                _ => (hz * 0.001 * 25.0, hz * 0.001 * 10.0),
            };
            let (length, shift) = (length as usize, shift as usize);
            let (config, frames) = of_a_second(name, rate);
            let at = format!("{name} at {rate} Hz");
            assert_eq!((config.frames.length, config.frames.shift), (length, shift), "{at}");
            let n_fft = (0..).map(|power| 1_usize << power).find(|&n| n >= length).unwrap();
            assert_eq!(config.n_fft, n_fft, "{at}");
            assert_eq!(frames, 1 + (rate as usize - length) / shift, "{at}");
            let columns = match name {
                "kaldi-fbank" => 23,
                "kaldi-mfcc-hires" => 40,
                "kaldi-spectrogram" => n_fft / 2 + 1,
                _ => 13,
            };
            assert_eq!(config.dim(), columns, "{at}");
            preset(name).check_at(rate).unwrap();
        }
    }
}

#[test]
fn frames_that_are_samples_are_as_many_at_every_rate() {
    // Length, shift, columns, and whether frames are centred.
    for (name, length, shift, columns, is_centred) in [
        ("librosa-mel", 2048, 512, 128, true),
        ("librosa-mfcc", 2048, 512, 20, true),
        ("torchaudio-mel", 400, 160, 80, true),
        ("torchaudio-mfcc", 400, 200, 40, true),
        ("timit-mel", 400, 160, 40, false),
        ("timit-mfcc", 400, 160, 40, false),
        ("timit-spectrogram", 400, 160, 40, false),
    ] {
        for rate in RATES {
            let (config, frames) = of_a_second(name, rate);
            let at = format!("{name} at {rate} Hz");
            assert_eq!((config.frames.length, config.frames.shift), (length, shift), "{at}");
            assert_eq!((config.n_fft, config.dim()), (length, columns), "{at}");
            let reach = if is_centred { 0 } else { length };
            assert_eq!(frames, 1 + (rate as usize - reach) / shift, "{at}");
        }
    }
    // Whisper's are of one rate and say so.
    for name in ["whisper-80", "whisper-128"] {
        assert_eq!(preset(name).audio().sample_rate_hz, Some(16_000));
    }
}
