//! Other programs' descriptions of corpora: recognised, named, and not read in this version.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use ossicle_files::{OpenError, open_regular};

use crate::{
    error::Error,
    foreign_kind::ForeignKind,
    found::Found,
    readers::reader::{Description, Reader, Wanted, changed, if_readable},
    recording::{Sought, has_recording_name},
};

/// Refuses what another program describes. What is described there (segments, cuts) is not what a
/// search for recordings would find, and no list of paths.
#[derive(Debug)]
pub(crate) struct Foreign;

impl Reader for Foreign {
    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        Ok(Recognised::new(description)?.is_some())
    }

    fn read(&self, description: &Description<'_>, _: &Wanted) -> Result<Found, Error> {
        let path = description.path.to_path_buf();
        match Recognised::new(description) {
            Ok(Some(Recognised { what, kind, file })) => {
                Err(Error::NotReadYet { path, what, kind, file })
            }
            Ok(None) => Err(changed(&path)),
            Err(source) => Err(Error::Open { path, source }),
        }
    }
}

/// A description that was recognised.
struct Recognised {
    /// The kind's name with its article, for messages ("a Kaldi data directory").
    what: &'static str,
    kind: ForeignKind,
    /// The file that shows it.
    file: PathBuf,
}

impl Recognised {
    fn new(description: &Description<'_>) -> io::Result<Option<Recognised>> {
        let path = description.path;
        if description.is_folder {
            return Recognised::in_folder(path);
        }
        let Some(kind) = path.file_name().and_then(ForeignKind::of) else { return Ok(None) };
        let kind = match kind {
            // A `wav.scp` is Kaldi's, whatever is in it.
            ForeignKind::Kaldi
                if path.file_name() != Some("wav.scp".as_ref())
                    && if_readable(is_htk_script(path))?.unwrap_or(false) =>
            {
                ForeignKind::HtkScript
            }
            kind => kind,
        };
        Ok(Some(Recognised { what: kind.in_words(), kind, file: path.to_path_buf() }))
    }

    /// Looks for a description at the top of a folder.
    fn in_folder(folder: &Path) -> io::Result<Option<Recognised>> {
        let Some(entries) = if_readable(fs::read_dir(folder))? else { return Ok(None) };
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
            ForeignKind::HtkScript | ForeignKind::Json | ForeignKind::Table => false,
        });
        Ok(described.min_by_key(|(_, kind)| *kind).map(|(file, kind)| Recognised {
            what: match kind {
                ForeignKind::Kaldi => "a data folder of Kaldi or ESPnet",
                ForeignKind::LhotseRecordings | ForeignKind::LhotseCuts => {
                    "a folder of lhotse manifests"
                }
                _ => "a Hugging Face dataset",
            },
            kind,
            file: folder.join(file),
        }))
    }
}

/// Returns whether a `.scp` file is HTK's: its lines begin with a path, where Kaldi's begin with an id.
fn is_htk_script(path: &Path) -> io::Result<bool> {
    /// No path is longer.
    const MOST_BYTES: u64 = 4096;
    let opened = match open_regular(path) {
        Ok(opened) => opened,
        Err(OpenError::Io(error)) => return Err(error),
        Err(OpenError::NotRegular { .. }) => return Ok(false),
    };
    let mut head = Vec::new();
    opened.file.take(MOST_BYTES).read_to_end(&mut head)?;
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    Ok(!first.is_empty() && (second.is_none() || is_named_like_audio(first)))
}

fn is_named_like_audio(word: &[u8]) -> bool {
    std::str::from_utf8(word)
        .is_ok_and(|word| has_recording_name(word.as_ref(), Sought::RawAudioToo))
}
