//! What the members beside a recording say of it.

use serde_json::Value;

use crate::extra::{Column, Columns};

/// How the members of an extension are read, as webdataset's decoders do.
const TEXTS: [&str; 3] = ["txt", "text", "transcript"];
const NUMBERS: [&str; 6] = ["cls", "cls2", "class", "count", "index", "inx"];
const OBJECTS: [&str; 2] = ["json", "jsn"];
const SPEAKERS: [&str; 2] = ["speaker", "spk"];

/// The keys of an object that name the speaker.
const SPEAKER_KEYS: [&str; 4] = ["speaker", "speaker_id", "spk", "spk_id"];

/// What is said of a recording, member by member.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Extensions and what they hold.
    members: Vec<(String, Value)>,
}

impl Said {
    /// Returns whether members of this extension are read.
    pub(super) fn is_read(extension: &str) -> bool {
        let of = |known: &[&str]| known.contains(&last(extension));
        of(&TEXTS) || of(&NUMBERS) || of(&OBJECTS) || of(&SPEAKERS)
    }

    /// The most bytes that such a member may have.
    pub(super) fn most_bytes(extension: &str) -> u64 {
        if OBJECTS.contains(&last(extension)) { 16 << 20 } else { 1 << 20 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Adds what a member holds. Returns whether it takes the place of another of this extension.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn add(&mut self, extension: &str, bytes: &[u8]) -> Result<bool, String> {
        let value = match OBJECTS.contains(&last(extension)) {
            true => {
                serde_json::from_slice(bytes).map_err(|error| format!("expected JSON: {error}"))?
            }
            false => {
                let text = std::str::from_utf8(bytes)
                    .map_err(|_| "expected UTF-8, found other bytes".to_owned())?;
                let text = text.strip_prefix('\u{feff}').unwrap_or(text);
                let text = text.trim_end_matches(['\n', '\r']);
                let number = NUMBERS.contains(&last(extension)).then(|| text.trim().parse::<i64>());
                match number {
                    Some(Ok(number)) => number.into(),
                    _ => text.into(),
                }
            }
        };
        match self.members.iter_mut().find(|(other, _)| other == extension) {
            Some(other) => {
                other.1 = value;
                Ok(true)
            }
            None => {
                self.members.push((extension.to_owned(), value));
                Ok(false)
            }
        }
    }

    /// Makes columns of it, and the speaker. The keys of an object are columns each; one that is called as
    /// another is, or as what every row has, has the member's extension before it.
    pub(super) fn into_columns(self) -> (Option<Box<str>>, Columns) {
        let mut speaker = None;
        let mut columns: Vec<(String, Value)> = Vec::new();
        let mut members = self.members;
        // Whatever their order in the shard.
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        let (objects, texts): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|(_, value)| value.is_object());
        for (extension, value) in texts {
            match (last(&extension), value) {
                (word, Value::String(name)) if SPEAKERS.contains(&word) => {
                    speaker = Some(name.trim().into());
                }
                (_, value) => add(&mut columns, "member", column_name(&extension), value),
            }
        }
        for (extension, value) in objects {
            let Value::Object(object) = value else { continue };
            for (key, value) in object {
                match &value {
                    Value::String(name) if SPEAKER_KEYS.contains(&&*key) && speaker.is_none() => {
                        speaker = Some(name.as_str().into());
                    }
                    Value::Number(number) if SPEAKER_KEYS.contains(&&*key) && speaker.is_none() => {
                        speaker = Some(number.to_string().into());
                    }
                    _ => add(&mut columns, &extension, &key, value),
                }
            }
        }
        let Ok(columns) = Column::all(columns) else { unreachable!("names were told apart") };
        (speaker, columns)
    }
}

/// Adds a column under a name that is free.
fn add(columns: &mut Vec<(String, Value)>, of: &str, name: &str, value: Value) {
    let is_free = |columns: &[(String, Value)], name: &str| {
        let is_taken = columns.iter().any(|(other, _)| other == name);
        !name.is_empty() && !is_taken && !Column::RESERVED.contains(&name)
    };
    let mut free = name.to_owned();
    while !is_free(columns, &free) {
        free = format!("{of}.{free}");
    }
    columns.push((free, value));
}

/// The last part of an extension, which says how it is read: `txt` of `en.txt`.
fn last(extension: &str) -> &str {
    extension.rsplit('.').next().unwrap_or_default()
}

/// The column of a member: `text` for the text, `class` for the class, else its extension.
fn column_name(extension: &str) -> &str {
    match extension {
        "txt" => "text",
        "cls" => "class",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn columns(members: &[(&str, &str)]) -> (Option<Box<str>>, Value) {
        let mut said = Said::default();
        for (extension, text) in members {
            assert!(Said::is_read(extension), "{extension}");
            assert_eq!(said.add(extension, text.as_bytes()), Ok(false));
        }
        let (speaker, columns) = said.into_columns();
        let object = columns
            .unpacked()
            .iter()
            .map(|it| (it.name().to_owned(), it.value().clone()))
            .collect();
        (speaker, object)
    }

    #[test]
    fn texts_classes_and_the_keys_of_objects_are_columns() {
        let (speaker, said) = columns(&[
            ("json", r#"{"duration":1.5,"speaker":"mary","id":"x","text":"of json","a":[1]}"#),
            ("txt", "hello\n"),
            ("cls", " 7\n"),
            ("en.txt", "\u{feff}hi"),
            ("count", "many"),
        ]);
        assert_eq!(speaker.as_deref(), Some("mary"));
        let expected = json!({
            "class": 7, "count": "many", "en.txt": "hi", "text": "hello",
            "duration": 1.5, "json.id": "x", "json.text": "of json", "a": [1]
        });
        assert_eq!(said, expected);
        assert_eq!(said.to_string(), expected.to_string(), "in this order");
    }

    #[test]
    fn a_speaker_of_its_own_counts_before_one_of_an_object() {
        let (speaker, said) = columns(&[("json", r#"{"speaker_id":7}"#), ("spk", "mary\n")]);
        assert_eq!((speaker.as_deref(), said), (Some("mary"), json!({"speaker_id": 7})));
        let (speaker, said) = columns(&[("json", r#"{"spk":7}"#)]);
        assert_eq!((speaker.as_deref(), said), (Some("7"), json!({})));
        assert_eq!(columns(&[("json", "[1]")]).1, json!({"json": [1]}));
    }

    #[test]
    fn what_is_no_text_is_said_to_be_none() {
        let mut said = Said::default();
        assert!(said.add("txt", b"\xff").unwrap_err().contains("UTF-8"));
        assert!(said.add("json", b"{").unwrap_err().starts_with("expected JSON: "));
        assert!(!Said::is_read("npy") && !Said::is_read("wav"));
        assert_eq!((said.add("txt", b"a"), said.add("txt", b"b")), (Ok(false), Ok(true)));
    }
}
