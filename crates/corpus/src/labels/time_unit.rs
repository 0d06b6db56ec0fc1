//! The unit of an alignment's times.

use serde::{Deserialize, Serialize};

use crate::readers::seconds::seconds;

/// The unit of an alignment's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeUnit {
    /// Samples of the recording.
    Samples,
    /// Nanoseconds, which hold decimal seconds of nine digits and HTK's 100 ns exactly.
    Nanoseconds,
}

impl TimeUnit {
    /// Writes a time for messages: `sample 9`, `0.25 s`.
    pub(crate) fn shown(self, time: u64) -> String {
        match self {
            TimeUnit::Samples => format!("sample {time}"),
            TimeUnit::Nanoseconds => format!("{} s", seconds(time)),
        }
    }
}
