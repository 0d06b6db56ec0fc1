//! Cepstra and their lifter.

use crate::change::Change;
use crate::hypotheses::evidence::Evidence;

pub(super) fn list(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    for strength in ["0", "22", "20", "24", "26", "27", "30"] {
        changes.push(evidence.feature("cepstral_lifter", strength));
        let from_one = [("cepstral_lifter", strength), ("lifter_from", "\"one\"")];
        changes.push(evidence.features(&from_one));
    }
    for from in ["zero", "one"] {
        changes.push(evidence.feature("lifter_from", format!("{from:?}")));
    }
    for place in ["first", "last", "dropped"] {
        changes.push(evidence.feature("c0", format!("{place:?}")));
    }
    if evidence.is("use_energy", true) {
        // Where the energy stands for it there is no C0.
        for place in ["\"first\"", "\"last\"", "\"dropped\""] {
            changes.push(evidence.features(&[("use_energy", "false"), ("c0", place)]));
        }
    } else if evidence.of_feature("c0").is_some() {
        changes.push(evidence.features(&[("use_energy", "true"), ("c0", "")]));
    }
    // As many columns, from C1 on.
    let more = (evidence.target.columns + 1).to_string();
    changes.push(evidence.features(&[("num_ceps", &more), ("c0", "\"dropped\"")]));
    for bins in ["20", "22", "23", "24", "26", "30", "40", "64", "80", "128"] {
        changes.push(evidence.feature("num_mel_bins", bins));
    }
}
