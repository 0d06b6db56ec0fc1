//! Kaldi's compressed matrices (`src/matrix/compressed-matrix.h` of Kaldi 5.5): a byte or two a number.

use crate::error::Error;
use crate::format::matrices::matrix::Matrix;
use crate::format::matrices::source::Source;

/// The coding of a compressed matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// `CM`: a byte a number, column after column, between four percentiles of each.
    Speech,
    /// `CM2`: two bytes a number, row after row.
    TwoByte,
    /// `CM3`: a byte a number, row after row.
    OneByte,
}

/// What stands before the numbers.
struct Header {
    min: f32,
    range: f32,
    rows: usize,
    columns: usize,
}

impl Header {
    const BYTES: u64 = 16;

    fn read(source: &mut Source) -> Result<Header, Error> {
        let bytes = source.take(Header::BYTES)?;
        let word = |at: usize| [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        let count = |at: usize| usize::try_from(i32::from_le_bytes(word(at)));
        match (count(8), count(12)) {
            (Ok(rows), Ok(columns)) => Ok(Header {
                min: f32::from_le_bytes(word(0)),
                range: f32::from_le_bytes(word(4)),
                rows,
                columns,
            }),
            _ => Err(source.bad("a compressed matrix has a negative number of rows or columns")),
        }
    }

    fn numbers(&self) -> u64 {
        self.rows as u64 * self.columns as u64
    }

    /// The bytes that follow.
    fn bytes(&self, coding: Coding) -> Option<u64> {
        match coding {
            Coding::Speech => self.numbers().checked_add(self.columns as u64 * 8),
            Coding::TwoByte => self.numbers().checked_mul(2),
            Coding::OneByte => Some(self.numbers()),
        }
    }
}

/// Passes a compressed matrix over.
pub(super) fn skip(source: &mut Source, coding: Coding) -> Result<(), Error> {
    let header = Header::read(source)?;
    source.skip(header.bytes(coding).unwrap_or(u64::MAX))
}

/// Reads a compressed matrix, from behind its name on.
pub(super) fn matrix(source: &mut Source, coding: Coding) -> Result<Matrix, Error> {
    let header = Header::read(source)?;
    let bytes = source.take(header.bytes(coding).unwrap_or(u64::MAX))?;
    Ok(match coding {
        Coding::Speech => speech(&header, &bytes),
        Coding::TwoByte => {
            let codes = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            even(&header, codes.map(f32::from), header.range / 65_535.0)
        }
        Coding::OneByte => {
            let codes = bytes.iter().map(|&code| f32::from(code));
            even(&header, codes, header.range / 255.0)
        }
    })
}

/// Decodes numbers in even steps.
fn even(header: &Header, codes: impl Iterator<Item = f32>, step: f32) -> Matrix {
    let values = codes.map(|code| header.min + code * step).collect();
    let rounding = vec![step.abs() / 2.0; header.columns];
    Matrix { rounding, ..Matrix::new(header.rows, header.columns, values) }
}

/// Decodes numbers between the percentiles of their column: 64 steps up to the lower quartile, 128 to the upper, 63
/// to the largest.
fn speech(header: &Header, bytes: &[u8]) -> Matrix {
    let (percentiles, codes) = bytes.split_at(header.columns * 8);
    let mut values = vec![0.0; header.rows * header.columns];
    let mut rounding = Vec::with_capacity(header.columns);
    for (column, of_column) in percentiles.chunks_exact(8).enumerate() {
        let percentile = |at: usize| {
            let code = u16::from_le_bytes([of_column[2 * at], of_column[2 * at + 1]]);
            header.min + header.range * 1.525_902_2e-5 * f32::from(code)
        };
        let [p0, p25, p75, p100] = [0, 1, 2, 3].map(percentile);
        let steps = [(p25 - p0) / 64.0, (p75 - p25) / 128.0, (p100 - p75) / 63.0];
        for row in 0..header.rows {
            let code = codes[column * header.rows + row];
            values[row * header.columns + column] = match code {
                0..=64 => p0 + steps[0] * f32::from(code),
                65..=192 => p25 + steps[1] * f32::from(code - 64),
                _ => p75 + steps[2] * f32::from(code - 192),
            };
        }
        rounding.push(steps.into_iter().fold(0.0, |most: f32, step| most.max(step.abs())));
    }
    Matrix { rounding, ..Matrix::new(header.rows, header.columns, values) }
}
