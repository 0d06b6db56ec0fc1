//! What the utterances of some kinds of corpora have and those of others lack.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{held::Held, span::Span};

/// What a description says of an utterance besides its recording, alignment and speaker.
///
/// Kept apart, so that an utterance that has nothing of it is not larger for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// The stretch of the recording that is the utterance; `None` for all of it.
    pub span: Option<Span>,
    /// The recording's channel that is the utterance, from 0; `None` where the description is silent.
    pub channel: Option<u16>,
    /// Where in its file the recording is, if it has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Box<Held>>,
    /// The description's further columns, in its order.
    pub columns: Box<[Column]>,
}

/// A further column of a description with its value for one utterance: a text, a language, a duration.
///
/// It becomes a key of the utterance's row in `utterances.jsonl`, behind those that every row has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    name: Box<str>,
    value: Value,
}

/// Why a description's columns cannot be an utterance's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// The column's name is a key of every row.
    #[error(
        "a column is called `{name}`, as every utterance has one of ossicle's; call it something else"
    )]
    Reserved {
        /// The name.
        name: String,
    },
    /// Two columns have one name.
    #[error("two columns are called `{}`; names must differ", crate::names::shown(name))]
    Twice {
        /// The name.
        name: String,
    },
    /// A column has no name.
    #[error("a column has no name")]
    Unnamed,
}

impl Column {
    /// The keys that rows of utterances have, which no column can be called.
    pub const RESERVED: [&'static str; 14] = [
        "id",
        "source",
        "held",
        "channel",
        "sample_rate_hz",
        "start_sample",
        "end_sample",
        "num_frames",
        "first_spike",
        "num_spikes",
        "truncated",
        "levels",
        "speaker",
        "intervals",
    ];

    /// Makes the columns of an utterance, in this order.
    ///
    /// - `columns`: each one's name, as the description has it, and its value. A table of text has strings
    ///   only; JSON has whatever JSON has
    ///
    /// ```
    /// use ossicle_corpus::Column;
    ///
    /// let columns = Column::all([("text".to_owned(), "hello".into())])?;
    /// assert_eq!(columns[0].name(), "text");
    /// assert!(Column::all([("id".to_owned(), "a".into())]).is_err());
    /// # Ok::<(), ossicle_corpus::ColumnError>(())
    /// ```
    ///
    /// # Errors
    /// A name is empty, is one of [`Column::RESERVED`], or is there twice.
    pub fn all(
        columns: impl IntoIterator<Item = (String, Value)>,
    ) -> Result<Box<[Column]>, ColumnError> {
        let mut all: Vec<Column> = Vec::new();
        for (name, value) in columns {
            if name.is_empty() {
                return Err(ColumnError::Unnamed);
            }
            if Column::RESERVED.contains(&&*name) {
                return Err(ColumnError::Reserved { name });
            }
            all.push(Column { name: name.into(), value });
        }
        let mut names = HashSet::with_capacity(all.len());
        match all.iter().find(|column| !names.insert(column.name())) {
            Some(column) => Err(ColumnError::Twice { name: column.name().to_owned() }),
            None => Ok(all.into()),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value for the utterance.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// About how many bytes of memory it takes.
    pub fn memory_bytes(&self) -> u64 {
        size_of::<Column>() as u64 + self.name.len() as u64 + heap_bytes(&self.value)
    }
}

/// About what a value holds besides itself.
fn heap_bytes(value: &Value) -> u64 {
    let inside = |value: &Value| size_of::<Value>() as u64 + heap_bytes(value);
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len() as u64,
        Value::Array(values) => values.iter().map(inside).sum(),
        // A key is a string, and has its hash and its place beside it.
        Value::Object(map) => {
            map.iter().map(|(key, value)| 48 + key.len() as u64 + inside(value)).sum()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn all(names: &[&str]) -> Result<Box<[Column]>, ColumnError> {
        Column::all(names.iter().map(|&name| (name.to_owned(), json!(name))))
    }

    #[test]
    fn columns_keep_the_order_of_the_description() {
        let columns = all(&["z", "text", "a", "Text"]).unwrap();
        let names: Vec<&str> = columns.iter().map(Column::name).collect();
        assert_eq!(names, ["z", "text", "a", "Text"]);
        assert!(columns.iter().all(|column| column.value() == column.name()));
        assert_eq!(*all(&[]).unwrap(), []);
    }

    #[test]
    fn a_name_that_a_row_has_already_is_refused() {
        for name in Column::RESERVED {
            let error = all(&["text", name]).unwrap_err();
            assert_eq!(error, ColumnError::Reserved { name: name.to_owned() });
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        }
        let error = all(&["a", "b", "c", "b"]).unwrap_err();
        assert_eq!(error, ColumnError::Twice { name: "b".to_owned() });
        assert_eq!(all(&["a", ""]).unwrap_err(), ColumnError::Unnamed);
    }

    #[test]
    fn memory_grows_with_what_is_in_a_column() {
        let bytes =
            |value: Value| Column::all([("name".to_owned(), value)]).unwrap()[0].memory_bytes();
        let least = bytes(json!(null));
        assert!(least >= 4 + size_of::<Column>() as u64);
        assert_eq!(bytes(json!("x".repeat(1000))), least + 1000);
        assert!(bytes(json!(vec!["a"; 10])) >= least + 10 * size_of::<Value>() as u64);
        assert!(bytes(json!({"key": {"key": "value"}})) > least + 2 * size_of::<Value>() as u64);
    }
}
