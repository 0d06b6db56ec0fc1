//! The headers of AIFF and AIFF-C files.
//!
//! A file is `FORM`, a size, and `AIFF` or `AIFC`, and then chunks as in RIFF, in any order: `COMM` says
//! what the samples are, `SSND` holds them behind two numbers, an offset and a block size. Numbers are
//! big-endian; the sample rate is an extended floating-point number of ten bytes. Fewer bits than a sample's bytes have
//! are the upper ones.
//!
//! Sources: Apple, *Audio Interchange File Format: "AIFF"*, version 1.3 (1989); *AIFF-C*, draft (1991).

use crate::{
    Container, Error, RawEncoding, Truncated,
    containers::order::Order::Big,
    error::excerpt,
    info::{check_channels, check_sample_rate},
    pcm::layout::{Format, Layout},
    window::Window,
};

const CHUNK_HEADER_BYTES: usize = 8;

const MAX_CHUNKS: usize = 4096;

/// The part of a `COMM` chunk that is looked at: with the compression's word, which AIFF-C has.
const COMMON_BYTES: usize = 22;

const ADVICE: &str = "convert it to WAVE first, for example with `ffmpeg -i IN OUT.wav`";

/// Reads the header of a file that begins with `FORM` and is an `AIFF` or an `AIFC`.
pub(crate) fn layout(window: &mut Window, truncated: Truncated) -> Result<Layout, Error> {
    let file_bytes = window.len();
    let is_compressed = window.bytes(0, 12)?.get(8..12) == Some(b"AIFC");
    let mut common: Option<(Format, u64)> = None;
    let mut sound: Option<(u64, u64)> = None;
    let mut at = 12_u64;
    for _ in 0..MAX_CHUNKS {
        if let (Some((format, promised)), Some((data_start, size))) = (common, sound) {
            let layout = Layout::new(format, data_start);
            return lay_out(layout, promised, size, file_bytes, truncated);
        }
        let bytes = window.bytes(at, CHUNK_HEADER_BYTES)?;
        if bytes.len() < CHUNK_HEADER_BYTES {
            return match (common, sound) {
                // A file without samples need not have a place for them.
                (Some((format, 0)), None) => Ok(Layout::new(format, at.min(file_bytes))),
                (None, _) => Err(header("the file ends without a COMM chunk".to_owned())),
                _ => Err(header("the file ends without an SSND chunk".to_owned())),
            };
        }
        let (is_common, is_sound) = (bytes.starts_with(b"COMM"), bytes.starts_with(b"SSND"));
        let size = u64::from(Big.u32(bytes, 4));
        let start = at + CHUNK_HEADER_BYTES as u64;
        if is_common {
            let looked_at = COMMON_BYTES.min(size as usize);
            let bytes = window.bytes(start, looked_at)?;
            common = Some(parse(&bytes[..bytes.len().min(looked_at)], is_compressed)?);
        } else if is_sound && sound.is_none() {
            let bytes = window.bytes(start, 8)?;
            if bytes.len() < 8 {
                return Err(header("the file ends within its SSND chunk".to_owned()));
            }
            let skipped = 8 + u64::from(Big.u32(bytes, 0));
            sound = Some((start + skipped, size.saturating_sub(skipped)));
        }
        at = start + size + size % 2;
    }
    Err(header(format!("its samples are not among its first {MAX_CHUNKS} chunks")))
}

fn lay_out(
    layout: Layout,
    promised: u64,
    size: u64,
    file_bytes: u64,
    truncated: Truncated,
) -> Result<Layout, Error> {
    let Layout { format, data_start, .. } = layout;
    let block_bytes = format.block_bytes() as u64;
    if data_start > file_bytes {
        let why = format!("its samples are said to begin at {data_start} of {file_bytes} bytes");
        return Err(header(why));
    }
    let found = (file_bytes - data_start) / block_bytes;
    let layout = layout.samples(promised, found, truncated)?;
    if promised > size.div_ceil(block_bytes) {
        let why = format!("it counts {promised} samples, and its SSND chunk has {size} bytes");
        return Err(header(why));
    }
    Ok(layout)
}

