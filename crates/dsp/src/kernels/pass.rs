//! The passes of a Fourier transform, each of which leaves its results where its points were.

use std::ops::Range;

use crate::kernels::buffer::ComplexArray;
use crate::kernels::butterfly::{Butterfly, Radix2, Radix3, Radix4, Radix5, Radix8};
use crate::kernels::lanes::{Complex, ComplexLanes, Vector};

/// Butterflies within blocks of numbers that follow each other, each of which is transformed on its own
/// from there on.
#[derive(Debug, Clone)]
pub(super) struct Pass {
    radix: usize,
    /// The number of points of each of the `radix` parts of a block.
    pub(super) part: usize,
    /// The factors w^(p·0) … w^(p·(radix−1)) for each p in 0..part, w = exp(−2πi/(radix·part)).
    twiddles: Vec<Complex>,
}

/// Butterflies of `radix` numbers that follow each other, without factors.
#[derive(Debug, Clone)]
pub(super) struct LastPass {
    pub(super) radix: usize,
    /// Of each q below the number of butterflies s, the butterfly that gives Z\[q\], Z\[q + s\],
    /// Z\[q + 2s\] and so on.
    pub(super) butterflies: Vec<usize>,
}

impl Pass {
    /// - `size`: of the blocks
    pub(super) fn new(radix: usize, size: usize) -> Pass {
        let part = size / radix;
        let twiddles = (0..part)
            .flat_map(|p| (0..radix).map(move |k| Complex::twiddle(p * k, size)))
            .collect();
        Pass { radix, part, twiddles }
    }

    /// Runs all butterflies.
    #[inline(always)]
    pub(super) fn run<V: Vector<N>, const N: usize>(&self, data: &mut [ComplexArray<N>]) {
        match self.radix {
            2 => self.run_blocks::<V, Radix2, 2, N>(data),
            3 => self.run_blocks::<V, Radix3, 3, N>(data),
            4 => self.run_blocks::<V, Radix4, 4, N>(data),
            5 => self.run_blocks::<V, Radix5, 5, N>(data),
            // There is no other radix than 8 besides.
            _ => self.run_blocks::<V, Radix8, 8, N>(data),
        }
    }

    #[inline(always)]
    fn run_blocks<V: Vector<N>, B: Butterfly<R>, const R: usize, const N: usize>(
        &self,
        data: &mut [ComplexArray<N>],
    ) {
        for block in data.chunks_mut(R * self.part) {
            self.run_block::<V, B, R, R, N>(0..self.part, block);
        }
    }

    /// Runs a first pass over numbers of which those from `filled` on are zeros, which it does not read;
    /// `false` where it has to be run in the common way.
    #[inline(always)]
    pub(super) fn run_pruned<V: Vector<N>, const N: usize>(
        &self,
        filled: usize,
        data: &mut [ComplexArray<N>],
    ) -> bool {
        let (whole, rest) = (filled / self.part, filled % self.part);
        match (self.radix, whole) {
            // 1102 samples of 2048, 551 of 1024.
            (8, 4) => {
                self.run_block::<V, Radix8, 8, 5, N>(0..rest, data);
                self.run_block::<V, Radix8, 8, 4, N>(rest..self.part, data);
            }
            // 400 of 512, 200 of 256.
            (8, 6) => {
                self.run_block::<V, Radix8, 8, 7, N>(0..rest, data);
                self.run_block::<V, Radix8, 8, 6, N>(rest..self.part, data);
            }
            _ => return false,
        }
        true
    }

    /// Runs butterflies of a block, of whose parts those from `PARTS` on are zeros.
    #[inline(always)]
    fn run_block<
        V: Vector<N>,
        B: Butterfly<R>,
        const R: usize,
        const PARTS: usize,
        const N: usize,
    >(
        &self,
        butterflies: Range<usize>,
        block: &mut [ComplexArray<N>],
    ) {
        let parts = split::<_, R>(block, self.part);
        let twiddles = &self.twiddles.as_chunks::<R>().0[..self.part];
        for p in butterflies.start..butterflies.end.min(self.part) {
            let zero = ComplexLanes { re: V::splat(0.0), im: V::splat(0.0) };
            let mut turned = [zero; R];
            for k in 0..PARTS {
                turned[k] = ComplexLanes::load(&parts[k][p]);
            }
            turned = B::transform(turned);
            // Where p is zero, every factor is 1.
            if p > 0 {
                for k in 1..R {
                    turned[k] = turned[k].rotate(twiddles[p][k]);
                }
            }
            for k in 0..R {
                turned[k].store(&mut parts[k][p]);
            }
        }
    }
}

/// Returns the first `R` parts of a block, of `part` numbers each.
///
/// It is a loop over an array because each part is then known to be as long as the others, and numbers of all
/// are reached without asking whether they are there.
#[inline(always)]
pub(super) fn split<T, const R: usize>(block: &mut [T], part: usize) -> [&mut [T]; R] {
    let mut parts: [&mut [T]; R] = std::array::from_fn(|_| Default::default());
    let mut rest = block;
    for own in &mut parts {
        (*own, rest) = rest.split_at_mut(part);
    }
    parts
}

impl LastPass {
    /// - `others`: the radices of the passes before, from first to last
    pub(super) fn new(radix: usize, others: &[usize]) -> LastPass {
        // A pass makes of the k-th result of a butterfly of block q the block q + stride·k of the next
        // pass, and leaves it as the k-th part of that block.
        let mut butterflies = vec![0];
        let mut parts: usize = others.iter().product();
        for &radix in others {
            parts /= radix;
            let before = butterflies.clone();
            butterflies =
                (0..radix).flat_map(|k| before.iter().map(move |b| b + parts * k)).collect();
        }
        LastPass { radix, butterflies }
    }

    /// Writes the transform, the lowest frequency first.
    #[inline(always)]
    pub(super) fn put_in_order<V: Vector<N>, B: Butterfly<R>, const R: usize, const N: usize>(
        &self,
        data: &[ComplexArray<N>],
        out: &mut [ComplexArray<N>],
    ) {
        let blocks = data.as_chunks::<R>().0;
        let parts = split::<_, R>(out, self.butterflies.len());
        for (q, &butterfly) in self.butterflies.iter().enumerate() {
            let points = run_last::<V, B, R, N>(&blocks[butterfly]);
            for k in 0..R {
                points[k].store(&mut parts[k][q]);
            }
        }
    }
}

/// Runs a butterfly of the last pass.
#[inline(always)]
pub(super) fn run_last<V: Vector<N>, B: Butterfly<R>, const R: usize, const N: usize>(
    block: &[ComplexArray<N>; R],
) -> [ComplexLanes<V>; R] {
    let mut points = [ComplexLanes::load(&block[0]); R];
    for k in 1..R {
        points[k] = ComplexLanes::load(&block[k]);
    }
    B::transform(points)
}
