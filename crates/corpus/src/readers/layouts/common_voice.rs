//! Common Voice: a language's folder with `clips/` and a table for each split.
//!
//! The layout is that of its releases (`cv-corpus-17.0-2024-03-15/en`): `train.tsv`, `dev.tsv` and `test.tsv`
//! share no recording; `validated.tsv`, which has all of theirs, `invalidated.tsv` and `other.tsv` are no splits.

use std::{
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{is_file, is_folder, printable};

use super::{find, not_laid_out};
use crate::{
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    readers::{
        faults::Faults,
        reader::{Description, Reader, Wanted},
        rows::Rows,
        table::read_rows,
    },
};

/// Reads the folder of a language.
#[derive(Debug)]
pub(crate) struct CommonVoice;

const RECORDINGS: &str = "clips";
const SPLITS: [&str; 3] = ["train", "dev", "test"];
const OTHERS: [&str; 3] = ["validated", "other", "invalidated"];

impl Reader for CommonVoice {
    fn format(&self) -> CorpusFormat {
        let what = "Common Voice: a language's folder with clips and train.tsv, dev.tsv, test.tsv";
        CorpusFormat { name: "common-voice", what, given: Given::Folder }
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        Ok(description.is_folder && find(description.path, has_tables)?.is_some())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let root = find(path, has_tables);
        let root = root.map_err(|source| Error::Open { path: path.to_path_buf(), source })?;
        let Some(root) = root else {
            return Err(not_laid_out(path, "clips, and train.tsv, dev.tsv or test.tsv beside it"));
        };
        let mut rows = Rows::new(CorpusKind::CommonVoice, printable(&root), &root);
        let mut faults = Faults::default();
        let splits: Vec<&str> = there(&root, &SPLITS).collect();
        let read = match splits.is_empty() {
            false => splits,
            // Of a language that is too small for splits, what was validated is all there is.
            true => there(&root, &OTHERS).take(1).collect(),
        };
        rows.has_splits = read.iter().any(|name| SPLITS.contains(name));
        for name in &read {
            let before = rows.rows.len();
            match read_rows(&table(&root, name), &mut rows, wanted.columns, &mut faults) {
                // A split may have nothing but its header, or not even that.
                Err(Error::DescriptionEmpty { .. }) => {}
                read => read?,
            }
            for row in &mut rows.rows[before..] {
                row.split = Some((*name).into());
            }
        }
        let mut others: Vec<String> =
            there(&root, &OTHERS).map(|name| format!("{name}.tsv")).collect();
        others.retain(|other| !read.iter().any(|name| *other == format!("{name}.tsv")));
        if !others.is_empty() {
            rows.notices.push(format!(
                "{}: {} not read; give such a table itself to read it",
                rows.file,
                match &others[..] {
                    [one] => format!("{one} is"),
                    several => format!("{} are", several.join(", ")),
                }
            ));
        }
        rows.into_found(wanted, faults)
    }
}

fn table(root: &Path, name: &str) -> PathBuf {
    root.join(format!("{name}.tsv"))
}

/// Those of the tables that are there.
fn there<'a>(
    root: &Path,
    names: &'a [&'static str],
) -> impl Iterator<Item = &'static str> + use<'a> {
    let root = root.to_path_buf();
    names.iter().copied().filter(move |name| is_file(&table(&root, name)))
}

fn has_tables(folder: &Path) -> io::Result<bool> {
    let mut tables = SPLITS.iter().chain(&OTHERS);
    Ok(is_folder(&folder.join(RECORDINGS)) && tables.any(|name| is_file(&table(folder, name))))
}
