//! How far a matrix is from another, by several measures: a wrong window and a missing factor are far in different
//! ways.

use ossicle_dataset::Matrix;

use crate::noise::Noise;
use crate::rows::moments;

/// A column that varies less than this share of the others is measured by theirs.
const LEAST_SPREAD: f64 = 0.05;
/// Columns are alike where at least this share of the squares of one lies on a line of the other.
const ALIKE: f64 = 0.9;
/// The most cells that percentiles are taken over.
const MOST_CELLS: usize = 8192;
/// No noise is taken for less than this share of a column's spread.
const LEAST_NOISE: f32 = 1e-3;
/// What float32 rounds leaves less, in spreads.
pub(crate) const NOTHING: f64 = 1e-6;
/// Numbers of a linear spectrum are compared as logarithms, above this share of the largest.
const LOG_FLOOR: f32 = 1e-9;

/// The matrix that others are measured against.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) matrix: &'a Matrix,
    /// The numbers as they are compared: logarithms of a linear spectrum, or what they are.
    view: Vec<f32>,
    /// The least number whose logarithm is taken; none where numbers are compared as they are.
    log_floor: Option<f32>,
    /// One over the spread of each column, in the view and as it is.
    view_scale: Vec<f32>,
    raw_scale: Vec<f32>,
    /// The mean square of the coding's rounding, in spreads.
    rounding: f64,
}

/// How far a matrix is from the target. All but `cells` are in spreads of the columns: 0 is equal, and 1 as different
/// as the rows are among themselves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gap {
    /// The root of the mean square, of numbers as they are.
    pub(crate) raw: f64,
    /// The root of the mean square, as they are compared.
    pub(crate) rms: f64,
    /// The median of absolute differences, and their lower fifth: what is loud agrees first.
    pub(crate) median: f64,
    pub(crate) fifth: f64,
    /// The root of the mean square that is left after the best common factor and offset.
    pub(crate) affine: f64,
    /// The root of the mean square that is left after the best factor and offset of each column.
    pub(crate) columns: f64,
    /// The mean of ln(1 + z²), where z is the difference in units of what noise does; none without weights.
    pub(crate) noisy: Option<f64>,
    /// The number of rows that one has and the other has not.
    pub(crate) missing_rows: usize,
}

