//! What is made of finished features, against the plain ways, in f64, with dirty scratch.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::ops::Range;

use ossicle_dsp::{
    Around, DeltaConvention, Deltas, EnergyVad, LastRows, Level, SlidingConfig, SlidingNormalizer,
    Splice, VadConfig, Wide, WideScratch, WideStream, Widen,
};
use ossicle_testing::noise;
use proptest::prelude::*;

fn column(rows: &[f32], dim: usize, column: usize) -> Vec<f64> {
    rows.iter().skip(column).step_by(dim).map(|&x| f64::from(x)).collect()
}

fn clamped(x: &[f64], t: isize) -> f64 {
    x[t.clamp(0, x.len() as isize - 1) as usize]
}

fn regression(x: &[f64], t: isize, window: usize) -> f64 {
    let window = window as isize;
    let norm: isize = (-window..=window).map(|n| n * n).sum();
    (-window..=window).map(|n| n as f64 * clamped(x, t + n)).sum::<f64>() / norm as f64
}

/// The regression of the regression, each of a whole column.
fn htk(x: &[f64], order: usize, window: usize) -> Vec<f64> {
    (0..order)
        .fold(x.to_vec(), |x, _| (0..x.len()).map(|t| regression(&x, t as isize, window)).collect())
}

/// As `htk`, of a column with so many repetitions of its first and last that no edge is met.
fn kaldi(x: &[f64], order: usize, window: usize) -> Vec<f64> {
    let margin = order * window;
    let num_padded = x.len() + 2 * margin;
    let padded: Vec<f64> =
        (0..num_padded).map(|t| clamped(x, t as isize - margin as isize)).collect();
    htk(&padded, order, window)[margin..margin + x.len()].to_vec()
}

/// The solution of a·c = b, by elimination with pivots.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs())).unwrap();
        a.swap(k, pivot);
        b.swap(k, pivot);
        for i in k + 1..n {
            let factor = a[i][k] / a[k][k];
            let pivot = a[k].clone();
            a[i].iter_mut().zip(&pivot).skip(k).for_each(|(x, p)| *x -= factor * p);
            b[i] -= factor * b[k];
        }
    }
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k][j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k][k];
    }
    b
}

/// scipy's `savgol_filter(…, 2·window + 1, polyorder=order, deriv=order, mode="interp")`, with a
/// fit for every row and its derivative evaluated where the row is.
fn savitzky_golay(x: &[f64], order: usize, window: usize) -> Vec<f64> {
    let width = 2 * window + 1;
    (0..x.len())
        .map(|t| {
            let first = t.saturating_sub(window).min(x.len() - width);
            // Time in windows from the middle, so that powers stay small.
            let time = |n: usize| (n as f64 - (first + window) as f64) / window as f64;
            let power = |n: usize, exponent: usize| time(n).powi(exponent as i32);
            let fitted = first..first + width;
            let products = |i: usize, j: usize| fitted.clone().map(|n| power(n, i + j)).sum();
            let a = (0..=order).map(|i| (0..=order).map(|j| products(i, j)).collect()).collect();
            let b = (0..=order).map(|i| fitted.clone().map(|n| power(n, i) * x[n]).sum()).collect();
            let mut polynomial = solve(a, b);
            for _ in 0..order {
                let terms = polynomial.iter().enumerate().skip(1);
                polynomial = terms.map(|(i, c)| i as f64 * c / window as f64).collect();
            }
            polynomial.iter().enumerate().map(|(i, c)| c * power(t, i)).sum()
        })
        .collect()
}

fn wide(
    deltas: Deltas,
    level: Level,
    base: &[f32],
    dim: usize,
    rows: Range<usize>,
    n: usize,
) -> Vec<f32> {
    let context = deltas.context(&rows, n);
    let base = &base[context.start * dim..context.end * dim];
    let mut wide = vec![f32::NAN; rows.len() * deltas.wide_dim(dim)];
    let around = Around { base, dim, rows, num_base: n };
    deltas.widen_into(level, around, &mut vec![f32::NAN; 3], &mut wide);
    wide
}

fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

const CONVENTIONS: [DeltaConvention; 3] =
    [DeltaConvention::Htk, DeltaConvention::Kaldi, DeltaConvention::SavitzkyGolay];

/// Some rows of so many frames, possibly none of them.
fn part(num_frames: usize, from: f64, to: f64) -> Range<usize> {
    let first = (from * num_frames as f64) as usize;
    first..first + (to * (num_frames - first) as f64) as usize
}

