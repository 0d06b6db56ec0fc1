//! `[splice]`: neighbouring frames side by side.

use ossicle_dsp::Splice;

use crate::error::RecipeError;
use crate::keys::{keys, table};
use crate::misfit::Misfit;

keys! {
    /// `[splice]`: neighbouring frames side by side, last of all: Kaldi's `splice-feats`. Where an
    /// utterance ends, its outermost frame is repeated.
    SpliceTable {
        /// The number of frames before each.
        left: usize, always(4);
        /// The number of frames after each.
        right: usize, always(4);
    }
}
table!(SpliceTable);

impl SpliceTable {
    pub(crate) fn splice(&self) -> Result<Splice, Misfit> {
        Splice::new(self.left, self.right)
            .map_err(|error| Misfit::table("splice", RecipeError::Splice(error)))
    }
}
