//! The fast paths against the obvious ones, in f64, with dirty scratch.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod configs;
mod naive;

use configs::{configs, dirty_scratch, presets};
use naive::{Near, near};
use ossicle_dsp::{
    Around, C0, Cepstra, Columns, Compression, Deltas, Dither, Edges, Energy, EnergyNormalization,
    EnergyOf, EnergyPlace, Extractor, FeatureConfig, Floor, FrameLayout, Level, Lifter, Log,
    LogBase, Moments, Normalizer, Pad, Preemphasis, SampleScale, Spectrum, Widen, Window,
};
use ossicle_testing::noise;
use proptest::prelude::*;
use std::f64::consts::PI;

fn extract(config: &FeatureConfig, samples: &[f32], level: Level) -> Vec<f32> {
    let extractor = Extractor::new(config.clone(), level).unwrap();
    let mut out = vec![f32::NAN; extractor.num_frames(samples.len()) * extractor.dim()];
    extractor.extract_into(samples, &mut dirty_scratch(), &mut out);
    out
}

/// The first number that is not between its bounds.
fn outside<'a>(found: &'a [f32], expected: &'a [Near]) -> Option<(&'a f32, &'a Near)> {
    let holds = |near: &Near, x: f32| (near.low..=near.high).contains(&f64::from(x));
    found.iter().zip(expected).find(|(found, near)| !holds(near, **found))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn features_equal_the_plain_computation(config in configs(), n in 0_usize..2000, seed: u64) {
        let mut config = config;
        let mut n = n;
        if config.remove_dc_offset {
            // Constant frames, and the DC of any without a window, would be nothing but rounding.
            n += 300;
            if config.window == Window::Rectangular {
                config.window = Window::Hamming;
            }
        }
        if config.cepstra.as_ref().is_some_and(|cepstra| cepstra.linear_prediction.is_some()) {
            // A few samples have spectra so smooth that prediction is a quotient of two roundings.
            config.window_length = None;
        }
        let samples = noise(n, seed);
        let expected = near(&config, &samples);
        let found = extract(&config, &samples, Level::detect());
        prop_assert_eq!(found.len(), expected.len());
        let wrong = outside(&found, &expected);
        prop_assert!(wrong.is_none(), "{:?}", wrong);
        // Bounds as wide as the numbers would hold anything. A logarithm loses as much of a weak energy,
        // as that of the lowest bins without a mean, as it is weaker than the frame; a cepstrum sums
        // those of all columns, times a lifter's factor of up to 12.
        let is_vague = |near: &&Near| near.error() > 1e-2 * near.exact.abs().max(1.0);
        let vague = expected.iter().filter(is_vague).count();
        prop_assert!(vague <= 2 + expected.len() / 2, "{} of {}", vague, expected.len());
    }

    #[test]
    fn every_level_gives_the_same_bits(config in configs(), n in 0_usize..4000, seed: u64) {
        let dither = Some(Dither { standard_deviation: 0.01, seed });
        let config = FeatureConfig { dither: dither.filter(|_| seed % 2 == 0), ..config };
        let samples = noise(n, seed);
        let plain = extract(&config, &samples, Level::BASELINE);
        for level in Level::available() {
            let found = extract(&config, &samples, level);
            let same = plain.iter().zip(&found).all(|(a, b)| a.to_bits() == b.to_bits());
            prop_assert!(same, "{level} differs from {}", Level::BASELINE);
        }
    }

    #[test]
    fn features_side_by_side_are_those_alone(
        mut first in configs(), second in configs(), n in 0_usize..3000, seed: u64, share: bool,
    ) {
        first.frames.edges = second.frames.edges;
        if share {
            // Another feature of the same spectrum.
            first = FeatureConfig {
                columns: first.columns,
                compression: Compression::Linear,
                cepstra: None,
                ..second.clone()
            };
        } else {
            first = FeatureConfig { frames: second.frames, n_fft: second.n_fft, ..first };
            first.window_length = None;
            first.cepstra = None;
        }
        prop_assume!(Extractor::new(first.clone(), Level::BASELINE).is_ok());
        let samples = noise(n, seed);
        let alone = [&first, &second].map(|config| extract(config, &samples, Level::detect()));
        let both = Extractor::side_by_side(&[first.clone(), second.clone()], Level::detect());
        let both = both.unwrap();
        let mut found = vec![f32::NAN; both.num_frames(n) * both.dim()];
        both.extract_into(&samples, &mut dirty_scratch(), &mut found);
        for (t, row) in found.chunks(both.dim()).enumerate() {
            let (a, b) = row.split_at(first.dim());
            let rows = [a, b].into_iter().zip([first.dim(), second.dim()]).zip(&alone);
            for ((row, dim), alone) in rows {
                let alone = &alone[t * dim..][..dim];
                let same = row.iter().zip(alone).all(|(a, b)| a.to_bits() == b.to_bits());
                prop_assert!(same, "row {t}");
            }
        }
    }

    #[test]
    fn deltas_equal_their_definition_at_every_level_and_window(
        (num_frames, dim) in (1_usize..40, 1_usize..7),
        (order, window) in (0_usize..4, 1_usize..5),
        (from, to) in (0.0_f64..1.0, 0.0_f64..=1.0),
        seed: u64,
    ) {
        let base = noise(num_frames * dim, seed);
        let deltas = Deltas::new(order, window).unwrap();
        let wide_dim = deltas.wide_dim(dim);
        // All orders of whole matrices, in f64.
        let mut orders = vec![base.iter().map(|&x| f64::from(x)).collect::<Vec<_>>()];
        for _ in 0..order {
            let x = orders.last().unwrap();
            let at = |t: isize, c: usize| x[t.clamp(0, num_frames as isize - 1) as usize * dim + c];
            let norm: f64 = 2.0 * (1..=window).map(|n| (n * n) as f64).sum::<f64>();
            let next = (0..num_frames * dim).map(|i| {
                let (t, c) = ((i / dim) as isize, i % dim);
                let terms = (1..=window as isize).map(|n| n as f64 * (at(t + n, c) - at(t - n, c)));
                terms.sum::<f64>() / norm
            });
            let next = next.collect();
            orders.push(next);
        }
        let first = (from * num_frames as f64) as usize;
        let rows = first..first + (to * (num_frames - first) as f64) as usize;
        let context = deltas.context(&rows, num_frames);
        let window_of_base = &base[context.start * dim..context.end * dim];
        for level in Level::available() {
            let mut wide = vec![f32::NAN; rows.len() * wide_dim];
            let mut scratch = vec![f32::NAN; 3];
            let around =
                Around { base: window_of_base, dim, rows: rows.clone(), num_base: num_frames };
            deltas.widen_into(level, around, &mut scratch, &mut wide);
            for (i, &found) in wide.iter().enumerate() {
                let (t, column) = (rows.start + i / wide_dim, i % wide_dim);
                let expected = orders[column / dim][t * dim + column % dim];
                prop_assert!((f64::from(found) - expected).abs() < 1e-5, "row {t} column {column}");
            }
            // A row's bits do not depend on which rows were asked for.
            let mut all = vec![f32::NAN; num_frames * wide_dim];
            let around = Around { base: &base, dim, rows: 0..num_frames, num_base: num_frames };
            deltas.widen_into(level, around, &mut scratch, &mut all);
            let same = all[rows.start * wide_dim..].iter().zip(&wide).all(|(a, b)| a == b);
            prop_assert!(same);
        }
    }

    #[test]
    fn merged_moments_equal_those_of_all_rows(
        pieces in prop::collection::vec(0_usize..20, 1..6), dim in 1_usize..9, seed: u64,
    ) {
        let total: usize = pieces.iter().sum();
        let rows = noise(total * dim, seed);
        let mut merged = Moments::empty(dim);
        let mut at = 0;
        for piece in pieces {
            let part = Moments::of_rows(&rows[at * dim..(at + piece) * dim], dim, Level::detect());
            merged.merge(part.count, &part.mean, &part.m2);
            at += piece;
        }
        prop_assert_eq!(merged.count, total as u64);
        for column in 0..dim {
            let values: Vec<f64> =
                rows.iter().skip(column).step_by(dim).map(|&x| f64::from(x)).collect();
            let mean = values.iter().sum::<f64>() / (total.max(1)) as f64;
            let variance =
                values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / total.max(1) as f64;
            prop_assert!((merged.mean[column] - mean).abs() < 1e-12);
            let deviation = merged.standard_deviation()[column];
            prop_assert!((deviation - variance.sqrt()).abs() < 1e-12);
        }
    }

    #[test]
    fn moments_are_summed_from_the_first_row_to_the_last(
        dim in 1_usize..100, n in 1_usize..40, seed: u64,
    ) {
        let rows = noise(n * dim, seed);
        for level in Level::available() {
            let found = Moments::of_rows(&rows, dim, level);
            prop_assert_eq!(found.count, n as u64);
            for column in 0..dim {
                let own = || rows.iter().skip(column).step_by(dim).copied();
                let mean = own().fold(0.0, |sum, x| sum + f64::from(x)) / n as f64;
                let square = |x: f32| (f64::from(x) - mean) * (f64::from(x) - mean);
                prop_assert_eq!(found.mean[column], mean, "column {} of {}, {}", column, dim, level);
                prop_assert_eq!(found.m2[column], own().fold(0.0, |sum, x| sum + square(x)));
                prop_assert_eq!(found.min[column], own().fold(f32::INFINITY, f32::min));
                prop_assert_eq!(found.max[column], own().fold(f32::NEG_INFINITY, f32::max));
            }
        }
    }

    #[test]
    fn normalising_equals_its_formula(dim in 1_usize..9, n in 0_usize..30, seed: u64) {
        let rows = noise(n * dim, seed);
        let mean: Vec<f64> = noise(dim, 1).iter().map(|&x| f64::from(x)).collect();
        let deviation: Vec<f64> = noise(dim, 2).iter().map(|&x| f64::from(x).abs() + 0.1).collect();
        for level in Level::available() {
            let mut found = rows.clone();
            Normalizer::new(mean.clone(), &deviation).apply(&mut found, level);
            for (i, (&found, &x)) in found.iter().zip(&rows).enumerate() {
                let scale = 1.0 / deviation[i % dim];
                prop_assert_eq!(found, ((f64::from(x) - mean[i % dim]) * scale) as f32);
            }
        }
    }
}

