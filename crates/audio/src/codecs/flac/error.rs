//! The error of a file that no encoder makes.

use crate::{Error, codecs::damaged::damaged};

/// - `why`: as a sentence without its full stop
pub(super) fn flac(why: &str) -> Error {
    damaged("FLAC", why)
}
