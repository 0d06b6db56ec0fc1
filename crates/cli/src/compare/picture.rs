//! Both sides and their difference as a picture.

use ossicle_compare::{Comparison, Side};
use ossicle_dataset::Matrix;
use ossicle_draw::{Axis, ColorMap, Figure, Grid, HeatMap, Mark, Panel};
use ossicle_files::visible;

/// Draws both sides, one below the other, and what B has more than A.
pub(crate) fn figure(title: &str, (a, b): (&Side, &Side), comparison: &Comparison) -> Figure {
    let range = range(&a.matrix, &b.matrix);
    let mut figure = Figure::new(visible(title));
    for change in &comparison.changes {
        figure = figure.note(visible(&change.words));
    }
    for (title, side) in [("A", a), ("B", b)] {
        let Matrix { rows, columns, ref values, .. } = side.matrix;
        let own = Grid::of(values, columns);
        let range = range.or_else(|| own.usual_range()).unwrap_or((0.0, 1.0));
        figure = figure.with(panel(title, own, (rows, columns), range, ColorMap::Viridis));
    }
    if a.matrix.columns == b.matrix.columns {
        let (rows, columns) = (a.matrix.rows.min(b.matrix.rows), a.matrix.columns);
        let pairs = b.matrix.values.iter().zip(&a.matrix.values);
        let differences: Vec<f32> = pairs.map(|(b, a)| b - a).collect();
        let grid = Grid::of(&differences, columns);
        let (low, high) = grid.usual_range().unwrap_or((0.0, 0.0));
        // White is no difference.
        let most = low.abs().max(high.abs()).max(1e-12);
        let (shape, range) = ((rows, columns), (-most, most));
        figure = figure.with(panel("B − A", grid, shape, range, ColorMap::Difference));
    }
    figure
}

fn panel(
    title: &str,
    grid: Grid,
    (rows, columns): (usize, usize),
    range: (f64, f64),
    colors: ColorMap,
) -> Panel {
    let (across, up) = ((0.0, rows as f64), (0.0, columns as f64));
    let map = HeatMap { grid, across, up, range, colors };
    Panel::new(Axis::new("frame", across.0, across.1), Axis::new("column", up.0, up.1))
        .title(title)
        .with(Mark::HeatMap(map))
}

/// The colours of both sides mean the same where their numbers are alike.
fn range(a: &Matrix, b: &Matrix) -> Option<(f64, f64)> {
    let of = |matrix: &Matrix| Grid::of(&matrix.values, matrix.columns).usual_range();
    let (a, b) = (of(a)?, of(b)?);
    let (low, high) = (a.0.min(b.0), a.1.max(b.1));
    let widest = (a.1 - a.0).max(b.1 - b.0);
    (high - low < 2.0 * widest).then_some((low, high))
}
