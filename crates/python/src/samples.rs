//! Arrays of NumPy as samples.

use numpy::{PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;

/// Samples in an array that is contiguous, aligned and in the machine's byte order, borrowed for as long as
/// this lives.
pub(crate) enum Samples<'py> {
    F32(PyReadonlyArrayDyn<'py, f32>),
    F64(PyReadonlyArrayDyn<'py, f64>),
    I16(PyReadonlyArrayDyn<'py, i16>),
}

/// Runs an expression on the array, whatever its numbers are.
macro_rules! of_any {
    ($samples:expr, $array:ident => $does:expr) => {
        match $samples {
            Samples::F32($array) => $does,
            Samples::F64($array) => $does,
            Samples::I16($array) => $does,
        }
    };
}

impl<'py> Samples<'py> {
    /// Takes an array as samples; None where it has to be made another first.
    pub(crate) fn of(x: &Bound<'py, PyAny>) -> Option<Samples<'py>> {
        let samples = if let Ok(array) = x.cast::<PyArrayDyn<f32>>() {
            Samples::F32(array.try_readonly().ok()?)
        } else if let Ok(array) = x.cast::<PyArrayDyn<i16>>() {
            Samples::I16(array.try_readonly().ok()?)
        } else {
            Samples::F64(x.cast::<PyArrayDyn<f64>>().ok()?.try_readonly().ok()?)
        };
        let is_taken =
            of_any!(&samples, array => array.is_c_contiguous() && array.as_slice().is_ok());
        is_taken.then_some(samples)
    }

    pub(crate) fn shape(&self) -> &[usize] {
        of_any!(self, array => array.shape())
    }

    /// Returns what other threads may look at.
    pub(crate) fn view(&self) -> View<'_> {
        match self {
            Samples::F32(array) => View::F32(array.as_slice().unwrap_or_default()),
            Samples::F64(array) => View::F64(array.as_slice().unwrap_or_default()),
            Samples::I16(array) => View::I16(array.as_slice().unwrap_or_default()),
        }
    }
}

/// Samples in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) enum View<'a> {
    F32(&'a [f32]),
    F64(&'a [f64]),
    I16(&'a [i16]),
}

impl<'a> View<'a> {
    /// Returns the stretch of a row of an array of rows.
    pub(crate) fn row(self, number: usize, length: usize) -> View<'a> {
        let range = number * length..(number + 1) * length;
        match self {
            View::F32(all) => View::F32(&all[range]),
            View::F64(all) => View::F64(&all[range]),
            View::I16(all) => View::I16(&all[range]),
        }
    }

    /// Returns them at full scale of ±1: where they lie if they are float32, or else in a buffer.
    pub(crate) fn unit(self, buffer: &'a mut Vec<f32>) -> &'a [f32] {
        /// The value of full scale in 16 bits.
        const FULL_SCALE: f32 = 32768.0;
        buffer.clear();
        match self {
            View::F32(all) => return all,
            View::F64(all) => buffer.extend(all.iter().map(|&x| x as f32)),
            View::I16(all) => buffer.extend(all.iter().map(|&x| f32::from(x) * (1.0 / FULL_SCALE))),
        }
        buffer
    }
}
