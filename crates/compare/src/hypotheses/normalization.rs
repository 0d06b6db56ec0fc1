//! Normalisation, deltas and splicing.

use crate::change::Change;
use crate::hypotheses::evidence::{Evidence, keys};

pub(super) fn list(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    let is_normalized = evidence.has_table("normalize");
    let scope = ("normalize.scope", "utterance");
    let mean_alone = ("normalize.variance", "false");
    if is_normalized {
        changes.push(keys(&[("normalize", "")]));
        changes.push(keys(&[("normalize.scope", "sliding")]));
        for on in ["true", "false"] {
            changes.push(keys(&[("normalize.mean", on)]));
            changes.push(keys(&[("normalize.variance", on)]));
        }
        for on in ["true", "false"] {
            changes.push(keys(&[("normalize.center", on)]));
        }
        for ddof in ["0", "1"] {
            changes.push(keys(&[("normalize.ddof", ddof)]));
        }
        for eps in ["0", "1e-5", "1e-7", "1e-8", "1e-6", "1e-10", "0.001", "0.01", "0.1"] {
            changes.push(keys(&[("normalize.eps", eps)]));
            for of in ["std", "variance"] {
                changes.push(keys(&[("normalize.eps", eps), ("normalize.eps_of", of)]));
            }
        }
        for of in ["std", "variance"] {
            changes.push(keys(&[("normalize.eps_of", of)]));
        }
        for floor in ["0", "1e-20", "1e-5", "1e-3", "0.01", "0.1"] {
            changes.push(keys(&[("normalize.std_floor", floor)]));
        }
        for columns in ["each", "together"] {
            changes.push(keys(&[("normalize.columns", columns)]));
        }
    }
    changes.push(keys(&[scope]));
    changes.push(keys(&[scope, mean_alone]));
    if !is_normalized {
        changes.push(keys(&[scope, ("normalize.ddof", "1")]));
        changes.push(keys(&[scope, ("normalize.ddof", "1"), ("normalize.eps", "1e-5")]));
        changes.push(keys(&[scope, ("normalize.eps", "1e-5")]));
        changes.push(keys(&[scope, ("normalize.columns", "together")]));
        let sliding = ("normalize.scope", "sliding");
        changes.push(keys(&[sliding]));
        changes.push(keys(&[sliding, mean_alone]));
        changes.push(keys(&[sliding, mean_alone, ("normalize.center", "true")]));
        changes.push(keys(&[sliding, ("normalize.center", "true")]));
        for frames in ["50", "100", "150", "200", "300"] {
            let window = ("normalize.cmn_window", frames);
            let center = ("normalize.center", "true");
            changes.push(keys(&[sliding, window]));
            changes.push(keys(&[sliding, window, center]));
            changes.push(keys(&[sliding, mean_alone, window]));
            changes.push(keys(&[sliding, mean_alone, window, center]));
        }
    }
    if evidence.has_table("deltas") {
        for convention in ["htk", "kaldi", "savitzky-golay"] {
            changes.push(keys(&[("deltas.convention", convention)]));
        }
        for window in ["1", "2", "3", "4"] {
            changes.push(keys(&[("deltas.window", window)]));
            let both = [("deltas.window", window), ("deltas.convention", "savitzky-golay")];
            changes.push(keys(&both));
        }
    }
}
