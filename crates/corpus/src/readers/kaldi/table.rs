//! A file of a data folder: lines of a key and what it says of it.

use std::{collections::HashMap, io::ErrorKind, path::Path};

use ossicle_files::{percent_escaped, printable};

use crate::{
    error::Error,
    lines::{Lines, MAX_DESCRIPTION_LINE_BYTES},
    names::shown,
    readers::{
        faults::{At, Faults},
        text::open_text,
    },
};

/// The lines of a file by their keys.
#[derive(Debug)]
pub(super) struct Table {
    /// The file's printable path.
    pub(super) file: String,
    pub(super) lines: Vec<Line>,
    /// The place of each key in the lines.
    by_key: HashMap<Box<str>, usize>,
}

/// A line of it.
#[derive(Debug)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// The first word, spelled as ids are.
    pub(super) key: Box<str>,
    /// What is behind it, without blanks at the ends.
    pub(super) value: Box<[u8]>,
    /// The byte of the line, from 1, that the value begins at.
    pub(super) column: u64,
}

impl Table {
    /// Reads a file, or nothing where there is none. A key that is there again is a fault, and its line
    /// is passed over.
    pub(super) fn read_optional(path: &Path, faults: &mut Faults) -> Result<Option<Table>, Error> {
        match path.metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            _ => Table::read(path, faults).map(Some),
        }
    }

    pub(super) fn read(path: &Path, faults: &mut Faults) -> Result<Table, Error> {
        let file = printable(path);
        let mut input = open_text(path)?;
        let mut lines = Lines::with_limit(&mut *input, &file, MAX_DESCRIPTION_LINE_BYTES);
        let mut table = Table { file: file.clone(), lines: Vec::new(), by_key: HashMap::new() };
        while let Some((number, text)) = lines.next_line()? {
            let start = text.len() - text.trim_ascii_start().len();
            let word = &text[start..];
            let end = word.iter().position(u8::is_ascii_whitespace).unwrap_or(word.len());
            let (key, rest) = word.split_at(end);
            let value = rest.trim_ascii();
            let column = (text.len() - rest.trim_ascii_start().len()) as u64 + 1;
            let key: Box<str> = percent_escaped(key).into();
            if let Some(&first) = table.by_key.get(&key) {
                let first = table.lines[first].number;
                let at = At { file: &file, line: number, column: start as u64 + 1 };
                faults.add(at, "keys that are there twice", || {
                    format!("`{}` is on line {first} already; keep one", shown(&key))
                });
                continue;
            }
            table.by_key.insert(key.clone(), table.lines.len());
            table.lines.push(Line { number, key, value: value.into(), column });
        }
        Ok(table)
    }

    /// The line of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Line> {
        self.by_key.get(key).map(|&place| &self.lines[place])
    }

    pub(super) fn at(&self, line: &Line) -> At<'_> {
        At { file: &self.file, line: line.number, column: line.column }
    }

    /// The value of a line as text; a fault where it is not UTF-8.
    pub(super) fn text<'a>(&self, line: &'a Line, faults: &mut Faults) -> Option<&'a str> {
        let text = std::str::from_utf8(&line.value);
        text.map_err(|error| {
            let column = line.column + error.valid_up_to() as u64;
            let at = At { column, ..self.at(line) };
            faults
                .add(at, "lines that are not UTF-8", || "expected UTF-8, found other bytes".into());
        })
        .ok()
    }
}
