//! The discrete Fourier transform of a size that has a prime factor above 5, or is odd.
//!
//! L. Bluestein, "A linear filtering approach to the computation of discrete Fourier transform", *IEEE
//! Transactions on Audio and Electroacoustics* 18 (1970): with k·n = (k² + n² − (k − n)²)/2 the
//! transform is a convolution with a chirp, which is done at a power of two. It is done in f64, one
//! frame at a time: such sizes are rare, and need not be fast.

use std::f64::consts::PI;

use crate::kernels::buffer::{ComplexArray, LaneBuffer};

type Complex = [f64; 2];

/// A plan for frames of one size.
#[derive(Debug, Clone)]
pub(crate) struct Chirp {
    size: usize,
    /// exp(−iπ·n²/size).
    chirp: Vec<Complex>,
    /// The transform of the conjugate chirp, with the inverse transform's factor.
    filter: Vec<Complex>,
    /// exp(−2πi·k/m) for the first half of the m points of the convolution.
    twiddles: Vec<Complex>,
}

/// The buffers that a transform works in, and its bins.
#[derive(Debug, Default)]
pub(crate) struct ChirpScratch {
    points: Vec<Complex>,
    pub(crate) bins: LaneBuffer,
}

#[cfg(test)]
impl ChirpScratch {
    /// Counts the bytes that it holds on to.
    pub(crate) fn num_bytes(&self) -> usize {
        let ChirpScratch { points, bins } = self;
        points.capacity() * size_of::<Complex>() + bins.num_bytes()
    }
}

impl Chirp {
    pub(crate) fn new(size: usize) -> Chirp {
        let turn = |of: usize, whole: usize| {
            let angle = -2.0 * PI * of as f64 / whole as f64;
            [libm::cos(angle), libm::sin(angle)]
        };
        // n² modulo 2·size, in whole numbers.
        let chirp: Vec<Complex> = (0..size).map(|n| turn(n * n % (2 * size), 2 * size)).collect();
        let m = (2 * size - 1).next_power_of_two();
        let twiddles: Vec<Complex> = (0..m / 2).map(|k| turn(k, m)).collect();
        let mut filter = vec![[0.0; 2]; m];
        for (n, &[re, im]) in chirp.iter().enumerate() {
            let conjugate = [re / m as f64, -im / m as f64];
            filter[n] = conjugate;
            filter[(m - n) % m] = conjugate;
        }
        transform(&twiddles, &mut filter);
        Chirp { size, chirp, filter, twiddles }
    }

    /// - `lanes`: the most that a transform has
    pub(crate) fn prepare(&self, lanes: usize, scratch: &mut ChirpScratch) {
        scratch.points.resize(self.filter.len(), [0.0; 2]);
        scratch.bins.resize((self.size / 2 + 1) * 2 * lanes);
    }

    /// Leaves the bins from DC to half the sample rate in `scratch.bins`.
    ///
    /// - `packed`: the frames, `packed[j] = (x[2j], x[2j + 1])`
    pub(crate) fn transform<const N: usize>(
        &self,
        packed: &[ComplexArray<N>],
        scratch: &mut ChirpScratch,
    ) {
        let ChirpScratch { points, bins } = scratch;
        let bins = &mut bins.complex_mut::<N>()[..self.size / 2 + 1];
        for lane in 0..N {
            points.fill([0.0; 2]);
            for (n, (point, &chirp)) in points.iter_mut().zip(&self.chirp).enumerate() {
                let pair = &packed[n / 2];
                let x = f64::from(pair[n % 2][lane]);
                *point = [x * chirp[0], x * chirp[1]];
            }
            transform(&self.twiddles, points);
            // The inverse transform is the conjugate of the transform of the conjugate.
            for (point, &filter) in points.iter_mut().zip(&self.filter) {
                let [re, im] = product(*point, filter);
                *point = [re, -im];
            }
            transform(&self.twiddles, points);
            for ((bin, &[re, im]), &chirp) in bins.iter_mut().zip(&*points).zip(&self.chirp) {
                let [re, im] = product([re, -im], chirp);
                (bin[0][lane], bin[1][lane]) = (re as f32, im as f32);
            }
        }
    }
}

fn product([a, b]: Complex, [c, d]: Complex) -> Complex {
    [a * c - b * d, a * d + b * c]
}

/// Transforms a power of two of points, in place (J. Cooley and J. Tukey, "An algorithm for the
/// machine calculation of complex Fourier series", *Mathematics of Computation* 19, 1965).
fn transform(twiddles: &[Complex], points: &mut [Complex]) {
    let size = points.len();
    let bits = size.trailing_zeros();
    for i in 0..size {
        let j = if bits == 0 { 0 } else { i.reverse_bits() >> (usize::BITS - bits) };
        if i < j {
            points.swap(i, j);
        }
    }
    let mut half = 1;
    while half < size {
        for block in points.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            let step = size / (2 * half);
            for ((a, b), &w) in low.iter_mut().zip(high).zip(twiddles.iter().step_by(step)) {
                let turned = product(*b, w);
                *b = [a[0] - turned[0], a[1] - turned[1]];
                *a = [a[0] + turned[0], a[1] + turned[1]];
            }
        }
        half *= 2;
    }
}
