//! Praat's TextGrids, as text: long and short ones are the same to a reader.
//!
//! Of "TextGrid file formats" in Praat's manual: only free-standing numbers, texts and flags count, which
//! are those that follow white space; all else is there for people, and so are comments, from a
//! free-standing `!` to the end of the line. In a text, two quotes are one.

mod binary;

use std::str::CharIndices;

use crate::{
    labels::{
        alignment::{Alignment, Mark, Tier},
        alignment_error::AlignmentError,
        alignment_text::{Decoded, decode},
        time_unit::TimeUnit,
    },
    names::shown,
    readers::seconds::nanoseconds,
};

/// Reads a TextGrid of any form.
///
/// # Errors
/// It is torn or malformed, or holds another of Praat's objects.
pub(super) fn parse(bytes: &[u8]) -> Result<Alignment, AlignmentError> {
    if bytes.starts_with(binary::MAGIC) {
        return binary::parse(bytes);
    }
    let Decoded { text, is_latin1 } = decode(bytes)?;
    if text.trim_start().starts_with("\"Praat chronological TextGrid") {
        return Err(AlignmentError::NotRead {
            kind: "a chronological TextGrid".into(),
            remedy: "open it in Praat and save it as a text file",
        });
    }
    let mut items = Items { text: &text, chars: text.char_indices(), line: 1, line_at: 0 };
    items.text("the file's type")?;
    let class = items.text("the object's class")?;
    if class.split(' ').next() != Some("TextGrid") {
        return Err(binary::other_object(&class));
    }
    items.time("the TextGrid's start")?;
    let end = items.time("the TextGrid's end")?;
    let mut tiers = Vec::new();
    if items.flag()? == "exists" {
        for _ in 0..items.count("the number of tiers")? {
            tiers.push(items.tier()?);
        }
    }
    Ok(Alignment { end: Some(end), is_latin1, ..Alignment::new(TimeUnit::Nanoseconds, tiers) })
}

/// What counts in a text of Praat's.
#[derive(Debug, PartialEq, Eq)]
enum Item<'a> {
    Number(&'a str),
    Text(String),
    /// A word between angle brackets.
    Flag(&'a str),
}

/// Reads one item after the other.
struct Items<'a> {
    text: &'a str,
    chars: CharIndices<'a>,
    /// The line that is read, from 1, and where it begins.
    line: u64,
    line_at: usize,
}

impl<'a> Items<'a> {
    fn next_char(&mut self) -> Option<(usize, char)> {
        let (at, c) = self.chars.next()?;
        let before = self.text.as_bytes();
        // Of CR LF, the line feed ends the line.
        if c == '\n' || (c == '\r' && before.get(at + 1) != Some(&b'\n')) {
            self.line += 1;
            self.line_at = at + 1;
        }
        Some((at, c))
    }

