//! Resampling, against sums over all samples in 64 bits, against what other programs computed (see
//! `golden/README.md`), and against what is promised of frequencies.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
#![expect(clippy::disallowed_methods, reason = "judges in 64 bits, compared with tolerances")]

use std::f64::consts::PI;
use std::path::PathBuf;
use std::sync::LazyLock;

use ossicle_dsp::{Level, ResampleFilter, ResampleMode};
use ossicle_testing::Npy;
use proptest::prelude::*;

const MODES: [ResampleMode; 4] = [
    ResampleMode::Hq,
    ResampleMode::Torchaudio,
    ResampleMode::TorchaudioKaiser,
    ResampleMode::Kaldi,
];

/// The pairs of rates that there are golden arrays of.
const RATES: [(u32, u32); 6] = [
    (44_100, 16_000),
    (48_000, 16_000),
    (22_050, 16_000),
    (11_025, 16_000),
    (8000, 16_000),
    (16_000, 8000),
];

fn filter(mode: ResampleMode, from_hz: u32, to_hz: u32) -> ResampleFilter {
    ResampleFilter::new(mode, from_hz, to_hz, Level::detect()).unwrap()
}

fn whole(filter: &ResampleFilter, samples: &[f32]) -> Vec<f32> {
    let mut out = Vec::new();
    let mut resampler = filter.begin(0);
    resampler.push(samples, &mut out);
    resampler.finish(&mut out);
    out
}

fn noise(num_samples: usize) -> Vec<f32> {
    ossicle_testing::noise(num_samples, 7)
}

/// I0 by its integral over a circle, which the trapezoidal rule sums to the last digit: what it leaves out begins
/// with I64, which is 1e-42 at 11.
fn bessel_i0(x: f64) -> f64 {
    const STEPS: u32 = 64;
    let height = |k: u32| (x * (2.0 * PI * f64::from(k) / f64::from(STEPS)).cos()).exp();
    (0..STEPS).map(height).sum::<f64>() / f64::from(STEPS)
}

/// The same where the window is highest.
static HIGHEST: LazyLock<f64> = LazyLock::new(|| bessel_i0(11.0));

/// The impulse response `t` seconds away from its middle, before it is normalised: `hq` and `kaldi`, as
/// their documentation says them.
fn response(mode: ResampleMode, lower_hz: f64, t: f64) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    match mode {
        ResampleMode::Hq => {
            let (cutoff_hz, share) = (0.941 * lower_hz, t * lower_hz / 60.0);
            // At an end itself, where rounding would decide, it is 0.
            if share.abs() > 1.0 - 1e-9 {
                return 0.0;
            }
            let window = bessel_i0(11.0 * (1.0 - share * share).sqrt()) / *HIGHEST;
            cutoff_hz * sinc(cutoff_hz * t) * window
        }
        _ => {
            let cutoff_hz = 0.99 * lower_hz;
            let zeros = cutoff_hz * t;
            if zeros.abs() >= 6.0 {
                return 0.0;
            }
            cutoff_hz * sinc(zeros) * (PI * zeros / 12.0).cos().powi(2)
        }
    }
}

/// Every output as a sum over all samples.
fn naive(mode: ResampleMode, from_hz: u32, to_hz: u32, samples: &[f32]) -> Vec<f64> {
    let lower_hz = f64::from(from_hz.min(to_hz));
    let num_outputs = (samples.len() as u64 * u64::from(to_hz)).div_ceil(u64::from(from_hz));
    let output = |n: u64| {
        // The samples before and after the recording's count for the sum of weights, not for that of
        // products.
        let (mut products, mut weights) = (0.0, 0.0);
        let own = (n * u64::from(from_hz) / u64::from(to_hz)) as i64;
        let reach = (70.0 * f64::from(from_hz) / lower_hz) as i64;
        for at in own - reach..own + reach {
            let ahead = at * i64::from(to_hz) - (n * u64::from(from_hz)) as i64;
            let t = ahead as f64 / f64::from(to_hz) / f64::from(from_hz);
            let weight = response(mode, lower_hz, t) / f64::from(from_hz);
            weights += weight;
            if let Some(&sample) = usize::try_from(at).ok().and_then(|at| samples.get(at)) {
                products += weight * f64::from(sample);
            }
        }
        if mode == ResampleMode::Hq { products / weights } else { products }
    };
    (0..num_outputs).map(output).collect()
}

