//! Turns samples into a matrix of speech features.
//!
//! A recording goes in as `&[f32]`, and a row of numbers for each *frame*, a short window of it,
//! comes out. A [`FeatureConfig`] says what is wanted; [`Extractor::new`] checks it and precomputes
//! the window, the transform and the filters. The extractor is immutable and can be shared between
//! threads; each thread brings its own [`Scratch`].
//!
//! The way of a frame:
//!
//! | stage | shape of a frame | what says how |
//! |---|---|---|
//! | samples | `[length]` | [`FrameLayout`] |
//! | windowed | `[length]` | [`Window`] |
//! | power spectrum | `[n_fft / 2 + 1]` | [`FeatureConfig::n_fft`] |
//! | mel energies, or sums of magnitudes | `[num_mel_bins]` | [`Columns`] |
//! | decibels | `[num_mel_bins]` | [`Decibels`] |
//! | cepstra | `[num_ceps]` | [`FeatureConfig::num_ceps`] |
//!
//! After that, [`Deltas`] append derivatives over time, [`Moments`] gather each column's mean and
//! variance, and a [`Normalizer`] takes them out.
//!
//! ```
//! use ossicle_dsp::{Deltas, Extractor, FeatureConfig, Level, SampleScale, Scratch};
//!
//! let level = Level::detect();
//! let extractor = Extractor::new(FeatureConfig::timit_mfcc(16_000), level)?;
//!
//! // A quarter of a second of 440 Hz, as a decoder gives it: full scale at ±1.0.
//! let mut samples: Vec<f32> =
//!     (0..4000).map(|n| (n as f32 * 440.0 * 6.2832 / 16_000.0).sin() * 0.3).collect();
//! SampleScale::Midpoint.apply(&mut samples);
//!
//! let num_frames = extractor.num_frames(samples.len());
//! let mut cepstra = vec![0.0; num_frames * extractor.dim()];
//! extractor.extract_into(&samples, &mut Scratch::default(), &mut cepstra);
//!
//! let deltas = Deltas::new(2, 2)?;
//! let mut wide = vec![0.0; num_frames * deltas.wide_dim(extractor.dim())];
//! let (all, dim) = (0..num_frames, extractor.dim());
//! deltas.widen_into(level, &cepstra, dim, all, num_frames, &mut Vec::new(), &mut wide);
//! assert_eq!(wide.len(), 23 * 120);
//! # Ok::<(), ossicle_dsp::Error>(())
//! ```
//!
//! The same samples give the same bits at every [`Level`] and on every machine: tables come from
//! the `libm` crate, the logarithm is our own, sums have one order, and multiplications and
//! additions are never fused. There are no files, threads, clocks, globals or logs in this crate.

mod cepstrum;
mod deltas;
mod error;
mod feature;
mod fft;
mod frames;
mod lanes;
mod mel;
mod moments;
mod samples;
mod simd;
mod window;

pub use deltas::Deltas;
pub use error::Error;
pub use feature::{Columns, Decibels, Extractor, FeatureConfig, Scratch};
pub use frames::{Edges, FrameLayout};
pub use mel::{MelConfig, MelNorm, MelScale};
pub use moments::{Moments, Normalizer};
pub use samples::SampleScale;
pub use simd::Level;
pub use window::Window;
