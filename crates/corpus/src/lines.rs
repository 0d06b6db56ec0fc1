//! The lines of a text that may be anything: bounded, numbered, as bytes.

use std::io::{BufRead, Read as _};

use crate::error::Error;

/// The longest line of a description: all that one utterance has, or all utterances of a speaker.
pub(crate) const MAX_DESCRIPTION_LINE_BYTES: usize = 64 << 20;

/// The longest path, and so the longest line of a list: no system has a longer one.
pub(crate) const MAX_PATH_BYTES: usize = 64 * 1024;

/// Reads the lines that say something: blank ones are passed over, line ends of either kind and a
/// byte-order mark are removed.
pub(crate) struct Lines<'a> {
    input: &'a mut dyn BufRead,
    /// The text's name in messages.
    file: &'a str,
    number: u64,
    most_bytes: usize,
    buffer: Vec<u8>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(input: &'a mut dyn BufRead, file: &'a str) -> Lines<'a> {
        Lines::with_limit(input, file, MAX_PATH_BYTES)
    }

    /// Lines that have `most_bytes` at the most.
    pub(crate) fn with_limit(
        input: &'a mut dyn BufRead,
        file: &'a str,
        most_bytes: usize,
    ) -> Lines<'a> {
        Lines { input, file, number: 0, most_bytes, buffer: Vec::new() }
    }

    /// The next line with its number, from 1.
    ///
    /// # Errors
    /// A line longer than the limit or with a zero byte; a failing read.
    pub(crate) fn next_line(&mut self) -> Result<Option<(u64, &[u8])>, Error> {
        let file = || self.file.to_string();
        loop {
            self.buffer.clear();
            self.number += 1;
            // Two more for the line end, so that the longest line is still told from a longer one.
            let read = (&mut *self.input)
                .take(self.most_bytes as u64 + 2)
                .read_until(b'\n', &mut self.buffer)
                .map_err(|source| Error::Read { file: file(), source })?;
            if read == 0 {
                return Ok(None);
            }
            let mark: &[u8] = b"\xef\xbb\xbf";
            if self.number == 1 && self.buffer.starts_with(mark) {
                self.buffer.drain(..mark.len());
            }
            for end in [b'\n', b'\r'] {
                if self.buffer.last() == Some(&end) {
                    self.buffer.pop();
                }
            }
            if self.buffer.contains(&0) {
                return Err(Error::LineNul { file: file(), line: self.number });
            }
            if self.buffer.len() > self.most_bytes {
                let (line, limit_bytes) = (self.number, self.most_bytes);
                return Err(Error::LineTooLong { file: file(), line, limit_bytes });
            }
            if !self.buffer.trim_ascii().is_empty() {
                break;
            }
        }
        Ok(Some((self.number, &self.buffer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Result<Vec<(u64, Vec<u8>)>, Error> {
        let mut input = text;
        let mut lines = Lines::new(&mut input, "text");
        let mut found = Vec::new();
        while let Some((number, line)) = lines.next_line()? {
            found.push((number, line.to_vec()));
        }
        Ok(found)
    }

    #[test]
    fn blank_lines_are_passed_over_but_counted() {
        let found = lines(b"\xef\xbb\xbf\n a \r\n\r\n \t\n\xff\r\r\nend").unwrap();
        assert_eq!(found, [(2, b" a ".to_vec()), (5, b"\xff\r".to_vec()), (6, b"end".to_vec())]);
    }

    #[test]
    fn the_longest_line_passes_and_a_longer_one_is_an_error_that_names_it() {
        for end in ["", "\n", "\r\n"] {
            let longest = "a".repeat(MAX_PATH_BYTES) + end;
            assert_eq!(lines(longest.as_bytes()).unwrap().len(), 1);
            let longer = format!("short\n{}a{end}", "a".repeat(MAX_PATH_BYTES));
            let error = lines(longer.as_bytes()).unwrap_err();
            assert!(matches!(error, Error::LineTooLong { line: 2, .. }), "{error}");
        }
    }

    #[test]
    fn a_zero_byte_is_an_error_that_names_its_line() {
        let error = lines(b"a\nb\0c\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "text: line 2 holds a zero byte; is this a text file? (for paths, one a line)"
        );
    }
}
