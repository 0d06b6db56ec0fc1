//! Any folder of recordings, and the single recording as the smallest such folder.

use std::{
    collections::{BTreeSet, HashMap},
    ffi::OsStr,
    path::{Path, PathBuf},
};

use ossicle_files::printable;

use crate::{
    corpus::CorpusKind,
    error::Error,
    found::Found,
    names::{assign_ids, folder_of},
    options::DiscoverOptions,
    recording::{Sought, stem},
    utterance::Utterance,
    walk::Walk,
};

/// Reads every recording below a folder. Its id is the path without extension; its alignment is the
/// `.PHN` (in any case) beside it.
pub(crate) fn read_folder(root: &Path, options: &DiscoverOptions) -> Result<Found, Error> {
    let mut walk = Walk::default();
    walk.below(root, root, options.sought, options.alignments)?;
    if walk.recordings.is_empty() {
        return Err(Error::NoRecordings {
            path: root.to_path_buf(),
            ignored_files: walk.ignored_files,
            unreadable_folders: walk.unreadable.count,
            sought: options.sought,
        });
    }
    let notices = walk.notices();
    let ids = assign_ids(&walk.recordings, options.sought).map_err(|(first, second)| {
        Error::DuplicateId {
            id: printable(&walk.recordings[first]),
            first: printable(&walk.recordings[first]),
            second: printable(&walk.recordings[second]),
        }
    })?;
    let mut alignments = Alignments::new(walk.alignments);
    let utterances = ids
        .into_iter()
        .zip(walk.recordings)
        .map(|(id, source)| {
            let alignment = alignments.of(&source, options.sought);
            Utterance { alignment, ..Utterance::look_at(id, root, source) }
        })
        .collect();
    Ok(Found {
        kind: CorpusKind::Folder,
        root: root.to_path_buf(),
        utterances,
        ignored_files: walk.ignored_files + alignments.unused(),
        walked: walk.walked,
        notices,
    })
}

/// Reads a recording that was itself given as the corpus.
pub(crate) fn read_recording(path: &Path, options: &DiscoverOptions) -> Found {
    let root = folder_of(path);
    let source = PathBuf::from(path.file_name().unwrap_or_default());
    let id = printable(&stem(&source, options.sought));
    let alignment =
        if options.alignments { alignment_beside(root, &source, options.sought) } else { None };
    Found {
        kind: CorpusKind::Folder,
        root: root.to_path_buf(),
        utterances: vec![Utterance { alignment, ..Utterance::look_at(id, root, source) }],
        ignored_files: 0,
        walked: BTreeSet::new(),
        notices: Vec::new(),
    }
}

/// The alignment beside a recording that was not found by a walk: asks for `.PHN` in every case.
pub(crate) fn alignment_beside(root: &Path, source: &Path, sought: Sought) -> Option<Box<Path>> {
    let stem = stem(source, sought);
    ["PHN", "phn", "Phn", "PHn", "PhN", "pHN", "pHn", "phN"]
        .iter()
        .map(|extension| with_extension(&stem, extension.as_ref()))
        .find(|alignment| root.join(alignment).symlink_metadata().is_ok())
        .map(PathBuf::into_boxed_path)
}

/// The stem may have a dot of its own, after which nothing may be replaced.
fn with_extension(stem: &Path, extension: &OsStr) -> PathBuf {
    let mut path = stem.as_os_str().to_owned();
    path.push(".");
    path.push(extension);
    path.into()
}

/// The alignments that a walk found, by the path without extension.
struct Alignments {
    found: u64,
    /// With whether some recording has it.
    by_stem: HashMap<PathBuf, (Box<OsStr>, bool)>,
}

impl Alignments {
    fn new(sorted: Vec<PathBuf>) -> Alignments {
        let found = sorted.len() as u64;
        let mut by_stem = HashMap::with_capacity(sorted.len());
        for path in sorted {
            let extension = path.extension().unwrap_or_default().into();
            // Of `a.PHN` and `a.phn`, the first in order counts.
            by_stem.entry(path.with_extension("")).or_insert((extension, false));
        }
        Alignments { found, by_stem }
    }

    fn of(&mut self, source: &Path, sought: Sought) -> Option<Box<Path>> {
        let stem = stem(source, sought);
        let (extension, used) = self.by_stem.get_mut(&stem)?;
        *used = true;
        Some(with_extension(&stem, extension).into_boxed_path())
    }

    fn unused(&self) -> u64 {
        self.found - self.by_stem.values().filter(|(_, used)| *used).count() as u64
    }
}
