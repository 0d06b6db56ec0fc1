//! A preset, and the changes that another program's configuration makes to it.

use std::fmt::Display;

use crate::error::RecipeError;
use crate::presets;
use crate::recipe::Recipe;
use crate::recipe_source::RecipeSource;

/// A recipe made of another program's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignRecipe {
    /// The program, and what it calls its configuration.
    pub of: String,
    /// The recipe, in TOML, with comments.
    pub toml: String,
}

/// A companion of a configuration: returns the bytes of the file of this name, if it is there.
pub type Beside<'a> = &'a mut dyn FnMut(&str) -> Option<Vec<u8>>;

/// What a configuration is translated to, or the reason why it cannot be.
pub(super) type Translated = Result<Translation, RecipeError>;

/// A preset, and what is changed of it.
#[derive(Debug)]
pub(super) struct Translation {
    /// The program, and what it calls its configuration.
    of: String,
    preset: &'static str,
    removed: Vec<&'static str>,
    sets: Vec<String>,
    /// What people should know beside.
    notes: Vec<String>,
}

impl Translation {
    /// Begins with a preset.
    ///
    /// - `of`: the program, and what it calls its configuration
    pub(super) fn new(of: impl Into<String>, preset: &'static str) -> Translation {
        let (removed, sets, notes) = (Vec::new(), Vec::new(), Vec::new());
        Translation { of: of.into(), preset, removed, sets, notes }
    }

    /// Changes a key: `feature.num_mel_bins`.
    pub(super) fn set(&mut self, key: &str, value: impl Display) {
        self.sets.push(format!("{key}={value}"));
    }

    /// Changes a key to a number, written with all of its digits.
    pub(super) fn number(&mut self, key: &str, value: f64) {
        self.sets.push(format!("{key}={value:?}"));
    }

    /// Changes a key to numbers.
    pub(super) fn numbers(&mut self, key: &str, values: &[f64]) {
        self.sets.push(format!("{key}={values:?}"));
    }

    /// Leaves a table out.
    pub(super) fn remove(&mut self, table: &'static str) {
        self.removed.push(table);
    }

    /// Says something in a comment of the recipe.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Makes the recipe.
    pub(super) fn finish(self) -> Result<ForeignRecipe, RecipeError> {
        let Translation { of, preset, removed, sets, notes } = self;
        let wrong = |error: RecipeError| RecipeError::Foreign {
            of: of.clone(),
            reason: error.innermost().to_string(),
        };
        let text = presets::text(preset).unwrap_or_default();
        let mut source: RecipeSource = text.parse().map_err(wrong)?;
        removed.iter().for_each(|table| source.remove(table));
        sets.iter().try_for_each(|set| source.set(set)).map_err(wrong)?;
        let recipe: Recipe = source.finish().map_err(wrong)?;
        let equals = match recipe.preset_name() {
            Some(name) => format!("It equals the preset {name}."),
            None => format!("It began with the preset {preset}."),
        };
        let mut toml = format!("# Translated from {of}. {equals}\n");
        for note in notes {
            toml.push_str(&format!("# {note}\n"));
        }
        toml.push('\n');
        toml.push_str(&recipe.to_toml());
        Ok(ForeignRecipe { of, toml })
    }
}
