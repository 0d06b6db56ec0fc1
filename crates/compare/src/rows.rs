//! Changes of rows, made.

use ossicle_dataset::Matrix;

use crate::change::{Past, RowsChange};

impl RowsChange {
    /// Makes the change. None where it cannot be made of these rows.
    pub(crate) fn made(&self, of: &Matrix) -> Option<Matrix> {
        let (rows, columns) = (of.rows, of.columns);
        let cell = |row: usize, column: usize| of.values[row * columns + column];
        let numbers = |f: &dyn Fn(f32) -> f32| filled(rows, columns, |r, c| f(cell(r, c)));
        Some(match *self {
            RowsChange::Transposed => filled(columns, rows, |r, c| cell(c, r)),
            RowsChange::ColumnsReversed => filled(rows, columns, |r, c| cell(r, columns - 1 - c)),
            RowsChange::RowsReversed => filled(rows, columns, |r, c| cell(rows - 1 - r, c)),
            RowsChange::FirstColumnLast => filled(rows, columns, |r, c| cell(r, (c + 1) % columns)),
            RowsChange::LastColumnFirst => {
                filled(rows, columns, |r, c| cell(r, (c + columns - 1) % columns))
            }
            RowsChange::Shifted(by, past) => shifted(of, by, past),
            RowsChange::RowsAtEnd(count) => {
                filled(count, columns, |r, c| if r < rows { cell(r, c) } else { 0.0 })
            }
            RowsChange::RowsAtBegin(count) => {
                let from = |r: usize| (r + rows).checked_sub(count);
                filled(count, columns, |r, c| from(r).map_or(0.0, |r| cell(r, c)))
            }
            RowsChange::Excerpt { first, rows: count } => {
                first.checked_add(count).filter(|&end| end <= rows)?;
                filled(count, columns, |r, c| cell(first + r, c))
            }
            RowsChange::FirstColumns(count) if count < columns => filled(rows, count, cell),
            RowsChange::LastColumns(count) if count < columns => {
                filled(rows, count, |r, c| cell(r, columns - count + c))
            }
            RowsChange::FirstColumns(_) | RowsChange::LastColumns(_) => return None,
            RowsChange::Stacked(count) if count > 1 && rows >= count => {
                filled(rows / count, columns * count, |r, c| {
                    cell(r * count + c / columns, c % columns)
                })
            }
            RowsChange::Stacked(_) => return None,
            RowsChange::Affine(factor, offset) => {
                numbers(&|x| (f64::from(x) * factor + offset) as f32)
            }
            RowsChange::ColumnsAffine(ref factors, ref offsets) => {
                if factors.len() != columns || offsets.len() != columns {
                    return None;
                }
                filled(rows, columns, |r, c| {
                    (f64::from(cell(r, c)) * factors[c] + offsets[c]) as f32
                })
            }
            RowsChange::Liftered(strength) => {
                let weights = lifter(columns, strength);
                filled(rows, columns, |r, c| (f64::from(cell(r, c)) * weights[c]) as f32)
            }
            RowsChange::Unliftered(strength) => {
                let weights = lifter(columns, strength);
                filled(rows, columns, |r, c| (f64::from(cell(r, c)) / weights[c]) as f32)
            }
            RowsChange::Normalized { variance, ddof } => normalized(of, variance, ddof)?,
            RowsChange::Floored(floor) => numbers(&|x| x.max(floor)),
            RowsChange::TopFloored(range) => {
                let most = of.values.iter().fold(f32::MIN, |most, &x| most.max(x));
                numbers(&|x| x.max(most - range))
            }
            RowsChange::Ln if of.values.iter().any(|&x| x < 0.0) => return None,
            RowsChange::Ln => numbers(&|x| libm::logf(x.max(1e-10))),
            RowsChange::Exp if of.values.iter().any(|&x| x > 80.0) => return None,
            RowsChange::Exp => numbers(&libm::expf),
            RowsChange::Root if of.values.iter().any(|&x| x < 0.0) => return None,
            RowsChange::Root => numbers(&f32::sqrt),
            RowsChange::Squared => numbers(&|x| x * x),
            RowsChange::Rounded(precision) => numbers(&|x| precision.round(x)),
        })
    }
}

/// Makes a matrix of what stands in each row and column.
fn filled(rows: usize, columns: usize, cell: impl Fn(usize, usize) -> f32) -> Matrix {
    let mut values = Vec::with_capacity(rows * columns);
    for row in 0..rows {
        values.extend((0..columns).map(|column| cell(row, column)));
    }
    Matrix::new(rows, columns, values)
}

fn shifted(of: &Matrix, by: i64, past: Past) -> Matrix {
    let rows = of.rows as i64;
    filled(of.rows, of.columns, |row, column| {
        let from = (row as i64).saturating_add(by);
        let from = match past {
            Past::Outermost => from.clamp(0, rows - 1),
            Past::Wrapped => from.rem_euclid(rows),
            Past::Zeros if (0..rows).contains(&from) => from,
            Past::Zeros => return 0.0,
        };
        of.values[from as usize * of.columns + column]
    })
}

/// The weights of a sinusoidal lifter: 1 + L/2 · sin(πn/L).
fn lifter(columns: usize, strength: f64) -> Vec<f64> {
    let weight = |n| 1.0 + strength / 2.0 * libm::sin(std::f64::consts::PI * n as f64 / strength);
    (0..columns).map(weight).collect()
}

/// Normalises each column by its own moments.
fn normalized(of: &Matrix, variance: bool, ddof: u64) -> Option<Matrix> {
    let (mean, m2) = moments(of);
    let count = (of.rows as u64).checked_sub(ddof).filter(|&count| count > 0)? as f64;
    let deviation = |column: usize| match (m2[column] / count).sqrt() {
        _ if !variance => 1.0,
        0.0 => 1e-5,
        deviation => deviation,
    };
    let deviations: Vec<f64> = (0..of.columns).map(deviation).collect();
    Some(filled(of.rows, of.columns, |r, c| {
        ((f64::from(of.values[r * of.columns + c]) - mean[c]) / deviations[c]) as f32
    }))
}

/// Returns the mean of each column and its sum of squared deviations.
pub(crate) fn moments(of: &Matrix) -> (Vec<f64>, Vec<f64>) {
    let mut mean = vec![0.0; of.columns];
    for row in of.values.chunks_exact(of.columns) {
        mean.iter_mut().zip(row).for_each(|(mean, &x)| *mean += f64::from(x));
    }
    mean.iter_mut().for_each(|mean| *mean /= of.rows as f64);
    let mut m2 = vec![0.0; of.columns];
    for row in of.values.chunks_exact(of.columns) {
        for ((m2, mean), &x) in m2.iter_mut().zip(&mean).zip(row) {
            *m2 += (f64::from(x) - mean).powi(2);
        }
    }
    (mean, m2)
}
