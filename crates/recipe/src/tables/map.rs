//! The choice of a label map, as a recipe writes it.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// Where labels get their classes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapChoice {
    /// A map that is known by this name, a file at this path, or what is counted.
    Called(String),
    /// The classes themselves, in order.
    Classes(Vec<String>),
}

impl fmt::Display for MapChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MapChoice::Called(name) => f.write_str(name),
            MapChoice::Classes(classes) => write!(f, "[{} classes]", classes.len()),
        }
    }
}

impl Serialize for MapChoice {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            MapChoice::Called(name) => to.serialize_str(name),
            MapChoice::Classes(classes) => classes.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for MapChoice {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<MapChoice, D::Error> {
        from.deserialize_any(NameOrList)
    }
}

/// Reads a name, or a list of classes.
struct NameOrList;

impl<'de> Visitor<'de> for NameOrList {
    type Value = MapChoice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<MapChoice, E> {
        Ok(MapChoice::Called(name.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<MapChoice, A::Error> {
        let mut classes = Vec::new();
        while let Some(class) = list.next_element()? {
            classes.push(class);
        }
        Ok(MapChoice::Classes(classes))
    }
}
