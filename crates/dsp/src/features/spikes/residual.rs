//! The rest of a signal, and its correlations where they have to be exact.

use super::atom::Atom;
use super::cell::{CELL, Cell};
use crate::kernels::lanes::{LANES, Vector};

/// The number of sums that a correlation is the sum of, so that one addition need not wait for the
/// other.
const SUMS: usize = 4 * LANES;

/// The kernels of a dictionary, filled up with zeros to whole vectors.
#[derive(Debug, Clone)]
pub(super) struct Kernels(Vec<Kernel>);

/// A sample for each sum at a time.
type Kernel = Vec<[f32; SUMS]>;

/// The residual of a block in single precision, while spikes are looked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Residual {
    /// And enough zeros for the last cell.
    samples: Vec<f32>,
}

impl Kernels {
    pub(super) fn new<'a>(kernels: impl Iterator<Item = &'a [f32]>) -> Kernels {
        let fill_up = |kernel: &[f32]| {
            let mut vectors = vec![[0.0; SUMS]; kernel.len().div_ceil(SUMS)];
            vectors.as_flattened_mut()[..kernel.len()].copy_from_slice(kernel);
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
        self.samples.resize(exact.len() + 2 * CELL + SUMS, 0.0);
    }

    pub(super) fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Subtracts a spike.
    #[inline(always)]
    pub(super) fn subtract<V: Vector<N>, const N: usize>(&mut self, kernels: &Kernels, atom: Atom) {
        let (samples, _) = self.samples[atom.onset as usize..].as_chunks_mut();
        let (kernel, _) = kernels.0[atom.channel as usize].as_flattened().as_chunks();
        for (samples, kernel) in samples.iter_mut().zip(kernel) {
            (V::load(samples) - V::load(kernel) * atom.amplitude).store(samples);
        }
    }

    /// Computes the correlation with a kernel at an onset.
    #[inline(always)]
    pub(super) fn correlation<V: Vector<N>, const N: usize>(
        &self,
        kernels: &Kernels,
        channel: usize,
        onset: usize,
    ) -> f32 {
        let kernel = &kernels.0[channel];
        let (samples, _) = self.samples[onset..].as_chunks::<SUMS>();
        // As many of them as there are vectors of sums.
        let mut sums = [V::splat(0.0); SUMS / LANES];
        for (kernel, samples) in kernel.iter().zip(samples) {
            let ((kernel, _), (samples, _)) = (kernel.as_chunks(), samples.as_chunks());
            for ((sum, kernel), samples) in sums.iter_mut().zip(kernel).zip(samples) {
                *sum = *sum + V::load(kernel) * V::load(samples);
            }
        }
        let mut all = [0.0; SUMS];
        let (vectors, _) = all.as_chunks_mut();
        for (vector, sum) in vectors.iter_mut().zip(sums) {
            sum.store(vector);
        }
        let (eights, _) = all.as_chunks();
        let eight = |at: usize| V::Eight::load(&eights[at]);
        let mut lanes = [0.0; LANES];
        ((eight(0) + eight(1)) + (eight(2) + eight(3))).store(&mut lanes);
        let [a, b, c, d, e, f, g, h] = lanes;
        ((a + b) + (c + d)) + ((e + f) + (g + h))
    }

    /// Computes the correlations with a kernel at the onsets of a cell.
    ///
    /// - `out`: overwritten
    #[inline(always)]
    pub(super) fn correlations<V: Vector<N>, const N: usize>(
        &self,
        kernels: &Kernels,
        channel: usize,
        cell: usize,
        out: &mut Cell,
    ) {
        let kernel = kernels.0[channel].as_flattened();
        // As many of them as there are vectors of onsets.
        let mut sums = [V::splat(0.0); CELL / LANES];
        for (&x, onsets) in kernel.iter().zip(self.samples[cell * CELL..].windows(CELL)) {
            let (onsets, _) = onsets.as_chunks();
            for (sum, samples) in sums.iter_mut().zip(onsets) {
                *sum = *sum + V::load(samples) * x;
            }
        }
        let (vectors, _) = out.0.as_chunks_mut();
        for (vector, sum) in vectors.iter_mut().zip(sums) {
            sum.store(vector);
        }
    }
}
