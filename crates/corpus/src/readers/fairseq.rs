//! Manifests of fairseq's wav2vec: a folder, then a path and a number of samples a line.

use std::{io, path::Path};

use ossicle_files::{join, path_from_bytes, printable};

use crate::{
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    lines::{Lines, MAX_DESCRIPTION_LINE_BYTES},
    names::{folder_of, shown},
    readers::{
        faults::{At, Faults},
        reader::{Description, Reader, Wanted},
        rows::{Row, Rows},
        text::{head, open_text},
    },
};

/// Reads a manifest whose first line is the folder of the recordings.
#[derive(Debug)]
pub(crate) struct Fairseq;

impl Reader for Fairseq {
    fn format(&self) -> CorpusFormat {
        CorpusFormat {
            name: "fairseq",
            what: "a manifest of fairseq's: a folder, then a path a line",
            given: Given::File,
        }
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        if description.is_folder {
            return Ok(false);
        }
        let head = head(description.path)?;
        let mut lines = head.split(|&byte| byte == b'\n');
        let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        Ok(!first.trim_ascii().is_empty() && !first.contains(&b'\t') && halves(second).is_some())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let file = printable(path);
        let mut rows = Rows::new(CorpusKind::Manifest, file.clone(), folder_of(path));
        let mut faults = Faults::default();
        let mut input = open_text(path)?;
        let mut lines = Lines::with_limit(&mut *input, &file, MAX_DESCRIPTION_LINE_BYTES);
        let folder = match lines.next_line()? {
            Some((_, text)) => path_from_bytes(text.trim_ascii())
                .ok_or_else(|| Error::LineNotUtf8 { file: file.clone(), line: 1 })?,
            None => return Err(Error::DescriptionEmpty { file }),
        };
        while let Some((line, text)) = lines.next_line()? {
            let at = At { file: &file, line, column: 1 };
            match halves(text).map(|(path, _)| path_from_bytes(path)) {
                Some(Some(source)) => {
                    // Ids begin below the folder, as its paths do.
                    let id = crate::recording::stem(&source, wanted.sought);
                    let id = Some(printable(Path::new(&id)).into());
                    let source = join(&folder, source).into();
                    rows.rows.push(Row { line, id, source, ..Row::default() });
                }
                Some(None) => faults.add(at, "lines that are not UTF-8", || {
                    "expected UTF-8, found other bytes".into()
                }),
                None => faults.add(at, "lines of another form", || {
                    let found = shown(&String::from_utf8_lossy(text));
                    format!("expected a path, a tab and a number of samples, found `{found}`")
                }),
            }
        }
        rows.into_found(wanted, faults)
    }
}

/// The path and the number of a line.
fn halves(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_end();
    let tab = line.iter().rposition(|&byte| byte == b'\t')?;
    let (path, number) = (&line[..tab], &line[tab + 1..]);
    let is_number = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    (is_number && !path.is_empty()).then_some((path, number))
}
