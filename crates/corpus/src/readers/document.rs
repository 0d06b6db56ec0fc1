//! Manifests of JSON: an object a line, or a document that has all of them, read one object after the other.

use std::{
    cell::Cell,
    fmt,
    io::{self, BufRead, Read},
    path::Path,
};

use ossicle_files::printable;
use serde::{
    Deserializer as _,
    de::{
        DeserializeSeed, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::Value;

use crate::{
    error::Error,
    readers::{
        faults::{At, Faults},
        objects::{MAX_OBJECT_BYTES, Object, Shape, for_each_line, kind, not_json},
        text::open_text,
    },
};

/// Reads a manifest, lines or a document, and calls `each` with the objects, their lines, from 1, and their
/// names where they have some. What should be an object and is none is a fault.
pub(crate) fn for_each_object(
    path: &Path,
    shape: Shape,
    faults: &mut Faults,
    mut each: impl FnMut(u64, Option<&str>, Object, &mut Faults),
) -> Result<(), Error> {
    if shape == Shape::Lines {
        return for_each_line(path, faults, |line, object, faults| {
            each(line, None, object, faults)
        });
    }
    let file = printable(path);
    let place = Place::default();
    let mut input = open_text(path)?;
    let mark: &[u8] = b"\xef\xbb\xbf";
    let begin = input.fill_buf().map_err(|source| Error::Read { file: file.clone(), source })?;
    if begin.starts_with(mark) {
        input.consume(mark.len());
    }
    let followed = Followed { input, place: &place };
    let mut deserializer = serde_json::Deserializer::from_reader(followed);
    let mut read = |name: Option<&str>, value: Value| {
        let line = place.begin.replace(None).unwrap_or_else(|| place.line.get() + 1);
        place.bytes.set(0);
        match value {
            Value::Object(object) => each(line, name, object, faults),
            // What stands beside named objects says something of all of them.
            _ if shape != Shape::List => {}
            other => {
                faults.add(At { file: &file, line, column: 0 }, "values that are no object", || {
                    format!("expected an object, found {}", kind(&other))
                })
            }
        }
    };
    let document = Document { shape, read: &mut read };
    let end = deserializer.deserialize_any(document).and_then(|()| deserializer.end());
    match end {
        Ok(()) => Ok(()),
        Err(error) if error.is_io() => Err(Error::Read { file, source: error.into() }),
        Err(error) => {
            let (line, column) = (error.line() as u64, error.column() as u64);
            not_json(At { file: &file, line, column }, &error, faults);
            Ok(())
        }
    }
}

/// Where in the text its reader is.
#[derive(Debug, Default)]
struct Place {
    /// The line ends that are behind it.
    line: Cell<u64>,
    /// The line, from 1, on which the object at hand begins.
    begin: Cell<Option<u64>>,
    /// The bytes since the last object.
    bytes: Cell<usize>,
}

/// A text whose lines are counted, and whose objects are bounded.
struct Followed<'a, R> {
    input: R,
    place: &'a Place,
}

impl<R: Read> Read for Followed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // JSON is taken a byte at a time, so that none is read ahead of where its reader is.
        let one = buffer.len().min(1);
        let read = self.input.read(&mut buffer[..one])?;
        let Place { line, begin, bytes } = self.place;
        match buffer.first().filter(|_| read > 0) {
            Some(b'\n') => line.set(line.get() + 1),
            Some(b'{') if begin.get().is_none() => begin.set(Some(line.get() + 1)),
            _ => {}
        }
        bytes.set(bytes.get() + read);
        if bytes.get() > MAX_OBJECT_BYTES {
            return Err(io::Error::other(format!(
                "an object near line {} is longer than {MAX_OBJECT_BYTES} bytes",
                line.get() + 1
            )));
        }
        Ok(read)
    }
}

/// The document: a list, or an object.
struct Document<'a, F> {
    shape: Shape,
    read: &'a mut F,
}

impl<'de, F: FnMut(Option<&str>, Value)> Visitor<'de> for Document<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element()? {
            (self.read)(None, value);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            members.next_value_seed(Member { name, shape: self.shape, read: &mut *self.read })?;
        }
        Ok(())
    }
}

/// What an object has under a name: one of the objects, or a list of them.
struct Member<'a, F> {
    name: String,
    shape: Shape,
    read: &'a mut F,
}

impl<'de, F: FnMut(Option<&str>, Value)> DeserializeSeed<'de> for Member<'_, F> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

macro_rules! passed_over {
    ($($visit:ident: $type:ty),*) => {
        $(fn $visit<E>(self, _: $type) -> Result<(), E> {
            Ok(())
        })*
    };
}

impl<'de, F: FnMut(Option<&str>, Value)> Visitor<'de> for Member<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    passed_over!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        match self.shape {
            Shape::ListIn => {
                let document = Document { shape: self.shape, read: self.read };
                SeqAccessDeserializer::new(list).deserialize_any(document)
            }
            _ => SeqAccessDeserializer::new(list).deserialize_any(serde::de::IgnoredAny).map(drop),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        let members = MapAccessDeserializer::new(members);
        match self.shape {
            Shape::Named => {
                let object = <Object as serde::Deserialize>::deserialize(members)?;
                (self.read)(Some(&self.name), Value::Object(object));
                Ok(())
            }
            _ => members.deserialize_any(serde::de::IgnoredAny).map(drop),
        }
    }
}
