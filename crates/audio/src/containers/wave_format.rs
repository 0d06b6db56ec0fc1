//! The description of samples that WAVE files of every kind have: the `fmt ` chunk.
//!
//! Sources: IBM and Microsoft, *Multimedia Programming Interface and Data Specifications 1.0*
//! (1991), chapter 3; Microsoft, *Multiple Channel Audio Data and WAVE Files* (2001) for
//! `WAVE_FORMAT_EXTENSIBLE`; the numbers of formats are those of Microsoft's `mmreg.h`.

use crate::{
    Container, Error, Info, Length, Media, RawEncoding, Truncated,
    codecs::{
        adpcm::{Adpcm, Blocks, MICROSOFT_PAIRS, Scheme},
        packets::{Packets, Wrapping},
    },
    containers::order::Order,
    contents::Contents,
    info::{Encoding, check_channels, check_sample_rate},
    pcm::layout::{Format, Layout},
};

/// The part of the chunk that every encoding has.
const SHORTEST_BYTES: usize = 16;

/// The part of the chunk that is looked at: with all pairs of coefficients that ADPCM may have.
pub(super) const LOOKED_AT_BYTES: usize = 22 + 4 * 256;

const EXTENSIBLE_BYTES: usize = 40;

const PCM: u16 = 0x0001;
const MICROSOFT_ADPCM: u16 = 0x0002;
const IEEE_FLOAT: u16 = 0x0003;
const A_LAW: u16 = 0x0006;
const MU_LAW: u16 = 0x0007;
const IMA_ADPCM: u16 = 0x0011;
const MPEG: u16 = 0x0050;
const MPEG_LAYER_3: u16 = 0x0055;
const EXTENSIBLE: u16 = 0xFFFE;

/// Bytes 2 to 15 of the `SubFormat` GUIDs that are made from a format tag (bytes 0 and 1), as
/// `KSDATAFORMAT_SUBTYPE_PCM` is. Microsoft's note calls it the base GUID.
const TAG_GUID: [u8; 14] = *b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71";

/// Not sox, which of some encodings makes a WAVE without samples and ends well.
const ADVICE: &str =
    "convert it to PCM first, for example with `ffmpeg -i IN.wav -c:a pcm_s24le OUT.wav`";

/// What samples are.
#[derive(Debug, Clone)]
pub(super) enum Description {
    /// Stored one after the other.
    Pcm(Format),
    /// ADPCM in blocks.
    Adpcm { scheme: Scheme, block_bytes: usize, sample_rate_hz: u32, channels: u16 },
    /// The frames of MPEG audio, whose own headers count.
    Mpeg,
}

/// How much is behind a header, in units that belong together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Units {
    pub(super) promised: u64,
    pub(super) found: u64,
    pub(super) truncated: Truncated,
}

impl Description {
    /// The bytes that belong together; a last few that are fewer are nothing.
    pub(super) fn unit_bytes(&self) -> u64 {
        match self {
            Description::Pcm(format) => format.block_bytes() as u64,
            Description::Adpcm { .. } | Description::Mpeg => 1,
        }
    }

    /// Makes samples of what is in a file.
    ///
    /// - `start`: where it begins
    /// - `units`: how much there is
    pub(super) fn contents(
        self,
        container: Container,
        media: &Media,
        start: u64,
        units: Units,
    ) -> Result<Contents, Error> {
        let Units { promised, found, truncated } = units;
        let end = start + truncated.least(promised, found)?;
        Ok(match self {
            Description::Pcm(format) => {
                Contents::Pcm(Layout::new(format, start).samples(promised, found, truncated)?)
            }
            Description::Adpcm { scheme, block_bytes, sample_rate_hz, channels } => {
                let (name, data) = (scheme.name(), media.stretch(start..end)?);
                let blocks = Blocks { scheme, data, block_bytes };
                let length = Length::Exact(blocks.num_samples(promised, channels)?);
                let encoding = Encoding::Coded(name);
                let info = Info { container, encoding, sample_rate_hz, channels, length };
                Contents::Coded(Box::new(Adpcm::new(blocks, info)?))
            }
            Description::Mpeg => {
                let packets = Packets::open(media.stretch(start..end)?, Wrapping::Mpeg, truncated)?;
                Contents::Coded(Box::new(packets.cut_off_if(promised > found)))
            }
        })
    }
}

