//! VCTK: `wav48_silence_trimmed/SPEAKER/SPEAKER_NUMBER_mic1.flac` and `txt/SPEAKER/SPEAKER_NUMBER.txt`.
//!
//! The layout is that of version 0.92 (its README; DOI 10.7488/ds/2645), where two microphones have each
//! utterance. Before, it was `wav48/SPEAKER/SPEAKER_NUMBER.wav`.

use std::{
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{be, counted, is_folder, printable};

use super::{find, name_of, not_laid_out, stem_of, text_in, walk, without_text};
use crate::{
    corpus::CorpusKind,
    error::Error,
    extra::Column,
    format::{CorpusFormat, Given},
    found::Found,
    left_out::Reason,
    readers::{
        faults::Faults,
        reader::{Description, Reader, Wanted},
        rows::Row,
    },
};

/// Reads the recordings of the first microphone, which has all of them.
#[derive(Debug)]
pub(crate) struct Vctk;

/// The folders of recordings, of version 0.92 and before.
const RECORDINGS: [&str; 2] = ["wav48_silence_trimmed", "wav48"];

impl Reader for Vctk {
    fn format(&self) -> CorpusFormat {
        let what = "VCTK: wav48_silence_trimmed/SPEAKER (or wav48) and txt";
        CorpusFormat { name: "vctk", what, given: Given::Folder }
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        Ok(description.is_folder && find_recordings(description.path)?.is_some())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let found = find_recordings(path);
        let found = found.map_err(|source| Error::Open { path: path.to_path_buf(), source })?;
        let Some((root, folder)) = found else {
            return Err(not_laid_out(path, "wav48_silence_trimmed or wav48, and txt beside it"));
        };
        let (mut rows, recordings) = walk(CorpusKind::Vctk, &root, &[root.join(folder)], wanted)?;
        let mut second = 0_u64;
        for source in recordings {
            let stem = stem_of(&source, wanted);
            if stem.ends_with("_mic2") {
                second += 1;
                rows.left_out.add(Reason::AnotherCopy, &printable(&source));
                continue;
            }
            let id = stem.strip_suffix("_mic1").unwrap_or(&stem).to_owned();
            let speaker = name_of(source.parent().unwrap_or(Path::new("")));
            let text = text_in(&root.join("txt").join(&speaker).join(format!("{id}.txt")));
            let columns = text.map(|text| ("text".to_owned(), text.into()));
            let Ok(columns) = Column::all(columns) else { unreachable!("it is one name") };
            let (id, speaker, source) = (Some(id.into()), Some(speaker.into()), source.into());
            rows.rows.push(Row { id, speaker, columns, source, ..Row::default() });
        }
        if second > 0 {
            rows.notices.push(format!(
                "{}: {} of the second microphone (mic2) {} left out; the first, which all utterances have, \
                 is read",
                rows.file,
                counted(second, "recording"),
                be(second)
            ));
        }
        rows.notices.extend(without_text(&rows));
        rows.into_found(wanted, Faults::default())
    }
}

/// The corpus' folder, and the one in it that has the recordings.
fn find_recordings(given: &Path) -> io::Result<Option<(PathBuf, &'static str)>> {
    let has = |folder: &Path| RECORDINGS.into_iter().find(|name| is_folder(&folder.join(name)));
    let root = find(given, |folder| Ok(has(folder).is_some() && is_folder(&folder.join("txt"))))?;
    Ok(root.and_then(|root| has(&root).map(|name| (root, name))))
}
