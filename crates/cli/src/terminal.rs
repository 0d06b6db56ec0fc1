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
            Syntax::Json => safe_json(text),
        }
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
    fn json_means_what_it_meant() {
        let value = serde_json::json!({"a\u{202e}\u{1b}": ["\u{2028}\u{e0041}\u{7f}\u{9b}ä\n"]});
        let text = written(format!("{value:#}\n").as_bytes(), Syntax::Json, 3);
        assert!(!text.chars().any(|c| is_unsafe(c) && c != '\n'), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
