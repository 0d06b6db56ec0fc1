//! The kinds of files that samples are wrapped in.

use std::fmt;

/// The kind of file that a recording's samples are wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Microsoft's and IBM's RIFF/WAVE, little-endian.
    Riff,
    /// The same, big-endian: RIFX.
    Rifx,
    /// The same with sizes of 64 bits: RF64 and BW64.
    Rf64,
    /// Sony's Wave64, the same with sizes of 64 bits.
    Wave64,
    /// Sun's and NeXT's AU, of either byte order.
    Au,
    /// Apple's AIFF and AIFF-C.
    Aiff,
    /// Apple's Core Audio Format.
    Caf,
    /// NIST SPHERE, the format of TIMIT and most older LDC corpora.
    Sphere,
    /// A file without a header: all of it is samples.
    Raw,
    /// Another of this name, which somebody else's [`Decode`](crate::Decode) reads.
    Other(&'static str),
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Riff => "RIFF/WAVE",
            Self::Rifx => "RIFX/WAVE",
            Self::Rf64 => "RF64/WAVE",
            Self::Wave64 => "Wave64",
            Self::Au => "AU",
            Self::Aiff => "AIFF",
            Self::Caf => "CAF",
            Self::Sphere => "NIST SPHERE",
            Self::Raw => "raw",
            Self::Other(name) => name,
        })
    }
}
