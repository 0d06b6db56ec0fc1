//! How rows are made of a recording.

use ossicle_dataset::Normalization;
use ossicle_recipe::Recipe;

/// How rows are made of a recording.
#[derive(Debug, Clone)]
pub(crate) struct Making {
    pub(crate) recipe: Recipe,
    /// The statistics that each array is normalised by, where they are a dataset's.
    pub(crate) statistics: Option<Vec<Normalization>>,
}
