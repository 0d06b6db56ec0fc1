//! Alignments that lie elsewhere than beside their recordings: in a folder of their own, or in one file for
//! all.

use std::{
    collections::HashMap,
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{absolute, join, metadata};

use crate::{
    alignment_source::AlignmentSource,
    corpus::Corpus,
    error::Error,
    labels::{AlignmentFormat, begins_like_an_alignment, head_of},
    master::MasterIndex,
    recording::{Sought, stem},
    tiers_sought::TiersSought,
    utterance::Utterance,
    walk::Walk,
};

/// Gives the utterances of a corpus the alignments that are in a folder or a file, and no others.
///
/// In a folder an alignment is found by the path of its recording, with the folders below the corpus or some
/// of the last of them, by the utterance's id, or by its name alone where no other has that name.
///
/// # Errors
/// It cannot be read, is in no format of alignments, or has an alignment of none of the utterances.
pub(crate) fn align_from(
    corpus: &mut Corpus,
    path: &Path,
    tiers: TiersSought,
    sought: Sought,
) -> Result<(), Error> {
    let not_read = |source| Error::Open { path: path.to_path_buf(), source };
    let absolute = absolute(path).map_err(not_read)?;
    let elsewhere = match metadata(path).map_err(not_read)?.is_folder() {
        true => Elsewhere::Folder(Tree::below(&absolute, tiers)?),
        false => Elsewhere::file(&absolute, path)?,
    };
    let mut found = 0_u64;
    let all = corpus.splits.iter_mut().flat_map(|split| &mut split.utterances);
    for utterance in all {
        utterance.alignment = elsewhere.of(utterance, sought);
        found += u64::from(utterance.alignment.is_some());
    }
    match found {
        0 => Err(Error::NoAlignmentsIn { path: path.to_path_buf() }),
        _ => Ok(()),
    }
}

enum Elsewhere {
    Folder(Tree),
    /// One recording's.
    File(PathBuf),
    Master(MasterIndex),
}

impl Elsewhere {
    fn file(absolute: &Path, path: &Path) -> Result<Elsewhere, Error> {
        let not_read = |source: io::Error| Error::Open { path: path.to_path_buf(), source };
        let head = head_of(absolute).map_err(not_read)?;
        let format = AlignmentFormat::of(absolute, &head).map_err(|error| {
            Error::NotAlignments { path: path.to_path_buf(), reason: error.to_string() }
        })?;
        match format {
            AlignmentFormat::Mlf | AlignmentFormat::Ctm | AlignmentFormat::Csv => {
                Ok(Elsewhere::Master(MasterIndex::read(absolute, format)?))
            }
            _ => Ok(Elsewhere::File(absolute.to_path_buf())),
        }
    }

    fn of(&self, utterance: &Utterance, sought: Sought) -> Option<AlignmentSource> {
        let stem = stem(&utterance.source, sought);
        match self {
            Elsewhere::Folder(tree) => tree.of(utterance, &stem),
            Elsewhere::File(path) => {
                let is_its = path.file_stem() == stem.file_name();
                is_its.then(|| AlignmentSource::file(path.as_path()))
            }
            Elsewhere::Master(index) => index.of(&utterance.id, &stem),
        }
    }
}

/// The alignments below a folder, by their name without extension, each with the folders above it.
struct Tree {
    root: PathBuf,
    tiers: TiersSought,
    by_name: HashMap<Box<OsStr>, Vec<PathBuf>>,
}

impl Tree {
    fn below(root: &Path, tiers: TiersSought) -> Result<Tree, Error> {
        let walk = Walk::through(root, &[root], Sought::Audio, tiers)?;
        let mut by_name: HashMap<Box<OsStr>, Vec<PathBuf>> = HashMap::new();
        for path in walk.alignments {
            let name = path.file_stem().unwrap_or_default();
            by_name.entry(name.into()).or_default().push(path);
        }
        Ok(Tree { root: root.to_path_buf(), tiers, by_name })
    }

    /// The alignment of a recording: of the files of its name those whose folders are most like its own.
    fn of(&self, utterance: &Utterance, stem: &Path) -> Option<AlignmentSource> {
        let id = Path::new(&*utterance.id);
        let named = |path: &Path| Some((path.to_path_buf(), self.by_name.get(path.file_name()?)?));
        let (wanted, files) = named(stem).or_else(|| named(id))?;
        let alike = |path: &Path| {
            let (own, theirs) = (wanted.parent()?, path.parent()?);
            let same = own.iter().rev().zip(theirs.iter().rev()).take_while(|(a, b)| a == b);
            Some(same.count())
        };
        let most = files.iter().map(|path| alike(path).unwrap_or(0)).max()?;
        let best = files.iter().filter(|path| alike(path).unwrap_or(0) == most);
        let mut best: Vec<&PathBuf> = best.collect();
        // Of one folder, so that a name that several folders have is nobody's.
        if best.iter().any(|path| path.parent() != best[0].parent()) {
            return None;
        }
        best.sort_by_key(|path| (TiersSought::rank(path.as_os_str()), path.as_os_str()));
        let mut taken: Vec<&PathBuf> = Vec::new();
        for path in best {
            if self.tiers.are_in(taken.iter().map(|it| it.as_os_str())) {
                break;
            }
            let is_doubtful = TiersSought::is_often_another(path.as_os_str());
            if is_doubtful
                && (!taken.is_empty() || !begins_like_an_alignment(&join(&self.root, path)))
            {
                continue;
            }
            taken.push(path);
        }
        let place = |path: &PathBuf| join(&self.root, path).into_boxed_path();
        AlignmentSource::files(taken.into_iter().map(place).collect())
    }
}
