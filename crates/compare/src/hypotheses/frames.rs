//! Where frames lie.

use crate::change::Change;
use crate::hypotheses::evidence::{Evidence, keys};

/// Shifts and lengths that programs have, in milliseconds.
const SHIFTS_MS: [f64; 9] = [5.0, 8.0, 10.0, 11.0, 11.61, 12.5, 15.0, 16.0, 20.0];
const LENGTHS_MS: [f64; 10] = [16.0, 20.0, 23.22, 25.0, 30.0, 32.0, 40.0, 46.44, 50.0, 64.0];

/// The most shifts that are tried one by one.
const MOST_SHIFTS: f64 = 128.0;

pub(super) fn list(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    for edges in ["snip", "symmetric", "pad-end"] {
        changes.push(edged(evidence, edges, None, false));
    }
    for pad in ["zero", "reflect", "edge"] {
        changes.push(keys(&[("frames.pad", pad)]));
        for drop_last in [false, true] {
            changes.push(edged(evidence, "center", Some(pad), drop_last));
        }
        changes.push(edged(evidence, "same", Some(pad), false));
        changes.push(edged(evidence, "left", Some(pad), false));
    }
    for rounding in ["down", "nearest"] {
        changes.push(keys(&[("frames.rounding", rounding)]));
    }
    let is_chunked = evidence.has("frames", "chunk");
    if is_chunked {
        changes.push(keys(&[("frames.chunk", "")]));
    }
    for chunk in ["1s", "5s", "10s", "15s", "20s", "30s"] {
        changes.push(keys(&[("frames.chunk", &format!("{chunk:?}"))]));
    }
    for drop_last in ["true", "false"] {
        changes.push(keys(&[("frames.drop_last", drop_last)]));
    }
    let rate = f64::from(evidence.sample_rate_hz);
    let samples = |ms: f64| (rate * ms / 1000.0).floor();
    let mut lengths = LENGTHS_MS.map(samples).to_vec();
    lengths.extend([400.0, 512.0, 1024.0, 2048.0]);
    for length in distinct(lengths) {
        changes.push(keys(&[("frames.length", &format!("\"{length}samples\""))]));
    }
    shifts(evidence, changes);
}

/// Shifts that make about as many rows as there are: those that programs have, and all others, where they are few.
fn shifts(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    let rate = f64::from(evidence.sample_rate_hz);
    let frames = evidence.recipe.frames(evidence.sample_rate_hz);
    let (samples, rows) = (evidence.num_samples as f64, evidence.target.rows as f64);
    // The first frame may lie within the recording, or reach past both its ends.
    let least = ((samples - frames.length as f64) / (rows + 1.0)).floor().max(1.0);
    let most = ((samples + frames.length as f64) / (rows - 1.0).max(1.0)).ceil();
    let mut shifts = SHIFTS_MS.map(|ms| (rate * ms / 1000.0).floor()).to_vec();
    shifts.extend([80.0, 128.0, 160.0, 200.0, 240.0, 256.0, 320.0, 480.0, 512.0]);
    if most - least <= MOST_SHIFTS {
        shifts.extend((least as u32..=most as u32).map(f64::from));
    }
    shifts.retain(|shift| (least..=most).contains(shift));
    for shift in distinct(shifts) {
        changes.push(keys(&[("frames.shift", &format!("\"{shift}samples\""))]));
    }
}

fn distinct(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.retain(|&number| number >= 1.0);
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    numbers
}

/// Other edges. What means nothing with them is left out where it is there.
fn edged(evidence: &Evidence<'_>, edges: &str, pad: Option<&str>, drop_last: bool) -> Change {
    let mut pairs = vec![("frames.edges", edges)];
    match pad {
        // Zeros are what there is where nothing is said.
        Some("zero") if !evidence.has("frames", "pad") => {}
        Some(pad) => pairs.push(("frames.pad", pad)),
        None if evidence.has("frames", "pad") => pairs.push(("frames.pad", "")),
        None => {}
    }
    if drop_last {
        pairs.push(("frames.drop_last", "true"));
    } else if evidence.has("frames", "drop_last") {
        pairs.push(("frames.drop_last", ""));
    }
    keys(&pairs)
}
