//! The discrete Fourier transform of as many real frames as a vector has lanes.
//!
//! A real frame of `n` samples is packed as n/2 complex numbers, transformed by decimation in frequency
//! (radices 8, 4, 2, 3 and 5; W. Gentleman and G. Sande, "Fast Fourier transforms: for fun and profit",
//! AFIPS 1966), and unpacked to the n/2 + 1 bins of the real transform. Every butterfly leaves its
//! results where its points were, so that a transform is in one buffer: 16 lanes of 512 samples are
//! 32 KiB, which with their powers is what a first-level cache of 48 KiB holds. The bins come out in
//! the order of reversed digits; the last pass, which knows where they are, unpacks them while they are
//! in registers. Twiddle factors are computed in f64 and rounded once. Other sizes than 2·2^a·3^b·5^c go
//! through [`Chirp`].

use crate::error::Error;
use crate::kernels::bluestein::{Chirp, ChirpScratch};
use crate::kernels::buffer::ComplexArray;
use crate::kernels::butterfly::{Radix1, Radix2, Radix3, Radix4, Radix5, Radix8};
use crate::kernels::lanes::{Complex, ComplexLanes, LANES, Vector};
use crate::kernels::pass::{LastPass, Pass};
use crate::kernels::unpack::{BinSink, Unpack};

/// A plan for frames of one size.
#[derive(Debug, Clone)]
pub(crate) struct RealFft {
    size: usize,
    /// The number of packed samples that are read; zeros stand for those after them.
    filled: usize,
    /// All passes but the last.
    passes: Vec<Pass>,
    last: LastPass,
    unpack: Unpack,
    /// exp(2πi·k/n) for the bins k = 0..=n/4 of the inverse.
    pack: Vec<Complex>,
    /// The plan that takes the place of all that for other sizes.
    chirp: Option<Chirp>,
}

impl RealFft {
    /// Checks a size without computing tables.
    ///
    /// # Errors
    /// If `size` is zero or above 2^20.
    pub(crate) fn check(size: usize) -> Result<(), Error> {
        match size {
            1..=0x10_0000 => Ok(()),
            _ => Err(Error::FftSize { n_fft: size }),
        }
    }

    /// Plans transforms of `size` real samples.
    ///
    /// - `size`: as it [is checked](RealFft::check)
    pub(crate) fn new(size: usize) -> RealFft {
        let radices = size.is_multiple_of(2).then(|| factorize(size / 2)).flatten();
        let chirp = radices.is_none().then(|| Chirp::new(size));
        let radices = radices.unwrap_or_default();
        let (&last, others) = radices.split_last().unwrap_or((&1, &[]));
        let mut passes = Vec::with_capacity(others.len());
        let mut left = size / 2;
        for &radix in others {
            passes.push(Pass::new(radix, left));
            left /= radix;
        }
        let conjugate = |w: Complex| Complex { re: w.re, im: -w.im };
        let pack = (0..=size / 4).map(|k| conjugate(Complex::twiddle(k, size))).collect();
        let last = LastPass::new(last, others);
        let unpack = Unpack::new(&last, size);
        RealFft { size, filled: size.div_ceil(2), passes, last, unpack, pack, chirp }
    }

    /// Plans the same for frames that go on with zeros after `length` samples, which need not be there.
    pub(crate) fn of_short_frames(self, length: usize) -> RealFft {
        RealFft { filled: length.div_ceil(2), ..self }
    }

    /// Returns the number of complex numbers that a packed frame has.
    pub(crate) fn packed_len(&self) -> usize {
        self.size.div_ceil(2)
    }

    /// Returns the number of bins of the result: from DC to the Nyquist frequency.
    pub(crate) fn num_bins(&self) -> usize {
        self.size / 2 + 1
    }

    /// - `lanes`: the most that a transform has
    pub(crate) fn prepare(&self, lanes: usize, scratch: &mut ChirpScratch) {
        if let Some(chirp) = &self.chirp {
            chirp.prepare(lanes, scratch);
        }
    }

