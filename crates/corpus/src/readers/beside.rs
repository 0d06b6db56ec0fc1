//! Alignments that lie beside their recordings: of the same name, with an extension of alignments.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    path::{Path, PathBuf},
};

use ossicle_files::{entries, join, parent};

use crate::{
    alignment_source::AlignmentSource,
    from_back::from_back,
    labels::begins_like_an_alignment,
    names::folder_of,
    recording::{Sought, stem, undoubled},
    tiers_sought::TiersSought,
    utterance::Utterance,
};

/// The paths without extension that an alignment of a recording may have: `a.WAV.wav` has that of `a`.
fn stems(source: &Path, sought: Sought) -> impl Iterator<Item = PathBuf> {
    let stem = stem(source, sought);
    let undoubled = undoubled(&stem);
    [Some(stem), undoubled].into_iter().flatten()
}

/// The files called like alignments, by the path without extension.
pub(crate) struct Alignments {
    tiers: TiersSought,
    /// The folder that paths are relative to.
    root: PathBuf,
    /// The names of the files of a stem, and whether a recording has the file.
    by_stem: HashMap<PathBuf, Vec<(Box<OsStr>, bool)>>,
    /// The folders that were listed for recordings that no walk has found; none after a walk.
    listed: Option<HashSet<PathBuf>>,
}

impl Alignments {
    /// Those that a walk found.
    ///
    /// - `key`: what a stem is known by, in the same folder
    pub(crate) fn of_walk(
        root: &Path,
        tiers: TiersSought,
        found: Vec<PathBuf>,
        key: impl Fn(PathBuf) -> PathBuf,
    ) -> Alignments {
        let mut all = Alignments::none(root, tiers);
        for path in found {
            all.add(key(path.with_extension("")), path.file_name().unwrap_or_default());
        }
        all
    }

    /// Those beside recordings that were not found by a walk: the folder of each is listed once.
    pub(crate) fn beside(root: &Path, tiers: TiersSought) -> Alignments {
        Alignments { listed: Some(HashSet::new()), ..Alignments::none(root, tiers) }
    }

    fn none(root: &Path, tiers: TiersSought) -> Alignments {
        let root = root.to_path_buf();
        Alignments { tiers, root, by_stem: HashMap::new(), listed: None }
    }

    fn add(&mut self, key: PathBuf, name: &OsStr) {
        self.by_stem.entry(key).or_default().push((name.into(), false));
    }

    /// Utterances of recordings, each with its alignment.
    ///
    /// - `ids`, `sources`: those of the recordings, in order
    pub(crate) fn utterances(
        &mut self,
        ids: Vec<String>,
        sources: Vec<PathBuf>,
        sought: Sought,
    ) -> Vec<Utterance> {
        let mut utterances = Vec::with_capacity(ids.len());
        for (id, source) in from_back(ids).zip(from_back(sources)) {
            let alignment = self.of(&source, sought);
            utterances.push(Utterance { alignment, ..Utterance::look_at(id, &self.root, source) });
        }
        utterances.reverse();
        utterances
    }

    /// The alignment of a recording.
    pub(crate) fn of(&mut self, source: &Path, sought: Sought) -> Option<AlignmentSource> {
        if self.tiers.is_none() {
            return None;
        }
        self.list(source);
        stems(source, sought).find_map(|stem| self.of_key(&stem))
    }

    /// The alignment of what is known by a key.
    pub(crate) fn of_key(&mut self, key: &Path) -> Option<AlignmentSource> {
        let (tiers, root) = (self.tiers, &self.root);
        let files = self.by_stem.get_mut(key)?;
        // Of `a.PHN` and `a.phn`, the first in order counts.
        files.sort_by(|(a, _), (b, _)| {
            TiersSought::rank(a).cmp(&TiersSought::rank(b)).then_with(|| a.cmp(b))
        });
        let mut taken: Vec<&OsStr> = Vec::new();
        for (name, is_used) in files {
            let extension =
                |name: &OsStr| Path::new(name).extension().map(OsStr::to_ascii_lowercase);
            let is_known = |known: &&OsStr| extension(known) == extension(name);
            if tiers.are_in(taken.iter().copied()) || taken.iter().any(is_known) {
                continue;
            }
            let is_doubtful = TiersSought::is_often_another(name);
            let path = || join(root, key.with_file_name(&*name));
            if is_doubtful && (!taken.is_empty() || !begins_like_an_alignment(&path())) {
                continue;
            }
            *is_used = true;
            taken.push(name);
        }
        let path = |name: &OsStr| key.with_file_name(name).into_boxed_path();
        AlignmentSource::files(taken.into_iter().map(path).collect())
    }

    /// Lists the folder of a recording, where that is to be done and was not.
    fn list(&mut self, source: &Path) {
        let folder = parent(source).unwrap_or(Path::new(""));
        let Some(listed) = &mut self.listed else { return };
        if !listed.insert(folder.to_path_buf()) {
            return;
        }
        // What cannot be listed has no alignments that could be read.
        let Ok(entries) = entries(folder_of(&join(&self.root, source))) else { return };
        for entry in entries {
            let name = entry.name();
            if self.tiers.may_be_in(&name) {
                let path = join(folder, &name);
                self.add(path.with_extension(""), &name);
            }
        }
    }

    /// The files that no recording has, in no order.
    pub(crate) fn unused(self) -> impl Iterator<Item = PathBuf> {
        self.by_stem.into_iter().flat_map(|(key, files)| {
            let unused = files.into_iter().filter(|(_, is_used)| !is_used);
            unused.map(move |(name, _)| key.with_file_name(name))
        })
    }
}
