//! Alignments that lie beside their recordings: of the same name, with the extension `.PHN`.

use std::{
    collections::{HashMap, hash_map::Entry},
    ffi::OsStr,
    path::{Path, PathBuf},
};

use crate::recording::{Sought, stem, undoubled};

/// The alignment beside a recording that was not found by a walk: asks for `.PHN` in every case.
pub(crate) fn alignment_beside(root: &Path, source: &Path, sought: Sought) -> Option<Box<Path>> {
    let in_any_case = |stem: PathBuf| {
        ["PHN", "phn", "Phn", "PHn", "PhN", "pHN", "pHn", "phN"]
            .iter()
            .map(|extension| with_extension(&stem, extension.as_ref()))
            .find(|alignment| root.join(alignment).symlink_metadata().is_ok())
            .map(PathBuf::into_boxed_path)
    };
    stems(source, sought).find_map(in_any_case)
}

/// The paths without extension that an alignment of a recording may have: `a.WAV.wav` has that of `a`.
fn stems(source: &Path, sought: Sought) -> impl Iterator<Item = PathBuf> {
    let stem = stem(source, sought);
    let undoubled = undoubled(&stem);
    [Some(stem), undoubled].into_iter().flatten()
}

/// The stem may have a dot of its own, after which nothing may be replaced.
fn with_extension(stem: &Path, extension: &OsStr) -> PathBuf {
    let mut path = stem.as_os_str().to_owned();
    path.push(".");
    path.push(extension);
    path.into()
}

/// The alignments that a walk found, by the path without extension.
pub(crate) struct Alignments {
    /// Those that another of the same stem hides.
    hidden: Vec<PathBuf>,
    /// The alignments by stem; true for those that some recording has.
    by_stem: HashMap<PathBuf, (Box<OsStr>, bool)>,
}

impl Alignments {
    pub(crate) fn new(sorted: Vec<PathBuf>) -> Alignments {
        let mut hidden = Vec::new();
        let mut by_stem = HashMap::with_capacity(sorted.len());
        for path in sorted {
            let extension = path.extension().unwrap_or_default().into();
            // Of `a.PHN` and `a.phn`, the first in order counts.
            match by_stem.entry(path.with_extension("")) {
                Entry::Vacant(free) => {
                    free.insert((extension, false));
                }
                Entry::Occupied(_) => hidden.push(path),
            }
        }
        Alignments { hidden, by_stem }
    }

    pub(crate) fn of(&mut self, source: &Path, sought: Sought) -> Option<Box<Path>> {
        let stem = stems(source, sought).find(|stem| self.by_stem.contains_key(stem))?;
        let (extension, used) = self.by_stem.get_mut(&stem)?;
        *used = true;
        Some(with_extension(&stem, extension).into_boxed_path())
    }

    /// The alignments that no recording has, in no order.
    pub(crate) fn unused(self) -> impl Iterator<Item = PathBuf> {
        let unused = self.by_stem.into_iter().filter(|(_, (_, is_used))| !is_used);
        unused.map(|(stem, (extension, _))| with_extension(&stem, &extension)).chain(self.hidden)
    }
}
