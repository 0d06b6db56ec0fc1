//! Frames side by side, one a lane.
//!
//! Speech features treat every frame alike, so eight or sixteen frames go through window, FFT, filters
//! and logarithm together: each operation is one vector instruction, and nothing is shuffled between
//! lanes but where samples come in and rows go out. A sum runs within a lane in the order the
//! source gives, whatever the number of lanes and the width of the machine's registers, which is what
//! makes the bits the same everywhere.

use std::ops::{Add, Div, Mul, Sub};

use crate::kernels::buffer::ComplexArray;

/// The number of lanes that every level has. Samples and columns are taken by as many at a time,
/// whatever the number of lanes, and sums over them are of eights.
pub(crate) const LANES: usize = 8;

/// The most lanes that a level has.
pub(crate) const MOST_LANES: usize = 16;

/// One number of each of `N` frames, as the obvious version of a [`Vector`], which the compiler is left to
/// vectorise; and, of [`LANES`] numbers, a place in memory.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(32))]
pub(crate) struct Lanes<const N: usize = LANES>(pub(crate) [f32; N]);

/// One number of each of `N` frames, in registers. Every operation acts lane by lane.
///
/// Implementations for instruction sets are in [`simd`](crate::kernels::simd). They must give the bits that
/// [`Lanes`] gives.
pub(crate) trait Vector<const N: usize = LANES>:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Mul<f32, Output = Self>
    + Div<Output = Self>
{
    /// The vector of [`LANES`] lanes of the same instruction set, for sums within a frame and for what
    /// has rows of eights.
    type Eight: Vector;

    /// Puts the same number into every lane.
    fn splat(x: f32) -> Self;

    /// Reads the numbers of the lanes.
    fn load(from: &[f32; N]) -> Self;

    /// Writes the numbers of the lanes.
    fn store(self, to: &mut [f32; N]);

    /// Returns the larger of two numbers; the second where the first is not a number.
    fn max(self, other: Self) -> Self;

    /// Returns the smaller of two numbers; the second where the first is not a number.
    fn min(self, other: Self) -> Self;

    fn sqrt(self) -> Self;

    /// Returns the numbers without their signs.
    fn abs(self) -> Self;

    /// Returns the largest of the lanes, none of which is not a number.
    fn largest(self) -> f32;

    /// Returns a bit for each lane, the lowest for the first: whether its number is at least `x`.
    fn at_least(self, x: f32) -> u32;

    /// Says that these numbers will be read soon. It changes no number, and an instruction set may pass
    /// it over.
    #[inline(always)]
    fn prefetch(_numbers: &[f32]) {}

    /// Replaces this number by another where it is zero.
    fn replace_zero(self, by: Self) -> Self;

    /// Returns 1 where a number is zero, of either sign, and else 0.
    fn is_zero(self) -> Self;

    /// Computes 2 to the power of whole numbers from −126 to 127.
    fn exp2_of_whole(self) -> Self;

    /// Splits positive normal numbers 2^e · m into (e, m), with m in [√½, √2).
    fn split(self) -> (Self, Self);

    /// Moves every number to the lane before, and puts `x` into the last; the first is lost.
    fn enter(self, x: f32) -> Self;

    /// Turns rows into columns: lane j of column i is `rows[j][i]`.
    fn transpose(rows: [&[f32; LANES]; N]) -> [Self; LANES];

    /// Computes the natural logarithm of positive normal numbers, within 1.5 units in the last
    /// place.
    ///
    /// x = 2^e · m with m in [√½, √2), and ln m = f − f²/2 + f³·P(f) for f = m − 1. P is the
    /// minimax polynomial of `logf` in S. L. Moshier's Cephes mathematical library 2.2.
    #[inline(always)]
    fn ln(self) -> Self {
        let [ln] = Self::ln_of([self]);
        ln
    }

    /// Computes the [logarithms](Vector::ln) of several vectors step by step, so that none waits long for its
    /// own step before.
    #[inline(always)]
    fn ln_of<const COUNT: usize>(numbers: [Self; COUNT]) -> [Self; COUNT] {
        const P: [f32; 9] = [
            7.037_683_6e-2,
            -1.151_461e-1,
            1.167_699_84e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_8e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
        ];
        let (mut e, mut f) = (numbers, numbers);
        for i in 0..COUNT {
            let (exponent, mantissa) = numbers[i].split();
            (e[i], f[i]) = (exponent, mantissa - Self::splat(1.0));
        }
        let mut p = [Self::splat(P[0]); COUNT];
        // Where the compiler knows the number of steps, it puts one polynomial after the other to have more
        // registers, and the processor sees too few instructions ahead to do anything in between: a frame of
        // `kaldi-fbank` with 80 filters took 1.07 times as long.
        let coefficients: &[f32] = if COUNT > 1 { std::hint::black_box(&P[1..]) } else { &P[1..] };
        for coefficient in coefficients {
            for i in 0..COUNT {
                p[i] = p[i] * f[i] + Self::splat(*coefficient);
            }
        }
        for i in 0..COUNT {
            let square = f[i] * f[i];
            let tail = p[i] * f[i] * square + e[i] * LN2_LOW - square * 0.5;
            p[i] = (f[i] + tail) + e[i] * LN2_HIGH;
        }
        p
    }

    /// Computes e to this power, within 1.5 units in the last place; powers are kept within −87.3
    /// to 88.
    ///
    /// x = n·ln 2 + r with whole n, and eʳ = 1 + r + r²·P(r). P is the minimax polynomial of `expf` in
    /// S. L. Moshier's Cephes mathematical library 2.2.
    #[inline(always)]
    fn exp(self) -> Self {
        const P: [f32; 6] =
            [1.987_569_2e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
        const LOG2_E: f32 = std::f32::consts::LOG2_E;
        // Adding and subtracting 1.5·2²³ rounds to a whole number.
        let rounder = Self::splat(12_582_912.0);
        let x = self.max(Self::splat(-87.3)).min(Self::splat(88.0));
        let n = (x * LOG2_E + rounder) - rounder;
        let r = x - n * LN2_HIGH - n * LN2_LOW;
        let mut p = Self::splat(P[0]);
        for coefficient in &P[1..] {
            p = p * r + Self::splat(*coefficient);
        }
        ((p * (r * r) + r) + Self::splat(1.0)) * n.exp2_of_whole()
    }

    /// Computes ln(1 + x) of numbers that are not negative, without the digits that 1 + x loses: W.
    /// Kahan's x·ln(u)/(u − 1) with u = 1 + x rounded (HP-15C *Advanced Functions Handbook*, 1982,
    /// appendix).
    #[inline(always)]
    fn ln_1p(self) -> Self {
        let one = Self::splat(1.0);
        let u = self + one;
        // Both are zero where u is 1, and the quotient is to be 1.
        self * (u.ln().replace_zero(one) / (u - one).replace_zero(one))
    }

    /// Computes e to this power, less 1, of numbers that are not negative, without the digits that
    /// the difference loses: Kahan's x·(u − 1)/ln(u) with u the exponential, rounded.
    #[inline(always)]
    fn exp_m1(self) -> Self {
        let one = Self::splat(1.0);
        let u = self.exp();
        self * ((u - one).replace_zero(one) / u.ln().replace_zero(one))
    }
}

/// Returns eight of the lanes of eight columns, from `8 * eight` on.
#[inline(always)]
pub(crate) fn eight_of<const N: usize>(
    columns: &[[f32; N]; LANES],
    eight: usize,
) -> [&[f32; LANES]; LANES] {
    let mut lanes = [&columns[0].as_chunks().0[eight]; LANES];
    for (lanes, column) in lanes.iter_mut().zip(columns) {
        *lanes = &column.as_chunks().0[eight];
    }
    lanes
}

/// ln 2 in two parts: the larger has zeros enough that its product with an exponent is exact.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// The bits of √½, where [`Vector::split`] changes exponent.
pub(crate) const SQRT_HALF_BITS: u32 = 0x3f35_04f3;

/// The bits of a number that are its fraction.
pub(crate) const FRACTION_BITS: u32 = 0x007f_ffff;

impl<const N: usize> Default for Lanes<N> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<const N: usize> Lanes<N> {
    pub(crate) const ZERO: Self = Lanes([0.0; N]);

    #[inline(always)]
    fn zip(self, other: Self, op: impl Fn(f32, f32) -> f32) -> Self {
        let mut out = [0.0; N];
        for ((out, a), b) in out.iter_mut().zip(self.0).zip(other.0) {
            *out = op(a, b);
        }
        Lanes(out)
    }

    #[inline(always)]
    fn map(self, op: impl Fn(f32) -> f32) -> Self {
        let mut out = [0.0; N];
        for (out, a) in out.iter_mut().zip(self.0) {
            *out = op(a);
        }
        Lanes(out)
    }
}

impl<const N: usize> Vector<N> for Lanes<N> {
    type Eight = Lanes;

    #[inline(always)]
    fn largest(self) -> f32 {
        self.0.into_iter().fold(self.0[0], |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn at_least(self, x: f32) -> u32 {
        (0..N).fold(0, |bits, lane| bits | u32::from(self.0[lane] >= x) << lane)
    }

    #[inline(always)]
    fn splat(x: f32) -> Self {
        Lanes([x; N])
    }

    #[inline(always)]
    fn load(from: &[f32; N]) -> Self {
        Lanes(*from)
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; N]) {
        *to = self.0;
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // A comparison and not `f32::max`: it is one instruction on every machine.
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.map(f32::sqrt)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self.map(f32::abs)
    }

    #[inline(always)]
    fn replace_zero(self, by: Self) -> Self {
        self.zip(by, |a, b| if a == 0.0 { b } else { a })
    }

    #[inline(always)]
    fn is_zero(self) -> Self {
        self.map(|a| if a == 0.0 { 1.0 } else { 0.0 })
    }

    #[inline(always)]
    fn exp2_of_whole(self) -> Self {
        self.map(|n| f32::from_bits(((n as i32 + 127) as u32) << 23))
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let offset = |x: f32| x.to_bits().wrapping_sub(SQRT_HALF_BITS);
        let mantissa =
            |bits: u32| f32::from_bits((bits & FRACTION_BITS).wrapping_add(SQRT_HALF_BITS));
        (self.map(|x| ((offset(x) as i32) >> 23) as f32), self.map(|x| mantissa(offset(x))))
    }

    #[inline(always)]
    fn enter(self, x: f32) -> Self {
        let mut lanes = [x; N];
        lanes[..N - 1].copy_from_slice(&self.0[1..]);
        Lanes(lanes)
    }

    #[inline(always)]
    fn transpose(rows: [&[f32; LANES]; N]) -> [Self; LANES] {
        let mut columns = [Self::ZERO; LANES];
        for (i, column) in columns.iter_mut().enumerate() {
            for (j, row) in rows.iter().enumerate() {
                column.0[j] = row[i];
            }
        }
        columns
    }
}

impl<const N: usize> Add for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl<const N: usize> Sub for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
}

impl<const N: usize> Mul for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
}

