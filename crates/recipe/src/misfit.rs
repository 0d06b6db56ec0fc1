//! A mistake that shows only when all keys are read, and the table and key that it is in.

use crate::error::RecipeError;

/// A mistake that shows only when all keys are read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Misfit {
    /// The table that it is in.
    pub(crate) table: &'static str,
    /// Its number among those of that name, from 0.
    pub(crate) index: usize,
    /// The key, if it is one.
    pub(crate) key: Option<&'static str>,
    pub(crate) error: RecipeError,
}

impl Misfit {
    /// Makes a mistake of a table as a whole.
    pub(crate) fn table(table: &'static str, error: RecipeError) -> Misfit {
        Misfit { table, index: 0, key: None, error }
    }

    /// Makes a mistake of a key.
    pub(crate) fn key(table: &'static str, key: &'static str, error: RecipeError) -> Misfit {
        Misfit { table, index: 0, key: Some(key), error }
    }

    /// Makes a mistake of a key, in words.
    pub(crate) fn in_words(table: &'static str, key: &'static str, reason: String) -> Misfit {
        Misfit::key(table, key, RecipeError::Unsupported { reason })
    }

    /// Makes a mistake of a key of a feature, in words.
    pub(crate) fn of_feature(key: &'static str, reason: &str) -> Misfit {
        Misfit::in_words("feature", key, format!("in [[feature]]: {reason}"))
    }

    /// Makes a mistake of a key that means nothing.
    ///
    /// - `why`: as "with use_energy = false"
    pub(crate) fn idle(table: &'static str, key: &'static str, why: String) -> Misfit {
        let heading = match table {
            "feature" => "[[feature]]",
            "frames" => "[frames]",
            "normalize" => "[normalize]",
            "splice" => "[splice]",
            other => other,
        };
        Misfit::key(table, key, RecipeError::Idle { table: heading, key, why })
    }

    /// Moves the mistake to the table of this number among those of its name.
    pub(crate) fn at(self, index: usize) -> Misfit {
        Misfit { index, ..self }
    }
}

/// Refuses the first key of a feature that is given and means nothing.
///
/// - `keys`: each with whether it is given
/// - `why`: as "with use_energy = false"
pub(crate) fn refuse_idle(keys: &[(&'static str, bool)], why: &str) -> Result<(), Misfit> {
    match keys.iter().find(|(_, given)| *given) {
        Some(&(key, _)) => Err(Misfit::idle("feature", key, why.to_owned())),
        None => Ok(()),
    }
}
