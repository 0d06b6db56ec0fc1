//! Presets, and the keys of recipes.

use std::path::PathBuf;

use ossicle_files::read_beside;
use ossicle_recipe::{Absence, Recipe, RecipeSource};
use pyo3::prelude::*;

use crate::errors::of_recipe;

/// Returns the names of the presets.
#[pyfunction]
pub(crate) fn preset_names() -> Vec<&'static str> {
    Recipe::preset_names().collect()
}

/// Returns the text of a preset.
#[pyfunction]
pub(crate) fn preset_text(name: &str) -> PyResult<&'static str> {
    Recipe::preset(name).map_err(|error| of_recipe(&error))
}

/// Translates a configuration of another program: what it is of, and the recipe's text. None if it is none that is
/// known.
///
/// - `path`: its file's, beside which are those that it names
#[pyfunction]
pub(crate) fn foreign_recipe(path: PathBuf, text: &str) -> PyResult<Option<(String, String)>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut beside = |name: &str| read_beside(&path, name);
    let translated = ossicle_recipe::foreign_recipe(&name, text, &mut beside);
    let translated = translated.map_err(|error| of_recipe(&error))?;
    Ok(translated.map(|foreign| (foreign.of, foreign.toml)))
}

/// A key of recipes.
#[derive(IntoPyObject)]
pub(crate) struct Described {
    table: &'static str,
    /// The kind of feature that has it; None for other tables.
    kind: Option<&'static str>,
    name: &'static str,
    /// What its value may be.
    values: String,
    /// In TOML, or what its absence means in words.
    default: String,
    meaning: String,
}

/// Returns each key of recipes.
#[pyfunction]
pub(crate) fn reference() -> Vec<Described> {
    let mut keys = Vec::new();
    for table in ossicle_recipe::reference() {
        for key in table.keys {
            let default = match &key.default {
                Absence::Is(value) => value.clone(),
                Absence::Says(words) => (*words).to_owned(),
                Absence::Refused => "needed".to_owned(),
            };
            keys.push(Described {
                table: table.name,
                kind: table.kind,
                name: key.name,
                values: key.values,
                default,
                meaning: key.meaning,
            });
        }
    }
    keys
}

/// Reads a recipe with changes.
pub(crate) fn recipe(text: &str, sets: &[String]) -> PyResult<Recipe> {
    let mut source: RecipeSource = text.parse().map_err(|error| of_recipe(&error))?;
    for set in sets {
        source.set(set).map_err(|error| of_recipe(&error))?;
    }
    source.finish().map_err(|error| of_recipe(&error))
}