/// Every choice of a kind, in a configuration in which nothing hides it.
fn choices() -> Vec<(&'static str, Vec<FeatureConfig>)> {
    let mut base = FeatureConfig::kaldi_fbank(16_000);
    base.sample_scale = SampleScale::Unit;
    // Its first weight is not 0, which would hide a frame's first sample.
    base.window = Window::Hamming;
    base.frames = FrameLayout { length: 300, shift: 100, edges: Edges::Snip };
    base.remove_dc_offset = false;
    let log = |floor, base| Log { floor, base, ..Log::natural(1e-3) };
    let with_log = |log| FeatureConfig { compression: Compression::Log(log), ..base.clone() };
    let with_edges = |edges| {
        let frames = FrameLayout { edges, ..base.frames };
        FeatureConfig { frames, ..base.clone() }
    };
    let with_cepstra = |lifter, c0| {
        let cepstra = Cepstra { num_ceps: 13, lifter, c0, linear_prediction: None };
        FeatureConfig { cepstra: Some(cepstra), ..base.clone() }
    };
    let with_energy = |of, normalization| {
        let place = EnergyPlace::First;
        let energy = Energy { of, floor: 1e-7, place, normalization };
        FeatureConfig { energy: Some(energy), ..base.clone() }
    };
    let center = |pad| with_edges(Edges::Center { pad, drop_last: false });
    let windows = [
        Window::Povey,
        Window::Hamming,
        Window::HammingPeriodic,
        Window::Hann,
        Window::HannPeriodic,
        Window::Blackman { coefficient: 0.42 },
        Window::Blackman { coefficient: 0.4 },
        Window::BlackmanPeriodic,
        Window::Sine,
        Window::Rectangular,
    ];
    let windows = windows.map(|window| FeatureConfig { window, ..base.clone() });
    let floors = [Floor::Raise(1e-3), Floor::Add(1e-3), Floor::ReplaceZero(1e-3)];
    let floors = floors.map(|floor| with_log(log(floor, LogBase::E)));
    let bases = [LogBase::E, LogBase::Ten, LogBase::Decibels];
    let bases = bases.map(|base| with_log(log(Floor::Raise(1e-3), base)));
    let spectra = [Spectrum::Power, Spectrum::Magnitude, Spectrum::PowerOverSize];
    let spectra = spectra.map(|spectrum| FeatureConfig { spectrum, ..base.clone() });
    let magnitude = |magnitude_epsilon| FeatureConfig {
        spectrum: Spectrum::Magnitude,
        magnitude_epsilon,
        ..base.clone()
    };
    let fixed = |maximum| Log { top_db: Some(20.0), maximum, ..Log::natural(1e-3) };
    let maxima = [None, Some(0.5), Some(1.5)].map(|maximum| with_log(fixed(maximum)));
    let padded = [0, 100, 200].map(|before| with_edges(Edges::Left { before, pad: Pad::Zero }));
    let scales = [SampleScale::Unit, SampleScale::Int16, SampleScale::Midpoint];
    let scales = scales.map(|sample_scale| FeatureConfig { sample_scale, ..base.clone() });
    let filters = [Preemphasis::None, Preemphasis::PerFrame(0.97), Preemphasis::PerSignal(0.97)];
    let filters = filters.map(|preemphasis| FeatureConfig { preemphasis, ..base.clone() });
    let lifters = [Lifter::None, Lifter::FromZero(22.0), Lifter::FromOne(22.0)];
    let lifters = lifters.map(|lifter| with_cepstra(lifter, C0::First));
    let of = [EnergyOf::Raw, EnergyOf::Windowed, EnergyOf::Spectrum];
    let htk = EnergyNormalization { scale: 0.1, silence_floor_db: 50.0 };
    let energies = of.into_iter().flat_map(|of| [None, Some(htk)].map(|htk| with_energy(of, htk)));
    vec![
        ("window", windows.to_vec()),
        ("pad", [center(Pad::Zero), center(Pad::Reflect), center(Pad::Edge)].to_vec()),
        ("edges", [Edges::Snip, Edges::Symmetric, Edges::PadEnd].map(with_edges).to_vec()),
        ("same", [Pad::Zero, Pad::Reflect].map(|pad| with_edges(Edges::Same { pad })).to_vec()),
        ("left", padded.to_vec()),
        ("epsilon", [0.0, 1e-3].map(magnitude).to_vec()),
        ("maximum", maxima.to_vec()),
        ("floor", floors.to_vec()),
        ("base", bases.to_vec()),
        ("spectrum", spectra.to_vec()),
        ("scale", scales.to_vec()),
        ("pre-emphasis", filters.to_vec()),
        ("lifter", lifters.to_vec()),
        ("C0", [C0::First, C0::Last].map(|c0| with_cepstra(Lifter::None, c0)).to_vec()),
        ("energy", energies.collect()),
    ]
}

