//! The fast paths against the obvious ones, in f64, with dirty scratch.
#![expect(clippy::disallowed_methods, reason = "the plain way is in the platform's own functions")]
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use ossicle_dsp::{
    Columns, Decibels, Deltas, Edges, Extractor, FeatureConfig, FrameLayout, Level, MelConfig,
    MelNorm, MelScale, Moments, Normalizer, Scratch, Window,
};
use proptest::prelude::*;
use std::f64::consts::PI;

/// Deterministic numbers in ±1 that look random.
fn noise(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 40) as f32 / 8_388_608.0 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

fn to_mel(scale: MelScale, hz: f64) -> f64 {
    match scale {
        MelScale::Slaney if hz < 1000.0 => hz * 3.0 / 200.0,
        MelScale::Slaney => 15.0 + 27.0 * (hz / 1000.0).ln() / 6.4_f64.ln(),
        MelScale::Htk => 2595.0 * (1.0 + hz / 700.0).log10(),
        _ => unimplemented!("{scale:?}"),
    }
}

fn to_hz(scale: MelScale, mel: f64) -> f64 {
    // By bisection: the scales rise.
    let (mut low, mut high) = (0.0, 1e6);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if to_mel(scale, middle) < mel { low = middle } else { high = middle }
    }
    low
}

/// The features the plain way: direct DFT, dense filters, whole matrices.
fn naive(config: &FeatureConfig, samples: &[f32]) -> Vec<f64> {
    let FeatureConfig { n_fft, frames, .. } = *config;
    let weights: Vec<f64> = (0..frames.length)
        .map(|n| match config.window {
            Window::HannPeriodic => 0.5 - 0.5 * (2.0 * PI * n as f64 / frames.length as f64).cos(),
            _ => 1.0,
        })
        .collect();
    let mut rows = Vec::new();
    let mut start = 0;
    while start + frames.length <= samples.len() {
        let power: Vec<f64> = (0..=n_fft / 2)
            .map(|k| {
                let (mut re, mut im) = (0.0, 0.0);
                for n in 0..frames.length {
                    let x = f64::from(samples[start + n]) * weights[n];
                    let angle = 2.0 * PI * (k * n % n_fft) as f64 / n_fft as f64;
                    re += x * angle.cos();
                    im -= x * angle.sin();
                }
                re * re + im * im
            })
            .collect();
        let row: Vec<f64> = match &config.columns {
            Columns::Mel(mel) => {
                let rate = f64::from(config.sample_rate_hz);
                let low = to_mel(mel.scale, mel.low_freq_hz);
                let high = to_mel(mel.scale, mel.high_freq_hz.unwrap_or(rate / 2.0));
                let step = (high - low) / (mel.num_mel_bins + 1) as f64;
                let corner = |i: usize| to_hz(mel.scale, low + step * i as f64);
                (0..mel.num_mel_bins)
                    .map(|m| {
                        let (a, b, c) = (corner(m), corner(m + 1), corner(m + 2));
                        let norm = if mel.norm == MelNorm::Area { 2.0 / (c - a) } else { 1.0 };
                        let weight =
                            |hz: f64| ((hz - a) / (b - a)).min((c - hz) / (c - b)).max(0.0) * norm;
                        let hz = |k: usize| k as f64 * rate / n_fft as f64;
                        power.iter().enumerate().map(|(k, p)| weight(hz(k)) * p).sum()
                    })
                    .collect()
            }
            &Columns::MagnitudeGroups { num_columns, bins_per_column } => (0..num_columns)
                .map(|c| {
                    let bins = &power[c * bins_per_column..(c + 1) * bins_per_column];
                    let sum: f64 = bins.iter().map(|p| p.sqrt()).sum();
                    if config.decibels.is_some() { sum * sum } else { sum }
                })
                .collect(),
            other => unimplemented!("{other:?}"),
        };
        rows.push(row);
        start += frames.shift;
    }
    if let Some(decibels) = &config.decibels {
        let floor = f64::from(decibels.floor);
        let mut maximum = f64::MIN;
        for x in rows.iter_mut().flatten() {
            *x = 10.0 * x.max(floor).log10();
            maximum = maximum.max(*x);
        }
        for x in rows.iter_mut().flatten() {
            if let Some(top_db) = decibels.top_db {
                *x = x.max(maximum - f64::from(top_db));
            }
            if decibels.relative_to_maximum {
                *x -= maximum;
            }
        }
    }
    if let Some(num_ceps) = config.num_ceps {
        for row in &mut rows {
            let n = row.len() as f64;
            *row = (0..num_ceps)
                .map(|k| {
                    let scale = if k == 0 { (1.0 / n).sqrt() } else { (2.0 / n).sqrt() };
                    let angle = |i: usize| PI / n * (i as f64 + 0.5) * k as f64;
                    row.iter().enumerate().map(|(i, x)| scale * x * angle(i).cos()).sum()
                })
                .collect();
        }
    }
    rows.concat()
}

