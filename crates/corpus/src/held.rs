//! How a recording lies in a file that holds other things too.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How many bytes of unpacked pages of tables a worker keeps, besides the last one.
pub(crate) const KEPT_PAGE_BYTES: u64 = 64 << 20;

/// The place of a recording in the file that [`Utterance::source`](crate::Utterance::source) names, where
/// it has no file of its own.
///
/// It is found when the corpus is listed, and travels with the utterance. [`Archives`](crate::Archives) gets
/// at the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// An entry of one of Kaldi's archives, which `archive:offset` names.
    Entry {
        /// The byte of the archive at which it begins, behind its key.
        offset: u64,
        /// The most bytes that it has, as another one begins behind them; `None` where none is known to.
        most: Option<u64>,
    },
    /// A member of a tar archive.
    Member {
        /// Its name, spelled as ids are.
        name: Box<str>,
        /// The byte of the archive at which it begins, unpacked where that is compressed.
        offset: u64,
        /// How many bytes it has.
        bytes: u64,
        /// The archive is compressed.
        is_packed: bool,
    },
    /// A row of a Parquet file.
    Row {
        /// Its number, from 0.
        row: u64,
        /// The number of the column that it is in, among those that have values.
        column: u32,
        /// About how many bytes it has.
        bytes: u64,
    },
    /// The output of a command that the file names. It is run where the utterance is opened.
    Output {
        /// The command, for a shell.
        command: Box<str>,
        /// The folder that it runs in, relative to the file's.
        #[serde(with = "crate::paths")]
        folder: Box<Path>,
    },
}

impl Held {
    /// Returns the bytes that the recording takes, at the most.
    ///
    /// - `file_bytes`: the size of the file that it is in
    pub(crate) fn most_bytes(&self, file_bytes: u64) -> u64 {
        match self {
            Held::Entry { offset, most } => {
                let left = file_bytes.saturating_sub(*offset);
                most.map_or(left, |most| most.min(left))
            }
            Held::Member { bytes, .. } | Held::Row { bytes, .. } => *bytes,
            // Nobody knows before it runs: ten seconds of 16-bit speech at 16 kHz.
            Held::Output { .. } => 320_000,
        }
    }

    /// Returns the memory that getting at the bytes takes, and keeps for the next ones: pages of a table as they are
    /// stored and as they are unpacked, and the recording.
    ///
    /// - `file_bytes`: the size of the file that it is in
    pub(crate) fn memory_bytes(&self, file_bytes: u64) -> u64 {
        match self {
            Held::Row { bytes, .. } => 2 * file_bytes.min(KEPT_PAGE_BYTES) + bytes,
            Held::Entry { .. } | Held::Member { .. } | Held::Output { .. } => 0,
        }
    }

    /// The name in its archive; `None` where it has none.
    pub(crate) fn member(&self) -> Option<&str> {
        match self {
            Held::Member { name, .. } => Some(name),
            Held::Entry { .. } | Held::Row { .. } | Held::Output { .. } => None,
        }
    }

    /// Returns whether getting at the bytes takes more than opening a file and reading them.
    pub fn is_costly(&self) -> bool {
        matches!(self, Held::Member { is_packed: true, .. } | Held::Output { .. })
    }

    /// Returns the value of the key `held` in the rows of a dataset and of its ledger: an object whose key
    /// says what kind of place it is.
    ///
    /// ```
    /// use ossicle_corpus::Held;
    ///
    /// let entry = Held::Entry { offset: 12, most: None };
    /// assert_eq!(entry.to_row(), serde_json::json!({"offset": 12}));
    /// ```
    pub fn to_row(&self) -> Value {
        match self {
            Held::Entry { offset, .. } => json!({ "offset": offset }),
            Held::Member { name, .. } => json!({ "member": name }),
            Held::Row { row, .. } => json!({ "row": row }),
            Held::Output { command, .. } => json!({ "command": command }),
        }
    }
}
