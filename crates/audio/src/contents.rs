//! What is behind a header.

use crate::{Decode, Media, pcm::layout::Layout};

/// What is behind a recording's header.
pub(crate) enum Contents {
    /// Samples, one after the other.
    Pcm(Layout),
    /// Samples that a codec makes.
    Coded(Box<dyn Decode>),
    /// Another file, decompressed.
    Inside(Media),
    /// Text about it; the recording begins here.
    Behind(u64),
}
