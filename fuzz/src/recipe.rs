//! Any text as a recipe, with changes of its keys.

use ossicle_recipe::{Recipe, RecipeSource};

/// Takes what is before the first zero byte as the recipe, and what is between others as changes.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut texts = text.split('\0');
    let recipe = texts.next().unwrap_or_default();
    let Ok(mut source) = recipe.parse::<RecipeSource>() else { return };
    for assignment in texts {
        let _ = source.set(assignment);
    }
    let Ok(recipe) = source.finish() else { return };
    let text = recipe.to_toml();
    let again = text.parse::<RecipeSource>().and_then(RecipeSource::finish);
    assert_eq!(again.as_ref(), Ok::<&Recipe, _>(&recipe), "{text}");
    assert!(!recipe.feature_names().is_empty());
    for sample_rate_hz in [1, 8000, 16_000, 10_000_000] {
        recipe.frames(sample_rate_hz);
    }
}
