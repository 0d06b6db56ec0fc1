//! A length of time, as a recipe writes it.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Duration {
    /// In samples, whatever the sample rate.
    Samples(u32),
    /// In milliseconds; a part of a sample is dropped, as Kaldi does.
    Milliseconds(f64),
}

impl Duration {
    /// Returns it in whole samples.
    pub fn samples(self, sample_rate_hz: u32) -> usize {
        match self {
            Duration::Samples(samples) => samples as usize,
            Duration::Milliseconds(ms) => (f64::from(sample_rate_hz) * 0.001 * ms) as usize,
        }
    }
}

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Duration, String> {
        let bad =
            || format!("{text:?} is no duration; write for example \"25ms\" or \"400samples\"");
        if let Some(samples) = text.strip_suffix("samples") {
            return samples.trim().parse().map(Duration::Samples).map_err(|_| bad());
        }
        let ms = text.strip_suffix("ms").and_then(|ms| ms.trim().parse().ok());
        let ms = ms.filter(|ms: &f64| (0.0..=1e6).contains(ms));
        ms.map(Duration::Milliseconds).ok_or_else(bad)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Duration::Samples(samples) => write!(f, "{samples}samples"),
            Duration::Milliseconds(ms) => write!(f, "{ms}ms"),
        }
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        from.deserialize_any(Text)
    }
}

/// Reads a duration's text.
struct Text;

impl Visitor<'_> for Text {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration, as \"25ms\" or \"400samples\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_dropped_to_whole_samples_as_kaldi_does() {
        // 25 ms at 11025 Hz are 275.625 samples.
        assert_eq!("25ms".parse::<Duration>().unwrap().samples(11_025), 275);
        assert_eq!("400samples".parse::<Duration>().unwrap().samples(11_025), 400);
        for bad in ["25", "ms", "-1ms", "nanms", "1.5samples", "infms"] {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
    }
}
