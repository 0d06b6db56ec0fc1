//! Turns samples into a matrix of speech features: Kaldi's, librosa's, torchaudio's, Whisper's, HTK's
//! and python_speech_features' front ends, equal to the originals, several times faster, with the same
//! bits on every machine.
//!
//! A recording goes in as `&[f32]`, and a row of numbers for each *frame*, a short window of it, comes
//! out:
//!
//! ```
//! use ossicle_dsp::{Extractor, FeatureConfig, Level, Scratch};
//!
//! let config = FeatureConfig::kaldi_mfcc(16_000);
//! let extractor = Extractor::new(config, Level::detect())?;
//!
//! // A quarter of a second of 440 Hz, as a decoder gives it: full scale at ±1.0.
//! let samples: Vec<f32> =
//!     (0..4000).map(|n| (n as f32 * 440.0 * 6.2832 / 16_000.0).sin() * 0.3).collect();
//!
//! let num_frames = extractor.num_frames(samples.len());
//! let mut features = vec![0.0; num_frames * extractor.dim()];
//! extractor.extract_into(&samples, &mut Scratch::default(), &mut features);
//! assert_eq!((num_frames, extractor.dim()), (23, 13));
//! # Ok::<(), ossicle_dsp::Error>(())
//! ```
//!
//! # From samples to cepstra
//!
//! A [`FeatureConfig`] says what happens to a frame. Its fields stand in the order of the table; the
//! shapes are of one frame.
//!
//! | stage | shape | units | what says how |
//! |---|---|---|---|
//! | samples | `[frames.length]` | ±1, or ±32768 | [`SampleScale`] |
//! | where frames lie, and what stands for samples past the ends | | | [`FrameLayout`], [`Edges`], [`Pad`] |
//! | noise, mean, high-pass filter | `[frames.length]` | | [`Dither`], [`FeatureConfig::remove_dc_offset`], [`Preemphasis`] |
//! | windowed | `[frames.length]` | | [`Window`] |
//! | spectrum, of the frame and zeros up to n_fft | `[n_fft / 2 + 1]` | power, or magnitude | [`FeatureConfig::n_fft`], [`Spectrum`] |
//! | columns: mel energies, or sums of bins, or the bins | `[num_mel_bins]` | | [`Columns`], [`MelConfig`] |
//! | compressed | `[num_mel_bins]` | nepers, decades, dB | [`Compression`], [`Log`], [`Pcen`] |
//! | cepstra, by a cosine transform or linear prediction | `[num_ceps]` | | [`Cepstra`], [`LinearPrediction`], [`Lifter`], [`C0`] |
//! | with the log energy | `[dim]` | nepers | [`Energy`] |
//!
//! The constructors of [`FeatureConfig`] are the front ends of other programs; each says of which, at
//! which version, and what is particular about it. `docs/parity.md` in the repository shows how near
//! each comes, and every field can be changed after that.
//!
//! After the features, [`Deltas`] append derivatives over time, in the conventions of HTK, Kaldi and
//! librosa; [`Moments`] gather each column's mean and variance, and a [`Normalizer`] takes them out, or
//! a [`SlidingNormalizer`] those of a moving window; [`Splice`] puts neighbouring frames side by side;
//! [`EnergyVad`] says which frames are speech.
//!
//! # Plan once, run on many threads
//!
//! [`Extractor::new`] checks the configuration and computes window, twiddle factors and filters. The
//! extractor is immutable, so threads share it; each brings its own [`Scratch`], and nothing is
//! allocated once that has seen a recording as long.
//!
//! ```
//! use ossicle_dsp::{Extractor, FeatureConfig, Level, Scratch};
//!
//! let extractor = Extractor::new(FeatureConfig::whisper(16_000, 80), Level::detect())?;
//! let recordings = vec![vec![0.1; 16_000], vec![0.2; 8_000], vec![0.3; 4_000]];
//! let features: Vec<Vec<f32>> = std::thread::scope(|scope| {
//!     let extract = |samples: &Vec<f32>, scratch: &mut Scratch| {
//!         let mut out = vec![0.0; extractor.num_frames(samples.len()) * extractor.dim()];
//!         extractor.extract_into(samples, scratch, &mut out);
//!         out
//!     };
//!     let threads: Vec<_> = recordings
//!         .chunks(2)
//!         .map(|chunk| {
//!             scope.spawn(move || {
//!                 let mut scratch = Scratch::default();
//!                 chunk.iter().map(|samples| extract(samples, &mut scratch)).collect::<Vec<_>>()
//!             })
//!         })
//!         .collect();
//!     threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
//! });
//! assert_eq!(features[0].len(), 100 * 80);
//! # Ok::<(), ossicle_dsp::Error>(())
//! ```
//!
//! Several features of the same frames share one spectrum: [`Extractor::side_by_side`].
//!
//! # Streams
//!
//! A recording of hours need not be in memory, and one that is not over yet has rows already. A
//! [`Feature`] begins a [`RowStream`], which takes samples as they come, however many at a time, without
//! being told how many will, and puts rows into a [`Sink`] once they are final: with the bits that they have
//! when the recording is extracted whole. Where rows depend on the largest value of all frames, a recording
//! that is too long to be held is fed once more.
//!
//! ```
//! use ossicle_dsp::{Extractor, Feature, FeatureConfig, Level, Next, Scratch, Sink, Start};
//!
//! let extractor = Extractor::new(FeatureConfig::whisper(16_000, 80), Level::detect())?;
//! let recording: Vec<f32> = (0..32_000).map(|n| (n * n % 1000) as f32 / 1000.0).collect();
//!
//! let (mut scratch, mut sink) = (Scratch::default(), Sink::default());
//! let mut features = Vec::new();
//! // No more than half a second is held, so that these two are fed twice.
//! let start = Start { most_held: 8000, ..Start::default() };
//! let mut stream = extractor.begin(start, &mut scratch);
//! loop {
//!     for chunk in recording.chunks(1000) {
//!         stream.push(chunk, &mut sink)?;
//!         features.extend_from_slice(sink.rows());
//!         sink.clear();
//!     }
//!     if stream.finish(&[], &mut sink)? == Next::Done {
//!         break;
//!     }
//! }
//! features.extend_from_slice(sink.rows());
//! drop(stream);
//!
//! let mut whole = vec![0.0; extractor.num_frames(recording.len()) * extractor.dim()];
//! extractor.extract_into(&recording, &mut scratch, &mut whole);
//! assert_eq!(features, whole);
//! # Ok::<(), ossicle_dsp::Error>(())
//! ```
//!
//! A [`Sliding`] normalisation, a [`VadStream`] and, for derivatives and neighbours, a [`WideStream`] take
//! the rows as they come.
//!
//! # Spikes
//!
//! The module [`spikes`] codes a recording as a sum of gammatones, each at its own time, by matching
//! pursuit.
//!
//! # Other sample rates
//!
//! A [`ResampleFilter`] makes recordings of one sample rate recordings of another, by the filter of a
//! [`ResampleMode`]: our own, torchaudio's or Kaldi's. A [`Resampler`] takes samples as they come.
//!
//! # Levels
//!
//! A [`Tally`] finds the peak, the zeros and the mean of samples while they come.
//!
//! # The same bits
//!
//! The same samples give the same bits at every [`Level`] and on every machine: tables come from the
//! `libm` crate, logarithm and exponential are our own, sums have one order, and multiplications and
//! additions are never fused. There are no files, threads, clocks, globals or logs in this crate.

