//! `[output]`: how the dataset is written.

use serde::{Deserialize, Serialize};

use crate::keys::{keys, table};
use crate::misfit::Misfit;

keys! {
    /// `[output]`: how the dataset is written.
    OutputTable {
        /// The file format of arrays: NumPy's.
        format: Format, always(Format::Npy);
        /// The most bytes a shard has, unless one utterance alone has more.
        shard_bytes: u64, always(2 << 30);
        /// Where shards are cut. `"whole"`: by their size, whatever parts the work was cut into. `"parts"`: each part is
        /// a shard, which is written when the part is done, so that little is left to do once the last part is;
        /// `shard_bytes` says nothing then, and columns cannot be normalised by statistics that all parts
        /// make together.
        shards: ShardCut, unless(ShardCut::Whole);
    }
}
table!(OutputTable);

/// A file format of arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// NumPy's.
    Npy,
}

/// Where shards are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShardCut {
    /// By their size, whatever the parts.
    Whole,
    /// At the borders of parts.
    Parts,
}

/// The least that a shard may be asked to have, in bytes.
const LEAST: u64 = 1 << 16;

impl OutputTable {
    /// Refuses shards that are too small.
    pub(crate) fn check(&self) -> Result<(), Misfit> {
        if self.shard_bytes >= LEAST {
            return Ok(());
        }
        let is = self.shard_bytes;
        let reason = format!("output.shard_bytes is {is}; it must be at least {LEAST}");
        Err(Misfit::in_words("output", "shard_bytes", reason))
    }
}
