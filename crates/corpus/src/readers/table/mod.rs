//! Tables of text with a header: CSV and TSV, those of Common Voice too.

mod header;

use std::{io, path::Path};

use ossicle_files::{path_from_bytes, percent_escaped, printable};
use serde_json::Value;

use self::header::Header;
use crate::{
    column_names::ColumnNames,
    corpus::CorpusKind,
    error::Error,
    extra::{Column, Extra},
    format::{CorpusFormat, Given},
    found::Found,
    names::{folder_of, shown},
    readers::{
        faults::{At, Faults},
        reader::{Description, Reader, Wanted},
        records::{Field, Record, Records},
        roles::{Role, place_of},
        rows::{Row, Rows},
        seconds::nanoseconds,
        text::{head, open_text},
    },
    recording::has_extension,
    span::Span,
};

/// Reads a table with a header, a row an utterance.
#[derive(Debug)]
pub(crate) struct Table;

impl Reader for Table {
    fn format(&self) -> CorpusFormat {
        CorpusFormat { name: "table", what: "a table of text, CSV or TSV", given: Given::File }
    }

    fn recognises(&self, description: &Description<'_>, wanted: &Wanted) -> io::Result<bool> {
        if description.is_folder {
            return Ok(false);
        }
        if is_called_a_table(description.path) || wanted.columns.given().is_some() {
            return Ok(true);
        }
        let head = head(description.path)?;
        let names = names_in(first_line(&head));
        Ok(names.len() > 1 && place_of(Role::Path, &names, wanted.columns).is_some())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let mut rows = Rows::new(CorpusKind::Table, printable(path), folder_of(path));
        let mut faults = Faults::default();
        read_rows(path, &mut rows, wanted.columns, &mut faults)?;
        rows.into_found(wanted, faults)
    }
}

/// Adds a table's rows to those of a description.
///
/// # Errors
/// The table cannot be read, or is empty.
pub(super) fn read_rows(
    path: &Path,
    rows: &mut Rows,
    columns: &ColumnNames,
    faults: &mut Faults,
) -> Result<(), Error> {
    let file = printable(path);
    let not_read = |source| Error::Open { path: path.to_path_buf(), source };
    let head = head(path).map_err(not_read)?;
    let line = first_line(&head);
    let mut input = open_text(path)?;
    let names = names_in(line);
    let is_called = |known: &str| names.iter().any(|name| name == known);
    // Common Voice writes quotes as they are.
    let is_common_voice = is_called("client_id") && is_called("path") && is_called("sentence");
    if is_common_voice {
        rows.inside = &["clips"];
    }
    let separator = match columns.given() {
        Some(given) => separator_of(line, given.len()),
        None => separator(line),
    };
    // So do those who write lines with bars between their fields, and no header.
    let quotes = !is_common_voice && (columns.given().is_none() || separator != b'|');
    let mut records = Records::new(&mut *input, &file, separator, quotes);
    let mut next_line = 1;
    let found = match columns.given() {
        Some(given) => given.to_vec(),
        None => {
            let Some(record) = records.next_record()? else {
                return Err(Error::DescriptionEmpty { file });
            };
            next_line = record.line;
            let name = |field: Field| percent_or_text(&field.text).trim().to_owned();
            record.fields.into_iter().map(name).collect()
        }
    };
    let header = match Header::new(found, columns) {
        Ok(header) => header,
        Err(error) => {
            let at = At { file: &file, line: next_line, column: 0 };
            faults.add(at, "headers", || error.to_string());
            return Ok(());
        }
    };
    rows.has_splits |= header.roles.contains(&Role::Split);
    while let Some(record) = records.next_record()? {
        let mut row = row(&header, record, &file, faults);
        if is_common_voice {
            row.iter_mut().for_each(say_text);
        }
        rows.rows.extend(row);
    }
    Ok(())
}

/// Says Common Voice's `sentence` as other corpora say a text, too.
pub(super) fn say_text(row: &mut Row) {
    let columns = row.columns.unpacked();
    let sentence = columns.iter().find(|column| column.name().eq_ignore_ascii_case("sentence"));
    if let Some(sentence) = sentence
        && !columns.iter().any(|column| column.name() == "text")
    {
        row.columns.push("text", sentence.value().clone());
    }
}

