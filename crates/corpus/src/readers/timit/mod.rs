//! TIMIT (LDC93S1), as the LDC ships it and as its copies do.
//!
//! The tree is `TRAIN|TEST / DR1..DR8 / SPEAKER / SENTENCE.WAV` with `SENTENCE.PHN` beside it, in
//! upper or lower case. Of its 6300 recordings, 3696 are for training, 400 for validation, 192 for
//! the test, and 2012 belong nowhere: the two sentences SA1 and SA2 that every speaker reads, which
//! would put the same words into training and test, and 94 speakers of TEST.

mod sentence;

use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ossicle_files::{entries, printable};

use crate::{
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::{Found, Place},
    left_out::Reason,
    names::collisions,
    readable::{if_readable, subfolders},
    readers::{
        beside::Alignments,
        reader::{Description, Reader, Wanted, changed},
    },
    recording::{Sought, has_recording_name},
    utterance::Utterance,
    walk::{Tally, Walk},
};

use self::sentence::{Sentence, is_region, upper_case};
pub(crate) use self::sentence::{know_sentences, leave_out_read_by_all};

/// The 24 speakers of the core test set: two men and one woman of each dialect region, chosen by
/// NIST (LDC93S1, `DOC/TESTSET.DOC`).
const CORE_TEST: [&str; 24] = [
    "FDHC0", "FELC0", "FJLM0", "FMGD0", "FMLD0", "FNLP0", "FPAS0", "FPKT0", "MBPM0", "MCMJ0",
    "MDAB0", "MGRT0", "MJDH0", "MJLN0", "MJMP0", "MKLT0", "MLLL0", "MLNT0", "MNJM0", "MPAM0",
    "MTAS1", "MTLS0", "MWBT0", "MWEW0",
];

/// The 50 speakers of the development set, also from TEST: A. K. Halberstadt, "Heterogeneous
/// acoustic measurements and multiple classifiers for speech recognition", PhD thesis, MIT, 1998.
const DEVELOPMENT: [&str; 50] = [
    "FCMH0", "FCMH1", "FDAC1", "FDRW0", "FJEM0", "FJSJ0", "FKMS0", "FLNH0", "FMAH0", "FRAM1",
    "FRNG0", "FSEM0", "FSLB1", "FSXA0", "FTLH0", "FUTB0", "MABW0", "MAHH0", "MAJC0", "MBDG0",
    "MBJK0", "MBNS0", "MBWM0", "MCCS0", "MCEM0", "MCHH0", "MCMB0", "MCRC0", "MCSH0", "MCTT0",
    "MCTW0", "MDAW1", "MDLF0", "MDLS0", "MDRM0", "MDSC0", "MDVC0", "MERS0", "MESD0", "MGMM0",
    "MJFC0", "MJSW0", "MJTC0", "MJTH0", "MPAM1", "MREB0", "MRJO0", "MSJS1", "MTEB0", "MWVW0",
];

/// Reads a tree: the folder with TRAIN and TEST in it, or one above it. Given for one split, a tree is
/// a folder whose sentences are [known](know_sentences) one by one.
#[derive(Debug)]
pub(crate) struct Timit;

impl Reader for Timit {
    fn format(&self) -> CorpusFormat {
        CorpusFormat {
            name: "timit",
            what: "TIMIT, as the LDC ships it or as its copies do",
            given: Given::Folder,
        }
    }

    fn recognises(&self, description: &Description<'_>, wanted: &Wanted) -> io::Result<bool> {
        let is_asked = description.is_folder && !wanted.one_split;
        Ok(is_asked && find_tree(description.path, wanted.sought)?.is_some())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path.to_path_buf();
        match find_tree(&path, wanted.sought) {
            Ok(Some(tree)) => read_tree(&tree, wanted),
            Ok(None) => Err(changed(&path)),
            Err(source) => Err(Error::Open { path, source }),
        }
    }
}

/// Places an utterance by the standard lists: train, valid and test are 0, 1 and 2.
///
/// - `left_out`: every speaker reads its sentence
fn place(utterance: &Utterance, left_out: bool) -> Place {
    let top = utterance.source.iter().next().unwrap_or_default();
    let speaker = utterance.speaker.as_deref().unwrap_or_default();
    let split = match () {
        () if top.eq_ignore_ascii_case("TRAIN") => Some(0),
        () if DEVELOPMENT.contains(&speaker) => Some(1),
        () if CORE_TEST.contains(&speaker) => Some(2),
        () => None,
    };
    Place { split, left_out }
}

/// Places a folder that cannot be read: with its speaker, or with the test where it is not known whose it is.
fn place_of_folder(folder: &Path) -> Place {
    let speaker = folder.iter().nth(2).unwrap_or_default().to_string_lossy().to_ascii_uppercase();
    let source: Arc<Path> = folder.into();
    let of_folder = Utterance { speaker: Some(speaker.into()), ..Utterance::of("", source) };
    let Place { split, left_out } = place(&of_folder, false);
    let is_of_nobody = folder.iter().count() < 3;
    Place { split: split.or(is_of_nobody.then_some(2)), left_out }
}

/// The folder with TRAIN and TEST in it: the one given, or up to two levels below it where copies
/// pack it (`timit/timit/train`, `data/TRAIN`). `None` where nothing has TIMIT's shape.
fn find_tree(given: &Path, sought: Sought) -> io::Result<Option<PathBuf>> {
    let mut folder = given.to_path_buf();
    for _ in 0..2 {
        if is_tree(&folder, sought)? {
            return Ok(Some(folder));
        }
        let wrappers = subfolders(&folder)?
            .into_iter()
            .filter(|inner| is_called(inner, &["TIMIT", "DATA"]))
            .collect::<Vec<_>>();
        let Ok([wrapper]) = <[PathBuf; 1]>::try_from(wrappers) else { return Ok(None) };
        folder = wrapper;
    }
    Ok(is_tree(&folder, sought)?.then_some(folder))
}

