//! The arithmetic: frames in lanes, the instruction sets that they run on, and Fourier transforms.

pub(crate) mod bluestein;
pub(crate) mod buffer;
mod butterfly;
pub(crate) mod fft;
pub(crate) mod lanes;
mod pass;
pub(crate) mod simd;
pub(crate) mod unpack;
