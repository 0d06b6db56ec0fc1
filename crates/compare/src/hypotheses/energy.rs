//! The energy, which is a column or stands for C0.

use crate::change::Change;
use crate::hypotheses::evidence::Evidence;

pub(super) fn list(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    for on in ["true", "false"] {
        changes.push(evidence.feature("use_energy", on));
    }
    for of in ["\"raw\"", "\"windowed\"", "\"spectrum\""] {
        changes.push(evidence.feature("energy_of", of));
        changes.push(evidence.features(&[("use_energy", "true"), ("energy_of", of)]));
    }
    for place in ["\"first\"", "\"last\""] {
        changes.push(evidence.feature("energy_place", place));
        let last = [("use_energy", "true"), ("energy_place", place)];
        changes.push(evidence.features(&last));
    }
    for floor in ["1", "0", "1e-10"] {
        changes.push(evidence.feature("energy_floor", floor));
    }
}
