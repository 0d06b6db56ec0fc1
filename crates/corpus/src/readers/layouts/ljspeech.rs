//! LJSpeech, and what is laid out as it: `wavs/` and `metadata.csv`, lines of `id|text|normalised text`.
//!
//! The format is that of the corpus' README (version 1.1): UTF-8, bars between fields, no header, no quotes.

use std::{
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{is_file, is_folder, percent_escaped, printable};

use super::{find, not_laid_out};
use crate::{
    column_names::ColumnNames,
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    names::folder_of,
    readers::{
        faults::Faults,
        filelist::first_fields,
        reader::{Description, Reader, Wanted},
        roles::Role,
        rows::Rows,
        table::read_rows,
        text::head,
    },
};

/// Reads the folder, or its `metadata.csv`.
#[derive(Debug)]
pub(crate) struct LjSpeech;

const METADATA: &str = "metadata.csv";
const RECORDINGS: &str = "wavs";

impl Reader for LjSpeech {
    fn format(&self) -> CorpusFormat {
        let what = "LJSpeech: wavs and a metadata.csv of id|text|normalised text";
        CorpusFormat { name: "ljspeech", what, given: Given::Either }
    }

    fn recognises(&self, description: &Description<'_>, wanted: &Wanted) -> io::Result<bool> {
        Ok(wanted.columns.given().is_none() && metadata(description)?.is_some())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let not_read = |source| Error::Open { path: path.to_path_buf(), source };
        let Some(file) = metadata(description).map_err(not_read)? else {
            return Err(not_laid_out(
                path,
                "wavs, and beside it a metadata.csv with `|` between fields",
            ));
        };
        let root = folder_of(&file).to_path_buf();
        let count = first_fields(&head(&file).map_err(not_read)?).len();
        let names = if count == 2 { "path,text" } else { "path,text,normalized_text" };
        let columns = ColumnNames::parse(Some(names), &[] as &[&str])?;
        let mut rows = Rows::new(CorpusKind::LjSpeech, printable(&file), &root);
        let mut faults = Faults::default();
        read_rows(&file, &mut rows, &columns, &mut faults)?;
        for row in &mut rows.rows {
            row.id = Some(percent_escaped(row.source.as_os_str().as_encoded_bytes()).into());
            row.source = recording(&root, &row.source).into();
        }
        rows.into_found(wanted, faults)
    }
}

/// The recording of an id: a file of that name, in `wavs/` or not, whose extension is left away.
fn recording(root: &Path, id: &Path) -> PathBuf {
    let with = |end: &str| {
        let mut name = Path::new(RECORDINGS).join(id).into_os_string();
        name.push(end);
        PathBuf::from(name)
    };
    let mut names = [".wav", ".flac", ".mp3", ".ogg", ".opus", ""].into_iter().map(with);
    names.find(|name| is_file(&root.join(name))).unwrap_or_else(|| with(".wav"))
}

/// The file that lists the recordings.
fn metadata(description: &Description<'_>) -> io::Result<Option<PathBuf>> {
    let has = |folder: &Path| {
        let file = folder.join(METADATA);
        if !is_folder(&folder.join(RECORDINGS)) || !is_file(&file) {
            return Ok(false);
        }
        let fields = first_fields(&head(&file)?);
        // A header names a column of paths.
        Ok(matches!(fields.len(), 2 | 3) && !Role::Path.is_called(&fields[0]))
    };
    if description.is_folder {
        return Ok(find(description.path, has)?.map(|folder| folder.join(METADATA)));
    }
    let path = description.path;
    let is_metadata = path.file_name().is_some_and(|name| name == METADATA);
    Ok((is_metadata && has(folder_of(path))?).then(|| path.to_path_buf()))
}
