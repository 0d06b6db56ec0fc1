//! Several recordings and folders, given side by side: together they are one corpus.

use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
};

use ossicle_files::printable;

use crate::{
    corpus::CorpusKind,
    error::Error,
    found::{Found, Place},
    ignored::Ignored,
    left_out::Reasons,
    names::{assign_ids, folder_of},
    readers::{Wanted, know_sentences},
    utterance::Utterance,
};

/// Reads several recordings and folders as one corpus without splits.
///
/// Sources and ids are relative to the innermost folder that has all of them, so that neither the order
/// of the words nor the current folder changes them.
///
/// - `read`: reads what is at one path; none where that is neither a recording nor a folder
///
/// # Errors
/// Those of reading; a word that is neither; a recording that is given twice.
pub(crate) fn read_several(
    words: &[PathBuf],
    wanted: &Wanted,
    read: impl Fn(&Path, &Wanted) -> Result<Option<Found>, Error>,
) -> Result<Found, Error> {
    let wanted = Wanted { one_split: true, ..*wanted };
    let paths = comparable(words)?;
    let root = common_folder(&paths);
    let mut all: Vec<(Utterance, Place, usize)> = Vec::new();
    let (mut ignored, mut walked, mut notices) = (Ignored::default(), BTreeSet::new(), Vec::new());
    let mut left_out = Reasons::default();
    for (number, path) in paths.iter().enumerate() {
        let Some(found) = read(path, &wanted)? else {
            // `folder/*` names the alignments too, which are found beside their recordings.
            if is_alignment(path) {
                continue;
            }
            return Err(Error::NotOneOfSeveral { path: words[number].clone() });
        };
        let below = relative_to(&found.root, &root);
        let placed = |path: &Path| simple(&below.join(path)).into_boxed_path();
        for (mut utterance, place) in found.utterances.into_iter().zip(found.places) {
            utterance.source = placed(&utterance.source);
            utterance.alignment = utterance.alignment.map(|path| placed(&path));
            all.push((utterance, place, number));
        }
        ignored.merge(&found.ignored);
        left_out.merge(&found.left_out.into_list());
        walked.extend(found.walked);
        notices.extend(found.notices);
    }
    all.sort_by(|(a, ..), (b, ..)| a.source.cmp(&b.source));
    let word = |number: usize| format!("`{}`", printable(&words[number]));
    let twice = |(id, first, second): (&Path, usize, usize)| Error::DuplicateId {
        id: printable(id),
        first: word(first.min(second)),
        second: word(first.max(second)),
    };
    if let Some([a, b]) = all.array_windows().find(|[a, b]| a.0.source == b.0.source) {
        return Err(twice((&a.0.source, a.2, b.2)));
    }
    let sources: Vec<PathBuf> =
        all.iter().map(|(utterance, ..)| utterance.source.to_path_buf()).collect();
    let ids = assign_ids(&sources, wanted.sought)
        .map_err(|(a, b)| twice((&sources[a], all[a].2, all[b].2)))?;
    let named = |((utterance, place, _), id): ((Utterance, Place, usize), String)| {
        (Utterance { id: id.into(), ..utterance }, place)
    };
    let (utterances, places) = all.into_iter().zip(ids).map(named).unzip();
    let found = Found::unsplit(CorpusKind::Folder, &root, utterances);
    let mut found = Found { places, ignored, left_out, walked, notices, ..found };
    know_sentences(&mut found, wanted.sought);
    Ok(found)
}

/// The paths without `.`, and all of them absolute where one of them is.
pub(crate) fn comparable(words: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let is_absolute = words.iter().any(|word| word.is_absolute());
    let path = |word: &PathBuf| match is_absolute {
        true => {
            let absolute = std::path::absolute(word);
            absolute.map_err(|source| Error::Open { path: word.clone(), source })
        }
        // A lone `.` stays one, so that there is something to look at.
        false => Ok(Some(simple(word)).filter(|path| path != Path::new("")).unwrap_or(".".into())),
    };
    words.iter().map(path).collect()
}

/// The innermost folder that all of them are in, `.` for the current one.
pub(crate) fn common_folder(paths: &[PathBuf]) -> PathBuf {
    let folders: Vec<PathBuf> = paths.iter().map(|path| simple(folder_of(path))).collect();
    let Some((first, others)) = folders.split_first() else { return ".".into() };
    let shared = |parts: usize, other: &PathBuf| {
        let same = first.components().zip(other.components()).take_while(|(a, b)| a == b);
        parts.min(same.count())
    };
    let parts = others.iter().fold(first.components().count(), shared);
    let common: PathBuf = first.components().take(parts).collect();
    if common.as_os_str().is_empty() { ".".into() } else { common }
}

/// A folder, as it is called in another that it is in.
fn relative_to(folder: &Path, root: &Path) -> PathBuf {
    let (folder, root) = (simple(folder), simple(root));
    folder.strip_prefix(&root).map(Path::to_path_buf).unwrap_or(folder)
}

/// The path without `.`; `..` stays, for past a link it leads elsewhere.
fn simple(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

fn is_alignment(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("phn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_folder_has_all_of_them() {
        let common = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            common_folder(&comparable(&paths).unwrap())
        };
        assert_eq!(common(&["a.wav", "b.wav"]), Path::new("."));
        assert_eq!(common(&["x/a.wav", "./x/b.wav"]), Path::new("x"));
        assert_eq!(common(&["x/y", "x/yz"]), Path::new("x"));
        assert_eq!(common(&["x/y/a.wav", "x"]), Path::new("."));
        assert_eq!(common(&["/d/x/a.wav", "/d/y"]), Path::new("/d"));
        assert_eq!(common(&["../x/a.wav", "../x/b.wav"]), Path::new("../x"));
        let here = std::env::current_dir().unwrap();
        let inside = here.join("b.wav");
        assert_eq!(common(&["a.wav", inside.to_str().unwrap()]), here);
    }
}
