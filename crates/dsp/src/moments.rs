//! Mean and variance of columns, and normalisation by them.

use crate::lanes::Vector;
use crate::simd::{Kernel, Level};

/// Count, mean and sum of squared deviations of each column of a set of rows, in f64.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// How many rows there are.
    pub count: u64,
    /// The mean of each column.
    pub mean: Vec<f64>,
    /// Σ(x − mean)² of each column.
    pub m2: Vec<f64>,
}

impl Moments {
    /// No rows of `dim` columns.
    pub fn empty(dim: usize) -> Moments {
        Moments { count: 0, mean: vec![0.0; dim], m2: vec![0.0; dim] }
    }

    /// Of row-major `rows`, in two passes, each summing from the first row to the last.
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

    /// Adds the rows that `other` describes: T. Chan, G. Golub and R. LeVeque, "Algorithms for
    /// computing the sample variance", *The American Statistician* 37 (1983), equations 2.1.
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

    /// The population standard deviation of each column.
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
        let Moments { count, mean, m2 } = self.moments;
        if *count == 0 {
            return;
        }
        let dim = mean.len();
        for row in self.rows.chunks_exact(dim) {
            for (sum, &x) in mean.iter_mut().zip(row) {
                *sum += f64::from(x);
            }
        }
        mean.iter_mut().for_each(|sum| *sum /= *count as f64);
        for row in self.rows.chunks_exact(dim) {
            for ((m2, &mean), &x) in m2.iter_mut().zip(&*mean).zip(row) {
                let deviation = f64::from(x) - mean;
                *m2 += deviation * deviation;
            }
        }
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
