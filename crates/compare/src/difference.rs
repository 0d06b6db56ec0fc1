//! How two matrices differ.

use ossicle_dataset::Matrix;
use serde::Serialize;

use crate::alignment::lag;
use crate::rows::moments;

/// The most rows that two matrices are moved against each other one by one when they are aligned.
const MOST_LAG: i64 = 25;
/// How much better rows far away have to agree than those near by: of many places some do by chance.
const CLEARLY: f64 = 0.05;
/// The most stretches that differences over time are told in.
const MOST_STRETCHES: usize = 40;

/// The difference of two matrices, over the rows and columns that both have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The rows that are compared, row t with row t.
    pub rows: usize,
    /// The columns that are compared.
    pub columns: usize,
    /// The root of the mean square of differences.
    pub rms: f64,
    /// The same in spreads of the columns: 1 is as different as rows are among themselves.
    pub relative: f64,
    /// The median of absolute differences.
    pub typical: f64,
    /// The largest difference, and where it is.
    pub worst: Worst,
    /// The correlation of all numbers.
    pub correlation: f64,
    /// The cosine of the angle between both, as vectors.
    pub cosine: f64,
    /// The rows by which B comes later than A where both agree best, and the correlation there.
    pub alignment: Alignment,
    /// The differences of each column.
    pub by_column: Vec<ColumnDifference>,
    /// The root of the mean square of differences in stretches of equal length, at most 40.
    pub over_time: Vec<f64>,
}

/// The largest difference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Worst {
    /// The absolute difference.
    pub difference: f64,
    /// Its row.
    pub row: usize,
    /// Its column.
    pub column: usize,
    /// The number in A.
    pub a: f32,
    /// The number in B.
    pub b: f32,
}

/// The place at which two matrices agree best.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Alignment {
    /// The rows by which B comes later than A.
    pub frames: i64,
    /// The correlation of rows that are moved so.
    pub correlation: f64,
}

/// The differences of a column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ColumnDifference {
    /// The largest absolute difference.
    pub worst: f64,
    /// The median of absolute differences.
    pub typical: f64,
    /// The mean of B without A.
    pub mean: f64,
}

impl Difference {
    /// Compares the rows and columns that both have.
    pub(crate) fn new(a: &Matrix, b: &Matrix) -> Difference {
        let (rows, columns) = (a.rows.min(b.rows), a.columns.min(b.columns));
        let (a, b) = (cut(a, rows, columns), cut(b, rows, columns));
        let differences: Vec<f32> = a.values.iter().zip(&b.values).map(|(a, b)| b - a).collect();
        let squares = |of: &[f32]| of.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
        let count = differences.len().max(1) as f64;
        let (_, m2) = moments(&b);
        let spread = (m2.iter().sum::<f64>() / count).sqrt();
        let rms = (squares(&differences) / count).sqrt();
        let dot: f64 = pairs(&a, &b).map(|(a, b)| a * b).sum();
        let lengths = (squares(&a.values) * squares(&b.values)).sqrt();
        let stretch = rows.div_ceil(MOST_STRETCHES).max(1) * columns;
        let of_stretch = |of: &[f32]| (squares(of) / of.len() as f64).sqrt();
        Difference {
            rows,
            columns,
            rms,
            relative: rms / if spread > 0.0 { spread } else { 1.0 },
            typical: median(&mut differences.iter().map(|x| x.abs()).collect::<Vec<_>>()),
            worst: worst(&a, &b),
            correlation: correlation(pairs(&a, &b)),
            cosine: if lengths > 0.0 { dot / lengths } else { 1.0 },
            alignment: alignment(&a, &b),
            by_column: (0..columns)
                .map(|column| of_column(&differences, column, columns))
                .collect(),
            over_time: differences.chunks(stretch).map(of_stretch).collect(),
        }
    }
}

/// The first rows and columns of a matrix.
fn cut(of: &Matrix, rows: usize, columns: usize) -> Matrix {
    let kept = of.values.chunks_exact(of.columns).take(rows).flat_map(|row| &row[..columns]);
    Matrix::new(rows, columns, kept.copied().collect())
}

fn pairs<'m>(a: &'m Matrix, b: &'m Matrix) -> impl Iterator<Item = (f64, f64)> + 'm {
    a.values.iter().zip(&b.values).map(|(&a, &b)| (f64::from(a), f64::from(b)))
}

fn worst(a: &Matrix, b: &Matrix) -> Worst {
    let columns = a.columns.max(1);
    let at = |(place, (&a, &b)): (usize, (&f32, &f32))| Worst {
        difference: f64::from((b - a).abs()),
        row: place / columns,
        column: place % columns,
        a,
        b,
    };
    let all = a.values.iter().zip(&b.values).enumerate().map(at);
    let farther =
        |worst: Worst, next: Worst| if next.difference > worst.difference { next } else { worst };
    all.reduce(farther).unwrap_or(Worst { difference: 0.0, row: 0, column: 0, a: 0.0, b: 0.0 })
}

fn of_column(differences: &[f32], column: usize, columns: usize) -> ColumnDifference {
    let of: Vec<f32> = differences.iter().skip(column).step_by(columns).copied().collect();
    let mean = of.iter().map(|&x| f64::from(x)).sum::<f64>() / of.len().max(1) as f64;
    let mut sizes: Vec<f32> = of.iter().map(|x| x.abs()).collect();
    let worst = sizes.iter().fold(0.0f32, |most, &x| most.max(x));
    ColumnDifference { worst: worst.into(), typical: median(&mut sizes), mean }
}

fn median(of: &mut [f32]) -> f64 {
    if of.is_empty() {
        return 0.0;
    }
    let place = of.len() / 2;
    f64::from(*of.select_nth_unstable_by(place, f32::total_cmp).1)
}

fn correlation(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut n, mut x, mut y, mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (a, b) in pairs {
        n += 1.0;
        x += a;
        y += b;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    let n = f64::max(n, 1.0);
    let spread = ((xx - x * x / n) * (yy - y * y / n)).max(0.0).sqrt();
    if spread > 0.0 { (xy - x * y / n) / spread } else { 0.0 }
}

/// Moves rows against each other, each column less its mean, until they agree best.
fn alignment(a: &Matrix, b: &Matrix) -> Alignment {
    let centred = |of: &Matrix| -> Vec<f32> {
        let (mean, _) = moments(of);
        let columns = of.columns.max(1);
        of.values.iter().enumerate().map(|(i, &x)| x - mean[i % columns] as f32).collect()
    };
    let (a_rows, b_rows, columns) = (centred(a), centred(b), a.columns);
    let most = MOST_LAG.min(a.rows as i64 / 4);
    let at = |frames: i64| {
        let (skip_a, skip_b) = (frames.min(0).unsigned_abs() as usize, frames.max(0) as usize);
        let a = a_rows[skip_a * columns..].iter().map(|&x| f64::from(x));
        let b = b_rows[skip_b * columns..].iter().map(|&x| f64::from(x));
        Alignment { frames, correlation: correlation(a.zip(b)) }
    };
    // Farther is better only where it is clearly so.
    let better = |best: Alignment, next: Alignment, by: f64| match next.correlation
        > best.correlation + by
    {
        true => next,
        false => best,
    };
    let near =
        (1..=most).flat_map(|by| [by, -by]).fold(at(0), |best, by| better(best, at(by), 1e-9));
    // B is later where its rows are those of A some rows before.
    let far = -lag(a, b);
    if far.unsigned_abs() < a.rows as u64 { better(near, at(far), CLEARLY) } else { near }
}
