//! Changes of rows, which need no recording.

use ossicle_dataset::Matrix;

use crate::change::{Change, RowsChange};

/// The most rows that two matrices are shifted against each other.
const MOST_SHIFT: i64 = 3;

/// Lists the changes of order and number.
pub(crate) fn of_rows(base: &Matrix, target: &Matrix) -> Vec<Change> {
    let mut changes: Vec<RowsChange> = Vec::new();
    if base.rows != base.columns && base.rows == target.columns {
        changes.push(RowsChange::Transposed);
    }
    if base.columns > target.columns {
        changes.push(RowsChange::FirstColumns(target.columns));
    }
    if target.columns > base.columns && target.columns.is_multiple_of(base.columns) {
        changes.push(RowsChange::Stacked(target.columns / base.columns));
    }
    changes.extend([
        RowsChange::ColumnsReversed,
        RowsChange::RowsReversed,
        RowsChange::FirstColumnLast,
        RowsChange::LastColumnFirst,
        RowsChange::HalfPrecision,
    ]);
    let shifts = (1..=MOST_SHIFT).flat_map(|by| [by, -by]);
    changes.extend(shifts.map(RowsChange::Shifted));
    if base.rows != target.rows && base.rows.abs_diff(target.rows) < target.rows.max(64) {
        changes.push(RowsChange::RowsAtEnd(target.rows));
    }
    changes.into_iter().map(Change::Rows).collect()
}

/// Lists the changes of numbers, where there is no recipe whose keys would say them.
pub(crate) fn of_matrix(base: &Matrix, target: &Matrix) -> Vec<Change> {
    let mut changes = vec![RowsChange::Ln, RowsChange::Exp, RowsChange::Root, RowsChange::Squared];
    for strength in [22.0, 20.0, 24.0, 26.0, 27.0, 30.0] {
        changes.extend([RowsChange::Liftered(strength), RowsChange::Unliftered(strength)]);
    }
    changes.push(RowsChange::Normalized { variance: false, ddof: 0 });
    changes.extend([0, 1].map(|ddof| RowsChange::Normalized { variance: true, ddof }));
    let range = |of: &Matrix| {
        let least = of.values.iter().fold(f32::MAX, |least, &x| least.min(x));
        let most = of.values.iter().fold(f32::MIN, |most, &x| most.max(x));
        (least, most)
    };
    let ((has_least, _), (least, most)) = (range(base), range(target));
    let many = target.values.iter().filter(|&&x| x == least).count();
    if many > 2 {
        changes.push(RowsChange::TopFloored(most - least));
        if least > has_least {
            changes.push(RowsChange::Floored(least));
        }
    }
    let mut all = of_rows(base, target);
    all.extend(changes.into_iter().map(Change::Rows));
    all
}