#[test]
fn the_bounds_of_each_choice_hold_it_and_no_other_of_its_kind() {
    let mut samples: Vec<f32> = noise(2050, 1).into_iter().map(|x| x / 8.0).collect();
    // A frame of energies below every floor, or kinds of floors would not show.
    samples[..400].iter_mut().for_each(|x| *x /= 10.0);
    for (kind, configs) in choices() {
        let found: Vec<_> =
            configs.iter().map(|config| extract(config, &samples, Level::detect())).collect();
        for (i, config) in configs.iter().enumerate() {
            let expected = near(config, &samples);
            for (j, found) in found.iter().enumerate() {
                let holds = found.len() == expected.len() && outside(found, &expected).is_none();
                assert_eq!(holds, i == j, "{kind} {j} within the bounds of {i}: {config:?}");
            }
        }
    }
}

#[test]
fn a_constant_column_has_a_deviation_of_exactly_zero() {
    // An f32 has 24 bits, so sums of 2^29 equal ones are exact in f64's 53.
    let rows = vec![0.1_f32; 3 * 1000];
    let mut moments = Moments::of_rows(&rows, 3, Level::detect());
    let other = moments.clone();
    moments.merge(other.count, &other.mean, &other.m2);
    assert_eq!(moments.standard_deviation(), [0.0; 3]);
}

