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
    /// In milliseconds.
    Milliseconds(f64),
}

impl Duration {
    /// Returns it in whole samples; a part of one is dropped, as Kaldi, HTK and lhotse do.
    pub fn samples(self, sample_rate_hz: u32) -> usize {
        match self {
            Duration::Samples(samples) => samples as usize,
            Duration::Milliseconds(ms) => (f64::from(sample_rate_hz) * 0.001 * ms) as usize,
        }
    }

    /// Returns it in samples, the nearest whole number of them, half of one up, as python_speech_features
    /// does.
    pub(crate) fn nearest_samples(self, sample_rate_hz: u32) -> usize {
        match self {
            Duration::Samples(samples) => samples as usize,
            Duration::Milliseconds(ms) => (f64::from(sample_rate_hz) * ms / 1000.0 + 0.5) as usize,
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
        let number = |text: &str| text.trim().parse::<f64>().ok();
        let ms = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
            (Some(ms), _) => number(ms),
            (None, seconds) => seconds.and_then(number).map(|seconds| 1000.0 * seconds),
        };
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
    fn the_nearest_whole_number_of_samples_is_a_higher_one_from_half_of_one_on() {
        let nearest = |text: &str, hz| text.parse::<Duration>().unwrap().nearest_samples(hz);
        // 275.625, 110.25, 220.5 and 1102.5.
        assert_eq!((nearest("25ms", 11_025), nearest("10ms", 11_025)), (276, 110));
        assert_eq!((nearest("10ms", 22_050), nearest("25ms", 44_100)), (221, 1103));
        assert_eq!((nearest("25ms", 16_000), nearest("400samples", 11_025)), (400, 400));
    }

    #[test]
    fn durations_are_dropped_to_whole_samples_as_kaldi_does() {
        // 25 ms at 11025 Hz are 275.625 samples.
        assert_eq!("25ms".parse::<Duration>().unwrap().samples(11_025), 275);
        assert_eq!("400samples".parse::<Duration>().unwrap().samples(11_025), 400);
        assert_eq!("30s".parse::<Duration>().unwrap().samples(16_000), 480_000);
        for bad in ["25", "ms", "s", "-1ms", "nanms", "1.5samples", "infms"] {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
    }
}