    /// Puts every bin of the transform of `data` into its place.
    ///
    /// - `data`: the packed frames, `data[j] = (x[2j], x[2j + 1])`; overwritten. After those that
    ///   [short frames](RealFft::of_short_frames) have it may be dirty
    /// - `scratch`: as [`prepare`](RealFft::prepare) leaves it
    /// - `bins`: at least [`num_bins`](RealFft::num_bins) places, from that of DC on
    #[inline(always)]
    pub(crate) fn transform<V: Vector<N>, S: BinSink<N>, const N: usize>(
        &self,
        data: &mut [ComplexArray<N>],
        scratch: &mut ChirpScratch,
        bins: &mut [S::Bin],
    ) {
        let bins = &mut bins[..self.num_bins()];
        if let Some(chirp) = &self.chirp {
            data[self.filled..self.packed_len()].as_flattened_mut().fill([0.0; N]);
            chirp.transform(data, scratch);
            for (bin, x) in bins.iter_mut().zip(scratch.bins.complex()) {
                S::put(bin, ComplexLanes::<V>::load(x));
            }
            return;
        }
        let data = &mut data[..self.packed_len()];
        self.run_passes::<V, N>(self.filled, data);
        match self.last.radix {
            1 => self.unpack.run::<V, S, Radix1, 1, N>(&self.last, data, bins),
            2 => self.unpack.run::<V, S, Radix2, 2, N>(&self.last, data, bins),
            3 => self.unpack.run::<V, S, Radix3, 3, N>(&self.last, data, bins),
            4 => self.unpack.run::<V, S, Radix4, 4, N>(&self.last, data, bins),
            5 => self.unpack.run::<V, S, Radix5, 5, N>(&self.last, data, bins),
            // `factorize` has no other radix than 8 besides.
            _ => self.unpack.run::<V, S, Radix8, 8, N>(&self.last, data, bins),
        }
    }

    /// Runs all passes but the last.
    ///
    /// - `filled`: how many numbers are not zeros
    #[inline(always)]
    fn run_passes<V: Vector<N>, const N: usize>(
        &self,
        filled: usize,
        data: &mut [ComplexArray<N>],
    ) {
        let is_pruned = match self.passes.first() {
            Some(first) => first.run_pruned::<V, N>(filled, data),
            None => false,
        };
        if !is_pruned {
            data[filled..].as_flattened_mut().fill([0.0; N]);
        }
        let Some(first) = self.passes.first() else { return };
        // What the first pass leaves are blocks on their own, of which each is in a nearer cache while all
        // passes run over it.
        let whole = (data.len(), &self.passes[usize::from(is_pruned)..1]);
        for (size, passes) in [whole, (first.part, &self.passes[1..])] {
            for block in data.chunks_mut(size) {
                for pass in passes {
                    pass.run::<V, N>(block);
                }
            }
        }
    }

    /// Computes the samples whose transform the bins are, times the size: `x[2j]` is the imaginary
    /// part of number j, and `x[2j + 1]` the real part.
    ///
    /// - `data`, `out`: [`packed_len`](RealFft::packed_len) numbers each; overwritten
    ///
    /// # Panics
    /// If the size goes through [`Chirp`].
    #[inline(always)]
    pub(crate) fn inverse<V: Vector<N>, const N: usize>(
        &self,
        bins: &impl BinSource<N>,
        data: &mut [ComplexArray<N>],
        out: &mut [ComplexArray<N>],
    ) {
        assert!(self.chirp.is_none(), "sizes of inverse transforms are powers of two");
        let half = self.packed_len();
        let (data, out) = (&mut data[..half], &mut out[..half]);
        // 2E[k] = X[k] + conj X[n/2−k], 2O[k] = (X[k] − conj X[n/2−k])·w^−k, and the even and the odd
        // samples are the parts of the inverse transform of Z = E + iO, whose other half is
        // Z[n/2−k] = conj E + i·conj O. With the parts exchanged, the transform forward is the inverse.
        let (first, last) = (bins.get::<V>(0).re, bins.get::<V>(half).re);
        ComplexLanes { re: first - last, im: first + last }.store(&mut data[0]);
        for k in 1..=half / 2 {
            let (a, b) = (bins.get::<V>(k), bins.get::<V>(half - k));
            let even = ComplexLanes { re: a.re + b.re, im: a.im - b.im };
            let difference = ComplexLanes { re: a.re - b.re, im: a.im + b.im };
            let odd = difference.rotate(self.pack[k]);
            ComplexLanes { re: even.im + odd.re, im: even.re - odd.im }.store(&mut data[k]);
            if k != half - k {
                let mirrored = ComplexLanes { re: odd.re - even.im, im: even.re + odd.im };
                mirrored.store(&mut data[half - k]);
            }
        }
        self.run_passes::<V, N>(half, data);
        match self.last.radix {
            1 => self.last.put_in_order::<V, Radix1, 1, N>(data, out),
            2 => self.last.put_in_order::<V, Radix2, 2, N>(data, out),
            3 => self.last.put_in_order::<V, Radix3, 3, N>(data, out),
            4 => self.last.put_in_order::<V, Radix4, 4, N>(data, out),
            5 => self.last.put_in_order::<V, Radix5, 5, N>(data, out),
            _ => self.last.put_in_order::<V, Radix8, 8, N>(data, out),
        }
    }
}

