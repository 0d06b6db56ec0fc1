//! The recording itself: its level, its rate, its length.

use ossicle_recipe::Resample;

use crate::change::{Change, InputChange};
use crate::hypotheses::evidence::{Evidence, keys};

/// Sample rates that recordings have.
const RATES_HZ: [u32; 9] = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

/// The words of a recipe for the ways to resample.
const RESAMPLERS: [&str; 4] = ["hq", "torchaudio", "torchaudio-kaiser", "kaldi"];

pub(super) fn list(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    for peak in [1.0, 0.95, 0.99, 0.9, 0.5] {
        changes.push(Change::Input(InputChange::PeakNormalized(peak)));
    }
    for gain in [1.0 / 32768.0, 32768.0, 32768.0 / 32767.0, 2.0, 0.5] {
        changes.push(Change::Input(InputChange::Gain(gain)));
    }
    for rate in RATES_HZ.into_iter().filter(|&rate| rate != evidence.sample_rate_hz) {
        changes.push(Change::Input(InputChange::TakenFor(rate)));
        for word in RESAMPLERS {
            let rate = rate.to_string();
            changes.push(keys(&[("audio.sample_rate_hz", &rate), ("audio.resample", word)]));
        }
    }
    if evidence.recipe.audio().resample != Resample::Error {
        for word in RESAMPLERS {
            changes.push(keys(&[("audio.resample", word)]));
        }
    }
    padded(evidence, changes);
}

/// A recording that was completed with zeros before anything was computed has more rows.
fn padded(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    let (has, wanted) = (evidence.base.rows, evidence.target.rows);
    let shift = evidence.recipe.frames(evidence.sample_rate_hz).shift;
    if wanted <= has || wanted > has * 64 {
        return;
    }
    let seconds_30 = 30 * evidence.sample_rate_hz as usize;
    let longer = evidence.num_samples + (wanted - has) * shift;
    for count in [seconds_30, wanted * shift, longer] {
        if count > evidence.num_samples {
            changes.push(Change::Input(InputChange::PaddedTo(count)));
        }
    }
}
