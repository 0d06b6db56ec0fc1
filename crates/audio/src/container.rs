//! The kinds of files that samples are wrapped in.

use std::fmt;

/// The kind of file that a recording's samples are wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Microsoft's and IBM's RIFF/WAVE, little-endian.
    Riff,
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
            Self::Sphere => "NIST SPHERE",
            Self::Raw => "raw",
            Self::Other(name) => name,
        })
    }
}
