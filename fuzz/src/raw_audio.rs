//! Any bytes as headerless samples.

use std::path::Path;

use ossicle_audio::{Channel, Container, RawEncoding, RawFormat};

use crate::audio::read_all;

/// Takes the first three bytes as the format: encoding, channels and which of them; the rest are
/// samples.
pub fn check(bytes: &[u8], folder: &Path) {
    let [encoding, channels, channel, samples @ ..] = bytes else { return };
    let raw = RawFormat {
        encoding: RawEncoding::ALL[usize::from(*encoding) % RawEncoding::ALL.len()],
        sample_rate_hz: 16_000,
        channels: u16::from(*channels),
    };
    let channel = match channel {
        0 => Channel::First,
        255 => Channel::Mix,
        index => Channel::Index(u16::from(*index) - 1),
    };
    let Ok(info) = read_all(samples, Some(raw), channel, folder) else { return };
    if info.container == Container::Raw {
        let block_bytes = u64::from(info.channels) * raw.encoding.bytes_per_sample() as u64;
        let num_bytes = info.length.exact().map(|num_samples| num_samples * block_bytes);
        assert_eq!(num_bytes, Some(samples.len() as u64), "bytes are left over");
    }
}