impl<'a> Target<'a> {
    pub(crate) fn new(matrix: &'a Matrix) -> Target<'a> {
        let log_floor = log_floor(&matrix.values);
        let view = viewed(&matrix.values, log_floor);
        let view_scale = scale(&Matrix::new(matrix.rows, matrix.columns, view.clone()));
        let raw_scale = scale(matrix);
        let in_spreads =
            matrix.rounding.iter().zip(&raw_scale).map(|(r, s)| f64::from(r * s).powi(2));
        let rounding = in_spreads.sum::<f64>() / matrix.columns.max(1) as f64;
        Target { matrix, view, log_floor, view_scale, raw_scale, rounding }
    }

    /// Returns how far the target's own coding may have moved its numbers: the root of the mean square, in spreads.
    pub(crate) fn rounding(&self) -> f64 {
        self.rounding.sqrt()
    }

    /// Returns the mean of ln(1 + z²), where z is what is left in units of noise, without what noise adds in the mean.
    fn excess(&self, view: &[f32], noise: &Noise) -> f64 {
        let columns = self.matrix.columns;
        let left: Vec<f32> = self.view.iter().zip(view).map(|(b, a)| b - a).collect();
        let weight = |(i, spread): (usize, &f32)| {
            let scale = self.view_scale[i % columns];
            scale / (spread * scale + LEAST_NOISE)
        };
        let weights: Vec<f32> = noise.spread[..left.len()].iter().enumerate().map(weight).collect();
        let bias = &noise.bias[..left.len()];
        let share = noise.share_in(&left, &weights) as f32;
        let cells = left.iter().zip(bias).zip(&weights);
        let z = cells.map(|((left, bias), weight)| (left - share * bias) * weight);
        mean_ln_1p_square(z)
    }

    /// Returns the target's numbers as they are compared.
    pub(crate) fn view(&self) -> &[f32] {
        &self.view
    }

    /// Returns the spread of a column, as numbers are compared.
    pub(crate) fn spread(&self, column: usize) -> f32 {
        1.0 / self.view_scale[column]
    }

    /// Measures a matrix of as many columns, over the rows that both have.
    ///
    /// - `noise`: what noise does to each number of the view, of as many rows at least
    pub(crate) fn gap(&self, matrix: &Matrix, noise: Option<&Noise>) -> Gap {
        let columns = self.matrix.columns;
        let rows = matrix.rows.min(self.matrix.rows);
        let view = self.view_of(matrix);
        let cells = rows * columns;
        let raw = mean_square(&matrix.values[..cells], &self.matrix.values, &self.raw_scale);
        let mut differences: Vec<f32> = Vec::with_capacity(cells);
        for (of, to) in view[..cells].chunks_exact(columns).zip(self.view.chunks_exact(columns)) {
            let scaled = of.iter().zip(to).zip(&self.view_scale);
            differences.extend(scaled.map(|((a, b), scale)| (a - b).abs() * scale));
        }
        let square: f64 = differences.iter().map(|&d| f64::from(d).powi(2)).sum();
        let noisy = noise.map(|noise| self.excess(&view[..cells], noise));
        let (affine, by_columns) = self.unexplained(&view[..cells], rows);
        let stride = cells.div_ceil(MOST_CELLS).max(1);
        let mut sampled: Vec<f32> = differences.iter().step_by(stride).copied().collect();
        let (fifth, median) = fifth_and_median(&mut sampled);
        Gap {
            raw: raw.sqrt(),
            rms: (square / cells.max(1) as f64).sqrt(),
            median,
            fifth,
            affine,
            columns: by_columns,
            noisy,
            missing_rows: matrix.rows.abs_diff(self.matrix.rows),
        }
    }

    /// Returns the numbers of a matrix as they are compared.
    pub(crate) fn view_of<'m>(&self, matrix: &'m Matrix) -> std::borrow::Cow<'m, [f32]> {
        match self.log_floor {
            None => (&matrix.values[..]).into(),
            floor => viewed(&matrix.values, floor).into(),
        }
    }

    /// Returns what is left of the view after the best factor and offset, of all numbers and of each column.
    fn unexplained(&self, view: &[f32], rows: usize) -> (f64, f64) {
        let columns = self.matrix.columns;
        let mut each = vec![Fit::default(); columns];
        for (of, to) in view.chunks_exact(columns).zip(self.view.chunks_exact(columns)) {
            for ((fit, &x), &y) in each.iter_mut().zip(of).zip(to) {
                fit.add(x.into(), y.into(), 1.0);
            }
        }
        let scales = self.view_scale.iter().map(|&scale| f64::from(scale).powi(2));
        each.iter_mut().zip(scales).for_each(|(fit, weight)| fit.weigh(weight));
        let mut all = Fit::default();
        each.iter().for_each(|fit| all.join(fit));
        let cells = (rows * columns).max(1) as f64;
        let by_columns: f64 = each.iter().map(Fit::left).sum();
        ((all.left() / cells).sqrt(), (by_columns / cells).sqrt())
    }

    /// Returns the common factor and offset that bring a matrix nearest, of numbers as they are.
    pub(crate) fn affine(&self, matrix: &Matrix) -> (f64, f64) {
        let mut fit = Fit::default();
        let pairs = matrix.values.iter().zip(&self.matrix.values).enumerate();
        for (i, (&x, &y)) in pairs {
            let scale = f64::from(self.raw_scale[i % self.matrix.columns]);
            fit.add(x.into(), y.into(), scale * scale);
        }
        fit.line()
    }

    /// Returns the factor and offset of each column that bring a matrix nearest, of numbers as they are; none where some
    /// column is not like its own: any numbers are some line's, and a dead column is one whatever it should be. None, too,
    /// where all are dead: constants make any of any.
    pub(crate) fn columns_affine(&self, matrix: &Matrix) -> Option<(Vec<f64>, Vec<f64>)> {
        let columns = self.matrix.columns;
        let mut fits = vec![Fit::default(); columns];
        for (i, (&x, &y)) in matrix.values.iter().zip(&self.matrix.values).enumerate() {
            fits[i % columns].add(x.into(), y.into(), 1.0);
        }
        let is_known = fits.iter().all(Fit::is_alike) && fits.iter().any(Fit::has_spread);
        is_known.then(|| fits.iter().map(Fit::line).unzip())
    }
}

/// Returns the root of the mean square of differences in spreads, of numbers as they are.
fn mean_square(of: &[f32], to: &[f32], scale: &[f32]) -> f64 {
    let columns = scale.len().max(1);
    let mut sum = 0.0;
    for (of, to) in of.chunks_exact(columns).zip(to.chunks_exact(columns)) {
        for ((a, b), scale) in of.iter().zip(to).zip(scale) {
            sum += f64::from((a - b) * scale).powi(2);
        }
    }
    sum / of.len().max(1) as f64
}

