//! The keys of cepstra.

use ossicle_dsp::{C0, Cepstra, Lifter, LinearPrediction};
use serde::{Deserialize, Serialize};

use crate::keys::keys;

keys! {
    /// The keys of cepstra.
    CepstraKeys {
        /// The number of cepstra, C0 counted even where the energy replaces it.
        num_ceps: usize, needed;
        /// The strength of the lifter, which raises high orders; 0 is none.
        cepstral_lifter: f64, or(0.0);
        /// The order that the lifter begins at: it leaves C0 (`"zero"`: Kaldi, HTK) or raises it too
        /// (`"one"`: librosa).
        lifter_from: LifterFromKey, or(LifterFromKey::Zero);
        /// The place of C0; HTK has it last, times √2.
        c0: C0, none("`\"dropped\"` with `use_energy`, or else `\"first\"`");
    }
}

/// The order that the lifter begins at; see [`Lifter`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LifterFromKey {
    /// C0 stays: Kaldi, HTK.
    Zero,
    /// C0 is raised too: librosa.
    One,
}

impl CepstraKeys {
    /// Returns what dsp makes of the keys.
    ///
    /// - `has_energy`: whether the frame's energy is a column too
    pub(super) fn cepstra(
        &self,
        has_energy: bool,
        linear_prediction: Option<LinearPrediction>,
    ) -> Cepstra {
        let lifter = self.cepstral_lifter() as f32;
        Cepstra {
            num_ceps: self.num_ceps,
            lifter: match self.lifter_from() {
                _ if lifter == 0.0 => Lifter::None,
                LifterFromKey::Zero => Lifter::FromZero(lifter),
                LifterFromKey::One => Lifter::FromOne(lifter),
            },
            c0: self.c0.unwrap_or(if has_energy { C0::Dropped } else { C0::First }),
            linear_prediction,
        }
    }
}
