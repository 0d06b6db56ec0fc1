//! The preset that a recipe equals.

use crate::presets;
use crate::recipe::Recipe;
use crate::recipe_source::RecipeSource;

impl Recipe {
    /// Returns the name of the preset whose rows are those of this recipe, at its sample rate; none where there is
    /// none.
    pub fn preset_name(&self) -> Option<&'static str> {
        let is_same = |name: &&str| {
            let source = presets::text(name).unwrap_or_default().parse::<RecipeSource>();
            source.and_then(RecipeSource::finish).is_ok_and(|preset| has_rows_of(self, &preset))
        };
        Recipe::preset_names().find(is_same)
    }
}

/// Returns whether rows of a recipe are those of another, at the sample rate of the first.
fn has_rows_of(recipe: &Recipe, other: &Recipe) -> bool {
    let rate = recipe.example_rate_hz();
    let rates = (recipe.audio().sample_rate_hz, other.audio().sample_rate_hz);
    let alone = |of: &Recipe| {
        let features = of.features().iter().filter(|feature| feature.stands_alone());
        features.cloned().collect::<Vec<_>>()
    };
    let own = alone(recipe);
    (rates.1.is_none() || rates.0 == rates.1)
        && recipe.feature_configs(rate) == other.feature_configs(rate)
        && own == alone(other)
        && (own.is_empty() || recipe.audio().scale == other.audio().scale)
        && recipe.feature_names() == other.feature_names()
        && recipe.frames(rate) == other.frames(rate)
        && (recipe.wide(), recipe.splice()) == (other.wide(), other.splice())
        && recipe.normalize() == other.normalize()
}
