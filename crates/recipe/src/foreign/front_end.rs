//! A front end that ossicle saved: its recipe.

use serde::Deserialize;
use serde_json::Value;

use super::translation::ForeignRecipe;
use crate::error::RecipeError;
use crate::recipe::Recipe;

/// Takes the recipe of a saved front end; none if it is none. Statistics and probe are for whoever computes by it.
pub(super) fn recipe(tree: &Value) -> Option<Result<ForeignRecipe, RecipeError>> {
    let format = tree.get("format")?.as_str()?;
    if !format.starts_with("ossicle-front-end/") {
        return None;
    }
    let of = format!("a front end of {format}");
    let read = Recipe::deserialize(tree.get("recipe")?);
    Some(match read {
        Ok(recipe) => Ok(ForeignRecipe { toml: recipe.to_toml(), of }),
        Err(error) => Err(RecipeError::Foreign { of, reason: error.to_string() }),
    })
}
