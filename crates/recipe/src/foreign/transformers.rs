//! `preprocessor_config.json` of transformers: feature extractors of version 5.24.0, and what older ones wrote.
//!
//! What a class computes is in `models/*/feature_extraction_*.py` there; keys of padding say nothing of rows.

use serde_json::Value;

use super::keys::Keys;
use super::shared::{set_dither, set_low_frame_rate, set_rate};
use super::translation::{Translated, Translation};
use super::{gemma, parakeet, recognisers};
use crate::error::RecipeError;

type Translate = fn(&Keys<'_>) -> Translated;

/// The classes that are known, each with what translates its keys.
const CLASSES: [(&str, Translate); 24] = [
    ("ASTFeatureExtractor", ast),
    ("ClapFeatureExtractor", clap),
    ("CohereAsrFeatureExtractor", recognisers::cohere),
    ("Dots3NoteFeatureExtractor", whisper_128),
    ("FunAsrNanoFeatureExtractor", fun_asr_nano),
    ("Gemma3nAudioFeatureExtractor", gemma::gemma3n),
    ("Gemma4AudioFeatureExtractor", gemma::gemma4),
    ("GraniteSpeech5FeatureExtractor", recognisers::granite5),
    ("GraniteSpeechFeatureExtractor", recognisers::granite),
    ("LasrFeatureExtractor", recognisers::lasr),
    ("MossTranscribeDiarizeFeatureExtractor", whisper),
    ("NemotronAsrStreamingFeatureExtractor", recognisers::nemotron),
    ("OmniASRFeatureExtractor", omniasr),
    ("ParakeetFeatureExtractor", parakeet),
    ("Phi4MultimodalFeatureExtractor", gemma::phi4),
    ("Qwen3ASRFeatureExtractor", whisper_128),
    ("SeamlessM4TFeatureExtractor", seamless),
    ("Speech2TextFeatureExtractor", speech_to_text),
    ("SpeechT5FeatureExtractor", speecht5),
    ("UnivNetFeatureExtractor", univnet),
    ("VoxtralRealtimeFeatureExtractor", voxtral_realtime),
    ("Wav2Vec2BertFeatureExtractor", seamless),
    ("Wav2Vec2FeatureExtractor", wav2vec2),
    ("WhisperFeatureExtractor", whisper),
];

/// Keys that say how batches are put together, and by which classes.
const NO_ROWS: [&str; 12] = [
    "feature_extractor_type",
    "processor_class",
    "auto_map",
    "language_code",
    "padding_side",
    "padding_value",
    "return_attention_mask",
    "padding",
    "max_length",
    "max_length_s",
    "image_processor_type",
    "transformers_version",
];

/// Translates a feature extractor's keys, or those of a processor that has one.
pub(super) fn translate(tree: &Value) -> Option<Translated> {
    let of_processor = ["feature_extractor", "audio_processor"];
    let own = of_processor.into_iter().find_map(|key| tree.get(key)).filter(|own| own.is_object());
    let map = own.unwrap_or(tree).as_object()?;
    let class = map.get("feature_extractor_type")?.as_str()?;
    let keys = Keys::new(format!("transformers' {class}"), map);
    keys.skip(&NO_ROWS);
    let Some((_, translate)) = CLASSES.iter().find(|(name, _)| *name == class) else {
        return Some(Err(not_known(&keys)));
    };
    Some(translate(&keys).and_then(|translation| keys.finish().map(|()| translation)))
}

/// Makes the mistake of a class whose numbers are not known.
fn not_known(keys: &Keys<'_>) -> RecipeError {
    let known: Vec<&str> = CLASSES.iter().map(|(name, _)| *name).collect();
    let reason = format!("it is not known; those that are: {}", known.join(", "));
    RecipeError::Foreign { of: keys.of().to_owned(), reason }
}

fn whisper(keys: &Keys<'_>) -> Translated {
    whisper_of(keys, 80)
}

fn whisper_128(keys: &Keys<'_>) -> Translated {
    whisper_of(keys, 128)
}

/// Whisper's mels, which Qwen3-ASR and Voxtral have too.
///
/// - `bins`: how many there are where nothing is said
fn whisper_of(keys: &Keys<'_>, bins: u64) -> Translated {
    keys.skip(&[
        "n_samples",
        "nb_max_frames",
        "chunk_length",
        "chunk_seconds",
        "mel_filters",
        "n_window",
        "min_length",
    ]);
    keys.skip(&["do_normalize"]);
    let bins = keys.whole("feature_size", bins)?;
    let preset = if bins == 128 { "whisper-128" } else { "whisper-80" };
    let mut of = Translation::new(keys.of(), preset);
    let rate = set_rate(&mut of, keys, 16_000)?;
    of.set("feature.num_mel_bins", bins);
    let n_fft = keys.whole("n_fft", 400)?;
    of.set("frames.length", format!("{n_fft}samples"));
    of.set("frames.shift", format!("{}samples", keys.whole("hop_length", 160)?));
    of.set("frames.made_for_hz", rate);
    of.set("feature.n_fft", n_fft);
    // Its filters end at 8 kHz whatever the rate is.
    of.number("feature.high_freq_hz", if rate == 16_000 { 0.0 } else { 8000.0 });
    set_dither(&mut of, keys)?;
    of.note("Recordings are neither cut nor completed to 30 s; frames.chunk = \"30s\" does that.");
    Ok(of)
}

fn voxtral_realtime(keys: &Keys<'_>) -> Translated {
    let window = keys.whole("win_length", 400)?;
    if window != keys.whole("n_fft", 400)? {
        return Err(keys.wrong("win_length", window, "it must be n_fft, which its window is of"));
    }
    let fixed = keys.number("global_log_mel_max", 1.5)?;
    let maximum = Some(fixed).filter(|_| !keys.is_null("global_log_mel_max"));
    let mut of = whisper_128(keys)?;
    if let Some(maximum) = maximum {
        of.number("feature.log_maximum", maximum);
    }
    Ok(of)
}

fn parakeet(keys: &Keys<'_>) -> Translated {
    parakeet::translate(keys, 80, 0.0)
}

fn seamless(keys: &Keys<'_>) -> Translated {
    keys.skip(&["feature_size"]);
    let mut of = Translation::new(keys.of(), "seamless80-stride2");
    set_rate(&mut of, keys, 16_000)?;
    of.set("feature.num_mel_bins", keys.whole("num_mel_bins", 80)?);
    match keys.whole("stride", 2)? {
        0 => return Err(keys.wrong("stride", 0, "it must be positive")),
        1 => of.remove("splice"),
        stride => {
            of.set("splice.every", stride);
            of.set("splice.right", stride - 1);
        }
    }
    Ok(of)
}

fn speech_to_text(keys: &Keys<'_>) -> Translated {
    keys.skip(&["feature_size"]);
    let mut of = Translation::new(keys.of(), "speech2text80");
    set_rate(&mut of, keys, 16_000)?;
    of.set("feature.num_mel_bins", keys.whole("num_mel_bins", 80)?);
    let (means, vars) = (keys.flag("normalize_means", true)?, keys.flag("normalize_vars", true)?);
    if keys.flag("do_ceptral_normalize", true)? && (means || vars) {
        of.set("normalize.mean", means);
        of.set("normalize.variance", vars);
    } else {
        of.remove("normalize");
    }
    set_dither(&mut of, keys)?;
    Ok(of)
}

fn ast(keys: &Keys<'_>) -> Translated {
    keys.skip(&["feature_size", "mel_filters", "window"]);
    let mut of = Translation::new(keys.of(), "ast128");
    set_rate(&mut of, keys, 16_000)?;
    of.set("feature.num_mel_bins", keys.whole("num_mel_bins", 128)?);
    let (mean, std) = (keys.number("mean", -4.267_739_3)?, keys.number("std", 4.568_997_4)?);
    if keys.flag("do_normalize", true)? {
        of.number("normalize.means", mean);
        of.number("normalize.stds", 2.0 * std);
    } else {
        of.remove("normalize");
    }
    of.note("Recordings are neither cut nor completed to max_length frames.");
    Ok(of)
}

fn fun_asr_nano(keys: &Keys<'_>) -> Translated {
    let mut of = Translation::new(keys.of(), "funasr-lfr");
    set_rate(&mut of, keys, 16_000)?;
    of.set("audio.scale", "unit");
    of.set("feature.num_mel_bins", keys.whole("feature_size", 80)?);
    of.set("frames.length", format!("{}ms", keys.number("frame_length", 25.0)?));
    of.set("frames.shift", format!("{}ms", keys.number("frame_shift", 10.0)?));
    let windows = [("hamming", "hamming"), ("hanning", "hann"), ("povey", "povey")];
    of.set("feature.window", keys.choice("window", &windows)?);
    set_low_frame_rate(&mut of, keys.whole("num_frames_lfr", 7)?, keys.whole("stride_lfr", 6)?);
    Ok(of)
}

fn speecht5(keys: &Keys<'_>) -> Translated {
    keys.skip(&["feature_size", "do_normalize", "reduction_factor"]);
    // Older versions wrote what follows from other keys, too.
    keys.skip(&["n_fft", "n_freqs", "sample_size", "sample_stride"]);
    keys.must_be("frame_signal_scale", 1.0)?;
    let mut of = Translation::new(keys.of(), "speecht5-mel80");
    let rate = set_rate(&mut of, keys, 16_000)?;
    let samples = |ms: u64| ms * rate / 1000;
    let length = samples(keys.whole("win_length", 64)?);
    of.set("frames.length", format!("{length}samples"));
    of.set("frames.shift", format!("{}samples", samples(keys.whole("hop_length", 16)?)));
    of.set("frames.made_for_hz", rate);
    of.set("feature.n_fft", length.next_power_of_two());
    let windows = [("hann_window", "hann-periodic"), ("hamming_window", "hamming-periodic")];
    of.set("feature.window", keys.choice("win_function", &windows)?);
    of.set("feature.num_mel_bins", keys.whole("num_mel_bins", 80)?);
    of.number("feature.low_freq_hz", keys.number("fmin", 80.0)?);
    of.number("feature.high_freq_hz", keys.number("fmax", 7600.0)?);
    of.number("feature.floor", keys.number("mel_floor", 1e-10)?);
    of.note("It is what the class makes of targets; of inputs it makes the waveform.");
    Ok(of)
}

fn clap(keys: &Keys<'_>) -> Translated {
    keys.skip(&["nb_max_samples", "nb_max_frames", "nb_frequency_bins", "chunk_length_s", "n_fft"]);
    keys.must_be("top_db", Value::Null)?;
    let presets = [("fusion", "clap-48k"), ("rand_trunc", "clap-48k-slaney")];
    let mut of = Translation::new(keys.of(), keys.choice("truncation", &presets)?);
    let rate = set_rate(&mut of, keys, 48_000)?;
    let n_fft = keys.whole("fft_window_size", 1024)?;
    of.set("frames.length", format!("{n_fft}samples"));
    of.set("frames.shift", format!("{}samples", keys.whole("hop_length", 480)?));
    of.set("frames.made_for_hz", rate);
    of.set("feature.n_fft", n_fft);
    of.set("feature.num_mel_bins", keys.whole("feature_size", 64)?);
    of.number("feature.low_freq_hz", keys.number("frequency_min", 0.0)?);
    of.number("feature.high_freq_hz", keys.number("frequency_max", 14_000.0)?);
    of.note("Recordings are neither cut nor repeated to 10 s.");
    Ok(of)
}

fn univnet(keys: &Keys<'_>) -> Translated {
    keys.skip(&["feature_size", "model_in_channels", "pad_end_length"]);
    keys.must_be("center", false)?;
    keys.must_be("compression_factor", 1.0)?;
    let mut of = Translation::new(keys.of(), "bigvgan-mel100");
    let rate = set_rate(&mut of, keys, 24_000)?;
    let n_fft = keys.whole("filter_length", 1024)?;
    let window = keys.whole("win_length", 1024)?;
    of.set("frames.length", format!("{n_fft}samples"));
    of.set("frames.shift", format!("{}samples", keys.whole("hop_length", 256)?));
    of.set("frames.made_for_hz", rate);
    of.set("feature.n_fft", n_fft);
    if window != n_fft {
        of.set("feature.window_length", window);
    }
    let windows = [("hann_window", "hann-periodic"), ("hamming_window", "hamming-periodic")];
    of.set("feature.window", keys.choice("win_function", &windows)?);
    of.set("feature.num_mel_bins", keys.whole("num_mel_bins", 100)?);
    of.number("feature.low_freq_hz", keys.number("fmin", 0.0)?);
    // Half the sample rate is said as 0, as presets have it.
    let high = keys.number("fmax", 12_000.0)?;
    of.number("feature.high_freq_hz", if 2.0 * high == rate as f64 { 0.0 } else { high });
    of.number("feature.magnitude_epsilon", keys.number("mel_floor", 1e-9)?);
    of.number("feature.floor", keys.number("compression_clip_val", 1e-5)?);
    let low = keys.number("normalize_min", -11.512_925_148_010_254)?;
    let high = keys.number("normalize_max", 2.314_338_684_082_031_2)?;
    if keys.flag("do_normalize", false)? {
        // 2·(v - low)/(high - low) - 1
        of.set("normalize.scope", "constants");
        of.number("normalize.means", (high + low) / 2.0);
        of.number("normalize.stds", (high - low) / 2.0);
    }
    Ok(of)
}

fn wav2vec2(keys: &Keys<'_>) -> Translated {
    keys.must_be("feature_size", 1)?;
    keys.skip(&["do_normalize_per_channel"]);
    let mut of = Translation::new(keys.of(), "wav2vec2-wave");
    set_rate(&mut of, keys, 16_000)?;
    if !keys.flag("do_normalize", true)? {
        of.remove("normalize");
    }
    Ok(of)
}

fn omniasr(keys: &Keys<'_>) -> Translated {
    let mut of = wav2vec2(keys)?;
    if keys.flag("do_normalize", true)? {
        of.number("normalize.eps", 1e-5);
    }
    Ok(of)
}
