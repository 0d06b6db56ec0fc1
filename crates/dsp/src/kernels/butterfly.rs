//! Fourier transforms of a few points, of which longer ones are made.

use crate::kernels::lanes::{ComplexLanes, Vector};

/// A transform of R points.
pub(crate) trait Butterfly<const R: usize> {
    /// Transforms the points. Implementations must be `#[inline(always)]`.
    fn transform<V: Vector<N>, const N: usize>(
        points: [ComplexLanes<V>; R],
    ) -> [ComplexLanes<V>; R];
}

pub(crate) struct Radix1;

impl Butterfly<1> for Radix1 {
    #[inline(always)]
    fn transform<V: Vector<N>, const N: usize>(
        points: [ComplexLanes<V>; 1],
    ) -> [ComplexLanes<V>; 1] {
        points
    }
}

pub(crate) struct Radix2;

impl Butterfly<2> for Radix2 {
    #[inline(always)]
    fn transform<V: Vector<N>, const N: usize>(
        [a, b]: [ComplexLanes<V>; 2],
    ) -> [ComplexLanes<V>; 2] {
        [a + b, a - b]
    }
}

pub(crate) struct Radix3;

impl Butterfly<3> for Radix3 {
    #[inline(always)]
    fn transform<V: Vector<N>, const N: usize>(
        [a, b, c]: [ComplexLanes<V>; 3],
    ) -> [ComplexLanes<V>; 3] {
        const SIN_60: f32 = 0.866_025_4;
        let sum = b + c;
        let side = (b - c).scale(SIN_60).times_minus_i();
        let middle = a - sum.scale(0.5);
        [a + sum, middle + side, middle - side]
    }
}

pub(crate) struct Radix4;

impl Butterfly<4> for Radix4 {
    #[inline(always)]
    fn transform<V: Vector<N>, const N: usize>(
        [a, b, c, d]: [ComplexLanes<V>; 4],
    ) -> [ComplexLanes<V>; 4] {
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

pub(crate) struct Radix5;

impl Butterfly<5> for Radix5 {
    #[inline(always)]
    fn transform<V: Vector<N>, const N: usize>(
        [a, b, c, d, e]: [ComplexLanes<V>; 5],
    ) -> [ComplexLanes<V>; 5] {
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

pub(crate) struct Radix8;

impl Butterfly<8> for Radix8 {
    #[inline(always)]
    fn transform<V: Vector<N>, const N: usize>(
        points: [ComplexLanes<V>; 8],
    ) -> [ComplexLanes<V>; 8] {
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
