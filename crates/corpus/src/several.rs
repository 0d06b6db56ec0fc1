//! Several recordings, folders and descriptions, given side by side: together they are one corpus.

use std::{
    collections::{BTreeSet, HashMap},
    mem,
    path::{Path, PathBuf},
    sync::Arc,
};

use ossicle_files::{absolute, is_absolute, join, percent_escaped, printable, simple};

use crate::{
    common_folder::{common_folder, comparable, relative_to},
    corpus::CorpusKind,
    error::Error,
    found::{Found, Place},
    from_back::from_back,
    ignored::Ignored,
    left_out::Reasons,
    names::{assign_ids, collisions, folder_of},
    readers::{Wanted, know_sentences},
    recording::stem,
    tiers_sought::is_surely_an_alignment,
    utterance::Utterance,
};

/// An utterance of one of several sources.
struct Part {
    utterance: Utterance,
    place: Place,
    /// The number of the word that it is from.
    word: usize,
    /// Its description names it itself, rather than its path.
    has_id: bool,
}

/// Reads several recordings, folders and descriptions as one corpus. Its splits are those of all of them, by
/// name; what has none is in `all`.
///
/// Sources, and the ids that are made of them, are relative to the innermost folder that has all of them, so
/// that neither the order of the words nor the current folder changes them.
///
/// - `read`: reads what is at one path; none where that is neither a recording nor a description
///
/// # Errors
/// Those of reading; a word that is neither; a recording that is given twice.
pub(crate) fn read_several(
    words: &[PathBuf],
    wanted: &Wanted,
    read: impl Fn(&Path) -> Result<Option<Found>, Error>,
) -> Result<Found, Error> {
    let paths = comparable(words)?;
    let mut all: Vec<Part> = Vec::new();
    let mut splits: Vec<String> = Vec::new();
    let (mut ignored, mut walked, mut notices) = (Ignored::default(), BTreeSet::new(), Vec::new());
    let mut left_out = Reasons::default();
    let mut kinds: Vec<CorpusKind> = Vec::new();
    let mut founds: Vec<(usize, Found)> = Vec::new();
    for (word, path) in paths.iter().enumerate() {
        match read(path)? {
            Some(found) => founds.push((word, found)),
            // `folder/*` names the alignments too, which are found beside their recordings.
            None if path.file_name().is_some_and(is_surely_an_alignment) => {}
            None => return Err(Error::NotOneOfSeveral { path: words[word].clone() }),
        }
    }
    let mut folders: Vec<PathBuf> = Vec::with_capacity(founds.len());
    for (word, found) in &founds {
        // What a description names may lie above it.
        let folder = if found.kind.has_ids() { &*found.root } else { folder_of(&paths[*word]) };
        folders.push(folder.to_path_buf());
    }
    if folders.iter().any(|folder| is_absolute(folder)) {
        for folder in folders.iter_mut().chain(founds.iter_mut().map(|(_, found)| &mut found.root))
        {
            *folder =
                absolute(folder).map_err(|source| Error::Open { path: folder.clone(), source })?;
        }
    }
    let root = common_folder(&folders);
    for (word, found) in founds {
        let below = relative_to(&found.root, &root);
        let placed = |path: &Path| simple(&join(&below, path));
        let mut last: Option<(Arc<Path>, Arc<Path>)> = None;
        let numbers: Vec<u32> =
            found.splits.iter().map(|name| number_of(name, &mut splits)).collect();
        let has_id = found.kind.has_ids();
        for (mut utterance, mut place) in found.utterances.into_iter().zip(found.places) {
            // Those of one file share its path.
            let source = match &last {
                Some((from, to)) if *from == utterance.source => Arc::clone(to),
                _ => placed(&utterance.source).into(),
            };
            last = Some((mem::replace(&mut utterance.source, source.clone()), source));
            utterance.alignment =
                utterance.alignment.map(|it| it.with_paths(|path| placed(path).into()));
            place.split = place.split.map(|split| numbers[split as usize]);
            all.push(Part { utterance, place, word, has_id });
        }
        kinds.push(found.kind);
        ignored.merge(&found.ignored);
        left_out.merge(&found.left_out.into_list());
        walked.extend(found.walked);
        notices.extend(found.notices);
    }
    all.sort_by(|a, b| (&a.utterance.source, a.word).cmp(&(&b.utterance.source, b.word)));
    give_ids(&mut all, words, wanted)?;
    let kind = match &kinds[..] {
        [first, others @ ..] if first.has_ids() && others.iter().all(|kind| kind == first) => {
            *first
        }
        _ => CorpusKind::Folder,
    };
    all.reverse();
    let (utterances, places) = from_back(all).map(|part| (part.utterance, part.place)).unzip();
    if splits.is_empty() {
        splits.push("all".into());
    }
    let found = Found::unsplit(kind, &root, utterances);
    let unplaced = crate::left_out::Reason::NoSplit;
    let mut found = Found { places, splits, unplaced, ignored, left_out, walked, notices, ..found };
    know_sentences(&mut found, wanted.sought);
    Ok(found)
}

