//! The size of a transform, as a recipe writes it.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// The size of a transform, as a recipe writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NFft {
    /// The least power of two that holds a frame.
    PowerOfTwo,
    /// As long as a frame.
    Frame,
    /// So many samples.
    Samples(usize),
}

impl NFft {
    /// Returns it in samples.
    ///
    /// - `frame`: the length of a frame in samples
    pub(crate) fn samples(self, frame: usize) -> usize {
        match self {
            NFft::PowerOfTwo => frame.next_power_of_two(),
            NFft::Frame => frame,
            NFft::Samples(samples) => samples,
        }
    }
}

impl Serialize for NFft {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            NFft::PowerOfTwo => to.serialize_str("power-of-two"),
            NFft::Frame => to.serialize_str("frame"),
            // It was read as an i64, which is what whole numbers of TOML are.
            NFft::Samples(samples) => to.serialize_i64(*samples as i64),
        }
    }
}

impl<'de> Deserialize<'de> for NFft {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<NFft, D::Error> {
        from.deserialize_any(WordOrNumber)
    }
}

/// Reads a word or a number of samples.
struct WordOrNumber;

impl Visitor<'_> for WordOrNumber {
    type Value = NFft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, \"power-of-two\" or \"frame\"")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<NFft, E> {
        match word {
            "power-of-two" => Ok(NFft::PowerOfTwo),
            "frame" => Ok(NFft::Frame),
            _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<NFft, E> {
        let samples = usize::try_from(number).map(NFft::Samples);
        samples.map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))
    }
}
