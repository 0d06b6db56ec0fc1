//! Corpora that are known by how their folders are laid out, a file for each.

mod buckeye;
mod common_voice;
mod libri;
mod ljspeech;
mod speech_commands;
mod vctk;

use std::{
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{percent_escaped, printable, read_small};

pub(super) use self::{
    buckeye::Buckeye, common_voice::CommonVoice, libri::Libri, ljspeech::LjSpeech,
    speech_commands::SpeechCommands, vctk::Vctk,
};
use crate::{
    corpus::CorpusKind,
    error::Error,
    names::id_of_folder,
    readable::subfolders,
    readers::{
        faults::{At, Faults},
        reader::Wanted,
        rows::{Row, Rows},
    },
    recording::stem,
    walk::Walk,
};

/// No text of one utterance is longer.
const MOST_TEXT_BYTES: u64 = 1 << 20;

/// What is found below folders of a layout: the rows that are to be filled, and the recordings, in order and
/// relative to the root.
fn walk(
    kind: CorpusKind,
    root: &Path,
    starts: &[PathBuf],
    wanted: &Wanted,
) -> Result<(Rows, Vec<PathBuf>), Error> {
    let starts: Vec<&Path> = starts.iter().map(PathBuf::as_path).collect();
    let walk = Walk::through(root, &starts, wanted.sought, wanted.tiers)?;
    let mut rows = Rows::new(kind, printable(root), root);
    rows.notices = walk.notices();
    let closed = |folder: PathBuf| Row {
        id: Some(id_of_folder(&folder).into()),
        source: folder.into(),
        ..Row::default()
    };
    rows.closed = walk.unreadable_folders().into_iter().map(closed).collect();
    rows.ignored = walk.ignored;
    rows.left_out = walk.left_out;
    rows.walked = walk.walked;
    Ok((rows, walk.recordings))
}

/// The error of a folder that is not laid out so.
///
/// - `expected`: how it should be
fn not_laid_out(folder: &Path, expected: &str) -> Error {
    let file = printable(folder);
    let mut faults = Faults::default();
    let at = At { file: &file, line: 0, column: 0 };
    faults.add(at, "layouts", || format!("expected {expected}, found no such folders"));
    match faults.check(&file) {
        Err(error) => error,
        Ok(()) => unreachable!("a fault was added"),
    }
}

/// The folder that has a layout: the one given, or the only one in it that has.
fn find(given: &Path, has: impl Fn(&Path) -> io::Result<bool>) -> io::Result<Option<PathBuf>> {
    if has(given)? {
        return Ok(Some(given.to_path_buf()));
    }
    let mut found = None;
    // Downloads are unpacked into a folder or two.
    const MOST_WRAPPERS: usize = 8;
    let folders = subfolders(given)?;
    for folder in folders.into_iter().take(MOST_WRAPPERS) {
        if has(&folder)? && found.replace(folder).is_some() {
            return Ok(None);
        }
    }
    Ok(found)
}

/// The name of a file or a folder as text, escaped where it is none.
fn name_of(path: &Path) -> String {
    percent_escaped(path.file_name().unwrap_or_default().as_encoded_bytes())
}

/// The name of a recording without its extension.
fn stem_of(path: &Path, wanted: &Wanted) -> String {
    name_of(&stem(path, wanted.sought))
}

/// The text of a file that has one utterance's, without blanks at its ends; none where it cannot be read.
fn text_in(path: &Path) -> Option<String> {
    let text = read_small(path, MOST_TEXT_BYTES).ok()?;
    Some(text.trim_start_matches('\u{feff}').trim().to_owned())
}

/// A line about recordings whose text is missing; none where none is.
fn without_text(rows: &Rows) -> Option<String> {
    let mut lacking = rows.rows.iter().filter(|row| row.columns.is_empty());
    let first = lacking.next()?.id.clone().unwrap_or_default();
    let (count, file) = (lacking.count() + 1, &rows.file);
    Some(match count {
        1 => format!("{file}: the recording `{first}` has no text"),
        _ => format!("{file}: {count} recordings have no text; the first is `{first}`"),
    })
}
