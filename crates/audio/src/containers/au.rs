//! The headers of Sun and NeXT AU files.
//!
//! Six numbers of four bytes: `.snd`, where the samples begin, how many bytes they take (0xFFFFFFFF where
//! that is not known), how they are stored, the sample rate, the number of channels. Big-endian; files
//! that begin with `dns.` are little-endian throughout.
//!
//! Source: Sun Microsystems, `au(4)` and `audio_file.h`.

use crate::{
    Container, Error, RawEncoding, Truncated,
    containers::order::Order,
    info::{check_channels, check_sample_rate},
    pcm::layout::{Format, Layout},
    window::Window,
};

const HEADER_BYTES: usize = 24;

const ADVICE: &str = "convert it to WAVE first, for example with `ffmpeg -i IN OUT.wav`";

/// Reads the header of a file that begins with `.snd` or `dns.`.
pub(crate) fn layout(window: &mut Window, truncated: Truncated) -> Result<Layout, Error> {
    let file_bytes = window.len();
    let head = window.bytes(0, HEADER_BYTES)?;
    if head.len() < HEADER_BYTES {
        let why = format!("the file ends after {file_bytes} of its first {HEADER_BYTES} bytes");
        return Err(header(why));
    }
    let order = if head.starts_with(b".snd") { Order::Big } else { Order::Little };
    let [data_start, size, code, rate, channels] = [4, 8, 12, 16, 20].map(|at| order.u32(head, at));
    let format = Format {
        container: Container::Au,
        encoding: encoding(code, order)?,
        sample_rate_hz: check_sample_rate(rate.into())?,
        channels: check_channels(channels.into())?,
    };
    let data_start = u64::from(data_start);
    if data_start < HEADER_BYTES as u64 || data_start > file_bytes {
        let why = format!("its samples are said to begin at {data_start} of {file_bytes} bytes");
        return Err(header(why));
    }
    let found = (file_bytes - data_start) / format.block_bytes() as u64;
    let promised = match size {
        u32::MAX => found,
        size => u64::from(size) / format.block_bytes() as u64,
    };
    Layout::new(format, data_start).samples(promised, found, truncated)
}

/// The way samples are stored, by its number.
fn encoding(code: u32, order: Order) -> Result<RawEncoding, Error> {
    use RawEncoding::*;
    let is_big = order == Order::Big;
    let name = match code {
        1 => return Ok(MuLaw),
        2 => return Ok(S8),
        3 => return Ok(if is_big { S16Be } else { S16Le }),
        4 => return Ok(if is_big { S24Be } else { S24Le }),
        5 => return Ok(if is_big { S32Be } else { S32Le }),
        6 => return Ok(if is_big { F32Be } else { F32Le }),
        7 => return Ok(if is_big { F64Be } else { F64Le }),
        27 => return Ok(ALaw),
        23 => "G.721 ADPCM".to_owned(),
        24 => "G.722".to_owned(),
        25 | 26 => "G.723 ADPCM".to_owned(),
        code => format!("encoding {code}"),
    };
    Err(Error::UnsupportedEncoding { container: Container::Au, encoding: name, advice: ADVICE })
}

fn header(why: String) -> Error {
    Error::Header { container: Container::Au, why }
}