/// Reads a `COMM` chunk: the format, and the number of samples of a channel.
fn parse(bytes: &[u8], is_compressed: bool) -> Result<(Format, u64), Error> {
    let needed = if is_compressed { COMMON_BYTES } else { COMMON_BYTES - 4 };
    if bytes.len() < needed {
        let found = bytes.len();
        return Err(header(format!("its COMM chunk has {found} bytes, fewer than {needed}")));
    }
    let compression = if is_compressed { &bytes[18..22] } else { b"NONE" };
    let format = Format {
        container: Container::Aiff,
        encoding: encoding(compression, Big.u16(bytes, 6))?,
        sample_rate_hz: check_sample_rate(whole_rate(&bytes[8..18])?)?,
        channels: check_channels(Big.u16(bytes, 0).into())?,
    };
    Ok((format, Big.u32(bytes, 2).into()))
}

/// The way samples are stored, by the compression's word and the bits of a sample.
fn encoding(compression: &[u8], bits: u16) -> Result<RawEncoding, Error> {
    use RawEncoding::*;
    match (compression, bits) {
        (b"NONE" | b"twos", 1..=8) => Ok(S8),
        (b"NONE" | b"twos", 9..=16) => Ok(S16Be),
        (b"NONE" | b"twos", 17..=24) => Ok(S24Be),
        (b"NONE" | b"twos", 25..=32) => Ok(S32Be),
        (b"sowt", 1..=8) => Ok(S8),
        (b"sowt", 9..=16) => Ok(S16Le),
        (b"sowt", 17..=24) => Ok(S24Le),
        (b"sowt", 25..=32) => Ok(S32Le),
        (b"raw ", 1..=8) => Ok(U8),
        (b"in24", _) => Ok(S24Be),
        (b"in32", _) => Ok(S32Be),
        (b"42ni", _) => Ok(S24Le),
        (b"23ni", _) => Ok(S32Le),
        (b"fl32" | b"FL32", _) => Ok(F32Be),
        (b"fl64" | b"FL64", _) => Ok(F64Be),
        (b"ulaw" | b"ULAW", _) => Ok(MuLaw),
        (b"alaw" | b"ALAW", _) => Ok(ALaw),
        (b"NONE" | b"twos" | b"sowt" | b"raw ", bits) => {
            Err(header(format!("its samples have {bits} bits")))
        }
        (word, _) => Err(Error::UnsupportedEncoding {
            container: Container::Aiff,
            encoding: format!("\"{}\"", excerpt(word)),
            advice: ADVICE,
        }),
    }
}

/// Reads a sample rate: a sign and an exponent of 15 bits, biased by 16383, and 64 bits of which the first
/// is the whole one. What is behind the point is dropped, as others do.
fn whole_rate(bytes: &[u8]) -> Result<u64, Error> {
    let (exponent, mantissa) = (Big.u16(bytes, 0), Big.u64(bytes, 2));
    match exponent.checked_sub(16_383) {
        Some(shift @ 0..=63) => Ok(mantissa >> (63 - shift)),
        _ => Err(header("its sample rate is no number of hertz".to_owned())),
    }
}

fn header(why: String) -> Error {
    Error::Header { container: Container::Aiff, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_from_extended_numbers() {
        let cases: [(&[u8; 10], u64); 4] = [
            (b"\x40\x0E\xAC\x44\0\0\0\0\0\0", 44_100),
            (b"\x40\x0C\xFA\0\0\0\0\0\0\0", 16_000),
            (b"\x40\x0B\xFA\0\0\0\0\0\0\0", 8_000),
            (b"\x40\x0E\xAC\x44\x80\0\0\0\0\0", 44_100),
        ];
        for (bytes, hz) in cases {
            assert_eq!(whole_rate(bytes).unwrap(), hz);
        }
        for bytes in [[0; 10], [0xFF; 10]] {
            assert!(whole_rate(&bytes).is_err());
        }
    }
}
