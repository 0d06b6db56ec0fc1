//! A recipe applied to samples in memory.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use numpy::PyArray2;
use numpy::ndarray::Array;
use ossicle_dataset::Normalization;
use ossicle_dsp::Level;
use ossicle_engine::{Bench, Error, FrontEnd, Unusable};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::errors::{of_engine, of_folder, wrong};
use crate::patience::for_each_until_interrupted;
use crate::recipes::recipe;
use crate::room::{Room, SHARED};
use crate::samples::{Samples, View};

/// The rows of each array of a recording, row-major.
type Rows = Vec<Vec<f32>>;

/// A recipe applied to samples in memory.
#[pyclass(frozen, module = "ossicle._ossicle")]
pub(crate) struct Transform {
    inner: ossicle_engine::Transform,
    /// Buffers that no thread has.
    buffers: Mutex<Vec<Buffers>>,
}

/// The buffers of a thread, which may be dirty.
#[derive(Debug, Default)]
struct Buffers {
    bench: Bench,
    samples: Vec<f32>,
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
            .map_err(|error| wrong(error.to_string(), None))?;
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
        of_folder(&folder)?;
        let level = Level::detect();
        let inner =
            py.detach(|| ossicle_engine::Transform::of_dataset(&folder, sample_rate_hz, level));
        let name = folder.display().to_string();
        Ok(Transform::of(inner.map_err(|error| of_engine(&name, &error))?))
    }

    /// Plans a front end that was saved, and compares the rows of its probe.
    ///
    /// - `name`: what it is called in errors
    #[staticmethod]
    fn of_front_end(py: Python<'_>, name: &str, text: &str, tolerance: f32) -> PyResult<Transform> {
        let planned =
            || FrontEnd::from_text(text).and_then(|of| of.plan(tolerance, Level::detect()));
        let inner = py.detach(planned);
        Ok(Transform::of(inner.map_err(|error| of_engine(name, &error))?))
    }

    /// Writes it with the rows of a probe: the text of a front end.
    fn front_end(&self, py: Python<'_>) -> PyResult<String> {
        let made = py.detach(|| FrontEnd::of(&self.inner));
        Ok(made.map_err(|error| of_engine("the front end", &error))?.to_text())
    }

    /// Plans the same with the statistics of a speaker's recordings.
    ///
    /// - `all`: arrays as `rows` takes them
    /// - `ids`: their names, which a recipe's noise depends on; as many
    fn for_speaker(
        &self,
        py: Python<'_>,
        all: Vec<Bound<'_, PyAny>>,
        ids: Vec<String>,
    ) -> PyResult<Transform> {
        let samples: Option<Vec<Samples<'_>>> = all.iter().map(Samples::of).collect();
        let samples = samples.ok_or_else(|| wrong("recordings are being changed", None))?;
        let views: Vec<View<'_>> = samples.iter().map(Samples::view).collect();
        let inner = py.detach(|| {
            let unit: Vec<Vec<f32>> =
                views.iter().map(|view| view.unit(&mut Vec::new()).to_vec()).collect();
            let named = unit.iter().zip(&ids).map(|(samples, id)| (&samples[..], id.as_str()));
            self.inner.for_speaker(named, &mut Bench::default())
        });
        Ok(Transform::of(inner.map_err(|error| match &error {
            Error::Recording { number, source } => {
                of_engine(&format!("recordings[{number}]"), source)
            }
            _ => of_engine("recordings", &error),
        })?))
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
        of.map_err(|error| wrong(error.to_string(), None))
    }

    /// The kind of each feature.
    #[getter]
    fn kinds(&self) -> Vec<&'static str> {
        self.inner.recipe().features().iter().map(|feature| feature.kind_word()).collect()
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

    /// Computes the rows of a recording: an array `[num_frames, num_columns]`, or a dict of them by name where
    /// there are several. None where `x` is no array that it takes as it is.
    ///
    /// - `name`: what the samples are called in errors
    /// - `keep`: rows of samples that are not finite are NaN, instead of an error
    fn rows<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        name: &str,
        id: &str,
        keep: bool,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(samples) = Samples::of(x).filter(|samples| samples.shape().len() == 1) else {
            return Ok(None);
        };
        let view = samples.view();
        let rows = py.detach(|| self.compute(view, id, keep));
        let rows = rows.map_err(|error| of_samples(name, view, &error))?;
        self.named(py, rows).map(Some)
    }

    /// Computes the rows of several recordings on several threads: a list of what `rows` gives.
    ///
    /// - `all`: arrays as `rows` takes them
    fn rows_of_all<'py>(
        &self,
        py: Python<'py>,
        all: Vec<Bound<'py, PyAny>>,
        jobs: usize,
        id: &str,
        keep: bool,
    ) -> PyResult<Bound<'py, PyList>> {
        let samples: Option<Vec<Samples<'py>>> = all.iter().map(Samples::of).collect();
        let samples = samples.ok_or_else(|| wrong("x is being changed", None))?;
        let views: Vec<View<'_>> = samples.iter().map(Samples::view).collect();
        let frames: Vec<Vec<usize>> =
            samples.iter().map(|one| self.inner.num_rows(one.shape()[0])).collect();
        let dims = self.dims();
        let room = |(array, &dim): (usize, &usize)| {
            Room::new(py, frames.iter().map(|frames| frames[array] * dim).collect(), SHARED)
        };
        let rooms: Vec<Room<'_>> = dims.iter().enumerate().map(room).collect();
        self.fill(py, jobs, &views, &rooms, id, keep)?;
        let list = PyList::empty(py);
        for recording in 0..views.len() {
            let arrays = rooms.iter().zip(&dims).map(|(room, &dim)| room.rows(recording, dim));
            list.append(self.by_name(py, arrays)?)?;
        }
        Ok(list)
    }

    /// Computes the rows of the recordings of a 2-D array: an array `[batch, num_frames, num_columns]`, or a
    /// dict of them. None where `x` is no array that it takes as it is.
    fn rows_of_batch<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        jobs: usize,
        id: &str,
        keep: bool,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let samples = Samples::of(x);
        let Some((samples, &[batch, length])) = samples.as_ref().map(|it| (it, it.shape())) else {
            return Ok(None);
        };
        let sizes = self.inner.num_rows(length).into_iter().zip(self.dims());
        let sizes: Vec<(usize, usize)> = sizes.collect();
        let room =
            |&(rows, dim): &(usize, usize)| Room::new(py, vec![rows * dim; batch], usize::MAX);
        let rooms: Vec<Room<'_>> = sizes.iter().map(room).collect();
        let view = samples.view();
        let views: Vec<View<'_>> = (0..batch).map(|at| view.row(at, length)).collect();
        self.fill(py, jobs, &views, &rooms, id, keep)?;
        let arrays = rooms.iter().zip(&sizes);
        let arrays = arrays.map(|(room, &(rows, dim))| room.whole(&[batch, rows, dim]));
        self.by_name(py, arrays).map(Some)
    }
}

