//! What comes after the features of a frame, the plain way: whole matrices in f64, by the definitions.

use ossicle_dsp::DeltaConvention;
use ossicle_recipe::{EpsOf, Recipe, Scope, SpliceAt};
use serde_json::Value;

pub(crate) type Rows = Vec<Vec<f64>>;

/// Returns the rows that a recipe makes of those of its features.
pub(crate) fn after(recipe: &Recipe, mut rows: Rows) -> Rows {
    let tables = serde_json::to_value(recipe).unwrap();
    if let Some(table) = tables.get("deltas") {
        let number = |key: &str| table[key].as_u64().unwrap() as usize;
        let is_kaldi = table.get("convention").is_some_and(|word| word == "kaldi");
        let convention = if is_kaldi { DeltaConvention::Kaldi } else { DeltaConvention::Htk };
        rows = with_deltas(&rows, number("order"), number("window"), convention);
    }
    let spliced = |rows: Rows, at: SpliceAt| match tables.get("splice") {
        Some(table) => {
            let is_before = table.get("at").is_some_and(|word| word == "before");
            let is_here = is_before == (at == SpliceAt::Before);
            if is_here { splice(&rows, table) } else { rows }
        }
        None => rows,
    };
    let rows = normalized(recipe, spliced(rows, SpliceAt::Before));
    spliced(rows, SpliceAt::After)
}

/// Appends regressions over ±`window` rows, each order of the one before.
fn with_deltas(rows: &Rows, order: usize, window: usize, convention: DeltaConvention) -> Rows {
    let count = rows.len() as isize;
    let norm: usize = 2 * (1..=window).map(|n| n * n).sum::<usize>();
    // With Kaldi's kernels no edge is met: the rows are repeated as far as all orders reach.
    let margin = match convention {
        DeltaConvention::Kaldi => (order * window) as isize,
        _ => 0,
    };
    let mut last: Rows =
        (-margin..count + margin).map(|t| rows[t.clamp(0, count - 1) as usize].clone()).collect();
    let mut wide = rows.clone();
    for _ in 0..order {
        let at = |t: isize| &last[t.clamp(0, last.len() as isize - 1) as usize];
        let regression = |t: usize| {
            let column = |c: usize| {
                let term = |n: isize| n as f64 * (at(t as isize + n)[c] - at(t as isize - n)[c]);
                (1..=window as isize).map(term).sum::<f64>() / norm as f64
            };
            (0..rows[0].len()).map(column).collect()
        };
        let next = (0..last.len()).map(regression).collect();
        last = next;
        for (wide, delta) in wide.iter_mut().zip(&last[margin as usize..]) {
            wide.extend(delta);
        }
    }
    wide
}

/// Puts neighbours beside every n-th row.
fn splice(rows: &Rows, table: &Value) -> Rows {
    let number = |key: &str| table.get(key).and_then(Value::as_i64);
    let (left, right) = (number("left").unwrap() as isize, number("right").unwrap() as isize);
    let drops = table.get("last").is_some_and(|word| word == "drop");
    let count = rows.len() as isize;
    (0..count)
        .step_by(number("every").unwrap_or(1) as usize)
        .filter(|t| !drops || t + right < count)
        .map(|t| {
            let places = t - left..=t + right;
            places.flat_map(|t| rows[t.clamp(0, count - 1) as usize].clone()).collect()
        })
        .collect()
}

/// Takes means and deviations out, as the recipe says.
fn normalized(recipe: &Recipe, mut rows: Rows) -> Rows {
    let Some(table) = recipe.normalize() else { return rows };
    let columns = rows[0].len();
    let (means, stds) = match table.constants(columns) {
        Some(constants) => constants.unwrap(),
        None => {
            assert_eq!(table.scope, Scope::Utterance, "presets of golden arrays have no corpus");
            (0..columns).map(|c| statistics(recipe, &rows, c)).unzip()
        }
    };
    for row in &mut rows {
        for ((x, mean), std) in row.iter_mut().zip(&means).zip(&stds) {
            *x = (*x - if table.mean { *mean } else { 0.0 })
                / if table.variance { *std } else { 1.0 };
        }
    }
    rows
}

/// Mean and standard deviation of a column.
fn statistics(recipe: &Recipe, rows: &Rows, column: usize) -> (f64, f64) {
    let table = recipe.normalize().unwrap();
    let count = rows.len() as f64;
    let mean = rows.iter().map(|row| row[column]).sum::<f64>() / count;
    let squares = rows.iter().map(|row| (row[column] - mean) * (row[column] - mean)).sum::<f64>();
    let variance = squares / (count - table.ddof() as f64);
    let std = match table.eps_of() {
        EpsOf::Variance => (variance + table.eps()).sqrt(),
        EpsOf::Std => variance.sqrt() + table.eps(),
    };
    let std = std.max(table.std_floor());
    // A column that is the same everywhere rounds to next to nothing, and not to 0.
    (mean, if std < 1e-12 { table.zero_std } else { std })
}
