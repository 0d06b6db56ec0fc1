//! `.npy` files of arrays.

use std::ops::Range;

use crate::format::npy::NpyHeader;
use crate::format::{Format, Located, Piece, Pieces, names};
use crate::write::split::{ArrayLayout, SplitLayout};

/// `.npy` files: a header, then the rows of one utterance after the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Npy;

impl Format for Npy {
    fn path(&self, split: &str, array: &str, shard: usize) -> String {
        names::shard_file(split, array, shard)
    }

    fn lay_out(
        &self,
        array: &ArrayLayout,
        split: &SplitLayout,
        utterances: Range<usize>,
    ) -> Box<dyn Pieces> {
        let rows = split.rows(array.grid, &utterances);
        let num_rows = rows.end - rows.start;
        let shape = match array.columns {
            0 => vec![num_rows],
            columns => vec![num_rows, columns as u64],
        };
        let header = NpyHeader { dtype: array.dtype, shape }.to_bytes();
        Box::new(NpyFile {
            header,
            grid: array.grid,
            first_row: rows.start,
            num_rows,
            row_bytes: array.row_bytes(),
        })
    }
}

#[derive(Debug)]
struct NpyFile {
    header: Vec<u8>,
    grid: usize,
    /// Its first row, counted from the split's first.
    first_row: u64,
    num_rows: u64,
    row_bytes: u64,
}

impl Pieces for NpyFile {
    fn bytes(&self) -> u64 {
        self.header.len() as u64 + self.num_rows * self.row_bytes
    }

    fn piece_at(&self, offset: u64, split: &SplitLayout) -> Located<'_> {
        assert!(offset < self.bytes(), "there is no byte {offset}");
        let header = self.header.len() as u64;
        let Some(behind) = offset.checked_sub(header) else {
            return Located { begin: 0, piece: Piece::Bytes(&self.header) };
        };
        let row = self.first_row + behind / self.row_bytes;
        let utterance = split.utterance_of(self.grid, row);
        let own = split.rows(self.grid, &(utterance..utterance + 1));
        Located {
            begin: header + (own.start - self.first_row) * self.row_bytes,
            piece: Piece::Rows { utterance, rows: 0..own.end - own.start },
        }
    }
}
