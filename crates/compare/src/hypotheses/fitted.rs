//! Changes whose numbers are measured: a factor, an offset, a gain, a floor.

use ossicle_dataset::Matrix;

use crate::change::{Change, InputChange, RowsChange};
use crate::hypotheses::evidence::Evidence;
use crate::measure::Target;

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
    let (factor, offset) = target.affine(matrix);
    let offset_alone = median_difference(matrix, target.matrix);
    changes.push(Change::Rows(RowsChange::Affine(1.0, offset_alone)));
    if factor.is_finite() && factor.abs() > 1e-9 {
        changes.push(Change::Rows(RowsChange::Affine(rounded(factor), offset)));
        let factor_alone = proportion(matrix, target.matrix);
        changes.push(Change::Rows(RowsChange::Affine(rounded(factor_alone), 0.0)));
    }
    if let Some((factors, offsets)) = target.columns_affine(matrix) {
        changes.push(Change::Rows(RowsChange::ColumnsAffine(factors, offsets)));
    }
    if let Some(evidence) = evidence {
        gains(evidence, matrix, target.matrix, offset_alone, &mut changes);
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
    let is_magnitude = evidence.of_feature("spectrum").is_some_and(|of| of == "magnitude");
    let root = if is_magnitude { 1.0 } else { 2.0 };
    let ln = match evidence.of_feature("log").and_then(|log| log.as_str()) {
        Some("ln") => offset,
        Some("log10") => offset * std::f64::consts::LN_10,
        Some("db") => offset * std::f64::consts::LN_10 / 10.0,
        _ => libm::log(proportion(matrix, target).abs().max(1e-30)),
    };
    let gain = libm::exp(ln / root) as f32;
    if gain.is_finite() && (1e-6..1e6).contains(&gain) && (gain - 1.0).abs() > 1e-4 {
        changes.push(Change::Input(InputChange::Gain(gain)));
    }
}

/// A floor that the target's least numbers show: many are the same.
fn floors(evidence: &Evidence<'_>, target: &Matrix, changes: &mut Vec<Change>) {
    let least = target.values.iter().fold(f32::MAX, |least, &x| least.min(x));
    let many = target.values.iter().filter(|&&x| x == least).count();
    if many < 3 {
        return;
    }
    let least = f64::from(least);
    let floor = match evidence.of_feature("log").and_then(|log| log.as_str()) {
        Some("ln") => libm::exp(least),
        Some("log10") => libm::pow(10.0, least),
        Some("db") => libm::pow(10.0, least / 10.0),
        _ => return,
    };
    if floor.is_finite() && floor > 0.0 {
        changes.push(evidence.feature("floor", format!("{floor:e}")));
    }
    let most = target.values.iter().fold(f32::MIN, |most, &x| most.max(x));
    let range = f64::from(most) - least;
    let db = match evidence.of_feature("log").and_then(|log| log.as_str()) {
        Some("ln") => range * 10.0 / std::f64::consts::LN_10,
        Some("log10") => range * 10.0,
        _ => range,
    };
    let rounded = (db * 100.0).round() / 100.0;
    if rounded > 0.0 {
        changes.push(evidence.feature("top_db", format!("{rounded}")));
    }
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
