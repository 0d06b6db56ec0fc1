//! Parquet files with recordings in a column, as Hugging Face's `datasets` writes them: their bytes, or the
//! paths of their files.
//!
//! A corpus is listed without its recordings: of each row group the other columns are read, some rows at once.

mod ids;
mod rows;
mod schema;
mod splits;
mod values;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{OpenError, open_source, printable};

use self::{
    ids::{Stems, give_ids},
    rows::read_rows,
    schema::{Schema, SchemaError},
    splits::split_of_file,
};
use crate::{
    archives::ParquetFile,
    common_folder::{common_folder, comparable},
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    names::folder_of,
    readers::{
        faults::{At, Faults},
        files_in::files_in,
        reader::{Description, Reader, Wanted, changed, not_opened},
        rows::Rows,
        split_names::splits_by,
    },
    recording::has_extension,
};

/// The format of a file.
pub(crate) const PARQUET: CorpusFormat = CorpusFormat {
    name: "parquet",
    what: "a Parquet file with recordings or their paths in a column",
    given: Given::File,
};

/// Reads a file.
#[derive(Debug)]
pub(crate) struct Parquet;

impl Reader for Parquet {
    fn format(&self) -> CorpusFormat {
        PARQUET
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        let name = description.path.file_name().unwrap_or_default();
        Ok(!description.is_folder && has_parquet_name(name))
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        read_all(&[description.path.to_path_buf()], wanted, None)
    }
}

/// Reads a folder of files, or of folders of them.
#[derive(Debug)]
pub(crate) struct ParquetFolder;

impl Reader for ParquetFolder {
    fn format(&self) -> CorpusFormat {
        let what = "a folder of Parquet files, as Hugging Face has them";
        CorpusFormat { name: "parquet-folder", what, given: Given::Folder }
    }

    fn recognises(&self, description: &Description<'_>, wanted: &Wanted) -> io::Result<bool> {
        Ok(description.is_folder && !tables_in(description.path, wanted)?.is_empty())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let files = tables_in(path, wanted)
            .map_err(|source| Error::Open { path: path.to_path_buf(), source })?;
        match files.is_empty() {
            true => Err(changed(path)),
            false => read_all(&files, wanted, Some(path)),
        }
    }
}

/// Reads paths that all have names of Parquet files as one corpus; none where some have others.
pub(crate) fn read_tables(paths: &[PathBuf], wanted: &Wanted) -> Result<Option<Found>, Error> {
    match paths.iter().all(|path| has_parquet_name(path.file_name().unwrap_or_default())) {
        true => read_all(paths, wanted, None).map(Some),
        false => Ok(None),
    }
}

fn has_parquet_name(name: &OsStr) -> bool {
    has_extension(name, &["parquet"])
}

/// The files in a folder: Hugging Face has folders of configurations, and in them one for each split.
fn tables_in(folder: &Path, wanted: &Wanted) -> io::Result<Vec<PathBuf>> {
    files_in(folder, 3, wanted, has_parquet_name)
}

/// Reads files as one corpus. Where there are several and their names say which splits they are, they are.
///
/// - `folder`: the folder that all of them are in, if that is what was given
fn read_all(paths: &[PathBuf], wanted: &Wanted, folder: Option<&Path>) -> Result<Found, Error> {
    let paths = comparable(paths)?;
    let root = match folder {
        Some(folder) => folder.to_path_buf(),
        None => common_folder(&paths.iter().map(|path| folder_of(path).into()).collect::<Vec<_>>()),
    };
    let what = match &paths[..] {
        [path] => printable(path),
        _ => printable(&root),
    };
    let splits = match folder.is_some() || paths.len() > 1 {
        true => splits_by(&paths, split_of_file),
        false => None,
    };
    let mut rows = Rows::new(CorpusKind::Parquet, what.clone(), &root);
    let mut faults = Faults::of_rows();
    let (mut stems, mut passed_over) = (Stems::default(), BTreeMap::new());
    let mut has_splits = false;
    let split_of = |number: usize| splits.as_ref().map(|(_, of_paths)| of_paths[number]);
    let mut order: Vec<usize> = (0..paths.len()).collect();
    // Splits come in the order of their rows.
    order.sort_by_key(|&number| split_of(number));
    for number in order {
        let path = &paths[number];
        let split = splits.as_ref().map(|(names, of_paths)| &*names[of_paths[number] as usize]);
        let Some((file, schema)) = open(path, wanted, &mut faults)? else { continue };
        for (column, kind) in &schema.passed_over {
            *passed_over.entry((column.clone(), *kind)).or_insert(0_u64) += 1;
        }
        has_splits |= schema.has_splits || split.is_some();
        let source = path.strip_prefix(&root).unwrap_or(path).into();
        let into = (&mut rows.rows, &mut stems);
        if let Err(error) = read_rows(&file, &schema, (path, &source), split, into, &mut faults) {
            faults.add(at(&printable(path)), "files that cannot be read", || format!("it {error}"));
        }
    }
    rows.has_splits = has_splits;
    if faults.is_empty() {
        rows.notices.extend(give_ids(&mut rows.rows, stems));
        rows.notices.extend(not_carried(&what, &passed_over));
    }
    rows.into_found(wanted, faults)
}

/// Opens a file and finds out what its columns say; none where that is a fault.
fn open(
    path: &Path,
    wanted: &Wanted,
    faults: &mut Faults,
) -> Result<Option<(ParquetFile, Schema)>, Error> {
    let opened = open_source(path).map_err(|error| match error {
        OpenError::Io(source) => not_opened(path, source),
        OpenError::NotRegular { .. } => Error::NotACorpus { path: path.to_path_buf() },
    })?;
    let file = match ParquetFile::read(opened) {
        Ok(file) => file,
        Err(error) => {
            faults.add(at(&printable(path)), "files that cannot be read", || format!("it {error}"));
            return Ok(None);
        }
    };
    match Schema::of(&file, wanted.columns) {
        Ok(schema) => Ok(Some((file, schema))),
        Err(SchemaError::Several(columns)) => {
            Err(Error::SeveralAudioColumns { path: path.to_path_buf(), columns })
        }
        Err(error) => {
            faults.add(at(&printable(path)), "columns that are no corpus", || error.to_string());
            Ok(None)
        }
    }
}

/// Tells which columns are not carried.
fn not_carried(what: &str, columns: &BTreeMap<(String, &str), u64>) -> Option<String> {
    const MOST: usize = 8;
    let mut names: Vec<String> = columns
        .keys()
        .take(MOST)
        .map(|(name, kind)| format!("`{}` ({kind})", crate::names::shown(name)))
        .collect();
    if columns.len() > MOST {
        names.push("…".to_owned());
    }
    let list = names.join(", ");
    Some(match columns.len() {
        0 => return None,
        1 => format!("{what}: the column {list} is not carried"),
        count => format!("{what}: {count} columns are not carried: {list}"),
    })
}

/// Names a file in a fault.
fn at(file: &str) -> At<'_> {
    At { file, line: 0, column: 0 }
}
