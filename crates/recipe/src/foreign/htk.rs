//! HTK's configuration of HCopy: `KEY = VALUE`, a line each, of HTK 3.4. Defaults are those of the HTK Book, 5.19.

use serde_json::{Map, Value};

use super::keys::Keys;
use super::translation::{Translated, Translation};
use crate::error::RecipeError;

/// Returns whether a line is a key of such a configuration: a name in capitals, perhaps of a module, and `=`.
pub(super) fn is_key(line: &str) -> bool {
    let Some((name, _)) = line.split_once('=') else { return false };
    let is_name = |name: &str| {
        let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(capital)
    };
    name.split(':').all(|name| is_name(name.trim()))
}

/// Reads keys; of `HPARM: NUMCEPS` the name alone.
pub(super) fn keys(text: &str) -> Value {
    let line = |line: &str| {
        let (name, value) = line.split('#').next()?.split_once('=')?;
        let name = name.rsplit(':').next()?.trim().to_owned();
        let value = value.trim().trim_matches(['"', '\'']);
        (!name.is_empty()).then(|| (name, Value::String(value.to_owned())))
    };
    Value::Object(text.lines().filter_map(line).collect::<Map<_, _>>())
}

/// Translates a configuration.
pub(super) fn translate(map: &Value) -> Translated {
    let empty = Map::new();
    let map = map.as_object().unwrap_or(&empty);
    let keys = Keys::new("HTK's configuration", map);
    keys.skip(&[
        "SOURCEKIND",
        "SOURCEFORMAT",
        "BYTEORDER",
        "TARGETFORMAT",
        "SAVECOMPRESSED",
        "SAVEWITHCRC",
        "NATURALREADORDER",
        "NATURALWRITEORDER",
        "HEADERSIZE",
        "TRACE",
        "V1COMPAT",
        "ACCWINDOW",
    ]);
    let kind = keys.word("TARGETKIND", "ANON")?.to_ascii_uppercase();
    let mut parts = kind.split('_');
    let base = parts.next().unwrap_or_default().to_owned();
    let qualifiers: Vec<&str> = parts.collect();
    let has = |of: &str| qualifiers.contains(&of);
    let preset = match &*base {
        "MFCC" | "FBANK" | "MELSPEC" => "htk-mfcc",
        "PLP" => "kaldi-plp",
        _ => {
            let must =
                "MFCC, FBANK, MELSPEC and PLP are known, with _0, _E, _D, _A, _T, _Z, _C and _K";
            return Err(keys.wrong("TARGETKIND", format!("{kind:?}"), must));
        }
    };
    let known = ["0", "E", "D", "A", "T", "Z", "C", "K"];
    if let Some(other) = qualifiers.iter().find(|of| !known.contains(of)) {
        return Err(keys.wrong(
            "TARGETKIND",
            format!("{kind:?}"),
            &format!("_{other} is not known"),
        ));
    }
    let mut of = Translation::new(format!("HTK's {kind}"), preset);
    set_frames(&mut of, &keys)?;
    set_filters(&mut of, &keys)?;
    let is_cepstra = base == "MFCC" || base == "PLP";
    if is_cepstra {
        // C0 is counted here even where it is left out.
        of.set("feature.num_ceps", keys.whole("NUMCEPS", 12)? + 1);
        of.number("feature.cepstral_lifter", keys.number("CEPLIFTER", 22.0)?);
    } else {
        keys.skip(&["NUMCEPS", "CEPLIFTER"]);
        of.set("feature.kind", "mel");
        for key in ["feature.num_ceps", "feature.cepstral_lifter", "feature.c0"] {
            of.set(key, "");
        }
        of.set("feature.log", if base == "FBANK" { "ln" } else { "none" });
        if base == "MELSPEC" {
            of.set("feature.floor", "");
        }
    }
    if base == "PLP" {
        set_plp(&mut of, &keys)?;
    }
    set_energy(&mut of, &keys, (has("0"), has("E"), is_cepstra))?;
    let order = ["D", "A", "T"].iter().take_while(|order| has(order)).count();
    if order > 0 {
        of.set("deltas.order", order);
        of.set("deltas.window", keys.whole("DELTAWINDOW", 2)?);
    } else {
        keys.skip(&["DELTAWINDOW"]);
    }
    if has("Z") {
        of.set("normalize.scope", "utterance");
        of.set("normalize.variance", "false");
    }
    keys.finish()?;
    Ok(of)
}

