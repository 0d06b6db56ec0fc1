//! The front end of an ESPnet2 model's `config.yaml`, of ESPnet 202511: `frontend: default`, `normalize`.

use serde_json::{Map, Value};

use super::keys::Keys;
use super::npz;
use super::translation::{Beside, Translated, Translation};
use crate::error::RecipeError;

/// Translates a model's front end and normalisation.
pub(super) fn translate(tree: &Value, beside: Beside<'_>) -> Option<Translated> {
    let map = tree.as_object()?;
    if !map.contains_key("frontend_conf") && !map.contains_key("frontend") {
        return None;
    }
    Some(front(map, beside))
}

fn front(map: &Map<String, Value>, beside: Beside<'_>) -> Translated {
    let model = Keys::new("ESPnet's config.yaml", map);
    let kind = model.word("frontend", "default")?;
    if kind != "default" {
        return Err(model.wrong("frontend", format!("{kind:?}"), "only \"default\" is known"));
    }
    let empty = Map::new();
    let conf = model.get("frontend_conf").and_then(Value::as_object).unwrap_or(&empty);
    let keys = Keys::new("ESPnet's frontend_conf", conf);
    keys.skip(&["frontend_conf", "onesided", "hop"]);
    for (key, only) in [("normalized", false), ("center", true), ("apply_stft", true)] {
        keys.must_be(key, only)?;
    }
    let mut of = Translation::new("ESPnet's default frontend", "espnet-logmel80-hop160");
    let rate = rate(&keys)?;
    of.set("audio.sample_rate_hz", rate);
    let n_fft = keys.whole("n_fft", 512)?;
    of.set("frames.length", format!("{}samples", keys.whole("win_length", n_fft)?));
    of.set("frames.shift", format!("{}samples", keys.whole("hop_length", 128)?));
    of.set("frames.made_for_hz", rate);
    of.set("feature.n_fft", n_fft);
    let windows = [
        ("hann", "hann-periodic"),
        ("hamming", "hamming-periodic"),
        ("blackman", "blackman-periodic"),
    ];
    of.set("feature.window", keys.choice("window", &windows)?);
    of.set("feature.num_mel_bins", keys.whole("n_mels", 80)?);
    of.number("feature.low_freq_hz", keys.number("fmin", 0.0)?);
    of.number("feature.high_freq_hz", keys.number("fmax", 0.0)?);
    if keys.flag("htk", false)? {
        of.set("feature.mel_scale", "htk");
    }
    keys.finish()?;
    set_normalization(&mut of, &model, beside)?;
    Ok(of)
}

/// The sample rate, which may be said as `16k`.
fn rate(keys: &Keys<'_>) -> Result<u64, RecipeError> {
    let text = keys.get("fs").and_then(Value::as_str);
    let thousands =
        text.and_then(|text| text.trim().strip_suffix(['k', 'K'])?.trim().parse::<f64>().ok());
    match thousands {
        Some(thousands) if (0.0..=1e4).contains(&thousands) => Ok((1000.0 * thousands) as u64),
        _ => keys.whole("fs", 16_000),
    }
}

fn set_normalization(
    of: &mut Translation,
    model: &Keys<'_>,
    beside: Beside<'_>,
) -> Result<(), RecipeError> {
    let kind = match model.get("normalize") {
        None => return Ok(()),
        Some(_) => model.word("normalize", "")?,
    };
    let empty = Map::new();
    let conf = model.get("normalize_conf").and_then(Value::as_object).unwrap_or(&empty);
    let keys = Keys::new("ESPnet's normalize_conf", conf);
    let means = keys.flag("norm_means", true)?;
    match kind.as_str() {
        "utterance_mvn" => {
            let vars = keys.flag("norm_vars", false)?;
            of.set("normalize.scope", "utterance");
            of.set("normalize.mean", means);
            of.set("normalize.variance", vars);
            let eps = keys.number("eps", 1e-20)?;
            if vars {
                of.number("normalize.std_floor", eps);
            }
        }
        "global_mvn" => {
            let vars = keys.flag("norm_vars", true)?;
            let file = keys.word("stats_file", "feats_stats.npz")?;
            let eps = keys.number("eps", 1e-20)?;
            let bytes = beside(&file).ok_or_else(|| {
                keys.wrong("stats_file", format!("{file:?}"), "there is no such file beside it")
            })?;
            let (mean, std) = statistics(&bytes, eps).ok_or_else(|| {
                keys.wrong("stats_file", format!("{file:?}"), "it has no count, sum and sum_square")
            })?;
            of.set("normalize.scope", "constants");
            if means {
                of.numbers("normalize.means", &mean);
            }
            if vars {
                of.numbers("normalize.stds", &std);
            }
        }
        other => {
            let known = "utterance_mvn and global_mvn are known";
            return Err(model.wrong("normalize", format!("{other:?}"), known));
        }
    }
    keys.finish()
}

/// Mean and standard deviation of `feats_stats.npz`, as `GlobalMVN` makes them: the variance is raised to `eps`.
fn statistics(bytes: &[u8], eps: f64) -> Option<(Vec<f64>, Vec<f64>)> {
    let arrays = npz::arrays(bytes)?;
    let array = |name: &str| arrays.iter().find(|(of, _)| of == name).map(|(_, numbers)| numbers);
    let (count, sum, squares) = (array("count")?, array("sum")?, array("sum_square")?);
    let &[count] = &count[..] else { return None };
    if count < 1.0 || sum.len() != squares.len() {
        return None;
    }
    let mean: Vec<f64> = sum.iter().map(|sum| sum / count).collect();
    let variance = squares.iter().zip(&mean).map(|(square, mean)| square / count - mean * mean);
    Some((mean.clone(), variance.map(|variance| variance.max(eps).sqrt()).collect()))
}