/// Reads a `fmt ` chunk.
///
/// - `bytes`: all of it, or at least its first [`LOOKED_AT_BYTES`]
/// - `order`: that of its numbers, and of the samples
pub(super) fn parse(
    bytes: &[u8],
    container: Container,
    order: Order,
) -> Result<Description, Error> {
    let header = |why: String| Error::Header { container, why };
    if bytes.len() < SHORTEST_BYTES {
        let (found, needed) = (bytes.len(), SHORTEST_BYTES);
        return Err(header(format!("its fmt chunk has {found} bytes, fewer than {needed}")));
    }
    let channels = check_channels(order.u16(bytes, 2).into())?;
    let sample_rate_hz = check_sample_rate(order.u32(bytes, 4).into())?;
    let block_align = usize::from(order.u16(bytes, 12));
    let bits = order.u16(bytes, 14);
    let (tag, is_extensible) = match order.u16(bytes, 0) {
        EXTENSIBLE => (sub_format(bytes, container, order)?, true),
        tag => (tag, false),
    };
    match tag {
        MPEG | MPEG_LAYER_3 => return Ok(Description::Mpeg),
        IMA_ADPCM | MICROSOFT_ADPCM if bits == 4 && order == Order::Little => {
            let scheme = match tag {
                IMA_ADPCM => Scheme::Ima,
                _ => Scheme::Microsoft(coefficients(bytes)),
            };
            let block_bytes = block_align;
            return Ok(Description::Adpcm { scheme, block_bytes, sample_rate_hz, channels });
        }
        _ => {}
    }
    // In extensible headers the bits are those that a sample takes, of which fewer may be valid. Those
    // are the upper ones, so that full scale is the same.
    let bytes_per_sample = block_align / usize::from(channels);
    let is_whole = bytes_per_sample * usize::from(channels) == block_align;
    let encoding = match (tag, bits, bytes_per_sample) {
        (PCM | IEEE_FLOAT, 0, _) => return Err(header("its samples have 0 bits".to_owned())),
        // Fewer bits than the bytes have are the upper ones too (the specification's chapter 3), but for
        // what `arecord -f S24_LE` writes: 24 bits in the lower three of four bytes.
        (PCM, 1..=8, 1) => RawEncoding::U8,
        (PCM, 9..=16, 2) => either(order, RawEncoding::S16Le, RawEncoding::S16Be),
        (PCM, 17..=24, 3) => either(order, RawEncoding::S24Le, RawEncoding::S24Be),
        (PCM, 24, 4) if !is_extensible => {
            either(order, RawEncoding::S24In32Le, RawEncoding::S24In32Be)
        }
        (PCM, 25..=32, 4) => either(order, RawEncoding::S32Le, RawEncoding::S32Be),
        (IEEE_FLOAT, 32, 4) => either(order, RawEncoding::F32Le, RawEncoding::F32Be),
        (IEEE_FLOAT, 64, 8) => either(order, RawEncoding::F64Le, RawEncoding::F64Be),
        (A_LAW, 8, 1) => RawEncoding::ALaw,
        (MU_LAW, 8, 1) => RawEncoding::MuLaw,
        (PCM, 1..=32, _) | (IEEE_FLOAT, 32 | 64, _) | (A_LAW | MU_LAW, 8, _) => {
            let each = bits.div_ceil(8);
            return Err(header(format!(
                "its block align is {block_align}, but {channels} channel(s) of {each} byte(s) make {}",
                channels * each
            )));
        }
        _ => {
            let (encoding, advice) = (name(tag, bits), ADVICE);
            return Err(Error::UnsupportedEncoding { container, encoding, advice });
        }
    };
    if !is_whole {
        return Err(header(format!(
            "its block align is {block_align}, but {channels} channel(s) of {bytes_per_sample} byte(s) \
             make {}",
            usize::from(channels) * bytes_per_sample
        )));
    }
    Ok(Description::Pcm(Format { container, encoding, sample_rate_hz, channels }))
}

/// The pairs of coefficients of Microsoft's ADPCM: behind the size of what follows and the samples of a
/// block their number, and they.
fn coefficients(format: &[u8]) -> Vec<[i32; 2]> {
    let number = |at: usize| Order::Little.u16(format, at) as i16;
    let pairs = format.get(22..).unwrap_or_default().chunks_exact(4).enumerate();
    let pairs: Vec<_> =
        pairs.map(|(n, _)| [number(22 + 4 * n).into(), number(24 + 4 * n).into()]).collect();
    // A header that leaves them out means those that all have.
    if pairs.is_empty() { MICROSOFT_PAIRS.to_vec() } else { pairs }
}

fn either(order: Order, little: RawEncoding, big: RawEncoding) -> RawEncoding {
    match order {
        Order::Little => little,
        Order::Big => big,
    }
}

/// Names an encoding that is not read.
fn name(tag: u16, bits: u16) -> String {
    match tag {
        PCM => format!("{bits}-bit PCM"),
        IEEE_FLOAT => format!("{bits}-bit float"),
        MICROSOFT_ADPCM => "Microsoft ADPCM".to_owned(),
        A_LAW => format!("{bits}-bit A-law"),
        MU_LAW => format!("{bits}-bit mu-law"),
        IMA_ADPCM => "IMA ADPCM".to_owned(),
        0x0031 => "GSM 6.10".to_owned(),
        0x0040 => "G.721 ADPCM".to_owned(),
        tag => format!("format tag 0x{tag:04X}"),
    }
}

/// Returns the format tag that an extensible `fmt ` chunk's `SubFormat` stands for.
fn sub_format(format: &[u8], container: Container, order: Order) -> Result<u16, Error> {
    let Some(guid) = format.get(24..EXTENSIBLE_BYTES) else {
        let (found, needed) = (format.len(), EXTENSIBLE_BYTES);
        let why = format!("its extensible fmt chunk has {found} of {needed} bytes");
        return Err(Error::Header { container, why });
    };
    let is_of_a_tag = match order {
        Order::Little => guid[2..] == TAG_GUID,
        // The first three numbers of a GUID are in the file's order, the rest are bytes.
        Order::Big => {
            guid[..2] == [0, 0] && guid[4..8] == [0, 0, 0, 0x10] && guid[8..] == TAG_GUID[6..]
        }
    };
    if !is_of_a_tag {
        let digits: String = guid.iter().map(|byte| format!("{byte:02x}")).collect();
        let encoding = format!("sub-format {digits}");
        return Err(Error::UnsupportedEncoding { container, encoding, advice: ADVICE });
    }
    Ok(match order {
        Order::Little => order.u16(guid, 0),
        Order::Big => order.u16(guid, 2),
    })
}
