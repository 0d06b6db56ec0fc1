//! The headers of Apple's Core Audio files (CAF).
//!
//! A file is `caff`, a version and flags, and then chunks: a type of four bytes, a size of eight (-1 for
//! the samples of a writer that did not know it), and that many bytes. `desc` comes first and says what the samples
//! are; `data` holds them behind a number that counts edits. Numbers of headers are big-endian.
//!
//! Source: Apple, *Apple Core Audio Format Specification 1.0* (2011).

use crate::{
    Container, Error, RawEncoding,
    containers::order::Order::Big,
    error::excerpt,
    info::{check_channels, check_sample_rate},
    pcm::layout::{Format, Layout},
    window::Window,
};

const CHUNK_HEADER_BYTES: usize = 12;

const DESCRIPTION_BYTES: usize = 32;

const MAX_CHUNKS: usize = 4096;

const ADVICE: &str = "convert it to WAVE first, for example with `ffmpeg -i IN OUT.wav`";

/// Reads the header of a file that begins with `caff`.
pub(crate) fn layout(window: &mut Window) -> Result<Layout, Error> {
    let file_bytes = window.len();
    let mut format = None;
    let mut at = 8_u64;
    for _ in 0..MAX_CHUNKS {
        let bytes = window.bytes(at, CHUNK_HEADER_BYTES)?;
        if bytes.len() < CHUNK_HEADER_BYTES {
            let missing = if format.is_none() { "desc" } else { "data" };
            return Err(header(format!("the file ends without a {missing} chunk")));
        }
        let (is_description, is_data) = (bytes.starts_with(b"desc"), bytes.starts_with(b"data"));
        let size = Big.u64(bytes, 4);
        let start = at + CHUNK_HEADER_BYTES as u64;
        if is_description {
            let bytes = window.bytes(start, DESCRIPTION_BYTES)?;
            if bytes.len() < DESCRIPTION_BYTES || size < DESCRIPTION_BYTES as u64 {
                return Err(header(format!("its desc chunk has {size} bytes, fewer than 32")));
            }
            format = Some(parse(bytes)?);
        } else if is_data {
            let Some(format) = format else {
                return Err(header("the data chunk comes before the desc chunk".to_owned()));
            };
            return lay_out(format, start, size, file_bytes);
        }
        at = match start.checked_add(size) {
            Some(next) if next <= file_bytes => next,
            _ => return Err(header("a chunk is longer than the file".to_owned())),
        };
    }
    Err(header(format!("there is no data chunk among its first {MAX_CHUNKS} chunks")))
}

fn lay_out(format: Format, start: u64, size: u64, file_bytes: u64) -> Result<Layout, Error> {
    const EDITS_BYTES: u64 = 4;
    let data_start = start + EDITS_BYTES;
    if data_start > file_bytes {
        return Err(header("the file ends within its data chunk".to_owned()));
    }
    let block_bytes = format.block_bytes() as u64;
    let found = (file_bytes - data_start) / block_bytes;
    let promised = match size {
        u64::MAX => found,
        size => size.saturating_sub(EDITS_BYTES) / block_bytes,
    };
    if promised > found {
        return Err(Error::Truncated { promised, found });
    }
    Ok(Layout { num_samples: promised, ..Layout::new(format, data_start) })
}

/// Reads a `desc` chunk.
fn parse(bytes: &[u8]) -> Result<Format, Error> {
    let rate = f64::from_bits(Big.u64(bytes, 0));
    let word = &bytes[8..12];
    let [flags, packet_bytes, packet_frames, channels, bits] =
        [12, 16, 20, 24, 28].map(|at| Big.u32(bytes, at));
    let channels = check_channels(channels.into())?;
    // What is no number of hertz becomes one that is refused.
    let sample_rate_hz = check_sample_rate(if rate >= 1.0 { rate as u64 } else { 0 })?;
    let encoding = encoding(word, flags, bits)?;
    let format = Format { container: Container::Caf, encoding, sample_rate_hz, channels };
    if packet_frames != 1 || packet_bytes as usize != format.block_bytes() {
        return Err(header(format!(
            "its packets have {packet_frames} frame(s) of {packet_bytes} bytes, but {channels} channel(s) \
             of {bits} bits make {}",
            format.block_bytes()
        )));
    }
    Ok(format)
}

/// The way samples are stored, by the format's word, its flags and the bits of a sample.
fn encoding(word: &[u8], flags: u32, bits: u32) -> Result<RawEncoding, Error> {
    use RawEncoding::*;
    let (is_float, is_little) = (flags & 1 != 0, flags & 2 != 0);
    match (word, is_float, bits) {
        (b"lpcm", true, 32) => Ok(if is_little { F32Le } else { F32Be }),
        (b"lpcm", true, 64) => Ok(if is_little { F64Le } else { F64Be }),
        (b"lpcm", false, 1..=8) => Ok(S8),
        (b"lpcm", false, 9..=16) => Ok(if is_little { S16Le } else { S16Be }),
        (b"lpcm", false, 17..=24) => Ok(if is_little { S24Le } else { S24Be }),
        (b"lpcm", false, 25..=32) => Ok(if is_little { S32Le } else { S32Be }),
        (b"ulaw", _, 8) => Ok(MuLaw),
        (b"alaw", _, 8) => Ok(ALaw),
        (b"lpcm" | b"ulaw" | b"alaw", _, bits) => {
            Err(header(format!("its samples have {bits} bits")))
        }
        (word, _, _) => Err(Error::UnsupportedEncoding {
            container: Container::Caf,
            encoding: format!("\"{}\"", excerpt(word)),
            advice: ADVICE,
        }),
    }
}

fn header(why: String) -> Error {
    Error::Header { container: Container::Caf, why }
}
