//! The preset that a recipe equals.

use crate::presets;
use crate::recipe::Recipe;
use crate::recipe_source::RecipeSource;
use crate::stream::Stream;

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
    let grids = |of: &Recipe| {
        let grid = |stream: &Stream| {
            let rate = of.rate_of(stream, rate);
            (rate, stream.frames(rate))
        };
        of.streams().iter().map(grid).collect::<Vec<_>>()
    };
    let plain = |of: &Recipe| {
        of.feature_names().into_iter().map(|name| of.is_plain(name)).collect::<Vec<_>>()
    };
    let own = alone(recipe);
    (rates.1.is_none() || rates.0 == rates.1)
        && recipe.feature_configs(rate) == other.feature_configs(rate)
        && own == alone(other)
        && (own.is_empty() || recipe.audio().scale == other.audio().scale)
        && recipe.feature_names() == other.feature_names()
        && (grids(recipe), plain(recipe)) == (grids(other), plain(other))
        && (recipe.wide(), recipe.splice()) == (other.wide(), other.splice())
        && recipe.normalize() == other.normalize()
}