/// The largest difference of two recordings of as many samples.
fn difference(a: &[f32], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "samples");
    a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - b).abs()).fold(0.0, f64::max)
}

#[test]
fn outputs_are_the_sums_over_all_samples() {
    for (from_hz, to_hz) in RATES.into_iter().chain([(16_000, 44_100), (7, 3), (1, 5)]) {
        let samples = noise(2003);
        for mode in [ResampleMode::Hq, ResampleMode::Kaldi] {
            let found = whole(&filter(mode, from_hz, to_hz), &samples);
            let error = difference(&found, &naive(mode, from_hz, to_hz, &samples));
            // Sums of up to 400 products in 32 bits, of noise of ±1.
            assert!(error < 1e-6, "{mode:?} {from_hz} to {to_hz}: {error:e}");
        }
    }
}

fn golden(name: &str) -> Npy {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/resample");
    Npy::read(folder.join(format!("{name}.npy")))
}

fn golden_floats(name: &str) -> Vec<f64> {
    let array = golden(name);
    assert_eq!(array.descr, "<f4", "{name}");
    array.data.as_chunks().0.iter().map(|&b| f64::from(f32::from_le_bytes(b))).collect()
}

fn golden_input(rate_hz: u32) -> Vec<f32> {
    let array = golden(&format!("resample_in_{rate_hz}"));
    assert_eq!(array.descr, "<i2");
    let samples = array.data.as_chunks().0.iter().map(|&b| f32::from(i16::from_le_bytes(b)));
    samples.map(|sample| sample / 32768.0).collect()
}

#[test]
fn three_modes_are_those_of_torchaudio_and_kaldi() {
    for (from_hz, to_hz) in RATES {
        for (mode, name) in [
            (ResampleMode::Torchaudio, "torchaudio"),
            (ResampleMode::TorchaudioKaiser, "torchaudio_kaiser"),
            (ResampleMode::Kaldi, "kaldi"),
        ] {
            let found = whole(&filter(mode, from_hz, to_hz), &golden_input(from_hz));
            let theirs = golden_floats(&format!("resample_{from_hz}_{to_hz}_{name}"));
            let error = difference(&found, &theirs);
            // Both add hundreds of products in 32 bits, in another order.
            assert!(error < 1e-6, "{name} {from_hz} to {to_hz}: {error:e}");
        }
    }
}

/// Keeps what is below a share of half the lower rate: a sinc of 400 samples to either side, times a Kaiser
/// window.
fn low_passed(samples: &[f64], share: f64) -> Vec<f64> {
    let weight = |d: i64| {
        let x = share * d as f64;
        let sinc = if d == 0 { 1.0 } else { (PI * x).sin() / (PI * x) };
        let w = d as f64 / 400.0;
        share * sinc * bessel_i0(10.0 * (1.0 - w * w).sqrt()) / bessel_i0(10.0)
    };
    let weights: Vec<f64> = (-400..=400).map(weight).collect();
    let at = |n: usize| {
        let terms = weights
            .iter()
            .enumerate()
            .filter_map(|(k, weight)| Some(weight * samples.get((n + k).checked_sub(400)?)?));
        terms.sum()
    };
    (0..samples.len()).map(at).collect()
}

#[test]
fn hq_is_soxr_vhq_below_the_transition() {
    for (from_hz, to_hz) in RATES {
        let found = whole(&filter(ResampleMode::Hq, from_hz, to_hz), &golden_input(from_hz));
        let theirs = golden_floats(&format!("resample_{from_hz}_{to_hz}_soxr_vhq"));
        // soxr rounds the number of samples, and ours is rounded up.
        assert!(found.len() - theirs.len() <= 1, "{} and {}", found.len(), theirs.len());
        // The chirp ends within the transition, where filters differ: a window over all keeps what its end
        // spreads to other frequencies out of the comparison.
        let hann = |n: usize| 0.5 - 0.5 * (2.0 * PI * n as f64 / theirs.len() as f64).cos();
        let pairs = found.iter().zip(&theirs).enumerate();
        let difference: Vec<f64> =
            pairs.map(|(n, (&a, &b))| (f64::from(a) - b) * hann(n)).collect();
        let share = 0.7 * f64::from(from_hz.min(to_hz)) / f64::from(to_hz);
        let low = low_passed(&difference, share);
        let error = low.iter().fold(0.0_f64, |largest, d| largest.max(d.abs()));
        assert!(error < 1e-4, "{from_hz} to {to_hz}: {error:e}");
    }
}

