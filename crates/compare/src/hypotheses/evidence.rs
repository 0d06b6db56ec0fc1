//! What hypotheses are made of.

use ossicle_dataset::Matrix;
use ossicle_recipe::Recipe;
use serde_json::Value;

use crate::change::{Assignment, Change};

/// What hypotheses are made of: a recipe, its recording, and the matrix that is to be explained.
pub(crate) struct Evidence<'a> {
    pub(crate) recipe: &'a Recipe,
    pub(crate) base: &'a Matrix,
    pub(crate) target: &'a Matrix,
    pub(crate) num_samples: usize,
    pub(crate) sample_rate_hz: u32,
    /// The recipe's keys.
    keys: Value,
    /// The name of the feature's table: `feature`, or that of the array among several.
    feature: String,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(
        recipe: &'a Recipe,
        array: Option<&str>,
        (base, target): (&'a Matrix, &'a Matrix),
        (num_samples, sample_rate_hz): (usize, u32),
    ) -> Evidence<'a> {
        let feature = match (recipe.features().len(), array) {
            (1, _) | (_, None) => "feature".to_owned(),
            (_, Some(name)) => name.to_owned(),
        };
        let keys = serde_json::to_value(recipe).unwrap_or_default();
        Evidence { recipe, base, target, num_samples, sample_rate_hz, keys, feature }
    }

    /// Returns the kind of the feature: `mel`, `mfcc` and so on.
    pub(super) fn kind(&self) -> &str {
        self.of_feature("kind").and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the value of a key of the feature, where the recipe says one.
    pub(super) fn of_feature(&self, key: &str) -> Option<&Value> {
        let features = self.keys.get("feature")?.as_array()?;
        let named = |of: &&Value| of.get("name").and_then(Value::as_str) == Some(&self.feature);
        features
            .iter()
            .find(named)
            .or_else(|| features.first())?
            .get(key)
            .filter(|of| !of.is_null())
    }

    /// Returns the number that a key of the feature has, where the recipe says one.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.of_feature(key).and_then(Value::as_f64)
    }

    /// Returns whether the recipe says a key of the feature, and this value of it.
    pub(super) fn is<T>(&self, key: &str, value: T) -> bool
    where
        Value: PartialEq<T>,
    {
        self.of_feature(key).is_some_and(|own| *own == value)
    }

    /// Returns the value of a key of another table.
    pub(super) fn of_table(&self, table: &str, key: &str) -> Option<&Value> {
        self.keys.get(table)?.get(key).filter(|value| !value.is_null())
    }

    /// Returns whether samples are whole numbers of 16 bits, as Kaldi has them.
    pub(super) fn is_int16(&self) -> bool {
        let own = self.of_feature("scale").or_else(|| self.of_table("audio", "scale"));
        own.is_some_and(|scale| scale == "int16")
    }

    /// Returns what a decibel is in the feature's logarithms; none where there are none.
    pub(super) fn per_db(&self) -> Option<f64> {
        let of = match self.of_feature("log")?.as_str()? {
            "ln" => std::f64::consts::LN_10 / 10.0,
            "log10" => 0.1,
            "db" => 1.0,
            _ => return None,
        };
        Some(of * self.log_line().0)
    }

    /// Returns the factor and the offset of the feature's logarithms.
    pub(super) fn log_line(&self) -> (f64, f64) {
        (self.number("log_factor").unwrap_or(1.0), self.number("log_offset").unwrap_or(0.0))
    }

    pub(super) fn has_table(&self, table: &str) -> bool {
        self.keys.get(table).is_some_and(|table| !table.is_null())
    }

    /// Returns whether a table says a key.
    pub(super) fn has(&self, table: &str, key: &str) -> bool {
        self.of_table(table, key).is_some()
    }

    /// A change of one key of the feature.
    pub(super) fn feature(&self, key: &str, value: impl Into<String>) -> Change {
        Change::Keys(vec![self.of(key, value)])
    }

    /// A change of several keys of the feature.
    pub(super) fn features(&self, keys: &[(&str, &str)]) -> Change {
        Change::Keys(keys.iter().map(|&(key, value)| self.of(key, value)).collect())
    }

    pub(super) fn of(&self, key: &str, value: impl Into<String>) -> Assignment {
        Assignment::new(format!("{}.{key}", self.feature), value)
    }
}

/// A change of keys, each with its table.
pub(super) fn keys(pairs: &[(&str, &str)]) -> Change {
    Change::Keys(pairs.iter().map(|&(key, value)| Assignment::new(key, value)).collect())
}
