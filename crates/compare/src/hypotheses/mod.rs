//! The changes that are tried, one list a room of the recipe.

mod cepstra;
mod energy;
mod evidence;
mod fitted;
mod frames;
mod front;
mod input;
mod normalization;
mod numbers;
mod of_rows;
mod shapes;
mod spectrum;

use crate::change::{Change, RowsChange};

pub(crate) use evidence::Evidence;
pub(crate) use fitted::fitted;
pub(crate) use numbers::{Number, numbers};
pub(crate) use of_rows::{of_matrix, of_rows};

/// Lists the changes that a recipe's difference may be explained by.
pub(crate) fn of_recipe(evidence: &Evidence<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    front::list(evidence, &mut changes);
    spectrum::list(evidence, &mut changes);
    if matches!(evidence.kind(), "mfcc" | "plp") {
        cepstra::list(evidence, &mut changes);
    }
    if matches!(evidence.kind(), "mel" | "mfcc" | "plp" | "spectrogram") {
        energy::list(evidence, &mut changes);
    }
    frames::list(evidence, &mut changes);
    normalization::list(evidence, &mut changes);
    input::list(evidence, &mut changes);
    shapes::list(evidence, &mut changes);
    // Rows side by side are keys of a recipe.
    let is_key = |change: &Change| matches!(change, Change::Rows(RowsChange::Stacked(_)));
    changes.extend(of_rows(evidence.base, evidence.target).into_iter().filter(|of| !is_key(of)));
    let of_numbers = [RowsChange::Ln, RowsChange::Exp, RowsChange::Root, RowsChange::Squared];
    changes.extend(of_numbers.map(Change::Rows));
    changes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ossicle_dataset::Matrix;
    use ossicle_recipe::{Recipe, RecipeSource, reference};

    use super::*;

    /// Keys that say nothing of how rows are computed, or are of what no comparison has.
    const OTHERS: [&str; 7] = [
        "audio.channel",
        "audio.levels",
        "audio.mixed_rates",
        "audio.resample",
        "audio.truncated",
        "feature.plain",
        "normalize.scope",
    ];

    /// The keys and values that are tried for a recipe.
    fn tried(preset: &str, set: &[&str]) -> BTreeSet<(String, String)> {
        let mut source: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
        set.iter().for_each(|key| source.set(key).unwrap());
        let recipe = source.finish().unwrap();
        let matrix = Matrix::new(100, 13, (0..1300).map(|x| x as f32).collect());
        let evidence = Evidence::new(&recipe, None, (&matrix, &matrix), (16_240, 16_000));
        let changes = of_recipe(&evidence);
        let keys = changes.into_iter().filter_map(|change| match change {
            Change::Keys(keys) => Some(keys),
            _ => None,
        });
        let pair =
            |key: crate::change::Assignment| (key.key, key.value.trim_matches('"').to_owned());
        keys.flatten().map(pair).collect()
    }

    #[test]
    fn every_word_of_every_key_is_tried() {
        let mut tried = tried("kaldi-fbank", &["feature.vtln_factor=0.9", "feature.scale=unit"]);
        for (preset, set) in [
            ("kaldi-mfcc13-delta2", &["splice.left=1", "splice.every=2"][..]),
            ("kaldi-plp", &[]),
            ("kaldi-spectrogram", &[]),
            ("librosa-mel", &[]),
            ("nemo-mel80-norm", &[]),
        ] {
            tried.extend(super::tests::tried(preset, set));
        }
        let tables = ["audio", "frames", "deltas", "splice", "normalize"];
        let kinds = ["mel", "mfcc", "plp", "spectrogram"];
        let mut missing = Vec::new();
        for table in reference() {
            let is_rows = tables.contains(&table.name)
                || table.kind.is_some_and(|kind| kinds.contains(&kind));
            for key in table.keys.iter().filter(|_| is_rows) {
                let name = format!("{}.{}", table.name, key.name);
                let words: Vec<&str> = match &*key.values {
                    "true or false" => vec!["true", "false"],
                    words if words.starts_with('"') => {
                        words.split('"').skip(1).step_by(2).collect()
                    }
                    _ => continue,
                };
                if OTHERS.contains(&&*name) {
                    continue;
                }
                for word in words {
                    if !tried.contains(&(name.clone(), word.to_owned())) {
                        missing.push(format!("{name} = {word}"));
                    }
                }
            }
        }
        missing.sort_unstable();
        missing.dedup();
        assert!(missing.is_empty(), "{missing:#?}");
    }
}
