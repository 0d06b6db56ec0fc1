//! Features the plain way: in f64, by the formulas, with direct transforms and dense matrices; and how
//! far the same in f32 may come out.
#![expect(clippy::disallowed_methods, reason = "the plain way is in the platform's own functions")]

mod near;

use std::f64::consts::PI;

pub(crate) use near::Near;
use near::{ROUNDING, scattered};

use ossicle_dsp::{
    C0, Cepstra, Columns, Compression, Edges, EnergyOf, EnergyPlace, FeatureConfig, Floor, Lifter,
    LinearPrediction, LogBase, MelConfig, MelNorm, MelScale, MelTriangles, Pad, Preemphasis,
    SampleScale, Spectrum, Vtln, VtlnShape, Window,
};

type Rows<T = f64> = Vec<Vec<T>>;

/// Row-major features, and between which bounds arithmetic in f32 may come out; dither is left out.
///
/// Where a step only rounds, its comment counts the roundings. All others carry bounds on.
pub(crate) fn near(config: &FeatureConfig, samples: &[f32]) -> Vec<Near> {
    if samples.is_empty() {
        return Vec::new();
    }
    let mut rows = Vec::new();
    let (mut raw, mut windowed, mut of_spectrum) = (Vec::new(), Vec::new(), Vec::new());
    let transform = Transform::new(config.n_fft);
    let weights = weights(config);
    // What an error that all samples of a frame share does to each bin.
    let of_ones: Vec<f64> = transform.powers(&weights).into_iter().map(f64::sqrt).collect();
    let bank = match &config.columns {
        Columns::Mel(mel) => Some(bank(mel, config)),
        _ => None,
    };
    for Frame { mut x, mut size } in frames(config, samples) {
        let mut shared = 0.0;
        if config.remove_dc_offset {
            let n = x.len() as f64;
            // Each step of the sum rounds what it has come to by then; those that go into it differ by
            // three roundings each, of their scale and filter.
            let mut sum = 0.0;
            let squares = x.iter().zip(&size).map(|(x, size)| {
                sum += x;
                sum * sum + 9.0 * size * size
            });
            shared = 6.0 * squares.sum::<f64>().sqrt() / n * ROUNDING;
            let mean = x.iter().sum::<f64>() / n;
            x.iter_mut().for_each(|x| *x -= mean);
            size.iter_mut().for_each(|size| *size += mean.abs());
        }
        raw.push(energy_of(&x, &size, shared));
        if let Preemphasis::PerFrame(k) = config.preemphasis {
            let k = f64::from(k);
            let (before, sizes) = (x.clone(), size.clone());
            for n in 0..x.len() {
                x[n] -= k * before[n.saturating_sub(1)];
                size[n] += k * sizes[n.saturating_sub(1)];
            }
        }
        x.iter_mut().zip(&weights).for_each(|(x, w)| *x *= w);
        size.iter_mut().zip(&weights).for_each(|(size, w)| *size *= w.abs());
        windowed.push(energy_of(&x, &size, shared));
        // Scale, filters, mean and window round each sample eight times, and each of the log2 n steps of
        // the transform rounds each number three times, in a multiplication and two additions; a step
        // keeps the norm of all numbers. So what has scattered is in each bin as large as if the frame's
        // norm had been rounded.
        let norm = size.iter().map(|size| size * size).sum::<f64>().sqrt();
        let steps = (config.n_fft as f64).log2();
        let of_bin = scattered(8.0 + 3.0 * steps) * ROUNDING * norm;
        let exact = transform.powers(&x);
        let spectrum: Vec<Near> = exact
            .into_iter()
            .zip(&of_ones)
            .map(|(p, of_one)| {
                let magnitude = Near::new(p.sqrt(), of_bin + shared * of_one);
                let power = magnitude.rise(|x| x.max(0.0) * x.max(0.0));
                let epsilon = f64::from(config.magnitude_epsilon);
                let taken = match config.spectrum {
                    Spectrum::Magnitude => power.rise(|p| (p + epsilon).sqrt()),
                    Spectrum::PowerOverSize => power.rise(|p| p / config.n_fft as f64),
                    _ => power,
                };
                taken.round(6.0, taken.high)
            })
            .collect();
        let sum = |bins: &[Near]| Near::sum(bins.iter().map(|&bin| (1.0, bin)));
        of_spectrum.push(sum(&spectrum));
        rows.push(match &config.columns {
            Columns::Bins { skip_dc } => spectrum[usize::from(*skip_dc)..].to_vec(),
            Columns::Groups { num_columns, bins_per_column } => {
                spectrum.chunks(*bins_per_column).take(*num_columns).map(sum).collect()
            }
            _ => {
                let dot = |w: &Vec<f64>| Near::sum(w.iter().copied().zip(spectrum.iter().copied()));
                bank.iter().flatten().map(dot).collect()
            }
        });
    }
    compress(config, &mut rows);
    if let Some(cepstra) = &config.cepstra {
        rows = rows.into_iter().map(|row| cepstrum(config, cepstra, row)).collect();
    }
    if let Some(energy) = &config.energy {
        let found = match energy.of {
            EnergyOf::Raw => raw,
            EnergyOf::Windowed => windowed,
            _ => of_spectrum,
        };
        let floor = f64::from(energy.floor);
        let mut logs: Vec<Near> =
            found.into_iter().map(|e| logarithm(e.rise(|e| e.max(floor).ln()))).collect();
        if let Some(htk) = energy.normalization {
            let largest = Near::largest(logs.iter().copied());
            let range = f64::from(htk.silence_floor_db) * 10.0_f64.ln() / 10.0;
            let least = largest.rise(|e| e - range).round(4.0, largest.exact.abs() + range);
            for e in &mut logs {
                let kept = e.max(least);
                let exact = 1.0 - (largest.exact - kept.exact) * f64::from(htk.scale);
                let error = (largest.error() + kept.error()) * f64::from(htk.scale);
                let size = (largest.exact.abs() + kept.exact.abs()) * f64::from(htk.scale);
                *e = Near::new(exact, error).round(4.0, 1.0 + size);
            }
        }
        for (row, e) in rows.iter_mut().zip(logs) {
            match energy.place {
                EnergyPlace::First => row.insert(0, e),
                _ => row.push(e),
            }
        }
    }
    rows.concat()
}

