//! The way out for all that people read: nothing from a corpus or a dataset, whatever it is called, can
//! move a cursor, hide a line or turn the direction of writing.
//!
//! What is quoted becomes one line where it is quoted ([`visible`](ossicle_files::visible)). Here is
//! the last sieve, for all of it; `--json` goes through it too, and stays exact.

use std::io::{self, Write};

use ossicle_files::{is_unsafe, visible_lines};

/// Writes text to standard error, made safe for a terminal, and ends its line.
pub fn say(text: &str) {
    // Nobody who could be told is left where it cannot be written.
    let _ = writeln!(io::stderr(), "{}", visible_lines(text));
}

/// The syntax in which an unsafe character is made visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// For people: `\u{202e}`.
    Plain,
    /// The same, but for colours of text (ECMA-48's SGR), which move nothing and hide nothing. Whoever writes them
    /// has made what it quotes visible before, and ends each line with the terminal's own colours.
    Colored,
    /// Within a string of JSON, where it means the same character: `\u202e`.
    Json,
}

/// A value as one line of JSON that is safe for a terminal.
pub(crate) fn json_line(value: &serde_json::Value) -> String {
    safe_json(&value.to_string())
}

/// Text of JSON whose unsafe characters are escaped, which mean the same.
fn safe_json(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match is_unsafe(c) && c != '\n' {
            true => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    safe.push_str(&format!("\\u{unit:04x}"));
                }
            }
            false => safe.push(c),
        }
    }
    safe
}

/// Makes all that is written safe for a terminal.
#[derive(Debug)]
pub(crate) struct Safe<W> {
    inner: W,
    syntax: Syntax,
    /// The beginning of a character, whose end comes with the next bytes.
    begun: Vec<u8>,
}

impl<W: Write> Safe<W> {
    pub(crate) fn new(inner: W, syntax: Syntax) -> Safe<W> {
        Safe { inner, syntax, begun: Vec::new() }
    }

    fn made_safe(&self, text: &str) -> String {
        match self.syntax {
            Syntax::Plain => visible_lines(text),
            Syntax::Colored => {
                let mut safe = String::with_capacity(text.len());
                let mut rest = text;
                while let Some(at) = rest.find('\x1b') {
                    let length = color_length(&rest[at..]);
                    safe.push_str(&visible_lines(&rest[..at]));
                    let end = at + length.max(1);
                    match length {
                        0 => safe.push_str(&visible_lines(&rest[at..end])),
                        _ => safe.push_str(&rest[at..end]),
                    }
                    rest = &rest[end..];
                }
                safe.push_str(&visible_lines(rest));
                safe
            }
            Syntax::Json => safe_json(text),
        }
    }
}

/// Returns how long a sequence is that sets colours, with which a text begins; 0 if it does not.
fn color_length(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("\x1b[") else { return 0 };
    let is_number = |c: char| c.is_ascii_digit() || c == ';';
    let numbers = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
    // A reset, or a colour of 24 bits: not blinking, and not concealed.
    let is_color =
        rest[..numbers] == *"0" || rest.starts_with("38;2;") || rest.starts_with("48;2;");
    match rest[numbers..].starts_with('m') && is_color && numbers < 20 {
        true => 2 + numbers + 1,
        false => 0,
    }
}

impl<W: Write> Write for Safe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut text = std::mem::take(&mut self.begun);
        text.extend_from_slice(bytes);
        let mut safe = String::with_capacity(text.len());
        let mut chunks = text.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            safe.push_str(&self.made_safe(chunk.valid()));
            let is_begun = chunks.peek().is_none() && chunk.invalid().len() < 4;
            if is_begun
                && std::str::from_utf8(chunk.invalid()).is_err_and(|e| e.error_len().is_none())
            {
                self.begun = chunk.invalid().to_vec();
            } else if !chunk.invalid().is_empty() {
                safe.push(char::REPLACEMENT_CHARACTER);
            }
        }
        self.inner.write_all(safe.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out where the bytes are written in pieces of this size.
    fn written(bytes: &[u8], syntax: Syntax, piece: usize) -> String {
        let mut out = Safe::new(Vec::new(), syntax);
        for piece in bytes.chunks(piece) {
            out.write_all(piece).unwrap();
        }
        String::from_utf8(out.inner).unwrap()
    }

    #[test]
    fn whatever_comes_nothing_unsafe_goes_out_and_all_else_does() {
        let text = "a\u{1b}[2J\r\nä\u{202e}\u{2028}\u{e0041}👩\u{200d}🔬\u{7f}".as_bytes();
        for piece in 1..=text.len() {
            assert_eq!(
                written(text, Syntax::Plain, piece),
                "a\\u{1b}[2J\\r\nä\\u{202e}\\u{2028}\\u{e0041}👩\u{200d}🔬\\u{7f}",
                "{piece}"
            );
            assert_eq!(written(b"a\xff\xc3", Syntax::Plain, piece), "a\u{fffd}");
        }
    }

    #[test]
    fn colours_go_out_where_they_may_and_nothing_else_does() {
        let text = "\x1b[38;2;1;20;255m\x1b[48;2;0;0;0m▀\x1b[0m\x1b[2J\x1b[8m\x1b[5m\x1b[38;2;1\x1b]0;t\x07\u{202e}\n";
        let safe = written(text.as_bytes(), Syntax::Colored, text.len());
        let colors = "\x1b[38;2;1;20;255m\x1b[48;2;0;0;0m▀\x1b[0m";
        let others = "\\u{1b}[2J\\u{1b}[8m\\u{1b}[5m\\u{1b}[38;2;1\\u{1b}]0;t\\u{7}\\u{202e}\n";
        assert_eq!(safe, format!("{colors}{others}"));
        assert_eq!(written(text.as_bytes(), Syntax::Plain, 7).matches('\x1b').count(), 0);
    }

    #[test]
    fn json_means_what_it_meant() {
        let value = serde_json::json!({"a\u{202e}\u{1b}": ["\u{2028}\u{e0041}\u{7f}\u{9b}ä\n"]});
        let text = written(format!("{value:#}\n").as_bytes(), Syntax::Json, 3);
        assert!(!text.chars().any(|c| is_unsafe(c) && c != '\n'), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
