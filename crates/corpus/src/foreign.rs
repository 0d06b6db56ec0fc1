//! Other programs' descriptions of corpora: recognised, named, and not read in this version.

use std::{fs, path::Path};

use crate::{error::Error, foreign_kind::ForeignKind};

/// Refuses a folder that holds another program's description of a corpus at its top. What is
/// described there (segments, cuts) is not what a search for recordings would find.
pub(crate) fn refuse_folder(folder: &Path) -> Result<(), Error> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    files.sort();
    let is_dataset = files.iter().any(|file| file == "dataset_info.json");
    let kinds = files.iter().filter_map(|file| Some((file, ForeignKind::of(file)?)));
    // The first in order counts, but recordings describe a corpus better than cuts do.
    let described = kinds.filter(|(file, kind)| match kind {
        // Only this one: other `.scp` files may list anything.
        ForeignKind::Kaldi => *file == "wav.scp",
        ForeignKind::LhotseRecordings | ForeignKind::LhotseCuts => true,
        ForeignKind::Columns => is_dataset,
        ForeignKind::Json | ForeignKind::Table => false,
    });
    match described.min_by_key(|(_, kind)| *kind) {
        None => Ok(()),
        Some((file, kind)) => Err(Error::NotReadYet {
            path: folder.to_path_buf(),
            what: match kind {
                ForeignKind::Kaldi => "a data folder of Kaldi or ESPnet",
                ForeignKind::LhotseRecordings | ForeignKind::LhotseCuts => {
                    "a folder of lhotse manifests"
                }
                _ => "a Hugging Face dataset",
            },
            kind,
            file: folder.join(file),
        }),
    }
}

/// Refuses a file that is another program's description of a corpus, given as if it were a list.
pub(crate) fn refuse_file(file: &Path) -> Result<(), Error> {
    match file.file_name().and_then(ForeignKind::of) {
        None => Ok(()),
        Some(kind) => Err(Error::NotReadYet {
            path: file.to_path_buf(),
            what: kind.in_words(),
            kind,
            file: file.to_path_buf(),
        }),
    }
}
