//! What the path of one of TIMIT's sentences says, in a tree and outside one.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ffi::OsStr,
    path::{Path, PathBuf},
};

use ossicle_files::{percent_escaped, printable};

use crate::{
    found::Found,
    left_out::Reason,
    recording::{Sought, has_extension, is_headerless, stem, undoubled},
    utterance::Utterance,
};

/// A file that may be the recording of a sentence; the first in order is.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sentence {
    /// The speaker's folder.
    pub(super) folder: PathBuf,
    /// The sentence's name in upper case, without extensions.
    pub(super) name: String,
    /// The lowest is taken.
    rank: u8,
    pub(super) source: PathBuf,
}

impl Sentence {
    /// Takes a path apart; `None` where it does not end in a dialect region, a speaker and a file.
    pub(super) fn new(source: &Path, sought: Sought) -> Option<Sentence> {
        let mut parts = source.iter().rev();
        let (file, _, region) = (parts.next()?, parts.next()?, parts.next()?);
        if !is_region(region) {
            return None;
        }
        let stem = stem(Path::new(file), sought);
        let doubled = undoubled(&stem);
        let rank = match () {
            () if is_headerless(file) => 3,
            () if doubled.is_some() => 2,
            () if has_extension(file, &["wav"]) => 0,
            () => 1,
        };
        let name = upper_case(doubled.as_ref().unwrap_or(&stem).file_name()?);
        let folder = source.parent()?.to_path_buf();
        Some(Sentence { folder, name, rank, source: source.to_path_buf() })
    }

    /// Takes the path of a recording apart that lies in no tree that was recognised. More is asked of
    /// it: the LDC's own names, such as `DR1/FCJF0/SX37.WAV`.
    fn outside_a_tree(path: &Path, sought: Sought) -> Option<Sentence> {
        let sentence = Sentence::new(path, sought)?;
        let is_sentence = match sentence.name.as_bytes() {
            [b'S', b'A' | b'I' | b'X', digits @ ..] => {
                !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
            }
            _ => false,
        };
        let speaker = sentence.speaker();
        let is_speaker = matches!(
            speaker.as_bytes(),
            [b'F' | b'M', a, b, c, b'0'..=b'9']
                if [a, b, c].iter().all(|letter| letter.is_ascii_alphanumeric())
        );
        (is_sentence && is_speaker).then_some(sentence)
    }

    pub(super) fn speaker(&self) -> String {
        upper_case(self.folder.file_name().unwrap_or_default())
    }

    /// The id that it has in a tree.
    pub(super) fn id(&self) -> String {
        format!("{}_{}", self.speaker(), self.name)
    }

    /// What the files of one sentence share.
    fn key(&self) -> (&Path, &str) {
        (&self.folder, &self.name)
    }

    /// Returns whether this is one of the two dialect sentences that every speaker reads.
    pub(super) fn is_read_by_all(&self) -> bool {
        matches!(&*self.name, "SA1" | "SA2")
    }
}

/// Names the speakers of what was found elsewhere than in a tree (in half of one, in a folder that has
/// one somewhere, in a list), and leaves out all but one file of each sentence: Kaggle's copy of TIMIT
/// has a RIFF `SX37.WAV.wav` beside the LDC's `SX37.WAV`.
pub(crate) fn know_sentences(found: &mut Found, sought: Sought) {
    let sentences = sentences(found, sought);
    let mut best: HashMap<(&Path, &str), &Sentence> = HashMap::new();
    for sentence in sentences.values() {
        let best = best.entry(sentence.key()).or_insert(sentence);
        *best = sentence.min(best);
    }
    let mut copies: BTreeSet<usize> = BTreeSet::new();
    for (&number, sentence) in &sentences {
        let utterance = &mut found.utterances[number];
        if best[&sentence.key()] == sentence {
            utterance.speaker = Some(sentence.speaker().into());
        } else {
            found.left_out.add(Reason::AnotherCopy, &printable(&utterance.source));
            copies.insert(number);
        }
    }
    if !copies.is_empty() {
        let is_kept = || (0..).map(|number| !copies.contains(&number));
        let (mut of_utterances, mut of_places) = (is_kept(), is_kept());
        found.utterances.retain(|_| of_utterances.next().unwrap_or_default());
        found.places.retain(|_| of_places.next().unwrap_or_default());
    }
}

/// Leaves out what every speaker reads, as in a tree, where there are other recordings too: a folder of
/// nothing else is meant as it is.
pub(crate) fn leave_out_read_by_all(found: &mut Found, sought: Sought) {
    let sentences = sentences(found, sought);
    let are_all = sentences.len() == found.utterances.len();
    if !(are_all && sentences.values().all(Sentence::is_read_by_all)) {
        for (number, _) in sentences.iter().filter(|(_, sentence)| sentence.is_read_by_all()) {
            found.places[*number].left_out = true;
        }
    }
}

/// The sentences among the recordings that were found, by their numbers.
fn sentences(found: &Found, sought: Sought) -> BTreeMap<usize, Sentence> {
    // The region may be the folder that was given, or the current one.
    let root = ossicle_files::absolute(&found.root).unwrap_or_else(|_| found.root.clone());
    let sentence = |of: &Utterance| Sentence::outside_a_tree(&of.path(&root), sought);
    let all = found.utterances.iter().map(sentence).enumerate();
    all.filter_map(|(number, sentence)| Some((number, sentence?))).collect()
}

/// Returns whether this is the name of a dialect region, DR1 to DR8.
pub(super) fn is_region(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    matches!(name, [d, r, b'1'..=b'8'] if [*d, *r].eq_ignore_ascii_case(b"DR"))
}

pub(super) fn upper_case(name: &OsStr) -> String {
    percent_escaped(name.as_encoded_bytes()).to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_dr1_to_dr8() {
        for name in ["DR1", "dr8", "Dr4"] {
            assert!(is_region(name.as_ref()), "{name}");
        }
        for name in ["DR0", "DR9", "DR", "DR10", "XR1"] {
            assert!(!is_region(name.as_ref()), "{name}");
        }
    }

    #[test]
    fn the_plain_wav_file_ranks_first_and_headerless_audio_last() {
        let rank = |name: &str| {
            let path = Path::new("TRAIN/DR1/FCJF0").join(name);
            let sentence = Sentence::new(&path, Sought::RawAudioToo).unwrap();
            assert_eq!(sentence.id(), "FCJF0_SX37", "{name}");
            sentence.rank
        };
        let names = ["SX37.WAV", "sx37.flac", "SX37.WAV.wav", "SX37.raw"];
        assert!(names.map(rank).is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn outside_a_tree_the_names_must_be_those_of_the_ldc() {
        let is_one =
            |path: &str| Sentence::outside_a_tree(Path::new(path), Sought::Audio).is_some();
        for path in ["DR1/FCJF0/SX37.WAV", "x/dr8/mbcg0/sa1.wav", "/DR3/MABC1/SI9.WAV.wav"] {
            assert!(is_one(path), "{path}");
        }
        for path in [
            "FCJF0/SX37.WAV",
            "DR9/FCJF0/SX37.WAV",
            "DR1/XCJF0/SX37.WAV",
            "DR1/FCJFA/SX37.WAV",
            "DR1/FCJF10/SX37.WAV",
            "DR1/FCJF0/SX.WAV",
            "DR1/FCJF0/SB1.WAV",
            "DR1/FCJF0/SX1b.WAV",
            "DR1/FCJF0/more/SX37.WAV",
        ] {
            assert!(!is_one(path), "{path}");
        }
    }
}
