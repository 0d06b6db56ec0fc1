//! The choice of a channel, as a recipe writes it.

use std::fmt;
use std::str::FromStr;

use ossicle_audio::Channel;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// The channel of each recording that an utterance is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelChoice {
    /// The same of every recording, or the mean of all.
    Of(Channel),
    /// Each: an utterance a channel.
    Each,
    /// The one with the most energy.
    Loudest,
}

const EXPECTED: &str = "\"first\", \"mix\", \"each\", \"loudest\" or a number";

impl FromStr for ChannelChoice {
    type Err = String;

    fn from_str(word: &str) -> Result<ChannelChoice, String> {
        match word {
            "each" => Ok(ChannelChoice::Each),
            "loudest" => Ok(ChannelChoice::Loudest),
            word => word.parse().map(ChannelChoice::Of).map_err(|_| {
                format!("unknown channel \"{}\"; choose {EXPECTED}", word.escape_debug())
            }),
        }
    }
}

impl fmt::Display for ChannelChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChannelChoice::Of(channel) => channel.fmt(f),
            ChannelChoice::Each => f.write_str("each"),
            ChannelChoice::Loudest => f.write_str("loudest"),
        }
    }
}

impl Serialize for ChannelChoice {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ChannelChoice {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ChannelChoice, D::Error> {
        from.deserialize_any(Word)
    }
}

/// Reads a choice's word, or a channel's number.
struct Word;

impl Visitor<'_> for Word {
    type Value = ChannelChoice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<ChannelChoice, E> {
        word.parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<ChannelChoice, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<ChannelChoice, E> {
        self.visit_str(&number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_as_it_is_printed() {
        for choice in [
            ChannelChoice::Of(Channel::First),
            ChannelChoice::Of(Channel::Mix),
            ChannelChoice::Of(Channel::Index(7)),
            ChannelChoice::Each,
            ChannelChoice::Loudest,
        ] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        let error = "left".parse::<ChannelChoice>().unwrap_err();
        assert_eq!(error, format!("unknown channel \"left\"; choose {EXPECTED}"));
    }
}
