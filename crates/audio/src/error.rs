//! Everything that can be wrong with a recording.

use std::{collections::TryReserveError, io};

use ossicle_files::OpenError;

use crate::{Container, RawEncoding, limits};

/// The reason why a recording, or a part of it, could not be read.
///
/// Messages leave out the path, because the caller prints it in front. Where there is a cause
/// underneath, it is the error's `source` and is not repeated in the message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system would not open the file.
    #[error("cannot be opened")]
    Open {
        /// The operating system's error.
        source: io::Error,
    },

    /// The operating system would not read the file.
    #[error("cannot be read")]
    Read {
        /// The operating system's error.
        source: io::Error,
    },

    /// The path names something without a size and a beginning.
    #[error("is {what}, not a regular file")]
    NotRegular {
        /// "a directory", "a FIFO", "a socket" or "a device".
        what: &'static str,
    },

    /// The file has no bytes at all.
    #[error("holds 0 bytes; copy or record it again")]
    Empty,

    /// The first bytes are those of no known audio format.
    #[error("begins with \"{beginning}\", which is no known audio format")]
    NotAudio {
        /// The file's first bytes, escaped.
        beginning: String,
    },

    /// An audio format that this crate knows by name only.
    #[error("is {container}, which is not read; {advice}")]
    UnsupportedContainer {
        /// The format's name with its article, by the first bytes ("a FLAC file").
        container: String,
        /// A way out, as the sentence's end ("convert it …").
        advice: &'static str,
    },

    /// A container that is read, with samples in an encoding that is not.
    #[error("holds {encoding} samples, which are not read from {container}; {advice}")]
    UnsupportedEncoding {
        /// The container.
        container: Container,
        /// The encoding's name, by the header.
        encoding: String,
        /// A way out, as the sentence's end ("convert it …").
        advice: &'static str,
    },

    /// The header contradicts itself, or something it needs is missing.
    #[error("the {container} header is malformed: {why}")]
    Header {
        /// The container whose header it is.
        container: Container,
        /// The fault, as the sentence's end.
        why: String,
    },

    /// The header's sample rate is no sample rate.
    #[error("the sample rate is {found} Hz; it must be from 1 to {}", limits::MAX_SAMPLE_RATE_HZ)]
    SampleRate {
        /// The sample rate that the header or the caller gave, in Hz.
        found: u64,
    },

    /// The header's number of channels is no number of channels.
    #[error("the number of channels is {found}; it must be from 1 to {}", limits::MAX_CHANNELS)]
    Channels {
        /// The number of channels that the header or the caller gave.
        found: u64,
    },

    /// The caller asked for a channel that the recording does not have.
    #[error(
        "channel {asked} was asked for, and there {}; choose `first`, `mix` or a lower number",
        channels_there_are(*available)
    )]
    Channel {
        /// The channel asked for, counted from 0.
        asked: u16,
        /// The number of channels that the recording has.
        available: u16,
    },

    /// The file ends before the samples that its header promises.
    #[error(
        "the header promises {promised} samples but the file holds {found}; copy or download it \
         again"
    )]
    Truncated {
        /// Samples per channel, by the header.
        promised: u64,
        /// Whole samples per channel, by the file's size.
        found: u64,
    },

    /// The samples are not those that the header has a checksum of.
    #[error(
        "the header's checksum of the samples is {expected}, and theirs is {found}; copy or download it again"
    )]
    Checksum {
        /// The header's.
        expected: u64,
        /// That of the samples that were read.
        found: u64,
    },

    /// A headerless file ends in the middle of a sample, or between two channels.
    #[error(
        "{bytes} bytes cannot be {channels} channel(s) of {encoding}: they are no multiple of \
         {block_bytes}; check the raw encoding and the number of channels"
    )]
    PartialBlock {
        /// The file's size.
        bytes: u64,
        /// The number of channels that the caller gave.
        channels: u16,
        /// The encoding that the caller gave.
        encoding: RawEncoding,
        /// The size of one sample of every channel.
        block_bytes: usize,
    },

    /// A sample of a floating-point recording is NaN, infinite, or too large for `f32`.
    #[error(
        "sample {sample} is not a finite number; repair the recording, or convert it to 16-bit PCM"
    )]
    NotFinite {
        /// The sample's position, counted from 0.
        sample: u64,
    },

    /// The file was changed between opening and reading it.
    #[error(
        "was changed while it was read{}; wait until nothing writes to it any more",
        sizes(*opened_bytes, *found_bytes)
    )]
    Changed {
        /// The file's size when it was opened.
        opened_bytes: u64,
        /// Its size now, or where a read found the end of it.
        found_bytes: u64,
    },

    /// A decoder cannot make samples of what it reads.
    #[error("cannot be decoded")]
    Decode {
        /// The decoder's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The caller asked for a stretch that is not within the bytes there are.
    #[error("bytes {start} to {end} were asked for, but there are {bytes}")]
    Stretch {
        /// The first byte asked for.
        start: u64,
        /// The byte after the last.
        end: u64,
        /// The number of bytes there are.
        bytes: u64,
    },

    /// The caller asked for a position behind the end.
    #[error("sample {asked} was asked for, but the recording ends after {available}")]
    Seek {
        /// The position asked for, in samples per channel.
        asked: u64,
        /// The number of samples per channel there are.
        available: u64,
    },

    /// The recording cannot be held in memory in one piece.
    #[error("its {num_samples} samples do not fit into memory; read it in blocks")]
    Memory {
        /// The number of mono samples that were to be held.
        num_samples: u64,
        /// The allocator's error.
        source: TryReserveError,
    },

    /// A name given for a [`RawEncoding`] is none.
    #[error("unknown encoding \"{}\"; known are {}", name.escape_debug(), RawEncoding::names())]
    UnknownEncoding {
        /// The name given.
        name: String,
    },

    /// A name given for a [`Channel`](crate::Channel) is none.
    #[error(
        "unknown channel \"{}\"; choose `first`, `mix` or a number from 0", name.escape_debug()
    )]
    UnknownChannel {
        /// The name given.
        name: String,
    },
}

fn sizes(opened_bytes: u64, found_bytes: u64) -> String {
    match opened_bytes == found_bytes {
        true => String::new(),
        false => format!(" (it held {opened_bytes} bytes, and now {found_bytes})"),
    }
}

fn channels_there_are(available: u16) -> String {
    match available {
        0 | 1 => "is only channel 0".to_owned(),
        n => format!("are {n}, 0 to {}", n - 1),
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Error {
        match error {
            OpenError::Io(source) => Error::Open { source },
            OpenError::NotRegular { what } => Error::NotRegular { what },
        }
    }
}

/// Makes at most the first 40 bytes of something found in a file safe for one line of a terminal.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 40;
    let shown = bytes[..bytes.len().min(LONGEST)].escape_ascii();
    if bytes.len() > LONGEST { format!("{shown}…") } else { shown.to_string() }
}
