//! `[normalize]`: columns are shifted and scaled.

use ossicle_dsp::{SlidingConfig, SlidingNormalizer};
use serde::{Deserialize, Serialize};

use crate::error::RecipeError;
use crate::keys::{keys, table};
use crate::misfit::Misfit;

keys! {
    /// `[normalize]`: columns are shifted and scaled to mean 0 and standard deviation 1.
    NormalizeTable {
        /// With `scope = "corpus"`: a split, `"all"`, or the folder of a dataset whose statistics are
        /// taken.
        stats_from: String, none("`\"train\"`");
        /// The frames that statistics are over: the whole split; everything that a speaker says in a
        /// split, where utterances without a speaker are one speaker's; each utterance; or a window
        /// that moves along an utterance, before deltas, as Kaldi's `apply-cmvn-sliding`.
        scope: Scope, always(Scope::Corpus);
        /// With `scope = "sliding"`: the number of frames in the window.
        cmn_window: usize, or(SlidingConfig::default().cmn_window);
        /// With `scope = "sliding"` and `center = false`: the number of frames in the first
        /// windows.
        min_cmn_window: usize, or(SlidingConfig::default().min_cmn_window);
        /// With `scope = "sliding"`: lays the window around the frame, and not before it.
        center: bool, or(SlidingConfig::default().center);
        /// Subtracts the mean.
        mean: bool, always(true);
        /// Divides columns by their standard deviation.
        variance: bool, always(true);
        /// The value that stands for a standard deviation of exactly 0.
        zero_std: f64, always(1e-5);
    }
}
table!(NormalizeTable);

/// The frames that statistics are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The whole split.
    Corpus,
    /// Everything that a speaker says in a split; utterances without a speaker are one speaker's.
    Speaker,
    /// Each utterance.
    Utterance,
    /// A window that moves along an utterance, before deltas: Kaldi's `apply-cmvn-sliding`.
    Sliding,
}

impl NormalizeTable {
    /// Returns the normalisation by a moving window, if that is wanted.
    pub(crate) fn sliding(&self) -> Result<Option<SlidingNormalizer>, Misfit> {
        if self.scope != Scope::Sliding {
            return Ok(None);
        }
        let config = SlidingConfig {
            cmn_window: self.cmn_window(),
            min_cmn_window: self.min_cmn_window(),
            center: self.center(),
            normalize_variance: self.variance,
        };
        let wrong = |error| Misfit::table("normalize", RecipeError::Sliding(error));
        SlidingNormalizer::new(config).map(Some).map_err(wrong)
    }

    /// Refuses values out of range, and keys that mean nothing beside the others.
    pub(crate) fn check(&self) -> Result<(), Misfit> {
        if !(self.zero_std > 0.0 && self.zero_std.is_finite()) {
            let reason = format!("normalize.zero_std is {}; it must be positive", self.zero_std);
            return Err(Misfit::in_words("normalize", "zero_std", reason));
        }
        let (corpus, sliding) = (self.scope == Scope::Corpus, self.scope == Scope::Sliding);
        let idle = [
            ("stats_from", "corpus", self.stats_from.is_some() && !corpus),
            ("cmn_window", "sliding", self.cmn_window.is_some() && !sliding),
            ("min_cmn_window", "sliding", self.min_cmn_window.is_some() && !sliding),
            ("center", "sliding", self.center.is_some() && !sliding),
        ];
        if let Some((key, scope, _)) = idle.into_iter().find(|(.., idle)| *idle) {
            let why = format!("here: it belongs to scope = {scope:?}");
            return Err(Misfit::idle("normalize", key, why));
        }
        if sliding && !self.mean {
            let reason = "normalize.scope = \"sliding\" always takes out the mean".to_owned();
            return Err(Misfit::in_words("normalize", "mean", reason));
        }
        Ok(())
    }
}
