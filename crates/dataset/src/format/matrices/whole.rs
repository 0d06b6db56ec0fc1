//! A file that is one matrix.

use crate::error::Error;
use crate::format::matrices::matrix::Matrix;
use crate::format::matrices::source::Source;
use crate::format::matrices::{htk, kaldi, numpy};

/// Reads a file that is one matrix, by its content.
pub(super) fn matrix(source: &mut Source) -> Result<Matrix, Error> {
    let head = source.head()?;
    if head.starts_with(numpy::MAGIC) {
        let bytes = source.all()?;
        numpy::matrix(&bytes).map_err(|reason| source.bad(&reason))
    } else if kaldi::is_matrix(&head) {
        kaldi::matrix_at(source, 0)
    } else {
        let bytes = source.all()?;
        htk::matrix(&bytes).map_err(|reason| source.bad(&reason))
    }
}