/// Frames 0 to `num_frames`, so many at a time, over and over.
fn chunks(num_frames: usize, counts: &[usize]) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let mut first = 0;
    // All that are left, in case that none were taken.
    let counts = counts.iter().cycle().copied().take(100).chain([num_frames]);
    for count in counts {
        let end = (first + count).min(num_frames);
        chunks.push(first..end);
        first = end;
    }
    chunks
}

fn windows(config: &SlidingConfig, t: usize, num_frames: usize) -> Range<usize> {
    let (t, n) = (t as i64, num_frames as i64);
    let (length, min_length) = (config.cmn_window as i64, config.min_cmn_window as i64);
    let (mut begin, mut end) =
        if config.center { (t - length / 2, t - length / 2 + length) } else { (t - length, t + 1) };
    if begin < 0 {
        end -= begin;
        begin = 0;
    }
    if !config.center && end > t {
        end = (t + 1).max(min_length);
    }
    if end > n {
        begin = (begin - (end - n)).max(0);
        end = n;
    }
    begin as usize..end as usize
}

fn slide(config: SlidingConfig, rows: &[f32], dim: usize, level: Level) -> Vec<f32> {
    let mut out = Vec::new();
    SlidingNormalizer::new(config).unwrap().begin(dim, level).finish(rows, &mut out);
    out
}

fn mean(energies: &[f32]) -> f64 {
    let sum = energies.iter().fold(0.0, |sum, &energy| sum + f64::from(energy));
    sum / energies.len() as f64
}

/// The mask of a whole utterance.
fn judge(vad: EnergyVad, rows: &[f32], dim: usize) -> Vec<i16> {
    let energies: Vec<f32> = rows.iter().step_by(dim).copied().collect();
    let mut mask = Vec::new();
    vad.begin(mean(&energies)).finish(energies, &mut mask);
    mask
}

/// The wide rows of a stream that gets base rows so many at a time, and what its blocks are.
fn stream_wide<W: Widen>(
    widen: W,
    level: Level,
    base: &[f32],
    dim: usize,
    (at_once, pushes): (usize, &[Range<usize>]),
) -> (Vec<f32>, Vec<usize>) {
    let wide_dim = widen.wide_dim(dim);
    let mut stream = WideStream::new(widen, dim, at_once, level);
    let (mut scratch, mut wide, mut blocks) = (WideScratch::default(), Vec::new(), Vec::new());
    let mut take = |rows: &[f32]| {
        wide.extend_from_slice(rows);
        blocks.push(rows.len() / wide_dim);
    };
    let Some((last, pushes)) = pushes.split_last() else { unreachable!("`chunks` has some") };
    for pushed in pushes {
        stream.push(&base[pushed.start * dim..pushed.end * dim], &mut scratch, &mut take);
    }
    stream.finish(&base[last.start * dim..], &mut scratch, &mut take);
    (wide, blocks)
}

