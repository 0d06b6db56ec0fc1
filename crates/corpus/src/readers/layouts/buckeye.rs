//! The Buckeye corpus: `s01/s0101a.wav`, a folder a speaker.
//!
//! The layout is that of the corpus' manual (M. A. Pitt et al., "Buckeye corpus of conversational speech",
//! second release, 2007): 40 speakers, `s01` to `s40`, whose interviews are cut into recordings of some ten
//! minutes, each perhaps in a folder of its own name.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{find, name_of, not_laid_out, stem_of, subfolders, walk};
use ossicle_files::entries;

use crate::{
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    readable::if_readable,
    readers::{
        faults::Faults,
        reader::{Description, Reader, Wanted},
        rows::Row,
    },
};

/// Reads the speakers' recordings.
#[derive(Debug)]
pub(crate) struct Buckeye;

impl Reader for Buckeye {
    fn format(&self) -> CorpusFormat {
        let what = "the Buckeye corpus: s01/s0101a.wav";
        CorpusFormat { name: "buckeye", what, given: Given::Folder }
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        Ok(description.is_folder && find(description.path, has_speakers)?.is_some())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let not_read = |source| Error::Open { path: path.to_path_buf(), source };
        let Some(root) = find(path, has_speakers).map_err(not_read)? else {
            return Err(not_laid_out(path, "folders s01 to s40 with recordings as s0101a.wav"));
        };
        let speakers = speakers(&root).map_err(not_read)?;
        let (mut rows, recordings) = walk(CorpusKind::Buckeye, &root, &speakers, wanted)?;
        for source in recordings {
            let speaker = source.iter().next().map(|folder| name_of(Path::new(folder)));
            rows.rows.push(Row {
                id: Some(stem_of(&source, wanted).into()),
                speaker: speaker.map(Into::into),
                source: source.into(),
                ..Row::default()
            });
        }
        rows.into_found(wanted, Faults::default())
    }
}

/// The speakers' folders.
fn speakers(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = subfolders(folder)?;
    folders.retain(|folder| is_speaker(&name_of(folder)));
    Ok(folders)
}

/// Returns whether a folder of a speaker has a recording of that speaker, or a folder for it.
fn has_speakers(folder: &Path) -> io::Result<bool> {
    for speaker in speakers(folder)? {
        let name = name_of(&speaker);
        let Some(entries) = if_readable(entries(&speaker))? else { continue };
        let mut names = entries.map(|entry| name_of(&entry.path));
        if names.any(|file| is_recording_of(&name, &file)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `s01` to `s40`.
fn is_speaker(name: &str) -> bool {
    matches!(name.as_bytes(), [b's', b'0'..=b'4', b'0'..=b'9'])
}

/// `s0101a`, whatever is behind a dot.
fn is_recording_of(speaker: &str, name: &str) -> bool {
    let rest = name.strip_prefix(speaker).unwrap_or_default();
    matches!(rest.as_bytes(), [b'0'..=b'9', b'0'..=b'9', b'a'..=b'd', rest @ ..]
        if rest.is_empty() || rest.starts_with(b"."))
}
