//! lhotse's `feature_config`: the configuration of a feature extractor with its `feature_type`, as `lhotse feat
//! write-default-config` and `FeatureExtractor.to_yaml` write it (lhotse 1.31, `lhotse/features/kaldi/extractors.py`).

use serde_json::{Map, Value};

use super::keys::Keys;
use super::translation::{Translated, Translation};
use crate::error::RecipeError;

/// The types of features that are known.
const KNOWN: &str =
    "kaldi-fbank, kaldi-mfcc, kaldi-spectrogram, kaldi-log-spectrogram and whisper-fbank are known";

/// Translates an extractor's configuration.
pub(super) fn translate(tree: &Value) -> Option<Translated> {
    let map = tree.as_object()?;
    let own = map.get("feature_config").and_then(Value::as_object).unwrap_or(map);
    let kind = own.get("feature_type")?.as_str()?;
    Some(extractor(kind, own))
}

fn extractor(kind: &str, map: &Map<String, Value>) -> Translated {
    let keys = Keys::new(format!("lhotse's {kind}"), map);
    keys.skip(&["feature_type", "device", "use_torchscript"]);
    let translation = match kind {
        "kaldi-fbank" | "fbank" => kaldi(&keys, "lhotse-fbank"),
        "kaldi-mfcc" | "mfcc" => kaldi(&keys, "kaldi-mfcc"),
        "whisper-fbank" => whisper(&keys),
        _ => return Err(keys.wrong("feature_type", format!("{kind:?}"), KNOWN)),
    }?;
    keys.finish()?;
    Ok(translation)
}

fn kaldi(keys: &Keys<'_>, preset: &'static str) -> Translated {
    let is_mfcc = preset == "kaldi-mfcc";
    let mut of = Translation::new(keys.of(), preset);
    let rate = keys.whole("sampling_rate", 16_000)?;
    of.set("audio.sample_rate_hz", rate);
    of.set("audio.scale", "unit");
    // In seconds.
    let ms = |key: &str, absent: f64| Ok::<f64, RecipeError>(decimal_ms(keys.number(key, absent)?));
    of.set("frames.length", format!("{}ms", ms("frame_length", 0.025)?));
    of.set("frames.shift", format!("{}ms", ms("frame_shift", 0.01)?));
    of.set("frames.edges", if keys.flag("snip_edges", false)? { "snip" } else { "symmetric" });
    of.number("feature.dither", keys.number("dither", 0.0)?);
    of.number("feature.preemphasis", keys.number("preemph_coeff", 0.97)?);
    of.set("feature.remove_dc_offset", keys.flag("remove_dc_offset", true)?);
    let windows = [
        ("povey", "povey"),
        ("hamming", "hamming"),
        ("hanning", "hann"),
        ("rectangular", "rectangular"),
        ("blackman", "blackman"),
    ];
    of.set("feature.window", keys.choice("window_type", &windows)?);
    if !keys.flag("round_to_power_of_two", true)? {
        of.set("feature.n_fft", "frame");
    }
    if keys.flag("use_fft_mag", false)? {
        of.set("feature.spectrum", "magnitude");
    }
    let older = keys.whole("num_mel_bins", if is_mfcc { 23 } else { 80 })?;
    of.set("feature.num_mel_bins", keys.whole("num_filters", older)?);
    of.number("feature.low_freq_hz", keys.number("low_freq", 20.0)?);
    of.number("feature.high_freq_hz", keys.number("high_freq", -400.0)?);
    keys.must_be("norm_filters", false)?;
    keys.must_be("torchaudio_compatible_mel_scale", true)?;
    if is_mfcc {
        of.set("feature.num_ceps", keys.whole("num_ceps", 13)?);
        of.number("feature.cepstral_lifter", keys.number("cepstral_lifter", 22.0)?);
    }
    set_energy(&mut of, keys, is_mfcc)?;
    Ok(of)
}

/// Returns seconds as milliseconds, without what their multiplication rounds.
fn decimal_ms(seconds: f64) -> f64 {
    let ms = 1000.0 * seconds;
    let near = (ms * 1e6).round() / 1e6;
    if (near - ms).abs() < 1e-9 { near } else { ms }
}

fn set_energy(of: &mut Translation, keys: &Keys<'_>, is_mfcc: bool) -> Result<(), RecipeError> {
    let (raw, floor) = (keys.flag("raw_energy", true)?, keys.number("energy_floor", 1e-10)?);
    let has_energy = keys.flag("use_energy", is_mfcc)?;
    if has_energy != is_mfcc {
        of.set("feature.use_energy", has_energy);
    }
    if has_energy {
        of.set("feature.energy_of", if raw { "raw" } else { "windowed" });
        of.number("feature.energy_floor", floor.max(f64::from(f32::EPSILON)));
    }
    Ok(())
}

fn whisper(keys: &Keys<'_>) -> Translated {
    let bins = keys.whole("num_filters", 80)?;
    keys.skip(&["sampling_rate"]);
    let preset = if bins == 128 { "whisper-128" } else { "whisper-80" };
    let mut of = Translation::new(keys.of(), preset);
    of.set("feature.num_mel_bins", bins);
    Ok(of)
}