#[test]
fn one_tone_rings_in_one_group_of_bins() {
    // 1000 Hz is bin 25 of 400 points at 16 kHz: the Hann window spreads it to bins 24 to 26.
    let tone: Vec<f32> = (0..4000).map(|n| libm::cos(PI / 8.0 * f64::from(n)) as f32).collect();
    let config = FeatureConfig::timit_spectrogram(16_000);
    let rows = extract(&config, &tone, Level::detect());
    for row in rows.chunks(40) {
        let loudest = (0..40).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
        assert_eq!((loudest, row[5]), (5, 0.0));
        assert!(row.iter().enumerate().all(|(c, &x)| c == 5 || c == 4 || x < -70.0), "{row:?}");
    }
}

/// Every way that samples can be hard.
fn hard(rate: u32) -> Vec<(&'static str, Vec<f32>)> {
    let n = rate as usize / 4;
    let square = |i: usize| if (i / 20).is_multiple_of(2) { 1.0 } else { -1.0 };
    let mut impulse = vec![0.0; n];
    impulse[n / 2] = 1.0;
    vec![
        ("silence", vec![0.0; n]),
        ("DC", vec![0.5; n]),
        ("an impulse", impulse),
        ("a full-scale square wave", (0..n).map(square).collect()),
        ("the smallest steps", (0..n).map(|i| square(i) / 32768.0).collect()),
    ]
}

#[test]
fn presets_are_finite_and_exact_for_hard_samples() {
    for (name, preset) in presets() {
        for rate in [8000, 16_000, 44_100] {
            let mut config = preset(rate);
            // python_speech_features would cut longer frames to its 512 points, with a warning.
            config.n_fft = config.n_fft.max(config.frames.length);
            for (what, samples) in hard(rate) {
                let found = extract(&config, &samples, Level::detect());
                assert!(found.iter().all(|x| x.is_finite()), "{name} at {rate} Hz of {what}");
                let expected = near(&config, &samples);
                let wrong = outside(&found, &expected);
                assert!(wrong.is_none(), "{name} at {rate} Hz of {what}: {wrong:?}");
            }
        }
    }
}

