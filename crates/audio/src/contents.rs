//! What is behind a header.

use crate::{Decode, pcm::layout::Layout};

/// What is behind a recording's header.
pub(crate) enum Contents {
    /// Samples, one after the other.
    Pcm(Layout),
    /// Samples that a codec makes.
    Coded(Box<dyn Decode>),
    /// Text about it; the recording begins here.
    Behind(u64),
}
