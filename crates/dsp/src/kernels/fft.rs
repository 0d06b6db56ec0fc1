//! The discrete Fourier transform of eight real frames at once.
//!
//! A real frame of `n` samples is packed as n/2 complex numbers, transformed by Stockham's
//! self-sorting algorithm (radices 8, 4, 2, 3 and 5; C. Van Loan, *Computational Frameworks for the
//! Fast Fourier Transform*, SIAM 1992, section 1.7), and unpacked to the n/2 + 1 bins of the real
//! transform. Twiddle factors are computed in f64 and rounded once. Other sizes than 2·2^a·3^b·5^c go
//! through [`Chirp`].

use crate::error::Error;
use crate::kernels::bluestein::{Chirp, ChirpScratch};
use crate::kernels::lanes::{Complex, ComplexLanes, Vector};

/// A plan for frames of one size.
#[derive(Debug, Clone)]
pub(crate) struct RealFft {
    size: usize,
    passes: Vec<Pass>,
    /// ½·exp(−2πi·k/n) for the bins k = 0..=n/4 of the unpacking.
    unpack: Vec<Complex>,
    /// The plan that takes the place of all that for other sizes.
    chirp: Option<Chirp>,
}

#[derive(Debug, Clone)]
struct Pass {
    radix: usize,
    /// The number of interleaved transforms that the passes before have left.
    stride: usize,
    /// The number of points of each of this pass's `radix` parts.
    part: usize,
    /// The factors w^(p·1) … w^(p·(radix−1)) for each p in 0..part, w = exp(−2πi/(radix·part)).
    twiddles: Vec<Complex>,
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
        let Some(radices) = radices else {
            let chirp = Some(Chirp::new(size));
            return RealFft { size, passes: Vec::new(), unpack: Vec::new(), chirp };
        };
        let mut passes = Vec::with_capacity(radices.len());
        let mut left = size / 2;
        let mut stride = 1;
        for radix in radices {
            let part = left / radix;
            let twiddles = (0..part)
                .flat_map(|p| (1..radix).map(move |k| Complex::twiddle(p * k, radix * part)))
                .collect();
            passes.push(Pass { radix, stride, part, twiddles });
            left = part;
            stride *= radix;
        }
        let half = |w: Complex| Complex { re: 0.5 * w.re, im: 0.5 * w.im };
        let unpack = (0..=size / 4).map(|k| half(Complex::twiddle(k, size))).collect();
        RealFft { size, passes, unpack, chirp: None }
    }

    /// Returns the number of complex numbers that a packed frame has.
    pub(crate) fn packed_len(&self) -> usize {
        self.size.div_ceil(2)
    }

    /// Returns the number of bins of the result: from DC to the Nyquist frequency.
    pub(crate) fn num_bins(&self) -> usize {
        self.size / 2 + 1
    }

    pub(crate) fn prepare(&self, scratch: &mut ChirpScratch) {
        if let Some(chirp) = &self.chirp {
            chirp.prepare(scratch);
        }
    }

    /// Puts every bin of the transform of `data` into `bins`, in no stated order.
    ///
    /// - `data`: the packed frames, `data[j] = (x[2j], x[2j + 1])`; overwritten
    /// - `spare`: as long as `data`; overwritten
    /// - `scratch`: as [`prepare`](RealFft::prepare) leaves it
    #[inline(always)]
    pub(crate) fn transform<V: Vector>(
        &self,
        data: &mut [ComplexLanes],
        spare: &mut [ComplexLanes],
        scratch: &mut ChirpScratch,
        bins: &mut impl BinSink,
    ) {
        if let Some(chirp) = &self.chirp {
            chirp.transform(data, scratch);
            for (k, bin) in scratch.bins.iter().enumerate() {
                bins.put(k, bin.load::<V>());
            }
            return;
        }
        let half = self.packed_len();
        let from = self.run_passes::<V>(&mut data[..half], &mut spare[..half]);
        // X[k] = E + w^k·O and X[n/2 − k] = conj(E − w^k·O), where E and O are the transforms of
        // the even and the odd samples: E = (Z[k] + conj Z[n/2−k])/2, O = (Z[k] − conj Z[n/2−k])/2i.
        let first = from[0].load::<V>();
        bins.put(0, ComplexLanes { re: first.re + first.im, im: V::splat(0.0) });
        bins.put(half, ComplexLanes { re: first.re - first.im, im: V::splat(0.0) });
        for k in 1..=half / 2 {
            let (a, b) = (from[k].load::<V>(), from[half - k].load::<V>());
            let even = ComplexLanes { re: a.re + b.re, im: a.im - b.im }.scale(0.5);
            let odd = ComplexLanes { re: a.im + b.im, im: b.re - a.re };
            // The factors are halved, and so the odd part is too.
            let turned = odd.rotate(self.unpack[k]);
            let mirrored = even - turned;
            bins.put(k, even + turned);
            if k != half - k {
                bins.put(half - k, ComplexLanes { re: mirrored.re, im: mirrored.im * -1.0 });
            }
        }
    }

    /// Transforms complex numbers, and returns whichever of the two buffers has the result.
    #[inline(always)]
    fn run_passes<'a, V: Vector>(
        &self,
        mut from: &'a mut [ComplexLanes],
        mut to: &'a mut [ComplexLanes],
    ) -> &'a mut [ComplexLanes] {
        for pass in &self.passes {
            match pass.radix {
                2 => pass.run::<V, Radix2, 2>(from, to),
                3 => pass.run::<V, Radix3, 3>(from, to),
                4 => pass.run::<V, Radix4, 4>(from, to),
                5 => pass.run::<V, Radix5, 5>(from, to),
                // `factorize` has no other radix than 8 besides.
                _ => pass.run::<V, Radix8, 8>(from, to),
            }
            std::mem::swap(&mut from, &mut to);
        }
        from
    }

    /// Computes the samples whose transform the bins are, times the size: `x[2j]` is the imaginary
    /// part of number j, and `x[2j + 1]` the real part.
    ///
    /// - `data`, `spare`: [`packed_len`](RealFft::packed_len) numbers each; overwritten
    ///
    /// # Panics
    /// If the size goes through [`Chirp`].
    #[inline(always)]
    pub(crate) fn inverse<'a, V: Vector>(
        &self,
        bins: &impl BinSource,
        data: &'a mut [ComplexLanes],
        spare: &'a mut [ComplexLanes],
    ) -> &'a [ComplexLanes] {
        assert!(self.chirp.is_none(), "sizes of inverse transforms are powers of two");
        let half = self.packed_len();
        // 2E[k] = X[k] + conj X[n/2−k], 2O[k] = (X[k] − conj X[n/2−k])·w^−k, and the even and the odd
        // samples are the parts of the inverse transform of Z = E + iO, whose other half is
        // Z[n/2−k] = conj E + i·conj O. With the parts exchanged, the transform forward is the inverse.
        let (first, last) = (bins.get::<V>(0).re, bins.get::<V>(half).re);
        ComplexLanes { re: first - last, im: first + last }.store(&mut data[0]);
        for k in 1..=half / 2 {
            let (a, b) = (bins.get::<V>(k), bins.get::<V>(half - k));
            let even = ComplexLanes { re: a.re + b.re, im: a.im - b.im };
            let difference = ComplexLanes { re: a.re - b.re, im: a.im + b.im };
            let w = self.unpack[k];
            let odd = difference.rotate(Complex { re: 2.0 * w.re, im: -2.0 * w.im });
            ComplexLanes { re: even.im + odd.re, im: even.re - odd.im }.store(&mut data[k]);
            if k != half - k {
                let mirrored = ComplexLanes { re: odd.re - even.im, im: even.re + odd.im };
                mirrored.store(&mut data[half - k]);
            }
        }
        self.run_passes::<V>(&mut data[..half], &mut spare[..half])
    }
}

