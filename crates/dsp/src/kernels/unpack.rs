//! The last pass of a transform of real frames, and the bins that are unpacked of it.

use crate::kernels::buffer::ComplexArray;
use crate::kernels::butterfly::Butterfly;
use crate::kernels::lanes::{Complex, ComplexLanes, Vector};
use crate::kernels::pass::{LastPass, run_last, split};

/// What is kept of a transform's bins. (A closure would not be generic, and could be left without
/// inlining, and so without the instruction set.)
pub(crate) trait BinSink<const N: usize> {
    /// A bin as it is kept.
    type Bin;

    /// Keeps X\[k\] in its place. Implementations must be `#[inline(always)]`.
    fn put<V: Vector<N>>(bin: &mut Self::Bin, x: ComplexLanes<V>);
}

/// The pairs of bins k, at most n/4, and n/2 − k in the order in which the last pass gives them. With s
/// butterflies, Z\[n/2 − k\] has that of s − q where Z\[k\] has that of q.
#[derive(Debug, Clone)]
pub(super) struct Unpack {
    /// The butterflies of q and s − q, for q from 1 while it is below s − q.
    butterflies: Vec<[usize; 2]>,
    /// ½·exp(−2πi·k/n) of each pair: those of the first butterfly, of the others two by two, and of the one
    /// that is its own partner, if there is one.
    factors: Vec<Complex>,
}

impl Unpack {
    /// - `size`: of the real frames
    pub(super) fn new(last: &LastPass, size: usize) -> Unpack {
        let (radix, stride) = (last.radix, last.butterflies.len());
        let half = radix * stride;
        let others = 1..stride.div_ceil(2);
        let butterflies =
            others.clone().map(|q| [last.butterflies[q], last.butterflies[stride - q]]).collect();
        let lower = |k: usize| k.min(half - k);
        let mut bins: Vec<usize> = (1..=radix / 2).map(|k| stride * k).collect();
        bins.extend(others.flat_map(|q| (0..radix).map(move |k| lower(q + stride * k))));
        if stride.is_multiple_of(2) {
            bins.extend((0..radix.div_ceil(2)).map(|k| stride / 2 + stride * k));
        }
        let factor = |k| {
            let w = Complex::twiddle(k, size);
            Complex { re: 0.5 * w.re, im: 0.5 * w.im }
        };
        Unpack { butterflies, factors: bins.into_iter().map(factor).collect() }
    }

    /// Runs the last pass and keeps every bin.
    ///
    /// - `last`: that of [`new`](Unpack::new)
    /// - `bins`: from DC to the Nyquist frequency
    #[inline(always)]
    pub(super) fn run<
        V: Vector<N>,
        S: BinSink<N>,
        B: Butterfly<R>,
        const R: usize,
        const N: usize,
    >(
        &self,
        last: &LastPass,
        data: &[ComplexArray<N>],
        bins: &mut [S::Bin],
    ) {
        let blocks = data.as_chunks::<R>().0;
        let stride = last.butterflies.len();
        let Some((nyquist, bins)) = bins.split_last_mut() else { return };
        // Bin q + stride·k is number q of part k, and that of half − q − stride·k number stride − q of part R − 1 − k.
        let bins = split::<_, R>(bins, stride);
        let (factors, rest) = self.factors.split_at(R / 2);
        // The first is its own partner: Z[s·k] and Z[s·(R − k)].
        let own = run_last::<V, B, R, N>(&blocks[last.butterflies[0]]);
        let zero = V::splat(0.0);
        S::put(&mut bins[0][0], ComplexLanes { re: own[0].re + own[0].im, im: zero });
        S::put(nyquist, ComplexLanes { re: own[0].re - own[0].im, im: zero });
        for k in 1..=R / 2 {
            let [low, high] = unpack(own[k], own[R - k], factors[k - 1]);
            S::put(&mut bins[k][0], low);
            if k != R - k {
                S::put(&mut bins[R - k][0], high);
            }
        }
        let (factors, rest) = rest.as_chunks::<R>();
        for (n, (&[a, b], factors)) in self.butterflies.iter().zip(factors).enumerate() {
            let (q, partner) = (n + 1, stride - (n + 1));
            let a = run_last::<V, B, R, N>(&blocks[a]);
            let b = run_last::<V, B, R, N>(&blocks[b]);
            // Of each pair, the lower bin comes first. (One loop for both would be too long to be unrolled.)
            for k in 0..R.div_ceil(2) {
                let [low, high] = unpack(a[k], b[R - 1 - k], factors[k]);
                S::put(&mut bins[k][q], low);
                S::put(&mut bins[R - 1 - k][partner], high);
            }
            for k in R.div_ceil(2)..R {
                let [low, high] = unpack(b[R - 1 - k], a[k], factors[k]);
                S::put(&mut bins[R - 1 - k][partner], low);
                S::put(&mut bins[k][q], high);
            }
        }
        // The one in the middle is its own partner too.
        if stride.is_multiple_of(2) {
            let own = run_last::<V, B, R, N>(&blocks[last.butterflies[stride / 2]]);
            for (k, &factor) in rest.iter().enumerate().take(R.div_ceil(2)) {
                let [low, high] = unpack(own[k], own[R - 1 - k], factor);
                S::put(&mut bins[k][stride / 2], low);
                if k != R - 1 - k {
                    S::put(&mut bins[R - 1 - k][stride / 2], high);
                }
            }
        }
    }
}

/// Unpacks X\[k\] = E + w^k·O and X\[n/2 − k\] = conj(E − w^k·O), where E and O are the transforms of
/// the even and the odd samples: E = (Z\[k\] + conj Z\[n/2−k\])/2, O = (Z\[k\] − conj
/// Z\[n/2−k\])/2i.
///
/// - `a`, `b`: Z\[k\] and Z\[n/2 − k\]
/// - `factor`: w^k, halved as O is to be
#[inline(always)]
fn unpack<V: Vector<N>, const N: usize>(
    a: ComplexLanes<V>,
    b: ComplexLanes<V>,
    factor: Complex,
) -> [ComplexLanes<V>; 2] {
    let even = ComplexLanes { re: a.re + b.re, im: a.im - b.im }.scale(0.5);
    let turned = ComplexLanes { re: a.im + b.im, im: b.re - a.re }.rotate(factor);
    let mirrored = even - turned;
    [even + turned, ComplexLanes { re: mirrored.re, im: mirrored.im * -1.0 }]
}