/// The sum of the squares of samples of which each was rounded eight times, at a size, and to which
/// an error was added that they share.
fn energy_of(x: &[f64], size: &[f64], shared: f64) -> Near {
    let square = |(x, size): (&f64, &f64)| {
        let error = 8.0 * ROUNDING * size + shared;
        (1.0, Near::new(x * x, 2.0 * x.abs() * error + error * error))
    };
    let sum = Near::sum(x.iter().zip(size).map(square));
    Near { low: sum.low.max(0.0), ..sum }
}

/// A logarithm in any base as it is computed: within four roundings of itself, or of 1 near 0.
fn logarithm(exact: Near) -> Near {
    exact.round(4.0, 1.0 + exact.low.abs().max(exact.high.abs()))
}

/// Samples, and the size of the largest numbers of which they are differences.
struct Frame {
    x: Vec<f64>,
    size: Vec<f64>,
}

/// The frames of the whole recording: scaled, filtered and padded first, and then cut.
fn frames(config: &FeatureConfig, samples: &[f32]) -> Vec<Frame> {
    let scaled: Vec<f64> = samples
        .iter()
        .map(|&x| match config.sample_scale {
            SampleScale::Int16 => f64::from(x) * 32768.0,
            SampleScale::Midpoint => (f64::from(x) * 32768.0 + 0.5) / 32767.5,
            _ => f64::from(x),
        })
        .collect();
    let mut sizes: Vec<f64> = scaled.iter().map(|x| x.abs()).collect();
    let signal: Vec<f64> = match config.preemphasis {
        Preemphasis::PerSignal(k) => {
            let k = f64::from(k);
            sizes = (0..sizes.len()).map(|n| sizes[n] + k * sizes[n.saturating_sub(1)]).collect();
            (0..scaled.len())
                .map(|n| if n == 0 { scaled[0] } else { scaled[n] - k * scaled[n - 1] })
                .collect()
        }
        _ => scaled,
    };
    let (length, shift, n) = (config.frames.length, config.frames.shift, signal.len());
    let (count, first) = match config.frames.edges {
        Edges::Snip if n < length => (0, 0),
        Edges::Snip => (1 + (n - length) / shift, 0),
        Edges::Symmetric => ((n + shift / 2) / shift, shift as isize / 2 - length as isize / 2),
        Edges::Same { .. } | Edges::Left { .. } => {
            let (before, after) = match config.frames.edges {
                Edges::Left { before, .. } => (before, 0),
                _ => (length.saturating_sub(shift) / 2, length.saturating_sub(shift) / 2),
            };
            let fitting = |count: &usize| count * shift + length <= n + before + after;
            ((0..).take_while(fitting).count(), -(before as isize))
        }
        Edges::Center { drop_last, .. } => {
            (n / shift + usize::from(!drop_last), -(length as isize / 2))
        }
        // As many as it takes to hold every sample.
        _ => ((1..).find(|count| (count - 1) * shift + length >= n).unwrap_or(1), 0),
    };
    // Padding one sample at a time, outwards, as long as it takes.
    let margin = length + shift;
    let pad = |signal: &[f64]| {
        let mut padded: std::collections::VecDeque<f64> = signal.iter().copied().collect();
        for i in 0..margin as isize {
            let (before, after) = (-1 - i, n as isize + i);
            padded.push_front(outside(config.frames.edges, signal, before));
            padded.push_back(outside(config.frames.edges, signal, after));
        }
        padded
    };
    let (signal, sizes) = (pad(&signal), pad(&sizes));
    (0..count)
        .map(|t| {
            let begin = (margin as isize + first + (t * shift) as isize) as usize;
            let cut = |padded: &std::collections::VecDeque<f64>| {
                (begin..begin + length).map(|at| padded[at]).collect()
            };
            Frame { x: cut(&signal), size: cut(&sizes) }
        })
        .collect()
}

