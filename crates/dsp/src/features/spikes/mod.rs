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
//! Of some 26,000 to 28,000 instructions a spike then (callgrind, AVX2, three seconds of speech at 30 dB), two fifths
//! change those rows: 125 a row, of which 57 are the arithmetic, the rest finds the row, asks for memory ahead and brings
//! its bound in order. A third goes into the transforms of two rounds, a sixth into correlations computed one by one, and
//! a tenth raises bounds and keeps the tree of them. The correlations of a second are 2 MB. The overlaps that are strong
//! are 1 MB of 5.6.
//!
//! # What bounds it
//!
//! Memory, more than instructions. The figures are of an AMD EPYC (Zen 3) with 512 KB of second-level cache, AVX2, in
//! processor time on a machine where others were at work: medians of one run differ from those of another by up to
//! half, ratios, taken pair by pair, by some hundredths. By samples of the clock at 30 dB, 44 % of the time goes into
//! the rows with strong overlaps, where most of it is spent waiting for numbers to come, 26 % into the search for the
//! largest, 14 % into bounds and what is pending, and 12 % into the transforms. A spike touches 1,420 lines that are
//! not in a first-level cache of 32 KB, and 775 that are not in a second-level one of 512 KB (callgrind's
//! simulation): 50 KB a spike from the third level, of which the rows themselves are 296 lines.
//!
//! | at 30 dB | 1 s | 3 s | 10 s | 30 s |
//! |---|---|---|---|---|
//! | correlations, MB | 2 | 6 | 20 | 61 |
//! | spikes a second, median of one run | 205,000 | 165,000 | 108,000 | 80,000 |
//! | spikes a second, best of all | 305,000 | 238,000 | 188,000 | 128,000 |
//!
//! A fifth of a second, whose correlations the second level holds, gives 307,000 at best. So 400,000 a second need
//! both: less memory, since it would be 20 GB a second from the third level, and fewer instructions, since these would
//! have to be three a cycle.
//!
//! With AVX-512 rows, transforms and correlations are of sixteen lanes. On an Intel Xeon of 2023 (Emerald Rapids, 2 MB of
//! second-level cache) three seconds at 30 dB take 0.84 of the time that eight lanes of AVX-512 took, but 0.98 of that of
//! AVX2 (medians of two rounds of `cargo bench -- spikes` in `bench/kernels`): half as many instructions do not make memory
//! answer sooner.
//!
//! # What was tried, and gained nothing
//!
//! * To keep the correlations of low channels at every second to eighth onset with a parabola between: of the rows of
//!   a spike at 30 dB a third is left out, and as much goes into the correlations that have to be computed between
//!   the onsets that are kept; half of what a spike changes is in channels above a kilohertz, which need every onset.
//! * Shorter transforms for shorter kernels; weaker or stronger *strong* overlaps; more or fewer rounds: each within
//!   a few hundredths.
//! * To put off what is subtracted from a row until the row's bound is as large as the last spike, and then to
//!   subtract all of it at once. The spikes of three seconds are the same, and a row is visited 15 times a spike
//!   instead of 74. But of 74 subtractions 63 are done in the end, and at a visit their overlaps lie here and there
//!   in a megabyte, where one spike after the other reads them in order: 1.14 to 1.39 times the time.
//! * To keep the correlations by channel and then by cell, so that what a spike changes are runs of cells with one
//!   run of overlaps each. The same bits and 7 % fewer instructions, but as many lines that are not in the second
//!   level (773): 0.93 to 0.95 of the time at one second, 0.97 at three, 1.03 to 1.07 at ten, and 1.01 to 1.14 at
//!   thirty.
//! * On top of that one table of the largest weak overlaps for all places of a spike in its cell, 256 KB instead of 2
//!   MB: 1.00 of the present time at three seconds where the runs alone take 0.97.
//! * Blocks of a second, whose correlations are 2 MB: 1.4 to 2.2 times as many spikes a second, but 1.3 to 2.8 times
//!   as many spikes, since each block has ends, and 28 dB instead of 30. Blocks of four seconds take 0.8 to 0.97 of
//!   the time at 20 dB and 0.92 to 1.03 at 30, for 1.03 to 1.8 times as many spikes.
//! * Tables of 16 bits: strong overlaps in units of 2^-15 with their rounding in the weak ones, weak overlaps rounded up
//!   in units of 2^-24, and rows described by 8 bytes instead of 16. That halves some 3.3 MB for two more instructions
//!   a vector: the first two lines of times below.
//! * Correlations of 16 bits, with strong overlaps of as many and weak ones as they are: all in one unit, a power of two
//!   of which the largest is 4,096 to 8,192, and one and a half units a subtraction added to what is pending. Rows are
//!   half as many lines, and by the source their arithmetic is half as many instructions: the last two lines. What is
//!   pending takes back what the rows save: of the digits at 30 dB 17 correlations a spike are computed one by one, and
//!   12 where rounding is not counted. That takes 0.86 (voice) and 0.93 (digits) of the time at three seconds, but is no
//!   bound, and chooses other spikes. If the largest may fall to 1,024 or 2,048 units before the unit is changed, three
//!   seconds take 1.13 to 1.17.
//!
//! | of the present time | voice, 1 s | 3 s | 10 s | digits, 3 s | 10 s |
//! |---|---|---|---|---|---|
//! | tables, 30 dB | 0.93, 1.01 | 0.94, 0.93 | 0.98, 1.01 | 0.95, 1.01 | 0.86, 0.94 |
//! | tables, 20 dB | 0.95, 0.98 | 1.03, 1.01 | 0.94, 0.96 | 0.97, 0.97 | |
//! | correlations, 30 dB | 1.01 | 0.91 | 0.87 | 0.99, 1.04 | 1.05 |
//! | correlations, 20 dB | 1.09 | 1.03 | 1.00 | 1.07 | |
//!
//! These are medians of nine to fifteen pairs at AVX2, of one run or two, on a busy machine: quartiles are up to 0.14
//! away, and where the median is 0.91 the ratio of the best times is 1.01. The digits are real recordings of 8 kHz, interpolated.
//! The spikes are the same bit by bit, but for the ten seconds of the voice, which are 3.4 again and again: as many, of
//! which the eighth or the 22nd is the first that differs. Why was not looked into.
//!
//! Several spikes in a window before the next window were only reckoned. They keep the order of choices only if nothing
//! larger lies within twice the reach of the longest kernel on either side, since a larger spike there may raise what
//! lies between: 64 cells each way, which with a window of as many are 1.5 MB, more than the cache that it is to fit.
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
