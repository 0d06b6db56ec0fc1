//! Records of a table of text, as RFC 4180 has them: fields between separators, some between quotes.

use std::io::{BufRead, Read as _};

use crate::{
    error::Error,
    lines::MAX_DESCRIPTION_LINE_BYTES,
    readers::faults::{At, Faults},
};

/// Reads a table a record at a time. Lines end in either way, and blank ones are passed over.
pub(crate) struct Records<'a> {
    input: &'a mut dyn BufRead,
    /// The table's printable name.
    file: &'a str,
    separator: u8,
    /// A field may be between quotes; else quotes are characters like others.
    quotes: bool,
    /// The number of the last line that was read.
    line: u64,
    buffer: Vec<u8>,
}

/// The fields between two ends of lines that are outside quotes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// Its first line, from 1.
    pub(crate) line: u64,
    pub(crate) fields: Vec<Field>,
}

/// A field without its quotes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) text: Vec<u8>,
    /// The line that it begins on, and the byte of that line, from 1.
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl<'a> Records<'a> {
    pub(crate) fn new(
        input: &'a mut dyn BufRead,
        file: &'a str,
        separator: u8,
        quotes: bool,
    ) -> Records<'a> {
        Records { input, file, separator, quotes, line: 0, buffer: Vec::new() }
    }

    /// The next record.
    ///
    /// # Errors
    /// A quote that is not closed, or has something behind it; a zero byte; a record longer than any; a
    /// failing read.
    pub(crate) fn next_record(&mut self) -> Result<Option<Record>, Error> {
        let mut record = Record::default();
        let mut bytes = 0;
        // The field at hand, which a quote continues on the next line.
        let mut open: Option<Field> = None;
        while self.next_line(&mut bytes)? {
            let end = self.buffer.len() - line_end(&self.buffer);
            if open.is_none() && self.buffer[..end].trim_ascii().is_empty() {
                bytes = 0;
                continue;
            }
            if open.is_none() {
                record.line = self.line;
            }
            let mut at = 0;
            loop {
                // A field begins here, or goes on between quotes.
                let column = at as u64 + 1;
                let begin = Field { text: Vec::new(), line: self.line, column };
                let is_quoted =
                    open.is_some() || (self.quotes && at < end && self.buffer[at] == b'"');
                let mut field = match open.take() {
                    Some(field) => field,
                    None => {
                        at += usize::from(is_quoted);
                        begin
                    }
                };
                if is_quoted {
                    let Some(closed) = self.quoted(at, &mut field) else {
                        open = Some(field);
                        break;
                    };
                    at = closed;
                    if at < end && self.buffer[at] != self.separator {
                        return Err(self.fault(self.line, at as u64 + 1, |_| {
                            "expected the end of the field behind its quote".into()
                        }));
                    }
                } else {
                    let rest = &self.buffer[at..end];
                    let length = rest.iter().position(|&byte| byte == self.separator);
                    let length = length.unwrap_or(rest.len());
                    field.text.extend_from_slice(&rest[..length]);
                    at += length;
                }
                record.fields.push(field);
                if at >= end {
                    return Ok(Some(record));
                }
                at += 1;
            }
        }
        match open {
            None => Ok(None),
            Some(field) => Err(self.fault(field.line, field.column, |_| {
                "the quote that begins here is not closed".into()
            })),
        }
    }

    /// Takes what is between quotes, from `at` on, and returns the place behind the last; none where the
    /// line ends before. Two quotes are one.
    fn quoted(&self, mut at: usize, field: &mut Field) -> Option<usize> {
        loop {
            let rest = &self.buffer[at..];
            let Some(quote) = rest.iter().position(|&byte| byte == b'"') else {
                // The end of the line is a part of the field, as a line feed.
                field.text.extend_from_slice(&rest[..rest.len() - line_end(rest)]);
                field.text.push(b'\n');
                return None;
            };
            field.text.extend_from_slice(&rest[..quote]);
            at += quote + 1;
            if self.buffer.get(at) != Some(&b'"') {
                return Some(at);
            }
            field.text.push(b'"');
            at += 1;
        }
    }

    /// Reads a line with its end; false behind the last.
    fn next_line(&mut self, bytes: &mut usize) -> Result<bool, Error> {
        self.buffer.clear();
        self.line += 1;
        let file = || self.file.to_owned();
        let most = MAX_DESCRIPTION_LINE_BYTES.saturating_sub(*bytes) as u64 + 2;
        let read = (&mut *self.input).take(most).read_until(b'\n', &mut self.buffer);
        let read = read.map_err(|source| Error::Read { file: file(), source })?;
        *bytes += read;
        if *bytes > MAX_DESCRIPTION_LINE_BYTES {
            let (line, limit_bytes) = (self.line, MAX_DESCRIPTION_LINE_BYTES);
            return Err(Error::LineTooLong { file: file(), line, limit_bytes });
        }
        if self.buffer.contains(&0) {
            return Err(Error::LineNul { file: file(), line: self.line });
        }
        let mark: &[u8] = b"\xef\xbb\xbf";
        if self.line == 1 && self.buffer.starts_with(mark) {
            self.buffer.drain(..mark.len());
        }
        Ok(read > 0)
    }

    fn fault(&self, line: u64, column: u64, wrong: impl Fn(&Self) -> String) -> Error {
        let mut faults = Faults::default();
        faults.add(At { file: self.file, line, column }, "quotes", || wrong(self));
        match faults.check(self.file) {
            Err(error) => error,
            Ok(()) => unreachable!("a fault was added"),
        }
    }
}

