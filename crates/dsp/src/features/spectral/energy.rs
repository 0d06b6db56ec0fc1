//! The energy of a frame.

use crate::error::Error;

/// The natural logarithm of a frame's energy, as a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Energy {
    /// The values that are squared and summed.
    pub of: EnergyOf,
    /// Energies below this are raised to it.
    pub floor: f32,
    /// The column's place in the row.
    pub place: EnergyPlace,
    /// The normalisation by the loudness of the recording; `None` leaves energies as they are.
    pub normalization: Option<EnergyNormalization>,
}

/// The values that are squared and summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum EnergyOf {
    /// The samples, after the mean is taken out and before pre-emphasis and window: Kaldi's
    /// `--raw-energy=true`, HTK's `RAWENERGY = T`.
    Raw,
    /// The samples, after pre-emphasis and window.
    Windowed,
    /// The bins of the spectrum, which are summed and not squared: python_speech_features.
    Spectrum,
}

/// The column's place in the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum EnergyPlace {
    /// The first column, before all others.
    First,
    /// The last column, after all others.
    Last,
}

/// HTK's `ENORMALISE = T`: the log energy E becomes 1 − (max − E)·scale, with max the recording's
/// largest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EnergyNormalization {
    /// HTK's `ESCALE`.
    pub scale: f32,
    /// The most that an energy may lie below the largest, in dB: HTK's `SILFLOOR`.
    pub silence_floor_db: f32,
}

impl Energy {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let mut numbers = vec![("energy_floor", self.floor)];
        if let Some(normalization) = self.normalization {
            numbers.push(("energy_scale", normalization.scale));
            numbers.push(("silence_floor_db", normalization.silence_floor_db));
        }
        match numbers.into_iter().find(|(_, x)| !x.is_normal() || *x < 0.0) {
            Some((key, value)) => Err(Error::NotPositive { key, value }),
            None => Ok(()),
        }
    }
}
