//! The reasons why a recipe cannot be read or computed.

use std::fmt;

use crate::advice::Advice;
use crate::hint::hint;
use crate::presets;
use crate::words::Words;

/// A recipe that cannot be read or computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum RecipeError {
    #[error(
        "there is no preset {name:?}{}; there are {}",
        hint(.name, presets::known()), presets::names().collect::<Vec<_>>().join(", ")
    )]
    NoPreset { name: String },
    #[error("{message}")]
    Syntax { message: String },
    /// A mistake in the text of a recipe, with its place there; both count from 1.
    #[error("line {line}, column {column}: {because}")]
    At { line: usize, column: usize, because: Box<RecipeError> },
    #[error("{assignment}: {reason}")]
    Set { assignment: String, reason: String },
    #[error("{assignment}: {because}")]
    Change { assignment: String, because: Box<RecipeError> },
    #[error("unknown key `{key}` in {table}{}", meant(.key, .known))]
    UnknownKey { table: String, key: String, known: Vec<&'static str> },
    #[error("unknown table `{table}`{}", meant(.table, .known))]
    UnknownTable { table: String, known: Vec<&'static str> },
    #[error("{key} is {found}{wanted}")]
    Value { key: String, found: String, wanted: Box<Wanted> },
    #[error("{table} needs {key}")]
    Missing { table: String, key: &'static str },
    #[error("in {table}: {key} means nothing {why}")]
    Idle { table: &'static str, key: &'static str, why: String },
    #[error("headerless recordings need both audio.raw_encoding and audio.raw_sample_rate_hz")]
    HalfOfRaw,
    #[error("{reason}")]
    Unsupported { reason: String },
    /// A configuration of another program that is no recipe.
    #[error("{of}: {reason}")]
    Foreign { of: String, reason: String },
    #[error("in [[feature]]: {0}")]
    Feature(ossicle_dsp::Error),
    #[error("in [normalize]: {0}")]
    Sliding(ossicle_dsp::Error),
    #[error("in [splice]: {0}")]
    Splice(ossicle_dsp::Error),
    #[error("in [vad]: {0}")]
    Vad(ossicle_dsp::Error),
    #[error("in [deltas]: {0}")]
    Deltas(ossicle_dsp::Error),
}

impl RecipeError {
    /// Returns the mistake itself, without its place.
    pub(crate) fn innermost(&self) -> &RecipeError {
        match self {
            RecipeError::Change { because, .. } | RecipeError::At { because, .. } => {
                because.innermost()
            }
            error => error,
        }
    }

    /// Returns advice about it, where there is something that helps.
    pub fn advice(&self) -> Option<Advice> {
        match self {
            RecipeError::HalfOfRaw => Some(Advice::DescribeRaw),
            RecipeError::Missing { table, key } => {
                let table = table.trim_matches(['[', ']']).to_owned();
                let value = match *key {
                    "kind" => "mfcc",
                    "num_ceps" => "13",
                    "num_mel_bins" => "80",
                    "length" => "25ms",
                    "shift" => "10ms",
                    "map" => "timit-39",
                    _ => return None,
                };
                Some(Advice::Set { table, key, value })
            }
            RecipeError::Change { because, .. } | RecipeError::At { because, .. } => {
                because.advice()
            }
            _ => None,
        }
    }
}

/// The most known words that are listed where one of them is likely.
const MOST_TO_READ: usize = 2;

/// Names the known word that was probably meant, or all of them.
fn meant(found: &str, known: &[&'static str]) -> String {
    match hint(found, known.iter().copied()) {
        hint if hint.is_empty() => format!("; it may be {}", known.join(", ")),
        hint => hint,
    }
}

/// The values that were possible, and the word that was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The value that was found, where it is a word.
    word: Option<String>,
    words: Words,
}

impl Wanted {
    /// - `word`: the value that was found, where it is a word
    pub(crate) fn new(word: Option<String>, words: Words) -> Wanted {
        Wanted { word, words }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words { allowed, text } = &self.words;
        let hint = |word: &String| hint(word, allowed.iter().copied());
        let hint = self.word.as_ref().map(hint).unwrap_or_default();
        // With a likely one at hand, nobody wants to read ten others.
        if !hint.is_empty() && allowed.len() > MOST_TO_READ {
            return f.write_str(&hint);
        }
        write!(f, "; it must be {text}{hint}")
    }
}
