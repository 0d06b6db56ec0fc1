//! Data folders of Kaldi: `wav.scp` and what lies beside it.
//!
//! The format is that of Kaldi's page "Data preparation". What must agree is what its own check of such
//! folders asks for, but for the order of lines, which changes nothing here.

mod entry;
mod folder;
mod line;
mod listing;
mod recordings;
mod segments;
mod speakers;

use std::{
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{is_file, printable};

use self::folder::{DataFolder, FEATS_SCP, WAV_SCP};
use crate::{
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    names::folder_of,
    readers::{
        faults::{At, Faults},
        reader::{Description, Reader, Wanted},
        text::head,
    },
    recording::{Sought, has_extension, has_recording_name},
};

/// Reads a data folder, or a `.scp` list of recordings with their ids. A `wav.scp` given itself is the
/// folder that it is in.
#[derive(Debug)]
pub(crate) struct Kaldi;

impl Reader for Kaldi {
    fn format(&self) -> CorpusFormat {
        CorpusFormat {
            name: "kaldi",
            what: "a data folder of Kaldi's, or its list of recordings",
            given: Given::Either,
        }
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        let path = description.path;
        Ok(match description.is_folder {
            true => is_file(&path.join(WAV_SCP)) || has_features_alone(path),
            false if path.file_name() == Some(OsStr::new(WAV_SCP)) => true,
            false => {
                path.file_name().is_some_and(|name| has_extension(name, &["scp"]))
                    && has_ids(&head(path)?)
            }
        })
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let (folder, list): (&Path, PathBuf) = match description.is_folder {
            true => (path, path.join(WAV_SCP)),
            false => (folder_of(path), path.to_path_buf()),
        };
        if description.is_folder && has_features_alone(path) {
            return Err(features_alone(path));
        }
        // Another list may be a part of the folder's recordings, or of another's.
        let is_whole = list.file_name() == Some(OsStr::new(WAV_SCP));
        let data = DataFolder::read(folder, &list, is_whole, wanted)?;
        data.into_found(wanted, description.is_folder)
    }
}

/// Returns whether a data folder has features instead of recordings.
fn has_features_alone(folder: &Path) -> bool {
    let has = |name: &str| is_file(&folder.join(name));
    // Recordings may have features of somebody's beside them.
    has(FEATS_SCP) && has("utt2spk") && !has(WAV_SCP)
}

/// The error of a data folder that has features instead of recordings.
fn features_alone(folder: &Path) -> Error {
    let file = printable(&folder.join(FEATS_SCP));
    let mut faults = Faults::default();
    faults.add(At { file: &file, line: 0, column: 0 }, "features", || {
        format!(
            "it has features, and there is no {WAV_SCP} beside it; features are computed of recordings: put the \
             {WAV_SCP} that these were made of beside it"
        )
    });
    match faults.check(&file) {
        Err(error) => error,
        Ok(()) => unreachable!("a fault was added"),
    }
}

/// Returns whether lines begin with an id, where HTK's begin with the name of a file and have no more than two.
fn has_ids(head: &[u8]) -> bool {
    let line = head.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let mut words = line.unwrap_or_default().split(u8::is_ascii_whitespace);
    let mut words = words.by_ref().filter(|word| !word.is_empty());
    let (Some(first), Some(_)) = (words.next(), words.next()) else { return false };
    let is_audio = std::str::from_utf8(first)
        .is_ok_and(|first| has_recording_name(first.as_ref(), Sought::RawAudioToo));
    !is_audio
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_kaldis_begins_with_an_id() {
        for text in ["a b.wav", "\n\na\tb.wav\n", "é sph2pipe a.sph |"] {
            assert!(has_ids(text.as_bytes()), "{text}");
        }
        for text in ["", "a.wav", "a.wav b.mfc", "a.fea=a.wav[0,9]\n", " \n"] {
            assert!(!has_ids(text.as_bytes()), "{text}");
        }
    }
}
