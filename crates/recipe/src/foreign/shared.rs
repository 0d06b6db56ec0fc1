//! Keys that several programs call the same.

use super::keys::Keys;
use super::translation::Translation;
use crate::error::RecipeError;

/// Sets the sample rate that a model has.
pub(super) fn set_rate(
    of: &mut Translation,
    keys: &Keys<'_>,
    absent: u64,
) -> Result<u64, RecipeError> {
    let rate = keys.whole("sampling_rate", absent)?;
    of.set("audio.sample_rate_hz", rate);
    Ok(rate)
}

/// Sets dither, which a model has in training or not at all.
pub(super) fn set_dither(of: &mut Translation, keys: &Keys<'_>) -> Result<(), RecipeError> {
    let dither = keys.number("dither", 0.0)?;
    if dither != 0.0 {
        of.number("feature.dither", dither);
    }
    Ok(())
}

/// Sets FunASR's low frame rate: `num_frames` side by side at every `step`-th.
pub(super) fn set_low_frame_rate(of: &mut Translation, num_frames: u64, step: u64) {
    if (num_frames, step) == (1, 1) {
        of.remove("splice");
        return;
    }
    let left = num_frames.saturating_sub(1) / 2;
    of.set("splice.left", left);
    of.set("splice.right", num_frames.saturating_sub(1 + left));
    of.set("splice.every", step);
}
