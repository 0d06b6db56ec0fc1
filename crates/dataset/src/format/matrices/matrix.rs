//! A matrix in memory.

/// A matrix of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub columns: usize,
    /// The numbers, row-major: `rows * columns` of them.
    pub values: Vec<f32>,
    /// The most that the file's coding may have moved a number of each column, where it is coarser than float32:
    /// half precision, Kaldi's and HTK's compression, text. Empty where it is not.
    pub rounding: Vec<f32>,
}

impl Matrix {
    /// Makes a matrix of numbers that were not rounded.
    ///
    /// # Panics
    /// If `values.len() != rows * columns`.
    pub fn new(rows: usize, columns: usize, values: Vec<f32>) -> Matrix {
        assert_eq!(values.len(), rows * columns, "a matrix has rows times columns numbers");
        Matrix { rows, columns, values, rounding: Vec::new() }
    }

    /// Gives each column a rounding relative to its largest number.
    pub(super) fn rounded_by(mut self, relative: f32) -> Matrix {
        let mut largest = vec![0.0f32; self.columns];
        for row in self.values.chunks_exact(self.columns.max(1)) {
            for (most, x) in largest.iter_mut().zip(row) {
                *most = most.max(x.abs());
            }
        }
        self.rounding = largest.into_iter().map(|most| most * relative).collect();
        self
    }
}
