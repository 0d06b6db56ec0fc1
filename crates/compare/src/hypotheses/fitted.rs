//! Changes whose numbers are measured: a factor, an offset, a gain, a floor.

use ossicle_dataset::Matrix;

use crate::change::{Change, InputChange, RowsChange};
use crate::hypotheses::evidence::Evidence;
use crate::hypotheses::numbers::written;
use crate::measure::Target;

/// So many numbers for each that is fitted are the fewest: two rows are some line of any other two.
const FEWEST_FOR_EACH: usize = 8;

/// Lists the changes that would bring a matrix nearer, with the numbers that do it best.
pub(crate) fn fitted(
    evidence: Option<&Evidence<'_>>,
    matrix: &Matrix,
    target: &Target<'_>,
) -> Vec<Change> {
    if (matrix.rows, matrix.columns) != (target.matrix.rows, target.matrix.columns) {
        return Vec::new();
    }
    let mut changes = Vec::new();
    let count = matrix.values.len();
    if count < 2 * FEWEST_FOR_EACH {
        return changes;
    }
    let (factor, offset) = target.affine(matrix);
    let offset_alone = median_difference(matrix, target.matrix);
    changes.push(Change::Rows(RowsChange::Affine(1.0, offset_alone)));
    if factor.is_finite() && factor.abs() > 1e-9 {
        changes.push(Change::Rows(RowsChange::Affine(rounded(factor), offset)));
        let factor_alone = proportion(matrix, target.matrix);
        changes.push(Change::Rows(RowsChange::Affine(rounded(factor_alone), 0.0)));
    }
    let is_known = matrix.rows >= 2 * FEWEST_FOR_EACH;
    if let Some((factors, offsets)) = target.columns_affine(matrix).filter(|_| is_known) {
        changes.push(Change::Rows(RowsChange::ColumnsAffine(factors, offsets)));
    }
    if let Some(evidence) = evidence {
        gains(evidence, matrix, target.matrix, offset_alone, &mut changes);
        logarithms(evidence, (factor, offset), offset_alone, &mut changes);
        floors(evidence, target.matrix, &mut changes);
    }
    changes
}

/// A gain of the recording, where columns are energies.
fn gains(
    evidence: &Evidence<'_>,
    matrix: &Matrix,
    target: &Matrix,
    offset: f64,
    changes: &mut Vec<Change>,
) {
    if evidence.kind() == "mfcc" || evidence.has_table("normalize") {
        return;
    }
    let root = if evidence.is("spectrum", "magnitude") { 1.0 } else { 2.0 };
    let ln = match evidence.per_db() {
        Some(per_db) => offset / per_db * std::f64::consts::LN_10 / 10.0,
        None => libm::log(proportion(matrix, target).abs().max(1e-30)),
    };
    let gain = libm::exp(ln / root) as f32;
    if gain.is_finite() && (1e-6..1e6).contains(&gain) && (gain - 1.0).abs() > 1e-4 {
        changes.push(Change::Input(InputChange::Gain(gain)));
    }
}

/// The factor and the offset of logarithms, where the recipe has them.
fn logarithms(
    evidence: &Evidence<'_>,
    (factor, offset): (f64, f64),
    offset_alone: f64,
    changes: &mut Vec<Change>,
) {
    let has_line = ["log_factor", "log_offset"].iter().any(|key| evidence.number(key).is_some());
    if !has_line || evidence.has_table("normalize") || factor.abs() < 1e-9 {
        return;
    }
    let (own_factor, own_offset) = evidence.log_line();
    for (factor, offset) in [(factor, offset), (1.0, offset_alone)] {
        let both = own_factor * factor;
        let factor = roundest(both, 1e-6 * both.abs());
        let offset = roundest(own_offset + offset / both, 1e-6 * (1.0 + own_offset.abs()));
        let keys = [("log_factor", factor, own_factor), ("log_offset", offset, own_offset)];
        let keys = keys.into_iter().filter(|(_, number, own)| number != own);
        let keys: Vec<_> = keys.map(|(key, number, _)| evidence.of(key, written(number))).collect();
        if !keys.is_empty() {
            changes.push(Change::Keys(keys));
        }
    }
}

/// A floor that the target's least numbers show: many are the same.
fn floors(evidence: &Evidence<'_>, target: &Matrix, changes: &mut Vec<Change>) {
    let least = target.values.iter().fold(f32::MAX, |least, &x| least.min(x));
    let many = target.values.iter().filter(|&&x| x == least).count();
    let Some(per_db) = evidence.per_db().filter(|_| many >= 3) else { return };
    // No number is known better than float32 has it.
    let (least, rounding) = (f64::from(least), f64::from(least.abs().next_up() - least.abs()));
    let (factor, offset) = evidence.log_line();
    let floor = libm::pow(10.0, (least - offset * factor) / per_db / 10.0);
    if floor.is_finite() && floor > 0.0 {
        let error = floor * (rounding / per_db * std::f64::consts::LN_10 / 10.0 + 1e-7);
        changes.push(evidence.feature("floor", written(roundest(floor, error))));
    }
    let most = target.values.iter().fold(f32::MIN, |most, &x| most.max(x));
    let db = (f64::from(most) - least) / per_db;
    if db > 0.0 {
        let error = 2.0 * rounding.max(f64::from(most.abs().next_up() - most.abs())) / per_db;
        changes.push(evidence.feature("top_db", written(roundest(db, error.max(1e-4)))));
    }
}

/// The number of fewest digits that is so near.
fn roundest(number: f64, error: f64) -> f64 {
    let digits = |count: usize| format!("{number:.count$e}").parse().unwrap_or(number);
    (0..16).map(digits).find(|round: &f64| (round - number).abs() <= error).unwrap_or(number)
}

fn median_difference(matrix: &Matrix, target: &Matrix) -> f64 {
    let pairs = matrix.values.iter().zip(&target.values);
    let mut differences: Vec<f64> = pairs.map(|(&a, &b)| f64::from(b) - f64::from(a)).collect();
    let place = differences.len() / 2;
    *differences.select_nth_unstable_by(place, f64::total_cmp).1
}

/// The factor without an offset, by least squares.
fn proportion(matrix: &Matrix, target: &Matrix) -> f64 {
    let (mut square, mut product) = (0.0, 0.0);
    for (&x, &y) in matrix.values.iter().zip(&target.values) {
        square += f64::from(x).powi(2);
        product += f64::from(x) * f64::from(y);
    }
    if square > 0.0 { product / square } else { 1.0 }
}

/// The factor that programs have where one is near: those between logarithms, and simple fractions.
fn rounded(factor: f64) -> f64 {
    use std::f64::consts::{LN_2, LN_10};
    let known =
        [1.0, 1.0 / LN_10, LN_10, 10.0 / LN_10, LN_10 / 10.0, 10.0, 0.1, 2.0, 0.5, 0.25, 4.0, -1.0];
    let more = [20.0 / LN_10, LN_10 / 20.0, 20.0, 0.05, 1.0 / LN_2, LN_2, 32768.0, 1.0 / 32768.0];
    let near = |known: &f64| ((factor - known) / known).abs() < 2e-4;
    known.into_iter().chain(more).find(near).unwrap_or(factor)
}
