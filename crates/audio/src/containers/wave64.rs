//! The headers of Sony Wave64 files (W64).
//!
//! Such a file is a WAVE whose identifiers are GUIDs of 16 bytes and whose sizes have 64 bits and count
//! the 24 bytes of a chunk's header too. Chunks begin at multiples of eight bytes.
//!
//! Source: Sonic Foundry and Sony, *Sony Wave64 File Format Information* (2006).

use crate::{
    Container, Error, Truncated,
    containers::{
        order::Order,
        wave_format::{self, Description, LOOKED_AT_BYTES, Units},
    },
    contents::Contents,
    window::Window,
};

/// The first bytes of a file: the GUID of `riff`.
pub(super) const RIFF_GUID: &[u8; 16] = b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\x00\x00";

/// The bytes of the other GUIDs behind their four letters.
const GUID_END: &[u8; 12] = b"\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A";

const CHUNK_HEADER_BYTES: u64 = 24;

const MAX_CHUNKS: usize = 4096;

/// Reads the header of a file that begins with [`RIFF_GUID`].
pub(crate) fn contents(window: &mut Window, truncated: Truncated) -> Result<Contents, Error> {
    let file_bytes = window.len();
    let head = window.bytes(0, 40)?;
    if head.len() < 40 || !is_guid(&head[24..40], b"wave") {
        return Err(header("it does not say that it is a WAVE".to_owned()));
    }
    let mut description: Option<Description> = None;
    let mut at = 40;
    for _ in 0..MAX_CHUNKS {
        let bytes = window.bytes(at, CHUNK_HEADER_BYTES as usize)?;
        if bytes.len() < CHUNK_HEADER_BYTES as usize {
            let missing = if description.is_none() { "fmt" } else { "data" };
            return Err(header(format!("the file ends without a {missing} chunk")));
        }
        let (is_format, is_data) = (is_guid(bytes, b"fmt "), is_guid(bytes, b"data"));
        let size = Order::Little.u64(bytes, 16);
        let start = at + CHUNK_HEADER_BYTES;
        if is_data {
            let Some(description) = description else {
                return Err(header("the data chunk comes before the fmt chunk".to_owned()));
            };
            let unit_bytes = description.unit_bytes();
            let found = (file_bytes - start) / unit_bytes;
            // A writer into a pipe leaves the size at nothing, or at the largest there is.
            let is_streamed = size == 0 || size == CHUNK_HEADER_BYTES || size > i64::MAX as u64;
            let promised = match is_streamed {
                true => found,
                false => size.saturating_sub(CHUNK_HEADER_BYTES) / unit_bytes,
            };
            let units = Units { promised, found, truncated };
            return description.contents(Container::Wave64, window.media(), start, units);
        }
        if size < CHUNK_HEADER_BYTES {
            return Err(header(format!("a chunk's size is {size}, less than its own header's")));
        }
        if is_format {
            let looked_at = LOOKED_AT_BYTES.min((size - CHUNK_HEADER_BYTES) as usize);
            let bytes = window.bytes(start, looked_at)?;
            let bytes = &bytes[..bytes.len().min(looked_at)];
            description = Some(wave_format::parse(bytes, Container::Wave64, Order::Little)?);
        }
        at = match at.checked_add(size).and_then(|end| end.checked_next_multiple_of(8)) {
            Some(next) if next <= file_bytes => next,
            _ => return Err(header("a chunk is longer than the file".to_owned())),
        };
    }
    Err(header(format!("there is no data chunk among its first {MAX_CHUNKS} chunks")))
}

fn is_guid(bytes: &[u8], letters: &[u8; 4]) -> bool {
    bytes.strip_prefix(letters).is_some_and(|rest| rest.starts_with(GUID_END))
}

fn header(why: String) -> Error {
    Error::Header { container: Container::Wave64, why }
}