/// Times are in units of 100 ns.
fn set_frames(of: &mut Translation, keys: &Keys<'_>) -> Result<(), RecipeError> {
    if let Some(period) = keys.optional_number("SOURCERATE")?.filter(|&period| period > 0.0) {
        of.set("audio.sample_rate_hz", (1e7 / period).round());
    }
    of.set("frames.length", format!("{}ms", keys.number("WINDOWSIZE", 256_000.0)? / 1e4));
    of.set("frames.shift", format!("{}ms", keys.number("TARGETRATE", 100_000.0)? / 1e4));
    of.set("feature.remove_dc_offset", keys.flag("ZMEANSOURCE", false)?);
    of.number("feature.preemphasis", keys.number("PREEMCOEF", 0.97)?);
    of.set(
        "feature.window",
        if keys.flag("USEHAMMING", true)? { "hamming" } else { "rectangular" },
    );
    of.set("feature.spectrum", if keys.flag("USEPOWER", false)? { "power" } else { "magnitude" });
    let dither = keys.number("ADDDITHER", 0.0)?;
    if dither != 0.0 {
        return Err(keys.wrong("ADDDITHER", dither, "HTK's dither is not known"));
    }
    Ok(())
}

fn set_filters(of: &mut Translation, keys: &Keys<'_>) -> Result<(), RecipeError> {
    of.set("feature.num_mel_bins", keys.whole("NUMCHANS", 20)?);
    // A negative frequency is none.
    of.number("feature.low_freq_hz", keys.number("LOFREQ", -1.0)?.max(0.0));
    of.number("feature.high_freq_hz", keys.number("HIFREQ", -1.0)?.max(0.0));
    of.set("feature.mel_triangles", "htk");
    let factor = keys.number("WARPFREQ", 1.0)?;
    let (low, high) = (keys.optional_number("WARPLCUTOFF")?, keys.optional_number("WARPUCUTOFF")?);
    if factor != 1.0 {
        of.number("feature.vtln_factor", factor);
        of.set("feature.vtln_shape", "htk");
        low.into_iter().for_each(|low| of.number("feature.vtln_low_hz", low));
        high.into_iter().for_each(|high| of.number("feature.vtln_high_hz", high));
    }
    Ok(())
}

fn set_plp(of: &mut Translation, keys: &Keys<'_>) -> Result<(), RecipeError> {
    of.set("feature.lpc_order", keys.whole("LPCORDER", 12)?);
    of.number("feature.compress_factor", keys.number("COMPRESSFACT", 0.33)?);
    of.number("feature.floor", 1.0);
    of.set("feature.spectrum", "power");
    of.set("feature.use_energy", "false");
    of.set("feature.c0", "last");
    for key in ["feature.energy_of", "feature.energy_floor"] {
        of.set(key, "");
    }
    Ok(())
}

/// - `wanted`: C0, energy, and whether there are cepstra
fn set_energy(
    of: &mut Translation,
    keys: &Keys<'_>,
    (has_c0, has_energy, is_cepstra): (bool, bool, bool),
) -> Result<(), RecipeError> {
    let (raw, is_normalized) = (keys.flag("RAWENERGY", true)?, keys.flag("ENORMALISE", true)?);
    let (scale, floor) = (keys.number("ESCALE", 0.1)?, keys.number("SILFLOOR", 50.0)?);
    if is_cepstra && !has_c0 {
        of.set("feature.c0", "dropped");
    }
    if !has_energy {
        return Ok(());
    }
    of.set("feature.use_energy", "true");
    of.set("feature.energy_place", "last");
    of.set("feature.energy_of", if raw { "raw" } else { "windowed" });
    if is_normalized {
        of.number("feature.energy_scale", scale);
        of.number("feature.silence_floor_db", floor);
    }
    Ok(())
}
