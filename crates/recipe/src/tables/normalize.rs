//! `[normalize]`: columns are shifted and scaled.

use ossicle_dsp::{SlidingConfig, SlidingNormalizer};
use serde::{Deserialize, Serialize};

use crate::error::RecipeError;
use crate::keys::{keys, table};
use crate::misfit::Misfit;
use crate::tables::numbers::Numbers;

keys! {
    /// `[normalize]`: columns are shifted and scaled to mean 0 and standard deviation 1, or by constants.
    NormalizeTable {
        /// With `scope = "corpus"`: a split, `"all"`, or the folder of a dataset whose statistics are
        /// taken.
        stats_from: String, none("`\"train\"`");
        /// The frames that statistics are over: the whole split; everything that a speaker says in a
        /// split, where utterances without a speaker are one speaker's; each utterance; or a window
        /// that moves along an utterance, before deltas, as Kaldi's `apply-cmvn-sliding`. With
        /// `"constants"` there are none: `means` and `stds` stand in the recipe.
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
        /// The number that the count of frames is lessened by where squared deviations are divided by it:
        /// 0 for the variance of these frames, 1 for an estimate of that of all (NeMo, SeamlessM4T).
        ddof: u64, or(0);
        /// The number that is added to standard deviations, or to variances.
        eps: f64, or(0.0);
        /// The numbers that `eps` is added to: standard deviations (NeMo), or variances before their root
        /// is taken (SeamlessM4T, wav2vec 2.0).
        eps_of: EpsOf, or(EpsOf::Std);
        /// The least standard deviation: smaller ones are raised to it (ESPnet).
        std_floor: f64, or(0.0);
        /// The numbers that statistics are over: each column for itself, or all columns of an array
        /// together, which then have one mean and one standard deviation (Matcha-TTS).
        columns: StatisticsOf, or(StatisticsOf::Each);
        /// With `scope = "constants"`: the number that is subtracted from every column, or a list of one
        /// for each.
        means: Numbers, none("0");
        /// With `scope = "constants"`: the number that every column is divided by, or a list of one for
        /// each.
        stds: Numbers, none("1");
    }
}
table!(NormalizeTable);

/// A mean and a standard deviation of each column.
pub type MeansAndStds = (Vec<f64>, Vec<f64>);

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
    /// None: the recipe has the numbers.
    Constants,
}

/// The numbers that an epsilon is added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EpsOf {
    /// Standard deviations: NeMo.
    Std,
    /// Variances: SeamlessM4T, wav2vec 2.0.
    Variance,
}

/// The numbers that statistics are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatisticsOf {
    /// Each column for itself.
    Each,
    /// All columns of an array.
    Together,
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

    /// Returns the constants of so many columns, means and standard deviations, if there are any.
    ///
    /// # Errors
    /// If there are others than that many.
    pub fn constants(&self, columns: usize) -> Option<Result<MeansAndStds, RecipeError>> {
        if self.scope != Scope::Constants {
            return None;
        }
        let of = |key: &str, numbers: &Option<Numbers>, absent: f64| match numbers {
            None => Ok(vec![absent; columns]),
            Some(Numbers::One(number)) => Ok(vec![*number; columns]),
            Some(Numbers::Each(list)) if list.len() == columns => Ok(list.clone()),
            Some(Numbers::Each(list)) => {
                let found = list.len();
                let reason = format!(
                    "normalize.{key} has {found} numbers; an array of the recipe has {columns} columns"
                );
                Err(RecipeError::Unsupported { reason })
            }
        };
        let means = of("means", &self.means, 0.0);
        Some(means.and_then(|means| Ok((means, of("stds", &self.stds, 1.0)?))))
    }

    /// Refuses values out of range, and keys that mean nothing beside the others.
    pub(crate) fn check(&self) -> Result<(), Misfit> {
        self.check_numbers()?;
        self.check_company()
    }

    /// Refuses values out of range.
    fn check_numbers(&self) -> Result<(), Misfit> {
        let wrong = |key: &'static str, must: &str| {
            Misfit::in_words("normalize", key, format!("normalize.{key} {must}"))
        };
        if !(self.zero_std > 0.0 && self.zero_std.is_finite()) {
            let reason = format!("normalize.zero_std is {}; it must be positive", self.zero_std);
            return Err(Misfit::in_words("normalize", "zero_std", reason));
        }
        if self.ddof() > 1 {
            return Err(wrong("ddof", &format!("is {}; it must be 0 or 1", self.ddof())));
        }
        for (key, value) in [("eps", self.eps()), ("std_floor", self.std_floor())] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(wrong(key, &format!("is {value}; it must be 0 or a positive number")));
            }
        }
        if self.stds.as_ref().is_some_and(|stds| stds.all().iter().any(|&std| std <= 0.0)) {
            return Err(wrong("stds", "has a number that is not positive"));
        }
        Ok(())
    }

    /// Refuses keys that mean nothing beside the others.
    fn check_company(&self) -> Result<(), Misfit> {
        let (corpus, sliding) = (self.scope == Scope::Corpus, self.scope == Scope::Sliding);
        let (constants, is_scaled) = (self.scope == Scope::Constants, self.variance);
        let of_statistics = [
            ("ddof", self.ddof.is_some()),
            ("eps", self.eps.is_some()),
            ("eps_of", self.eps_of.is_some()),
            ("std_floor", self.std_floor.is_some()),
        ];
        for (key, given) in of_statistics.into_iter().filter(|_| sliding || constants || !is_scaled)
        {
            if given {
                let why = match is_scaled {
                    true => {
                        format!("with scope = {:?}", if sliding { "sliding" } else { "constants" })
                    }
                    false => "with variance = false".to_owned(),
                };
                return Err(Misfit::idle("normalize", key, why));
            }
        }
        if self.eps_of.is_some() && self.eps.is_none() {
            return Err(Misfit::idle("normalize", "eps_of", "without eps".to_owned()));
        }
        if self.columns.is_some() && (sliding || constants) {
            let why = "here: it belongs to the scopes that have statistics of whole utterances";
            return Err(Misfit::idle("normalize", "columns", why.to_owned()));
        }
        let idle = [
            ("means", "constants", self.means.is_some() && !constants),
            ("stds", "constants", self.stds.is_some() && !constants),
            ("stats_from", "corpus", self.stats_from.is_some() && !corpus),
            ("cmn_window", "sliding", self.cmn_window.is_some() && !sliding),
            ("min_cmn_window", "sliding", self.min_cmn_window.is_some() && !sliding),
            ("center", "sliding", self.center.is_some() && !sliding),
        ];
        if let Some((key, scope, _)) = idle.into_iter().find(|(.., idle)| *idle) {
            let why = format!("here: it belongs to scope = {scope:?}");
            return Err(Misfit::idle("normalize", key, why));
        }
        if constants && self.means.is_none() && self.stds.is_none() {
            let reason = "normalize.scope = \"constants\" needs normalize.means or normalize.stds";
            return Err(Misfit::in_words("normalize", "scope", reason.to_owned()));
        }
        if sliding && !self.mean {
            let reason = "normalize.scope = \"sliding\" always takes out the mean".to_owned();
            return Err(Misfit::in_words("normalize", "mean", reason));
        }
        Ok(())
    }
}
