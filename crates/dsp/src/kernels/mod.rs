//! The arithmetic: eight lanes, the instruction sets that they run on, and Fourier transforms.

pub(crate) mod bluestein;
pub(crate) mod fft;
pub(crate) mod lanes;
pub(crate) mod simd;
