//! The encodings of samples, which all containers share.

use std::{fmt, str::FromStr};

use crate::Error;

/// The way one sample is stored: signed (`s`), unsigned (`u`) or floating point (`f`), its bits,
/// and little-endian (`le`) or big-endian (`be`) bytes.
///
/// Decoded, full scale is ±1.0:
///
/// | stored | decoded |
/// |---|---|
/// | `s8`, `s16`, `s24`, `s32` | `x / 2^7`, `x / 2^15`, `x / 2^23`, `x / 2^31` |
/// | `u8` | `(x - 128) / 2^7` |
/// | `f32` | as it is |
/// | `f64` | rounded to the nearest `f32` |
/// | `s24in32` | the lower 24 of 32 bits, `x / 2^23`: what ALSA calls `S24_LE` |
/// | `mulaw`, `alaw` | the 16-bit number of ITU-T G.711, `x / 2^15` |
///
/// All of it is exact except `s32` and `f64`, which are rounded once, to the nearest `f32`.
///
/// ```
/// use ossicle_audio::RawEncoding;
///
/// assert_eq!("s16le".parse::<RawEncoding>()?, RawEncoding::S16Le);
/// assert_eq!(RawEncoding::F32Be.to_string(), "f32be");
/// # Ok::<(), ossicle_audio::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RawEncoding {
    /// Signed 8-bit integers.
    S8,
    /// Unsigned 8-bit integers; 128 is silence.
    U8,
    /// Signed 16-bit integers, little-endian.
    S16Le,
    /// Signed 16-bit integers, big-endian.
    S16Be,
    /// Signed 24-bit integers in three bytes, little-endian.
    S24Le,
    /// Signed 24-bit integers in three bytes, big-endian.
    S24Be,
    /// Signed 24-bit integers in the lower three of four bytes, little-endian.
    S24In32Le,
    /// Signed 24-bit integers in the lower three of four bytes, big-endian.
    S24In32Be,
    /// Signed 32-bit integers, little-endian.
    S32Le,
    /// Signed 32-bit integers, big-endian.
    S32Be,
    /// IEEE 754 binary32, little-endian.
    F32Le,
    /// IEEE 754 binary32, big-endian.
    F32Be,
    /// IEEE 754 binary64, little-endian.
    F64Le,
    /// IEEE 754 binary64, big-endian.
    F64Be,
    /// Eight bits on the logarithmic scale of North America and Japan (ITU-T G.711).
    MuLaw,
    /// Eight bits on the logarithmic scale of Europe (ITU-T G.711).
    ALaw,
}

impl RawEncoding {
    /// All encodings, in the order in which messages list them.
    pub const ALL: [Self; 16] = [
        Self::S8,
        Self::U8,
        Self::S16Le,
        Self::S16Be,
        Self::S24Le,
        Self::S24Be,
        Self::S24In32Le,
        Self::S24In32Be,
        Self::S32Le,
        Self::S32Be,
        Self::F32Le,
        Self::F32Be,
        Self::F64Le,
        Self::F64Be,
        Self::MuLaw,
        Self::ALaw,
    ];

    /// Returns the size of one sample of one channel in bytes.
    pub fn bytes_per_sample(self) -> usize {
        match self {
            Self::S8 | Self::U8 | Self::MuLaw | Self::ALaw => 1,
            Self::S16Le | Self::S16Be => 2,
            Self::S24Le | Self::S24Be => 3,
            Self::S24In32Le | Self::S24In32Be => 4,
            Self::S32Le | Self::S32Be | Self::F32Le | Self::F32Be => 4,
            Self::F64Le | Self::F64Be => 8,
        }
    }

    /// Returns whether a sample can be NaN, infinite, or too large for `f32`, and so has to be
    /// checked.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32Le | Self::F32Be | Self::F64Le | Self::F64Be)
    }

    /// Lists all encodings' names, for messages.
    pub(crate) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    fn name(self) -> &'static str {
        match self {
            Self::S8 => "s8",
            Self::U8 => "u8",
            Self::S16Le => "s16le",
            Self::S16Be => "s16be",
            Self::S24Le => "s24le",
            Self::S24Be => "s24be",
            Self::S24In32Le => "s24in32le",
            Self::S24In32Be => "s24in32be",
            Self::S32Le => "s32le",
            Self::S32Be => "s32be",
            Self::F32Le => "f32le",
            Self::F32Be => "f32be",
            Self::F64Le => "f64le",
            Self::F64Be => "f64be",
            Self::MuLaw => "mulaw",
            Self::ALaw => "alaw",
        }
    }
}

impl fmt::Display for RawEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for RawEncoding {
    type Err = Error;

    /// Reads a name such as `s16le`.
    ///
    /// # Errors
    /// [`Error::UnknownEncoding`], which lists the known names.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.name() == name)
            .ok_or_else(|| Error::UnknownEncoding { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_is_read_back_from_what_it_prints() {
        for encoding in RawEncoding::ALL {
            assert_eq!(encoding.to_string().parse::<RawEncoding>().unwrap(), encoding);
        }
    }

    #[test]
    fn the_size_is_the_one_in_the_name() {
        for encoding in RawEncoding::ALL {
            let name = encoding.to_string();
            let digits = name.rsplit_once("in").map_or(&*name, |(_, of)| of);
            let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
            // Telephone samples have eight, and no number in their names.
            let bits = digits.parse::<usize>().unwrap_or(8);
            assert_eq!(encoding.bytes_per_sample() * 8, bits, "{name}");
        }
    }

    #[test]
    fn an_unknown_encoding_is_named_with_all_known_ones() {
        let message = "gsm".parse::<RawEncoding>().unwrap_err().to_string();
        assert!(message.contains("\"gsm\""), "{message}");
        for encoding in RawEncoding::ALL {
            assert!(message.contains(&encoding.to_string()), "{message}");
        }
    }
}
