//! Changes of rows, which need no recording.

use ossicle_dataset::Matrix;

use crate::alignment::lag;
use crate::change::{Change, Past, RowsChange};
use crate::precision::Precision;

/// The most rows that two matrices are shifted against each other without a look whether they agree there.
const MOST_SHIFT: i64 = 3;

/// Lists the changes of order and number.
pub(crate) fn of_rows(base: &Matrix, target: &Matrix) -> Vec<Change> {
    let mut changes: Vec<RowsChange> = Vec::new();
    if base.rows != base.columns && base.rows == target.columns {
        changes.push(RowsChange::Transposed);
    }
    if base.columns > target.columns {
        changes.push(RowsChange::FirstColumns(target.columns));
        changes.push(RowsChange::LastColumns(target.columns));
    }
    if target.columns > base.columns && target.columns.is_multiple_of(base.columns) {
        changes.push(RowsChange::Stacked(target.columns / base.columns));
    }
    changes.extend([
        RowsChange::ColumnsReversed,
        RowsChange::RowsReversed,
        RowsChange::FirstColumnLast,
        RowsChange::LastColumnFirst,
    ]);
    changes.extend(Precision::of(&target.values).into_iter().map(RowsChange::Rounded));
    moved(base, target, &mut changes);
    changes.into_iter().map(Change::Rows).collect()
}

/// Lists the ways in which rows may stand elsewhere, or be missing.
fn moved(base: &Matrix, target: &Matrix, changes: &mut Vec<RowsChange>) {
    let shifts = (1..=MOST_SHIFT).flat_map(|by| [by, -by]);
    changes.extend(shifts.map(|by| RowsChange::Shifted(by, Past::Outermost)));
    let lag = if base.columns == target.columns { lag(base, target) } else { 0 };
    if lag != 0 {
        changes.extend(
            [Past::Outermost, Past::Zeros, Past::Wrapped]
                .map(|past| RowsChange::Shifted(lag, past)),
        );
    }
    if base.rows != target.rows {
        changes.extend([RowsChange::RowsAtEnd(target.rows), RowsChange::RowsAtBegin(target.rows)]);
    }
    if let Ok(first @ 1..) = usize::try_from(lag)
        && first + target.rows < base.rows
    {
        changes.push(RowsChange::Excerpt { first, rows: target.rows });
    }
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
