//! What the metadata in front of the frames says.

use crate::{
    Error,
    codecs::flac::error::flac,
    info::{check_channels, check_sample_rate},
    window::Window,
};

/// Blocks of metadata, of which a file has a few.
const MOST_BLOCKS: usize = 4096;

const STREAM_INFO_BYTES: usize = 34;

/// What is so of all frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StreamInfo {
    /// The samples of a channel in each frame but the last, where all have as many.
    pub(super) block: u32,
    pub(super) sample_rate_hz: u32,
    pub(super) channels: u16,
    /// The bits of a sample.
    pub(super) bits: u32,
    /// The samples of a channel, if that is known.
    pub(super) total: Option<u64>,
    /// The MD5 of all samples, if there is one.
    pub(super) md5: Option<[u8; 16]>,
    /// Where the first frame begins.
    pub(super) first_frame: u64,
}

/// Reads the metadata of a file that begins with `fLaC`.
pub(super) fn read(window: &mut Window) -> Result<StreamInfo, Error> {
    let mut at = 4;
    let mut info = None;
    for _ in 0..MOST_BLOCKS {
        let Some(&[first, a, b, c]) = window.bytes(at, 4)?.first_chunk() else {
            return Err(flac("it ends within its metadata"));
        };
        let (is_last, kind) = (first & 0x80 != 0, first & 0x7F);
        let length = u64::from(u32::from_be_bytes([0, a, b, c]));
        if kind == 0 && info.is_none() {
            let bytes = window.bytes(at + 4, STREAM_INFO_BYTES)?;
            match bytes.first_chunk() {
                Some(bytes) if length >= STREAM_INFO_BYTES as u64 => info = Some(parse(bytes)?),
                _ => return Err(flac("it ends within its metadata")),
            }
        }
        at += 4 + length;
        if is_last {
            let info = info.ok_or_else(|| flac("it does not say what its samples are"));
            return Ok(StreamInfo { first_frame: at, ..info? });
        }
    }
    Err(flac("its metadata has no end"))
}

/// Reads the block that says what the samples are.
fn parse(bytes: &[u8; STREAM_INFO_BYTES]) -> Result<StreamInfo, Error> {
    let (smallest, largest) =
        (u16::from_be_bytes([bytes[0], bytes[1]]), u16::from_be_bytes([bytes[2], bytes[3]]));
    let [.., a, b, c, d, e, f, g, h] = bytes[..18] else { unreachable!("there are so many") };
    // 20 bits of a rate, 3 of channels less one, 5 of bits less one, 36 of a count.
    let packed = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    let bits = ((packed >> 36) & 31) as u32 + 1;
    if bits < 4 {
        return Err(flac("its samples have fewer bits than any"));
    }
    let mut md5 = [0; 16];
    md5.copy_from_slice(&bytes[18..34]);
    Ok(StreamInfo {
        // Frames of different lengths have the number of their first sample instead of their own.
        block: if smallest == largest { largest.into() } else { 0 },
        sample_rate_hz: check_sample_rate(packed >> 44)?,
        channels: check_channels(((packed >> 41) & 7) + 1)?,
        bits,
        total: Some(packed & 0xF_FFFF_FFFF).filter(|&total| total > 0),
        md5: Some(md5).filter(|md5| *md5 != [0; 16]),
        first_frame: 0,
    })
}
