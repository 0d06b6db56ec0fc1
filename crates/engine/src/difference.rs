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
    /// A file that the recipe names holds something else.
    NamedFile,
    /// A file that the recipe names holds something else, or another version made other bytes of it: a
    /// card does not tell these apart.
    NamedFileOrVersion {
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
            Difference::NamedFileOrVersion { was } => {
                return write!(
                    f,
                    "a file that the recipe names has changed, or version {was} made other bytes"
                );
            }
            Difference::NamedFile => "a file that the recipe names has changed",
        })
    }
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
