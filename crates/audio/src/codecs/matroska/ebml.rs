//! EBML: elements, each an identifier, a size, and so many bytes or elements.
//!
//! Source: S. Lhomme, D. Rice and M. Bunkus, *Extensible Binary Meta Language*, RFC 8794 (2020), sections 4 to 7.

use crate::{Error, codecs::matroska::error::error, window::Window};

/// What a file begins with.
pub(super) const EBML: u32 = 0x1A45_DFA3;

/// The most bytes of an identifier and a size.
const MOST_HEAD_BYTES: usize = 4 + 8;

/// Elements beside one another in one that is read whole, of which a file has a few.
const MOST_CHILDREN: usize = 4096;

/// An element that is read whole has no more bytes than this.
const MOST_BYTES: u64 = 1 << 24;

/// An element: what it is, and where its bytes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element {
    /// The identifier, with the bits that tell its length.
    pub(super) id: u32,
    pub(super) body: u64,
    /// The number of its bytes; none where the writer could not know it.
    pub(super) bytes: Option<u64>,
}

impl Element {
    /// The place behind the element, where that is known.
    pub(super) fn end(&self) -> Option<u64> {
        self.body.checked_add(self.bytes?)
    }

    /// Reads all of a small element, as far as it is there.
    pub(super) fn read<'a>(&self, window: &'a mut Window) -> Result<&'a [u8], Error> {
        let Some(bytes) = self.bytes.filter(|&bytes| bytes <= MOST_BYTES) else {
            return Err(error("an element is longer than any of its kind"));
        };
        let found = window.bytes(self.body, bytes as usize)?;
        Ok(&found[..found.len().min(bytes as usize)])
    }

    /// Reads a whole number.
    pub(super) fn number(&self, window: &mut Window) -> Result<u64, Error> {
        match self.read(window)? {
            bytes if bytes.len() <= 8 => {
                Ok(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
            }
            _ => Err(error("a number is longer than any")),
        }
    }

    /// Reads a whole number of either sign.
    pub(super) fn signed(&self, window: &mut Window) -> Result<i64, Error> {
        let number = self.number(window)?;
        let unused = 64 - 8 * self.bytes.unwrap_or(0).clamp(1, 8);
        Ok((number << unused) as i64 >> unused)
    }

    /// Reads a number that need not be whole.
    pub(super) fn float(&self, window: &mut Window) -> Result<f64, Error> {
        match *self.read(window)? {
            [] => Ok(0.0),
            [a, b, c, d] => Ok(f32::from_be_bytes([a, b, c, d]).into()),
            [a, b, c, d, e, f, g, h] => Ok(f64::from_be_bytes([a, b, c, d, e, f, g, h])),
            _ => Err(error("a number is longer than any")),
        }
    }

    /// The elements in this one.
    pub(super) fn children(&self, window: &mut Window) -> Result<Vec<Element>, Error> {
        let end = self.end().ok_or_else(|| error("an element has no size"))?.min(window.len());
        let mut children = Vec::new();
        let mut at = self.body;
        while at < end {
            let Head::Element(child) = head(window, at)? else { break };
            at = child.end().ok_or_else(|| error("an element has no size"))?;
            if at > end || children.len() == MOST_CHILDREN {
                return Err(error("an element does not fit into the one that it is in"));
            }
            children.push(child);
        }
        Ok(children)
    }
}

/// What is at a place where an element may begin.
pub(super) enum Head {
    Element(Element),
    /// The file ends before an identifier and a size do.
    CutOff,
}

/// Reads an identifier and a size.
pub(super) fn head(window: &mut Window, at: u64) -> Result<Head, Error> {
    let bytes = window.bytes(at, MOST_HEAD_BYTES)?;
    let Some(&first) = bytes.first() else { return Ok(Head::CutOff) };
    let id_bytes = first.leading_zeros() as usize + 1;
    if id_bytes > 4 {
        return Err(error("there is no element where one should begin"));
    }
    let Some((id, rest)) = bytes.split_at_checked(id_bytes) else { return Ok(Head::CutOff) };
    let id = id.iter().fold(0, |id, &byte| id << 8 | u32::from(byte));
    if rest.first() == Some(&0) {
        return Err(error("an element is longer than any"));
    }
    let Some(Number { value, bytes, is_unknown }) = number(rest) else { return Ok(Head::CutOff) };
    let body = at + (id_bytes + bytes) as u64;
    Ok(Head::Element(Element { id, body, bytes: (!is_unknown).then_some(value) }))
}

/// A number whose first byte tells its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: u64,
    /// The bytes that it takes.
    pub(super) bytes: usize,
    /// Whether it is the number that stands for one that is not known.
    is_unknown: bool,
}

/// Reads a number whose first byte tells its length; none where the bytes end within it.
pub(super) fn number(bytes: &[u8]) -> Option<Number> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    if length > 8 {
        return None;
    }
    let all = bytes.get(..length)?.iter().fold(0, |value, &byte| value << 8 | u64::from(byte));
    let most = (1 << (7 * length)) - 1;
    let value = all & most;
    Some(Number { value, bytes: length, is_unknown: value == most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Media;

    #[test]
    fn numbers_are_those_of_the_specification() {
        // RFC 8794, section 4.4: two, written with one to four bytes, and what is not known.
        let written: [&[u8]; 4] = [&[0x82], &[0x40, 2], &[0x20, 0, 2], &[0x10, 0, 0, 2]];
        for bytes in written {
            let expected = Number { value: 2, bytes: bytes.len(), is_unknown: false };
            assert_eq!(number(bytes), Some(expected));
            assert_eq!(number(&bytes[..bytes.len() - 1]), None);
        }
        assert!(number(&[0xFF]).is_some_and(|number| number.is_unknown));
        assert!(number(&[0x7F, 0xFF]).is_some_and(|number| number.is_unknown));
        assert!(number(&[0x40, 0x7F]).is_some_and(|number| !number.is_unknown));
        assert_eq!(number(&[0, 1, 2]), None);
    }

    #[test]
    fn signs_and_fractions_are_kept() {
        let of = |bytes: &[u8]| {
            let element = Element { id: 1, body: 0, bytes: Some(bytes.len() as u64) };
            (element, Window::over(Media::bytes(bytes), Vec::new()).unwrap())
        };
        for (bytes, expected) in [(&[0xFF][..], -1), (&[0x7F], 127), (&[0xFF, 0x01], -255)] {
            let (element, mut window) = of(bytes);
            assert_eq!(element.signed(&mut window).unwrap(), expected);
        }
        let (element, mut window) = of(&48_000_f64.to_be_bytes());
        assert_eq!(element.float(&mut window).unwrap(), 48_000.0);
        let (element, mut window) = of(&0.5_f32.to_be_bytes());
        assert_eq!(element.float(&mut window).unwrap(), 0.5);
    }
}
