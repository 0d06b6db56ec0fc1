//! Sixteen lanes in a register of AVX-512.

use std::arch::x86_64::*;

use crate::kernels::lanes::{FRACTION_BITS, LANES, MOST_LANES, SQRT_HALF_BITS, Vector};
use crate::kernels::simd::avx2::Lanes8;

/// Sixteen lanes in a register. Only `with_all_of_avx512` names this type, and a kernel cannot keep one.
/// So wherever there is one the machine has AVX-512, which is what every `unsafe` below relies on.
#[derive(Clone, Copy)]
pub(super) struct Lanes16(__m512);

impl Vector<MOST_LANES> for Lanes16 {
    type Eight = Lanes8;

    #[inline(always)]
    fn splat(x: f32) -> Lanes16 {
        // SAFETY: see `Lanes16`.
        Lanes16(unsafe { _mm512_set1_ps(x) })
    }

    #[inline(always)]
    fn load(from: &[f32; MOST_LANES]) -> Lanes16 {
        // SAFETY: see `Lanes16`; sixteen numbers are read.
        Lanes16(unsafe { _mm512_loadu_ps(from.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; MOST_LANES]) {
        // SAFETY: see `Lanes16`; sixteen numbers are written.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn prefetch(numbers: &[f32]) {
        Lanes8::prefetch(numbers);
    }

    #[inline(always)]
    fn max(self, other: Lanes16) -> Lanes16 {
        // SAFETY: see `Lanes16`.
        Lanes16(unsafe { _mm512_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn min(self, other: Lanes16) -> Lanes16 {
        // SAFETY: see `Lanes16`.
        Lanes16(unsafe { _mm512_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn replace_zero(self, by: Lanes16) -> Lanes16 {
        // SAFETY: see `Lanes16`.
        unsafe {
            let zero = _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self.0, _mm512_setzero_ps());
            Lanes16(_mm512_mask_blend_ps(zero, self.0, by.0))
        }
    }

    #[inline(always)]
    fn is_zero(self) -> Lanes16 {
        // SAFETY: see `Lanes16`.
        unsafe {
            let zero = _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self.0, _mm512_setzero_ps());
            Lanes16(_mm512_maskz_mov_ps(zero, _mm512_set1_ps(1.0)))
        }
    }

    #[inline(always)]
    fn exp2_of_whole(self) -> Lanes16 {
        // SAFETY: see `Lanes16`.
        unsafe {
            let biased = _mm512_add_epi32(_mm512_cvttps_epi32(self.0), _mm512_set1_epi32(127));
            Lanes16(_mm512_castsi512_ps(_mm512_slli_epi32::<23>(biased)))
        }
    }

    #[inline(always)]
    fn sqrt(self) -> Lanes16 {
        // SAFETY: see `Lanes16`.
        Lanes16(unsafe { _mm512_sqrt_ps(self.0) })
    }

    #[inline(always)]
    fn abs(self) -> Lanes16 {
        // SAFETY: see `Lanes16`.
        Lanes16(unsafe { _mm512_abs_ps(self.0) })
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: see `Lanes16`.
        unsafe { _mm512_reduce_max_ps(self.0) }
    }

    #[inline(always)]
    fn at_least(self, x: f32) -> u32 {
        // SAFETY: see `Lanes16`.
        unsafe { _mm512_cmp_ps_mask::<_CMP_GE_OQ>(self.0, _mm512_set1_ps(x)).into() }
    }

    #[inline(always)]
    fn split(self) -> (Lanes16, Lanes16) {
        // SAFETY: see `Lanes16`.
        unsafe {
            let sqrt_half = _mm512_set1_epi32(SQRT_HALF_BITS as i32);
            let offset = _mm512_sub_epi32(_mm512_castps_si512(self.0), sqrt_half);
            let fraction = _mm512_and_si512(offset, _mm512_set1_epi32(FRACTION_BITS as i32));
            let exponent = _mm512_cvtepi32_ps(_mm512_srai_epi32::<23>(offset));
            let mantissa = _mm512_castsi512_ps(_mm512_add_epi32(fraction, sqrt_half));
            (Lanes16(exponent), Lanes16(mantissa))
        }
    }

    #[inline(always)]
    fn enter(self, x: f32) -> Lanes16 {
        // SAFETY: see `Lanes16`.
        unsafe {
            let (x, lanes) = (_mm512_castps_si512(_mm512_set1_ps(x)), _mm512_castps_si512(self.0));
            Lanes16(_mm512_castsi512_ps(_mm512_alignr_epi32::<1>(x, lanes)))
        }
    }

    #[inline(always)]
    fn transpose(rows: [&[f32; LANES]; MOST_LANES]) -> [Lanes16; LANES] {
        let [a, b, c, d] = transpose_half(rows, 0);
        let [e, f, g, h] = transpose_half(rows, 4);
        [a, b, c, d, e, f, g, h]
    }
}

/// Loads the columns `first` to `first + 3`. Four rows each are read into the quarters of registers, which
/// leaves 4×4 to transpose in each.
#[inline(always)]
fn transpose_half(rows: [&[f32; LANES]; MOST_LANES], first: usize) -> [Lanes16; 4] {
    assert!(first + 4 <= LANES, "half of the columns");
    let mut quarters = [Lanes16::splat(0.0); 4];
    for (j, quarter) in quarters.iter_mut().enumerate() {
        // SAFETY: see `Lanes16`; four numbers are read of each row, from `first` on.
        quarter.0 = unsafe {
            let a = _mm512_castps128_ps512(_mm_loadu_ps(rows[j].as_ptr().add(first)));
            let b = _mm512_insertf32x4::<1>(a, _mm_loadu_ps(rows[j + 4].as_ptr().add(first)));
            let c = _mm512_insertf32x4::<2>(b, _mm_loadu_ps(rows[j + 8].as_ptr().add(first)));
            _mm512_insertf32x4::<3>(c, _mm_loadu_ps(rows[j + 12].as_ptr().add(first)))
        };
    }
    let [a, b, c, d] = quarters;
    // SAFETY: see `Lanes16`.
    unsafe {
        let (low_ab, high_ab) = (_mm512_unpacklo_ps(a.0, b.0), _mm512_unpackhi_ps(a.0, b.0));
        let (low_cd, high_cd) = (_mm512_unpacklo_ps(c.0, d.0), _mm512_unpackhi_ps(c.0, d.0));
        [
            Lanes16(_mm512_shuffle_ps::<0b01_00_01_00>(low_ab, low_cd)),
            Lanes16(_mm512_shuffle_ps::<0b11_10_11_10>(low_ab, low_cd)),
            Lanes16(_mm512_shuffle_ps::<0b01_00_01_00>(high_ab, high_cd)),
            Lanes16(_mm512_shuffle_ps::<0b11_10_11_10>(high_ab, high_cd)),
        ]
    }
}

operators!(Lanes16, _mm512_add_ps, _mm512_sub_ps, _mm512_mul_ps, _mm512_div_ps);
