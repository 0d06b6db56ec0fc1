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

/// The least that is drawn, in seconds: of nothing, too.
const LEAST_S: f64 = 1e-3;

/// Draws the waveform of samples, and returns SVG.
///
/// - `theme`, `colors`, `width`: as the command's options
#[pyfunction]
#[pyo3(signature = (samples, sample_rate_hz, theme, colors, width))]
pub(crate) fn draw_waveform(
    samples: PyReadonlyArray1<'_, f32>,
    sample_rate_hz: u32,
    theme: &str,
    colors: &str,
    width: Option<f64>,
) -> PyResult<String> {
    let samples = samples.to_vec()?;
    let end_s = samples.len() as f64 / f64::from(sample_rate_hz.max(1));
    let span_s = (0.0, end_s.max(LEAST_S));
    let waveform = (!samples.is_empty()).then(|| Envelope::of(&samples, span_s));
    svg(&Subject { span_s, waveform, ..Subject::default() }, theme, colors, width)
}

/// Draws the rows of an array of (frames, columns), and returns SVG.
///
/// - `theme`, `colors`, `width`: as the command's options
#[pyfunction]
#[pyo3(signature = (rows, theme, colors, width))]
pub(crate) fn draw_rows(
    rows: PyReadonlyArray2<'_, f32>,
    theme: &str,
    colors: &str,
    width: Option<f64>,
) -> PyResult<String> {
    let rows = rows.as_array();
    let num_frames = rows.nrows();
    let end_s = FIRST_S + (num_frames as f64 - 0.5) * STEP_S;
    let rows = Rows {
        name: "features".to_owned(),
        columns: Column::numbered(rows.ncols()),
        num_frames,
        first_s: FIRST_S,
        step_s: STEP_S,
        source: Source::Memory(rows.iter().copied().collect()),
    };
    let span_s = (0.0, end_s.max(LEAST_S));
    svg(&Subject { span_s, arrays: vec![rows], ..Subject::default() }, theme, colors, width)
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
