//! A number for all columns, or one for each, as a recipe writes them.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// A number for all columns, or one for each.
#[derive(Debug, Clone, PartialEq)]
pub enum Numbers {
    /// The same for all.
    One(f64),
    /// One for each.
    Each(Vec<f64>),
}

impl Numbers {
    /// Returns those there are.
    pub fn all(&self) -> &[f64] {
        match self {
            Numbers::One(number) => std::slice::from_ref(number),
            Numbers::Each(numbers) => numbers,
        }
    }
}

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Numbers::One(number) => to.serialize_f64(*number),
            Numbers::Each(numbers) => numbers.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Numbers, D::Error> {
        from.deserialize_any(NumberOrList)
    }
}

/// Reads a number or a list of them.
struct NumberOrList;

impl<'de> Visitor<'de> for NumberOrList {
    type Value = Numbers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list of numbers")
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Numbers, E> {
        let is_finite = number.is_finite();
        let wrong = || E::invalid_value(de::Unexpected::Float(number), &self);
        is_finite.then_some(Numbers::One(number)).ok_or_else(wrong)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Numbers, E> {
        self.visit_f64(number as f64)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Numbers, E> {
        self.visit_f64(number as f64)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Numbers, A::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = list.next_element::<Numbers>()? {
            match number {
                Numbers::One(number) => numbers.push(number),
                Numbers::Each(_) => {
                    return Err(de::Error::invalid_type(de::Unexpected::Seq, &self));
                }
            }
        }
        Ok(Numbers::Each(numbers))
    }
}
