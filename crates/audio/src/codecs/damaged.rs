//! The error of bytes that no encoder makes.

use crate::Error;

/// The error of a stream that cannot be decoded.
///
/// - `codec`: its name
/// - `why`: as a sentence without its full stop
pub(crate) fn damaged(codec: &str, why: &str) -> Error {
    Error::Decode { source: format!("{codec}: {why}").into() }
}