fn outside(edges: Edges, signal: &[f64], place: isize) -> f64 {
    let n = signal.len() as isize;
    // Walk from the nearest end, and turn at each end.
    let walk = |repeat_ends: bool| {
        let (mut at, mut step) = if place < 0 { (0, 1) } else { (n - 1, -1) };
        let steps = if place < 0 { -place } else { place - n + 1 };
        let mut left = if repeat_ends { steps - 1 } else { steps };
        while left > 0 && n > 1 {
            if at + step < 0 || at + step >= n {
                step = -step;
                if repeat_ends {
                    left -= 1;
                    continue;
                }
            }
            at += step;
            left -= 1;
        }
        signal[at as usize]
    };
    let pad = match edges {
        Edges::Symmetric => return walk(true),
        Edges::Center { pad, .. } | Edges::Same { pad } | Edges::Left { pad, .. } => pad,
        _ => Pad::Zero,
    };
    match pad {
        Pad::Reflect => walk(false),
        Pad::Edge => signal[if place < 0 { 0 } else { n as usize - 1 }],
        _ => 0.0,
    }
}

fn weights(config: &FeatureConfig) -> Vec<f64> {
    let length = config.frames.length;
    let covered = config.window_length.unwrap_or(length);
    let before = (length - covered) / 2;
    let last = (covered as f64 - 1.0).max(1.0);
    let weight = |n: usize| {
        let n = if covered == 1 { 0.5 } else { n as f64 };
        let (s, p) = ((2.0 * PI * n / last).cos(), (2.0 * PI * n / covered as f64).cos());
        let double = |c: f64| 2.0 * c * c - 1.0;
        match config.window {
            Window::Povey => (0.5 - 0.5 * s).powf(0.85),
            Window::Hamming => 0.54 - 0.46 * s,
            Window::HammingPeriodic if covered == 1 => 0.08,
            Window::HammingPeriodic => 0.54 - 0.46 * p,
            Window::Hann => 0.5 - 0.5 * s,
            Window::HannPeriodic if covered == 1 => 0.0,
            Window::HannPeriodic => 0.5 - 0.5 * p,
            Window::Blackman { coefficient: c } => c - 0.5 * s + (0.5 - c) * double(s),
            Window::BlackmanPeriodic if covered == 1 => 0.0,
            Window::BlackmanPeriodic => 0.42 - 0.5 * p + 0.08 * double(p),
            Window::Sine => (PI * n / last).sin(),
            _ => 1.0,
        }
    };
    (0..length)
        .map(|n| if (before..before + covered).contains(&n) { weight(n - before) } else { 0.0 })
        .collect()
}

