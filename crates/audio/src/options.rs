//! How a recording is opened.

use crate::{Channel, RawFormat, Truncated};

/// The caller's knowledge of a recording, and wishes.
///
/// ```
/// use ossicle_audio::{Channel, OpenOptions, Truncated};
///
/// let options = OpenOptions { truncated: Truncated::Keep, ..OpenOptions::of(Channel::Mix) };
/// assert_eq!(options.raw, None);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// The encoding of a file that begins with no known header; one that does is read by its header all the same.
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
