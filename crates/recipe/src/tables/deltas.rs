//! `[deltas]`: derivatives over time.

use ossicle_dsp::{DeltaConvention, Deltas};

use crate::error::RecipeError;
use crate::keys::{keys, table};
use crate::misfit::Misfit;

keys! {
    /// `[deltas]`: derivatives over time.
    DeltasTable {
        /// The highest order: 1 for deltas, 2 for delta-deltas too, 0 for none.
        order: usize, always(2);
        /// The number of frames to each side.
        window: usize, always(2);
        /// The convention. `"htk"`: the delta of the delta, edges repeated for every order anew, as
        /// torchaudio has it too; `"kaldi"`: kernels convolved first; `"savitzky-golay"`: a
        /// polynomial's, as `librosa.feature.delta`, whose width of 9 is `window = 4`.
        convention: DeltaConvention, unless(DeltaConvention::Htk);
    }
}
table!(DeltasTable);

impl DeltasTable {
    pub(crate) fn deltas(&self) -> Result<Deltas, Misfit> {
        Deltas::with_convention(self.order, self.window, self.convention)
            .map_err(|error| Misfit::table("deltas", RecipeError::Deltas(error)))
    }
}
