//! Pictures of arrays in memory, and of pictures' lines as pixels.

use numpy::{PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use ossicle_cli::{Column, Look, Rows, Source, Subject, picture_words, subject_figure};
use ossicle_draw::{Envelope, to_png};
use pyo3::prelude::*;

use crate::errors::wrong;

/// Draws samples, rows of an array, or both, and returns SVG.
///
/// - `rows`, `columns`: an array of (frames, columns), and the names of its columns
/// - `first_s`, `step_s`: the time of the first row's middle, and from one row to the next
/// - `theme`, `colors`, `width`: as the command's options
#[pyfunction]
#[pyo3(signature = (title, samples, sample_rate_hz, rows, columns, first_s, step_s, theme, colors, width))]
#[expect(clippy::too_many_arguments, reason = "what a call of Python is")]
pub(crate) fn draw_arrays(
    title: &str,
    samples: Option<PyReadonlyArray1<'_, f32>>,
    sample_rate_hz: u32,
    rows: Option<PyReadonlyArray2<'_, f32>>,
    columns: Vec<String>,
    first_s: f64,
    step_s: f64,
    theme: &str,
    colors: &str,
    width: Option<f64>,
) -> PyResult<String> {
    let (theme, colors) = picture_words(theme, colors).map_err(|why| wrong(why, None))?;
    let samples = samples.map(|samples| samples.to_vec()).transpose()?.unwrap_or_default();
    let mut end_s = samples.len() as f64 / f64::from(sample_rate_hz.max(1));
    let mut arrays = Vec::new();
    if let Some(rows) = rows {
        let shape = rows.as_array().shape().to_vec();
        let (num_frames, num_columns) = (shape[0], shape[1]);
        end_s = end_s.max(first_s + (num_frames as f64 - 0.5) * step_s);
        let name = |n: usize| columns.get(n).cloned().unwrap_or_else(|| n.to_string());
        let column = |n| Column { name: name(n), freq_hz: None };
        arrays.push(Rows {
            name: "features".to_owned(),
            columns: (0..num_columns).map(column).collect(),
            num_frames,
            first_s,
            step_s,
            source: Source::Memory(rows.as_array().iter().copied().collect()),
        });
    }
    let span_s = (0.0, end_s.max(1e-3));
    let subject = Subject {
        title: ossicle_files::visible(title),
        span_s,
        waveform: (!samples.is_empty()).then(|| Envelope::of(&samples, span_s)),
        arrays,
        ..Subject::default()
    };
    let drawn = subject_figure(&subject, &Look { colors, width });
    drawn.map(|figure| figure.to_svg(theme)).map_err(|error| wrong(format!("{error:#}"), None))
}

/// Draws SVG of this package as PNG.
#[pyfunction]
pub(crate) fn png_of(py: Python<'_>, svg: &str) -> PyResult<Vec<u8>> {
    py.detach(|| to_png(svg)).map_err(|error| wrong(error.to_string(), None))
}
