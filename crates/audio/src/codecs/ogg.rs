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
    let tail = tail(media, MOST_PAGE_BYTES)?;
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

/// Returns the pages that are all there, of a file that was cut off.
pub(super) fn whole_pages(media: &Media) -> Result<Media, Error> {
    // One may begin just before the cut.
    let tail = tail(media, 2 * MOST_PAGE_BYTES)?;
    let is_whole = |at: usize| tail[at..].starts_with(b"OggS").then(|| page_bytes(&tail[at..]));
    let end = (0..tail.len()).rev().find_map(|at| Some(at + is_whole(at)??)).unwrap_or(tail.len());
    media.stretch(0..media.len() - (tail.len() - end) as u64)
}

/// Reads the last bytes, so many at the most.
fn tail(media: &Media, most: u64) -> Result<Vec<u8>, Error> {
    let wanted = most.min(media.len());
    let mut tail = vec![0; wanted as usize];
    media.fill_at(media.len() - wanted, &mut tail)?;
    Ok(tail)
}

/// Returns whether these bytes are a page that is all there and says that it is the last.
fn is_whole_last_page(page: &[u8]) -> bool {
    page_bytes(page).is_some() && page[5] & LAST_PAGE != 0
}

/// Returns the length of the page that begins here, if all of it is there.
fn page_bytes(page: &[u8]) -> Option<usize> {
    let header = page.get(..HEADER_BYTES)?;
    let sizes = page.get(HEADER_BYTES..HEADER_BYTES + usize::from(header[26]))?;
    let body: usize = sizes.iter().map(|&size| usize::from(size)).sum();
    let length = HEADER_BYTES + sizes.len() + body;
    (length <= page.len()).then_some(length)
}
