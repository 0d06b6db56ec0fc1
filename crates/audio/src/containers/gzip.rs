//! One recording that was compressed with gzip (RFC 1952). It is held in memory while it is read.

use std::io::{ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;

use crate::{Container, Error, Media, Truncated, contents::Contents, window::Window};

/// The most bytes of a recording that are held: more than two hours at 16 kHz. A megabyte of gzip can be a
/// gigabyte of zeros.
const MOST_BYTES: u64 = 1 << 28;

/// Decompresses a file that begins with gzip's magic.
pub(super) fn contents(window: &mut Window, truncated: Truncated) -> Result<Contents, Error> {
    let packed = Packed { window, at: 0 };
    let mut bytes = Vec::new();
    let mut unpacked = MultiGzDecoder::new(std::io::BufReader::new(packed)).take(MOST_BYTES + 1);
    match unpacked.read_to_end(&mut bytes) {
        // The recording's own header tells how much is missing.
        Err(error) if truncated.is_kept() && error.kind() == ErrorKind::UnexpectedEof => {}
        read => drop(read.map_err(|error| match error.downcast::<Error>() {
            Ok(error) => error,
            Err(error) => header(format!("it cannot be decompressed ({error})")),
        })?),
    }
    if bytes.len() as u64 > MOST_BYTES {
        return Err(header(format!(
            "it holds more than {MOST_BYTES} bytes, which are too many to hold; decompress it first with \
             `gunzip`"
        )));
    }
    if bytes.starts_with(MAGIC) {
        return Err(header("it is compressed twice".to_owned()));
    }
    Ok(Contents::Inside(Media::bytes(bytes)))
}

/// The first bytes of a file, with the method, of which there is one.
pub(super) const MAGIC: &[u8] = b"\x1F\x8B\x08";

/// The compressed bytes, in order.
struct Packed<'a> {
    window: &'a mut Window,
    at: u64,
}

impl Read for Packed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let bytes = self.window.bytes(self.at, 1).map_err(std::io::Error::other)?;
        let count = bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&bytes[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

fn header(why: String) -> Error {
    Error::Header { container: Container::Other("gzip"), why }
}
