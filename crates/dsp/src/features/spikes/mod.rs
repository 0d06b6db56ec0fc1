//! Spikegrams: a recording as a sum of gammatones, each at its own time.
//!
//! A spectrogram asks how much of each frequency there is in each frame. A *spikegram* asks which
//! sounds, out of a dictionary of short ones, the recording is the sum of: E. C. Smith and M. S.
//! Lewicki, *Efficient auditory coding*, Nature 439, 978-982 (2006). Each is a *spike*: a channel,
//! a sample where it begins, and an amplitude. There are no frames, so a click is one spike and not
//! a smear over two windows, and few spikes are enough: 20 dB of speech takes some 600 to 1,600 a
//! second, 30 dB two to three and a half times as many. Smith and Lewicki's finding was that the
//! best dictionary for natural sounds looks like the impulse responses of the auditory nerve, that
//! is, like gammatones.
//!
//! Spikes are found by *matching pursuit* (S. Mallat and Z. Zhang, *Matching Pursuits With
//! Time-Frequency Dictionaries*, IEEE Transactions on Signal Processing 41, 1993): the kernel and onset
//! that correlate most with what is left of the recording become a spike, its sound is subtracted, and so
//! on. With kernels of unit energy the amplitude is that correlation, and each spike takes exactly its
//! square out of the residual's energy.
//!
//! ```
//! use ossicle_dsp::Level;
//! use ossicle_dsp::spikes::{
//!     Dictionary, GammatoneConfig, MatchingPursuit, PursuitConfig, PursuitScratch,
//! };
//!
//! let dictionary = Dictionary::new(&GammatoneConfig::new(16_000))?;
//! let pursuit = MatchingPursuit::new(dictionary, PursuitConfig::snr_db(20.0), Level::detect())?;
//!
//! // A tenth of a second of a 440 Hz tone that comes and goes.
//! use std::f32::consts::TAU;
//! let tone = |t: f32| (0.5 - 0.5 * (10.0 * TAU * t).cos()) * (440.0 * TAU * t).sin();
//! let samples: Vec<f32> = (0..1600).map(|n| tone(n as f32 / 16_000.0)).collect();
//! let spikegram = pursuit.encode(&samples, &mut PursuitScratch::default())?;
//! assert!(spikegram.snr_db() >= 20.0);
//!
//! // The spikes are the sound again.
//! let mut decoded = vec![0.0; samples.len()];
//! pursuit.dictionary().decode_into(&spikegram.spikes, 0, &mut decoded);
//! let left: f64 = samples.iter().zip(&decoded).map(|(&x, y)| (f64::from(x) - y).powi(2)).sum();
//! let energy: f64 = samples.iter().map(|&x| f64::from(x).powi(2)).sum();
//! assert!(left < 0.01 * energy);
//! # Ok::<(), ossicle_dsp::Error>(())
//! ```
//!
//! # The way
//!
//! | file | what |
//! |---|---|
//! | `gammatone` | the dictionary |
//! | `overlap` | how much of a spike every kernel sees at every distance: the cross-correlations |
//! | `correlate` | the first correlations of a signal, by Fourier transforms |
//! | `atom` | a spike within a block |
//! | `cell` | the correlations of a channel at a few onsets |
//! | `channels` | a number for each channel |
//! | `cells` | all correlations, with bounds |
//! | `best` | the one that becomes a spike |
//! | `residual` | what is left of the signal, where they have to be exact |
//! | `peaks` | where the largest bound is |
//! | `block` | one spike after the other, in a stretch of the recording |
//! | `refine` | all amplitudes together |
//! | `pursuit` | the settings of a search, and its tables |
//! | `encoder` | block after block |
//! | `sums` | sums in double precision |
//! | `spikegram` | spikes, and the sound that they are |
//! | `columns` | spikes as rows of frames |
//! | `plan` | all of it as one [`Feature`](crate::Feature) |
//!
//! # What it costs
//!
//! A recording of n samples has 32·n correlations. Finding them all takes n·log L steps a channel for
//! kernels of L samples, and each spike changes those that it overlaps: on speech some 28,000, whatever
//! n is. Finding the largest takes log n steps. So time grows linearly with the recording.
//!
//! Most of what a spike changes it changes by little. Correlations with kernels that overlap
//! *strongly* with it (by 1e-3 or more) are changed at once; for the others only the most that they
//! can be off by is added up, as M. Minoux (*Accelerated greedy algorithms for maximizing
//! submodular set functions*, 1978) keeps bounds of the gains of a greedy search. Only where a
//! bound is the largest of all is looked at closely: the few correlations that may be the largest
//! are computed from the residual itself. So what is chosen, and its amplitude, depend on no table
//! and no bound, and rounding does not add up. On speech at 30 dB a spike changes 76 rows of 64
//! correlations, where changing all would be 550; three cells of 64 are looked at, nine
//! correlations computed one by one (the largest first, so that the others have to be near what it really is),
//! and in one of ten spikes all of a cell.
//!
//! Of some 28,000 instructions a spike then (callgrind, AVX2, three seconds of speech at 30 dB, where they are what
//! bounds it), two fifths change those rows: 125 a row, of which 57 are the arithmetic, the rest finds the
//! row, asks for memory ahead and brings its bound in order. A third goes into the transforms of two rounds, a sixth into
//! correlations computed one by one, and a tenth raises bounds and keeps the tree of them. The correlations of a second are
//! 2 MB, and of longer recordings caches hold ever less: at twenty seconds a spike takes 1.3 times as long, most of it
//! waiting for memory. The overlaps that are strong are 1 MB of 5.6.
//!
//! With AVX-512 rows, transforms and correlations are of sixteen lanes. On an Intel Xeon of 2023 (Emerald Rapids, 2 MB of
//! second-level cache) three seconds at 30 dB take 0.84 of the time that eight lanes of AVX-512 took, but 0.98 of that of
//! AVX2 (medians of two rounds of `cargo bench -p ossicle-dsp -- spikes`): half as many instructions do not make memory
//! answer sooner.
//!
//! What was tried, and gained nothing: to keep the correlations of low channels at every second to eighth onset with a
//! parabola between (of the rows of a spike at 30 dB a third is left out, and as much goes into the correlations that
//! have to be computed between the onsets that are kept; half of what a spike changes is in channels above a
//! kilohertz, which need every onset); shorter transforms for shorter kernels; weaker or stronger *strong* overlaps, and
//! more or fewer rounds (each within a few hundredths).
//!
//! Amplitudes can be solved together on the way: see [`Refine::Orthogonal`].

mod atom;
mod best;
mod block;
mod cell;
mod cells;
mod channels;
mod columns;
mod correlate;
mod encoder;
mod gammatone;
mod overlap;
mod peaks;
mod plan;
pub(crate) mod pursuit;
mod refine;
mod residual;
mod spikegram;
mod sums;

pub use columns::{SpikeColumns, SpikeSums};
pub use encoder::Encoder;
pub use gammatone::{Dictionary, GammatoneConfig};
pub use plan::{SpikegramConfig, SpikegramPlan};
pub use pursuit::{MatchingPursuit, PursuitConfig, PursuitScratch, Refine};
pub use spikegram::{Spike, Spikegram};
