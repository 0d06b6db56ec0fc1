//! Files of known samples, written from the specifications without help from the crate.

use ossicle_audio::{Channel, Container, RawEncoding};
use ossicle_testing::Random;

/// A container, and which kind of header it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    Riff,
    RiffExtensible,
    Rifx,
    Rf64,
    Wave64,
    Au,
    AuLittle,
    Aiff,
    AiffC,
    Caf,
    Sphere,
    Raw,
}

impl Wrapping {
    pub(crate) const ALL: [Self; 12] = [
        Self::Riff,
        Self::RiffExtensible,
        Self::Rifx,
        Self::Rf64,
        Self::Wave64,
        Self::Au,
        Self::AuLittle,
        Self::Aiff,
        Self::AiffC,
        Self::Caf,
        Self::Sphere,
        Self::Raw,
    ];

    pub(crate) fn container(self) -> Container {
        match self {
            Self::Riff | Self::RiffExtensible => Container::Riff,
            Self::Rifx => Container::Rifx,
            Self::Rf64 => Container::Rf64,
            Self::Wave64 => Container::Wave64,
            Self::Au | Self::AuLittle => Container::Au,
            Self::Aiff | Self::AiffC => Container::Aiff,
            Self::Caf => Container::Caf,
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
        let format = || format_chunk(encoding, channels, sample_rate_hz);
        match self {
            Self::Raw => Some(data.to_vec()),
            Self::Riff => Some(riff(&[(b"fmt ", &format()?), (b"data", data)])),
            Self::RiffExtensible => {
                if encoding == RawEncoding::S24In32Le {
                    return None;
                }
                let format = extensible(&format()?);
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
            Self::Rifx => {
                let mut format = format_chunk(swapped(encoding)?, channels, sample_rate_hz)?;
                // Numbers of 2, 2, 4, 4, 2 and 2 bytes.
                for (at, bytes) in [(0, 2), (2, 2), (4, 4), (8, 4), (12, 2), (14, 2)] {
                    format[at..at + bytes].reverse();
                }
                let mut file = riff(&[(b"fmt ", &format), (b"data", data)]);
                file[..4].copy_from_slice(b"RIFX");
                for at in [4, 16, 40] {
                    file[at..at + 4].reverse();
                }
                Some(file)
            }
            Self::Rf64 => {
                let mut sizes = Vec::new();
                for size in [0, data.len() as u64, 0] {
                    sizes.extend(size.to_le_bytes());
                }
                sizes.extend(0_u32.to_le_bytes());
                let mut file = riff(&[(b"ds64", &sizes), (b"fmt ", &format()?), (b"data", data)]);
                let file_size = (file.len() as u64 - 8).to_le_bytes();
                file[..4].copy_from_slice(b"RF64");
                file[20..28].copy_from_slice(&file_size);
                for at in [4, 76] {
                    file[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
                }
                Some(file)
            }
            Self::Wave64 => Some(wave64(&format()?, data)),
            Self::Au | Self::AuLittle => {
                let is_big = self == Self::Au;
                let code: u32 = match (encoding, is_big) {
                    (RawEncoding::MuLaw, _) => 1,
                    (RawEncoding::S8, _) => 2,
                    (RawEncoding::S16Be, true) | (RawEncoding::S16Le, false) => 3,
                    (RawEncoding::S24Be, true) | (RawEncoding::S24Le, false) => 4,
                    (RawEncoding::S32Be, true) | (RawEncoding::S32Le, false) => 5,
                    (RawEncoding::F32Be, true) | (RawEncoding::F32Le, false) => 6,
                    (RawEncoding::F64Be, true) | (RawEncoding::F64Le, false) => 7,
                    (RawEncoding::ALaw, _) => 27,
                    _ => return None,
                };
                let size = data.len() as u32;
                let mut file = Vec::new();
                for number in [0x2E73_6E64, 32, size, code, sample_rate_hz, channels.into(), 0, 0] {
                    file.extend(if is_big { number.to_be_bytes() } else { number.to_le_bytes() });
                }
                Some([&file, data].concat())
            }
            Self::Aiff | Self::AiffC => {
                let is_compressed = self == Self::AiffC;
                let word = match (encoding, is_compressed) {
                    (RawEncoding::U8, true) => b"raw ",
                    (RawEncoding::S16Le, true) => b"sowt",
                    (RawEncoding::S24Be, true) => b"in24",
                    (RawEncoding::S32Be, true) => b"in32",
                    (RawEncoding::F32Be, true) => b"fl32",
                    (RawEncoding::F64Be, true) => b"fl64",
                    (RawEncoding::MuLaw, true) => b"ulaw",
                    (RawEncoding::ALaw, true) => b"alaw",
                    (RawEncoding::S8, false)
                    | (RawEncoding::S16Be, false)
                    | (RawEncoding::S24Be, false)
                    | (RawEncoding::S32Be, false) => b"NONE",
                    _ => return None,
                };
                let is_law = matches!(encoding, RawEncoding::MuLaw | RawEncoding::ALaw);
                let bits = if is_law { 16 } else { 8 * bytes(encoding) as u16 };
                Some(aiff(
                    is_compressed.then_some(word),
                    bits,
                    channels,
                    sample_rate_hz,
                    data,
                    encoding,
                ))
            }
            Self::Caf => {
                let name = encoding.to_string();
                let word = match encoding {
                    RawEncoding::MuLaw => b"ulaw",
                    RawEncoding::ALaw => b"alaw",
                    RawEncoding::U8 | RawEncoding::S24In32Le | RawEncoding::S24In32Be => {
                        return None;
                    }
                    _ => b"lpcm",
                };
                let flags = u32::from(name.starts_with('f')) + 2 * u32::from(name.ends_with("le"));
                let block = u32::from(channels) * bytes(encoding) as u32;
                let mut file = b"caff\0\x01\0\0desc\0\0\0\0\0\0\0\x20".to_vec();
                file.extend(f64::from(sample_rate_hz).to_be_bytes());
                file.extend(word);
                for number in [flags, block, 1, channels.into(), 8 * bytes(encoding) as u32] {
                    file.extend(number.to_be_bytes());
                }
                file.extend(b"free\0\0\0\0\0\0\0\x03xyzdata");
                file.extend((data.len() as u64 + 4).to_be_bytes());
                file.extend([0; 4]);
                Some([&file, data].concat())
            }
            Self::Sphere => {
                let order = match encoding {
                    RawEncoding::S8 | RawEncoding::MuLaw | RawEncoding::ALaw => "1",
                    RawEncoding::S16Le => "01",
                    RawEncoding::S16Be => "10",
                    RawEncoding::S24Le => "012",
                    RawEncoding::S24Be => "210",
                    RawEncoding::S32Le => "0123",
                    RawEncoding::S32Be => "3210",
                    _ => return None,
                };
                let coding = match encoding {
                    RawEncoding::MuLaw => "sample_coding -s4 ulaw\n",
                    RawEncoding::ALaw => "sample_coding -s4 alaw\n",
                    _ => "",
                };
                let num_samples = data.len() / bytes(encoding) / usize::from(channels);
                Some(sphere(
                    &format!(
                        "channel_count -i {channels}\nsample_count -i {num_samples}\n\
                         sample_rate -i {sample_rate_hz}\nsample_n_bytes -i {}\n\
                         sample_byte_format -s{} {order}\nsample_sig_bits -i {}\n{coding}",
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

/// The encoding with its bytes the other way around, for those that have an order; others are
/// themselves.
fn swapped(encoding: RawEncoding) -> Option<RawEncoding> {
    let name = encoding.to_string();
    match name.strip_suffix("be") {
        Some(stem) => format!("{stem}le").parse().ok(),
        None if name.ends_with("le") => None,
        None => Some(encoding),
    }
}

/// A Wave64 file: GUIDs, and sizes of 64 bits that count their own headers, at multiples of eight.
fn wave64(format: &[u8], data: &[u8]) -> Vec<u8> {
    const END: &[u8; 12] = b"\xF3\xAC\xD3\x11\x8C\xD1\0\xC0\x4F\x8E\xDB\x8A";
    let mut body = [&b"wave"[..], END].concat();
    for (name, content) in [(b"fmt ", format), (b"junk", b"12345"), (b"data", data)] {
        body.extend_from_slice(name);
        body.extend_from_slice(END);
        body.extend((content.len() as u64 + 24).to_le_bytes());
        body.extend_from_slice(content);
        body.resize(body.len().next_multiple_of(8), 0);
    }
    let size = (body.len() as u64 + 24).to_le_bytes();
    [b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\0\0", &size[..], &body].concat()
}

/// An AIFF file, or an AIFF-C file with this word for the compression. The samples come first.
fn aiff(
    compression: Option<&[u8; 4]>,
    bits: u16,
    channels: u16,
    sample_rate_hz: u32,
    data: &[u8],
    encoding: RawEncoding,
) -> Vec<u8> {
    let frames = data.len() / bytes(encoding) / usize::from(channels);
    // An extended number: 16383 and the place of the first bit, and 64 bits from that one on.
    let shift = sample_rate_hz.leading_zeros();
    let mut common = Vec::new();
    common.extend(channels.to_be_bytes());
    common.extend((frames as u32).to_be_bytes());
    common.extend(bits.to_be_bytes());
    common.extend((16_383 + 31 - shift as u16).to_be_bytes());
    common.extend((u64::from(sample_rate_hz) << (32 + shift)).to_be_bytes());
    if let Some(word) = compression {
        common.extend_from_slice(word);
        common.extend(b"\x05words");
    }
    let sound = [&[0; 8], data].concat();
    let mut body = if compression.is_some() { b"AIFC".to_vec() } else { b"AIFF".to_vec() };
    for (name, content) in [(b"SSND", &sound), (b"COMM", &common)] {
        body.extend_from_slice(name);
        body.extend((content.len() as u32).to_be_bytes());
        body.extend_from_slice(content);
        body.extend(vec![0; content.len() % 2]);
    }
    [b"FORM", &(body.len() as u32).to_be_bytes()[..], &body].concat()
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
        RawEncoding::S24In32Le => 1,
        RawEncoding::F32Le | RawEncoding::F64Le => 3,
        RawEncoding::ALaw => 6,
        RawEncoding::MuLaw => 7,
        _ => return None,
    };
    let bits = if encoding == RawEncoding::S24In32Le { 24 } else { 8 * bytes(encoding) as u16 };
    let bytes = bytes(encoding) as u16;
    let mut chunk = Vec::new();
    chunk.extend(tag.to_le_bytes());
    chunk.extend(channels.to_le_bytes());
    chunk.extend(sample_rate_hz.to_le_bytes());
    let byte_rate = sample_rate_hz.wrapping_mul(u32::from(channels) * u32::from(bytes));
    chunk.extend(byte_rate.to_le_bytes());
    chunk.extend((channels.wrapping_mul(bytes)).to_le_bytes());
    chunk.extend(bits.to_le_bytes());
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
    let half = 1i64 << (significant_bits(encoding) - 1).min(62);
    (0..count)
        .map(|index| match encoding {
            RawEncoding::MuLaw | RawEncoding::ALaw => {
                let code = if index < 256 { index as u8 } else { random.u8(..) };
                f64::from(expanded(encoding, code)) / 32768.0
            }
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
    let full_scale = (1i64 << (significant_bits(encoding).min(32) - 1)) as f64;
    let mut data = Vec::with_capacity(values.len() * bytes);
    for &value in values {
        let scaled = (value * full_scale) as i64;
        let mut eight_bytes = match encoding {
            RawEncoding::U8 => (scaled + 128).to_be_bytes(),
            RawEncoding::MuLaw | RawEncoding::ALaw => {
                let wanted = (value * 32768.0) as i32;
                let code = (0..=255).find(|&code| expanded(encoding, code) == wanted);
                u64::from(code.expect("a value of the scale")).to_be_bytes()
            }
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

/// The 16-bit number of a telephone sample, from the tables of ITU-T G.711: from the ends of its segments,
/// and the middle between two.
fn expanded(encoding: RawEncoding, code: u8) -> i32 {
    let (code, is_mu) = match encoding {
        // All bits are inverted, or every other one.
        RawEncoding::MuLaw => (!code, true),
        _ => (code ^ 0x55, false),
    };
    let (segment, step) = (i32::from(code >> 4 & 7), f64::from(code & 15));
    // Where a segment begins, and how far its steps are apart, in units of the law: 14 and 13 bits.
    let size = if is_mu {
        let width = 2f64.powi(segment + 1);
        let begin = 33.0 * (2f64.powi(segment) - 1.0);
        4.0 * (begin + step * width)
    } else if segment == 0 {
        8.0 * (2.0 * step + 1.0)
    } else {
        let width = 2f64.powi(segment);
        8.0 * (16.0 * width + step * width + width / 2.0)
    };
    // The first bit is set in what is positive, after inversion of mu-law's it is the other way around.
    let is_negative = (code & 0x80 != 0) == is_mu;
    if is_negative { -(size as i32) } else { size as i32 }
}

/// The bits that tell something.
fn significant_bits(encoding: RawEncoding) -> usize {
    match encoding {
        RawEncoding::S24In32Le | RawEncoding::S24In32Be => 24,
        encoding => 8 * bytes(encoding),
    }
}

fn bytes(encoding: RawEncoding) -> usize {
    let name = encoding.to_string();
    let name = name.rsplit_once("in").map_or(&*name, |(_, of)| of);
    match name.trim_matches(char::is_alphabetic) {
        "" | "8" => 1,
        "16" => 2,
        "24" => 3,
        "32" => 4,
        "64" => 8,
        _ => unreachable!("{name}"),
    }
}