impl Transform {
    fn of(inner: ossicle_engine::Transform) -> Transform {
        Transform { inner, buffers: Mutex::default() }
    }

    /// Computes the rows of each array of a recording.
    fn compute(&self, samples: View<'_>, id: &str, keep: bool) -> Result<Rows, Error> {
        let unusable = if keep { Unusable::Keep } else { Unusable::Refuse };
        let mut buffers = self.buffers().pop().unwrap_or_default();
        let Buffers { bench, samples: buffer } = &mut buffers;
        let rows = self.inner.rows(samples.unit(buffer), id, unusable, bench);
        self.buffers().push(buffers);
        rows
    }

    /// Computes the rows of recordings on several threads.
    ///
    /// - `rooms`: where they go, of each array
    fn fill(
        &self,
        py: Python<'_>,
        jobs: usize,
        views: &[View<'_>],
        rooms: &[Room<'_>],
        id: &str,
        keep: bool,
    ) -> PyResult<()> {
        let mut writers: Vec<_> = rooms.iter().map(Room::writers).collect();
        let mut places: Vec<Vec<&mut [f32]>> = views.iter().map(|_| Vec::new()).collect();
        for (room, writers) in rooms.iter().zip(&mut writers) {
            let cut = room.cut(writers)?;
            places.iter_mut().zip(cut).for_each(|(places, place)| places.push(place));
        }
        let places: Vec<Mutex<Vec<&mut [f32]>>> = places.into_iter().map(Mutex::new).collect();
        for_each_until_interrupted(py, jobs, views.len(), |at| {
            let rows = self.compute(views[at], id, keep)?;
            let mut places = places[at].lock().unwrap_or_else(PoisonError::into_inner);
            places.iter_mut().zip(&rows).for_each(|(place, rows)| place.copy_from_slice(rows));
            Ok(())
        })
        .map_err(|failure| {
            failure.raised(|at, error| of_samples(&format!("x[{at}]"), views[at], error))
        })
    }

    /// What the engine computes with.
    pub(crate) fn planned(&self) -> &ossicle_engine::Transform {
        &self.inner
    }

    /// Counts the columns of each array.
    fn dims(&self) -> Vec<usize> {
        self.inner.arrays().map(|(_, columns)| columns.len()).collect()
    }

    fn buffers(&self) -> std::sync::MutexGuard<'_, Vec<Buffers>> {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes arrays of rows.
    fn named<'py>(&self, py: Python<'py>, rows: Rows) -> PyResult<Bound<'py, PyAny>> {
        let arrays = rows.into_iter().zip(self.inner.arrays()).map(|(rows, (_, columns))| {
            let dim = columns.len();
            let num_frames = rows.len() / dim.max(1);
            let array = Array::from_shape_vec((num_frames, dim), rows);
            let array = array.map_err(|error| wrong(error.to_string(), None))?;
            Ok(PyArray2::from_owned_array(py, array).into_any())
        });
        self.by_name(py, arrays)
    }

    /// Returns the only array, or a dict of several.
    fn by_name<'py>(
        &self,
        py: Python<'py>,
        mut arrays: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if self.inner.arrays().len() == 1
            && let Some(only) = arrays.next()
        {
            return only;
        }
        let by_name = PyDict::new(py);
        for ((name, _), array) in self.inner.arrays().zip(arrays) {
            by_name.set_item(name, array?)?;
        }
        Ok(by_name.into_any())
    }
}

/// Makes the exception of an error about samples.
fn of_samples(name: &str, samples: View<'_>, error: &Error) -> PyErr {
    match (error, samples) {
        (Error::NoSample { at, .. }, View::F64(all))
            if all[*at].is_finite() && (all[*at] as f32).is_infinite() =>
        {
            let text = format!("{name}[{at}] is {:e}, which float32 cannot hold", all[*at]);
            wrong(text, Some("samples are at full scale of ±1"))
        }
        _ => of_engine(name, error),
    }
}
