//! The error of a file that is damaged.

use crate::{Error, codecs::damaged::damaged};

/// - `why`: as a sentence without its full stop
pub(super) fn error(why: &str) -> Error {
    damaged("Matroska", why)
}
