//! How a recording is opened.

use crate::{Channel, Error, RawFormat};

/// What the caller knows of a recording, and wants of it.
///
/// ```
/// use ossicle_audio::{Channel, OpenOptions, Truncated};
///
/// let options = OpenOptions { truncated: Truncated::Keep, ..OpenOptions::of(Channel::Mix) };
/// assert_eq!(options.raw, None);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// What a file is that begins with no known header; one that does is read by its header all the same.
    /// What tells MP3 and AAC frames is only eleven set bits, which are those of a small negative number as
    /// well: with this, such a file is samples.
    pub raw: Option<RawFormat>,
    /// The channel that is read, or all of them mixed.
    pub channel: Channel,
    /// The treatment of a file that ends before what its header promises.
    pub truncated: Truncated,
}

impl OpenOptions {
    /// Asks for a channel of a recording that has a header and is all there.
    pub fn of(channel: Channel) -> OpenOptions {
        OpenOptions { channel, ..OpenOptions::default() }
    }
}

/// The treatment of a file that ends before what its header promises.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Truncated {
    /// It is refused ([`Error::Truncated`]).
    #[default]
    Error,
    /// What is there is read, up to the last whole sample or packet.
    Keep,
}

impl Truncated {
    /// Returns how much is read where so much is promised and so much is there.
    pub(crate) fn least(self, promised: u64, found: u64) -> Result<u64, Error> {
        match self {
            Truncated::Error if promised > found => Err(Error::Truncated { promised, found }),
            _ => Ok(promised.min(found)),
        }
    }

    pub(crate) fn is_kept(self) -> bool {
        self == Truncated::Keep
    }
}

/// How much a file holds that ends too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truncation {
    /// Samples per channel, by the header; none where that says nothing.
    pub promised: Option<u64>,
    /// Samples per channel that are there.
    pub found: u64,
}
