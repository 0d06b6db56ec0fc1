//! Pictures of arrays in memory, and of pictures' lines as pixels.

use numpy::{PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use ossicle_cli::{
    Column, Look, Rows, Source, Subject, picture_words, subject_figure, subject_of_samples,
};
use ossicle_draw::{Envelope, to_png};
use pyo3::prelude::*;

use crate::errors::wrong;
use crate::transform::Transform;

/// The middle of the first row of an array that nothing is known of, and the step from one row to the next, in
/// seconds: those of most features.
const FIRST_S: f64 = 0.005;
const STEP_S: f64 = 0.01;

/// Draws samples, or the rows of an array of (frames, columns), and returns SVG.
///
/// - `theme`, `colors`, `width`: as the command's options
#[pyfunction]
#[pyo3(signature = (samples, sample_rate_hz, rows, theme, colors, width))]
pub(crate) fn draw_arrays(
    samples: Option<PyReadonlyArray1<'_, f32>>,
    sample_rate_hz: u32,
    rows: Option<PyReadonlyArray2<'_, f32>>,
    theme: &str,
    colors: &str,
    width: Option<f64>,
) -> PyResult<String> {
    let samples = samples.map(|samples| samples.to_vec()).transpose()?.unwrap_or_default();
    let mut end_s = samples.len() as f64 / f64::from(sample_rate_hz.max(1));
    let mut arrays = Vec::new();
    if let Some(rows) = rows {
        let shape = rows.as_array().shape().to_vec();
        let (num_frames, num_columns) = (shape[0], shape[1]);
        end_s = end_s.max(FIRST_S + (num_frames as f64 - 0.5) * STEP_S);
        arrays.push(Rows {
            name: "features".to_owned(),
            columns: (0..num_columns)
                .map(|n| Column { name: n.to_string(), freq_hz: None })
                .collect(),
            num_frames,
            first_s: FIRST_S,
            step_s: STEP_S,
            source: Source::Memory(rows.as_array().iter().copied().collect()),
        });
    }
    let span_s = (0.0, end_s.max(1e-3));
    let waveform = (!samples.is_empty()).then(|| Envelope::of(&samples, span_s));
    svg(&Subject { span_s, waveform, arrays, ..Subject::default() }, theme, colors, width)
}

/// Draws samples with what is computed of them, and returns SVG.
///
/// - `samples`: at the rate that was planned for
/// - `theme`, `colors`, `width`: as the command's options
#[pyfunction]
#[pyo3(signature = (transform, samples, theme, colors, width))]
pub(crate) fn draw_samples(
    py: Python<'_>,
    transform: &Transform,
    samples: PyReadonlyArray1<'_, f32>,
    theme: &str,
    colors: &str,
    width: Option<f64>,
) -> PyResult<String> {
    let samples = samples.to_vec()?;
    let subject = py.detach(|| subject_of_samples("", samples, transform.planned()));
    svg(&subject.map_err(|error| wrong(format!("{error:#}"), None))?, theme, colors, width)
}

fn svg(subject: &Subject, theme: &str, colors: &str, width: Option<f64>) -> PyResult<String> {
    let (theme, colors) = picture_words(theme, colors).map_err(|why| wrong(why, None))?;
    let drawn = subject_figure(subject, &Look { colors, width });
    drawn.map(|figure| figure.to_svg(theme)).map_err(|error| wrong(format!("{error:#}"), None))
}

/// Draws SVG of this package as PNG.
#[pyfunction]
pub(crate) fn png_of(py: Python<'_>, svg: &str) -> PyResult<Vec<u8>> {
    py.detach(|| to_png(svg)).map_err(|error| wrong(error.to_string(), None))
}
