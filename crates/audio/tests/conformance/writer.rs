//! Files of known samples, written from the specifications without help from the crate.

use ossicle_audio::{Channel, Container, RawEncoding};
use ossicle_testing::Random;

/// A container, and which kind of header it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    Riff,
    RiffExtensible,
    Sphere,
    Raw,
}

impl Wrapping {
    pub(crate) const ALL: [Self; 4] = [Self::Riff, Self::RiffExtensible, Self::Sphere, Self::Raw];

    pub(crate) fn container(self) -> Container {
        match self {
            Self::Riff | Self::RiffExtensible => Container::Riff,
            Self::Sphere => Container::Sphere,
            Self::Raw => Container::Raw,
        }
    }

    /// A file of these stored samples, or `None` where the container has no such encoding.
    pub(crate) fn file(
        self,
        encoding: RawEncoding,
        channels: u16,
        sample_rate_hz: u32,
        data: &[u8],
    ) -> Option<Vec<u8>> {
        match self {
            Self::Raw => Some(data.to_vec()),
            Self::Riff => {
                let format = format_chunk(encoding, channels, sample_rate_hz)?;
                Some(riff(&[(b"fmt ", &format), (b"data", data)]))
            }
            Self::RiffExtensible => {
                let format = extensible(&format_chunk(encoding, channels, sample_rate_hz)?);
                // Chunks in between, of an even and an odd size.
                let list = b"INFOISFT\x04\0\0\0test";
                let chunks: [(&[u8; 4], &[u8]); 5] = [
                    (b"LIST", list),
                    (b"fmt ", &format),
                    (b"fact", &[0; 4]),
                    (b"odd ", b"data\xFF"),
                    (b"data", data),
                ];
                Some(riff(&chunks))
            }
            Self::Sphere => {
                let order = match encoding {
                    RawEncoding::S8 => "1",
                    RawEncoding::S16Le => "01",
                    RawEncoding::S16Be => "10",
                    RawEncoding::S24Le => "012",
                    RawEncoding::S24Be => "210",
                    RawEncoding::S32Le => "0123",
                    RawEncoding::S32Be => "3210",
                    _ => return None,
                };
                let num_samples = data.len() / bytes(encoding) / usize::from(channels);
                Some(sphere(
                    &format!(
                        "channel_count -i {channels}\nsample_count -i {num_samples}\n\
                         sample_rate -i {sample_rate_hz}\nsample_n_bytes -i {}\n\
                         sample_byte_format -s{} {order}\nsample_sig_bits -i {}\n",
                        bytes(encoding),
                        order.len(),
                        8 * bytes(encoding),
                    ),
                    data,
                ))
            }
        }
    }
}

/// A RIFF/WAVE file of these chunks, with a byte of padding behind odd ones.
pub(crate) fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WAVE".to_vec();
    for (name, content) in chunks {
        body.extend_from_slice(*name);
        body.extend((content.len() as u32).to_le_bytes());
        body.extend_from_slice(content);
        body.extend(vec![0; content.len() % 2]);
    }
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}

/// A `fmt ` chunk of 16 bytes, or `None` where WAVE has no such encoding.
pub(crate) fn format_chunk(
    encoding: RawEncoding,
    channels: u16,
    sample_rate_hz: u32,
) -> Option<Vec<u8>> {
    let tag: u16 = match encoding {
        RawEncoding::U8 | RawEncoding::S16Le | RawEncoding::S24Le | RawEncoding::S32Le => 1,
        RawEncoding::F32Le | RawEncoding::F64Le => 3,
        _ => return None,
    };
    let bytes = bytes(encoding) as u16;
    let mut chunk = Vec::new();
    chunk.extend(tag.to_le_bytes());
    chunk.extend(channels.to_le_bytes());
    chunk.extend(sample_rate_hz.to_le_bytes());
    let byte_rate = sample_rate_hz.wrapping_mul(u32::from(channels) * u32::from(bytes));
    chunk.extend(byte_rate.to_le_bytes());
    chunk.extend((channels.wrapping_mul(bytes)).to_le_bytes());
    chunk.extend((8 * bytes).to_le_bytes());
    Some(chunk)
}