/// A source of a transform's bins, for its inverse.
pub(crate) trait BinSource {
    /// Returns X\[k\]. Implementations must be `#[inline(always)]`.
    fn get<V: Vector>(&self, k: usize) -> ComplexLanes<V>;
}

/// A taker of a transform's bins. (A closure would not be generic, and could be left without
/// inlining, and so without the instruction set.)
pub(crate) trait BinSink {
    /// Takes X\[k\]. Implementations must be `#[inline(always)]`.
    fn put<V: Vector>(&mut self, k: usize, x: ComplexLanes<V>);
}

impl Pass {
    #[inline(always)]
    fn run<V: Vector, B: Butterfly<R>, const R: usize>(
        &self,
        from: &[ComplexLanes],
        to: &mut [ComplexLanes],
    ) {
        // The first pass is compiled apart: without the inner loop, which has one round there.
        match self.stride {
            1 => self.run_at_stride::<V, B, R>(1, from, to),
            stride => self.run_at_stride::<V, B, R>(stride, from, to),
        }
    }

    #[inline(always)]
    fn run_at_stride<V: Vector, B: Butterfly<R>, const R: usize>(
        &self,
        stride: usize,
        from: &[ComplexLanes],
        to: &mut [ComplexLanes],
    ) {
        let span = stride * self.part;
        let twiddles = self.twiddles.chunks_exact(R - 1);
        let mut parts = [from; R];
        for k in 0..R {
            parts[k] = &from[span * k..][..span];
        }
        for (p, (to, twiddles)) in to.chunks_exact_mut(R * stride).zip(twiddles).enumerate() {
            let mut points = parts;
            for k in 0..R {
                points[k] = &parts[k][stride * p..][..stride];
            }
            for q in 0..stride {
                let mut turned = [points[0][q].load::<V>(); R];
                for k in 1..R {
                    turned[k] = points[k][q].load();
                }
                turned = B::transform(turned);
                // Where p is zero, and so in all of the last pass, every factor is 1.
                if p > 0 {
                    for k in 1..R {
                        turned[k] = turned[k].rotate(twiddles[k - 1]);
                    }
                }
                for k in 0..R {
                    turned[k].store(&mut to[q + stride * k]);
                }
            }
        }
    }
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

/// A transform of R points.
trait Butterfly<const R: usize> {
    fn transform<V: Vector>(points: [ComplexLanes<V>; R]) -> [ComplexLanes<V>; R];
}

struct Radix2;

impl Butterfly<2> for Radix2 {
    #[inline(always)]
    fn transform<V: Vector>([a, b]: [ComplexLanes<V>; 2]) -> [ComplexLanes<V>; 2] {
        [a + b, a - b]
    }
}

struct Radix3;

impl Butterfly<3> for Radix3 {
    #[inline(always)]
    fn transform<V: Vector>([a, b, c]: [ComplexLanes<V>; 3]) -> [ComplexLanes<V>; 3] {
        const SIN_60: f32 = 0.866_025_4;
        let sum = b + c;
        let side = (b - c).scale(SIN_60).times_minus_i();
        let middle = a - sum.scale(0.5);
        [a + sum, middle + side, middle - side]
    }
}

struct Radix4;

impl Butterfly<4> for Radix4 {
    #[inline(always)]
    fn transform<V: Vector>([a, b, c, d]: [ComplexLanes<V>; 4]) -> [ComplexLanes<V>; 4] {
        let (even_sum, even_difference) = (a + c, a - c);
        let (odd_sum, odd_difference) = (b + d, (b - d).times_minus_i());
        [
            even_sum + odd_sum,
            even_difference + odd_difference,
            even_sum - odd_sum,
            even_difference - odd_difference,
        ]
    }
}

struct Radix5;

impl Butterfly<5> for Radix5 {
    #[inline(always)]
    fn transform<V: Vector>([a, b, c, d, e]: [ComplexLanes<V>; 5]) -> [ComplexLanes<V>; 5] {
        // Cosines and sines of 72° and 144°.
        const COS_1: f32 = 0.309_017;
        const COS_2: f32 = -0.809_017;
        const SIN_1: f32 = 0.951_056_5;
        const SIN_2: f32 = 0.587_785_25;
        let (outer_sum, outer_difference) = (b + e, b - e);
        let (inner_sum, inner_difference) = (c + d, c - d);
        let near = a + outer_sum.scale(COS_1) + inner_sum.scale(COS_2);
        let near_side =
            (outer_difference.scale(SIN_1) + inner_difference.scale(SIN_2)).times_minus_i();
        let far = a + outer_sum.scale(COS_2) + inner_sum.scale(COS_1);
        let far_side =
            (outer_difference.scale(SIN_2) - inner_difference.scale(SIN_1)).times_minus_i();
        [
            a + outer_sum + inner_sum,
            near + near_side,
            far + far_side,
            far - far_side,
            near - near_side,
        ]
    }
}

struct Radix8;

impl Butterfly<8> for Radix8 {
    #[inline(always)]
    fn transform<V: Vector>(points: [ComplexLanes<V>; 8]) -> [ComplexLanes<V>; 8] {
        const SQRT_HALF: f32 = std::f32::consts::FRAC_1_SQRT_2;
        let [a, b, c, d] = Radix4::transform([points[0], points[2], points[4], points[6]]);
        let [e, f, g, h] = Radix4::transform([points[1], points[3], points[5], points[7]]);
        // f · exp(−iπ/4) and h · exp(−3iπ/4), each by two sums and one scaling.
        let f = ComplexLanes { re: f.re + f.im, im: f.im - f.re }.scale(SQRT_HALF);
        let g = g.times_minus_i();
        let h = ComplexLanes { re: h.im - h.re, im: (h.re + h.im) * -1.0 }.scale(SQRT_HALF);
        [a + e, b + f, c + g, d + h, a - e, b - f, c - g, d - h]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::lanes::{LANES, Lanes};
    use ossicle_testing::noise;
    use rustfft::{FftPlanner, num_complex::Complex64};

    /// Keeps the bins, of which each must come once.
    struct Once<'a>(&'a mut [Option<ComplexLanes>]);