mod after;
mod error;
mod features;
mod frames;
mod kernels;
mod resample;
mod samples;
mod scratch;
mod sink;
mod stream;
mod tally;

pub use features::spikes;

pub use after::deltas::{DeltaConvention, Deltas};
pub use after::moments::{Moments, Normalizer};
pub use after::sliding::{Sliding, SlidingConfig, SlidingNormalizer};
pub use after::splice::{LastRows, Splice};
pub use after::vad::{EnergyVad, VadConfig, VadStream};
pub use after::wide::Wide;
pub use after::widen::{Around, WideScratch, WideStream, Widen};
pub use error::Error;
pub use features::spectral::cepstrum::{C0, Cepstra, Lifter};
pub use features::spectral::chunks::Chunked;
pub use features::spectral::config::{Columns, Compression, FeatureConfig, Spectrum};
pub use features::spectral::energy::{Energy, EnergyNormalization, EnergyOf, EnergyPlace};
pub use features::spectral::extractor::Extractor;
pub use features::spectral::log::{Floor, Log, LogBase};
pub use features::spectral::mel::{MelConfig, MelNorm, MelScale, MelTriangles, Vtln, VtlnShape};
pub use features::spectral::pcen::Pcen;
pub use features::spectral::plp::LinearPrediction;
pub use features::spectral::waveform::{Dither, Preemphasis};
pub use features::spectral::window::Window;
pub use features::waveform::Waveform;
pub use frames::{Edges, FrameLayout, Pad};
pub use kernels::simd::Level;
pub use resample::filter::ResampleFilter;
pub use resample::mode::ResampleMode;
pub use resample::resampler::Resampler;
pub use samples::{LOUDEST, SampleScale, first_unusable, is_sample};
pub use scratch::Scratch;
pub use sink::{Event, Sink};
pub use stream::{EventStream, Feature, Latency, Next, RowStream, Start};
pub use tally::Tally;
