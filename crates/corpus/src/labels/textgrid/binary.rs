//! Praat's binary TextGrids, as Praat 6 writes them: big-endian, texts behind their length.

use crate::{
    labels::{
        alignment::{Alignment, Mark, Tier},
        alignment_error::AlignmentError,
        time_unit::TimeUnit,
    },
    names::shown,
    readers::seconds::nanoseconds,
};

/// How a binary TextGrid begins.
pub(super) const MAGIC: &[u8] = b"ooBinaryFile";

/// An error about a file that holds something else of Praat's.
pub(super) fn other_object(class: &str) -> AlignmentError {
    let kind = format!("Praat's object `{}` and no TextGrid", shown(class));
    AlignmentError::NotRead { kind, remedy: "save the TextGrid alone" }
}

/// Reads a binary TextGrid. Counts are believed as far as there are bytes.
pub(super) fn parse(bytes: &[u8]) -> Result<Alignment, AlignmentError> {
    let mut input = Input { bytes, at: MAGIC.len() };
    let class = input.short_text("the object's class")?;
    if class.split(' ').next() != Some("TextGrid") {
        return Err(other_object(&class));
    }
    input.time("the TextGrid's start")?;
    let end = input.time("the TextGrid's end")?;
    let mut tiers = Vec::new();
    if input.take::<1>("whether there are tiers")? == [1] {
        for _ in 0..u32::from_be_bytes(input.take("the number of tiers")?) {
            tiers.push(input.tier()?);
        }
    }
    Ok(Alignment { end: Some(end), ..Alignment::new(TimeUnit::Nanoseconds, tiers) })
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn slice(&mut self, length: usize, expected: &'static str) -> Result<&'a [u8], AlignmentError> {
        let slice = self.bytes[self.at..].get(..length);
        let slice = slice.ok_or_else(|| self.wrong(expected, "the end of the file".into()))?;
        self.at += length;
        Ok(slice)
    }

    fn take<const N: usize>(&mut self, expected: &'static str) -> Result<[u8; N], AlignmentError> {
        let at = self.at;
        let array = self.slice(N, expected)?.first_chunk().copied();
        array.ok_or_else(|| Input { at, ..*self }.wrong(expected, "fewer bytes".into()))
    }

    /// A text of at most 255 bytes, as names of classes are.
    fn short_text(&mut self, expected: &'static str) -> Result<String, AlignmentError> {
        let [length] = self.take(expected)?;
        let text = self.slice(length.into(), expected)?;
        Ok(text.iter().map(|&byte| char::from(byte)).collect())
    }

    /// A text behind its number of bytes, or, where that is 65535, behind its number of UTF-16 units.
    fn text(&mut self, expected: &'static str) -> Result<String, AlignmentError> {
        let length = u16::from_be_bytes(self.take(expected)?);
        if length != u16::MAX {
            let text = self.slice(length.into(), expected)?;
            return Ok(text.iter().map(|&byte| char::from(byte)).collect());
        }
        let units = u16::from_be_bytes(self.take(expected)?);
        let at = self.at;
        let (pairs, _) = self.slice(2 * usize::from(units), expected)?.as_chunks::<2>();
        let units = pairs.iter().map(|&pair| u16::from_be_bytes(pair));
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .map_err(|_| Input { at, ..*self }.wrong(expected, "half a character".into()))
    }

    /// A time, as the shortest decimal that is this number.
    fn time(&mut self, expected: &'static str) -> Result<u64, AlignmentError> {
        let at = self.at;
        let seconds = f64::from_be_bytes(self.take(expected)?);
        let time = match seconds {
            0.0 => Some(0),
            _ => nanoseconds(&seconds.to_string()),
        };
        time.ok_or_else(|| Input { at, ..*self }.wrong(expected, seconds.to_string()))
    }

    fn tier(&mut self) -> Result<Tier, AlignmentError> {
        let (at, expected) = (self.at, "`IntervalTier` or `TextTier`");
        let is_points = match &*self.short_text(expected)? {
            "IntervalTier" => false,
            "TextTier" => true,
            class => {
                return Err(Input { at, ..*self }.wrong(expected, format!("`{}`", shown(class))));
            }
        };
        let name = self.text("the tier's name")?.trim().to_owned();
        self.time("the tier's start")?;
        self.time("the tier's end")?;
        let mut marks = Vec::new();
        for _ in 0..u32::from_be_bytes(self.take("the number of the tier's labels")?) {
            let at = self.at;
            let start = self.time("a time")?;
            let end = if is_points { start } else { self.time("the interval's end")? };
            if end < start || (end == start && !is_points) {
                let unit = TimeUnit::Nanoseconds;
                let found = format!("an end at {}", unit.shown(end));
                return Err(Input { at, ..*self }.wrong("an interval that lasts", found));
            }
            let label = self.text("the label")?.trim().into();
            marks.push(Mark { start, end, label, line: 0 });
        }
        Ok(Tier { name, is_points, marks })
    }

    fn wrong(&self, expected: &'static str, found: String) -> AlignmentError {
        AlignmentError::ExpectedAt { at: self.at, expected, found }
    }
}
