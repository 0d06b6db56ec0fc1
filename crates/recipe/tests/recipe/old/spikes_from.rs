//! Where spikes come from.

use serde::{Deserialize, Serialize};

/// Where spikes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpikesFromKey {
    /// They are looked for in recordings.
    Audio,
    /// They are in files `X_spike.raw` and `X_num.raw`.
    Files,
}
