//! The headers of RIFF/WAVE files.
//!
//! A RIFF file is `RIFF`, a size and `WAVE`, and then chunks: an identifier of four bytes, a size,
//! that many bytes, and one more byte where the size is odd. `fmt ` says what the samples are, and
//! `data` holds them; the others do not matter here. All numbers are little-endian.
//!
//! Sources: IBM and Microsoft, *Multimedia Programming Interface and Data Specifications 1.0*
//! (1991), chapter 3; Microsoft, *Multiple Channel Audio Data and WAVE Files* (2001) for
//! `WAVE_FORMAT_EXTENSIBLE`.

use crate::{
    Container, Error, RawEncoding,
    info::{check_channels, check_sample_rate},
    pcm::layout::{Format, Layout},
    window::Window,
};

/// The most chunks before the samples; a file with more is no recording. It bounds the time spent
/// on a file that is nothing but chunk headers.
const MAX_CHUNKS: usize = 4096;

const CHUNK_HEADER_BYTES: usize = 8;

/// The part of a `fmt ` chunk that every encoding has.
const SHORTEST_FORMAT_BYTES: usize = 16;

/// The part of a `fmt ` chunk that is looked at.
const EXTENSIBLE_FORMAT_BYTES: usize = 40;

const WAVE_FORMAT_PCM: u16 = 0x0001;
const WAVE_FORMAT_IEEE_FLOAT: u16 = 0x0003;
const WAVE_FORMAT_EXTENSIBLE: u16 = 0xFFFE;

/// Bytes 2 to 15 of the `SubFormat` GUIDs that are made from a format tag (bytes 0 and 1), as
/// `KSDATAFORMAT_SUBTYPE_PCM` is. Microsoft's note calls it the base GUID.
const TAG_GUID: [u8; 14] = *b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71";

/// Not sox, which of 12 and 20 bits makes a WAVE without samples and ends well.
const ADVICE: &str =
    "convert it to PCM first, for example with `ffmpeg -i IN.wav -c:a pcm_s24le OUT.wav`";

/// Reads the header of a file that begins with `RIFF`.
pub(crate) fn layout(window: &mut Window) -> Result<Layout, Error> {
    let file_bytes = window.len();
    if file_bytes < 12 {
        return Err(header(format!("the file ends after {file_bytes} of its first 12 bytes")));
    }
    let riff_size = u32_at(window.bytes(0, 12)?, 4);

    let mut format = None;
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        let chunk = window.bytes(at, CHUNK_HEADER_BYTES)?;
        if chunk.len() < CHUNK_HEADER_BYTES {
            let missing = if format.is_none() { "fmt" } else { "data" };
            return Err(header(format!("the file ends without a {missing} chunk")));
        }
        let (is_format, is_data) = (chunk.starts_with(b"fmt "), chunk.starts_with(b"data"));
        let size = u32_at(chunk, 4);
        at += CHUNK_HEADER_BYTES as u64;
        if is_format {
            let looked_at = EXTENSIBLE_FORMAT_BYTES.min(size as usize);
            let bytes = window.bytes(at, looked_at)?;
            format = Some(parse(&bytes[..bytes.len().min(looked_at)])?);
        } else if is_data {
            let Some(format) = format else {
                return Err(header("the data chunk comes before the fmt chunk".to_owned()));
            };
            return lay_out(format, size, riff_size, at, file_bytes);
        }
        at += u64::from(size) + u64::from(size % 2);
    }
    Err(header(format!("there is no data chunk among its first {MAX_CHUNKS} chunks")))
}

/// Reads a `fmt ` chunk, of which `bytes` is at most the beginning that is looked at.
fn parse(bytes: &[u8]) -> Result<Format, Error> {
    if bytes.len() < SHORTEST_FORMAT_BYTES {
        let (found, needed) = (bytes.len(), SHORTEST_FORMAT_BYTES);
        return Err(header(format!("its fmt chunk has {found} bytes, fewer than {needed}")));
    }
    let encoding = encoding(bytes)?;
    let channels = check_channels(u16_at(bytes, 2).into())?;
    let sample_rate_hz = check_sample_rate(u32_at(bytes, 4).into())?;
    let format = Format { container: Container::Riff, encoding, sample_rate_hz, channels };
    let (block_align, block_bytes) = (usize::from(u16_at(bytes, 12)), format.block_bytes());
    if block_align != block_bytes {
        return Err(header(format!(
            "its block align is {block_align}, but {channels} channel(s) of {} byte(s) make \
             {block_bytes}",
            encoding.bytes_per_sample()
        )));
    }
    Ok(format)
}

/// Lays out the samples behind a data chunk's header.
///
/// - `data_size`, `riff_size`: what the headers of the data chunk and the file say
/// - `data_start`: where the samples begin, at most `file_bytes`
///
/// A last block that is not whole is no sample, and is left out.
fn lay_out(
    format: Format,
    data_size: u32,
    riff_size: u32,
    data_start: u64,
    file_bytes: u64,
) -> Result<Layout, Error> {
    let block_bytes = format.block_bytes() as u64;
    let found = (file_bytes - data_start) / block_bytes;
    let num_samples = if is_streamed(data_size, riff_size, data_start, block_bytes) {
        found
    } else {
        let promised = u64::from(data_size) / block_bytes;
        if promised > found {
            return Err(Error::Truncated { promised, found });
        }
        promised
    };
    Ok(Layout { format, data_start, num_samples })
}

