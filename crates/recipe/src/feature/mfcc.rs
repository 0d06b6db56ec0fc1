//! `kind = "mfcc"`: cepstra of mel energies.

use ossicle_dsp::FeatureConfig;

use super::array::ArrayKeys;
use super::cepstra::CepstraKeys;
use super::compression::{CompressionKeys, LogKey, LogOfCepstra};
use super::energy::EnergyKeys;
use super::filters::FilterKeys;
use super::front::FrontKeys;
use super::own_frames::OwnFrames;
use super::recordings::Recordings;
use crate::keys::groups;
use crate::misfit::Misfit;

groups! {
    /// `kind = "mfcc"`: cepstra of mel energies.
    MfccFeature {
        /// The array.
        array: ArrayKeys,
        /// Its own frames.
        own: OwnFrames,
        /// The spectrum.
        front: FrontKeys,
        /// The filters.
        filters: FilterKeys,
        /// The compression of the range.
        log: LogOfCepstra,
        /// The further keys of the compression.
        compression: CompressionKeys,
        /// The cepstra.
        cepstra: CepstraKeys,
        /// The frame's log energy.
        energy: EnergyKeys,
    }
}

impl MfccFeature {
    pub(super) fn config(&self, of: &Recordings) -> FeatureConfig {
        FeatureConfig {
            columns: self.filters.columns(of),
            compression: self.compression.compression(self.log.log()),
            cepstra: Some(self.cepstra.cepstra(self.energy.use_energy(), None)),
            energy: self.energy.energy(),
            ..self.front.config(of, self.array.scale)
        }
    }

    /// Refuses keys that mean nothing beside the others.
    pub(super) fn check(&self) -> Result<(), Misfit> {
        self.front.check()?;
        let log = self.log.log();
        // Without any logarithm its keys are let pass here, as they always were.
        self.compression.check(log, log != LogKey::Pcen)?;
        self.energy.check()
    }
}
