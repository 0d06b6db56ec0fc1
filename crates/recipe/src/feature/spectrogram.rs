//! `kind = "spectrogram"`: bins of the spectrum, or sums of neighbouring ones.

use ossicle_dsp::{Columns, FeatureConfig};

use super::array::ArrayKeys;
use super::compression::{CompressionKeys, LogKey, LogOfColumns};
use super::energy::EnergyKeys;
use super::front::FrontKeys;
use super::own_frames::OwnFrames;
use super::recordings::Recordings;
use crate::keys::{groups, keys};
use crate::misfit::Misfit;

groups! {
    /// `kind = "spectrogram"`: bins of the spectrum, or sums of neighbouring ones.
    SpectrogramFeature {
        /// The array.
        array: ArrayKeys,
        /// Its own frames.
        own: OwnFrames,
        /// The spectrum.
        front: FrontKeys,
        /// The bins that are columns.
        bins: BinKeys,
        /// The compression of the range.
        log: LogOfColumns,
        /// The further keys of the compression.
        compression: CompressionKeys,
        /// The frame's log energy.
        energy: EnergyKeys,
    }
}

keys! {
    /// The keys of the bins of a spectrogram.
    BinKeys {
        /// The number of sums of neighbouring bins.
        num_columns: usize, none("every bin is a column");
        /// The number of bins that are summed for each column.
        bins_per_column: usize, none("every bin is a column");
        /// Leaves DC out where every bin is a column.
        skip_dc: bool, or(false);
    }
}

impl SpectrogramFeature {
    pub(super) fn config(&self, of: &Recordings) -> FeatureConfig {
        FeatureConfig {
            columns: self.bins.columns(),
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
        self.bins.check()?;
        self.energy.check()
    }
}

impl BinKeys {
    fn columns(&self) -> Columns {
        match (self.num_columns, self.bins_per_column) {
            (Some(num_columns), Some(bins_per_column)) => {
                Columns::Groups { num_columns, bins_per_column }
            }
            _ => Columns::Bins { skip_dc: self.skip_dc() },
        }
    }

    fn check(&self) -> Result<(), Misfit> {
        if self.num_columns.is_some() != self.bins_per_column.is_some() {
            let key = if self.num_columns.is_some() { "num_columns" } else { "bins_per_column" };
            return Err(Misfit::of_feature(key, "num_columns and bins_per_column belong together"));
        }
        if self.num_columns.is_some() && self.skip_dc.is_some() {
            return Err(Misfit::idle("feature", "skip_dc", "with num_columns".to_owned()));
        }
        Ok(())
    }
}