/// Reads every recording of a tree, also those that belong to no split.
///
/// The id is `FCJF0_SX37` and the speaker `FCJF0`, in upper case whatever the copy has. Of several
/// files of one sentence, one is the recording and the others are ignored: Kaggle's copy has a RIFF
/// `SX37.WAV.wav` beside the LDC's `SX37.WAV`.
fn read_tree(root: &Path, wanted: &Wanted) -> Result<Found, Error> {
    let folders =
        subfolders(root).map_err(|source| Error::Open { path: root.to_path_buf(), source })?;
    let tops = folders.iter().filter(|folder| is_called(folder, &["TRAIN", "TEST"]));
    let tops: Vec<&Path> = tops.map(PathBuf::as_path).collect();
    let walk = Walk::through(root, &tops, wanted.sought, wanted.tiers)?;
    let (mut notices, closed) = (walk.notices(), walk.unreadable_folders());

    let (mut left_out, mut ignored) = (walk.left_out, walk.ignored);
    let mut strays = Tally::default();
    let mut candidates: Vec<Sentence> = Vec::with_capacity(walk.recordings.len());
    for source in walk.recordings {
        let is_in_place = source.iter().count() == 4;
        match Sentence::new(&source, wanted.sought).filter(|_| is_in_place) {
            Some(candidate) => candidates.push(candidate),
            None => {
                left_out.add(Reason::OutsideTree, &printable(&source));
                ignored.add(&source);
                strays.add(&source, "");
            }
        }
    }
    notices.extend(strays.notice(
        "the recording is not in TRAIN or TEST / DR1..DR8 / SPEAKER and is ignored",
        "recordings are not in TRAIN or TEST / DR1..DR8 / SPEAKER and are ignored",
    ));

    candidates.sort_unstable();
    candidates.dedup_by(|later, first| {
        let same = (&later.folder, &later.name) == (&first.folder, &first.name);
        if same {
            ignored.add(&later.source);
            left_out.add(Reason::AnotherCopy, &printable(&later.source));
        }
        same
    });
    refuse_duplicates(&candidates)?;

    let in_any_case =
        |stem: PathBuf| stem.with_file_name(upper_case(stem.file_name().unwrap_or_default()));
    let mut alignments = Alignments::of_walk(root, wanted.tiers, walk.alignments, in_any_case);
    let (mut utterances, mut places): (Vec<_>, Vec<_>) = candidates
        .into_iter()
        .map(|candidate| {
            let (id, left_out) = (candidate.id(), candidate.is_read_by_all());
            let speaker = Some(candidate.speaker().into());
            let alignment = alignments.of_key(&candidate.folder.join(&candidate.name));
            let utterance = Utterance::look_at(id, root, candidate.source);
            let utterance = Utterance { alignment, speaker, ..utterance };
            let place = place(&utterance, left_out);
            (utterance, place)
        })
        .unzip();
    alignments.unused().for_each(|unused| ignored.add(&unused));
    for folder in closed {
        places.push(place_of_folder(&folder));
        utterances.push(Utterance::of_closed_folder(root, folder));
    }
    Ok(Found {
        kind: CorpusKind::Timit,
        root: root.to_path_buf(),
        splits: ["train", "valid", "test"].map(String::from).into(),
        utterances,
        places,
        unplaced: Reason::NoStandardSplit,
        left_out,
        any_case: true,
        ignored,
        walked: walk.walked,
        notices,
    })
}

fn refuse_duplicates(candidates: &[Sentence]) -> Result<(), Error> {
    let ids: Vec<String> = candidates.iter().map(Sentence::id).collect();
    if ids.iter().collect::<HashSet<_>>().len() == ids.len() {
        return Ok(());
    }
    match collisions(&ids)[..] {
        [first, second, ..] => Err(Error::DuplicateId {
            id: ids[first].clone(),
            first: printable(&candidates[first].source),
            second: printable(&candidates[second].source),
        }),
        _ => Ok(()),
    }
}

/// Returns whether the folder holds TRAIN or TEST, in it DR1..DR8, in it a folder with a recording.
fn is_tree(folder: &Path, sought: Sought) -> io::Result<bool> {
    for top in subfolders(folder)?.iter().filter(|top| is_called(top, &["TRAIN", "TEST"])) {
        for region in subfolders(top)? {
            if !is_region(region.file_name().unwrap_or_default()) {
                continue;
            }
            for speaker in subfolders(&region)? {
                let Some(entries) = if_readable(entries(&speaker))? else { continue };
                if entries.into_iter().any(|entry| has_recording_name(&entry.name(), sought)) {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

fn is_called(path: &Path, names: &[&str]) -> bool {
    path.file_name().is_some_and(|found| names.iter().any(|name| found.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speaker_lists_are_sorted_and_share_nobody() {
        assert!(CORE_TEST.is_sorted_by(|a, b| a < b));
        assert!(DEVELOPMENT.is_sorted_by(|a, b| a < b));
        assert!(CORE_TEST.iter().all(|speaker| !DEVELOPMENT.contains(speaker)));
        // Eight dialect regions with two men and a woman each.
        assert_eq!(CORE_TEST.iter().filter(|speaker| speaker.starts_with('F')).count(), 8);
    }
}
