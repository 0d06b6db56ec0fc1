//! The errors of comparisons.

/// A comparison that cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum Error {
    #[error("{side} has no numbers: {rows} rows of {columns} columns")]
    Empty { side: &'static str, rows: usize, columns: usize },
    #[error("{side} has NaN or infinite numbers, first in row {row}")]
    NotFinite { side: &'static str, row: usize },
    #[error("the recipe has no array {name:?}; it has {}", known.join(", "))]
    NoArray { name: String, known: Vec<String> },
    #[error(transparent)]
    Compute(#[from] ossicle_engine::Error),
    #[error(transparent)]
    Recipe(#[from] ossicle_recipe::RecipeError),
}
