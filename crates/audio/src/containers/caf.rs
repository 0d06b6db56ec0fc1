//! The headers of Apple's Core Audio files (CAF).
//!
//! A file is `caff`, a version and flags, and then chunks: a type of four bytes, a size of eight (-1 for
//! the samples of a writer that did not know it), and that many bytes. `desc` comes first and says what the samples
//! are; `data` holds them behind a number that counts edits. Numbers of headers are big-endian.
//!
//! Source: Apple, *Apple Core Audio Format Specification 1.0* (2011).

use std::ops::Range;

use crate::{
    Container, Error, RawEncoding, Truncated,
    codecs::{packets::Packets, table::PacketTable},
    containers::order::Order::Big,
    contents::Contents,
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
pub(crate) fn contents(window: &mut Window, truncated: Truncated) -> Result<Contents, Error> {
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
            if &bytes[8..12] == b"alac" {
                let (rate, channels) = rate_and_channels(bytes)?;
                let table = packet_table(window, at, rate, channels)?;
                return Ok(Contents::Coded(Box::new(Packets::alac(table, truncated)?)));
            }
            format = Some(parse(bytes)?);
        } else if is_data {
            let Some(format) = format else {
                return Err(header("the data chunk comes before the desc chunk".to_owned()));
            };
            let layout = lay_out(format, start, size, file_bytes, truncated)?;
            return Ok(Contents::Pcm(layout));
        }
        at = match start.checked_add(size) {
            Some(next) if next <= file_bytes => next,
            _ => return Err(header("a chunk is longer than the file".to_owned())),
        };
    }
    Err(header(format!("there is no data chunk among its first {MAX_CHUNKS} chunks")))
}

fn lay_out(
    format: Format,
    start: u64,
    size: u64,
    file_bytes: u64,
    truncated: Truncated,
) -> Result<Layout, Error> {
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
    Layout::new(format, data_start).samples(promised, found, truncated)
}

/// Reads a `desc` chunk.
fn parse(bytes: &[u8]) -> Result<Format, Error> {
    let (sample_rate_hz, channels) = rate_and_channels(bytes)?;
    let word = &bytes[8..12];
    let [flags, packet_bytes, packet_frames, bits] = [12, 16, 20, 28].map(|at| Big.u32(bytes, at));
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

/// Reads the sample rate and the number of channels of a `desc` chunk.
fn rate_and_channels(bytes: &[u8]) -> Result<(u32, u16), Error> {
    let rate = f64::from_bits(Big.u64(bytes, 0));
    // What is no number of hertz becomes one that is refused.
    let rate = check_sample_rate(if rate >= 1.0 { rate as u64 } else { 0 })?;
    Ok((rate, check_channels(Big.u32(bytes, 24).into())?))
}

/// Reads the chunks of coded samples, in any order: `kuki` is what the decoder is told, `pakt` counts
/// packets and frames and has the packets' sizes, `data` the packets.
///
/// - `at`: where the first chunk is
fn packet_table(
    window: &mut Window,
    mut at: u64,
    sample_rate_hz: u32,
    channels: u16,
) -> Result<PacketTable, Error> {
    const MOST_COOKIE_BYTES: u64 = 1 << 12;
    const COUNTS_BYTES: u64 = 24;
    let file_bytes = window.len();
    let (mut cookie, mut counts, mut data) = (None, None, None);
    for _ in 0..MAX_CHUNKS {
        let bytes = window.bytes(at, CHUNK_HEADER_BYTES)?;
        let Some(&kind) = bytes.first_chunk::<4>().filter(|_| bytes.len() >= CHUNK_HEADER_BYTES)
        else {
            break;
        };
        let start = at + CHUNK_HEADER_BYTES as u64;
        let size = match Big.u64(bytes, 4) {
            u64::MAX => file_bytes - start,
            size => size,
        };
        let end = start.checked_add(size).filter(|&end| end <= file_bytes);
        let end = end.ok_or_else(|| header("a chunk is longer than the file".to_owned()))?;
        match &kind {
            b"kuki" if size <= MOST_COOKIE_BYTES => {
                cookie = Some(window.bytes(start, size as usize)?[..size as usize].into());
            }
            b"pakt" if size >= COUNTS_BYTES => {
                let head = window.bytes(start, COUNTS_BYTES as usize)?;
                let (packets, frames) = (Big.u64(head, 0), Big.u64(head, 8));
                let skipped = u64::from(Big.u32(head, 16));
                let sizes = sizes(window, start + COUNTS_BYTES..end, packets)?;
                counts = Some((frames, skipped, sizes));
            }
            b"data" if size >= 4 => data = Some(window.media().stretch(start + 4..end)?),
            _ => {}
        }
        at = end;
    }
    let (Some(cookie), Some((frames, skipped, sizes)), Some(data)) = (cookie, counts, data) else {
        return Err(header("it ends without a kuki, a pakt or a data chunk".to_owned()));
    };
    Ok(PacketTable { cookie, sample_rate_hz, channels, skipped, frames, sizes, data })
}

/// Reads the sizes of packets: seven bits a byte, the upper ones first, the eighth where more follow.
fn sizes(window: &mut Window, bytes: Range<u64>, packets: u64) -> Result<Vec<u32>, Error> {
    let short = || header("its pakt chunk has fewer sizes than packets".to_owned());
    if packets > bytes.end - bytes.start {
        return Err(short());
    }
    let mut sizes = Vec::new();
    let mut at = bytes.start;
    for _ in 0..packets {
        let mut size = 0_u32;
        loop {
            let byte = window.bytes(at, 1)?.first().copied().filter(|_| at < bytes.end);
            let byte = byte.ok_or_else(short)?;
            at += 1;
            if size >> 25 != 0 {
                return Err(header("a packet is longer than any".to_owned()));
            }
            size = size << 7 | u32::from(byte & 0x7F);
            if byte & 0x80 == 0 {
                break;
            }
        }
        sizes.push(size);
    }
    Ok(sizes)
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
