//! The spectrum, the filters, and the logarithm.

use crate::change::Change;
use crate::hypotheses::evidence::Evidence;

/// The floors that programs have: single and double precision's epsilon, NeMo's 2⁻²⁴, and round ones.
const FLOORS: [&str; 13] = [
    "1.1920929e-7",
    "1e-10",
    "1e-5",
    "1e-6",
    "1e-7",
    "1e-8",
    "1e-9",
    "1e-12",
    "2.220446e-16",
    "5.9604645e-8",
    "1e-3",
    "1",
    "1e-20",
];

/// Floors that programs add: torchaudio's `log_mels`, NeMo's guard, and round ones.
const ADDED: [&str; 9] =
    ["1e-6", "5.9604645e-8", "1e-10", "1e-5", "1e-8", "1e-9", "1e-3", "1", "1.1920929e-7"];

pub(super) fn list(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    for spectrum in ["power", "magnitude", "power/n_fft"] {
        changes.push(evidence.feature("spectrum", format!("{spectrum:?}")));
    }
    for epsilon in ["1e-9", "1e-10", "1e-8", "1e-7", "1e-6", "1e-5", "1e-3", "0"] {
        changes.push(evidence.feature("magnitude_epsilon", epsilon));
        let both = [("spectrum", "\"magnitude\""), ("magnitude_epsilon", epsilon)];
        changes.push(evidence.features(&both));
    }
    if matches!(evidence.kind(), "mel" | "mfcc" | "plp") {
        filters(evidence, changes);
    }
    if evidence.kind() == "spectrogram" {
        changes.extend(["true", "false"].map(|on| evidence.feature("skip_dc", on)));
    }
    if matches!(evidence.kind(), "mel" | "mfcc" | "spectrogram") {
        compression(evidence, changes);
    }
}

fn filters(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    for scale in ["htk", "slaney"] {
        changes.push(evidence.feature("mel_scale", format!("{scale:?}")));
    }
    for triangles in ["mel", "hz", "bins", "htk", "symmetric"] {
        changes.push(evidence.feature("mel_triangles", format!("{triangles:?}")));
    }
    for norm in ["peak", "area"] {
        changes.push(evidence.feature("mel_norm", format!("{norm:?}")));
    }
    if evidence.of_feature("vtln_factor").is_some() {
        let shapes = ["\"kaldi\"", "\"htk\""];
        changes.extend(shapes.map(|shape| evidence.feature("vtln_shape", shape)));
    }
    for low in ["0", "20", "40", "50", "60", "64", "80", "100", "125", "133.3333", "300"] {
        changes.push(evidence.feature("low_freq_hz", low));
    }
    for high in ["0", "-400", "-200", "-100", "-500", "-600"] {
        changes.push(evidence.feature("high_freq_hz", high));
    }
    let half = f64::from(evidence.sample_rate_hz) / 2.0;
    for high in [3400.0, 3700.0, 3800.0, 4000.0, 5500.0, 6000.0, 6800.0, 6855.4976, 7600.0, 7800.0]
    {
        if high < half {
            changes.push(evidence.feature("high_freq_hz", high.to_string()));
        }
    }
    for high in [8000.0, 11_000.0, 12_000.0, 14_000.0] {
        if high < half {
            changes.push(evidence.feature("high_freq_hz", high.to_string()));
        }
    }
}

fn compression(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    for log in ["none", "ln", "log10", "db", "pcen"] {
        changes.push(evidence.feature("log", format!("{log:?}")));
    }
    let is_linear = evidence.of_feature("log").is_none_or(|log| log == "none");
    if is_linear && evidence.kind() != "mfcc" {
        for log in ["\"ln\"", "\"log10\"", "\"db\""] {
            for floor in ["1.1920929e-7", "1e-5", "1e-6", "1e-8"] {
                changes.push(evidence.features(&[("log", log), ("floor", floor)]));
            }
            for floor in ["1e-6", "1", "1e-5", "1e-8"] {
                let keys = [("log", log), ("floor", floor), ("floor_mode", "\"add\"")];
                changes.push(evidence.features(&keys));
            }
        }
    }
    decibels(evidence, changes);
    changes.extend(FLOORS.map(|floor| evidence.feature("floor", floor)));
    for mode in ["raise", "add", "zero"] {
        changes.push(evidence.feature("floor_mode", format!("{mode:?}")));
    }
    for floor in ADDED {
        changes.push(evidence.features(&[("floor", floor), ("floor_mode", "\"add\"")]));
    }
    changes.push(evidence.features(&[("floor", "2.220446e-16"), ("floor_mode", "\"zero\"")]));
    for top in ["80", "", "60", "100", "120", "50", "40"] {
        changes.push(evidence.feature("top_db", top));
    }
    for on in ["true", "false"] {
        changes.push(evidence.feature("relative_to_maximum", on));
    }
    if evidence.of_feature("log_factor").is_some() || evidence.of_feature("log_offset").is_some() {
        changes.push(evidence.features(&[("log_offset", ""), ("log_factor", "")]));
        changes.push(evidence.features(&[("top_db", ""), ("log_offset", ""), ("log_factor", "")]));
    }
}

/// Decibels as librosa has them: below the recording's largest, and no more than so many.
fn decibels(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    let below = ("relative_to_maximum", "true");
    for log in ["\"db\"", "\"log10\"", "\"ln\""] {
        changes.push(evidence.features(&[("log", log), below]));
        if evidence.is("relative_to_maximum", true) {
            let as_it_is = ("relative_to_maximum", "false");
            changes.push(evidence.features(&[("log", log), as_it_is]));
            changes.push(evidence.features(&[("log", log), as_it_is, ("top_db", "")]));
        }
        for top in ["80", "60"] {
            changes.push(evidence.features(&[("log", log), ("top_db", top)]));
            changes.push(evidence.features(&[("log", log), ("top_db", top), below]));
        }
    }
}
