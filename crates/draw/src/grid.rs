//! Rows of numbers, made as short as a page can show.

/// The most cells across, and up: more than a page has pixels.
const MOST: (usize, usize) = (2048, 1024);

/// Rows of numbers, time across and columns up. Any number of rows is taken, as they come; beyond what a page can
/// show, neighbours become one cell, their mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    num_frames: usize,
    num_columns: usize,
    /// Cells across, and up.
    cells: (usize, usize),
    /// Of each cell the sum of its finite numbers, and their count; all cells of a frame one after the other.
    sums: Vec<(f64, u32)>,
    /// The numbers that came.
    taken: usize,
    /// The least and the largest of the finite ones.
    range: Option<(f32, f32)>,
}

impl Grid {
    /// Begins a grid of so many rows.
    pub fn new(num_frames: usize, num_columns: usize) -> Grid {
        let cells = (num_frames.min(MOST.0), num_columns.min(MOST.1));
        let sums = vec![(0.0, 0); cells.0 * cells.1];
        Grid { num_frames, num_columns, cells, sums, taken: 0, range: None }
    }

    /// Makes a grid of all rows at once, row-major.
    pub fn of(values: &[f32], num_columns: usize) -> Grid {
        let mut grid = Grid::new(values.len().checked_div(num_columns).unwrap_or(0), num_columns);
        grid.push(values);
        grid
    }

    /// Takes further numbers, row-major; beyond the last row, none.
    pub fn push(&mut self, values: &[f32]) {
        for &value in values {
            let (frame, column) =
                (self.taken / self.num_columns.max(1), self.taken % self.num_columns.max(1));
            if frame >= self.num_frames {
                return;
            }
            self.taken += 1;
            if !value.is_finite() {
                continue;
            }
            let across = (frame as u128 * self.cells.0 as u128 / self.num_frames as u128) as usize;
            let up = column * self.cells.1 / self.num_columns;
            let (sum, count) = &mut self.sums[across * self.cells.1 + up];
            *sum += f64::from(value);
            *count += 1;
            let (low, high) = self.range.unwrap_or((value, value));
            self.range = Some((low.min(value), high.max(value)));
        }
    }

    /// Returns how many rows it is of.
    pub fn num_frames(&self) -> usize {
        self.num_frames
    }

    /// Returns how many columns it is of.
    pub fn num_columns(&self) -> usize {
        self.num_columns
    }

    /// Returns the least and the largest of all finite numbers that came; none where there are none.
    pub fn range(&self) -> Option<(f32, f32)> {
        self.range
    }

    /// Returns the range that nearly all cells are in: all but one in 200 at each end, so that a few outliers do not
    /// take the contrast of all others.
    pub fn usual_range(&self) -> Option<(f64, f64)> {
        let mut cells: Vec<f64> = self.means().flatten().collect();
        cells.sort_by(f64::total_cmp);
        let beyond = cells.len() / 200;
        let low = *cells.get(beyond)?;
        let high = *cells.get(cells.len() - 1 - beyond)?;
        match low < high {
            true => Some((low, high)),
            false => Some((*cells.first()?, *cells.last()?)),
        }
    }

    /// Returns the cells across, and up.
    pub(crate) fn cells(&self) -> (usize, usize) {
        self.cells
    }

    /// Returns the mean of a cell; none where no number is.
    pub(crate) fn cell(&self, across: usize, up: usize) -> Option<f64> {
        mean(*self.sums.get(across * self.cells.1 + up)?)
    }

    fn means(&self) -> impl Iterator<Item = Option<f64>> {
        self.sums.iter().copied().map(mean)
    }

    /// Returns the mean of the cells in a field of `across` × `up` fields.
    pub(crate) fn field(&self, at: (usize, usize), fields: (usize, usize)) -> Option<f64> {
        let cells = |at: usize, fields: usize, cells: usize| {
            let begin = at * cells / fields;
            begin..((at + 1) * cells / fields).max(begin + 1).min(cells)
        };
        let mut sum = (0.0, 0);
        for across in cells(at.0, fields.0, self.cells.0) {
            for up in cells(at.1, fields.1, self.cells.1) {
                if let Some(mean) = self.cell(across, up) {
                    sum = (sum.0 + mean, sum.1 + 1);
                }
            }
        }
        mean(sum)
    }

    /// Returns the middle of each cell of a column, in frames from 0, and its mean.
    pub fn column(&self, column: usize) -> Vec<(f64, Option<f64>)> {
        let width = self.num_frames as f64 / self.cells.0.max(1) as f64;
        let middle = |across: usize| (across as f64 + 0.5) * width - 0.5;
        (0..self.cells.0).map(|across| (middle(across), self.cell(across, column))).collect()
    }
}

fn mean((sum, count): (f64, u32)) -> Option<f64> {
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_grid_is_what_came() {
        let values = [1.0, 2.0, 3.0, f32::NAN, 5.0, 6.0];
        let grid = Grid::of(&values, 2);
        assert_eq!((grid.num_frames(), grid.num_columns()), (3, 2));
        assert_eq!(grid.range(), Some((1.0, 6.0)));
        for (n, &value) in values.iter().enumerate() {
            let expected = value.is_finite().then_some(f64::from(value));
            assert_eq!(grid.cell(n / 2, n % 2), expected);
        }
    }

    #[test]
    fn a_long_grid_has_the_means_of_what_came_in_any_pieces() {
        let num_frames = 3 * MOST.0;
        let values: Vec<f32> = (0..num_frames * 2).map(|n| n as f32).collect();
        let whole = Grid::of(&values, 2);
        let mut pieces = Grid::new(num_frames, 2);
        for piece in values.chunks(7) {
            pieces.push(piece);
        }
        assert_eq!(whole, pieces);
        assert_eq!(whole.cells(), (MOST.0, 2));
        // Three frames a cell: 0, 2 and 4 of column 0 are in the first.
        assert_eq!(whole.cell(0, 0), Some(2.0));
        assert_eq!(whole.column(0)[0], (1.0, Some(2.0)));
    }

    #[test]
    fn grids_of_nothing_are_grids() {
        for grid in [Grid::new(0, 0), Grid::new(0, 3), Grid::new(4, 0), Grid::of(&[f32::NAN], 1)] {
            assert_eq!((grid.range(), grid.usual_range()), (None, None));
        }
    }

    #[test]
    fn a_few_outliers_do_not_make_the_range() {
        let mut values: Vec<f32> = (0..1000).map(|n| n as f32 / 1000.0).collect();
        values[500] = 1e9;
        let (low, high) = Grid::of(&values, 1).usual_range().unwrap();
        assert!(low < 0.01 && (0.98..1.0).contains(&high), "{low} {high}");
        assert_eq!(Grid::of(&[2.0; 50], 5).usual_range(), Some((2.0, 2.0)));
    }
}
