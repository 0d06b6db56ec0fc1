//! The front end of a FunASR model's `config.yaml`, of FunASR 1.4.16: `WavFrontend`, with the `am.mvn` beside it.

use serde_json::{Map, Value};

use super::keys::Keys;
use super::mvn;
use super::shared::set_low_frame_rate;
use super::translation::{Beside, Translated, Translation};
use crate::error::RecipeError;

/// Translates a model's front end.
pub(super) fn translate(tree: &Value, beside: Beside<'_>) -> Option<Translated> {
    let map = tree.as_object()?;
    let kind = map.get("frontend")?.as_str()?;
    let is_known = ["WavFrontend", "WavFrontendOnline", "wav_frontend"].contains(&kind);
    is_known.then(|| front(map, beside))
}

fn front(map: &Map<String, Value>, beside: Beside<'_>) -> Translated {
    let empty = Map::new();
    let conf = map.get("frontend_conf").and_then(Value::as_object).unwrap_or(&empty);
    let keys = Keys::new("FunASR's frontend_conf", conf);
    keys.skip(&["dither", "filter_length_min", "filter_length_max"]);
    keys.must_be("snip_edges", true)?;
    let mut of = Translation::new("FunASR's WavFrontend", "funasr-lfr");
    of.set("audio.sample_rate_hz", keys.whole("fs", 16_000)?);
    if !keys.flag("upsacle_samples", true)? {
        of.set("audio.scale", "unit");
    }
    let windows = [("hamming", "hamming"), ("hanning", "hann"), ("povey", "povey")];
    of.set("feature.window", keys.choice("window", &windows)?);
    of.set("feature.num_mel_bins", keys.whole("n_mels", 80)?);
    of.set("frames.length", format!("{}ms", keys.number("frame_length", 25.0)?));
    of.set("frames.shift", format!("{}ms", keys.number("frame_shift", 10.0)?));
    let (num_frames, step) = (keys.whole("lfr_m", 1)?, keys.whole("lfr_n", 1)?);
    set_low_frame_rate(&mut of, num_frames, step);
    of.note("Dither, which FunASR adds unless it is set to 0, is 0.");
    let named = keys.word("cmvn_file", "am.mvn")?;
    let wrong = |reason: String| RecipeError::Foreign { of: format!("FunASR's {named}"), reason };
    match beside(&named) {
        Some(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let (shifts, scales) = mvn::numbers(&text).ok_or_else(|| {
                wrong("it has no <AddShift> and <Rescale> of as many numbers".to_owned())
            })?;
            let is_spliced = (num_frames, step) != (1, 1);
            mvn::set(&mut of, &shifts, &scales, is_spliced).map_err(wrong)?;
        }
        None if keys.get("cmvn_file").is_some() => {
            return Err(wrong("there is no such file beside it".to_owned()));
        }
        None => of.note("There is no am.mvn beside it: rows are not normalised."),
    }
    keys.finish()?;
    Ok(of)
}