    impl BinSink for Once<'_> {
        fn put<V: Vector>(&mut self, k: usize, x: ComplexLanes<V>) {
            let mut bin = ComplexLanes::ZERO;
            x.store(&mut bin);
            assert!(self.0[k].replace(bin).is_none(), "bin {k} came twice");
        }
    }

    #[test]
    fn every_size_agrees_with_a_double_precision_transform() {
        let sizes = (1..=400).chain([401, 441, 512, 800, 1024, 1103, 1200, 2048, 4099, 6000]);
        for size in sizes {
            let plan = RealFft::new(size);
            let frames: Vec<_> = (0..LANES).map(|lane| noise(size, (size + lane) as u64)).collect();
            let sample = |n: usize, lane: usize| frames[lane].get(n).copied().unwrap_or(0.0);
            let mut data: Vec<_> = (0..plan.packed_len())
                .map(|j| ComplexLanes {
                    re: Lanes(std::array::from_fn(|lane| sample(2 * j, lane))),
                    im: Lanes(std::array::from_fn(|lane| sample(2 * j + 1, lane))),
                })
                .collect();
            let dirty = ComplexLanes { re: Lanes::splat(f32::NAN), im: Lanes::splat(f32::NAN) };
            let mut spare = vec![dirty; plan.packed_len()];
            let mut scratch = ChirpScratch::default();
            plan.prepare(&mut scratch);
            scratch.bins.fill(dirty);
            let mut bins = vec![None; plan.num_bins()];
            plan.transform::<Lanes>(&mut data, &mut spare, &mut scratch, &mut Once(&mut bins));
            let oracle = FftPlanner::<f64>::new().plan_fft_forward(size);
            for (lane, frame) in frames.iter().enumerate() {
                let mut truth: Vec<_> =
                    frame.iter().map(|&x| Complex64::new(f64::from(x), 0.0)).collect();
                oracle.process(&mut truth);
                for (k, bin) in bins.iter().enumerate() {
                    let bin = bin.expect("every bin comes");
                    let error = (truth[k].re - f64::from(bin.re.0[lane]))
                        .hypot(truth[k].im - f64::from(bin.im.0[lane]));
                    // White noise of n samples has bins of size √n.
                    assert!(error < 1e-6 * (size as f64).sqrt(), "size {size} bin {k}: {error}");
                }
            }
        }
    }

