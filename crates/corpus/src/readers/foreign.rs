//! Other programs' descriptions of corpora: recognised, named, and not read in this version.

use std::{
    io,
    path::{Path, PathBuf},
};

use ossicle_files::entries;

use crate::{
    error::Error,
    foreign_kind::ForeignKind,
    format::{CorpusFormat, Given},
    found::Found,
    readable::if_readable,
    readers::{
        reader::{Description, Reader, Wanted, changed},
        text::head,
    },
};

/// Refuses what another program describes. What is described there (segments, cuts) is not what a
/// search for recordings would find, and no list of paths.
#[derive(Debug)]
pub(crate) struct Foreign;

impl Reader for Foreign {
    fn format(&self) -> CorpusFormat {
        CorpusFormat {
            name: "arrow",
            what: "a table of columns in Arrow's format",
            given: Given::Either,
        }
    }

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
    /// The kind's name with its article, for messages ("a lhotse manifest of cuts").
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
        let kind = match path.file_name().and_then(ForeignKind::of) {
            None => ForeignKind::beginning(&head(path)?),
            of_name => of_name,
        };
        let file = path.to_path_buf();
        Ok(kind.map(|kind| Recognised { what: kind.in_words(), kind, file }))
    }

    /// Looks for a description at the top of a folder.
    fn in_folder(folder: &Path) -> io::Result<Option<Recognised>> {
        let Some(entries) = if_readable(entries(folder))? else { return Ok(None) };
        let mut files: Vec<_> = entries.map(|entry| entry.name()).collect();
        files.sort();
        if !files.iter().any(|file| file == "dataset_info.json") {
            return Ok(None);
        }
        let mut kinds = files.iter().filter_map(|file| Some((file, ForeignKind::of(file)?)));
        Ok(kinds.next().map(|(file, kind)| Recognised {
            what: "a Hugging Face dataset",
            kind,
            file: folder.join(file),
        }))
    }
}
