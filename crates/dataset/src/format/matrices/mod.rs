//! Matrices of features as people have them: Kaldi's arks and scripts, NumPy's arrays and archives, HTK's
//! parameter files.
//!
//! [`MatrixFile::open`] tells by its content what a file is and lists what is in it; [`MatrixFile::read`] reads
//! one of its matrices. Whatever a header promises is believed up to the size of the file.

mod compressed;
mod half;
mod htk;
mod kaldi;
mod matrix;
mod npz;
mod numpy;
mod script;
mod source;
mod text;
mod whole;

use std::path::{Path, PathBuf};

pub use matrix::Matrix;
use source::Source;

use crate::error::Error;

/// The format of a file of matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MatrixFormat {
    /// NumPy's array, `.npy`.
    Npy,
    /// NumPy's archive of arrays, `.npz`.
    Npz,
    /// Kaldi's archive, or a single matrix of it.
    Ark,
    /// Kaldi's script, `feats.scp`.
    Scp,
    /// HTK's parameter file.
    Htk,
}

/// A file of matrices, opened.
#[derive(Debug)]
pub struct MatrixFile {
    path: PathBuf,
    format: MatrixFormat,
    entries: Vec<Entry>,
}

/// A matrix of a file, which is not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    place: Place,
}

/// The place where a matrix is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// The whole file.
    Whole,
    /// In the file, from this byte on.
    At(u64),
    /// In an archive of ZIP.
    Member(npz::Member),
    /// Elsewhere, as a script says.
    Elsewhere(script::Target),
}

impl MatrixFile {
    /// Opens a file and lists its matrices. None if it is of none of the formats.
    ///
    /// # Errors
    /// If it cannot be opened or read, or is damaged where its list is.
    pub fn open(path: &Path) -> Result<Option<MatrixFile>, Error> {
        let mut source = Source::open(path)?;
        let head = source.head()?;
        let (format, entries) = if head.starts_with(numpy::MAGIC) {
            (MatrixFormat::Npy, vec![entry_of(path)])
        } else if head.starts_with(npz::MAGIC) {
            (MatrixFormat::Npz, listed(npz::members(&mut source)?, Place::Member))
        } else if kaldi::is_matrix(&head) {
            (MatrixFormat::Ark, vec![Entry { place: Place::At(0), ..entry_of(path) }])
        } else if kaldi::begins_ark(&head) {
            (MatrixFormat::Ark, listed(kaldi::entries(&mut source)?, Place::At))
        } else if htk::Header::read(&head, source.bytes).is_some() {
            (MatrixFormat::Htk, vec![entry_of(path)])
        } else if let Some(entries) = script::entries(&mut source, &head)? {
            (MatrixFormat::Scp, listed(entries, Place::Elsewhere))
        } else {
            return Ok(None);
        };
        Ok(Some(MatrixFile { path: path.to_owned(), format, entries }))
    }

    /// Returns the file's format.
    pub fn format(&self) -> MatrixFormat {
        self.format
    }

    /// Returns the names of the matrices, in the order of the file: utterances, arrays, or the file's own name.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.iter().map(|entry| &*entry.name)
    }

    /// Reads a matrix, by its number.
    ///
    /// # Errors
    /// If it cannot be read, is cut short or damaged, or is no matrix of numbers.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn read(&self, number: usize) -> Result<Matrix, Error> {
        let entry = &self.entries[number];
        let mut source = Source::open(match &entry.place {
            Place::Elsewhere(target) => &target.path,
            _ => &self.path,
        })?;
        match &entry.place {
            Place::Whole => whole::matrix(&mut source),
            Place::At(offset) => kaldi::matrix_at(&mut source, *offset),
            Place::Member(member) => npz::matrix(&mut source, member),
            Place::Elsewhere(target) => script::matrix(&mut source, target),
        }
    }
}

/// Makes entries of names and what says where their matrices are.
fn listed<T>(of: Vec<(String, T)>, place: impl Fn(T) -> Place) -> Vec<Entry> {
    of.into_iter().map(|(name, of)| Entry { name, place: place(of) }).collect()
}

/// The entry of a file that is one matrix.
fn entry_of(path: &Path) -> Entry {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Entry { name, place: Place::Whole }
}

#[cfg(test)]
mod tests;
