//! Tags that programs put in front of a recording, whatever its format.
//!
//! Source: M. Nilsson, *ID3 tag version 2.4.0, Main Structure* (2000), section 3.1; the same in 2.2 and 2.3.

use crate::{Container, Error, Truncated, contents::Contents, window::Window};

const HEADER_BYTES: u64 = 10;

/// Finds the end of a tag that begins with `ID3`.
pub(super) fn contents(window: &mut Window, _: Truncated) -> Result<Contents, Error> {
    let head = window.bytes(0, HEADER_BYTES as usize)?;
    let [_, _, _, _, _, flags, sizes @ ..] = head else {
        return Err(header("the file ends within it"));
    };
    let mut size = 0;
    for &byte in sizes.iter().take(4) {
        if byte > 0x7F {
            return Err(header("its size is none"));
        }
        size = size << 7 | u64::from(byte);
    }
    if sizes.len() < 4 {
        return Err(header("the file ends within it"));
    }
    // A footer repeats the header.
    let footer = if flags & 0x10 != 0 { HEADER_BYTES } else { 0 };
    let end = HEADER_BYTES + size + footer;
    if end >= window.len() {
        return Err(header("nothing follows it"));
    }
    Ok(Contents::Behind(end))
}

fn header(why: &str) -> Error {
    Error::Header { container: Container::Other("ID3"), why: why.to_owned() }
}
