//! Spikegrams: a recording as a sum of gammatones, each at its own time.
//!
//! A spectrogram asks how much of each frequency there is in each frame. A *spikegram* asks which sounds,
//! out of a dictionary of short ones, the recording is the sum of: E. C. Smith and M. S. Lewicki,
//! *Efficient auditory coding*, Nature 439, 978-982 (2006). Each is a *spike*: a channel, a sample where
//! it begins, and an amplitude. There are no frames, so a click is one spike and not a smear over two
//! windows, and few spikes are enough: 20 dB of speech takes some 600 to 1,600 a second, 30 dB two to
//! three and a half times as many. Smith and Lewicki's finding was that the best dictionary for natural sounds
//! looks like the impulse responses of the auditory nerve, that is, like gammatones.
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
//! | `cells` | all correlations, with bounds, kept up lazily |
//! | `logs` | which spikes they have still to see |
//! | `peaks` | where the largest bound is |
//! | `pursuit` | one spike after the other |
//! | `spikegram` | spikes, and the sound that they are |
//! | `columns` | spikes as rows of frames |
//!
//! # What it costs
//!
//! A recording of n samples has 32·n correlations. Finding them all takes n·log L steps a channel for
//! kernels of L samples, and each spike changes those that it overlaps: on speech some 28,000, whatever
//! n is. Finding the largest takes log n steps. So time grows linearly with the recording.
//!
//! What bounds it is memory: the overlaps of 32 channels at 16 kHz are 5.6 MB and the correlations of a
//! second of sound 2 MB, which no core has a cache of its own for, and every spike reads them here and
//! there. So as little as possible is read. Changes wait in logs, as M. Minoux (*Accelerated greedy
//! algorithms for maximizing submodular set functions*, 1978) lets the gains of a greedy search wait: a cell
//! of 64 onsets is brought up to date only where a bound says that it may hold the largest, first with the
//! spikes that are strong there and only then, if that leaves it the largest, with all others. At 30 dB of
//! speech (80,000 spikes) a spike has 13.7 cells see 53 rows of strong spikes, and 1.3 of them see 39 of
//! weak ones, where changing all correlations at once would be 440 rows. What is needed next is fetched
//! ahead. Then a third of the time finds the spikes that are due, a quarter goes into bounds and the tree,
//! a tenth into transforms, and arithmetic is the least of it: from a first-level cache all of it would be
//! done in an eighth of the time.

mod cells;
mod columns;
mod correlate;
mod gammatone;
mod logs;
mod overlap;
mod peaks;
mod pursuit;
mod spikegram;

pub use columns::{SpikeColumns, SpikeSums};
pub use gammatone::{Dictionary, GammatoneConfig};
pub use pursuit::{Encoder, MatchingPursuit, PursuitConfig, PursuitScratch};
pub use spikegram::{Spike, Spikegram};
