//! Which word of a recipe is unknown. TOML's error says so in words only; here it is a value.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use toml::{Table, Value};

use super::Recipe;

/// What kind of word it is: a key of a table, or one of a key's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Field,
    Variant,
}

/// What a recipe stumbles over first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unknown {
    /// A word that no recipe has at its place, beside those that it may have there.
    Word {
        word: Word,
        found: String,
        known: &'static [&'static str],
    },
    SomethingElse,
}

impl Unknown {
    /// The first unknown word of a table that is no recipe; none if it fails over something else.
    pub(super) fn in_table(table: &Table) -> Option<Unknown> {
        let entries = table.iter().map(|(key, value)| (key.as_str(), Node(value)));
        let read = Recipe::deserialize(MapDeserializer::<_, Unknown>::new(entries));
        read.err().filter(|unknown| *unknown != Unknown::SomethingElse)
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unknown::Word { word: Word::Field, found, .. } => write!(f, "unknown field `{found}`"),
            Unknown::Word { found, .. } => write!(f, "unknown variant `{found}`"),
            Unknown::SomethingElse => f.write_str("not a recipe"),
        }
    }
}

impl std::error::Error for Unknown {}

impl Error for Unknown {
    fn custom<T: fmt::Display>(_: T) -> Unknown {
        Unknown::SomethingElse
    }

    fn unknown_field(found: &str, known: &'static [&'static str]) -> Unknown {
        Unknown::Word { word: Word::Field, found: found.to_owned(), known }
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Unknown {
        Unknown::Word { word: Word::Variant, found: found.to_owned(), known }
    }
}

/// A value, to be read with errors that are [`Unknown`].
struct Node<'a>(&'a Value);

impl<'de> IntoDeserializer<'de, Unknown> for Node<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Unknown;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        match self.0 {
            Value::String(text) => visitor.visit_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Boolean(truth) => visitor.visit_bool(*truth),
            Value::Datetime(_) => Err(Unknown::SomethingElse),
            Value::Array(values) => {
                visitor.visit_seq(SeqDeserializer::new(values.iter().map(Node)))
            }
            Value::Table(table) => {
                let entries = table.iter().map(|(key, value)| (key.as_str(), Node(value)));
                visitor.visit_map(MapDeserializer::new(entries))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unknown> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unknown> {
        match self.0 {
            Value::String(text) => {
                StrDeserializer::new(text).deserialize_enum(name, variants, visitor)
            }
            _ => Err(Unknown::SomethingElse),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}
