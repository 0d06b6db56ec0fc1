//! Causes whose values a seed draws, as nobody has listed all that there are.

use ossicle_compare::{Side, Verdict};
use ossicle_dataset::Matrix;
use ossicle_testing::Random;

use crate::support::{explain, recording, said, side, with_noise};

/// Keys that are changed together, the last to one of many values: a preset, the keys, and the values.
type Cause = (&'static str, &'static [&'static str], &'static [&'static str]);

const CAUSES: &[Cause] = &[
    ("kaldi-fbank", &["feature.floor_mode=add", "feature.floor="], &["300", "1000", "7000", "2e5"]),
    ("kaldi-fbank", &["feature.floor="], &["50000", "3e6", "1e6"]),
    (
        "kaldi-fbank",
        &["frames.length="],
        &["320samples", "380samples", "398samples", "399samples", "401samples", "410samples"],
    ),
    ("kaldi-fbank", &["frames.shift="], &["159samples", "161samples", "163samples", "200samples"]),
    ("kaldi-fbank", &["feature.preemphasis="], &["0.5", "0.85", "0.94", "0.98", "1"]),
    ("kaldi-fbank", &["feature.n_fft="], &["400", "640", "800", "4096"]),
    (
        "kaldi-fbank",
        &["feature.log=db", "feature.relative_to_maximum=true", "feature.top_db="],
        &["60", "80"],
    ),
    ("kaldi-fbank", &["feature.log=db", "feature.top_db="], &["30", "50", "80"]),
    ("kaldi-fbank", &["feature.use_energy=true", "feature.energy_floor="], &["6e5", "7e7"]),
    ("kaldi-fbank", &["deltas.convention=kaldi", "deltas.order="], &["2"]),
    ("kaldi-fbank", &["splice.left=3", "splice.right="], &["1", "2"]),
    (
        "kaldi-fbank",
        &["normalize.scope=sliding", "normalize.variance=false", "normalize.cmn_window="],
        &["50", "100"],
    ),
    ("kaldi-mfcc", &["feature.energy_floor="], &["1e6", "4e7"]),
    ("kaldi-mfcc", &["feature.cepstral_lifter="], &["10", "21", "21.5", "23", "25", "40"]),
    ("kaldi-mfcc", &["feature.use_energy=false", "feature.c0="], &["last"]),
    ("kaldi-mfcc", &["feature.num_mel_bins="], &["21", "25", "32", "35"]),
    ("kaldi-mfcc", &["feature.floor_mode=add", "feature.floor="], &["3000", "20000"]),
    (
        "kaldi-mfcc",
        &[
            "feature.num_mel_bins=40",
            "feature.num_ceps=40",
            "feature.use_energy=false",
            "feature.high_freq_hz=",
        ],
        &["-200", "-400"],
    ),
    ("whisper-80", &["feature.log_offset="], &["3", "4.5"]),
    ("whisper-80", &["feature.log_factor="], &["0.2", "0.3"]),
    ("whisper-80", &["feature.floor_mode=add", "feature.floor="], &["3e-7", "1e-6"]),
    ("whisper-80", &["feature.n_fft=512", "feature.mel_norm=peak", "feature.window="], &["hann"]),
    ("nemo-mel80-norm", &["normalize.ddof=0", "normalize.eps="], &["0", "0.003", "0.02"]),
    ("nemo-mel80-norm", &["normalize.ddof=0", "feature.window="], &["hann-periodic", "povey"]),
    ("nemo-mel80-norm", &["normalize.std_floor="], &["0.5", "1.5"]),
    ("hifigan-mel80", &["feature.magnitude_epsilon="], &["4e-7", "3e-5"]),
];

#[test]
fn values_that_a_seed_draws_are_found_again() {
    let mut random = Random::with_seed(5);
    let mut wrong = Vec::new();
    for (number, (preset, keys, values)) in CAUSES.iter().enumerate() {
        let samples = recording(number);
        let drawn = values[random.usize(..values.len())];
        let mut set: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
        set.iter_mut().rev().take(1).for_each(|last| last.push_str(drawn));
        let of: Vec<&str> = set.iter().map(|key| &**key).collect();
        let answer = explain(&side(preset, &[], &samples), &side(preset, &of, &samples));
        let found = said(&answer);
        if answer.verdict != Verdict::Explained || in_numbers(&found) != in_numbers(&set) {
            wrong.push((*preset, set, answer.verdict, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Assignments in order, whose numbers are written alike: 2e5 as 200000.
fn in_numbers(of: &[String]) -> Vec<String> {
    let written = |text: &String| {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        match value.parse::<f64>() {
            Ok(number) => format!("{key}={number}"),
            Err(_) => text.clone(),
        }
    };
    let mut written: Vec<String> = of.iter().map(written).collect();
    written.sort();
    written
}

/// A column alone that is off, and energy that is added to all, are keys and no noise.
#[test]
fn a_column_that_is_off_and_a_floor_that_is_added_are_no_noise() {
    let samples = recording(3);
    for (preset, set) in [
        ("kaldi-mfcc", &["feature.energy_floor=1e6"][..]),
        ("kaldi-fbank", &["feature.floor=300", "feature.floor_mode=add"]),
        ("whisper-80", &["feature.floor=3e-8", "feature.floor_mode=add"]),
    ] {
        let answer = explain(&side(preset, &[], &samples), &side(preset, set, &samples));
        assert_eq!(answer.verdict, Verdict::Explained, "{preset} {set:?}: {:?}", said(&answer));
    }
}

/// A recording that is quiet has louder noise of the same dither.
#[test]
fn noise_is_told_where_it_is_louder_than_60_db_below_the_recording() {
    let samples = recording(4);
    for (db, set) in [(-50.0, &["feature.window=hamming"][..]), (-43.0, &[])] {
        let a = side("kaldi-fbank", &[], &samples);
        let answer = explain(&a, &side("kaldi-fbank", set, &with_noise(&samples, db, 3)));
        assert_eq!(
            (answer.verdict, said(&answer)),
            (Verdict::ExplainedButForNoise, set.iter().map(|&key| key.to_owned()).collect()),
            "{db}"
        );
        let level = answer.left.noise_db.unwrap();
        assert!((level - f64::from(db)).abs() < 4.0, "{level} for {db}");
    }
}

/// Two rows are some line of any two others.
#[test]
fn a_few_numbers_are_not_explained_by_as_many_constants() {
    let mut random = Random::with_seed(8);
    for (rows, columns) in [(2, 23), (2, 2), (1, 80), (12, 23)] {
        let mut drawn = || {
            let values = (0..rows * columns).map(|_| random.f32() * 10.0).collect();
            Side::of_matrix(Matrix::new(rows, columns, values))
        };
        let (a, b) = (drawn(), drawn());
        let answer = explain(&a, &b);
        assert_eq!(
            answer.verdict,
            Verdict::NotExplained,
            "{rows} × {columns}: {:?}",
            said(&answer)
        );
    }
}
