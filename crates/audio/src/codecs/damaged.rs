//! The error of bytes that no encoder makes.

use std::fmt::Display;

use crate::Error;

/// The error of a stream that cannot be decoded.
///
/// - `codec`: its name
/// - `why`: as a sentence without its full stop
pub(crate) fn damaged(codec: impl Display, why: &str) -> Error {
    Error::Decode { source: format!("{codec}: {why}").into() }
}