/// The `WAVE_FORMAT_EXTENSIBLE` form of a `fmt ` chunk of 16 bytes.
pub(crate) fn extensible(format: &[u8]) -> Vec<u8> {
    let tag = &format[..2];
    let mut chunk = [&[0xFE, 0xFF], &format[2..16]].concat();
    chunk.extend(22u16.to_le_bytes());
    chunk.extend(&format[14..16]); // valid bits
    chunk.extend(0u32.to_le_bytes()); // channel mask
    chunk.extend(tag);
    chunk.extend(b"\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71");
    chunk
}

/// A SPHERE file with these header lines.
pub(crate) fn sphere(lines: &str, data: &[u8]) -> Vec<u8> {
    let mut header = format!("NIST_1A\n   1024\n{lines}end_head\n").into_bytes();
    assert!(header.len() <= 1024);
    header.resize(1024, b' ');
    [&header, data].concat()
}

/// `count` values that an encoding holds exactly, both ends of its range among them. Integers are
/// divided by the power of two that makes full scale 1.
pub(crate) fn known_values(encoding: RawEncoding, count: usize) -> Vec<f64> {
    let mut random = Random::with_seed(1);
    let half = 1i64 << (8 * bytes(encoding) - 1).min(62);
    (0..count)
        .map(|index| match encoding {
            RawEncoding::F32Le | RawEncoding::F32Be => match index {
                0 => f64::from(f32::MAX),
                1 => f64::from(f32::MIN_POSITIVE) / 8.0,
                _ => f64::from(random.i32(..) as f32 / 1e9),
            },
            RawEncoding::F64Le | RawEncoding::F64Be => match index {
                0 => f64::from(f32::MIN),
                1 => f64::MIN_POSITIVE,
                _ => random.i64(..1 << 48) as f64 / 1e14,
            },
            _ => {
                let integer = match index {
                    0 => -half,
                    1 => half - 1,
                    2 => 0,
                    3 => -1,
                    _ => random.i64(-half..half),
                };
                integer as f64 / half as f64
            }
        })
        .collect()
}

/// The bytes of values, one after the other.
pub(crate) fn stored(encoding: RawEncoding, values: &[f64]) -> Vec<u8> {
    let bytes = bytes(encoding);
    let is_little_endian = encoding.to_string().ends_with("le");
    let full_scale = (1i64 << (8 * bytes.min(4) - 1)) as f64;
    let mut data = Vec::with_capacity(values.len() * bytes);
    for &value in values {
        let scaled = (value * full_scale) as i64;
        let mut eight_bytes = match encoding {
            RawEncoding::U8 => (scaled + 128).to_be_bytes(),
            RawEncoding::F32Le | RawEncoding::F32Be => {
                u64::from((value as f32).to_bits()).to_be_bytes()
            }
            RawEncoding::F64Le | RawEncoding::F64Be => value.to_bits().to_be_bytes(),
            _ => scaled.to_be_bytes(),
        };
        let last = &mut eight_bytes[8 - bytes..];
        if is_little_endian {
            last.reverse();
        }
        data.extend_from_slice(last);
    }
    data
}

/// What a reader must make of values whose channels alternate.
pub(crate) fn expected(values: &[f64], channels: u16, channel: Channel) -> Vec<f32> {
    let blocks = values.chunks_exact(usize::from(channels));
    blocks
        .map(|block| match channel {
            Channel::First => block[0] as f32,
            Channel::Index(index) => block[usize::from(index)] as f32,
            Channel::Mix => {
                let mut sum = block[0] as f32;
                for &value in &block[1..] {
                    sum += value as f32;
                }
                sum * (1.0 / f32::from(channels))
            }
        })
        .collect()
}

fn bytes(encoding: RawEncoding) -> usize {
    let name = encoding.to_string();
    match name.trim_matches(char::is_alphabetic) {
        "8" => 1,
        "16" => 2,
        "24" => 3,
        "32" => 4,
        "64" => 8,
        _ => unreachable!("{name}"),
    }
}
