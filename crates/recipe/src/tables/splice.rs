//! `[splice]`: neighbouring frames side by side.

use ossicle_dsp::{LastRows, Splice};
use serde::{Deserialize, Serialize};

use crate::error::RecipeError;
use crate::keys::{keys, table};
use crate::misfit::Misfit;

keys! {
    /// `[splice]`: neighbouring frames side by side: Kaldi's `splice-feats`, and low frame rates. Where an
    /// utterance ends, its outermost frame is repeated.
    SpliceTable {
        /// The number of frames before each.
        left: usize, always(4);
        /// The number of frames after each.
        right: usize, always(4);
        /// Makes a row of every so many frames alone, from the first on: FunASR's `lfr_n` of 6 (with
        /// `left = 3` and `right = 3`), SeamlessM4T's stride of 2 (with 0 and 1). Labels are those of
        /// these frames.
        every: usize, or(1);
        /// The treatment of rows that reach past the last frame: it is repeated, as FunASR does, or they
        /// are left out, as SeamlessM4T does.
        last: LastRows, or(LastRows::Repeat);
        /// Splices before normalisation or after it; before, columns are those of spliced rows.
        at: SpliceAt, or(SpliceAt::After);
    }
}
table!(SpliceTable);

/// The place of splicing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpliceAt {
    /// Before normalisation: FunASR's `am.mvn` has a number for each spliced column.
    Before,
    /// After normalisation, whose columns are those of one frame.
    After,
}

impl SpliceTable {
    pub(crate) fn splice(&self) -> Result<Splice, Misfit> {
        Splice::new(self.left, self.right)
            .and_then(|splice| splice.every(self.every(), self.last()))
            .map_err(|error| Misfit::table("splice", RecipeError::Splice(error)))
    }
}
