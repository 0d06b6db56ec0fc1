//! Turns a recording's bytes into samples.
//!
//! A path goes in; mono `f32` samples at full scale ±1.0 come out, with what the header says about
//! them ([`Info`]). This crate knows no corpus and no feature: which recordings there are, and what
//! is computed from them, is decided elsewhere.
//!
//! [`Recording::open`] looks at the content's first bytes and never at the file's name, for TIMIT's
//! NIST SPHERE files end in `.WAV`. It reads the header together with the first block of samples,
//! so that a short recording costs one read. From there [`Recording::read`] hands out as many
//! samples as the caller has room for, and [`Recording::seek`] moves to any of them. A recording
//! holds one open file and one buffer, however long it is. A worker that reads thousands of them
//! passes the buffer on, with [`Recording::open_with_buffer`] and [`Recording::into_buffer`].
//!
//! Bytes need not be a file's: [`Recording::from_media`] reads a stretch of an archive, or memory
//! ([`Media`]). Nor need samples be stored one after the other: [`Recording::from_decoder`] takes what a
//! [`Decode`] gives, and makes the same mono signal of it.
//!
//! ```
//! use ossicle_audio::{OpenOptions, RawEncoding, RawFormat, Recording};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("sx37.raw");
//! // Three 16-bit samples without a header: silence, half scale and negative full scale.
//! std::fs::write(&path, [0x00, 0x00, 0x00, 0x40, 0x00, 0x80])?;
//! let raw = RawFormat { encoding: RawEncoding::S16Le, sample_rate_hz: 16_000, channels: 1 };
//!
//! let options = OpenOptions { raw: Some(raw), ..OpenOptions::default() };
//! let mut recording = Recording::open(&path, options)?;
//! assert_eq!(recording.info().length.exact(), Some(3));
//!
//! let mut samples = Vec::new();
//! recording.read_to_end(&mut samples)?;
//! assert_eq!(samples, [0.0, 0.5, -1.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is read
//!
//! | container | encodings |
//! |---|---|
//! | WAVE: RIFF, RIFX, RF64, BW64 and Sony's Wave64, also `WAVE_FORMAT_EXTENSIBLE` | PCM of 8 to 32 bits (24 in three bytes or in four), IEEE float of 32 and 64 bits, mu-law, A-law |
//! | NIST SPHERE | PCM of 8, 16, 24 and 32 bits in either byte order, mu-law, A-law; the same compressed with shorten |
//! | AU of either byte order, AIFF, AIFF-C, CAF | PCM of 8 to 32 bits, IEEE float of 32 and 64 bits, mu-law, A-law; CAF: ALAC |
//! | WAVE and Wave64 | IMA's and Microsoft's ADPCM, MPEG audio |
//! | FLAC, Ogg, MP4, ADTS, MPEG audio by itself | FLAC, Vorbis, AAC, ALAC, MPEG audio of layers I to III |
//! | none (a [`RawFormat`] says what it is) | every [`RawEncoding`] |
//!
//! Other containers and encodings are recognised and refused by name, with what to do instead
//! ([`Error::UnsupportedContainer`], [`Error::UnsupportedEncoding`]).
//!
//! # What is promised
//!
//! - Samples are the same bits on every machine. Integers are divided by a power of two, which is
//!   exact up to 24 bits; wider ones are rounded once.
//! - No sample is NaN or infinite ([`Error::NotFinite`]).
//! - No bytes on disk make it panic, hang, or allocate more than the file's size justifies; but for what
//!   somebody else's [`Decode`] does.
//! - A path that is no regular file is refused at once; a FIFO does not block.

mod channel;
mod codecs;
mod coded;
mod container;
mod containers;
mod contents;
mod encoding;
mod error;
pub mod events;
mod finite;
mod info;
mod limits;
mod loudest;
mod media;
mod options;
mod pcm;
mod recording;
mod truncated;
mod window;
#[cfg(feature = "serde")]
mod words;

pub use crate::{
    channel::Channel,
    coded::Decode,
    container::Container,
    containers::{MAGIC_BYTES, holds_sound, looks_like_a_recording, raw::RawFormat},
    encoding::RawEncoding,
    error::Error,
    info::{Encoding, Info, Length},
    loudest::Loudest,
    media::{ByteSource, Media, Stamp},
    options::OpenOptions,
    recording::Recording,
    truncated::{Truncated, Truncation},
};
