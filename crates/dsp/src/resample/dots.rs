//! The hot loop of resampling: weights times samples, summed.

use crate::kernels::lanes::{LANES, Lanes, Vector};
use crate::kernels::simd::Kernel;
use crate::resample::filter::{ResampleFilter, STEP};

/// The number of blocks whose outputs of one number, which have the same weights, are made together: so
/// many sums run side by side, and weights are read once for all.
const BLOCKS: usize = 4;

/// Outputs that follow each other, and the samples that they are made of.
#[derive(Debug)]
pub(super) struct Dots<'a> {
    pub(super) filter: &'a ResampleFilter,
    pub(super) samples: &'a [f32],
    /// Where the weights of an output would begin whose own sample is the present block's first.
    pub(super) block: i64,
    /// The first output's number in its block.
    pub(super) output: usize,
    pub(super) out: &'a mut [f32],
}

impl Kernel for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Dots { filter, samples, mut block, output, out } = self;
        let (from, to) = (filter.from as usize, filter.to as usize);
        let mut left = out;
        while left.len() >= BLOCKS * to {
            let (now, later) = left.split_at_mut(BLOCKS * to);
            for place in 0..to {
                let (row, start) = filter.row(block, output + place);
                let mut windows = [&[][..]; BLOCKS];
                for (number, window) in windows.iter_mut().enumerate() {
                    *window = steps(&samples[start + number * from..], row.len());
                }
                let sums = dots::<V, BLOCKS>(row, windows);
                for (number, sum) in sums.into_iter().enumerate() {
                    now[place + number * to] = sum;
                }
            }
            block += (BLOCKS * from) as i64;
            left = later;
        }
        for (place, out) in left.iter_mut().enumerate() {
            let (row, start) = filter.row(block, output + place);
            [*out] = dots::<V, 1>(row, [steps(&samples[start..], row.len())]);
        }
    }
}

impl ResampleFilter {
    /// Returns the weights of an output, and the sample that they begin at.
    ///
    /// - `block`: where they would begin if the output's own sample were the present block's first
    /// - `output`: its number in the present block; it may be in a later one
    #[inline(always)]
    fn row(&self, block: i64, output: usize) -> (&[[Lanes; 2]], usize) {
        let to = self.to as usize;
        let (blocks, output) = (output / to, output % to);
        let start = block + (blocks * self.from as usize) as i64 + i64::from(self.own[output]);
        (&self.weights[output * self.steps..][..self.steps], start as usize)
    }
}

/// Cuts samples into steps of the loop.
#[inline(always)]
fn steps(samples: &[f32], count: usize) -> &[[f32; STEP]] {
    &samples.as_chunks().0[..count]
}

/// Sums products. A lane sums every 16th of them, in their order; then lanes are added to those 8 further
/// on, and the eight in halves.
#[inline(always)]
fn dots<V: Vector, const COUNT: usize>(
    weights: &[[Lanes; 2]],
    windows: [&[[f32; STEP]]; COUNT],
) -> [f32; COUNT] {
    let mut even = [V::splat(0.0); COUNT];
    let mut odd = [V::splat(0.0); COUNT];
    for (at, [first, second]) in weights.iter().enumerate() {
        let (first, second) = (V::load(&first.0), V::load(&second.0));
        for number in 0..COUNT {
            let [low, high] = halves(&windows[number][at]);
            even[number] = even[number] + V::load(low) * first;
            odd[number] = odd[number] + V::load(high) * second;
        }
    }
    let mut sums = [0.0; COUNT];
    for number in 0..COUNT {
        let mut lanes = [0.0; LANES];
        (even[number] + odd[number]).store(&mut lanes);
        let [a, b, c, d, e, f, g, h] = lanes;
        sums[number] = ((a + e) + (c + g)) + ((b + f) + (d + h));
    }
    sums
}

/// The two halves of a step.
#[inline(always)]
fn halves(step: &[f32; STEP]) -> [&[f32; LANES]; 2] {
    let [low, high] = step.as_chunks().0 else { unreachable!("a step is two vectors") };
    [low, high]
}
