//! The differences between two jobs, as values.

use std::fmt;

/// A difference between the job that an output folder holds and the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// It was begun by another version of this program.
    Version {
        /// The version that began it.
        was: String,
        /// This one.
        is: String,
    },
    /// A key of its recipe has another value.
    Key {
        /// The key, from the recipe's root, as `feature.num_ceps`.
        key: String,
        /// The value it had, as JSON.
        was: String,
        /// The value it has now, as JSON.
        is: String,
    },
    /// It has other utterances.
    Utterances,
    /// It has other utterances, or recordings of other sizes: a card does not tell these apart.
    UtterancesOrSizes,
    /// A recording or an alignment was changed since the dataset was made.
    Sources,
    /// Alignments have come since, or have gone, so that there are labels or none.
    Alignments {
        /// True where there were some.
        were: bool,
    },
    /// One of these files or folders, which the recipe names, holds something else.
    Named {
        /// What they are and their paths, as `the label map phones.txt`.
        files: Vec<String>,
    },
    /// One of these, which the recipe names, holds something else, or another version made other bytes of
    /// it: a card does not tell these apart.
    NamedOrVersion {
        /// What they are and their paths; empty where it names none.
        files: Vec<String>,
        /// The version that made it.
        was: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Difference::Version { was, is } => {
                return write!(f, "it was begun by version {was}; this is {is}");
            }
            Difference::Key { key, was, is } => {
                return write!(f, "its {key} was {was}, and is now {is}");
            }
            Difference::Utterances => "its list of utterances is another",
            Difference::UtterancesOrSizes => {
                "its utterances, or the sizes of their recordings, have changed"
            }
            Difference::Sources => "a recording or an alignment has changed since",
            Difference::Alignments { were: true } => {
                "it had alignments and labels, and now no recording has an alignment"
            }
            Difference::Alignments { were: false } => {
                "it had no alignments and no labels, and now recordings have alignments"
            }
            Difference::Named { files } => return write!(f, "{} changed", have(files)),
            Difference::NamedOrVersion { files, was } if files.is_empty() => {
                return write!(f, "version {was} made other bytes");
            }
            Difference::NamedOrVersion { files, was } => {
                return write!(f, "{} changed, or version {was} made other bytes", have(files));
            }
        })
    }
}

/// `a has`, or `a or b have`.
fn have(files: &[String]) -> String {
    let verb = if files.len() == 1 { "has" } else { "have" };
    format!("{} {verb}", files.join(" or "))
}

/// The first key that differs between two recipes.
pub(crate) fn recipe_difference(
    old: &serde_json::Value,
    new: &serde_json::Value,
) -> Option<Difference> {
    use serde_json::Value;
    fn walk(path: &str, old: &Value, new: &Value) -> Option<Difference> {
        let join =
            |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match (old, new) {
            _ if old == new => None,
            (Value::Object(a), Value::Object(b)) => {
                let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
                let value = |map: &serde_json::Map<String, Value>, key: &str| {
                    map.get(key).cloned().unwrap_or_default()
                };
                keys.into_iter().find_map(|key| walk(&join(key), &value(a, key), &value(b, key)))
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                a.iter().zip(b).find_map(|(a, b)| walk(path, a, b))
            }
            _ => {
                let (was, is) = (old.to_string(), new.to_string());
                Some(Difference::Key { key: path.to_owned(), was, is })
            }
        }
    }
    walk("", old, new)
}
