//! The instruction sets that the hot loops are compiled for, chosen at run time.
//!
//! Every kernel is written once, over a [`Vector`] or plain slices, and compiled three times: for the
//! target's baseline, for AVX2 and for AVX-512, where kernels over frames and those of spikes have sixteen lanes and all
//! others eight ([`Level::lanes`]). The three give the same bits:
//! the source fixes the order of every operation, the compiler may not reassociate floating-point
//! sums, and none of the enabled sets is used for fused multiply-add (`fma` is never enabled, and
//! Rust does not contract `a * b + c`).
//!
//! Vectors are registers by name at every level of x86-64, the baseline's SSE2 too (`simd/sse2.rs` says why), and
//! the compiler's on other architectures. That, and calling functions of a richer instruction set, is the one
//! `unsafe` thing in this crate, and what it buys is measured. A frame of `timit-mfcc` took 1.05 µs at the baseline and
//! 0.48 µs with AVX2, `timit-mel` 0.60 and 0.25, `timit-spectrogram` 0.69 and 0.31 (three seconds of
//! noise in memory, the best of 600 runs, one core of an Ice Lake Xeon at 3.4 GHz; `cargo bench --manifest-path
//! bench/kernels/Cargo.toml -- level` times the same), and sixteen lanes of AVX-512 with transforms in place take 0.56
//! to 0.76 of the time that eight lanes took (the table of `features/spectral/extractor.rs`).
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "uses instruction sets that were detected")
)]

use std::fmt;

#[cfg(not(target_arch = "x86_64"))]
use crate::kernels::lanes::Lanes;
use crate::kernels::lanes::{LANES, MOST_LANES, Vector};

#[cfg(target_arch = "x86_64")]
#[macro_use]
mod operators;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod sse2;

/// The vector of eight lanes of the target's baseline.
#[cfg(target_arch = "x86_64")]
pub(crate) type Baseline = sse2::Lanes8;
#[cfg(not(target_arch = "x86_64"))]
pub(crate) type Baseline = Lanes;

/// The vector of sixteen lanes of the target's baseline.
#[cfg(all(test, target_arch = "x86_64"))]
type Baseline16 = sse2::Lanes16;
#[cfg(all(test, not(target_arch = "x86_64")))]
type Baseline16 = Lanes<MOST_LANES>;

/// An instruction set that this machine has.
///
/// It can only be made by detection, so holding one is the proof that the machine can run it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(Set);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    Scalar,
    /// The baseline with as many lanes as AVX-512 has, so that tests see them on every machine.
    #[cfg(test)]
    Sixteen,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The target's baseline, which every machine of the architecture has.
    pub const BASELINE: Level = Level(Set::Scalar);

    /// The baseline with sixteen lanes.
    #[cfg(test)]
    pub(crate) const SIXTEEN: Level = Level(Set::Sixteen);

    /// Returns the richest level of this machine.
    pub fn detect() -> Level {
        Level::available().last().unwrap_or(Level::BASELINE)
    }

    /// Lists every level of this machine, plainest first.
    pub fn available() -> impl DoubleEndedIterator<Item = Level> {
        #[cfg_attr(
            not(target_arch = "x86_64"),
            expect(unused_mut, reason = "there is one level, whose vectors are the compiler's")
        )]
        let mut levels = vec![Level::BASELINE];
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx2") {
                levels.push(Level(Set::Avx2));
                if std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx512vl")
                    && std::arch::is_x86_feature_detected!("avx512dq")
                    && std::arch::is_x86_feature_detected!("avx512bw")
                {
                    levels.push(Level(Set::Avx512));
                }
            }
        }
        levels.into_iter()
    }

    /// Returns the level of this name (`scalar`, `avx2`, `avx512`), if this machine has it.
    pub fn named(name: &str) -> Option<Level> {
        Level::available().find(|level| level.to_string() == name)
    }

    /// Returns the number of frames that are computed together where there are enough.
    ///
    /// A register of AVX-512 has sixteen lanes. Two registers of AVX2 in its place would take 1.1 times as
    /// long as one.
    pub(crate) fn lanes(self) -> usize {
        match self.0 {
            Set::Scalar => LANES,
            #[cfg(test)]
            Set::Sixteen => MOST_LANES,
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => LANES,
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => MOST_LANES,
        }
    }

    /// Runs a kernel over frames, compiled for this level: with all its lanes, but with eight where
    /// there are no more frames.
    #[inline]
    pub(crate) fn run_frames<K: FrameKernel>(self, num_frames: usize, kernel: K) -> K::Output {
        match self.0 {
            Set::Scalar => with_baseline(InEights(kernel)),
            #[cfg(test)]
            Set::Sixteen if num_frames > LANES => with_sixteen(kernel),
            #[cfg(test)]
            Set::Sixteen => with_baseline(InEights(kernel)),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Level(Set::Avx512)` is only made by `available`, after detecting every
            // feature that `with_all_of_avx512` enables.
            Set::Avx512 if num_frames > LANES => unsafe { with_all_of_avx512(kernel) },
            // Eight lanes are a register of AVX2 at both, and so are compiled once.
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` makes both levels after detecting `avx2`.
            Set::Avx2 | Set::Avx512 => unsafe { with_avx2(InEights(kernel)) },
        }
    }

    /// Runs a kernel with all lanes of this level.
    #[inline]
    pub(crate) fn run_widest<K: FrameKernel>(self, kernel: K) -> K::Output {
        self.run_frames(MOST_LANES, kernel)
    }

    /// Runs a kernel, compiled for this level.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Set::Scalar => with_baseline(kernel),
            #[cfg(test)]
            Set::Sixteen => with_baseline(kernel),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Level(Set::Avx2)` is only made by `available`, after detecting `avx2`.
            Set::Avx2 => unsafe { with_avx2(kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Level(Set::Avx512)` is only made by `available`, after detecting every
            // feature that `with_avx512` enables.
            Set::Avx512 => unsafe { with_avx512(kernel) },
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Set::Scalar => "scalar",
            #[cfg(test)]
            Set::Sixteen => "sixteen",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => "avx512",
        })
    }
}