/// The direct transform, by a table of cosines.
struct Transform(Vec<f64>);

impl Transform {
    fn new(n_fft: usize) -> Transform {
        Transform((0..n_fft).map(|i| (2.0 * PI * i as f64 / n_fft as f64).cos()).collect())
    }

    fn powers(&self, frame: &[f64]) -> Vec<f64> {
        let n_fft = self.0.len();
        (0..=n_fft / 2)
            .map(|k| {
                let (mut re, mut im) = (0.0, 0.0);
                let mut at = 0;
                for x in frame {
                    re += x * self.0[at];
                    // sin a = cos(a − π/2); a quarter turn is no whole number of steps if n_fft is not
                    // a multiple of 4.
                    im += x * match n_fft % 4 {
                        0 => self.0[(at + n_fft * 3 / 4) % n_fft],
                        _ => (2.0 * PI * at as f64 / n_fft as f64).sin(),
                    };
                    at = (at + k) % n_fft;
                }
                re * re + im * im
            })
            .collect()
    }
}

fn to_mel(scale: MelScale, hz: f64) -> f64 {
    match scale {
        MelScale::Slaney if hz < 1000.0 => hz * 3.0 / 200.0,
        MelScale::Slaney => 15.0 + 27.0 * (hz / 1000.0).ln() / 6.4_f64.ln(),
        _ => 2595.0 * (1.0 + hz / 700.0).log10(),
    }
}

fn to_hz(scale: MelScale, mel: f64) -> f64 {
    // By bisection: the scales rise.
    let (mut low, mut high) = (0.0, 1e6);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if to_mel(scale, middle) < mel { low = middle } else { high = middle }
    }
    high
}

fn warp(vtln: &Vtln, hz: f64, low: f64, high: f64) -> f64 {
    let (a, b) = match vtln.shape {
        VtlnShape::Kaldi => {
            (vtln.low_hz * vtln.factor.max(1.0), vtln.high_hz * vtln.factor.min(1.0))
        }
        _ => {
            let both = 2.0 * vtln.factor / (vtln.factor + 1.0);
            (vtln.low_hz * both, vtln.high_hz * both)
        }
    };
    // Through the points (low, low), (a, a/factor), (b, b/factor) and (high, high).
    let line =
        |x: f64, (x0, y0): (f64, f64), (x1, y1): (f64, f64)| y0 + (y1 - y0) * (x - x0) / (x1 - x0);
    let (middle_low, middle_high) = ((a, a / vtln.factor), (b, b / vtln.factor));
    match hz {
        hz if hz < a => line(hz, (low, low), middle_low),
        hz if hz < b => line(hz, middle_low, middle_high),
        hz => line(hz, middle_high, (high, high)),
    }
}

fn corners_hz(mel: &MelConfig, rate: f64) -> Vec<f64> {
    let high_hz = mel.high_freq_hz.unwrap_or(rate / 2.0);
    let (low, high) = (to_mel(mel.scale, mel.low_freq_hz), to_mel(mel.scale, high_hz));
    (0..mel.num_mel_bins + 2)
        .map(|i| {
            let share = i as f64 / (mel.num_mel_bins + 1) as f64;
            let hz = match i {
                0 => mel.low_freq_hz,
                i if i == mel.num_mel_bins + 1 => high_hz,
                _ => to_hz(mel.scale, low + (high - low) * share),
            };
            match &mel.vtln {
                Some(vtln) if i > 0 && i <= mel.num_mel_bins => {
                    warp(vtln, hz, mel.low_freq_hz, high_hz)
                }
                _ => hz,
            }
        })
        .collect()
}

