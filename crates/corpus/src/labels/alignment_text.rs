//! The text of an alignment: decoded, and cut into lines and fields that know their places.

use std::borrow::Cow;

use crate::{labels::alignment_error::AlignmentError, names::shown, readers::seconds::nanoseconds};

/// A decoded text.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) is_latin1: bool,
}

/// Decodes a text: UTF-16 with a byte order mark, UTF-8 with one or without, or else Latin-1.
///
/// # Errors
/// UTF-16 without a mark or with half a character; bytes that neither UTF-8 nor Latin-1 has.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, AlignmentError> {
    let unicode = |text| Ok(Decoded { text, is_latin1: false });
    match bytes {
        [0xff, 0xfe, rest @ ..] => return unicode(utf16(rest, u16::from_le_bytes)?.into()),
        [0xfe, 0xff, rest @ ..] => return unicode(utf16(rest, u16::from_be_bytes)?.into()),
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        let encoding = "UTF-16 without a byte order mark, or is no text";
        return Err(AlignmentError::Encoding { encoding });
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return unicode(text.into());
    }
    // Latin-1 has control characters there, which no text has: Windows and the Mac have letters.
    if bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) {
        return Err(AlignmentError::Encoding { encoding: "neither UTF-8 nor Latin-1" });
    }
    let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    Ok(Decoded { text: text.into(), is_latin1: true })
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Result<String, AlignmentError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let wrong = AlignmentError::Encoding { encoding: "UTF-16 that is torn" };
    if !rest.is_empty() {
        return Err(wrong);
    }
    let units = pairs.iter().map(|&pair| unit(pair));
    char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| wrong)
}

/// A line of a text that says something, with its number, from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) number: u64,
    pub(super) text: &'a str,
}

/// Returns the lines of a text that are not blank, without their ends of either kind.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    // The Mac of the last century ended lines so.
    let end = if text.contains('\n') { '\n' } else { '\r' };
    let lines = (1..).zip(text.split(end)).map(|(number, text)| Line { number, text });
    lines.filter(|line| !line.text.trim().is_empty())
}

impl<'a> Line<'a> {
    /// Returns the fields between white space.
    pub(super) fn fields(self) -> impl Iterator<Item = &'a str> {
        self.text.split_ascii_whitespace()
    }

    /// An error about a field of the line.
    pub(super) fn expected(self, expected: &'static str, field: &str) -> AlignmentError {
        // A field is a slice of the line.
        let at = field.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        let column = if at <= self.text.len() { at as u64 + 1 } else { 1 };
        let found = format!("`{}`", shown(field));
        AlignmentError::Expected { line: self.number, column, expected, found }
    }

    /// An error about the end of the line, where something is missing.
    pub(super) fn ends(self, expected: &'static str) -> AlignmentError {
        let column = self.text.trim_end().len() as u64 + 1;
        let found = "the end of the line".to_owned();
        AlignmentError::Expected { line: self.number, column, expected, found }
    }

    /// Reads a field that is a whole number.
    pub(super) fn whole(self, field: &str, expected: &'static str) -> Result<u64, AlignmentError> {
        field.parse().map_err(|_| self.expected(expected, field))
    }

    /// Reads a field that is a time in decimal seconds, as nanoseconds.
    pub(super) fn seconds(self, field: &str) -> Result<u64, AlignmentError> {
        nanoseconds(field).ok_or_else(|| self.expected("seconds", field))
    }

    /// Its number as labels keep it.
    pub(super) fn mark_line(self) -> u32 {
        u32::try_from(self.number).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "für \u{65e5}\u{10348}";
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [&b"\xff\xfe"[..], &little].concat(),
            [&b"\xfe\xff"[..], &big].concat(),
        ] {
            let decoded = decode(&bytes).unwrap();
            assert_eq!((&*decoded.text, decoded.is_latin1), (text, false));
        }
        let decoded = decode(b"f\xfcr").unwrap();
        assert_eq!((&*decoded.text, decoded.is_latin1), ("für", true));
        for bytes in [&b"\x93quoted\x94"[..], &little, b"\xff\xfea", b"\xff\xfe\x00\xd8"] {
            assert!(matches!(decode(bytes), Err(AlignmentError::Encoding { .. })), "{bytes:?}");
        }
    }

    #[test]
    fn lines_end_in_any_way_and_fields_know_their_column() {
        for text in ["a 1\n\nb  x2", "a 1\r\n\r\nb  x2\r\n", "a 1\r\rb  x2\r"] {
            let lines: Vec<Line<'_>> = lines(text).collect();
            assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 3]);
            let field = lines[1].fields().nth(1).unwrap();
            let error = lines[1].whole(field, "a number").unwrap_err().to_string();
            assert_eq!(error, "line 3, column 4: expected a number, found `x2`");
            let error = lines[1].ends("a label").to_string();
            assert_eq!(error, "line 3, column 6: expected a label, found the end of the line");
        }
    }
}
