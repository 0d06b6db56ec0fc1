//! Channels and encodings as words of a document, with `serde`: what they print is what is read.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::{Channel, Error, RawEncoding};

impl Serialize for Channel {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Channel {
    /// Reads a channel's word, or its number as a word or a number.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Channel, D::Error> {
        from.deserialize_any(WordVisitor::new(|f| f.write_str("\"first\", \"mix\" or a number")))
    }
}

impl Serialize for RawEncoding {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RawEncoding {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<RawEncoding, D::Error> {
        from.deserialize_any(WordVisitor::new(|f| write!(f, "one of {}", RawEncoding::names())))
    }
}

/// Reads a word that a type is printed as.
struct WordVisitor<T> {
    expecting: fn(&mut fmt::Formatter<'_>) -> fmt::Result,
    of: PhantomData<T>,
}

impl<T> WordVisitor<T> {
    fn new(expecting: fn(&mut fmt::Formatter<'_>) -> fmt::Result) -> WordVisitor<T> {
        WordVisitor { expecting, of: PhantomData }
    }
}

impl<T: FromStr<Err = Error>> Visitor<'_> for WordVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.expecting)(f)
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<T, E> {
        word.parse().map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }
}
