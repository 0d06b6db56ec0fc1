//! transformers' feature extractors of recognisers that have the numbers of another with a few changes:
//! `NemotronAsrStreamingFeatureExtractor`, `CohereAsrFeatureExtractor`, `LasrFeatureExtractor`,
//! `GraniteSpeechFeatureExtractor` and `GraniteSpeech5FeatureExtractor`, of version 5.24.0.

use serde_json::{Map, Value};

use super::keys::Keys;
use super::parakeet;
use super::shared::set_rate;
use super::translation::{Translated, Translation};

pub(super) fn nemotron(keys: &Keys<'_>) -> Translated {
    keys.must_be("mel_filters_dtype", "float32")?;
    let mut of = parakeet::translate(keys, 80, 0.0)?;
    of.remove("normalize");
    Ok(of)
}

pub(super) fn cohere(keys: &Keys<'_>) -> Translated {
    keys.skip(&["max_audio_clip_s", "overlap_chunk_second", "min_energy_window_samples"]);
    let mut of = parakeet::translate(keys, 128, 1e-5)?;
    of.note("Longer recordings are not cut at quiet places.");
    Ok(of)
}

pub(super) fn lasr(keys: &Keys<'_>) -> Translated {
    let mut of = Translation::new(keys.of(), "kaldi-fbank80");
    let rate = set_rate(&mut of, keys, 16_000)?;
    of.set("audio.scale", "unit");
    of.set("frames.length", format!("{}samples", keys.whole("win_length", 400)?));
    of.set("frames.shift", format!("{}samples", keys.whole("hop_length", 160)?));
    of.set("frames.made_for_hz", rate);
    of.set("feature.remove_dc_offset", false);
    of.set("feature.preemphasis", 0);
    of.set("feature.window", "hann");
    of.set("feature.n_fft", keys.whole("n_fft", 512)?);
    of.set("feature.num_mel_bins", keys.whole("feature_size", 128)?);
    of.set("feature.low_freq_hz", 125);
    of.set("feature.high_freq_hz", 7500);
    of.number("feature.floor", 1e-5);
    Ok(of)
}

pub(super) fn granite(keys: &Keys<'_>) -> Translated {
    keys.skip(&["projector_window_size", "projector_downsample_rate", "feature_size"]);
    let (none, written) = (Map::new(), keys.get("melspec_kwargs").and_then(Value::as_object));
    // What it is made with, which it writes under a name of its own.
    let mel = Keys::new(format!("{}'s melspec_kwargs", keys.of()), written.unwrap_or(&none));
    let whole = |key: &str, absent| keys.whole(key, mel.whole(key, absent)?);
    let lengths = (whole("n_fft", 512)?, whole("win_length", 400)?, whole("hop_length", 160)?);
    let bins = whole("n_mels", 80)?;
    mel.skip(&["sample_rate"]);
    mel.finish()?;
    let mut of = torchaudio_s(keys, lengths, bins)?;
    of.set("frames.drop_last", false);
    Ok(of)
}

pub(super) fn granite5(keys: &Keys<'_>) -> Translated {
    keys.skip(&["feature_size"]);
    let lengths = (keys.whole("n_fft", 512)?, keys.whole("win_length", 400)?);
    let bins = keys.whole("num_mel_bins", 80)?;
    let mut of = torchaudio_s(keys, (lengths.0, lengths.1, keys.whole("hop_length", 160)?), bins)?;
    of.number("feature.top_db", 10.0 * keys.number("logmel_floor_db", 8.0)?);
    of.set("deltas.order", 1);
    of.set("deltas.window", keys.whole("delta_win_length", 3)?.saturating_sub(1) / 2);
    of.note("Of an odd number of frames the last is left out; the class takes one more.");
    Ok(of)
}

/// Translates Whisper's logarithm of torchaudio's mel energies, two frames side by side.
///
/// - `lengths`: the size of the transform, the samples of the window, and those from one frame to the next
fn torchaudio_s(keys: &Keys<'_>, (n_fft, window, shift): (u64, u64, u64), bins: u64) -> Translated {
    let mut of = Translation::new(keys.of(), "whisper-80");
    let rate = set_rate(&mut of, keys, 16_000)?;
    of.set("frames.length", format!("{n_fft}samples"));
    of.set("frames.shift", format!("{shift}samples"));
    of.set("frames.made_for_hz", rate);
    of.set("feature.n_fft", n_fft);
    if window != n_fft {
        of.set("feature.window_length", window);
    }
    of.set("feature.num_mel_bins", bins);
    of.set("feature.mel_scale", "htk");
    of.set("feature.mel_norm", "peak");
    of.set("splice.left", 0);
    of.set("splice.right", 1);
    of.set("splice.every", 2);
    of.set("splice.last", "drop");
    Ok(of)
}