    /// The next item with its line and column; none at the end.
    fn next(&mut self) -> Result<Option<(Item<'a>, u64, u64)>, AlignmentError> {
        while let Some((at, c)) = self.next_char() {
            if c.is_whitespace() {
                continue;
            }
            let (line, column) = (self.line, (at - self.line_at) as u64 + 1);
            match c {
                '!' => {
                    let own = self.line;
                    while self.line == own && self.next_char().is_some() {}
                }
                '"' => return Ok(Some((Item::Text(self.quoted(line, column)?), line, column))),
                _ => {
                    let word = self.word(at);
                    let number = word.strip_prefix(['+', '-']).unwrap_or(word);
                    if number.starts_with(|c: char| c.is_ascii_digit()) {
                        return Ok(Some((Item::Number(word), line, column)));
                    }
                    if let Some(flag) = word.strip_prefix('<').and_then(|it| it.strip_suffix('>')) {
                        return Ok(Some((Item::Flag(flag), line, column)));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The word that begins at this byte, up to white space.
    fn word(&mut self, at: usize) -> &'a str {
        let mut end = self.text.len();
        let mut ahead = self.chars.clone();
        while let Some((place, c)) = ahead.next() {
            if c.is_whitespace() {
                end = place;
                break;
            }
            self.chars = ahead.clone();
        }
        &self.text[at..end]
    }

    /// The rest of a text, behind its first quote.
    fn quoted(&mut self, line: u64, column: u64) -> Result<String, AlignmentError> {
        let mut text = String::new();
        while let Some((_, c)) = self.next_char() {
            if c != '"' {
                text.push(c);
                continue;
            }
            let mut ahead = self.chars.clone();
            if ahead.next().is_none_or(|(_, c)| c != '"') {
                return Ok(text);
            }
            self.chars = ahead;
            text.push('"');
        }
        let found = "a text that is not closed".to_owned();
        Err(AlignmentError::Expected { line, column, expected: "a quote at its end", found })
    }

    /// The next item, which has to be there.
    fn need(&mut self, expected: &'static str) -> Result<(Item<'a>, u64, u64), AlignmentError> {
        if let Some(item) = self.next()? {
            return Ok(item);
        }
        let (line, column) = (self.line, (self.text.len() - self.line_at) as u64 + 1);
        let found = "the end of the file".to_owned();
        Err(AlignmentError::Expected { line, column, expected, found })
    }

    fn text(&mut self, expected: &'static str) -> Result<String, AlignmentError> {
        match self.need(expected)? {
            (Item::Text(text), ..) => Ok(text),
            other => Err(unexpected(expected, &other)),
        }
    }

    fn flag(&mut self) -> Result<&'a str, AlignmentError> {
        let expected = "`<exists>` or `<absent>`";
        match self.need(expected)? {
            (Item::Flag(flag @ ("exists" | "absent")), ..) => Ok(flag),
            other => Err(unexpected(expected, &other)),
        }
    }

    fn time(&mut self, expected: &'static str) -> Result<u64, AlignmentError> {
        match self.need(expected)? {
            (Item::Number(number), line, column) => nanoseconds(number)
                .or_else(|| (number.parse() == Ok(-0.0)).then_some(0))
                .ok_or_else(|| unexpected(expected, &(Item::Number(number), line, column))),
            other => Err(unexpected(expected, &other)),
        }
    }

    fn count(&mut self, expected: &'static str) -> Result<u64, AlignmentError> {
        match self.need(expected)? {
            (Item::Number(number), line, column) => number
                .parse()
                .map_err(|_| unexpected(expected, &(Item::Number(number), line, column))),
            other => Err(unexpected(expected, &other)),
        }
    }

    fn tier(&mut self) -> Result<Tier, AlignmentError> {
        let expected = "`IntervalTier` or `TextTier`";
        let is_points = match self.need(expected)? {
            (Item::Text(class), ..) if class == "IntervalTier" => false,
            (Item::Text(class), ..) if class == "TextTier" => true,
            other => return Err(unexpected(expected, &other)),
        };
        let name = self.text("the tier's name")?.trim().to_owned();
        self.time("the tier's start")?;
        self.time("the tier's end")?;
        let mut marks = Vec::new();
        for _ in 0..self.count("the number of the tier's labels")? {
            let start = self.time("a time")?;
            let line = self.line;
            let end = if is_points { start } else { self.time("the interval's end")? };
            if end < start || (end == start && !is_points) {
                let unit = TimeUnit::Nanoseconds;
                return Err(AlignmentError::Backwards { line, unit, start, end });
            }
            let label = self.text("the label")?.trim().into();
            marks.push(Mark { start, end, label, line: u32::try_from(line).unwrap_or(u32::MAX) });
        }
        Ok(Tier { name, is_points, marks })
    }
}

fn unexpected(expected: &'static str, found: &(Item<'_>, u64, u64)) -> AlignmentError {
    let (item, line, column) = (&found.0, found.1, found.2);
    let found = match item {
        Item::Number(number) => format!("`{}`", shown(number)),
        Item::Text(text) => format!("the text `{}`", shown(text)),
        Item::Flag(flag) => format!("`<{}>`", shown(flag)),
    };
    AlignmentError::Expected { line, column, expected, found }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<Item<'_>> {
        let mut items = Items { text, chars: text.char_indices(), line: 1, line_at: 0 };
        std::iter::from_fn(|| items.next().unwrap()).map(|(item, ..)| item).collect()
    }

    #[test]
    fn only_what_stands_free_counts() {
        let text =
            "File type = \"a\" ! \"b\" 7\nitem [2]: x=3 size =-4 <exists> \"q\"\"uote\n2\" 1e-05";
        let text_of = |text: &str| Item::Text(text.to_owned());
        assert_eq!(
            items(text),
            [text_of("a"), Item::Flag("exists"), text_of("q\"uote\n2"), Item::Number("1e-05"),]
        );
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let whole = "\"ooTextFile\"\n\"TextGrid\"\n0\n0.4\n<exists>\n1\n\"IntervalTier\"\n\"w\"\n0\n0.4\n1\n0.1\n0.4\n\"a\"\n";
        assert!(parse(whole.as_bytes()).is_ok());
        for (from, to, expected) in [
            (
                "\"TextGrid\"",
                "\"PitchTier\"",
                "is Praat's object `PitchTier` and no TextGrid, which is not read; save the TextGrid alone",
            ),
            ("0.4\n<", "x\n<", "line 5, column 1: expected the TextGrid's end, found `<exists>`"),
            (
                "<exists>",
                "<maybe>",
                "line 5, column 1: expected `<exists>` or `<absent>`, found `<maybe>`",
            ),
            (
                "\n1\n0.1",
                "\n2\n0.1",
                "line 15, column 1: expected a time, found the end of the file",
            ),
            (
                "\n1\n0.1",
                "\n1.5\n0.1",
                "line 11, column 1: expected the number of the tier's labels, found `1.5`",
            ),
            (
                "0.1\n0.4",
                "0.4\n0.1",
                "line 12: the interval ends at 0.1 s, not after its start, 0.4 s",
            ),
            (
                "\"a\"",
                "\"a",
                "line 14, column 1: expected a quote at its end, found a text that is not closed",
            ),
            ("0.1\n", "-0.1\n", "line 12, column 1: expected a time, found `-0.1`"),
            (
                "\"IntervalTier\"",
                "\"Tier\"",
                "line 7, column 1: expected `IntervalTier` or `TextTier`, found the text `Tier`",
            ),
        ] {
            let wrong = whole.replacen(from, to, 1);
            assert_ne!(wrong, whole);
            assert_eq!(parse(wrong.as_bytes()).unwrap_err().to_string(), expected);
        }
        let error = parse(b"\"Praat chronological TextGrid text file\"\n0 1\n").unwrap_err();
        assert!(error.to_string().starts_with("is a chronological TextGrid"), "{error}");
    }
}
