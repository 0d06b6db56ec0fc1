//! Which preset a recipe equals, or comes nearest to, and in what it differs.

use std::collections::BTreeMap;

use ossicle_recipe::{Recipe, RecipeSource};
use serde::Deserialize;
use serde_json::Value;

/// The preset that a recipe is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Likeness {
    pub(crate) preset: String,
    /// Keys that have other values: the key, the preset's value, the recipe's.
    pub(crate) differences: Vec<(String, String, String)>,
}

/// Finds the preset that has the fewest keys of other values; none where the recipe cannot be read.
///
/// - `equal`: the preset that its dataset says it equals
pub(crate) fn likeness(recipe: &Value, equal: Option<&str>) -> Option<Likeness> {
    let own = Recipe::deserialize(recipe).ok()?;
    let own_keys = keys(&serde_json::to_value(&own).ok()?);
    let of = |name: &str| -> Option<Likeness> {
        let preset = Recipe::preset(name).ok()?.parse::<RecipeSource>().ok()?.finish().ok()?;
        let differences = differences(&keys(&serde_json::to_value(&preset).ok()?), &own_keys);
        Some(Likeness { preset: name.to_owned(), differences })
    };
    if let Some(likeness) = equal.or(own.preset_name()).and_then(of) {
        return Some(likeness);
    }
    Recipe::preset_names().filter_map(of).min_by_key(|likeness| likeness.differences.len())
}

/// Every key of a tree with its value, by its path.
fn keys(tree: &Value) -> BTreeMap<String, String> {
    fn collect(path: &str, value: &Value, out: &mut BTreeMap<String, String>) {
        let below =
            |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(key, value)| collect(&below(key), value, out))
            }
            Value::Array(list) if list.iter().any(Value::is_object) => {
                for (number, value) in list.iter().enumerate() {
                    // The first has no number: a recipe has one feature nearly always.
                    let path =
                        if number == 0 { path.to_owned() } else { below(&number.to_string()) };
                    collect(&path, value, out);
                }
            }
            value => _ = out.insert(path.to_owned(), value.to_string()),
        }
    }
    let mut out = BTreeMap::new();
    collect("", tree, &mut out);
    out
}

fn differences(
    preset: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> Vec<(String, String, String)> {
    let all: std::collections::BTreeSet<_> = preset.keys().chain(own.keys()).collect();
    let value = |of: &BTreeMap<String, String>, key: &String| {
        of.get(key).cloned().unwrap_or("–".to_owned())
    };
    let row = |key: &String| (key.clone(), value(preset, key), value(own, key));
    all.into_iter().map(row).filter(|(_, theirs, ours)| theirs != ours).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(preset: &str, changes: &[&str]) -> Value {
        let mut source: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
        changes.iter().for_each(|change| source.set(change).unwrap());
        serde_json::to_value(source.finish().unwrap()).unwrap()
    }

    #[test]
    fn a_preset_is_like_itself() {
        for name in ["kaldi-fbank", "whisper-80", "timit-mfcc"] {
            let likeness = likeness(&value(name, &[]), None).unwrap();
            assert_eq!((likeness.preset.as_str(), likeness.differences.len()), (name, 0));
        }
    }

    #[test]
    fn a_changed_preset_is_told_by_the_keys_that_changed() {
        let recipe =
            value("kaldi-fbank", &["feature.num_mel_bins=33", "feature.high_freq_hz=7000"]);
        let likeness = likeness(&recipe, None).unwrap();
        let keys: Vec<_> = likeness.differences.iter().map(|of| of.0.as_str()).collect();
        assert_eq!(keys, ["feature.high_freq_hz", "feature.num_mel_bins"], "{}", likeness.preset);
        assert_eq!(likeness.differences[1].2, "33");
    }
}
