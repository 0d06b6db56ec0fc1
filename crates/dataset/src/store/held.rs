//! What a draft holds of which its store has no file.

use ossicle_remote::Upload;
use serde::{Deserialize, Serialize};

/// The bytes of a finished draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Held {
    /// All of them: at most a piece.
    Whole(#[serde(with = "text")] Vec<u8>),
    /// They are in the store, in pieces.
    Sent {
        /// The name that they will have.
        of: String,
        upload: Upload,
        tags: Vec<String>,
        bytes: u64,
    },
}

/// Bytes as text that travels.
mod text {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        BASE64_STANDARD.encode(bytes).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        BASE64_STANDARD.decode(String::deserialize(from)?).map_err(de::Error::custom)
    }
}