/// A hot loop, with what it works on.
///
/// `run` and everything it calls must be `#[inline(always)]`: only code that is inlined into the
/// functions below is compiled for their instruction set.
pub(crate) trait Kernel {
    /// The result of the loop.
    type Output;

    /// Runs the loop. A kernel that works on frames does so in `V`s.
    fn run<V: Vector>(self) -> Self::Output;
}

/// A hot loop over frames, which are computed by as many as a vector has lanes.
///
/// What is said of [`Kernel`] holds.
pub(crate) trait FrameKernel {
    /// The result of the loop.
    type Output;

    /// Runs the loop, `N` frames at a time.
    fn run<V: Vector<N>, const N: usize>(self) -> Self::Output;
}

/// A kernel over frames with the lanes that every level has.
struct InEights<K>(K);

impl<K: FrameKernel> Kernel for InEights<K> {
    type Output = K::Output;

    #[inline(always)]
    fn run<V: Vector>(self) -> K::Output {
        self.0.run::<V, LANES>()
    }
}

// Each level is a function of its own: several in one would take the compiler longer than all of them.
#[inline(never)]
fn with_baseline<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Baseline>()
}

#[cfg(test)]
#[inline(never)]
fn with_sixteen<K: FrameKernel>(kernel: K) -> K::Output {
    kernel.run::<Baseline16, MOST_LANES>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<avx2::Lanes8>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512vl,avx512dq,avx512bw")]
fn with_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<avx2::Lanes8>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512vl,avx512dq,avx512bw")]
fn with_all_of_avx512<K: FrameKernel>(kernel: K) -> K::Output {
    kernel.run::<avx512::Lanes16, MOST_LANES>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::lanes::Lanes;

    /// Every operation on some numbers, as the bits of what comes of it.
    struct Operations<'a>(&'a [f32]);

    impl FrameKernel for Operations<'_> {
        type Output = Vec<u32>;

        #[inline(always)]
        fn run<V: Vector<N>, const N: usize>(self) -> Vec<u32> {
            let mut bits = Vec::new();
            let (vectors, _) = self.0.as_chunks::<N>();
            for [a, b] in vectors.array_windows() {
                let (x, y) = (V::load(a), V::load(b));
                let whole = a.map(|a| if a.abs() < 120.0 { a.trunc() } else { 3.0 });
                let (exponent, mantissa) = x.abs().split();
                let of = [
                    V::splat(a[1]),
                    x + y,
                    x - y,
                    x * y,
                    x / y,
                    x * a[0],
                    x.max(y),
                    x.min(y),
                    x.abs().sqrt(),
                    x.replace_zero(y),
                    x.is_zero(),
                    V::load(&whole).exp2_of_whole(),
                    exponent,
                    mantissa,
                    x.enter(b[0]),
                    x.abs().ln(),
                    V::ln_of([x.abs(), y.abs()])[1],
                    x.exp(),
                ];
                for of in of {
                    let mut lanes = [0.0; N];
                    of.store(&mut lanes);
                    bits.extend(lanes.map(bits_of));
                }
                bits.push(x.at_least(b[0]));
                bits.push(bits_of(V::load(&a.map(|a| if a.is_nan() { 1.0 } else { a })).largest()));
            }
            let (rows, _) = self.0.as_chunks::<LANES>();
            for rows in rows.chunks_exact(N) {
                for column in V::transpose(std::array::from_fn(|row| &rows[row])) {
                    let mut lanes = [0.0; N];
                    column.store(&mut lanes);
                    bits.extend(lanes.map(bits_of));
                }
            }
            bits
        }
    }

    /// One NaN is as good as another.
    fn bits_of(x: f32) -> u32 {
        if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() }
    }

    #[test]
    fn logarithms_that_are_taken_together_are_those_taken_alone() {
        let numbers = ossicle_testing::noise(LANES * 8, 2);
        let (rows, _) = numbers.as_chunks::<LANES>();
        let vectors: [Lanes; 8] = std::array::from_fn(|n| Lanes::load(&rows[n]).abs());
        for (x, together) in vectors.into_iter().zip(Vector::ln_of(vectors)) {
            assert_eq!(together.0, x.ln().0);
        }
    }

    #[test]
    fn every_operation_gives_the_bits_of_the_obvious_one() {
        let odd = [0.0, -0.0, 1.0, -1.0, f32::MIN_POSITIVE, 1e-42, f32::MAX, f32::INFINITY];
        let mut numbers = ossicle_testing::noise(1 << 12, 1);
        for (n, number) in numbers.iter_mut().enumerate() {
            match n % 7 {
                0 => *number = odd[n / 7 % odd.len()],
                1 => *number *= 100.0,
                2 if n % 5 == 0 => *number = f32::NAN,
                _ => {}
            }
        }
        let obvious = [
            (1, Operations(&numbers).run::<Lanes, LANES>()),
            (MOST_LANES, Operations(&numbers).run::<Lanes<MOST_LANES>, MOST_LANES>()),
        ];
        for level in Level::available().chain([Level::SIXTEEN]) {
            for (num_frames, obvious) in &obvious {
                if level.lanes() >= *num_frames {
                    let found = level.run_frames(*num_frames, Operations(&numbers));
                    assert!(found == *obvious, "{level} with {num_frames} frames");
                }
            }
        }
    }
}
