//! Eight lanes in two registers of SSE2, which every machine of the architecture has.
//!
//! These are instructions by name because of what the compiler makes of the loops of
//! [`Lanes`](crate::kernels::lanes::Lanes): it takes each lane for a number of its own, and a kernel of them
//! takes forty times as long to compile as one of registers.

use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

#[cfg(test)]
use crate::kernels::lanes::MOST_LANES;
use crate::kernels::lanes::{FRACTION_BITS, LANES, SQRT_HALF_BITS, Vector};

/// The lanes of a register.
const FOUR: usize = 4;

/// Four lanes in a register. That the architecture has SSE2 is what every `unsafe` below relies on.
#[derive(Clone, Copy)]
pub(crate) struct Lanes4(__m128);

impl Lanes4 {
    #[inline(always)]
    fn first(self) -> f32 {
        // SAFETY: see `Lanes4`.
        unsafe { _mm_cvtss_f32(self.0) }
    }
}

impl Vector<FOUR> for Lanes4 {
    type Eight = Lanes8;

    #[inline(always)]
    fn splat(x: f32) -> Lanes4 {
        // SAFETY: see `Lanes4`.
        Lanes4(unsafe { _mm_set1_ps(x) })
    }

    #[inline(always)]
    fn load(from: &[f32; FOUR]) -> Lanes4 {
        // SAFETY: see `Lanes4`; four numbers are read.
        Lanes4(unsafe { _mm_loadu_ps(from.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; FOUR]) {
        // SAFETY: see `Lanes4`; four numbers are written.
        unsafe { _mm_storeu_ps(to.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn max(self, other: Lanes4) -> Lanes4 {
        // SAFETY: see `Lanes4`.
        Lanes4(unsafe { _mm_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn min(self, other: Lanes4) -> Lanes4 {
        // SAFETY: see `Lanes4`.
        Lanes4(unsafe { _mm_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn replace_zero(self, by: Lanes4) -> Lanes4 {
        // SAFETY: see `Lanes4`.
        unsafe {
            let zero = _mm_cmpeq_ps(self.0, _mm_setzero_ps());
            Lanes4(_mm_or_ps(_mm_and_ps(zero, by.0), _mm_andnot_ps(zero, self.0)))
        }
    }

    #[inline(always)]
    fn is_zero(self) -> Lanes4 {
        // SAFETY: see `Lanes4`.
        unsafe {
            let zero = _mm_cmpeq_ps(self.0, _mm_setzero_ps());
            Lanes4(_mm_and_ps(zero, _mm_set1_ps(1.0)))
        }
    }

    #[inline(always)]
    fn exp2_of_whole(self) -> Lanes4 {
        // SAFETY: see `Lanes4`.
        unsafe {
            let biased = _mm_add_epi32(_mm_cvttps_epi32(self.0), _mm_set1_epi32(127));
            Lanes4(_mm_castsi128_ps(_mm_slli_epi32::<23>(biased)))
        }
    }

    #[inline(always)]
    fn sqrt(self) -> Lanes4 {
        // SAFETY: see `Lanes4`.
        Lanes4(unsafe { _mm_sqrt_ps(self.0) })
    }

    #[inline(always)]
    fn abs(self) -> Lanes4 {
        // SAFETY: see `Lanes4`.
        Lanes4(unsafe { _mm_andnot_ps(_mm_set1_ps(-0.0), self.0) })
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: see `Lanes4`.
        unsafe {
            let two = _mm_max_ps(self.0, _mm_movehl_ps(self.0, self.0));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }

    #[inline(always)]
    fn at_least(self, x: f32) -> u32 {
        // SAFETY: see `Lanes4`.
        let bits = unsafe { _mm_movemask_ps(_mm_cmpge_ps(self.0, _mm_set1_ps(x))) };
        bits as u32
    }

    #[inline(always)]
    fn split(self) -> (Lanes4, Lanes4) {
        // SAFETY: see `Lanes4`.
        unsafe {
            let sqrt_half = _mm_set1_epi32(SQRT_HALF_BITS as i32);
            let offset = _mm_sub_epi32(_mm_castps_si128(self.0), sqrt_half);
            let fraction = _mm_and_si128(offset, _mm_set1_epi32(FRACTION_BITS as i32));
            let exponent = _mm_cvtepi32_ps(_mm_srai_epi32::<23>(offset));
            let mantissa = _mm_castsi128_ps(_mm_add_epi32(fraction, sqrt_half));
            (Lanes4(exponent), Lanes4(mantissa))
        }
    }

    #[inline(always)]
    fn enter(self, x: f32) -> Lanes4 {
        // SAFETY: see `Lanes4`.
        unsafe {
            let others = _mm_move_ss(self.0, _mm_set_ss(x));
            Lanes4(_mm_shuffle_ps::<0b00_11_10_01>(others, others))
        }
    }

    #[inline(always)]
    fn transpose(rows: [&[f32; LANES]; FOUR]) -> [Lanes4; LANES] {
        let [a, b, c, d] = transpose_half(rows, 0);
        let [e, f, g, h] = transpose_half(rows, 1);
        [a, b, c, d, e, f, g, h]
    }
}

/// Loads four of the columns, from `4 * half` on.
#[inline(always)]
fn transpose_half(rows: [&[f32; LANES]; FOUR], half: usize) -> [Lanes4; FOUR] {
    let [a, b, c, d] = rows.map(|row| Lanes4::load(&row.as_chunks().0[half]).0);
    // SAFETY: see `Lanes4`.
    unsafe {
        let (low_ab, high_ab) = (_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
        let (low_cd, high_cd) = (_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
        [
            Lanes4(_mm_movelh_ps(low_ab, low_cd)),
            Lanes4(_mm_movehl_ps(low_cd, low_ab)),
            Lanes4(_mm_movelh_ps(high_ab, high_cd)),
            Lanes4(_mm_movehl_ps(high_cd, high_ab)),
        ]
    }
}

operators!(Lanes4, _mm_add_ps, _mm_sub_ps, _mm_mul_ps, _mm_div_ps);

/// Makes a vector of two that have half as many lanes.
macro_rules! twice {
    ($name:ident, $lanes:ident, $half:ident) => {
        #[derive(Clone, Copy)]
        pub(crate) struct $name($half, $half);

        impl Vector<$lanes> for $name {
            type Eight = Lanes8;

            #[inline(always)]
            fn splat(x: f32) -> $name {
                $name($half::splat(x), $half::splat(x))
            }

            #[inline(always)]
            fn load(from: &[f32; $lanes]) -> $name {
                let halves = from.as_chunks().0;
                $name($half::load(&halves[0]), $half::load(&halves[1]))
            }

            #[inline(always)]
            fn store(self, to: &mut [f32; $lanes]) {
                let halves = to.as_chunks_mut().0;
                self.0.store(&mut halves[0]);
                self.1.store(&mut halves[1]);
            }

            #[inline(always)]
            fn max(self, other: $name) -> $name {
                $name(self.0.max(other.0), self.1.max(other.1))
            }

            #[inline(always)]
            fn min(self, other: $name) -> $name {
                $name(self.0.min(other.0), self.1.min(other.1))
            }

            #[inline(always)]
            fn replace_zero(self, by: $name) -> $name {
                $name(self.0.replace_zero(by.0), self.1.replace_zero(by.1))
            }

            #[inline(always)]
            fn is_zero(self) -> $name {
                $name(self.0.is_zero(), self.1.is_zero())
            }

            #[inline(always)]
            fn exp2_of_whole(self) -> $name {
                $name(self.0.exp2_of_whole(), self.1.exp2_of_whole())
            }

            #[inline(always)]
            fn sqrt(self) -> $name {
                $name(self.0.sqrt(), self.1.sqrt())
            }

            #[inline(always)]
            fn abs(self) -> $name {
                $name(self.0.abs(), self.1.abs())
            }

            #[inline(always)]
            fn largest(self) -> f32 {
                self.0.max(self.1).largest()
            }

            #[inline(always)]
            fn at_least(self, x: f32) -> u32 {
                // The second half of them are the lanes of the second.
                self.0.at_least(x) | self.1.at_least(x) << ($lanes / 2)
            }

            #[inline(always)]
            fn split(self) -> ($name, $name) {
                let (first, second) = (self.0.split(), self.1.split());
                ($name(first.0, second.0), $name(first.1, second.1))
            }

            #[inline(always)]
            fn enter(self, x: f32) -> $name {
                $name(self.0.enter(self.1.first()), self.1.enter(x))
            }

            #[inline(always)]
            fn transpose(rows: [&[f32; LANES]; $lanes]) -> [$name; LANES] {
                let halves = rows.as_chunks().0;
                let (first, second) = ($half::transpose(halves[0]), $half::transpose(halves[1]));
                std::array::from_fn(|column| $name(first[column], second[column]))
            }
        }

        impl Add for $name {
            type Output = $name;
            #[inline(always)]
            fn add(self, other: $name) -> $name {
                $name(self.0 + other.0, self.1 + other.1)
            }
        }

        impl Sub for $name {
            type Output = $name;
            #[inline(always)]
            fn sub(self, other: $name) -> $name {
                $name(self.0 - other.0, self.1 - other.1)
            }
        }

        impl Mul for $name {
            type Output = $name;
            #[inline(always)]
            fn mul(self, other: $name) -> $name {
                $name(self.0 * other.0, self.1 * other.1)
            }
        }

        impl Div for $name {
            type Output = $name;
            #[inline(always)]
            fn div(self, other: $name) -> $name {
                $name(self.0 / other.0, self.1 / other.1)
            }
        }

        impl Mul<f32> for $name {
            type Output = $name;
            #[inline(always)]
            fn mul(self, factor: f32) -> $name {
                $name(self.0 * factor, self.1 * factor)
            }
        }
    };
}

twice!(Lanes8, LANES, Lanes4);
#[cfg(test)]
twice!(Lanes16, MOST_LANES, Lanes8);

#[cfg(test)]
impl Lanes8 {
    #[inline(always)]
    fn first(self) -> f32 {
        self.0.first()
    }
}
