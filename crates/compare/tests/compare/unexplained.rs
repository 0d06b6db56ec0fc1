//! Differences that no key makes.

use ossicle_compare::{Side, Verdict};
use ossicle_dataset::Matrix;
use ossicle_testing::Random;

use crate::support::{explain, recording, side};

fn refused(what: &str, a: &Side, b: Matrix) {
    let answer = explain(a, &Side::of_matrix(b));
    assert!(
        matches!(answer.verdict, Verdict::NotExplained | Verdict::ExplainedInPart),
        "{what}: {:?}",
        answer.verdict
    );
}

#[test]
fn what_no_key_makes_is_not_explained() {
    let samples = recording(5);
    let a = side("kaldi-fbank", &[], &samples);
    // Another utterance.
    let other: Vec<f32> = recording(6).into_iter().cycle().take(samples.len()).collect();
    refused("another utterance", &a, side("kaldi-fbank", &[], &other).matrix);
    // The recording is clipped.
    let peak = samples.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let clipped: Vec<f32> = samples.iter().map(|x| x.clamp(-peak / 8.0, peak / 8.0)).collect();
    refused("clipped", &a, side("kaldi-fbank", &[], &clipped).matrix);
    // An echo, 20 ms later and half as loud.
    let echo: Vec<f32> = (0..samples.len())
        .map(|i| samples[i] + if i >= 320 { samples[i - 320] / 2.0 } else { 0.0 })
        .collect();
    refused("an echo", &a, side("kaldi-fbank", &[], &echo).matrix);
    // Columns in an order that nobody would choose.
    let mut random = Random::with_seed(1);
    let mut order: Vec<usize> = (0..23).collect();
    random.shuffle(&mut order);
    let rows = a.matrix.values.chunks(23).flat_map(|row| order.iter().map(|&c| row[c]));
    refused("columns shuffled", &a, Matrix::new(a.matrix.rows, 23, rows.collect()));
    // Numbers that have nothing to do with it.
    let values = (0..a.matrix.values.len()).map(|_| random.f32() * 20.0).collect();
    let drawn = Side::of_matrix(Matrix::new(a.matrix.rows, 23, values));
    // Not even in part: what is as far as the mean of each column explains nothing.
    assert_eq!(explain(&a, &drawn).verdict, Verdict::NotExplained);
}

/// Damage that is small in all, because most of the numbers are right.
#[test]
fn damage_is_no_noise_and_no_scale_of_columns() {
    let a = side("kaldi-fbank", &[], &recording(5));
    let (rows, columns) = (a.matrix.rows, a.matrix.columns);
    let damaged = |damage: &dyn Fn(&mut [f32])| {
        let mut values = a.matrix.values.clone();
        damage(&mut values);
        Matrix::new(rows, columns, values)
    };
    let row = |row: usize| row * columns..(row + 1) * columns;
    refused("a row of zeros", &a, damaged(&|values| values[row(rows / 3)].fill(0.0)));
    let exchanged = |values: &mut [f32]| {
        let (first, second) = values.split_at_mut((rows / 2) * columns);
        first[row(rows / 4)].swap_with_slice(&mut second[..columns]);
    };
    refused("two rows exchanged", &a, damaged(&exchanged));
    let drawn = |values: &mut [f32]| {
        let mut random = Random::with_seed(2);
        for row in values.chunks_mut(columns) {
            row[7] = 20.0 * random.f32();
        }
    };
    refused("a column drawn", &a, damaged(&drawn));
    let dead = |values: &mut [f32]| values.chunks_mut(columns).for_each(|row| row[3] = 1.0);
    refused("a dead column", &a, damaged(&dead));
    refused("nothing but zeros", &a, damaged(&|values| values.fill(0.0)));
}

/// What few cepstra hide: factors of columns and noise take over nearly anything of them.
#[test]
fn damage_of_cepstra_is_no_noise() {
    let samples = recording(5);
    let a = side("kaldi-mfcc", &[], &samples);
    let (rows, columns) = (a.matrix.rows, a.matrix.columns);
    let damaged = |at: std::ops::Range<usize>, to: f32| {
        let mut values = a.matrix.values.clone();
        values[at].fill(to);
        Matrix::new(rows, columns, values)
    };
    let row = rows / 3 * columns..(rows / 3 + 1) * columns;
    refused("a row of zeros", &a, damaged(row.clone(), 0.0));
    refused("a single number", &a, damaged(row.start..row.start + 1, 99.0));
    let fbank = side("kaldi-fbank", &[], &samples[..16_000]);
    let mut values = fbank.matrix.values.clone();
    values[700] = 99.0;
    let shape = (fbank.matrix.rows, fbank.matrix.columns);
    refused("a number of energies", &fbank, Matrix::new(shape.0, shape.1, values));
    // A gain that rises from a half to one and a half.
    let count = samples.len() as f32;
    let ramp: Vec<f32> =
        samples.iter().enumerate().map(|(i, x)| x * (0.5 + i as f32 / count)).collect();
    refused("a rising gain", &a, side("kaldi-mfcc", &[], &ramp).matrix);
}
