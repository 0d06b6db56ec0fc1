//! Mean and variance of columns, and normalisation by them.

use crate::kernels::lanes::Vector;
use crate::kernels::simd::{Kernel, Level};

/// Count, mean and sum of squared deviations of each column of a set of rows, in f64, and its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// The number of rows.
    pub count: u64,
    /// The mean of each column.
    pub mean: Vec<f64>,
    /// Σ(x − mean)² of each column.
    pub m2: Vec<f64>,
    /// The least number of each column; infinity where there are no rows.
    pub min: Vec<f32>,
    /// The greatest number of each column; minus infinity where there are no rows.
    pub max: Vec<f32>,
}

impl Moments {
    /// Describes no rows at all, of `dim` columns.
    pub fn empty(dim: usize) -> Moments {
        Moments {
            count: 0,
            mean: vec![0.0; dim],
            m2: vec![0.0; dim],
            min: vec![f32::INFINITY; dim],
            max: vec![f32::NEG_INFINITY; dim],
        }
    }

    /// Computes the moments of row-major `rows`, in two passes, each summing from the first row to
    /// the last.
    ///
    /// # Panics
    /// If `rows.len()` is not a multiple of `dim`.
    pub fn of_rows(rows: &[f32], dim: usize, level: Level) -> Moments {
        assert!(dim > 0 && rows.len().is_multiple_of(dim), "rows must be whole");
        let mut moments = Moments::empty(dim);
        moments.count = (rows.len() / dim) as u64;
        level.run(TwoPasses { rows, moments: &mut moments });
        moments
    }

    /// Adds other rows of the same columns.
    ///
    /// # Panics
    /// If the numbers of columns differ.
    pub fn add(&mut self, other: &Moments) {
        self.merge(other.count, &other.mean, &other.m2);
        let least = self.min.iter_mut().zip(&other.min);
        least.for_each(|(min, &x)| *min = if x < *min { x } else { *min });
        let greatest = self.max.iter_mut().zip(&other.max);
        greatest.for_each(|(max, &x)| *max = if x > *max { x } else { *max });
    }

    /// Adds rows of which count, mean and M2 are known, to count, mean and M2: T. Chan, G. Golub and
    /// R. LeVeque, "Algorithms for computing the sample variance", *The American Statistician* 37
    /// (1983), equations 2.1.
    ///
    /// # Panics
    /// If the numbers of columns differ.
    pub fn merge(&mut self, count: u64, mean: &[f64], m2: &[f64]) {
        assert!(mean.len() == self.mean.len() && m2.len() == self.m2.len(), "columns differ");
        if count == 0 {
            return;
        }
        let total = self.count + count;
        let share = count as f64 / total as f64;
        let weight = self.count as f64 * share;
        for (column, (&mean, &m2)) in mean.iter().zip(m2).enumerate() {
            let difference = mean - self.mean[column];
            self.mean[column] += difference * share;
            self.m2[column] += m2 + difference * difference * weight;
        }
        self.count = total;
    }

    /// Returns the population standard deviation of each column.
    pub fn standard_deviation(&self) -> Vec<f64> {
        let count = self.count.max(1) as f64;
        self.m2.iter().map(|m2| (m2 / count).sqrt()).collect()
    }
}

struct TwoPasses<'a> {
    rows: &'a [f32],
    moments: &'a mut Moments,
}

impl Kernel for TwoPasses<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let TwoPasses { rows, moments } = self;
        match moments.mean.len() {
            // As many columns as have their sums in registers.
            32.. => two_passes::<32>(rows, moments),
            16.. => two_passes::<16>(rows, moments),
            8.. => two_passes::<8>(rows, moments),
            _ => two_passes::<1>(rows, moments),
        }
    }
}

/// Goes through `N` columns at a time, of which there must be as many.
#[inline(always)]
fn two_passes<const N: usize>(rows: &[f32], moments: &mut Moments) {
    let Moments { count, mean, m2, min, max } = moments;
    if *count == 0 {
        return;
    }
    let dim = mean.len();
    // The last columns may be gone through twice, with the same sums: each column has its own.
    for first in (0..dim).step_by(N).map(|first| first.min(dim - N)) {
        let own = || {
            rows.chunks_exact(dim).map(move |row| match row[first..].first_chunk::<N>() {
                Some(own) => own,
                None => unreachable!("a row has {dim} columns, and these begin at {first}"),
            })
        };
        let (mut sum, mut least, mut greatest) =
            ([0.0; N], [f32::INFINITY; N], [f32::NEG_INFINITY; N]);
        for row in own() {
            for (i, &x) in row.iter().enumerate() {
                sum[i] += f64::from(x);
                least[i] = if x < least[i] { x } else { least[i] };
                greatest[i] = if x > greatest[i] { x } else { greatest[i] };
            }
        }
        let means = sum.map(|sum| sum / *count as f64);
        let mut squares = [0.0; N];
        for row in own() {
            for (i, &x) in row.iter().enumerate() {
                let deviation = f64::from(x) - means[i];
                squares[i] += deviation * deviation;
            }
        }
        let columns = first..first + N;
        mean[columns.clone()].copy_from_slice(&means);
        m2[columns.clone()].copy_from_slice(&squares);
        min[columns.clone()].copy_from_slice(&least);
        max[columns].copy_from_slice(&greatest);
    }
}

/// Shifts and scales columns: `((x as f64 − mean) · scale) as f32`.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalizer {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl Normalizer {
    /// Subtracts `mean` and divides by `standard_deviation`, as a multiplication by 1/σ.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn new(mean: Vec<f64>, standard_deviation: &[f64]) -> Normalizer {
        assert_eq!(mean.len(), standard_deviation.len(), "columns differ");
        let scale = standard_deviation.iter().map(|deviation| 1.0 / deviation).collect();
        Normalizer { mean, scale }
    }

    /// Normalises row-major `rows` in place.
    ///
    /// # Panics
    /// If `rows.len()` is not a multiple of the number of columns.
    pub fn apply(&self, rows: &mut [f32], level: Level) {
        assert!(rows.len().is_multiple_of(self.mean.len()), "rows must be whole");
        level.run(Normalize { normalizer: self, rows });
    }
}

struct Normalize<'a> {
    normalizer: &'a Normalizer,
    rows: &'a mut [f32],
}

impl Kernel for Normalize<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Normalizer { mean, scale } = self.normalizer;
        for row in self.rows.chunks_exact_mut(mean.len()) {
            for ((x, &mean), &scale) in row.iter_mut().zip(mean).zip(scale) {
                *x = ((f64::from(*x) - mean) * scale) as f32;
            }
        }
    }
}