/// A straight line through points, by least squares.
#[derive(Debug, Clone, Default)]
struct Fit {
    w: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl Fit {
    fn add(&mut self, x: f64, y: f64, weight: f64) {
        self.w += weight;
        self.x += weight * x;
        self.y += weight * y;
        self.xx += weight * x * x;
        self.xy += weight * x * y;
        self.yy += weight * y * y;
    }

    /// Gives all points another weight.
    fn weigh(&mut self, weight: f64) {
        let Fit { w, x, y, xx, xy, yy } = self;
        [w, x, y, xx, xy, yy].into_iter().for_each(|sum| *sum *= weight);
    }

    /// Takes the points of another, too.
    fn join(&mut self, other: &Fit) {
        self.w += other.w;
        self.x += other.x;
        self.y += other.y;
        self.xx += other.xx;
        self.xy += other.xy;
        self.yy += other.yy;
    }

    /// The factor and the offset.
    fn line(&self) -> (f64, f64) {
        let (xx, xy) = self.centred();
        let factor = if xx > 1e-12 * self.xx.max(1e-30) { xy / xx } else { 1.0 };
        (factor, (self.y - factor * self.x) / self.w.max(1e-30))
    }

    fn centred(&self) -> (f64, f64) {
        let w = self.w.max(1e-30);
        (self.xx - self.x * self.x / w, self.xy - self.x * self.y / w)
    }

    /// Returns whether the points are more than one.
    fn has_spread(&self) -> bool {
        self.centred().0 > 1e-12 * self.xx.max(1e-30)
    }

    /// Returns whether the points are near a line that rises or falls, or are all one.
    fn is_alike(&self) -> bool {
        let (xx, xy) = self.centred();
        let yy = self.yy - self.y * self.y / self.w.max(1e-30);
        let has_y = yy > 1e-12 * self.yy.max(1e-30);
        match (self.has_spread(), has_y) {
            (true, true) => xy * xy >= ALIKE * xx * yy,
            (false, false) => true,
            _ => false,
        }
    }

    /// The weighted sum of squares that the line leaves.
    fn left(&self) -> f64 {
        let (xx, xy) = self.centred();
        let yy = self.yy - self.y * self.y / self.w.max(1e-30);
        let explained = if xx > 1e-12 * self.xx.max(1e-30) { xy * xy / xx } else { 0.0 };
        (yy - explained).max(0.0)
    }
}

/// Returns the least number whose logarithm is taken, where numbers are a linear spectrum: none is negative, and most
/// are far below the largest.
fn log_floor(values: &[f32]) -> Option<f32> {
    let most = values.iter().fold(0.0f32, |most, &x| most.max(x));
    if most <= 0.0 || values.iter().any(|&x| x < 0.0) {
        return None;
    }
    let small = values.iter().filter(|&&x| x < most / 20.0).count();
    (small * 2 > values.len()).then_some(most * LOG_FLOOR)
}

fn viewed(values: &[f32], log_floor: Option<f32>) -> Vec<f32> {
    match log_floor {
        None => values.to_vec(),
        Some(floor) => values.iter().map(|&x| libm::logf(x.max(floor))).collect(),
    }
}

/// One over the spread of each column.
fn scale(matrix: &Matrix) -> Vec<f32> {
    let (_, m2) = moments(matrix);
    let rows = matrix.rows.max(1) as f64;
    let all = (m2.iter().sum::<f64>() / (rows * m2.len().max(1) as f64)).sqrt();
    // Rows that are all alike have no spread; then numbers count as they are.
    let least = if all > 0.0 { all * LEAST_SPREAD } else { 1.0 };
    m2.iter().map(|m2| (1.0 / (m2 / rows).sqrt().max(least)) as f32).collect()
}

/// The mean of ln(1 + z²).
pub(crate) fn mean_ln_1p_square(of: impl Iterator<Item = f32>) -> f64 {
    // The logarithm of a product is the sum of logarithms, and takes a sixteenth of the time.
    const AT_ONCE: usize = 16;
    const MOST: f64 = 1e18;
    let (mut sum, mut product, mut count) = (0.0, 1.0f64, 0usize);
    for z in of {
        product *= (1.0 + f64::from(z).powi(2)).min(MOST);
        count += 1;
        if count.is_multiple_of(AT_ONCE) {
            sum += libm::log(product);
            product = 1.0;
        }
    }
    (sum + libm::log(product)) / count.max(1) as f64
}

fn fifth_and_median(differences: &mut [f32]) -> (f64, f64) {
    if differences.is_empty() {
        return (0.0, 0.0);
    }
    let place = differences.len() / 2;
    let median = *differences.select_nth_unstable_by(place, f32::total_cmp).1;
    let fifth = *differences.select_nth_unstable_by(differences.len() / 5, f32::total_cmp).1;
    (f64::from(fifth), f64::from(median))
}
