//! Sentences of `ossicle compare`.

use std::path::Path;

use ossicle_corpus::printable;
use ossicle_engine::counted;

/// The refusal of a comparison of one side.
///
/// - `option`: the word for an option
pub(crate) fn nothing_to_compare_with(option: impl Fn(&str) -> String) -> String {
    let [preset, recipe, set, python] = ["b-preset", "b-recipe", "b-set", "python"].map(option);
    format!(
        "there is nothing to compare with: give B, another recipe for it ({preset}, {recipe}, {set}), or {python} \
         MODULE:FUNCTION"
    )
}

/// The refusal of two sides for one.
///
/// - `option`: the word for an option
pub(crate) fn python_is_b(option: impl Fn(&str) -> String) -> String {
    format!("{} is B: give A alone", option("python"))
}

/// The refusal of a recipe for a side that is features already.
///
/// - `option`: the word for an option
pub(crate) fn b_is_no_recording(option: impl Fn(&str) -> String) -> String {
    let [preset, recipe, set] = ["b-preset", "b-recipe", "b-set"].map(option);
    format!(
        "B is no recording, and {preset}, {recipe} and {set} are about what is computed of one: give the recording as B"
    )
}

/// The refusal of keys where nothing is computed.
///
/// - `option`: the word for an option
pub(crate) fn keys_of_nothing(option: impl Fn(&str) -> String) -> String {
    format!("neither side is a recording, and {} is about what is computed of one", option("set"))
}

/// The refusal of a function that has nothing to be called on.
///
/// - `option`: the word for an option
pub(crate) fn python_needs_a_recording(option: impl Fn(&str) -> String) -> String {
    let [python, preset, recipe, recording] =
        ["python", "preset", "recipe", "recording"].map(option);
    format!(
        "{python} is called on A's recording, and there is none: give a recording with {preset} or {recipe}, a \
         dataset whose recordings are still there, or an array with {recording} and the recipe that it is of"
    )
}

/// The refusal of a program of Python where features are meant.
///
/// - `python`: the word for the option
pub(crate) fn is_python(path: &Path, python: String) -> String {
    format!("{0} is a program: {python} {0}:FUNCTION calls a function of it", printable(path))
}

/// What is said of a recipe that is normalised by others' statistics.
pub(crate) const NOT_NORMALIZED: &str = "the recipe is normalised by a corpus, which is not here: its rows are \
    compared before normalisation";

/// The refusal of sides that have nothing in common.
pub(crate) const NO_UTTERANCE_IN_BOTH: &str = "no utterance is in both";

/// The refusal of a file that has no features.
///
/// - `option`: the word for an option
pub(crate) fn no_features(path: &Path, option: impl Fn(&str) -> String) -> String {
    format!(
        "{} is neither a dataset nor an array, archive or script of matrices; a recording needs {} or {}",
        printable(path),
        option("preset"),
        option("recipe")
    )
}

/// The refusal of an utterance that is not there.
pub(crate) fn no_utterance_in<'a>(
    path: &Path,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> String {
    format!("{} has no utterance {name}; it has {}", printable(path), begun(known, 3))
}

/// A list, or its beginning with an ellipsis where it is longer.
fn begun<'a>(names: impl Iterator<Item = &'a str>, most: usize) -> String {
    let names: Vec<&str> = names.take(most + 1).collect();
    match names.len() {
        0 => "none".to_owned(),
        n if n > most => format!("{} …", names[..most].join(", ")),
        _ => names.join(", "),
    }
}

/// The refusal of an array that is not there, or has no numbers to compare.
///
/// - `option`: the word for the option that names it
pub(crate) fn no_such_array<'a>(
    path: &Path,
    name: &str,
    option: &str,
    known: impl Iterator<Item = &'a String>,
) -> String {
    let known: Vec<&str> = known.map(String::as_str).collect();
    format!(
        "{} has no array {name} of features; {option} takes one of {}",
        printable(path),
        known.join(", ")
    )
}

/// The refusal of an utterance without rows.
pub(crate) fn no_rows(name: &str) -> String {
    format!("the dataset's index has no rows of {name}")
}

/// The refusal of sides whose utterances have other names.
pub(crate) fn no_common_name(a: &[String], b: &[String]) -> String {
    let first = |of: &[String]| begun(of.iter().map(String::as_str), 2);
    format!(
        "no utterance is in both: A has {}, B has {}; A#UTTERANCE B#UTTERANCE compares two",
        first(a),
        first(b)
    )
}

/// What is said of matrices that are not of the recipe and recording that are given.
pub(crate) fn not_of_recipe(path: &Path) -> String {
    format!(
        "a matrix is not what the recipe makes of {}, so that it is compared as it is",
        printable(path)
    )
}

/// The refusal of a function without a module.
pub(crate) fn no_function(function: &str) -> String {
    format!("--python {function}: write MODULE:FUNCTION or FILE.py:FUNCTION")
}

/// Where there is no such interpreter.
pub(crate) fn no_interpreter(interpreter: &Path) -> String {
    format!("cannot start {} (--interpreter names another)", printable(interpreter))
}

/// What Python says last of a function that failed.
pub(crate) fn python_failed(function: &str, said: &str) -> String {
    format!("{function} failed: {}", said.trim_end().lines().last().unwrap_or("nothing is said"))
}

/// How far a search for causes is.
pub(crate) fn looking_for_causes(sets: usize) -> String {
    format!("looking for causes: {} tried", counted(sets as u64, "explanation"))
}
