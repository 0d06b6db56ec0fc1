//! Makes a synthetic corpus in TIMIT's layout.
//!
//! A [`DemoConfig`] goes in: a seed, and how large the corpus shall be relative to TIMIT. A folder
//! comes out that a program for TIMIT reads: `TRAIN/DR1/FXXX0/SX37.WAV`, a NIST SPHERE file, and
//! `SX37.PHN` beside it, with a line for each phone. The words are nonsense, but the sounds are
//! those of speech: vowels have the formants of the vowel in the label, an `s` hisses above 4 kHz,
//! a stop is a silence and a burst. So features, labels and models can be tried, and compared for
//! speed, by people who do not own TIMIT. What a model scores here says nothing about real speech.
//!
//! ```
//! use ossicle_demo::{Demo, DemoConfig, Usage};
//!
//! let demo = Demo::new(&DemoConfig { scale: 1.0, ..DemoConfig::default() })?;
//! let recordings = demo.recordings();
//! assert_eq!(recordings.len(), 6300);
//!
//! let is_trained_on = |r: &&ossicle_demo::DemoRecording| r.usage() == Usage::Train && !r.is_sa();
//! assert_eq!(recordings.iter().filter(is_trained_on).count(), 3696);
//!
//! let utterance = recordings[0].synthesize();
//! assert_eq!(utterance.phones[0].symbol, "h#");
//! # Ok::<(), ossicle_demo::Error>(())
//! ```
//!
//! How a recording comes to be, in the order of the modules: `speakers` says who speaks, `sentence`
//! which words, `pronunciation` turns words into `phones` with boundaries, `voice` and `glottis`
//! make the pulses, `tract` and `resonator` the formants, and `synth` joins them. `sphere` gives
//! the files their form, and `plan` puts them in their places.
//!
//! The same seed gives the same bytes on every machine: random numbers come from a generator of the
//! crate's own that starts from names, and nothing depends on the platform's libm, on an order of
//! work or on a clock.

mod error;
mod glottis;
mod phones;
mod plan;
mod pronunciation;
mod random;
mod resonator;
mod sentence;
mod speakers;
mod sphere;
mod summary;
mod synth;
mod tract;
mod voice;

pub use error::Error;
pub use phones::{Phone, SYMBOLS};
pub use plan::{Demo, DemoConfig, DemoRecording, Utterance};
pub use speakers::{MAX_SCALE, Usage};
pub use sphere::{phn_text, sphere_bytes};
pub use summary::{Summary, write_corpus};

/// The sample rate of every recording, TIMIT's.
pub const SAMPLE_RATE_HZ: u32 = 16_000;
