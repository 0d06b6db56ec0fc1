//! What the utterances of some kinds of corpora have and those of others lack: columns, and places in files.

use std::{collections::HashSet, mem};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{held::Held, labels::TimeUnit, span::Span};

/// The part of a file that an utterance is, which few descriptions say.
///
/// Kept apart, so that an utterance that has nothing of it is not larger for it, and in few bytes: there are tens of
/// millions of segments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Said", into = "Said")]
pub struct Extra {
    /// The stretch of the recording, in its unit; where there is none, it is the whole recording.
    unit: Option<TimeUnit>,
    channel: Option<u16>,
    start: u64,
    /// [`OPEN`] for the recording's end.
    end: u64,
    held: Option<Box<Held>>,
}

/// The end of a stretch that goes on to the recording's.
const OPEN: u64 = u64::MAX;

/// An [`Extra`] as it travels.
#[derive(Serialize, Deserialize)]
struct Said {
    span: Option<Span>,
    channel: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<Box<Held>>,
}

impl Extra {
    /// Puts together what an utterance has of it; none where it has nothing.
    pub fn of(span: Option<Span>, channel: Option<u16>, held: Option<Held>) -> Option<Box<Extra>> {
        let extra = Extra::from(Said { span, channel, held: held.map(Box::new) });
        (extra != Extra::default()).then(|| Box::new(extra))
    }

    /// The stretch of the recording that is the utterance; `None` for all of it.
    pub fn span(&self) -> Option<Span> {
        let (start, end) = (self.start, Some(self.end).filter(|&end| end != OPEN));
        Some(match self.unit? {
            TimeUnit::Samples => Span::Samples { start, end },
            TimeUnit::Nanoseconds => Span::Nanoseconds { start, end },
        })
    }

    /// The recording's channel that is the utterance, from 0; `None` where the description is silent.
    pub fn channel(&self) -> Option<u16> {
        self.channel
    }

    /// Says which channel it is.
    pub fn set_channel(&mut self, channel: u16) {
        self.channel = Some(channel);
    }

    /// Returns the recording's place in its file, if it has none of its own.
    pub fn held(&self) -> Option<&Held> {
        self.held.as_deref()
    }

    pub(crate) fn held_mut(&mut self) -> Option<&mut Held> {
        self.held.as_deref_mut()
    }

    pub(crate) fn set_held(&mut self, held: Held) {
        self.held = Some(Box::new(held));
    }
}

impl Default for Extra {
    fn default() -> Extra {
        Extra { unit: None, channel: None, start: 0, end: OPEN, held: None }
    }
}

impl From<Said> for Extra {
    fn from(Said { span, channel, held }: Said) -> Extra {
        let rest = Extra { channel, held, ..Extra::default() };
        let (unit, start, end) = match span {
            None => return rest,
            Some(Span::Samples { start, end }) => (TimeUnit::Samples, start, end),
            Some(Span::Nanoseconds { start, end }) => (TimeUnit::Nanoseconds, start, end),
        };
        // No recording is as long as that, whatever a description says.
        let end = end.map_or(OPEN, |end| end.min(OPEN - 1));
        Extra { unit: Some(unit), start, end, ..rest }
    }
}

impl From<Extra> for Said {
    fn from(extra: Extra) -> Said {
        Said { span: extra.span(), channel: extra.channel, held: extra.held }
    }
}

/// The further columns of an utterance, packed into one text: there are millions of utterances, and a value
/// by itself takes more than what is in it.
///
/// They travel as a list of [`Column`]s.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Column>", into = "Vec<Column>")]
pub struct Columns(
    /// An object of JSON; nothing where there are none.
    Box<str>,
);

impl Columns {
    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns them, in the order of the description.
    pub fn unpacked(&self) -> Vec<Column> {
        if self.is_empty() {
            return Vec::new();
        }
        let Ok(columns) = serde_json::from_str::<Map<String, Value>>(&self.0) else {
            unreachable!("it was written as an object")
        };
        columns.into_iter().map(|(name, value)| Column { name: name.into(), value }).collect()
    }

