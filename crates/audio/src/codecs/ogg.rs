//! The end of an Ogg file: a page that says that it is the last.
//!
//! Source: S. Pfeiffer, *The Ogg Encapsulation Format Version 0*, RFC 3533 (2003), section 6.

use crate::{Container, Error, Media, codecs::damaged::damaged};

/// The longest page: 27 bytes, 255 sizes of 255 bytes and those.
const MOST_PAGE_BYTES: u64 = 27 + 255 + 255 * 255;

const HEADER_BYTES: usize = 27;

const LAST_PAGE: u8 = 4;

/// Refuses a file that ends without its last page: it was cut off, and nothing else would tell.
pub(super) fn check_end(media: &Media) -> Result<(), Error> {
    let wanted = MOST_PAGE_BYTES.min(media.len());
    let mut tail = vec![0; wanted as usize];
    let mut done = 0;
    while done < tail.len() {
        done += media.read_at(media.len() - wanted + done as u64, &mut tail[done..])?;
    }
    let last = tail.windows(4).rposition(|bytes| bytes == b"OggS");
    let is_last = last.is_some_and(|at| is_whole_last_page(&tail[at..]));
    match is_last {
        true => Ok(()),
        false => Err(damaged(
            Container::Other("Ogg"),
            "its last page is missing; copy or download it again",
        )),
    }
}

/// Returns whether these bytes are a page that is all there and says that it is the last.
fn is_whole_last_page(page: &[u8]) -> bool {
    let Some(header) = page.get(..HEADER_BYTES) else { return false };
    let sizes = page.get(HEADER_BYTES..HEADER_BYTES + usize::from(header[26]));
    sizes.is_some_and(|sizes| {
        let body: usize = sizes.iter().map(|&size| usize::from(size)).sum();
        header[5] & LAST_PAGE != 0 && page.len() >= HEADER_BYTES + sizes.len() + body
    })
}