/// Recognises the sizes of a writer that could not know how much would follow, so that everything
/// to the end of the file is samples.
///
/// A program that writes into a pipe, or that was killed, never comes back to fill in the sizes.
/// Kaldi's `wave-reader.cc` reads such files to their end, and so is it done here. The sizes that
/// stand for "unknown" are
///
/// - 0xFFFFFFFF (ffmpeg);
/// - 0x7FFFF000, or as many whole blocks as fit into it (SoX), and what follows up to 0x80000000
///   (arecord). A real recording of just this length is read to the end of the file as well;
/// - 0, where the RIFF chunk's own size is 0 or 0xFFFFFFFF, or also ends at the data chunk. Where it
///   goes on, other chunks follow, and the recording is empty: Kaldi would read those as samples.
fn is_streamed(data_size: u32, riff_size: u32, data_start: u64, block_bytes: u64) -> bool {
    let riff_end = CHUNK_HEADER_BYTES as u64 + u64::from(riff_size);
    match data_size {
        u32::MAX => true,
        0 => riff_size == u32::MAX || riff_end <= data_start,
        1..=0x8000_0000 => u64::from(data_size) > 0x7FFF_F000 - block_bytes,
        _ => false,
    }
}

/// Reads the way samples are stored from a `fmt ` chunk of at least [`SHORTEST_FORMAT_BYTES`]
/// bytes.
fn encoding(format: &[u8]) -> Result<RawEncoding, Error> {
    let tag = match u16_at(format, 0) {
        WAVE_FORMAT_EXTENSIBLE => sub_format(format)?,
        tag => tag,
    };
    // In extensible headers the bits are those of the container, and fewer may be valid. Those are
    // the upper ones, so that full scale is the same.
    let bits = u16_at(format, 14);
    match (tag, bits) {
        (WAVE_FORMAT_PCM, 8) => Ok(RawEncoding::U8),
        (WAVE_FORMAT_PCM, 16) => Ok(RawEncoding::S16Le),
        (WAVE_FORMAT_PCM, 24) => Ok(RawEncoding::S24Le),
        (WAVE_FORMAT_PCM, 32) => Ok(RawEncoding::S32Le),
        (WAVE_FORMAT_IEEE_FLOAT, 32) => Ok(RawEncoding::F32Le),
        (WAVE_FORMAT_IEEE_FLOAT, 64) => Ok(RawEncoding::F64Le),
        (WAVE_FORMAT_PCM | WAVE_FORMAT_IEEE_FLOAT, 0) => {
            Err(header("its samples have 0 bits".to_owned()))
        }
        (WAVE_FORMAT_PCM, _) => Err(unsupported(format!("{bits}-bit PCM"))),
        (WAVE_FORMAT_IEEE_FLOAT, _) => Err(unsupported(format!("{bits}-bit float"))),
        // The names are those of Microsoft's mmreg.h.
        (0x0002, _) => Err(unsupported("Microsoft ADPCM".to_owned())),
        (0x0006, _) => Err(unsupported("A-law".to_owned())),
        (0x0007, _) => Err(unsupported("mu-law".to_owned())),
        (0x0011, _) => Err(unsupported("IMA ADPCM".to_owned())),
        (0x0031, _) => Err(unsupported("GSM 6.10".to_owned())),
        (0x0040, _) => Err(unsupported("G.721 ADPCM".to_owned())),
        (0x0050 | 0x0055, _) => Err(unsupported("MPEG (MP3)".to_owned())),
        (tag, _) => Err(unsupported(format!("format tag 0x{tag:04X}"))),
    }
}

/// Returns the format tag that an extensible `fmt ` chunk's `SubFormat` stands for.
fn sub_format(format: &[u8]) -> Result<u16, Error> {
    let Some(guid) = format.get(24..EXTENSIBLE_FORMAT_BYTES) else {
        let (found, needed) = (format.len(), EXTENSIBLE_FORMAT_BYTES);
        return Err(header(format!("its extensible fmt chunk has {found} of {needed} bytes")));
    };
    if guid[2..] != TAG_GUID {
        let digits: String = guid.iter().map(|byte| format!("{byte:02x}")).collect();
        return Err(unsupported(format!("sub-format {digits}")));
    }
    Ok(u16_at(guid, 0))
}

fn header(why: String) -> Error {
    Error::Header { container: Container::Riff, why }
}

fn unsupported(encoding: String) -> Error {
    Error::UnsupportedEncoding { container: Container::Riff, encoding, advice: ADVICE }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_stand_for_unknown_are_told_from_real_ones() {
        // Data chunk's size, RIFF chunk's size, whether it is streamed; data at 44, blocks of 6.
        let cases = [
            (u32::MAX, u32::MAX, true),
            (u32::MAX, 36, true),
            (0x7FFF_F000, 0x7FFF_F024, true),
            (0x7FFF_F000 / 6 * 6, 0x7FFF_F022, true),
            (0x7FFF_FF00, 0x7FFF_FF24, true),
            (0x8000_0000, 0x8000_0024, true),
            (0, 0, true),
            (0, u32::MAX, true),
            (0, 36, true),
            (0, 36 + 26, false),
            (6, 0, false),
            (6, u32::MAX, false),
            (0x7FFF_F000 / 6 * 6 - 6, 0, false),
            (0x8000_0001, 0, false),
            (u32::MAX - 1, u32::MAX, false),
        ];
        for (data_size, riff_size, streamed) in cases {
            assert_eq!(
                is_streamed(data_size, riff_size, 44, 6),
                streamed,
                "{data_size:#x}, {riff_size:#x}"
            );
        }
    }
}
