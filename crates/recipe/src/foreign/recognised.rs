//! Which program a configuration is of.

use serde_json::Value;

use super::translation::{Beside, ForeignRecipe, Translated, Translation};
use super::{espnet, front_end, funasr, htk, kaldi, lhotse, mvn, nemo, transformers, yaml};
use crate::error::RecipeError;

/// Translates another program's configuration; none if it is none that is known.
///
/// - `name`: the file's, which says what Kaldi's options are of
/// - `beside`: finds the files that it names
///
/// # Errors
/// If it has a key that is not known, or a value that no recipe has.
pub fn foreign_recipe(
    name: &str,
    text: &str,
    beside: Beside<'_>,
) -> Result<Option<ForeignRecipe>, RecipeError> {
    let translated = match recognised(text) {
        Some(Form::Kaldi(options)) => kaldi::translate(name, &options),
        Some(Form::Htk(keys)) => htk::translate(&keys),
        Some(Form::Nnet) => mvn::translate(text),
        Some(Form::Tree(tree)) if let Some(own) = front_end::recipe(&tree) => return own.map(Some),
        Some(Form::Tree(tree)) => match of_tree(&tree, beside) {
            Some(translated) => translated,
            None => return Ok(None),
        },
        None => return Ok(None),
    };
    translated.and_then(Translation::finish).map(Some)
}

/// The form that a configuration has.
enum Form {
    /// Kaldi's options, a line each.
    Kaldi(Value),
    /// HTK's keys.
    Htk(Value),
    /// The layers of Kaldi's first neural networks, as text.
    Nnet,
    /// JSON or YAML.
    Tree(Value),
}

/// Recognises the form of a configuration; none where it is a recipe of ours, or nothing.
fn recognised(text: &str) -> Option<Form> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') {
        return serde_json::from_str(text).ok().map(Form::Tree);
    }
    if text.starts_with("<Nnet>") {
        return Some(Form::Nnet);
    }
    let lines =
        || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines().next()?;
    if first.starts_with("--") {
        return kaldi::options(text).map(Form::Kaldi);
    }
    if lines().all(htk::is_key) {
        return Some(Form::Htk(htk::keys(text)));
    }
    // A recipe of ours has headings of tables, and `=` between keys and values.
    let is_ours = lines().any(|line| line.starts_with('['));
    if is_ours { None } else { yaml::parse(text).map(Form::Tree) }
}

/// Translates a tree of keys; none if it is none that is known.
fn of_tree(tree: &Value, beside: Beside<'_>) -> Option<Translated> {
    transformers::translate(tree)
        .or_else(|| nemo::translate(tree))
        .or_else(|| funasr::translate(tree, beside))
        .or_else(|| espnet::translate(tree, beside))
        .or_else(|| lhotse::translate(tree))
}
