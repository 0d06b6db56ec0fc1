//! The sides of a comparison.

use ossicle_dataset::Matrix;
use ossicle_dsp::Level;

use crate::error::Error;
use crate::laboratory::Laboratory;
use crate::origin::Origin;

/// A matrix, and what it was computed of where that is known.
#[derive(Debug, Clone)]
pub struct Side {
    /// The rows.
    pub matrix: Matrix,
    /// Their origin, where they can be computed again.
    pub origin: Option<Origin>,
}

impl Side {
    /// Makes a side of a matrix of which nothing else is known.
    pub fn of_matrix(matrix: Matrix) -> Side {
        Side { matrix, origin: None }
    }

    /// Computes a side.
    ///
    /// # Errors
    /// If the recipe cannot be computed of this recording.
    pub fn computed(origin: Origin, level: Level) -> Result<Side, Error> {
        let matrix = Laboratory::new(&origin, level)?.computed(&[])?;
        Ok(Side { matrix, origin: Some(origin) })
    }
}
