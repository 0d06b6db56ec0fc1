//! transformers' `Gemma3nAudioFeatureExtractor`, `Gemma4AudioFeatureExtractor` and
//! `Phi4MultimodalFeatureExtractor`, of version 5.24.0.

use super::keys::Keys;
use super::shared::{set_dither, set_rate};
use super::translation::{Translated, Translation};
use crate::error::RecipeError;

pub(super) fn gemma3n(keys: &Keys<'_>) -> Translated {
    let of = Translation::new(keys.of(), "gemma3n-mel128");
    gemma(keys, of, (512, 1024, 125.0, 7600.0, 0.97, 1e-5))
}

pub(super) fn gemma4(keys: &Keys<'_>) -> Translated {
    let of = Translation::new(keys.of(), "gemma4-mel128");
    gemma(keys, of, (320, 512, 0.0, 8000.0, 0.0, 1e-3))
}

/// - `absent`: frame length, size of the transform, ends of the bank, pre-emphasis and floor
fn gemma(
    keys: &Keys<'_>,
    mut of: Translation,
    absent: (u64, u64, f64, f64, f64, f64),
) -> Translated {
    let (length, n_fft, low, high, preemphasis, floor) = absent;
    let rate = set_rate(&mut of, keys, 16_000)?;
    let samples = |ms: f64| (rate as f64 * ms / 1000.0).round_ties_even() as u64;
    let (length, n_fft) = lengths(keys, samples, (length, n_fft))?;
    // Frames are cut a sample longer than their window, for a filter that is not used.
    of.set("frames.length", format!("{}samples", length + 1));
    let shift = keys.whole("hop_length", 160)?;
    let shift = keys.optional_number("hop_length_ms")?.map_or(shift, samples);
    of.set("frames.shift", format!("{shift}samples"));
    of.set("frames.made_for_hz", rate);
    of.set("feature.window_length", length);
    of.set("feature.n_fft", n_fft);
    of.set("feature.num_mel_bins", keys.whole("feature_size", 128)?);
    of.number("feature.low_freq_hz", keys.number("min_frequency", low)?);
    let high = keys.number("max_frequency", high)?;
    of.number("feature.high_freq_hz", if 2.0 * high == rate as f64 { 0.0 } else { high });
    let preemphasis = keys.number("preemphasis", preemphasis)?;
    of.number("feature.preemphasis", preemphasis);
    if preemphasis != 0.0 {
        keys.must_be("preemphasis_htk_flavor", true)?;
    }
    keys.skip(&["preemphasis_htk_flavor"]);
    match keys.number("input_scale_factor", 1.0)? {
        1.0 => {}
        32_768.0 => of.set("audio.scale", "int16"),
        other => return Err(keys.wrong("input_scale_factor", other, "it may be 1 or 32768")),
    }
    of.number("feature.floor", keys.number("mel_floor", floor)?);
    set_dither(&mut of, keys)?;
    set_per_bin(&mut of, keys)?;
    Ok(of)
}

/// Returns the length of a frame and the size of the transform: those that the class wrote, or those that it
/// makes of milliseconds, which are what it reads.
fn lengths(
    keys: &Keys<'_>,
    samples: impl Fn(f64) -> u64,
    (length, n_fft): (u64, u64),
) -> Result<(u64, u64), RecipeError> {
    let written = (keys.whole("frame_length", length)?, keys.whole("fft_length", n_fft)?);
    let doubles = keys.flag("fft_overdrive", n_fft > length.next_power_of_two())?;
    let Some(ms) = keys.optional_number("frame_length_ms")? else { return Ok(written) };
    let length = samples(ms.clamp(0.0, 1e6));
    Ok((length, length.next_power_of_two() << u32::from(doubles)))
}

/// Sets the constants of each bin, if there are any.
fn set_per_bin(of: &mut Translation, keys: &Keys<'_>) -> Result<(), RecipeError> {
    let (means, stds) = (keys.numbers("per_bin_mean")?, keys.numbers("per_bin_stddev")?);
    if means.is_some() || stds.is_some() {
        of.set("normalize.scope", "constants");
    }
    if let Some(means) = means {
        of.numbers("normalize.means", &means);
    }
    if let Some(stds) = stds {
        of.numbers("normalize.stds", &stds);
    }
    Ok(())
}

pub(super) fn phi4(keys: &Keys<'_>) -> Translated {
    keys.skip(&["audio_compression_rate", "audio_downsample_rate", "audio_feat_stride"]);
    let mut of = Translation::new(keys.of(), "phi4-mel80");
    let rate = set_rate(&mut of, keys, 16_000)?;
    of.set("frames.length", format!("{}samples", keys.whole("win_length", 400)?));
    of.set("frames.shift", format!("{}samples", keys.whole("hop_length", 160)?));
    of.set("frames.made_for_hz", rate);
    of.set("feature.n_fft", keys.whole("n_fft", 512)?);
    of.set("feature.num_mel_bins", keys.whole("feature_size", 80)?);
    of.number("feature.preemphasis", keys.number("preemphasis", 0.97)?);
    of.number("feature.low_freq_hz", keys.number("mel_min_frequency", 0.0)?);
    of.number("feature.high_freq_hz", keys.number("mel_max_frequency", 7690.0)?);
    Ok(of)
}