impl<const N: usize> Div for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }
}

impl<const N: usize> Mul<f32> for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, factor: f32) -> Self {
        self.map(|a| a * factor)
    }
}

/// A complex number of each frame, in registers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ComplexLanes<V> {
    pub(crate) re: V,
    pub(crate) im: V,
}

impl<V> ComplexLanes<V> {
    #[inline(always)]
    pub(crate) fn load<const N: usize>([re, im]: &ComplexArray<N>) -> Self
    where
        V: Vector<N>,
    {
        ComplexLanes { re: V::load(re), im: V::load(im) }
    }

    #[inline(always)]
    pub(crate) fn store<const N: usize>(self, [re, im]: &mut ComplexArray<N>)
    where
        V: Vector<N>,
    {
        self.re.store(re);
        self.im.store(im);
    }
}

/// What is computed of complex numbers without knowing how many there are.
impl<V: Copy + Add<Output = V> + Sub<Output = V> + Mul<f32, Output = V>> ComplexLanes<V> {
    /// Multiplies by one complex number.
    #[inline(always)]
    pub(crate) fn rotate(self, w: Complex) -> Self {
        ComplexLanes { re: self.re * w.re - self.im * w.im, im: self.re * w.im + self.im * w.re }
    }

    /// Multiplies by −i.
    #[inline(always)]
    pub(crate) fn times_minus_i(self) -> Self {
        ComplexLanes { re: self.im, im: self.re * -1.0 }
    }