    /// Puts another one behind them.
    ///
    /// - `name`: none of those that there are, and none of [`Column::RESERVED`]
    pub(crate) fn push(&mut self, name: &str, value: Value) {
        let name = Value::from(name);
        let mut text = String::from(mem::take(&mut self.0));
        text.truncate(text.len().saturating_sub(1));
        text.push(if text.is_empty() { '{' } else { ',' });
        text.push_str(&format!("{name}:{value}}}"));
        self.0 = text.into();
    }

    /// About how many bytes of memory they take when they are unpacked, or more.
    pub fn memory_bytes(&self) -> u64 {
        // Behind each name and between all else that is inside stands one of these.
        let marks = self.0.bytes().filter(|byte| matches!(byte, b':' | b',')).count();
        (self.0.len() + marks * (size_of::<Column>() + 48)) as u64
    }
}

impl From<Vec<Column>> for Columns {
    fn from(columns: Vec<Column>) -> Columns {
        if columns.is_empty() {
            return Columns::default();
        }
        let columns = columns.into_iter().map(|Column { name, value }| (String::from(name), value));
        Columns(Value::Object(columns.collect()).to_string().into())
    }
}

impl From<Columns> for Vec<Column> {
    fn from(columns: Columns) -> Vec<Column> {
        columns.unpacked()
    }
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
    /// assert_eq!(columns.unpacked()[0].name(), "text");
    /// assert!(Column::all([("id".to_owned(), "a".into())]).is_err());
    /// # Ok::<(), ossicle_corpus::ColumnError>(())
    /// ```
    ///
    /// # Errors
    /// A name is empty, is one of [`Column::RESERVED`], or is there twice.
    pub fn all(columns: impl IntoIterator<Item = (String, Value)>) -> Result<Columns, ColumnError> {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn all(names: &[&str]) -> Result<Columns, ColumnError> {
        Column::all(names.iter().map(|&name| (name.to_owned(), json!(name))))
    }

    #[test]
    fn an_end_beyond_every_recording_is_none_that_is_open() {
        for start in [0, 7] {
            let open = Span::Samples { start, end: None };
            let far = Span::Samples { start, end: Some(u64::MAX) };
            let [open, far] = [open, far].map(|span| Extra::of(Some(span), None, None).unwrap());
            assert_eq!(open.span(), Some(Span::Samples { start, end: None }));
            assert_eq!(far.span(), Some(Span::Samples { start, end: Some(u64::MAX - 1) }));
        }
        assert_eq!(Extra::of(None, None, None), None);
    }

    #[test]
    fn columns_keep_the_order_of_the_description() {
        let columns = all(&["z", "text", "a", "Text"]).unwrap().unpacked();
        let names: Vec<&str> = columns.iter().map(Column::name).collect();
        assert_eq!(names, ["z", "text", "a", "Text"]);
        assert!(columns.iter().all(|column| column.value() == column.name()));
        assert!(all(&[]).unwrap().is_empty());
        assert_eq!(all(&[]).unwrap().unpacked(), []);
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
            |value: Value| Column::all([("name".to_owned(), value)]).unwrap().memory_bytes();
        let least = bytes(json!(null));
        assert!(least >= 4 + size_of::<Column>() as u64);
        assert_eq!(bytes(json!("x".repeat(1000))), least + 1000 - 2);
        assert!(bytes(json!(vec!["a"; 10])) >= least + 9 * size_of::<Value>() as u64);
        assert!(bytes(json!({"key": {"key": "value"}})) > least + 2 * size_of::<Value>() as u64);
    }

    #[test]
    fn packed_columns_come_back_as_they_were() {
        let value =
            json!({"z": [1, u64::MAX, -1, 0.1 + 0.2], "a": null, "text": "\u{0}\"caf\u{e9}"});
        let columns = Column::all([("a:,b".to_owned(), value.clone()), ("b".to_owned(), value)]);
        let columns = columns.unwrap();
        let text = serde_json::to_string(&columns).unwrap();
        assert_eq!(serde_json::from_str::<Columns>(&text).unwrap(), columns);
        assert_eq!(Columns::from(columns.unpacked()), columns);
        assert_eq!(columns.unpacked()[0].name(), "a:,b");
        // As one by one.
        let mut pushed = Columns::default();
        for Column { name, value } in columns.unpacked() {
            pushed.push(&name, value);
        }
        assert_eq!(pushed, columns);
    }
}
