//! The keys of compression: a logarithm, or per-channel energy normalisation.

use ossicle_dsp::{Compression, Floor, Log, LogBase, Pcen};
use serde::{Deserialize, Serialize};

use crate::keys::{decimal, keys};
use crate::misfit::{Misfit, refuse_idle};

keys! {
    /// The compression of the range before cepstra are computed.
    LogOfCepstra {
        /// The compression of the range; `"db"` is ten times the decimal logarithm of powers, `"pcen"`
        /// per-channel energy normalisation.
        log: LogKey, or(LogKey::Ln);
    }
}

keys! {
    /// The compression of the range of columns.
    LogOfColumns {
        /// The compression of the range; `"db"` is ten times the decimal logarithm of powers, `"pcen"`
        /// per-channel energy normalisation.
        log: LogKey, or(LogKey::None);
    }
}

keys! {
    /// The keys of compression, whichever it is.
    CompressionKeys {
        /// The value that keeps the logarithm from being taken of 0; see `floor_mode`.
        floor: f64, or(1e-10);
        /// The use of the floor: smaller values are raised to it, it is added to every value, or it
        /// replaces zeros.
        floor_mode: FloorKey, or(FloorKey::Raise);
        /// The most dB that a value may lie below the recording's largest.
        top_db: f64, none("there is no bound");
        /// Shifts the recording's values so that the largest becomes 0.
        relative_to_maximum: bool, or(false);
        /// The value that stands for the recording's largest, in units of the logarithm: with it no row
        /// depends on the others.
        log_maximum: f64, none("the recording's own");
        /// The number added to the logarithm.
        log_offset: f64, or(0.0);
        /// The factor of that sum.
        log_factor: f64, or(1.0);
        /// With `log = "pcen"`: the factor of the columns before all else.
        pcen_input_scale: f64, or(decimal(Pcen::default().input_scale));
        /// With `log = "pcen"`: the time in which the level follows the columns, in seconds.
        pcen_time_constant_s: f64, or(Pcen::default().time_constant_s);
        /// With `log = "pcen"`: the exponent of the level that columns are divided by.
        pcen_gain: f64, or(decimal(Pcen::default().gain));
        /// With `log = "pcen"`: the number added before the root.
        pcen_bias: f64, or(decimal(Pcen::default().bias));
        /// With `log = "pcen"`: the exponent of the root.
        pcen_power: f64, or(decimal(Pcen::default().power));
        /// With `log = "pcen"`: the least level.
        pcen_eps: f64, or(decimal(Pcen::default().eps));
    }
}

/// A compression of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LogKey {
    /// Not at all.
    None,
    /// ln.
    Ln,
    /// log10.
    Log10,
    /// Ten times the decimal logarithm of powers.
    Db,
    /// Per-channel energy normalisation; see [`Pcen`].
    Pcen,
}

/// A way to avoid the logarithm of 0; see [`Floor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FloorKey {
    /// Smaller values are raised to the floor.
    Raise,
    /// The floor is added to every value.
    Add,
    /// The floor replaces zeros.
    Zero,
}

impl CompressionKeys {
    pub(super) fn compression(&self, log: LogKey) -> Compression {
        let base = match log {
            LogKey::None => return Compression::Linear,
            LogKey::Pcen => return Compression::Pcen(self.pcen()),
            LogKey::Ln => LogBase::E,
            LogKey::Log10 => LogBase::Ten,
            LogKey::Db => LogBase::Decibels,
        };
        let floor = self.floor() as f32;
        Compression::Log(Log {
            base,
            floor: match self.floor_mode() {
                FloorKey::Raise => Floor::Raise(floor),
                FloorKey::Add => Floor::Add(floor),
                FloorKey::Zero => Floor::ReplaceZero(floor),
            },
            top_db: self.top_db.map(|db| db as f32),
            relative_to_maximum: self.relative_to_maximum(),
            maximum: self.log_maximum.map(|maximum| maximum as f32),
            offset: self.log_offset() as f32,
            factor: self.log_factor() as f32,
        })
    }

    fn pcen(&self) -> Pcen {
        Pcen {
            input_scale: self.pcen_input_scale() as f32,
            time_constant_s: self.pcen_time_constant_s(),
            gain: self.pcen_gain() as f32,
            bias: self.pcen_bias() as f32,
            power: self.pcen_power() as f32,
            eps: self.pcen_eps() as f32,
        }
    }

    /// Refuses keys of another compression than this.
    ///
    /// - `has_log`: whether it is a logarithm
    pub(super) fn check(&self, log: LogKey, has_log: bool) -> Result<(), Misfit> {
        if !has_log {
            let keys = [
                ("floor_mode", self.floor_mode.is_some()),
                ("top_db", self.top_db.is_some()),
                ("relative_to_maximum", self.relative_to_maximum.is_some()),
                ("log_maximum", self.log_maximum.is_some()),
                ("log_offset", self.log_offset.is_some()),
                ("log_factor", self.log_factor.is_some()),
            ];
            let log = match log {
                LogKey::None => "none",
                _ => "pcen",
            };
            refuse_idle(&keys, &format!("with log = {log:?}"))?;
        }
        if self.log_maximum.is_some() && self.top_db.is_none() && !self.relative_to_maximum() {
            let why = "without top_db or relative_to_maximum".to_owned();
            return Err(Misfit::idle("feature", "log_maximum", why));
        }
        if log != LogKey::Pcen {
            let keys = [
                ("pcen_input_scale", self.pcen_input_scale.is_some()),
                ("pcen_time_constant_s", self.pcen_time_constant_s.is_some()),
                ("pcen_gain", self.pcen_gain.is_some()),
                ("pcen_bias", self.pcen_bias.is_some()),
                ("pcen_power", self.pcen_power.is_some()),
                ("pcen_eps", self.pcen_eps.is_some()),
            ];
            refuse_idle(&keys, "without log = \"pcen\"")?;
        }
        Ok(())
    }
}
