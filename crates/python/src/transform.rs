//! A recipe applied to samples in memory.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use numpy::{PyArray1, PyReadonlyArray1};
use ossicle_dataset::Normalization;
use ossicle_dsp::Level;
use ossicle_engine::{Bench, Error, for_each};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors::of_engine;
use crate::recipes::recipe;

/// The rows of each array of a recording, row-major.
type Rows = Vec<Vec<f32>>;

/// A recipe applied to samples in memory.
#[pyclass(frozen, module = "ossicle._ossicle")]
pub(crate) struct Transform {
    inner: ossicle_engine::Transform,
    /// Buffers of threads that have none of their own.
    benches: Mutex<Vec<Bench>>,
}

#[pymethods]
impl Transform {
    /// Plans a recipe.
    ///
    /// - `text`, `sets`: it, and changes as `--set` takes them
    /// - `sample_rate_hz`: that of the samples; None is the recipe's, or 16000
    /// - `statistics`: those that it is normalised by, as `Transform.statistics` has them
    #[new]
    fn new(
        py: Python<'_>,
        text: &str,
        sets: Vec<String>,
        sample_rate_hz: Option<u32>,
        statistics: Option<&str>,
    ) -> PyResult<Transform> {
        let recipe = recipe(text, &sets)?;
        let rate = sample_rate_hz.unwrap_or_else(|| recipe.example_rate_hz());
        let level = Level::detect();
        let statistics: Option<Vec<Normalization>> = statistics
            .map(serde_json::from_str)
            .transpose()
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        let inner = py.detach(|| match statistics {
            Some(of) => ossicle_engine::Transform::normalized_by(&recipe, rate, of, level),
            None => ossicle_engine::Transform::new(&recipe, rate, level),
        });
        Ok(Transform::of(inner.map_err(|error| of_engine("the recipe", &error))?))
    }

    /// Plans what a dataset was made by.
    #[staticmethod]
    fn of_dataset(
        py: Python<'_>,
        folder: PathBuf,
        sample_rate_hz: Option<u32>,
    ) -> PyResult<Transform> {
        let level = Level::detect();
        let inner =
            py.detach(|| ossicle_engine::Transform::of_dataset(&folder, sample_rate_hz, level));
        let name = folder.display().to_string();
        Ok(Transform::of(inner.map_err(|error| of_engine(&name, &error))?))
    }

    /// The recipe's text.
    #[getter]
    fn recipe_text(&self) -> String {
        self.inner.recipe().to_toml()
    }

    /// The statistics that rows are normalised by, as JSON; None where there are none.
    #[getter]
    fn statistics(&self) -> PyResult<Option<String>> {
        let of = self.inner.statistics().map(serde_json::to_string).transpose();
        of.map_err(|error| PyValueError::new_err(error.to_string()))
    }

    #[getter]
    fn sample_rate_hz(&self) -> u32 {
        self.inner.sample_rate_hz()
    }

    /// The samples of a frame, and from one to the next.
    #[getter]
    fn frame_samples(&self) -> (usize, usize) {
        let frames = self.inner.frames();
        (frames.length, frames.shift)
    }

    /// The name of each array, and those of its columns.
    #[getter]
    fn arrays(&self) -> Vec<(String, Vec<String>)> {
        self.inner.arrays().map(|(name, columns)| (name.to_owned(), columns.to_vec())).collect()
    }

    fn num_frames(&self, num_samples: usize) -> usize {
        self.inner.num_frames(num_samples)
    }

    /// Computes the rows of each array, flat.
    fn rows<'py>(
        &self,
        py: Python<'py>,
        samples: PyReadonlyArray1<'py, f32>,
        id: &str,
    ) -> PyResult<Vec<Bound<'py, PyArray1<f32>>>> {
        let samples = samples.as_slice()?;
        let rows = py.detach(|| {
            let mut bench = self.bench();
            let rows = self.inner.rows(samples, id, &mut bench);
            self.give_back(bench);
            rows
        });
        let rows = rows.map_err(|error| of_engine("the samples", &error))?;
        Ok(rows.into_iter().map(|rows| PyArray1::from_vec(py, rows)).collect())
    }

    /// Computes the rows of several recordings on several threads.
    fn rows_of_all<'py>(
        &self,
        py: Python<'py>,
        all: Vec<PyReadonlyArray1<'py, f32>>,
        ids: Vec<String>,
        jobs: usize,
    ) -> PyResult<Vec<Vec<Bound<'py, PyArray1<f32>>>>> {
        let samples: Vec<&[f32]> =
            all.iter().map(|samples| samples.as_slice()).collect::<Result<_, _>>()?;
        let done: Mutex<Vec<Option<Result<Rows, Error>>>> =
            Mutex::new(samples.iter().map(|_| None).collect());
        py.detach(|| {
            for_each(jobs, samples.len(), |at| {
                let id = ids.get(at).map_or("", String::as_str);
                let mut bench = self.bench();
                let rows = self.inner.rows(samples[at], id, &mut bench);
                self.give_back(bench);
                done.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(rows);
                Ok::<(), Infallible>(())
            })
        })
        .unwrap_or_else(|never| match never {});
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let arrays = |(at, rows): (usize, Option<Result<Rows, Error>>)| {
            let Some(rows) = rows else {
                return Err(PyValueError::new_err(format!("recording {at} was not computed")));
            };
            let rows = rows.map_err(|error| of_recording(at, &error))?;
            Ok(rows.into_iter().map(|rows| PyArray1::from_vec(py, rows)).collect())
        };
        done.into_iter().enumerate().map(arrays).collect()
    }
}

impl Transform {
    fn of(inner: ossicle_engine::Transform) -> Transform {
        Transform { inner, benches: Mutex::default() }
    }

    /// Takes buffers that are free.
    fn bench(&self) -> Bench {
        let mut benches = self.benches.lock().unwrap_or_else(PoisonError::into_inner);
        benches.pop().unwrap_or_default()
    }

    fn give_back(&self, bench: Bench) {
        self.benches.lock().unwrap_or_else(PoisonError::into_inner).push(bench);
    }
}

/// Makes the exception of an error about one of several recordings.
fn of_recording(at: usize, error: &Error) -> PyErr {
    PyValueError::new_err(format!("x[{at}]: {}", ossicle_engine::sentence(error)))
}
