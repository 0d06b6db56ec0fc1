//! What a matrix was computed of.

use ossicle_dataset::Normalization;
use ossicle_recipe::RecipeSource;

/// The origin of a matrix: what it was computed of.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The recipe.
    pub recipe: RecipeSource,
    /// The statistics that rows are normalised by, where they are a corpus'.
    pub statistics: Option<Vec<Normalization>>,
    /// The name of the array; absent, the first.
    pub array: Option<String>,
    /// The utterance's id, which noise depends on.
    pub id: String,
    /// The recording: mono, full scale ±1.0.
    pub samples: Vec<f32>,
    /// Its sample rate.
    pub sample_rate_hz: u32,
}
