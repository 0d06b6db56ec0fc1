//! Sums in double precision, each in an order that is stated: the same bits at every level, and one addition need not
//! wait for the other.

use crate::kernels::lanes::LANES;

/// Sums the squares, in four sums.
#[inline(always)]
pub(super) fn energy(samples: &[f64]) -> f64 {
    let (quads, rest) = samples.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for quad in quads {
        for (sum, x) in sums.iter_mut().zip(quad) {
            *sum += x * x;
        }
    }
    let rest: f64 = rest.iter().map(|x| x * x).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Sums the products, as far as both go, in eight sums.
#[inline(always)]
pub(super) fn dot<A: Copy + Into<f64>, B: Copy + Into<f64>>(a: &[A], b: &[B]) -> f64 {
    let length = a.len().min(b.len());
    let (a, rest_a) = a[..length].as_chunks::<LANES>();
    let (b, rest_b) = b[..length].as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a.into() * b.into();
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(&a, &b)| a.into() * b.into()).sum();
    sums.iter().sum::<f64>() + rest
}
