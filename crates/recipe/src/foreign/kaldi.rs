//! Kaldi's `conf/fbank.conf`, `mfcc.conf`, `plp.conf` and `spectrogram.conf`: options of `compute-*-feats`, of Kaldi
//! 5.5, a line each.

use serde_json::{Map, Value};

use super::keys::Keys;
use super::translation::{Translated, Translation};
use crate::error::RecipeError;

/// Reads options, a line each: `--num-mel-bins=80  # why`. None if a line is something else.
pub(super) fn options(text: &str) -> Option<Value> {
    let mut map = Map::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let option = line.strip_prefix("--")?;
        let (key, value) = option.split_once('=').unwrap_or((option, "true"));
        // Kaldi takes an underscore for a hyphen.
        let (key, value) = (key.trim().replace('_', "-"), value.trim().trim_matches(['"', '\'']));
        map.insert(key, Value::String(value.to_owned()));
    }
    (!map.is_empty()).then_some(Value::Object(map))
}

/// The programs, each with its preset.
const PROGRAMS: [(&str, &str); 4] = [
    ("mfcc", "kaldi-mfcc"),
    ("fbank", "kaldi-fbank"),
    ("plp", "kaldi-plp"),
    ("spectrogram", "kaldi-spectrogram"),
];

/// Finds the program by the name of the file, or by an option that only it has.
fn program(name: &str, map: &Map<String, Value>) -> Option<(&'static str, &'static str)> {
    let by_name =
        PROGRAMS.into_iter().find(|(program, _)| name.to_ascii_lowercase().contains(program));
    let has = |keys: &[&str]| keys.iter().any(|key| map.contains_key(*key));
    by_name.or_else(|| match () {
        () if has(&["lpc-order", "compress-factor", "cepstral-scale"]) => Some(PROGRAMS[2]),
        () if has(&["num-ceps", "cepstral-lifter"]) => Some(PROGRAMS[0]),
        () if has(&["use-log-fbank", "use-power"]) => Some(PROGRAMS[1]),
        () => None,
    })
}

/// Translates options.
pub(super) fn translate(name: &str, options: &Value) -> Translated {
    let empty = Map::new();
    let map = options.as_object().unwrap_or(&empty);
    let Some((program, preset)) = program(name, map) else {
        let reason = "nothing says which program they are of; call the file fbank.conf, mfcc.conf, plp.conf \
                      or spectrogram.conf";
        return Err(RecipeError::Foreign {
            of: "Kaldi's options".to_owned(),
            reason: reason.to_owned(),
        });
    };
    let keys = Keys::new(format!("options of Kaldi's compute-{program}-feats"), map);
    keys.skip(&[
        "verbose",
        "debug-mel",
        "allow-downsample",
        "allow-upsample",
        "max-feature-vectors",
        "print-args",
        "output-format",
        "utt2spk",
        "vtln-map",
        "config",
    ]);
    let mut of = Translation::new(keys.of(), preset);
    set_frames(&mut of, &keys)?;
    if program != "spectrogram" {
        set_filters(&mut of, &keys)?;
    }
    if program == "fbank" {
        if !keys.flag("use-log-fbank", true)? {
            of.set("feature.log", "none");
        }
        if !keys.flag("use-power", true)? {
            of.set("feature.spectrum", "magnitude");
        }
    }
    if program == "mfcc" || program == "plp" {
        of.set("feature.num_ceps", keys.whole("num-ceps", 13)?);
        of.number("feature.cepstral_lifter", keys.number("cepstral-lifter", 22.0)?);
    }
    if program == "plp" {
        of.set("feature.lpc_order", keys.whole("lpc-order", 12)?);
        of.number("feature.compress_factor", keys.number("compress-factor", 0.333_33)?);
        of.number("feature.cepstral_scale", keys.number("cepstral-scale", 1.0)?);
    }
    set_energy(&mut of, &keys, program)?;
    keys.must_be("subtract-mean", "false")?;
    if let Some(seconds) = keys.optional_number("min-duration")?.filter(|&seconds| seconds > 0.0) {
        of.number("audio.min_duration_s", seconds);
    }
    match keys.number("channel", -1.0)? {
        channel if channel < 0.0 => {}
        channel => of.set("audio.channel", channel as u64),
    }
    keys.finish()?;
    Ok(of)
}

