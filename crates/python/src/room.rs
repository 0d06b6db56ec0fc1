//! Room for the rows of many recordings.

use numpy::{PyArray1, PyArrayDyn, PyArrayMethods, PyReadwriteArray1};
use pyo3::prelude::*;
use pyo3::types::PySlice;

use crate::errors::wrong;

/// The most numbers that arrays of several recordings share, 16 MiB: in memory of that size NumPy asks the system for
/// large pages, so that its first use takes no longer than computing the rows. Of less, a thousand recordings of three
/// seconds take 1.6 times as long. Whoever keeps one array keeps what it shares.
pub(crate) const SHARED: usize = 1 << 22;

/// Room for an array of each of several recordings.
pub(crate) struct Room<'py> {
    slabs: Vec<Bound<'py, PyArray1<f32>>>,
    /// The slab of each recording, and its first number there.
    places: Vec<(usize, usize)>,
    /// How many numbers each has.
    sizes: Vec<usize>,
}

impl<'py> Room<'py> {
    /// Makes room.
    ///
    /// - `sizes`: how many numbers each recording has
    /// - `shared`: how many numbers stand side by side, at most, unless one recording has more
    pub(crate) fn new(py: Python<'py>, sizes: Vec<usize>, shared: usize) -> Room<'py> {
        let mut lengths: Vec<usize> = Vec::new();
        let mut places = Vec::with_capacity(sizes.len());
        for &size in &sizes {
            match lengths.last_mut() {
                Some(length) if length.saturating_add(size) <= shared => {
                    *length += size;
                    places.push((lengths.len() - 1, lengths[lengths.len() - 1] - size));
                }
                _ => {
                    lengths.push(size);
                    places.push((lengths.len() - 1, 0));
                }
            }
        }
        let slabs = lengths.into_iter().map(|length| PyArray1::zeros(py, length, false)).collect();
        Room { slabs, places, sizes }
    }

    /// Borrows all of it, to be [cut](Room::cut).
    pub(crate) fn writers(&self) -> Vec<PyReadwriteArray1<'py, f32>> {
        self.slabs.iter().map(|slab| slab.readwrite()).collect()
    }

    /// Cuts it into the places of the recordings, in their order.
    pub(crate) fn cut<'a>(
        &self,
        writers: &'a mut [PyReadwriteArray1<'py, f32>],
    ) -> PyResult<Vec<&'a mut [f32]>> {
        let mut rests = Vec::with_capacity(writers.len());
        for writer in writers {
            rests.push(writer.as_slice_mut()?);
        }
        let mut cut = Vec::with_capacity(self.sizes.len());
        for (&(slab, _), &size) in self.places.iter().zip(&self.sizes) {
            let (own, rest) = std::mem::take(&mut rests[slab]).split_at_mut(size);
            rests[slab] = rest;
            cut.push(own);
        }
        Ok(cut)
    }

    /// Returns the array of a recording, of rows of `dim` numbers.
    pub(crate) fn rows(&self, recording: usize, dim: usize) -> PyResult<Bound<'py, PyAny>> {
        let ((slab, first), size) = (self.places[recording], self.sizes[recording]);
        let slab = &self.slabs[slab];
        let part =
            slab.get_item(PySlice::new(slab.py(), first as isize, (first + size) as isize, 1))?;
        let part = part.cast_into::<PyArray1<f32>>()?;
        Ok(part.reshape([size / dim.max(1), dim])?.into_any())
    }

    /// Returns all of it as one array.
    pub(crate) fn whole(&self, shape: &[usize]) -> PyResult<Bound<'py, PyAny>> {
        let [slab] = &self.slabs[..] else { return Err(wrong("x is empty", None)) };
        let whole: Bound<'py, PyArrayDyn<f32>> = slab.reshape(shape)?;
        Ok(whole.into_any())
    }
}