    /// Multiplies both parts by one real number.
    #[inline(always)]
    pub(crate) fn scale(self, factor: f32) -> Self {
        ComplexLanes { re: self.re * factor, im: self.im * factor }
    }
}

impl<V: Add<Output = V>> Add for ComplexLanes<V> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        ComplexLanes { re: self.re + other.re, im: self.im + other.im }
    }
}

impl<V: Sub<Output = V>> Sub for ComplexLanes<V> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        ComplexLanes { re: self.re - other.re, im: self.im - other.im }
    }
}

/// A complex number that is the same for every frame: a twiddle factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Complex {
    pub(crate) re: f32,
    pub(crate) im: f32,
}

impl Complex {
    /// Computes exp(−2πi · numerator / denominator), and rounds it once.
    pub(crate) fn twiddle(numerator: usize, denominator: usize) -> Complex {
        // Reduced first, so that the angle keeps all its digits.
        let turn = (numerator % denominator) as f64 / denominator as f64;
        let angle = -2.0 * std::f64::consts::PI * turn;
        Complex { re: libm::cos(angle) as f32, im: libm::sin(angle) as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Eight = Lanes<LANES>;

    #[test]
    fn ln_is_within_one_and_a_half_units_in_the_last_place() {
        let numbers = (0x0080_0000_u32..0x7f80_0000).step_by(997).map(f32::from_bits);
        let worst = worst_error(numbers, Vector::ln, libm::log);
        assert!(worst <= 1.5, "{worst} units");
        assert_eq!(Eight::splat(1.0).ln(), Eight::splat(0.0));
    }

    /// Measures the largest error of `found` over `numbers`, in units of the last place.
    fn worst_error(
        numbers: impl Iterator<Item = f32>,
        found: impl Fn(Eight) -> Eight,
        truth: impl Fn(f64) -> f64,
    ) -> f64 {
        let mut worst = 0.0_f64;
        for x in numbers {
            let truth = truth(f64::from(x));
            let nearest = (truth as f32).abs().max(f32::MIN_POSITIVE);
            let unit = f64::from(f32::from_bits(nearest.to_bits() + 1) - nearest);
            worst = worst.max((f64::from(found(Eight::splat(x)).0[3]) - truth).abs() / unit);
        }
        worst
    }

    #[test]
    fn exp_is_within_one_and_a_half_units_in_the_last_place() {
        let numbers = (0..200_001).map(|i| -87.3 + i as f32 * (175.3 / 200_000.0));
        let worst = worst_error(numbers.filter(|&x| x <= 88.0), Vector::exp, libm::exp);
        assert!(worst <= 1.5, "{worst} units");
        assert_eq!(Eight::splat(0.0).exp(), Eight::splat(1.0));
    }

    #[test]
    fn small_numbers_keep_their_digits_in_ln_1p_and_exp_m1() {
        let numbers = || (0x2000_0000_u32..0x4100_0000).step_by(1009).map(f32::from_bits);
        let worst = worst_error(numbers(), Vector::ln_1p, libm::log1p);
        assert!(worst <= 5.0, "ln_1p: {worst} units");
        let worst = worst_error(numbers(), Vector::exp_m1, libm::expm1);
        assert!(worst <= 8.0, "exp_m1: {worst} units");
        assert_eq!(Eight::splat(0.0).ln_1p(), Eight::splat(0.0));
        assert_eq!(Eight::splat(0.0).exp_m1(), Eight::splat(0.0));
    }

    #[test]
    fn max_takes_the_second_where_the_first_is_not_a_number() {
        assert_eq!(Eight::splat(f32::NAN).max(Eight::splat(1.0)), Eight::splat(1.0));
        assert_eq!(Eight::splat(2.0).max(Eight::splat(1.0)), Eight::splat(2.0));
    }
}