#[test]
fn presets_take_every_length() {
    for (name, preset) in presets() {
        let config = preset(16_000);
        let FrameLayout { length, shift, .. } = config.frames;
        let batch = length + 7 * shift;
        for n in [0, 1, 2, shift, length - 1, length, length + 1, batch - 1, batch, batch + shift] {
            let samples = noise(n, n as u64);
            let (found, expected) =
                (extract(&config, &samples, Level::detect()), near(&config, &samples));
            assert_eq!(found.len(), expected.len(), "{name} of {n} samples");
            assert!(found.iter().all(|x| x.is_finite()), "{name} of {n} samples");
            let wrong = outside(&found, &expected);
            assert!(wrong.is_none(), "{name} of {n} samples: {wrong:?}");
        }
    }
}

#[test]
fn numbers_that_are_none_do_not_panic() {
    for (_, preset) in presets() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
            let mut samples = noise(3000, 1);
            samples[1500] = bad;
            extract(&preset(16_000), &samples, Level::detect());
        }
    }
}

#[test]
fn dither_depends_on_seed_utterance_and_frame_alone() {
    let dithered = |seed| FeatureConfig {
        dither: Some(Dither { standard_deviation: 1.0, seed }),
        ..FeatureConfig::kaldi_fbank(16_000)
    };
    let run = |seed, key, n: usize| {
        let extractor = Extractor::new(dithered(seed), Level::detect()).unwrap();
        let mut out = vec![0.0; extractor.num_frames(n) * extractor.dim()];
        let samples = vec![0.0; n];
        extractor.extract_keyed_into(&samples, key, &mut dirty_scratch(), &mut out);
        out
    };
    let base = run(0, 0, 8000);
    assert_eq!(base, run(0, 0, 8000));
    assert_ne!(base, run(1, 0, 8000));
    assert_ne!(base, run(0, 1, 8000));
    assert_ne!(base[..23], base[23..46]);
    // A frame's noise does not depend on how many follow.
    assert_eq!(base[..23 * 10], run(0, 0, 400 + 9 * 160)[..]);
    // White noise of variance 1, pre-emphasised by 0.97: the sum of all powers over all bins is
    // n_fft·(1 + 0.97²)·Σw², so the mean log of the filters is near that of one bin times the filter's
    // area; here only that it is far above the floor and alike in all frames.
    let mean = base.iter().sum::<f32>() / base.len() as f32;
    assert!((4.0..9.0).contains(&mean), "{mean}");
}

#[test]
fn configurations_out_of_range_show_their_value() {
    let good = FeatureConfig::timit_mfcc(16_000);
    let message = |config| Extractor::new(config, Level::BASELINE).unwrap_err().to_string();
    let zero_shift = FrameLayout { shift: 0, ..good.frames };
    assert_eq!(
        message(FeatureConfig { frames: zero_shift, ..good.clone() }),
        "the frame shift is 0 samples; it must be positive"
    );
    let cepstra = good.cepstra.map(|cepstra| Cepstra { num_ceps: 200, ..cepstra });
    assert_eq!(
        message(FeatureConfig { cepstra, ..good.clone() }),
        "num_ceps is 200; it must be from 1 to the number of columns, 128"
    );
    assert_eq!(
        message(FeatureConfig { n_fft: 0, ..good.clone() }),
        "n_fft is 0; it must be from 1 to 2^20"
    );
    assert_eq!(
        message(FeatureConfig { preemphasis: Preemphasis::PerFrame(1.5), ..good.clone() }),
        "the pre-emphasis coefficient is 1.5; it must be from 0 to 1"
    );
    assert_eq!(
        message(FeatureConfig { window_length: Some(401), ..good.clone() }),
        "the window covers 401 samples; it must be from 1 to the frame's 400"
    );
    let too_many = Columns::Groups { num_columns: 41, bins_per_column: 5 };
    assert_eq!(
        message(FeatureConfig { columns: too_many, cepstra: None, ..good }),
        "41 columns of 5 bins are 205; n_fft = 400 has 201 bins"
    );
    let plp = FeatureConfig::kaldi_plp(16_000);
    assert_eq!(
        message(FeatureConfig { spectrum: Spectrum::Magnitude, ..plp }),
        "linear prediction is of mel energies, not compressed and of powers"
    );
}