/// The place of a split among those of all sources.
fn number_of(name: &str, splits: &mut Vec<String>) -> u32 {
    let known = splits.iter().position(|known| known == name);
    let place = known.unwrap_or_else(|| {
        splits.push(name.to_owned());
        splits.len() - 1
    });
    // Memory ends long before the numbers do.
    place as u32
}

/// Names what is named by its path, and puts the name of its word before an id that two words have.
///
/// # Errors
/// A recording that is given twice; ids that are the same all the same.
fn give_ids(all: &mut [Part], words: &[PathBuf], wanted: &Wanted) -> Result<(), Error> {
    let word = |number: usize| format!("`{}`", printable(&words[number]));
    let twice = |(id, first, second): (String, usize, usize)| Error::DuplicateId {
        id,
        first: word(first.min(second)),
        second: word(first.max(second)),
    };
    let by_path = || all.iter().enumerate().filter(|(_, part)| !part.has_id);
    let places: Vec<usize> = by_path().map(|(place, _)| place).collect();
    let sources: Vec<Arc<Path>> =
        by_path().map(|(_, part)| part.utterance.source.clone()).collect();
    if let Some(at) = sources.array_windows().position(|[a, b]| a == b) {
        let (first, second) = (all[places[at]].word, all[places[at + 1]].word);
        return Err(twice((printable(&sources[at]), first, second)));
    }
    let ids = assign_ids(&sources, wanted.sought).map_err(|(a, b)| {
        twice((printable(&sources[a]), all[places[a]].word, all[places[b]].word))
    })?;
    for (place, id) in places.into_iter().zip(ids) {
        all[place].utterance.id = id.into();
    }
    if all.iter().any(|part| part.has_id) {
        let mut word_of: HashMap<&str, Option<usize>> = HashMap::new();
        for part in &*all {
            let of = word_of.entry(&part.utterance.id).or_insert(Some(part.word));
            *of = of.filter(|word| *word == part.word);
        }
        let is_shared = |part: &Part| part.has_id && word_of[&*part.utterance.id].is_none();
        let shared: Vec<bool> = all.iter().map(is_shared).collect();
        for (part, _) in all.iter_mut().zip(shared).filter(|(_, shared)| *shared) {
            let name = stem(&words[part.word], wanted.sought);
            let name = percent_escaped(name.file_name().unwrap_or_default().as_encoded_bytes());
            part.utterance.id = format!("{name}/{}", part.utterance.id).into();
        }
        let ids: Vec<&str> = all.iter().map(|part| &*part.utterance.id).collect();
        if let [a, b, ..] = collisions(&ids)[..] {
            return Err(twice((ids[a].to_owned(), all[a].word, all[b].word)));
        }
    }
    Ok(())
}
