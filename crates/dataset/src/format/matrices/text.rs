//! Kaldi's matrices in text: `[`, a line a row, `]`.

use std::io::BufRead;

use crate::error::Error;
use crate::format::matrices::matrix::Matrix;
use crate::format::matrices::source::Source;

/// Text has six digits.
const SIX_DIGITS: f32 = 5e-6;
/// The most bytes of a number.
const MOST_WORD_BYTES: usize = 64;

/// Returns whether a matrix in text begins here.
pub(super) fn begins(rest: &[u8]) -> bool {
    rest.iter().find(|byte| !b" \t\r\n".contains(byte)) == Some(&b'[')
}

/// Passes a matrix over.
pub(super) fn skip(source: &mut Source) -> Result<(), Error> {
    while let Some(byte) = next(source)? {
        if byte == b']' {
            return Ok(());
        }
    }
    Err(source.bad("a matrix in text has no end"))
}

/// Reads a matrix, to its closing bracket.
pub(super) fn matrix(source: &mut Source) -> Result<Matrix, Error> {
    while next(source)?.is_some_and(|byte| byte != b'[') {}
    let (mut values, mut columns) = (Vec::new(), None);
    let (mut word, mut in_row, mut rows) = (Vec::new(), 0, 0);
    loop {
        let byte = next(source)?.ok_or_else(|| source.bad("a matrix in text has no end"))?;
        if !b" \t\r\n]".contains(&byte) {
            if word.len() == MOST_WORD_BYTES {
                return Err(source.bad("a number in text has more than 64 bytes"));
            }
            word.push(byte);
            continue;
        }
        if !word.is_empty() {
            values
                .push(number(&word).ok_or_else(|| source.bad("text is there that is no number"))?);
            (in_row, word) = (in_row + 1, Vec::new());
        }
        if matches!(byte, b'\n' | b']') && in_row > 0 {
            if columns.is_some_and(|columns| columns != in_row) {
                return Err(source.bad("the rows of a matrix in text have unequal lengths"));
            }
            (columns, in_row, rows) = (Some(in_row), 0, rows + 1);
        }
        if byte == b']' {
            return Ok(Matrix::new(rows, columns.unwrap_or(0), values).rounded_by(SIX_DIGITS));
        }
    }
}

fn number(word: &[u8]) -> Option<f32> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

fn next(source: &mut Source) -> Result<Option<u8>, Error> {
    let Source { reader, path, .. } = source;
    let byte = reader.fill_buf().map_err(Error::io("read", path))?.first().copied();
    reader.consume(usize::from(byte.is_some()));
    Ok(byte)
}
