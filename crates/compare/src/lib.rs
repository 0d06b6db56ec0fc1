//! Says how two matrices of features differ, and why.
//!
//! Two [`Side`]s go in: a matrix each, and where it is known, the recipe and the recording that it was computed of.
//! [`compare()`] measures the difference and searches for the shortest set of [`Change`]s that explains it. Where a
//! side can be computed again, changes are keys of its recipe and changes of its recording, and each set is computed
//! and compared; where none can, they are changes of rows.
//!
//! ```
//! use ossicle_compare::{Origin, Side, Verdict, compare};
//! use ossicle_dsp::Level;
//! use ossicle_recipe::{Recipe, RecipeSource};
//!
//! # let samples: Vec<f32> = (0..8000u32).map(|i| ((i * i) % 977) as f32 / 9770.0).collect();
//! let mut recipe: RecipeSource = Recipe::preset("kaldi-fbank")?.parse()?;
//! let origin = |recipe| Origin {
//!     recipe,
//!     statistics: None,
//!     array: None,
//!     id: "a".to_owned(),
//!     samples: samples.clone(),
//!     sample_rate_hz: 16_000,
//! };
//! let level = Level::detect();
//! let a = Side::computed(origin(recipe.clone()), level)?;
//! recipe.set("feature.window=hamming")?;
//! // Of B nothing is known but its rows.
//! let b = Side::of_matrix(Side::computed(origin(recipe), level)?.matrix);
//!
//! let comparison = compare(&a, &b, level)?;
//! assert_eq!(comparison.verdict, Verdict::Explained);
//! assert_eq!(comparison.changes[0].words, "feature.window = \"hamming\"");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alignment;
mod change;
mod comparison;
mod difference;
mod error;
mod hypotheses;
mod keys;
mod laboratory;
mod maker;
mod measure;
mod noise;
mod origin;
mod precision;
mod residue;
mod rows;
mod search;
mod side;
mod trials;

pub use change::{Assignment, Change, InputChange, Past, RowsChange};
pub use comparison::{
    Beyond, Comparison, End, Explanation, KeyChange, Left, Shape, Verdict, Which, agree, compare,
    compare_watched, constant,
};
pub use difference::{Alignment, ColumnDifference, Difference, Worst};
pub use error::Error;
pub use origin::Origin;
pub use precision::Precision;
pub use side::Side;