fn percent_or_text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| percent_escaped(bytes))
}

fn is_called_a_table(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let bare = match has_extension(name, &["gz"]) {
        true => Path::new(name).file_stem().unwrap_or_default(),
        false => name,
    };
    has_extension(bare, &["csv", "tsv"])
}

fn first_line(head: &[u8]) -> &[u8] {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let is_said = |line: &&[u8]| !line.trim_ascii().is_empty();
    head.split(|&byte| byte == b'\n').find(is_said).unwrap_or_default()
}

/// What separates fields: of a few characters the one that the header has most often.
fn separator(header: &[u8]) -> u8 {
    let count = |separator: &u8| header.iter().filter(|byte| *byte == separator).count();
    // Of two, the last counts.
    *b"|;,\t".iter().max_by_key(|separator| count(separator)).unwrap_or(&b',')
}

/// What separates fields of which there are so many; of several that would do, a bar before all others.
fn separator_of(line: &[u8], fields: usize) -> u8 {
    let count = |separator: u8| line.iter().filter(|byte| **byte == separator).count();
    let fitting = b"|\t,;".iter().find(|separator| count(**separator) + 1 == fields);
    fitting.copied().unwrap_or_else(|| separator(line))
}

fn names_in(line: &[u8]) -> Vec<String> {
    let separator = separator(line);
    let name = |name: &[u8]| String::from_utf8_lossy(name).trim().trim_matches('"').to_owned();
    line.split(|&byte| byte == separator).map(name).collect()
}

/// Makes a row of a record; none where it cannot be one, which is a fault.
fn row(header: &Header, record: Record, file: &str, faults: &mut Faults) -> Option<Row> {
    let (found, expected) = (record.fields.len(), header.names.len());
    if found != expected {
        faults.add(At { file, line: record.line, column: 0 }, "rows of other lengths", || {
            format!("expected {expected} fields, as the header has, found {found}")
        });
        return None;
    }
    let mut row = Row { line: record.line, ..Row::default() };
    let mut others: Vec<(String, Value)> = Vec::new();
    let (mut start, mut end, mut duration, mut channel) = (None, None, None, None);
    for (at, field) in record.fields.iter().enumerate() {
        let role = header.roles[at];
        let place = At { file, line: field.line, column: field.column };
        if role == Role::Path {
            match path_from_bytes(field.text.trim_ascii()) {
                Some(path) => row.source = path.into(),
                None => faults.add(place, "fields that are not UTF-8", not_utf8),
            }
            continue;
        }
        let Ok(text) = std::str::from_utf8(&field.text) else {
            faults.add(place, "fields that are not UTF-8", not_utf8);
            continue;
        };
        let word = text.trim();
        let mut time = |time: &mut Option<u64>| {
            *time = nanoseconds(word);
            if time.is_none() && !word.is_empty() {
                faults.add(place, "times that are none", || {
                    format!("expected seconds in `{}`, found `{}`", header.names[at], shown(word))
                });
            }
        };
        match role {
            Role::Path => {}
            Role::Id => row.id = Some(percent_escaped(word.as_bytes()).into()),
            Role::Speaker => row.speaker = (!word.is_empty()).then(|| word.into()),
            Role::Split => row.split = (!word.is_empty()).then(|| word.into()),
            Role::Start => time(&mut start),
            Role::End => time(&mut end),
            Role::Duration => time(&mut duration),
            Role::Channel => {
                channel = word.parse().ok();
                if channel.is_none() && !word.is_empty() {
                    faults.add(place, "channels that are none", || {
                        format!("expected a channel, counted from 0, found `{}`", shown(word))
                    });
                }
            }
            Role::Skipped => {}
            Role::Other => others.push((header.names[at].clone(), text.into())),
        }
    }
    let end = end.or_else(|| start.unwrap_or(0).checked_add(duration?));
    let is_part = start.is_some() || end.is_some();
    let span = is_part.then(|| Span::Nanoseconds { start: start.unwrap_or(0), end });
    row.extra = Extra::of(span, channel, None);
    let Ok(columns) = Column::all(others) else { unreachable!("the header was checked") };
    row.columns = columns;
    Some(row)
}

fn not_utf8() -> String {
    "expected UTF-8, found other bytes".into()
}
