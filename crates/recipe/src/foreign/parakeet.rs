//! The keys of NeMo's mel energies, as several extractors of transformers have them.

use super::keys::Keys;
use super::shared::set_rate;
use super::translation::{Translated, Translation};

/// Translates what they share.
///
/// - `bins`, `dither`: what stands for an absent key
pub(super) fn translate(keys: &Keys<'_>, bins: u64, dither: f64) -> Translated {
    let bins = keys.whole("feature_size", bins)?;
    let mut of = Translation::new(keys.of(), "nemo-mel80-norm");
    set_rate(&mut of, keys, 16_000)?;
    of.set("feature.num_mel_bins", bins);
    of.set("frames.length", format!("{}samples", keys.whole("win_length", 400)?));
    of.set("frames.shift", format!("{}samples", keys.whole("hop_length", 160)?));
    of.set("feature.n_fft", keys.whole("n_fft", 512)?);
    let preemphasis = keys.number("preemphasis", 0.97)?;
    of.number("feature.preemphasis", if keys.is_null("preemphasis") { 0.0 } else { preemphasis });
    of.number("feature.dither", keys.number("dither", dither)?);
    Ok(of)
}
