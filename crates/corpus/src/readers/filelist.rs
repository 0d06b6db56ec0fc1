//! Filelists: a path, then what is said there, with bars between them and no header.
//!
//! The forms are those of the text-to-speech programs that began with Tacotron 2 (`path|text`), of VITS with
//! several speakers (`path|speaker|text`), and of those that have a language too
//! (`path|speaker|language|text`).

use std::io;

use ossicle_files::printable;

use crate::{
    column_names::ColumnNames,
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    names::folder_of,
    readers::{
        faults::{At, Faults},
        reader::{Description, Reader, Wanted},
        rows::Rows,
        table,
        text::head,
    },
    recording::{Sought, has_recording_name},
};

/// Reads a filelist, whose columns are known by their number.
#[derive(Debug)]
pub(crate) struct Filelist;

/// The columns of a filelist with so many.
const COLUMNS: [(usize, &str); 3] =
    [(2, "path,text"), (3, "path,speaker,text"), (4, "path,speaker,language,text")];

impl Reader for Filelist {
    fn format(&self) -> CorpusFormat {
        let what = "a filelist: `path|text` or `path|speaker|text` a line, without a header";
        CorpusFormat { name: "filelist", what, given: Given::File }
    }

    fn recognises(&self, description: &Description<'_>, wanted: &Wanted) -> io::Result<bool> {
        if description.is_folder || wanted.columns.given().is_some() {
            return Ok(false);
        }
        let fields = first_fields(&head(description.path)?);
        let is_recording = |name: &String| has_recording_name(name.as_ref(), Sought::RawAudioToo);
        Ok(fields.len() > 1 && fields.first().is_some_and(is_recording))
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let file = printable(path);
        let mut rows = Rows::new(CorpusKind::Filelist, file.clone(), folder_of(path));
        let mut faults = Faults::default();
        if wanted.columns.given().is_some() {
            table::read_rows(path, &mut rows, wanted.columns, &mut faults)?;
            return rows.into_found(wanted, faults);
        }
        let count = first_fields(
            &head(path).map_err(|source| Error::Open { path: path.to_path_buf(), source })?,
        )
        .len();
        match COLUMNS.iter().find(|(known, _)| *known == count) {
            Some((_, names)) => {
                let columns = ColumnNames::parse(Some(names), &[] as &[&str])?;
                rows.notices.push(format!(
                    "{file}: without a header, its {count} columns are taken for {names}"
                ));
                table::read_rows(path, &mut rows, &columns, &mut faults)?;
            }
            None => faults.add(At { file: &file, line: 1, column: 0 }, "columns", || {
                format!(
                    "expected 2 to 4 columns with `|` between them, whose names are known then, found \
                     {count}; say what they are"
                )
            }),
        }
        rows.into_found(wanted, faults)
    }
}

/// The fields of the first line that says something.
pub(super) fn first_fields(head: &[u8]) -> Vec<String> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let is_said = |line: &&[u8]| !line.trim_ascii().is_empty();
    let line = head.split(|&byte| byte == b'\n').find(is_said).unwrap_or_default();
    let field = |field: &[u8]| String::from_utf8_lossy(field).trim().to_owned();
    line.split(|&byte| byte == b'|').map(field).collect()
}
