//! Manifests of JSON: an object a line.

use std::path::Path;

use ossicle_files::printable;
use serde_json::{Map, Value};

use crate::{
    error::Error,
    lines::Lines,
    names::shown,
    readers::{
        faults::{At, Faults},
        seconds::nanoseconds,
        text::open_text,
    },
};

/// An object of a manifest.
pub(crate) type Object = Map<String, Value>;

/// The longest object: as a tree of values it takes some ten times as much memory.
const MAX_OBJECT_BYTES: usize = 16 << 20;

/// Reads a manifest, and calls `each` with the objects and their lines, from 1. A line that is no object is
/// a fault.
pub(crate) fn for_each_object(
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
                faults.add(At { file: &file, line, column }, "lines that are not JSON", || {
                    let what = error.to_string();
                    let what = what.split(" at line ").next().unwrap_or_default();
                    format!("expected an object of JSON: {}", shown(what))
                });
            }
        }
    }
    Ok(())
}

/// The first object of a manifest, of how it begins; none where its first line is none, or longer.
pub(crate) fn first_object(head: &[u8]) -> Option<Object> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let is_said = |line: &&[u8]| !line.trim_ascii().is_empty();
    let line = head.split(|&byte| byte == b'\n').find(is_said)?;
    serde_json::from_slice(line).ok()
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
        match self.take(keys)? {
            (_, Value::String(text)) => Some(text),
            (_, Value::Number(number)) => Some(number.to_string()),
            (key, other) => {
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