/// A source of a transform's bins, for its inverse.
pub(crate) trait BinSource<const N: usize = LANES> {
    /// Returns X\[k\]. Implementations must be `#[inline(always)]`.
    fn get<V: Vector<N>>(&self, k: usize) -> ComplexLanes<V>;
}

/// Returns the radices of a transform of `size` points, or none if it has a prime factor above 5.
fn factorize(size: usize) -> Option<Vec<usize>> {
    let mut radices = Vec::new();
    let mut left = size;
    for radix in [8, 4, 2, 3, 5] {
        while left.is_multiple_of(radix) && left > 1 {
            radices.push(radix);
            left /= radix;
        }
    }
    (left == 1).then_some(radices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::Baseline;
    use ossicle_testing::noise;
    use rustfft::{FftPlanner, num_complex::Complex64};

    const ZERO: ComplexArray<LANES> = [[0.0; LANES]; 2];
    const DIRTY: ComplexArray<LANES> = [[f32::NAN; LANES]; 2];

    /// Keeps the bins, of which each must come once.
    struct Once;

    impl BinSink<LANES> for Once {
        type Bin = Option<ComplexArray<LANES>>;

        fn put<V: Vector>(bin: &mut Self::Bin, x: ComplexLanes<V>) {
            let mut found = ZERO;
            x.store(&mut found);
            assert!(bin.replace(found).is_none(), "a bin came twice");
        }
    }

    /// Noise of each lane, and the same packed.
    fn frames(size: usize) -> (Vec<Vec<f32>>, Vec<ComplexArray<LANES>>) {
        let frames: Vec<_> = (0..LANES).map(|lane| noise(size, (size + lane) as u64)).collect();
        let sample = |n: usize, lane: usize| frames[lane].get(n).copied().unwrap_or(0.0);
        let part = |n: usize| std::array::from_fn(|lane| sample(n, lane));
        let packed = (0..size.div_ceil(2)).map(|j| [part(2 * j), part(2 * j + 1)]).collect();
        (frames, packed)
    }

    #[test]
    fn every_size_agrees_with_a_double_precision_transform() {
        let sizes = (1..=400).chain([401, 441, 512, 800, 1024, 1103, 1200, 2048, 4099, 6000]);
        for size in sizes {
            let plan = RealFft::new(size);
            let (frames, mut data) = frames(size);
            let mut scratch = ChirpScratch::default();
            plan.prepare(LANES, &mut scratch);
            scratch.bins.complex_mut().fill(DIRTY);
            let mut bins = vec![None; plan.num_bins()];
            plan.transform::<Baseline, Once, LANES>(&mut data, &mut scratch, &mut bins);
            let oracle = FftPlanner::<f64>::new().plan_fft_forward(size);
            for (lane, frame) in frames.iter().enumerate() {
                let mut truth: Vec<_> =
                    frame.iter().map(|&x| Complex64::new(f64::from(x), 0.0)).collect();
                oracle.process(&mut truth);
                for (k, bin) in bins.iter().enumerate() {
                    let [re, im] = bin.expect("every bin comes").map(|part| f64::from(part[lane]));
                    let error = (truth[k].re - re).hypot(truth[k].im - im);
                    // White noise of n samples has bins of size √n.
                    assert!(error < 1e-6 * (size as f64).sqrt(), "size {size} bin {k}: {error}");
                }
            }
        }
    }

    impl BinSource for Vec<Option<ComplexArray<LANES>>> {
        #[inline(always)]
        fn get<V: Vector>(&self, k: usize) -> ComplexLanes<V> {
            ComplexLanes::load(&self[k].expect("every bin came"))
        }
    }

    #[test]
    fn the_inverse_of_a_transform_is_the_frame_times_its_size() {
        for size in [2, 4, 8, 16, 64, 128, 1024, 4096, 6, 30, 400] {
            let plan = RealFft::new(size);
            let (frames, mut data) = frames(size);
            let mut bins = vec![None; plan.num_bins()];
            let mut scratch = ChirpScratch::default();
            plan.transform::<Baseline, Once, LANES>(&mut data, &mut scratch, &mut bins);
            data.fill(DIRTY);
            let mut back = vec![DIRTY; size / 2];
            plan.inverse::<Baseline, LANES>(&bins, &mut data, &mut back);
            for (lane, frame) in frames.iter().enumerate() {
                for (n, &x) in frame.iter().enumerate() {
                    let [re, im] = back[n / 2].map(|part| part[lane]);
                    let found = if n % 2 == 0 { im } else { re } / size as f32;
                    assert!((found - x).abs() < 2e-6, "size {size} sample {n}: {found} is not {x}");
                }
            }
        }
    }

    #[test]
    fn sizes_without_a_plan_are_errors() {
        for size in [0, (1 << 20) + 1] {
            assert!(RealFft::check(size).is_err(), "{size}");
        }
    }
}
