//! The `preprocessor` of a NeMo model's configuration, of NeMo 3.0.0: `AudioToMelSpectrogramPreprocessor`.

use serde_json::{Map, Value};

use super::keys::Keys;
use super::translation::{Translated, Translation};
use crate::error::RecipeError;

/// Translates the preprocessor of a model, or of the model that a training's configuration has.
pub(super) fn translate(tree: &Value) -> Option<Translated> {
    let own = ["", "/model", "/cfg"].into_iter().find_map(|of| {
        let preprocessor = tree.pointer(&format!("{of}/preprocessor"))?.as_object()?;
        let is_nemo = preprocessor.contains_key("_target_") || preprocessor.contains_key("cls");
        is_nemo.then_some(preprocessor)
    })?;
    Some(preprocessor(&resolved(own, tree)))
}

/// Puts the values in place of what OmegaConf would interpolate: `${sample_rate}`.
fn resolved(own: &Map<String, Value>, tree: &Value) -> Map<String, Value> {
    let value = |value: &Value| {
        let path = value.as_str()?.strip_prefix("${")?.strip_suffix('}')?;
        let pointer = format!("/{}", path.replace('.', "/"));
        tree.pointer(&pointer).or_else(|| tree.pointer(&format!("/model{pointer}"))).cloned()
    };
    own.iter().map(|(key, of)| (key.clone(), value(of).unwrap_or_else(|| of.clone()))).collect()
}

fn preprocessor(map: &Map<String, Value>) -> Translated {
    let keys = Keys::new("NeMo's preprocessor", map);
    keys.skip(&[
        "_target_",
        "cls",
        "pad_to",
        "pad_value",
        "use_grads",
        "rng",
        "stft_conv",
        "use_torchaudio",
        "nb_augmentation_prob",
        "nb_max_freq",
        "max_duration",
        "params",
    ]);
    let class = match keys.get("_target_") {
        Some(_) => keys.word("_target_", "")?,
        None => keys.word("cls", "")?,
    };
    let class = class.rsplit('.').next().unwrap_or_default().to_owned();
    if class != "AudioToMelSpectrogramPreprocessor" {
        let must = "only AudioToMelSpectrogramPreprocessor is known";
        return Err(keys.wrong("_target_", format!("{class:?}"), must));
    }
    for only in ["exact_pad", "stft_exact_pad"] {
        keys.must_be(only, false)?;
    }
    keys.must_be("frame_splicing", 1)?;
    let mut of = Translation::new(format!("NeMo's {class}"), "nemo-mel80-norm");
    let rate = keys.whole("sample_rate", 16_000)?;
    of.set("audio.sample_rate_hz", rate);
    set_frames(&mut of, &keys, rate)?;
    of.set("feature.num_mel_bins", keys.whole("features", 64)?);
    of.number("feature.low_freq_hz", keys.number("lowfreq", 0.0)?);
    of.number("feature.high_freq_hz", keys.number("highfreq", 0.0)?);
    of.number("feature.preemphasis", keys.number("preemph", 0.97)?);
    let norms = [("slaney", "area"), ("None", "peak"), ("none", "peak")];
    of.set("feature.mel_norm", keys.choice("mel_norm", &norms)?);
    match keys.number("mag_power", 2.0)? {
        2.0 => {}
        1.0 => of.set("feature.spectrum", "magnitude"),
        other => return Err(keys.wrong("mag_power", other, "it may be 1 or 2")),
    }
    set_log(&mut of, &keys)?;
    match &*keys.word("normalize", "per_feature")? {
        "per_feature" => {}
        "all_features" => of.set("normalize.columns", "together"),
        // As there, any other word is none.
        _ => of.remove("normalize"),
    }
    keys.skip(&["dither"]);
    of.note("Dither, which NeMo adds in training alone, is 0.");
    keys.finish()?;
    Ok(of)
}

fn set_frames(of: &mut Translation, keys: &Keys<'_>, rate: u64) -> Result<(), RecipeError> {
    // In seconds, or in samples, which go before.
    let span = |samples: &str, seconds: &str, absent: f64| -> Result<u64, RecipeError> {
        let in_samples = keys.optional_number(samples)?;
        let in_seconds = keys.number(seconds, absent)? * rate as f64;
        Ok(in_samples.unwrap_or(in_seconds.max(0.0)) as u64)
    };
    let length = span("n_window_size", "window_size", 0.02)?;
    of.set("frames.length", format!("{length}samples"));
    of.set("frames.shift", format!("{}samples", span("n_window_stride", "window_stride", 0.01)?));
    let windows = [
        ("hann", "hann"),
        ("hamming", "hamming"),
        ("blackman", "blackman"),
        ("none", "rectangular"),
    ];
    of.set("feature.window", keys.choice("window", &windows)?);
    match keys.optional_number("n_fft")? {
        Some(_) => of.set("feature.n_fft", keys.whole("n_fft", 512)?),
        None => of.set("feature.n_fft", "power-of-two"),
    }
    Ok(())
}

fn set_log(of: &mut Translation, keys: &Keys<'_>) -> Result<(), RecipeError> {
    let modes = [("add", "add"), ("clamp", "raise")];
    let mode = keys.choice("log_zero_guard_type", &modes)?;
    let floor = match keys.get("log_zero_guard_value").and_then(Value::as_str) {
        Some("tiny") => f64::from(f32::MIN_POSITIVE),
        Some("eps") => f64::from(f32::EPSILON),
        _ => keys.number("log_zero_guard_value", 5.960_464_5e-8)?,
    };
    if !keys.flag("log", true)? {
        of.set("feature.log", "none");
        return Ok(());
    }
    of.set("feature.floor_mode", mode);
    // Both mean 2^-24, one written as people do.
    let is_usual = (floor - 2.0_f64.powi(-24)).abs() < 1e-14;
    of.number("feature.floor", if is_usual { 5.960_464_5e-8 } else { floor });
    Ok(())
}
