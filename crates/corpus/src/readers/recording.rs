//! The single recording that is itself given as the corpus: the smallest folder of recordings.

use std::io;

use ossicle_files::{below, percent_escaped, without_query};

use crate::{
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    names::folder_of,
    readable::if_readable,
    readers::{
        beside::Alignments,
        reader::{Description, Reader, Wanted},
    },
    recording::{Sought, begins_like_a_recording, has_recording_name, is_headerless, stem},
    utterance::Utterance,
};

/// Reads a recording, with the alignment beside it.
#[derive(Debug)]
pub(crate) struct Recording;

impl Reader for Recording {
    fn format(&self) -> CorpusFormat {
        CorpusFormat { name: "recording", what: "a recording", given: Given::File }
    }

    fn recognises(&self, description: &Description<'_>, wanted: &Wanted) -> io::Result<bool> {
        let name = description.path.file_name().unwrap_or_default();
        // Headerless audio is recognised, and refused, before it is taken for a list of paths.
        Ok(!description.is_folder
            && (is_headerless(name) || is_recording(description, wanted.sought)?))
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let not_seen = |source| Error::Open { path: path.to_path_buf(), source };
        if is_headerless(path.file_name().unwrap_or_default())
            && !is_recording(description, wanted.sought).map_err(not_seen)?
        {
            return Err(Error::Headerless { path: path.to_path_buf() });
        }
        let root = folder_of(path);
        let source = below(path, root).to_path_buf();
        let id = stem(without_query(path), wanted.sought);
        let id = percent_escaped(id.file_name().unwrap_or_default().as_encoded_bytes());
        let alignment = Alignments::beside(root, wanted.tiers).of(&source, wanted.sought);
        let utterance = Utterance { alignment, ..Utterance::look_at(id, root, source) };
        Ok(Found::unsplit(CorpusKind::Folder, root, vec![utterance]))
    }
}

/// Returns whether a file counts as a recording, by its name or else by how it begins.
fn is_recording(description: &Description<'_>, sought: Sought) -> io::Result<bool> {
    let name = without_query(description.path).file_name().unwrap_or_default();
    Ok(match sought {
        Sought::StandIns(stand_ins) => stand_ins.have_name(name),
        _ if has_recording_name(name, sought) => true,
        _ => if_readable(begins_like_a_recording(description.path))?.unwrap_or(false),
    })
}
