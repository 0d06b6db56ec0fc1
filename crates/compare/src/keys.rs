//! The keys in which two recipes differ.

use std::collections::BTreeMap;

use ossicle_recipe::{Recipe, RecipeSource};
use serde_json::Value;

use crate::change::{Assignment, Change};

/// Tables that say nothing of the rows of an array.
const OTHERS: [&str; 3] = ["output", "labels", "vad"];
/// Keys that say nothing of rows either.
const NOTHING_OF_ROWS: [&str; 5] = [
    "audio.levels",
    "audio.truncated",
    "audio.min_duration_s",
    "audio.max_duration_s",
    "frames.made_for_hz",
];

/// Lists the changes that make one recipe the other, a key each. None where recipes of several features cannot be
/// brought together.
pub(crate) fn between(from: &Recipe, to: &Recipe) -> Option<Vec<Change>> {
    let (from, to) = (flat(from)?, flat(to)?);
    let kind = |keys: &BTreeMap<String, String>| keys.get("feature.kind").cloned();
    let mut changes = Vec::new();
    for (key, value) in &to {
        if from.get(key) != Some(value) {
            changes.push(Assignment::new(key, value));
        }
    }
    for key in from.keys().filter(|key| !to.contains_key(*key)) {
        let table = key.split('.').next().unwrap_or_default();
        let is_gone =
            table != "feature" && !to.keys().any(|key| key.starts_with(&format!("{table}.")));
        let gone = if is_gone { table } else { key };
        if !changes.iter().any(|change: &Assignment| change.key == gone) {
            changes.push(Assignment::new(gone, ""));
        }
    }
    if kind(&from) != kind(&to) {
        return Some(vec![Change::Keys(changes)]);
    }
    Some(changes.into_iter().map(|change| Change::Keys(vec![change])).collect())
}

/// The keys of a recipe of one feature, with their tables, and their values as TOML.
fn flat(recipe: &Recipe) -> Option<BTreeMap<String, String>> {
    let value = serde_json::to_value(recipe).ok()?;
    let mut keys = BTreeMap::new();
    for (table, value) in value.as_object()? {
        if OTHERS.contains(&table.as_str()) {
            continue;
        }
        let value = match value.as_array() {
            Some(features) if features.len() == 1 => &features[0],
            Some(_) => return None,
            None => value,
        };
        for (key, value) in value.as_object().into_iter().flatten() {
            let key = format!("{table}.{key}");
            if !value.is_null() && !value.is_object() && !NOTHING_OF_ROWS.contains(&key.as_str()) {
                keys.insert(key, toml(value));
            }
        }
    }
    keys.remove("feature.name");
    Some(keys)
}

fn toml(value: &Value) -> String {
    // Texts, numbers, truths and lists of them are written alike in both.
    value.to_string()
}

/// Returns the value that a key has before it is changed: the recipe's own, or its default.
pub(crate) fn before(source: &RecipeSource, recipe: &Recipe, key: &str) -> Option<String> {
    let (table, name) = key.split_once('.')?;
    let value = serde_json::to_value(recipe).ok()?;
    let own = match value.get(table) {
        Some(Value::Array(list)) => list.first()?.get(name).cloned(),
        Some(table) => table.get(name).cloned(),
        None => value
            .get("feature")?
            .as_array()?
            .iter()
            .find(|of| of["name"] == table)?
            .get(name)
            .cloned(),
    };
    let own = own.filter(|value| !value.is_null()).map(|value| toml(&value));
    let is_it =
        |default: &&ossicle_recipe::DefaultKey| default.table == table && default.key == name;
    own.or_else(|| source.defaults().iter().find(is_it).map(|default| default.value.clone()))
}