fn sliding_configs() -> impl Strategy<Value = SlidingConfig> {
    (1_usize..40, 0_usize..60, any::<bool>(), any::<bool>()).prop_map(
        |(cmn_window, min_cmn_window, center, normalize_variance)| SlidingConfig {
            cmn_window,
            min_cmn_window,
            center,
            normalize_variance,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn deltas_of_every_convention_equal_their_definition(
        (num_frames, dim) in (1_usize..40, 1_usize..7),
        (order, window) in (0_usize..5, 1_usize..6),
        (from, to) in (0.0_f64..1.0, 0.0_f64..=1.0),
        (offset, seed) in (prop::sample::select(vec![0.0_f32, 100.0]), any::<u64>()),
    ) {
        let base: Vec<f32> = noise(num_frames * dim, seed).iter().map(|x| x + offset).collect();
        for convention in CONVENTIONS {
            let Ok(deltas) = Deltas::with_convention(order, window, convention) else {
                prop_assert!(convention == DeltaConvention::SavitzkyGolay && order > 2 * window);
                continue;
            };
            if num_frames < deltas.min_frames() {
                continue;
            }
            let definition = match convention {
                DeltaConvention::Kaldi => kaldi,
                DeltaConvention::SavitzkyGolay => savitzky_golay,
                _ => htk,
            };
            let all = wide(deltas, Level::BASELINE, &base, dim, 0..num_frames, num_frames);
            let wide_dim = deltas.wide_dim(dim);
            for c in 0..dim {
                let x = column(&base, dim, c);
                for order in 0..=order {
                    let expected = if order == 0 { x.clone() } else { definition(&x, order, window) };
                    let found = column(&all, wide_dim, order * dim + c);
                    // The derivatives of noise in ±1, which are largest over the shortest windows.
                    // Only HTK's way leaves the rounding of a sum beside the offset.
                    let scale = 1.0 + expected.iter().fold(0.0_f64, |a, x| a.max(x.abs()));
                    for (t, (found, expected)) in found.iter().zip(&expected).enumerate() {
                        let error = (found - expected).abs();
                        prop_assert!(
                            error <= 2e-6 * scale,
                            "{convention:?} order {order} row {t}: {found}, expected {expected}"
                        );
                    }
                }
            }
            // A row's bits depend neither on which rows were asked for nor on the level.
            let rows = part(num_frames, from, to);
            let expected = &all[rows.start * wide_dim..rows.end * wide_dim];
            for level in Level::available() {
                let found = wide(deltas, level, &base, dim, rows.clone(), num_frames);
                prop_assert!(same_bits(&found, expected), "{convention:?}, {level}, rows {rows:?}");
            }
        }
    }

    #[test]
    fn wide_rows_come_out_of_a_stream_with_their_bits_in_blocks(
        (num_frames, dim) in (0_usize..200, 1_usize..5),
        (order, window) in (0_usize..4, 1_usize..12),
        (left, right) in (0_usize..20, 0_usize..20),
        (every, last) in (1_usize..9, prop::sample::select(vec![LastRows::Repeat, LastRows::Drop])),
        at_once in 1_usize..60,
        counts in prop::collection::vec(0_usize..60, 1..8),
        seed: u64,
    ) {
        let base = noise(num_frames * dim, seed);
        let pushes = chunks(num_frames, &counts);
        type Widened<'a> = &'a dyn Fn(Level) -> (Vec<f32>, Vec<usize>);
        let check = |widen: Widened<'_>, expected: &[f32], num_rows: usize| {
            for level in Level::available() {
                let (found, blocks) = widen(level);
                prop_assert!(same_bits(&found, expected), "{level}");
                let (last, full) = blocks.split_last().map_or((0, 0), |(&l, b)| (l, b.len()));
                prop_assert!(blocks.iter().rev().skip(1).all(|&block| block == at_once));
                prop_assert_eq!(full * at_once + last, num_rows);
            }
            Ok(())
        };
        for convention in CONVENTIONS {
            let Ok(deltas) = Deltas::with_convention(order, window, convention) else { continue };
            let whole = wide(deltas, Level::BASELINE, &base, dim, 0..num_frames, num_frames);
            let stream = |level| stream_wide(deltas, level, &base, dim, (at_once, &pushes));
            check(&stream, &whole, num_frames)?;
        }
        let splice = Splice::new(left, right).unwrap().every(every, last).unwrap();
        let deltas = Deltas::new(order, window).unwrap();
        for deltas in [Deltas::NONE, deltas] {
            // One after the other, of whole utterances.
            let with_deltas = wide(deltas, Level::BASELINE, &base, dim, 0..num_frames, num_frames);
            let middle_dim = deltas.wide_dim(dim);
            let num_rows = splice.num_rows(num_frames);
            let rows = 0..num_rows;
            let context = splice.context(&rows, num_frames);
            let of_context = &with_deltas[context.start * middle_dim..context.end * middle_dim];
            let mut whole = vec![f32::NAN; rows.len() * splice.wide_dim(middle_dim)];
            let around = Around { base: of_context, dim: middle_dim, rows, num_base: num_frames };
            splice.widen_into(Level::BASELINE, around, &mut Vec::new(), &mut whole);
            let both = Wide { deltas, splice };
            let stream = |level| stream_wide(both, level, &base, dim, (at_once, &pushes));
            check(&stream, &whole, num_rows)?;
        }
    }

    #[test]
    fn every_derivative_of_a_constant_is_exactly_zero(
        (num_frames, dim) in (1_usize..60, 1_usize..20),
        (order, window) in (1_usize..5, 1_usize..30),
        value in -1000.0_f32..1000.0,
    ) {
        let base = vec![value; num_frames * dim];
        for convention in CONVENTIONS {
            let Ok(deltas) = Deltas::with_convention(order, window, convention) else { continue };
            let all = wide(deltas, Level::detect(), &base, dim, 0..num_frames, num_frames);
            for row in all.chunks(deltas.wide_dim(dim)) {
                prop_assert!(row[..dim].iter().all(|&x| x == value));
                prop_assert!(row[dim..].iter().all(|&x| x == 0.0), "{convention:?}");
            }
        }
    }

    #[test]
    fn splicing_repeats_the_edges(
        (num_frames, dim) in (1_usize..30, 1_usize..7),
        (left, right) in (0_usize..40, 0_usize..40),
        (every, last) in (1_usize..9, prop::sample::select(vec![LastRows::Repeat, LastRows::Drop])),
        (from, to) in (0.0_f64..1.0, 0.0_f64..=1.0),
        seed: u64,
    ) {
        let base = noise(num_frames * dim, seed);
        let splice = Splice::new(left, right).unwrap().every(every, last).unwrap();
        // A row for each step whose frame is there, or all of whose frames behind are.
        let reach = if last == LastRows::Drop { right } else { 0 };
        let count = (0..).step_by(every).take_while(|t| t + reach < num_frames).count();
        prop_assert_eq!(splice.num_rows(num_frames), count);
        let rows = part(count, from, to);
        let context = splice.context(&rows, num_frames);
        let mut found = vec![f32::NAN; rows.len() * splice.wide_dim(dim)];
        let base_of_rows = &base[context.start * dim..context.end * dim];
        let around = Around { base: base_of_rows, dim, rows: rows.clone(), num_base: num_frames };
        splice.widen_into(Level::BASELINE, around, &mut Vec::new(), &mut found);
        let mut expected = Vec::new();
        for t in rows {
            for n in -(left as isize)..=right as isize {
                let from = ((t * every) as isize + n).clamp(0, num_frames as isize - 1) as usize;
                expected.extend_from_slice(&base[from * dim..(from + 1) * dim]);
            }
        }
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn sliding_normalisation_equals_its_definition_at_every_level(
        config in sliding_configs(),
        (num_frames, dim) in (0_usize..150, 1_usize..7),
        (offset, seed) in (prop::sample::select(vec![0.0_f32, 100.0]), any::<u64>()),
    ) {
        let rows: Vec<f32> = noise(num_frames * dim, seed).iter().map(|x| x + offset).collect();
        let normalizer = SlidingNormalizer::new(config).unwrap();
        let found = slide(config, &rows, dim, Level::BASELINE);
        for t in 0..num_frames {
            let window = windows(&config, t, num_frames);
            prop_assert_eq!(normalizer.window(t, num_frames), window.clone(), "frame {}", t);
            for c in 0..dim {
                let x = column(&rows, dim, c);
                let values = &x[window.clone()];
                let count = values.len() as f64;
                let mean = values.iter().sum::<f64>() / count;
                let mut expected = x[t] - mean;
                if config.normalize_variance {
                    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
                    expected /= (squares / count).max(1e-10).sqrt();
                }
                let error = (f64::from(found[t * dim + c]) - expected).abs();
                // Two frames may be so alike that their variance is near its floor, and with it the
                // rounding of their squares around 1e4.
                let allowed = if config.normalize_variance { 1e-3 } else { 1e-6 };
                prop_assert!(error <= allowed, "frame {t} column {c}: {error:e}");
            }
        }
        for level in Level::available() {
            prop_assert!(same_bits(&slide(config, &rows, dim, level), &found), "{level}");
        }
    }

    #[test]
    fn sliding_rows_come_out_of_a_stream_with_their_bits_as_soon_as_their_window_is_there(
        config in sliding_configs(),
        (num_frames, dim) in (0_usize..300, 1_usize..7),
        counts in prop::collection::vec(0_usize..60, 1..8),
        seed: u64,
    ) {
        let rows = noise(num_frames * dim, seed);
        let expected = slide(config, &rows, dim, Level::BASELINE);
        for level in Level::available() {
            let mut sliding = SlidingNormalizer::new(config).unwrap().begin(dim, level);
            // What is there stays.
            let mut found = vec![7.0];
            for pushed in chunks(num_frames, &counts) {
                sliding.push(&rows[pushed.start * dim..pushed.end * dim], &mut found);
                // As if no end were in sight.
                let finished = (0..num_frames)
                    .take_while(|&t| windows(&config, t, 10_000).end <= pushed.end)
                    .count();
                prop_assert_eq!(found.len(), 1 + finished * dim, "after {}", pushed.end);
            }
            sliding.finish(&[], &mut found);
            prop_assert!(found[0] == 7.0 && same_bits(&found[1..], &expected), "{level}");
        }
    }

    #[test]
    fn a_broken_frame_spoils_only_the_windows_that_it_is_in(
        config in sliding_configs(),
        (num_frames, dim) in (1_usize..150, 1_usize..4),
        (at, seed) in (0.0_f64..1.0, any::<u64>()),
        value in prop::sample::select(vec![f32::NAN, f32::INFINITY, 1e38]),
    ) {
        let mut rows = noise(num_frames * dim, seed);
        let good = slide(config, &rows, dim, Level::detect());
        let broken = (at * num_frames as f64) as usize;
        rows[broken * dim] = value;
        let found = slide(config, &rows, dim, Level::detect());
        for t in 0..num_frames {
            let row = t * dim..(t + 1) * dim;
            let first = if windows(&config, t, num_frames).contains(&broken) { 1 } else { 0 };
            prop_assert!(same_bits(&found[row.clone()][first..], &good[row][first..]), "frame {t}");
        }
    }

    #[test]
    fn voice_is_where_enough_frames_around_are_loud(
        (num_frames, dim) in (0_usize..80, 1_usize..5),
        energy_threshold in -1.0_f32..1.0,
        energy_mean_scale in prop::sample::select(vec![0.0_f32, 0.5, 1.0]),
        frames_context in prop::sample::select(vec![0_usize, 1, 2, 5, 200, usize::MAX]),
        proportion_threshold in prop::sample::select(vec![0.01_f32, 0.25, 0.5, 0.75, 0.99]),
        seed: u64,
    ) {
        let rows = noise(num_frames * dim, seed);
        let config =
            VadConfig { energy_threshold, energy_mean_scale, frames_context, proportion_threshold };
        let mask = judge(EnergyVad::new(config).unwrap(), &rows, dim);
        let energy = column(&rows, dim, 0);
        let mean = energy.iter().sum::<f64>() / num_frames as f64;
        let threshold = f64::from(energy_threshold) + f64::from(energy_mean_scale) * mean;
        let expected: Vec<i16> = (0..num_frames)
            .map(|t| {
                let around: Vec<f64> =
                    (0..num_frames).filter(|&s| s.abs_diff(t) <= frames_context).map(|s| energy[s]).collect();
                let loud = around.iter().filter(|&&x| x > threshold).count();
                i16::from(loud as f64 >= around.len() as f64 * f64::from(proportion_threshold))
            })
            .collect();
        prop_assert_eq!(mask, expected);
    }

    #[test]
    fn voice_is_judged_in_a_stream_as_soon_as_the_frames_around_are_there(
        (num_frames, dim) in (0_usize..200, 1_usize..5),
        energy_mean_scale in prop::sample::select(vec![0.0_f32, 0.5]),
        frames_context in prop::sample::select(vec![0_usize, 1, 2, 5, 30, usize::MAX]),
        counts in prop::collection::vec(0_usize..40, 1..8),
        (value, seed) in (prop::sample::select(vec![0.0_f32, f32::NEG_INFINITY, f32::NAN]), any::<u64>()),
    ) {
        let mut rows = noise(num_frames * dim, seed);
        if let Some(first) = rows.first_mut() {
            *first = value;
        }
        let config = VadConfig { energy_threshold: 0.0, energy_mean_scale, frames_context, ..VadConfig::default() };
        let vad = EnergyVad::new(config).unwrap();
        prop_assert_eq!(vad.needs_mean(), energy_mean_scale > 0.0);
        let expected = judge(vad, &rows, dim);
        let energies: Vec<f32> = rows.iter().step_by(dim).copied().collect();
        // A mean has no say where it is not needed.
        let mean = if vad.needs_mean() { mean(&energies) } else { f64::NAN };
        let mut stream = vad.begin(mean);
        // What is there stays.
        let mut found = vec![7];
        for pushed in chunks(num_frames, &counts) {
            stream.push(energies[pushed.clone()].iter().copied(), &mut found);
            let judged = pushed.end.saturating_sub(frames_context);
            prop_assert_eq!(found.len(), 1 + judged, "after {}", pushed.end);
        }
        stream.finish([], &mut found);
        prop_assert_eq!(found[0], 7);
        prop_assert_eq!(&found[1..], &expected[..]);
    }
}

#[test]
#[should_panic(expected = "rows must be whole")]
fn half_a_row_panics() {
    let normalizer = SlidingNormalizer::new(SlidingConfig::default()).unwrap();
    normalizer.begin(2, Level::detect()).push(&[0.0; 3], &mut Vec::new());
}

#[test]
fn one_frame_has_no_derivatives() {
    for convention in [DeltaConvention::Htk, DeltaConvention::Kaldi] {
        let deltas = Deltas::with_convention(2, 2, convention).unwrap();
        assert_eq!(deltas.min_frames(), 1);
        let found = wide(deltas, Level::detect(), &[3.0, -4.0], 2, 0..1, 1);
        assert_eq!(found, [3.0, -4.0, 0.0, 0.0, 0.0, 0.0]);
    }
}

#[test]
fn fewer_frames_than_a_fit_needs_have_zeros_for_derivatives() {
    let deltas = Deltas::with_convention(1, 4, DeltaConvention::SavitzkyGolay).unwrap();
    assert_eq!(deltas.min_frames(), 9);
    let ramp: Vec<f32> = (0..9_u8).map(f32::from).collect();
    for num_frames in 1..9 {
        let found = wide(deltas, Level::detect(), &ramp, 1, 0..num_frames, num_frames);
        for (t, row) in found.chunks(2).enumerate() {
            assert_eq!(row, [ramp[t], 0.0], "row {t} of {num_frames}");
        }
    }
    let found = wide(deltas, Level::detect(), &ramp, 1, 0..9, 9);
    assert!(found.chunks(2).all(|row| (row[1] - 1.0).abs() < 1e-6), "{found:?}");
    let none = Deltas::with_convention(0, 4, DeltaConvention::SavitzkyGolay).unwrap();
    assert_eq!(
        (none.min_frames(), wide(none, Level::detect(), &[2.0], 1, 0..1, 1)),
        (1, vec![2.0])
    );
}

#[test]
fn no_rows_need_no_context() {
    for convention in CONVENTIONS {
        let deltas = Deltas::with_convention(2, 2, convention).unwrap();
        for (at, num_frames) in [(0, 0), (0, 1), (3, 20), (20, 20)] {
            assert!(deltas.context(&(at..at), num_frames).is_empty());
            assert!(wide(deltas, Level::detect(), &[0.0; 20], 1, at..at, num_frames).is_empty());
        }
    }
    let splice = Splice::new(4, 4).unwrap();
    assert!(splice.context(&(3..3), 20).is_empty());
    for (rows, num_base) in [(3..3, 20), (0..0, 0)] {
        let around = Around { base: &[], dim: 5, rows, num_base };
        splice.widen_into(Level::detect(), around, &mut Vec::new(), &mut []);
    }
}

#[test]
fn the_context_is_what_the_rows_depend_on_and_no_more() {
    let num_frames = 60;
    let base = noise(num_frames, 5);
    for convention in CONVENTIONS {
        let deltas = Deltas::with_convention(2, 4, convention).unwrap();
        for t in 0..num_frames {
            let plain = wide(deltas, Level::detect(), &base, 1, 0..num_frames, num_frames);
            let row = t * 3..(t + 1) * 3;
            let context = deltas.context(&(t..t + 1), num_frames);
            for changed in [context.start, context.end - 1] {
                let mut base = base.clone();
                base[changed] += 1.0;
                let all = wide(deltas, Level::detect(), &base, 1, 0..num_frames, num_frames);
                assert_ne!(all[row.clone()], plain[row.clone()], "{convention:?} {t} {changed}");
            }
        }
    }
}

#[test]
fn the_widest_windows_of_the_highest_order_have_derivatives_of_a_polynomial() {
    // x = (t / 500)⁴ has the fourth derivative 24 / 500⁴, and no less of it within a regression.
    let x: Vec<f32> = (-500_i16..=500).map(|t| (f32::from(t) / 500.0).powi(4)).collect();
    for convention in [DeltaConvention::Kaldi, DeltaConvention::SavitzkyGolay] {
        let deltas = Deltas::with_convention(4, 100, convention).unwrap();
        let found = wide(deltas, Level::detect(), &x, 1, 500..501, x.len());
        let expected = 24.0 / 500_f64.powi(4);
        let error = (f64::from(found[4]) / expected - 1.0).abs();
        assert!(error < 1e-3, "{convention:?}: {} instead of {expected}", found[4]);
    }
}

#[test]
fn the_only_frame_of_a_window_has_no_deviation() {
    let config = SlidingConfig {
        cmn_window: 1,
        center: true,
        normalize_variance: true,
        ..SlidingConfig::default()
    };
    assert_eq!(slide(config, &[3.0, f32::NAN, 5.0], 1, Level::detect()), [0.0; 3]);
    assert_eq!(slide(SlidingConfig::default(), &[3.0, -2.0], 2, Level::detect()), [0.0; 2]);
}

#[test]
fn a_constant_column_is_exactly_zero_in_every_window() {
    for (center, normalize_variance) in [(false, false), (false, true), (true, false), (true, true)]
    {
        let config = SlidingConfig { center, normalize_variance, ..SlidingConfig::default() };
        let found = slide(config, &[0.1; 5000], 1, Level::detect());
        assert!(found.iter().all(|&x| x == 0.0));
    }
}

#[test]
fn windows_may_be_longer_than_any_utterance() {
    for center in [false, true] {
        let config = SlidingConfig {
            cmn_window: usize::MAX,
            min_cmn_window: usize::MAX,
            center,
            normalize_variance: false,
        };
        assert_eq!(slide(config, &[1.0, 2.0, 6.0], 1, Level::detect()), [-2.0, -1.0, 3.0]);
    }
}

#[test]
fn three_loud_frames_of_five_are_a_proportion_of_0_6() {
    let config = VadConfig {
        energy_threshold: 0.5,
        energy_mean_scale: 0.0,
        frames_context: 2,
        ..VadConfig::default()
    };
    let mask = judge(EnergyVad::new(config).unwrap(), &[1.0, 0.0, 1.0, 0.0, 1.0], 1);
    // 2 of 3, 2 of 4, 3 of 5, 2 of 4, 2 of 3.
    assert_eq!(mask, [1, 0, 1, 0, 1]);
}

#[test]
fn silence_of_minus_infinity_is_no_voice() {
    let vad = EnergyVad::new(VadConfig { energy_mean_scale: 0.0, ..VadConfig::default() }).unwrap();
    let mask = judge(vad, &[f32::NEG_INFINITY, 9.0, f32::NAN, 5.0], 1);
    assert_eq!(mask, [0, 1, 0, 0]);
}

#[test]
fn settings_out_of_range_show_their_value() {
    let savitzky_golay = DeltaConvention::SavitzkyGolay;
    assert_eq!(
        Deltas::with_convention(3, 1, savitzky_golay).unwrap_err().to_string(),
        "the delta order is 3; a Savitzky-Golay window of 1 frames to either side determines \
         orders up to 2"
    );
    assert!(Deltas::with_convention(2, 1, savitzky_golay).is_ok());
    for convention in CONVENTIONS {
        let message = |order, window| {
            Deltas::with_convention(order, window, convention).unwrap_err().to_string()
        };
        assert_eq!(message(5, 2), "the delta order is 5; it must be from 0 to 4");
        assert_eq!(message(2, 0), "the delta window is 0 frames; it must be from 1 to 100");
        assert_eq!(message(2, 101), "the delta window is 101 frames; it must be from 1 to 100");
    }
    assert_eq!(
        Splice::new(4, 101).unwrap_err().to_string(),
        "splicing takes 4 frames before and 101 after; each must be at most 100"
    );
    assert_eq!(
        Splice::NONE.every(0, LastRows::Drop).unwrap_err().to_string(),
        "splicing makes a row of every 0 frames; it must be from 1 to 100"
    );
    let no_window = SlidingConfig { cmn_window: 0, ..SlidingConfig::default() };
    assert_eq!(
        SlidingNormalizer::new(no_window).unwrap_err().to_string(),
        "cmn_window is 0 frames; it must be positive"
    );
    let message = |config| EnergyVad::new(config).unwrap_err().to_string();
    assert_eq!(
        message(VadConfig { energy_threshold: f32::NAN, ..VadConfig::default() }),
        "energy_threshold is NaN; it must be a finite number"
    );
    assert_eq!(
        message(VadConfig { energy_mean_scale: -0.5, ..VadConfig::default() }),
        "energy_mean_scale is -0.5; it must be a finite number of at least 0"
    );
    assert_eq!(
        message(VadConfig { proportion_threshold: 1.0, ..VadConfig::default() }),
        "proportion_threshold is 1; it must be between 0 and 1, and neither"
    );
}