fn set_frames(of: &mut Translation, keys: &Keys<'_>) -> Result<(), RecipeError> {
    if keys.get("sample-frequency").is_some() {
        of.set("audio.sample_rate_hz", keys.whole("sample-frequency", 16_000)?);
    }
    of.set("frames.length", format!("{}ms", keys.number("frame-length", 25.0)?));
    of.set("frames.shift", format!("{}ms", keys.number("frame-shift", 10.0)?));
    if !keys.flag("snip-edges", true)? {
        of.set("frames.edges", "symmetric");
    }
    match keys.get("dither") {
        Some(_) => of.number("feature.dither", keys.number("dither", 0.0)?),
        None => of.note("Dither is 0, where Kaldi's default is 1: no two runs would agree."),
    }
    of.number("feature.preemphasis", keys.number("preemphasis-coefficient", 0.97)?);
    of.set("feature.remove_dc_offset", keys.flag("remove-dc-offset", true)?);
    let windows = [
        ("povey", "povey"),
        ("hamming", "hamming"),
        ("hanning", "hann"),
        ("rectangular", "rectangular"),
        ("blackman", "blackman"),
        ("sine", "sine"),
    ];
    let window = keys.choice("window-type", &windows)?;
    of.set("feature.window", window);
    let coefficient = keys.optional_number("blackman-coeff")?;
    if let Some(coefficient) = coefficient.filter(|_| window == "blackman") {
        of.number("feature.blackman_coeff", coefficient);
    }
    if !keys.flag("round-to-power-of-two", true)? {
        of.set("feature.n_fft", "frame");
    }
    Ok(())
}

fn set_filters(of: &mut Translation, keys: &Keys<'_>) -> Result<(), RecipeError> {
    of.set("feature.num_mel_bins", keys.whole("num-mel-bins", 23)?);
    of.number("feature.low_freq_hz", keys.number("low-freq", 20.0)?);
    of.number("feature.high_freq_hz", keys.number("high-freq", 0.0)?);
    let factor = keys.number("vtln-warp", 1.0)?;
    let (low, high) = (keys.optional_number("vtln-low")?, keys.optional_number("vtln-high")?);
    if factor != 1.0 {
        of.number("feature.vtln_factor", factor);
        low.into_iter().for_each(|low| of.number("feature.vtln_low_hz", low));
        high.into_iter().for_each(|high| of.number("feature.vtln_high_hz", high));
    }
    Ok(())
}

/// Sets the frame's log energy: where it stands, and of which samples it is.
fn set_energy(of: &mut Translation, keys: &Keys<'_>, program: &str) -> Result<(), RecipeError> {
    let usual = program != "fbank";
    let has_energy = match program {
        // The energy stands in the place of DC, whatever is asked for.
        "spectrogram" => true,
        _ => keys.flag("use-energy", usual)?,
    };
    let (raw, floor) = (keys.flag("raw-energy", true)?, keys.number("energy-floor", 0.0)?);
    let is_htk = program != "spectrogram" && keys.flag("htk-compat", false)?;
    if has_energy != usual {
        of.set("feature.use_energy", has_energy);
    }
    if has_energy {
        if !raw {
            of.set("feature.energy_of", "windowed");
        }
        if floor > f64::from(f32::EPSILON) {
            of.number("feature.energy_floor", floor);
        }
        if is_htk {
            of.set("feature.energy_place", "last");
        }
    } else if is_htk && usual {
        of.set("feature.c0", "last");
    }
    Ok(())
}