/// The weight of each bin in each filter.
fn bank(mel: &MelConfig, config: &FeatureConfig) -> Rows {
    let (rate, n_fft) = (f64::from(config.sample_rate_hz), config.n_fft as f64);
    let corners = corners_hz(mel, rate);
    let high_hz = mel.high_freq_hz.unwrap_or(rate / 2.0);
    let weight = |m: usize, k: usize| {
        let hz = k as f64 * rate / n_fft;
        let axis = |hz: f64| match mel.triangles {
            MelTriangles::Hz | MelTriangles::Symmetric => hz,
            MelTriangles::Bins => ((n_fft + 1.0) * hz / rate).floor(),
            _ => to_mel(mel.scale, hz),
        };
        let x = if mel.triangles == MelTriangles::Bins { k as f64 } else { axis(hz) };
        if mel.triangles == MelTriangles::Htk {
            // Bins count from 1 there, and those from ⌊low + 2.5⌋ to ⌊high + 0.5⌋ are used.
            let (low, high) = (mel.low_freq_hz * n_fft / rate, high_hz * n_fft / rate);
            let used = (low + 2.5).floor()..=(high + 0.5).floor();
            if !used.contains(&(k as f64 + 1.0)) {
                return 0.0;
            }
        }
        let mut ends = [corners[m], corners[m + 1], corners[m + 2]];
        if mel.triangles == MelTriangles::Symmetric {
            ends[2] = 2.0 * ends[1] - ends[0];
        }
        let [a, b, c] = ends.map(axis);
        let norm = if mel.norm == MelNorm::Area { 2.0 / (ends[2] - ends[0]) } else { 1.0 };
        norm * match x {
            x if x >= a && x < b => (x - a) / (b - a),
            x if x >= b && x < c => (c - x) / (c - b),
            _ => 0.0,
        }
    };
    let bins = config.n_fft / 2 + 1;
    (0..mel.num_mel_bins).map(|m| (0..bins).map(|k| weight(m, k)).collect()).collect()
}

