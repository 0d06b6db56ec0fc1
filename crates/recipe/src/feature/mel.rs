//! `kind = "mel"`: mel energies.

use ossicle_dsp::FeatureConfig;

use super::array::ArrayKeys;
use super::compression::{CompressionKeys, LogKey, LogOfColumns};
use super::energy::EnergyKeys;
use super::filters::FilterKeys;
use super::front::FrontKeys;
use super::own_frames::OwnFrames;
use super::recordings::Recordings;
use crate::keys::groups;
use crate::misfit::Misfit;

groups! {
    /// `kind = "mel"`: mel energies.
    MelFeature {
        /// The array.
        array: ArrayKeys,
        /// Its own frames.
        own: OwnFrames,
        /// The spectrum.
        front: FrontKeys,
        /// The filters.
        filters: FilterKeys,
        /// The compression of the range.
        log: LogOfColumns,
        /// The further keys of the compression.
        compression: CompressionKeys,
        /// The frame's log energy.
        energy: EnergyKeys,
    }
}

impl MelFeature {
    pub(super) fn config(&self, of: &Recordings) -> FeatureConfig {
        FeatureConfig {
            columns: self.filters.columns(of),
            compression: self.compression.compression(self.log.log()),
            energy: self.energy.energy(),
            ..self.front.config(of, self.array.scale)
        }
    }

    /// Refuses keys that mean nothing beside the others.
    pub(super) fn check(&self) -> Result<(), Misfit> {
        self.front.check()?;
        let log = self.log.log();
        self.compression.check(log, !matches!(log, LogKey::None | LogKey::Pcen))?;
        self.energy.check()
    }
}
