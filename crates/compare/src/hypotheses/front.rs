//! What becomes of samples before the spectrum.

use crate::change::Change;
use crate::hypotheses::evidence::{Evidence, keys};

const WINDOWS: [&str; 9] = [
    "povey",
    "hamming",
    "hamming-periodic",
    "hann",
    "hann-periodic",
    "blackman",
    "blackman-periodic",
    "sine",
    "rectangular",
];

/// The sizes of transforms that programs have: of 20, 25, 30 and 50 ms at 16 and 48 kHz, powers of two, and half and a
/// quarter more than these.
const TRANSFORMS: [&str; 21] = [
    "256",
    "320",
    "400",
    "480",
    "512",
    "600",
    "640",
    "800",
    "960",
    "1024",
    "1200",
    "1280",
    "1536",
    "1600",
    "2048",
    "2400",
    "2560",
    "3072",
    "4096",
    "\"power-of-two\"",
    "\"frame\"",
];

pub(super) fn list(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    for scale in ["int16", "unit", "midpoint"] {
        changes.push(keys(&[("audio.scale", scale)]));
        if evidence.of_feature("scale").is_some() {
            changes.push(evidence.feature("scale", format!("{scale:?}")));
        }
    }
    changes.extend(WINDOWS.map(|window| evidence.feature("window", format!("{window:?}"))));
    for coefficient in ["0.97", "0.95", "0.9"] {
        changes.push(evidence.feature("preemphasis", coefficient));
        let of_signal = [("preemphasis", coefficient), ("preemphasis_of", "\"signal\"")];
        changes.push(evidence.features(&of_signal));
        let of_frame = [("preemphasis", coefficient), ("preemphasis_of", "\"frame\"")];
        changes.push(evidence.features(&of_frame));
    }
    changes.push(evidence.feature("preemphasis", "0"));
    for of in ["\"signal\"", "\"frame\""] {
        changes.push(evidence.feature("preemphasis_of", of));
    }
    for on in ["true", "false"] {
        changes.push(evidence.feature("remove_dc_offset", on));
    }
    for dither in ["0", "1"] {
        changes.push(evidence.feature("dither", dither));
    }
    for n_fft in TRANSFORMS {
        changes.push(evidence.feature("n_fft", n_fft));
    }
}
