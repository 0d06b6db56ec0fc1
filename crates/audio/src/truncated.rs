//! Files that end before what their header promises.

use crate::Error;

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

/// The amount that a file holds that ends too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truncation {
    /// Samples per channel, by the header; none where that says nothing.
    pub promised: Option<u64>,
    /// Samples per channel that are there.
    pub found: u64,
}