/// The number of bytes that end a line.
fn line_end(line: &[u8]) -> usize {
    match line {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] | [.., b'\r'] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records(text: &[u8], quotes: bool) -> Result<Vec<(u64, Vec<String>)>, Error> {
        let mut input = text;
        let mut records = Records::new(&mut input, "a.csv", b',', quotes);
        let mut all = Vec::new();
        while let Some(record) = records.next_record()? {
            let text = |field: Field| String::from_utf8(field.text).unwrap();
            all.push((record.line, record.fields.into_iter().map(text).collect()));
        }
        Ok(all)
    }

    #[test]
    fn quotes_hold_separators_quotes_and_line_breaks() {
        let text = b"\xef\xbb\xbfa,b\r\n\r\n\"x, \"\"y\"\"\",\"1\r\n\r\n2\"\n,\nlast,\"\"";
        let expected = [
            (1, vec!["a", "b"]),
            (3, vec!["x, \"y\"", "1\n\n2"]),
            (6, vec!["", ""]),
            (7, vec!["last", ""]),
        ];
        let expected = expected
            .map(|(line, fields)| (line, fields.into_iter().map(String::from).collect::<Vec<_>>()));
        assert_eq!(records(text, true).unwrap(), expected);
        let plain = records(b"\"a\" b,c\"\n", false).unwrap();
        assert_eq!(plain, [(1, vec!["\"a\" b".to_owned(), "c\"".to_owned()])]);
    }

    #[test]
    fn a_quote_that_is_not_closed_is_named_where_it_begins() {
        let error = records(b"a,b\nc,\"d\n\ne", true).unwrap_err().to_string();
        assert_eq!(error, "a.csv, line 2, column 3: the quote that begins here is not closed");
        let error = records(b"\"a\"b,c", true).unwrap_err().to_string();
        assert_eq!(
            error,
            "a.csv, line 1, column 4: expected the end of the field behind its quote"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_by_the_rules_is_read_again(
            table in prop::collection::vec(
                prop::collection::vec("[ab,\" \n]{0,6}", 2..4), 0..5)
        ) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = |fields: &Vec<String>| {
                fields.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
            };
            let text: String = table.iter().map(line).collect();
            let found = records(text.as_bytes(), true).unwrap();
            let found: Vec<Vec<String>> = found.into_iter().map(|(_, fields)| fields).collect();
            prop_assert_eq!(found, table);
        }
    }
}
