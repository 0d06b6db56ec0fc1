//! `kind = "plp"`: cepstra of linear prediction.

use ossicle_dsp::{FeatureConfig, LinearPrediction};

use super::array::ArrayKeys;
use super::cepstra::CepstraKeys;
use super::energy::EnergyKeys;
use super::filters::FilterKeys;
use super::front::FrontKeys;
use super::own_frames::OwnFrames;
use super::recordings::Recordings;
use crate::keys::{decimal, groups, keys};
use crate::misfit::Misfit;

groups! {
    /// `kind = "plp"`: cepstra of linear prediction.
    PlpFeature {
        /// The array.
        array: ArrayKeys,
        /// Its own frames.
        own: OwnFrames,
        /// The spectrum.
        front: FrontKeys,
        /// The filters.
        filters: FilterKeys,
        /// The least energy.
        floor: FloorOfPlp,
        /// The cepstra.
        cepstra: CepstraKeys,
        /// The linear prediction that they are made of.
        linear_prediction: LinearPredictionKeys,
        /// The frame's log energy.
        energy: EnergyKeys,
    }
}

keys! {
    /// The least energy before linear prediction.
    FloorOfPlp {
        /// The least energy before linear prediction.
        floor: f64, or(decimal(LinearPrediction::kaldi().floor));
    }
}

keys! {
    /// The keys of linear prediction.
    LinearPredictionKeys {
        /// The order of linear prediction.
        lpc_order: usize, or(LinearPrediction::kaldi().lpc_order);
        /// The exponent of the intensity-loudness law.
        compress_factor: f64, or(decimal(LinearPrediction::kaldi().compress_factor));
        /// The factor of the cepstra.
        cepstral_scale: f64, or(decimal(LinearPrediction::kaldi().cepstral_scale));
    }
}

impl PlpFeature {
    pub(super) fn config(&self, of: &Recordings) -> FeatureConfig {
        let linear_prediction = LinearPrediction {
            lpc_order: self.linear_prediction.lpc_order(),
            floor: self.floor.floor() as f32,
            compress_factor: self.linear_prediction.compress_factor() as f32,
            cepstral_scale: self.linear_prediction.cepstral_scale() as f32,
        };
        let has_energy = self.energy.use_energy();
        FeatureConfig {
            columns: self.filters.columns(of),
            cepstra: Some(self.cepstra.cepstra(has_energy, Some(linear_prediction))),
            energy: self.energy.energy(),
            ..self.front.config(of, self.array.scale)
        }
    }

    /// Refuses keys that mean nothing beside the others.
    pub(super) fn check(&self) -> Result<(), Misfit> {
        self.front.check()?;
        self.energy.check()
    }
}