fn compress(config: &FeatureConfig, rows: &mut Rows<Near>) {
    match &config.compression {
        Compression::Log(log) => {
            let power = if config.spectrum == Spectrum::Magnitude { 2 } else { 1 };
            for x in rows.iter_mut().flatten() {
                *x = x.rise(|x| x.max(0.0));
                if log.base == LogBase::Decibels {
                    *x = x.rise(|x| x.powi(power));
                    *x = x.round(1.0, x.high);
                }
                let least = f64::from(f32::MIN_POSITIVE);
                let kept = match log.floor {
                    Floor::Raise(floor) => x.rise(|x| x.max(f64::from(floor))),
                    Floor::Add(floor) => {
                        let sum = x.rise(|x| x + f64::from(floor));
                        sum.round(1.0, sum.high)
                    }
                    // What may be 0 may be any of what it is and the floor.
                    Floor::ReplaceZero(floor) => {
                        let floor = f64::from(floor);
                        let replaced = |x: f64| if x == 0.0 { floor } else { x.max(least) };
                        let ends = [x.low.max(0.0), x.exact, x.high].map(replaced);
                        let may_be_zero = x.low <= 0.0 && x.high > 0.0;
                        Near {
                            exact: ends[1],
                            low: if may_be_zero { least } else { ends[0] },
                            high: ends[2].max(if may_be_zero { floor } else { 0.0 }),
                        }
                    }
                    _ => x.rise(|x| x.max(least)),
                };
                *x = logarithm(kept.rise(|kept| match log.base {
                    LogBase::E => kept.ln(),
                    LogBase::Ten => kept.log10(),
                    _ => 10.0 * kept.log10(),
                }));
            }
            let maximum = match log.maximum {
                Some(maximum) => Near::new(f64::from(maximum), 0.0),
                None => Near::largest(rows.iter().flatten().copied()),
            };
            for x in rows.iter_mut().flatten() {
                if let Some(top_db) = log.top_db {
                    let range = f64::from(top_db)
                        * match log.base {
                            LogBase::E => 10.0_f64.ln() / 10.0,
                            LogBase::Ten => 0.1,
                            _ => 1.0,
                        };
                    let floor = maximum.rise(|x| x - range);
                    *x = x.max(floor.round(4.0, maximum.exact.abs() + range));
                }
                if log.relative_to_maximum {
                    let difference = x.exact - maximum.exact;
                    let size = x.exact.abs() + maximum.exact.abs();
                    *x = Near::new(difference, x.error() + maximum.error()).round(2.0, size);
                }
                let offset = f64::from(log.offset);
                let size = x.exact.abs() + offset.abs();
                *x = x.round(2.0, size).rise(|x| x + offset).times(f64::from(log.factor));
            }
        }
        Compression::Pcen(pcen) => {
            let (rate, shift) = (f64::from(config.sample_rate_hz), config.frames.shift as f64);
            let t = pcen.time_constant_s * rate / shift;
            let s = ((1.0 + 4.0 * t * t).sqrt() - 1.0) / (2.0 * t * t);
            let (bias, power) = (f64::from(pcen.bias), f64::from(pcen.power));
            let (eps, gain) = (f64::from(pcen.eps), f64::from(pcen.gain));
            let start = Near::new(1.0, 0.0);
            let mut levels = vec![start; rows.first().map_or(0, Vec::len)];
            for row in rows {
                for (x, level) in row.iter_mut().zip(&mut levels) {
                    let scaled = x.rise(|x| x.max(0.0)).times(f64::from(pcen.input_scale));
                    let scaled = scaled.round(1.0, scaled.high);
                    // Each step rounds the level a few times, and the next ones forget.
                    let (old, new) = (level.times(1.0 - s), scaled.times(s));
                    *level = Near {
                        exact: old.exact + new.exact,
                        low: old.low + new.low,
                        high: old.high + new.high,
                    };
                    *level = level.round(4.0, old.high + new.high);
                    let divide = |x: f64, level: f64| x / (eps + level.max(0.0)).powf(gain);
                    // The power is of a logarithm, which rounds at its own size.
                    let of_log = 4.0 + 8.0 * gain * (eps + level.high).ln().abs();
                    let divided = Near {
                        exact: divide(scaled.exact, level.exact),
                        low: divide(scaled.low, level.high),
                        high: divide(scaled.high, level.low),
                    };
                    let divided = divided.round(of_log, divided.high);
                    let root = divided.rise(|x| (x.max(0.0) + bias).powf(power) - bias.powf(power));
                    *x = root.round(8.0 + of_log, root.high);
                }
            }
        }
        _ => {}
    }
}

fn cepstrum(config: &FeatureConfig, cepstra: &Cepstra, row: Vec<Near>) -> Vec<Near> {
    let n = row.len() as f64;
    let mut c: Vec<Near> = match (&cepstra.linear_prediction, &config.columns) {
        (Some(prediction), Columns::Mel(mel)) => {
            let centres = corners_hz(mel, f64::from(config.sample_rate_hz));
            plp(prediction, &centres[1..=row.len()], row, cepstra.num_ceps)
        }
        _ => (0..cepstra.num_ceps)
            .map(|k| {
                let scale = if k == 0 { (1.0 / n).sqrt() } else { (2.0 / n).sqrt() };
                let angle = |i: usize| PI / n * (i as f64 + 0.5) * k as f64;
                Near::sum(row.iter().enumerate().map(|(i, &x)| (scale * angle(i).cos(), x)))
            })
            .collect(),
    };
    for (i, c) in c.iter_mut().enumerate() {
        let raised = c.times(match cepstra.lifter {
            Lifter::FromZero(q) => 1.0 + f64::from(q) / 2.0 * (PI * i as f64 / f64::from(q)).sin(),
            Lifter::FromOne(q) => {
                1.0 + f64::from(q) / 2.0 * (PI * (i + 1) as f64 / f64::from(q)).sin()
            }
            _ => 1.0,
        });
        *c = raised.round(4.0, raised.exact.abs());
    }
    let first = c.remove(0);
    match cepstra.c0 {
        C0::First => c.insert(0, first),
        C0::Last if cepstra.linear_prediction.is_some() => c.push(first),
        C0::Last => c.push(first.times(2.0_f64.sqrt())),
        _ => {}
    }
    c
}

