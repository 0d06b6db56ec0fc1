//! The keys of the frame's log energy.

use ossicle_dsp::{Energy, EnergyNormalization, EnergyOf, EnergyPlace};

use crate::keys::{decimal, keys};
use crate::misfit::{Misfit, refuse_idle};

keys! {
    /// The keys of the frame's log energy.
    EnergyKeys {
        /// Makes the frame's log energy a column.
        use_energy: bool, or(false);
        /// The values that are squared and summed: samples before filter and window, samples after
        /// them, or the spectrum.
        energy_of: EnergyOf, or(EnergyOf::Raw);
        /// The least energy; smaller ones are raised to it.
        energy_floor: f64, or(decimal(f32::EPSILON));
        /// The column that it becomes.
        energy_place: EnergyPlace, or(EnergyPlace::First);
        /// HTK's ESCALE, with `ENORMALISE = T`.
        energy_scale: f64, none("the energy stays as it is");
        /// With `energy_scale`: HTK's SILFLOOR.
        silence_floor_db: f64, or(50.0);
    }
}

impl EnergyKeys {
    pub(super) fn energy(&self) -> Option<Energy> {
        self.use_energy().then(|| Energy {
            of: self.energy_of(),
            floor: self.energy_floor() as f32,
            place: self.energy_place(),
            normalization: self.energy_scale.map(|scale| EnergyNormalization {
                scale: scale as f32,
                silence_floor_db: self.silence_floor_db() as f32,
            }),
        })
    }

    /// Refuses keys that mean nothing beside the others.
    pub(super) fn check(&self) -> Result<(), Misfit> {
        if !self.use_energy() {
            let keys = [
                ("energy_of", self.energy_of.is_some()),
                ("energy_floor", self.energy_floor.is_some()),
                ("energy_place", self.energy_place.is_some()),
                ("energy_scale", self.energy_scale.is_some()),
                ("silence_floor_db", self.silence_floor_db.is_some()),
            ];
            refuse_idle(&keys, "with use_energy = false")?;
        }
        if self.energy_scale.is_none() && self.silence_floor_db.is_some() {
            let why = "without energy_scale".to_owned();
            return Err(Misfit::idle("feature", "silence_floor_db", why));
        }
        Ok(())
    }
}