fn dirty_scratch() -> Scratch {
    let mut config = FeatureConfig::timit_mfcc(16_000);
    config.n_fft = 1024;
    let extractor = Extractor::new(config, Level::BASELINE).unwrap();
    let mut scratch = Scratch::default();
    let samples = vec![f32::NAN; 40_000];
    let mut out = vec![0.0; extractor.num_frames(samples.len()) * extractor.dim()];
    extractor.extract_into(&samples, &mut scratch, &mut out);
    scratch
}

fn extract(config: &FeatureConfig, samples: &[f32], level: Level) -> Vec<f32> {
    let extractor = Extractor::new(config.clone(), level).unwrap();
    let mut out = vec![f32::NAN; extractor.num_frames(samples.len()) * extractor.dim()];
    extractor.extract_into(samples, &mut dirty_scratch(), &mut out);
    out
}

fn configs() -> impl Strategy<Value = FeatureConfig> {
    let rates = prop::sample::select(vec![8000_u32, 11_025, 16_000, 22_050, 44_100, 48_000]);
    let sizes = prop::sample::select(vec![60_usize, 128, 200, 256, 300, 400, 512]);
    let columns = prop_oneof![
        (1_usize..60, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(num_mel_bins, slaney, area, band)| Columns::Mel(MelConfig {
                num_mel_bins,
                low_freq_hz: if band { 20.0 } else { 0.0 },
                high_freq_hz: band.then_some(3800.0),
                scale: if slaney { MelScale::Slaney } else { MelScale::Htk },
                norm: if area { MelNorm::Area } else { MelNorm::Peak },
            })
        ),
        (1_usize..10, 1_usize..4).prop_map(|(num_columns, bins_per_column)| {
            Columns::MagnitudeGroups { num_columns, bins_per_column }
        }),
    ];
    let decibels = prop_oneof![
        Just(None),
        (any::<bool>(), prop::option::of(20.0_f32..90.0)).prop_map(|(relative, top_db)| Some(
            Decibels { floor: 1e-10, relative_to_maximum: relative, top_db }
        )),
    ];
    (rates, sizes, columns, decibels, 1_usize..200, 0.5_f64..=1.0, any::<bool>(), 0.0_f64..1.0)
        .prop_map(|(rate, n_fft, columns, decibels, shift, length, hann, ceps)| {
            let num_columns = match &columns {
                Columns::Mel(mel) => mel.num_mel_bins,
                Columns::MagnitudeGroups { num_columns, .. } => *num_columns,
                _ => unreachable!("only these are generated"),
            };
            // Cepstra of linear energies are of no use and of any size.
            let num_ceps = (decibels.is_some() && ceps > 0.5)
                .then(|| ((num_columns as f64 * ceps) as usize).max(1));
            let length = ((n_fft as f64 * length) as usize).max(1);
            FeatureConfig {
                sample_rate_hz: rate,
                frames: FrameLayout { length, shift, edges: Edges::Snip },
                window: if hann { Window::HannPeriodic } else { Window::Rectangular },
                n_fft,
                columns,
                decibels,
                num_ceps,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn features_equal_the_plain_computation(config in configs(), n in 0_usize..3000, seed: u64) {
        let samples = noise(n, seed);
        let expected = naive(&config, &samples);
        let found = extract(&config, &samples, Level::detect());
        prop_assert_eq!(found.len(), expected.len());
        let largest = expected.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        for (at, (&found, &expected)) in found.iter().zip(&expected).enumerate() {
            // Noise has few weak bins; where it has, f32 leaves a few hundredths of a decibel.
            let allowed = if config.decibels.is_some() { 0.05 } else { 1e-5 * largest + 1e-9 };
            let error = (f64::from(found) - expected).abs();
            prop_assert!(error <= allowed, "at {at}: {found}, expected {expected}");
        }
    }

    #[test]
    fn every_level_gives_the_same_bits(config in configs(), n in 0_usize..6000, seed: u64) {
        let samples = noise(n, seed);
        let plain = extract(&config, &samples, Level::BASELINE);
        for level in Level::available() {
            let found = extract(&config, &samples, level);
            let same = plain.iter().zip(&found).all(|(a, b)| a.to_bits() == b.to_bits());
            prop_assert!(same, "{level} differs from {}", Level::BASELINE);
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
            deltas.widen_into(
                level, window_of_base, dim, rows.clone(), num_frames, &mut scratch, &mut wide,
            );
            for (i, &found) in wide.iter().enumerate() {
                let (t, column) = (rows.start + i / wide_dim, i % wide_dim);
                let expected = orders[column / dim][t * dim + column % dim];
                prop_assert!((f64::from(found) - expected).abs() < 1e-5, "row {t} column {column}");
            }
            // A row's bits do not depend on which rows were asked for.
            let mut all = vec![f32::NAN; num_frames * wide_dim];
            let everything = 0..num_frames;
            deltas.widen_into(level, &base, dim, everything, num_frames, &mut scratch, &mut all);
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
fn silence_has_the_floor_in_every_band() {
    let mel = FeatureConfig { num_ceps: None, ..FeatureConfig::timit_mfcc(16_000) };
    let floors = extract(&mel, &[0.0; 1000], Level::detect());
    assert_eq!(floors.len(), 4 * 128);
    assert!(floors.iter().all(|x| (x + 100.0).abs() < 1e-4), "{:?}", &floors[..4]);
}

#[test]
fn one_tone_rings_in_one_group_of_bins() {
    // 1000 Hz is bin 25 of 400 points at 16 kHz: the Hann window spreads it to bins 24 to 26.
    let tone: Vec<f32> = (0..4000).map(|n| (PI / 8.0 * f64::from(n)).cos() as f32).collect();
    let config = FeatureConfig::timit_spectrogram(16_000);
    let rows = extract(&config, &tone, Level::detect());
    for row in rows.chunks(40) {
        let loudest = (0..40).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
        assert_eq!((loudest, row[5]), (5, 0.0));
        assert!(row.iter().enumerate().all(|(c, &x)| c == 5 || c == 4 || x < -70.0), "{row:?}");
    }
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
    assert_eq!(
        message(FeatureConfig { num_ceps: Some(200), ..good.clone() }),
        "num_ceps is 200; it must be from 1 to num_mel_bins = 128"
    );
    assert_eq!(
        message(FeatureConfig { n_fft: 402, ..good.clone() }),
        "n_fft is 402; it must be even, at most 2^20, and a product of 2s, 3s and 5s"
    );
    let too_many = Columns::MagnitudeGroups { num_columns: 41, bins_per_column: 5 };
    assert_eq!(
        message(FeatureConfig { columns: too_many, ..good }),
        "41 columns of 5 bins are 205; n_fft = 400 has 201 bins"
    );
}
