//! The objects of manifests of JSON.

use std::path::Path;

use ossicle_files::printable;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    column_names::ColumnNames,
    error::Error,
    lines::Lines,
    names::shown,
    readers::{
        faults::{At, Faults},
        roles::Role,
        seconds::nanoseconds,
        text::open_text,
    },
};

/// An object of a manifest.
pub(crate) type Object = Map<String, Value>;

/// The longest object: as a tree of values it takes some ten times as much memory.
pub(crate) const MAX_OBJECT_BYTES: usize = 16 << 20;

/// How the objects of a manifest stand in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An object a line.
    Lines,
    /// A list of objects.
    List,
    /// An object whose values are the objects, by their names.
    Named,
    /// An object with a list of objects in it.
    ListIn,
}

/// Finds the first object of a manifest that is looked for, in how it begins, and how the objects stand there.
///
/// - `is_sought`: whether it is one of the objects; others may stand before them
pub(crate) fn first_object(
    head: &[u8],
    is_sought: impl Fn(&Object) -> bool,
) -> Option<(Shape, Object)> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let is_said = |line: &&[u8]| !line.trim_ascii().is_empty();
    let line = head.split(|&byte| byte == b'\n').find(is_said)?;
    let of_line = serde_json::from_slice(line).ok();
    if let Some(object) = of_line.filter(|object| is_sought(object)) {
        return Some((Shape::Lines, object));
    }
    let mut rest = head.trim_ascii_start();
    match rest.first()? {
        b'[' => first_in_list(&rest[1..]).filter(is_sought).map(|object| (Shape::List, object)),
        b'{' => loop {
            // A name, a colon, and the value or how it begins.
            rest = rest[1..].trim_ascii_start();
            let (_, behind): (String, _) = next_value(rest)?;
            rest = behind.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
            if rest.starts_with(b"[")
                && let Some(object) = first_in_list(&rest[1..]).filter(&is_sought)
            {
                return Some((Shape::ListIn, object));
            }
            let (value, behind): (Value, _) = next_value(rest)?;
            if let Value::Object(object) = value
                && is_sought(&object)
            {
                return Some((Shape::Named, object));
            }
            rest = behind.trim_ascii_start();
            if !rest.starts_with(b",") {
                return None;
            }
        },
        _ => None,
    }
}

fn first_in_list(text: &[u8]) -> Option<Object> {
    next_value(text).map(|(object, _)| object)
}

/// The value that a text begins with, and what is behind it.
fn next_value<T: DeserializeOwned>(text: &[u8]) -> Option<(T, &[u8])> {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<T>();
    let value = values.next()?.ok()?;
    Some((value, &text[values.byte_offset()..]))
}

/// Reads a manifest of an object a line, and calls `each` with the objects and their lines, from 1. A line
/// that is no object is a fault.
pub(crate) fn for_each_line(
    path: &Path,
    faults: &mut Faults,
    mut each: impl FnMut(u64, Object, &mut Faults),
) -> Result<(), Error> {
    let file = printable(path);
    let mut input = open_text(path)?;
    let mut lines = Lines::with_limit(&mut *input, &file, MAX_OBJECT_BYTES);
    while let Some((line, text)) = lines.next_line()? {
        match serde_json::from_slice(text) {
            Ok(Value::Object(object)) => each(line, object, faults),
            Ok(other) => {
                faults.add(At { file: &file, line, column: 1 }, "lines without an object", || {
                    format!("expected an object, found {}", kind(&other))
                });
            }
            Err(error) => {
                let column = error.column() as u64;
                not_json(At { file: &file, line, column }, &error, faults);
            }
        }
    }
    Ok(())
}

/// Adds a fault for what is no JSON.
pub(crate) fn not_json(at: At<'_>, error: &serde_json::Error, faults: &mut Faults) {
    faults.add(at, "lines that are not JSON", || {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        format!("expected an object of JSON: {}", shown(what))
    });
}

/// What a value is, for messages.
pub(crate) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("`{}`", shown(text)),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
    }
}

/// The values of an object, each taken once, with a fault for one of another kind.
pub(crate) struct Fields<'a> {
    pub(crate) object: Object,
    pub(crate) at: At<'a>,
}

impl Fields<'_> {
    /// Takes the text of the first of these keys that is there. Numbers count as they are written.
    pub(crate) fn text(&mut self, keys: &[&str], faults: &mut Faults) -> Option<String> {
        let (key, value) = self.take(keys)?;
        self.text_of(key, value, faults)
    }

    /// The text of a value, as above.
    pub(crate) fn text_of(&self, key: &str, value: Value, faults: &mut Faults) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            other => {
                faults.add(self.at, "values that are no text", || {
                    format!("expected a text in `{key}`, found {}", kind(&other))
                });
                None
            }
        }
    }

    /// Takes the nanoseconds of a time in seconds.
    pub(crate) fn time(&mut self, keys: &[&str], faults: &mut Faults) -> Option<u64> {
        let (key, value) = self.take(keys)?;
        self.time_of(key, value, faults)
    }

    /// The nanoseconds of a value, as above.
    pub(crate) fn time_of(&self, key: &str, value: Value, faults: &mut Faults) -> Option<u64> {
        let time = match &value {
            Value::Number(number) => nanoseconds(&number.to_string()),
            Value::String(text) => nanoseconds(text.trim()),
            _ => None,
        };
        if time.is_none() {
            faults.add(self.at, "times that are none", || {
                format!("expected seconds in `{key}`, found {}", kind(&value))
            });
        }
        time
    }

    /// Takes what says this of an utterance: under a key that was given such a name, or else under the first
    /// of its names.
    pub(crate) fn take_role(
        &mut self,
        role: Role,
        columns: &ColumnNames,
    ) -> Option<(String, Value)> {
        let given = columns.renamed().filter(|(name, _)| role.is_called(name));
        let given = given.map(|(_, column)| column);
        let is_renamed = |key: &&str| columns.renamed().any(|(_, column)| column == *key);
        let known = role.names().iter().copied().filter(|key| !is_renamed(key));
        let keys: Vec<&str> = given.chain(known).collect();
        self.take(&keys).map(|(key, value)| (key.to_owned(), value))
    }

    /// Takes the first of these keys that is there and is not null.
    pub(crate) fn take<'k>(&mut self, keys: &[&'k str]) -> Option<(&'k str, Value)> {
        let key = keys.iter().find(|key| self.object.get(**key).is_some_and(|it| !it.is_null()))?;
        Some((key, self.object.shift_remove(*key)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_spelling_are_times() {
        let mut faults = Faults::default();
        let text = r#"{"a":1e-5,"b":0.30000000000000004,"c":"2.5","d":-1,"e":null,"f":[],"g":10}"#;
        let object = serde_json::from_str(text).unwrap();
        let at = At { file: "m", line: 3, column: 0 };
        let mut fields = Fields { object, at };
        let times = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let times = times.map(|key| fields.time(&[key], &mut faults));
        let expected = [
            Some(10_000),
            Some(300_000_000),
            Some(2_500_000_000),
            None,
            None,
            None,
            Some(10_000_000_000),
            None,
        ];
        assert_eq!(times, expected);
        let error = faults.check("m").unwrap_err().to_string();
        assert!(error.contains("m, line 3: expected seconds in `d`, found -1"), "{error}");
        assert!(error.contains("m: 2 faults"), "{error}");
    }
}