/// The amplitude of a tone, and what is left without it, of a recording's middle, by least squares.
fn tone_and_rest(samples: &[f32], cycles_a_sample: f64) -> (f64, f64) {
    let skipped = samples.len() / 4;
    let middle = &samples[skipped..samples.len() - skipped];
    let angle = |n: usize| 2.0 * PI * cycles_a_sample * n as f64;
    let (mut cc, mut cs, mut ss, mut xc, mut xs) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (n, &x) in middle.iter().enumerate() {
        let (s, c) = angle(n).sin_cos();
        let x = f64::from(x);
        (cc, cs, ss, xc, xs) = (cc + c * c, cs + c * s, ss + s * s, xc + x * c, xs + x * s);
    }
    let det = cc * ss - cs * cs;
    let (a, b) = ((xc * ss - xs * cs) / det, (xs * cc - xc * cs) / det);
    let rest = middle.iter().enumerate().map(|(n, &x)| {
        let (s, c) = angle(n).sin_cos();
        (f64::from(x) - a * c - b * s).powi(2)
    });
    (a.hypot(b), (rest.sum::<f64>() / middle.len() as f64 * 2.0).sqrt())
}

fn tone(rate_hz: u32, freq_hz: f64, num_samples: usize) -> Vec<f32> {
    let angle = |n: usize| 2.0 * PI * freq_hz * n as f64 / f64::from(rate_hz);
    (0..num_samples).map(|n| angle(n).sin() as f32).collect()
}

#[test]
fn hq_keeps_tones_and_removes_those_that_the_lower_rate_cannot_hold() {
    for (from_hz, to_hz) in RATES.into_iter().chain([(16_000, 44_100)]) {
        let filter = filter(ResampleMode::Hq, from_hz, to_hz);
        let half_hz = f64::from(from_hz.min(to_hz)) / 2.0;
        let resampled = |freq_hz| whole(&filter, &tone(from_hz, freq_hz, from_hz as usize));
        for share in [0.01, 0.1, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9] {
            let freq_hz = share * half_hz;
            let (amplitude, rest) = tone_and_rest(&resampled(freq_hz), freq_hz / f64::from(to_hz));
            let db = 20.0 * amplitude.log10();
            assert!(db.abs() < 0.1, "{from_hz} to {to_hz}, {freq_hz} Hz: {db} dB");
            // Images of the tone, and noise.
            assert!(rest < 1e-5, "{from_hz} to {to_hz}, {freq_hz} Hz: {rest:e} besides");
        }
        if from_hz > to_hz {
            let most = f64::from(from_hz) / 2.0 / half_hz;
            for step in 0..40 {
                let freq_hz = half_hz * (1.0 + (most - 1.0) * f64::from(step) / 40.0);
                let out = resampled(freq_hz);
                let middle = &out[out.len() / 4..out.len() * 3 / 4];
                let square: f64 = middle.iter().map(|&x| f64::from(x).powi(2)).sum();
                let amplitude = (square / middle.len() as f64 * 2.0).sqrt();
                assert!(amplitude < 1e-5, "{from_hz} to {to_hz}, {freq_hz} Hz: {amplitude:e}");
            }
        }
    }
}