fn plp(
    prediction: &LinearPrediction,
    centres: &[f64],
    row: Vec<Near>,
    num_ceps: usize,
) -> Vec<Near> {
    let mut heard: Vec<Near> = row
        .iter()
        .zip(centres)
        .map(|(&x, f)| {
            let f2 = f * f;
            let loudness = (f2 / (f2 + 1.6e5)).powi(2) * (f2 + 1.44e6) / (f2 + 9.61e6);
            // Nothing is raised to f32's least normal number, of which a logarithm can be taken.
            let least = f64::from(f32::MIN_POSITIVE);
            let floor = f64::from(prediction.floor);
            let heard = x.rise(|x| (x.max(floor) * loudness).max(least));
            let power = heard.rise(|x| x.powf(f64::from(prediction.compress_factor)));
            // The power is of a logarithm, which rounds at its own size.
            power.round(8.0 + 4.0 * heard.low.ln().abs(), power.high)
        })
        .collect();
    heard.insert(0, heard[0]);
    heard.push(heard[heard.len() - 1]);
    // The autocorrelation is the inverse transform of the spectrum, mirrored to a whole circle.
    let mut circle = heard.clone();
    circle.extend(heard[1..heard.len() - 1].iter().rev());
    let points = circle.len() as f64;
    let order = prediction.lpc_order;
    let r: Vec<Near> = (0..=order)
        .map(|lag| {
            let term = |(j, &x): (usize, &Near)| {
                ((2.0 * PI * (lag * j) as f64 / points).cos() / points, x)
            };
            Near::sum(circle.iter().enumerate().map(term))
        })
        .collect();
    let exact: Vec<f64> = r.iter().map(|r| r.exact).collect();
    let cepstra = all_pole(&exact, num_ceps);
    // The recursion in f32 is that of an autocorrelation which differs by what its steps round (G. Cybenko,
    // "The numerical stability of the Levinson-Durbin algorithm for Toeplitz systems of equations", *SIAM
    // Journal on Scientific and Statistical Computing* 1, 1980). How far that takes the cepstra is tried,
    // lag by lag.
    let mut errors = vec![0.0; num_ceps];
    for lag in 0..=order {
        let by = r[lag].error() + (4.0 + scattered(order as f64)) * ROUNDING * exact[0];
        for by in [-by, by] {
            let mut other = exact.clone();
            other[lag] += by;
            for ((error, c), exact) in
                errors.iter_mut().zip(all_pole(&other, num_ceps)).zip(&cepstra)
            {
                // What is no number may become any.
                let far = (c - exact).abs();
                *error += if far.is_nan() { f64::INFINITY } else { far };
            }
        }
    }
    let scale = f64::from(prediction.cepstral_scale);
    let scaled = |(&c, error): (&f64, f64)| {
        Near::new(c, error).round(4.0 + scattered(order as f64), 1.0 + c.abs()).times(scale)
    };
    cepstra.iter().zip(errors).map(scaled).collect()
}

/// The cepstra of the model that predicts a signal of this autocorrelation best.
fn all_pole(r: &[f64], num_ceps: usize) -> Vec<f64> {
    let order = r.len() - 1;
    // The normal equations Σ a[j]·r[|i − j|] = −r[i], by elimination.
    let mut rows: Rows = (1..=order)
        .map(|i| (1..=order).map(|j| r[i.abs_diff(j)]).chain([-r[i]]).collect())
        .collect();
    for i in 0..order {
        let pivot = rows[i].clone();
        for row in &mut rows[i + 1..] {
            let share = row[i] / pivot[i];
            row.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= share * p);
        }
    }
    let mut a = vec![0.0; order + 1];
    for i in (0..order).rev() {
        let known: f64 = (i + 1..order).map(|j| rows[i][j] * a[j + 1]).sum();
        a[i + 1] = (rows[i][order] - known) / rows[i][i];
    }
    let gain = r[0] + (1..=order).map(|j| a[j] * r[j]).sum::<f64>();
    let mut c = vec![gain.ln()];
    for i in 1..num_ceps {
        let sum: f64 = (1..i).map(|j| (i - j) as f64 * a[j] * c[i - j]).sum();
        c.push(-a[i] - sum / i as f64);
    }
    c
}
