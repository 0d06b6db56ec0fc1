//! A line of a data folder's files: a key, and what it says of that.

use std::path::Path;

use ossicle_files::percent_escaped;

use crate::{
    error::Error,
    lines::{Lines, MAX_DESCRIPTION_LINE_BYTES},
    readers::{
        faults::{At, Faults},
        text::open_text,
    },
};

/// A line.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// The file's printable path.
    pub(super) file: &'a str,
    /// Its number, from 1.
    pub(super) number: u64,
    /// The first word, spelled as ids are.
    pub(super) key: Box<str>,
    /// What is behind it, without blanks at the ends.
    pub(super) value: &'a [u8],
    /// The byte of the line, from 1, that the value begins at.
    pub(super) column: u64,
}

impl Line<'_> {
    /// The place of its value.
    pub(super) fn at(&self) -> At<'_> {
        At { file: self.file, line: self.number, column: self.column }
    }

    /// The place of its key.
    pub(super) fn at_key(&self) -> At<'_> {
        At { column: 1, ..self.at() }
    }

    /// Its value as text; a fault where it is not UTF-8.
    pub(super) fn text(&self, faults: &mut Faults) -> Option<&str> {
        let text = std::str::from_utf8(self.value);
        text.map_err(|error| {
            let column = self.column + error.valid_up_to() as u64;
            let at = At { column, ..self.at() };
            faults
                .add(at, "lines that are not UTF-8", || "expected UTF-8, found other bytes".into());
        })
        .ok()
    }
}

/// Calls `each` with the lines of a file that say something, in order: none of them is kept.
///
/// - `file`: the file's printable path
pub(super) fn each_line(
    path: &Path,
    file: &str,
    mut each: impl FnMut(&Line<'_>),
) -> Result<(), Error> {
    let mut input = open_text(path)?;
    let mut lines = Lines::with_limit(&mut *input, file, MAX_DESCRIPTION_LINE_BYTES);
    while let Some((number, text)) = lines.next_line()? {
        let start = text.len() - text.trim_ascii_start().len();
        let word = &text[start..];
        let end = word.iter().position(u8::is_ascii_whitespace).unwrap_or(word.len());
        let (key, rest) = word.split_at(end);
        let column = (text.len() - rest.trim_ascii_start().len()) as u64 + 1;
        let (key, value) = (percent_escaped(key).into(), rest.trim_ascii());
        each(&Line { file, number, key, value, column });
    }
    Ok(())
}