    impl BinSource for Vec<Option<ComplexLanes>> {
        #[inline(always)]
        fn get<V: Vector>(&self, k: usize) -> ComplexLanes<V> {
            self[k].expect("every bin came").load()
        }
    }

    #[test]
    fn the_inverse_of_a_transform_is_the_frame_times_its_size() {
        for size in [2, 4, 8, 16, 64, 128, 1024, 4096] {
            let plan = RealFft::new(size);
            let frames: Vec<_> = (0..LANES).map(|lane| noise(size, (size + lane) as u64)).collect();
            let sample = |n: usize| Lanes(std::array::from_fn(|lane| frames[lane][n]));
            let mut data: Vec<_> = (0..size / 2)
                .map(|j| ComplexLanes { re: sample(2 * j), im: sample(2 * j + 1) })
                .collect();
            let dirty = ComplexLanes { re: Lanes::splat(f32::NAN), im: Lanes::splat(f32::NAN) };
            let mut spare = vec![dirty; size / 2];
            let mut bins = vec![None; plan.num_bins()];
            let mut scratch = ChirpScratch::default();
            plan.transform::<Lanes>(&mut data, &mut spare, &mut scratch, &mut Once(&mut bins));
            data.fill(dirty);
            let back = plan.inverse::<Lanes>(&bins, &mut data, &mut spare);
            for (lane, frame) in frames.iter().enumerate() {
                for (n, &x) in frame.iter().enumerate() {
                    let number = back[n / 2];
                    let part = if n % 2 == 0 { number.im } else { number.re };
                    let found = part.0[lane] / size as f32;
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
