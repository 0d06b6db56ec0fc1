//! The words for what a key's value may be, taken from the type that it is read as.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::forward_to_deserialize_any;

/// The values that a key may have, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    /// The words that it may be, where it can be nothing else.
    pub(crate) allowed: Vec<&'static str>,
    /// The values as a noun: `a whole number`, `"power" or "magnitude"`.
    pub(crate) text: String,
}

impl Words {
    /// Asks a type what it would be read from.
    pub(crate) fn of<'de, T: Deserialize<'de>>() -> Words {
        // It is never read: the answer comes as the error.
        match T::deserialize(TypeProbe) {
            Err(words) => words,
            Ok(_) => Words::noun("anything"),
        }
    }

    /// Makes words that allow whatever the noun says.
    fn noun(text: &str) -> Words {
        Words { allowed: Vec::new(), text: text.to_owned() }
    }

    /// Makes words that allow these alone.
    fn one_of(allowed: &'static [&'static str]) -> Words {
        let quoted: Vec<String> = allowed.iter().map(|word| format!("{word:?}")).collect();
        let text = match &quoted[..] {
            [most @ .., last] if !most.is_empty() => format!("{} or {last}", most.join(", ")),
            quoted => quoted.concat(),
        };
        Words { allowed: allowed.to_vec(), text }
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Words {}

impl Error for Words {
    fn custom<T: fmt::Display>(text: T) -> Words {
        Words::noun(&text.to_string())
    }
}

/// A source of values that has none, and answers with what was asked for.
struct TypeProbe;

/// Answers to methods of these names with these nouns.
macro_rules! nouns {
    ($($noun:literal: $($method:ident)+;)+) => {
        $($(fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Words> {
            Err(Words::noun($noun))
        })+)+
    };
}

impl<'de> Deserializer<'de> for TypeProbe {
    type Error = Words;

    nouns! {
        "true or false": deserialize_bool;
        "a whole number": deserialize_u16 deserialize_u32 deserialize_u64 deserialize_i64;
        "a number": deserialize_f64;
        "a text": deserialize_str deserialize_string;
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Words> {
        Err(Words::one_of(variants))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
        Err(Words::noun(&Expected(&visitor).to_string()))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u8 f32 char bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// A visitor, shown as what it says that it expects.
struct Expected<'a, V>(&'a V);

impl<'de, V: Visitor<'de>> fmt::Display for Expected<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_says_what_it_is_read_from() {
        assert_eq!(Words::of::<usize>().text, "a whole number");
        assert_eq!(Words::of::<f64>().text, "a number");
        assert_eq!(Words::of::<bool>().text, "true or false");
        assert_eq!(Words::of::<ossicle_dsp::EnergyPlace>().text, "\"first\" or \"last\"");
        assert_eq!(Words::of::<ossicle_dsp::EnergyPlace>().allowed, ["first", "last"]);
        assert_eq!(Words::of::<ossicle_audio::Channel>().text, "\"first\", \"mix\" or a number");
    }
}