#[test]
fn an_impulse_stays_where_it_was() {
    for mode in MODES {
        for (from_hz, to_hz) in RATES {
            let mut samples = vec![0.0; 20_000];
            // At a time at which there is an output.
            let at = 40 * from_hz / gcd(from_hz, to_hz);
            samples[at as usize] = 1.0;
            let out = whole(&filter(mode, from_hz, to_hz), &samples);
            let largest = (0..out.len()).max_by(|&a, &b| out[a].total_cmp(&out[b])).unwrap();
            assert_eq!(largest as u32, 40 * to_hz / gcd(from_hz, to_hz), "{mode:?}");
            for d in 1..20 {
                let (before, after) = (out[largest - d], out[largest + d]);
                // torchaudio's places are of 32 bits, and our outputs too.
                let exact = [ResampleMode::Hq, ResampleMode::Kaldi].contains(&mode);
                let most = if exact { 1e-6 } else { 1e-4 };
                assert!((before - after).abs() < most, "{mode:?} {from_hz} to {to_hz}, {d}");
            }
        }
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    (1..=a.min(b)).rev().find(|d| a.is_multiple_of(*d) && b.is_multiple_of(*d)).unwrap()
}

#[test]
fn every_level_gives_the_same_bits() {
    for mode in MODES {
        for (from_hz, to_hz) in RATES {
            let samples = noise(30_000);
            let at = |level| {
                let filter = ResampleFilter::new(mode, from_hz, to_hz, level).unwrap();
                let out = whole(&filter, &samples);
                out.into_iter().map(f32::to_bits).collect::<Vec<_>>()
            };
            for level in Level::available() {
                assert!(at(level) == at(Level::BASELINE), "{mode:?} {from_hz} to {to_hz} {level}");
            }
        }
    }
}

#[test]
fn equal_rates_change_nothing() {
    let samples = noise(1000);
    for mode in MODES {
        let filter = filter(mode, 16_000, 16_000);
        assert!(filter.is_identity());
        assert_eq!(whole(&filter, &samples), samples);
    }
}

#[test]
fn rates_whose_table_would_be_too_large_are_refused_before_it_is_made() {
    for (from_hz, to_hz) in [(9_999_991, 16_000), (16_000, 9_999_991), (u32::MAX, 1), (1, u32::MAX)]
    {
        for mode in MODES {
            let error =
                ResampleFilter::new(mode, from_hz, to_hz, Level::BASELINE).map(drop).unwrap_err();
            let error = error.to_string();
            assert!(error.contains("may have 8388608"), "{error}");
        }
    }
    for (from_hz, to_hz) in [(0, 16_000), (16_000, 0)] {
        assert!(ResampleFilter::new(ResampleMode::Hq, from_hz, to_hz, Level::BASELINE).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_chunks_give_the_bits_of_the_whole(
        mode in 0..4_usize,
        rates in 0..7_usize,
        num_samples in 0..6000_usize,
        cuts in prop::collection::vec(0..6000_usize, 0..20),
    ) {
        let (from_hz, to_hz) = RATES.into_iter().chain([(3, 4)]).nth(rates).unwrap();
        let filter = filter(MODES[mode], from_hz, to_hz);
        let samples = noise(num_samples);
        let expected = whole(&filter, &samples);
        let most = u64::from(to_hz) * num_samples as u64;
        prop_assert_eq!(expected.len() as u64, most.div_ceil(u64::from(from_hz)));
        prop_assert_eq!(expected.len() as u64, filter.num_samples(num_samples as u64));

        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(num_samples)).collect();
        cuts.extend([0, num_samples]);
        cuts.sort_unstable();
        let mut out = Vec::new();
        let mut resampler = filter.begin(0);
        for round in 0..2 {
            if round == 1 {
                resampler.rewind();
                out.clear();
            }
            for pair in cuts.windows(2) {
                resampler.push(&samples[pair[0]..pair[1]], &mut out);
            }
            resampler.finish(&mut out);
            prop_assert!(out == expected, "round {}", round);
        }
    }

    #[test]
    fn an_output_falls_on_the_origin(
        rates in 0..6_usize,
        origin in 0..3000_u64,
    ) {
        let (from_hz, to_hz) = RATES[rates];
        let filter = filter(ResampleMode::Hq, from_hz, to_hz);
        // Silence around what begins at the origin: then it is as if it were alone.
        let own = noise(1000);
        let samples = [vec![0.0; origin as usize], own.clone()].concat();
        let mut out = Vec::new();
        let mut resampler = filter.begin(origin);
        resampler.push(&samples, &mut out);
        resampler.finish(&mut out);
        let before = filter.num_before(origin) as usize;
        prop_assert_eq!(before as u64, origin * u64::from(to_hz) / u64::from(from_hz));
        prop_assert_eq!(&out[before..], &whole(&filter, &own)[..]);
    }
}
