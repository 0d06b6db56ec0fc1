//! FunASR's `am.mvn`: shift and scale of each column, as the layers of Kaldi's first neural networks (nnet1), as text.

use super::translation::{Translated, Translation};
use crate::error::RecipeError;

/// Translates an `am.mvn` that stands alone: of FunASR's low frame rate where it is of 560 columns, and of its
/// filters where it is of 80.
pub(super) fn translate(text: &str) -> Translated {
    let wrong =
        |reason: &str| RecipeError::Foreign { of: "am.mvn".to_owned(), reason: reason.to_owned() };
    let (shifts, scales) = numbers(text)
        .ok_or_else(|| wrong("it has no <AddShift> and <Rescale> of as many numbers"))?;
    let preset = match shifts.len() {
        560 => "funasr-lfr",
        80 => "funasr-fbank80",
        columns => {
            let must =
                "560 (seven frames of 80) and 80 are known without the config.yaml beside it";
            return Err(wrong(&format!("it is of {columns} columns; {must}")));
        }
    };
    let mut of = Translation::new("FunASR's am.mvn", preset);
    set(&mut of, &shifts, &scales, preset == "funasr-lfr").map_err(|reason| wrong(&reason))?;
    Ok(of)
}

/// Sets its numbers: (v + shift) · scale.
///
/// - `is_spliced`: whether they are of spliced columns
pub(super) fn set(
    of: &mut Translation,
    shifts: &[f64],
    scales: &[f64],
    is_spliced: bool,
) -> Result<(), String> {
    if let Some(scale) = scales.iter().find(|&&scale| scale <= 0.0) {
        return Err(format!("a scale is {scale}; it must be positive"));
    }
    of.set("normalize.scope", "constants");
    of.numbers("normalize.means", &shifts.iter().map(|shift| -shift).collect::<Vec<_>>());
    of.numbers("normalize.stds", &scales.iter().map(|scale| 1.0 / scale).collect::<Vec<_>>());
    if is_spliced {
        of.set("splice.at", "before");
    }
    Ok(())
}

/// Reads shifts and scales; none if it has not both, of as many columns.
pub(super) fn numbers(text: &str) -> Option<(Vec<f64>, Vec<f64>)> {
    let layer = |name: &str| -> Option<Vec<f64>> {
        let (_, layer) = text.split_once(name)?;
        let list = layer.split_once('[')?.1.split_once(']')?.0;
        let numbers = list.split_whitespace().map(|number| number.parse::<f64>().ok());
        numbers.map(|number| number.filter(|number| number.is_finite())).collect()
    };
    let (shifts, scales) = (layer("<AddShift>")?, layer("<Rescale>")?);
    (!shifts.is_empty() && shifts.len() == scales.len()).then_some((shifts, scales))
}
