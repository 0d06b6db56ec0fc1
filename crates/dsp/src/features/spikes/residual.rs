//! The rest of a signal, and its correlations where they have to be exact.

use super::atom::Atom;
use super::cell::{CELL, VECTORS};
use crate::kernels::lanes::{LANES, Vector};

/// The number of vectors that are summed side by side, so that one addition need not wait for the
/// other.
const SUMS: usize = 4;

/// The kernels of a dictionary, filled up with zeros to whole vectors.
#[derive(Debug, Clone)]
pub(super) struct Kernels(Vec<Kernel>);

/// [`SUMS`] vectors after one another.
type Kernel = Vec<[[f32; LANES]; SUMS]>;

/// The residual of a block in single precision, while spikes are looked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Residual {
    /// And enough zeros for the last cell.
    samples: Vec<f32>,
}

impl Kernels {
    pub(super) fn new<'a>(kernels: impl Iterator<Item = &'a [f32]>) -> Kernels {
        let fill_up = |kernel: &[f32]| {
            let mut vectors = vec![[[0.0; LANES]; SUMS]; kernel.len().div_ceil(SUMS * LANES)];
            vectors.as_flattened_mut().as_flattened_mut()[..kernel.len()].copy_from_slice(kernel);
            vectors
        };
        Kernels(kernels.map(fill_up).collect())
    }
}

impl Residual {
    /// Takes a residual, of which the last kernel's length of samples has no onsets.
    pub(super) fn load(&mut self, exact: &[f64]) {
        self.samples.clear();
        self.samples.extend(exact.iter().map(|&x| x as f32));
        self.samples.resize(exact.len() + 2 * CELL + SUMS * LANES, 0.0);
    }

    pub(super) fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Subtracts a spike.
    #[inline(always)]
    pub(super) fn subtract<V: Vector>(&mut self, kernels: &Kernels, atom: Atom) {
        let (samples, _) = self.samples[atom.onset as usize..].as_chunks_mut::<LANES>();
        let kernel = kernels.0[atom.channel as usize].as_flattened();
        for (samples, kernel) in samples.iter_mut().zip(kernel) {
            (V::load(samples) - V::load(kernel) * atom.amplitude).store(samples);
        }
    }

    /// Computes the correlation with a kernel at an onset.
    #[inline(always)]
    pub(super) fn correlation<V: Vector>(
        &self,
        kernels: &Kernels,
        channel: usize,
        onset: usize,
    ) -> f32 {
        let kernel = &kernels.0[channel];
        let (samples, _) = self.samples[onset..].as_chunks::<LANES>();
        let (samples, _) = samples.as_chunks::<SUMS>();
        let mut sums = [V::splat(0.0); SUMS];
        for (kernel, samples) in kernel.iter().zip(samples) {
            for ((sum, kernel), samples) in sums.iter_mut().zip(kernel).zip(samples) {
                *sum = *sum + V::load(kernel) * V::load(samples);
            }
        }
        let mut lanes = [0.0; LANES];
        ((sums[0] + sums[1]) + (sums[2] + sums[3])).store(&mut lanes);
        let [a, b, c, d, e, f, g, h] = lanes;
        ((a + b) + (c + d)) + ((e + f) + (g + h))
    }

    /// Computes the correlations with a kernel at the onsets of a cell.
    #[inline(always)]
    pub(super) fn correlations<V: Vector>(
        &self,
        kernels: &Kernels,
        channel: usize,
        cell: usize,
    ) -> [V; VECTORS] {
        let kernel = kernels.0[channel].as_flattened().as_flattened();
        let mut sums = [V::splat(0.0); VECTORS];
        for (&x, onsets) in kernel.iter().zip(self.samples[cell * CELL..].windows(CELL)) {
            let (onsets, _) = onsets.as_chunks::<LANES>();
            for (sum, samples) in sums.iter_mut().zip(onsets) {
                *sum = *sum + V::load(samples) * x;
            }
        }
        sums
    }
}
