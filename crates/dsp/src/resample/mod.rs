//! Recordings of one sample rate made recordings of another.
//!
//! The samples that come out are where they would have been taken at the other rate: the first at the time
//! of the first that goes in, with no delay. Each is a weighted sum of the samples around it, and zeros
//! stand for samples past the ends. Rates are whole numbers, so that the places between samples repeat:
//! from 44,100 Hz to 16,000 Hz there are 160 of them, and a `ResampleFilter` has the weights of each in
//! a table, computed once. It is immutable and can be shared between threads; each recording brings its
//! own `Resampler`, which takes samples as they come.
//!
//! ```
//! use ossicle_dsp::{Level, ResampleFilter, ResampleMode};
//!
//! let filter = ResampleFilter::new(ResampleMode::Hq, 44_100, 16_000, Level::detect())?;
//! let recording: Vec<f32> = (0..44_100).map(|n| (n as f32 * 0.05).sin()).collect();
//!
//! let mut resampler = filter.begin(0);
//! let mut out = Vec::new();
//! for chunk in recording.chunks(1000) {
//!     resampler.push(chunk, &mut out);
//! }
//! resampler.finish(&mut out);
//! assert_eq!(out.len(), 16_000);
//! # Ok::<(), ossicle_dsp::Error>(())
//! ```

pub(crate) mod dots;
pub(crate) mod filter;
pub(crate) mod mode;
pub(crate) mod resampler;
