//! Files of a corpus that are no utterances of it: why, how many, and an example.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// Why a recording of a corpus is no utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// Every speaker of TIMIT reads the sentence, so it would be in training and in test.
    ReadByAll,
    /// Its speaker is in none of TIMIT's standard splits.
    NoStandardSplit,
    /// The file of splits does not name it.
    NotInSplitsFile,
    /// Another file has the same sentence, and is taken.
    AnotherCopy,
    /// It lies where no sentence of such a corpus does.
    OutsideTree,
    /// It has no header, and nobody said how it is encoded.
    Headerless,
    /// Its description has splits, and leaves its own empty.
    NoSplit,
    /// The file of ids does not name it.
    NotInIdsFile,
    /// It is one of background noise, which such a corpus has beside its utterances.
    BackgroundNoise,
    /// It has no alignment, and the recipe skips such.
    NoAlignment,
    /// Its alignment lacks a tier that labels are made of, and the recipe skips such.
    NoTier,
}

impl Reason {
    const ALL: [Reason; 11] = [
        Reason::ReadByAll,
        Reason::NoStandardSplit,
        Reason::NotInSplitsFile,
        Reason::AnotherCopy,
        Reason::OutsideTree,
        Reason::Headerless,
        Reason::NoSplit,
        Reason::NotInIdsFile,
        Reason::BackgroundNoise,
        Reason::NoAlignment,
        Reason::NoTier,
    ];

    /// Returns the reason's word, which cards have.
    pub fn word(self) -> &'static str {
        match self {
            Reason::ReadByAll => "read-by-all",
            Reason::NoStandardSplit => "no-standard-split",
            Reason::NotInSplitsFile => "not-in-splits-file",
            Reason::AnotherCopy => "another-copy",
            Reason::OutsideTree => "outside-tree",
            Reason::Headerless => "headerless",
            Reason::NoSplit => "no-split",
            Reason::NotInIdsFile => "not-in-ids-file",
            Reason::BackgroundNoise => "background-noise",
            Reason::NoAlignment => "no-alignment",
            Reason::NoTier => "no-tier",
        }
    }

    /// Returns the reason of a word; none where this version has no such reason.
    pub fn named(word: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// Returns whether such recordings are utterances that no split has, and not only files.
    pub(crate) fn is_of_utterances(self) -> bool {
        matches!(
            self,
            Reason::ReadByAll
                | Reason::NoStandardSplit
                | Reason::NotInSplitsFile
                | Reason::NoSplit
                | Reason::NotInIdsFile
                | Reason::NoAlignment
                | Reason::NoTier
        )
    }
}

/// What is true of such recordings, after their number.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::ReadByAll => "of a sentence that every speaker reads",
            Reason::NoStandardSplit => "of a speaker in none of the standard splits",
            Reason::NotInSplitsFile => "not named by the file of splits",
            Reason::AnotherCopy => "of a sentence that another file has",
            Reason::OutsideTree => "not in TRAIN or TEST / DR1..DR8 / SPEAKER",
            Reason::Headerless => "without a header, and no encoding is given",
            Reason::NotInIdsFile => "not named by the file of ids",
            Reason::BackgroundNoise => "of background noise",
            Reason::NoSplit => "whose split the description leaves empty",
            Reason::NoAlignment => "without an alignment",
            Reason::NoTier => "whose alignment lacks the tier",
        })
    }
}

/// The recordings that are left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The reason.
    pub reason: Reason,
    /// The number of recordings.
    pub count: u64,
    /// The first of them in bytewise order: its id, or the path of one that has none.
    pub first: String,
}

/// Counts what is left out, by reason.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reasons(BTreeMap<Reason, (u64, String)>);

impl Reasons {
    /// Counts one.
    pub(crate) fn add(&mut self, reason: Reason, name: &str) {
        let (count, first) = self.0.entry(reason).or_insert_with(|| (0, name.to_owned()));
        *count += 1;
        if name < first.as_str() {
            *first = name.to_owned();
        }
    }

    /// The number of utterances among them.
    pub(crate) fn utterances(&self) -> u64 {
        let of_utterances = self.0.iter().filter(|(reason, _)| reason.is_of_utterances());
        of_utterances.map(|(_, (count, _))| count).sum()
    }

    /// Adds another corpus' counts.
    pub(crate) fn merge(&mut self, others: &[LeftOut]) {
        for LeftOut { reason, count, first } in others {
            let own = self.0.entry(*reason).or_insert_with(|| (0, first.clone()));
            own.0 += count;
            if *first < own.1 {
                own.1.clone_from(first);
            }
        }
    }

    pub(crate) fn into_list(self) -> Vec<LeftOut> {
        let of = |(reason, (count, first))| LeftOut { reason, count, first };
        self.0.into_iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_word_of_its_own_that_leads_back() {
        for reason in Reason::ALL {
            assert_eq!(Reason::named(reason.word()), Some(reason));
            let word = serde_json::to_value(reason).unwrap();
            assert_eq!(word, reason.word(), "the word is serde's too");
        }
        assert_eq!(Reason::named("another"), None);
    }

    #[test]
    fn the_example_is_the_first_in_order_whatever_came_first() {
        let mut reasons = Reasons::default();
        for name in ["b", "a", "c"] {
            reasons.add(Reason::Headerless, name);
        }
        let all = LeftOut { reason: Reason::Headerless, count: 3, first: "a".into() };
        assert_eq!(reasons.clone().into_list(), std::slice::from_ref(&all));
        assert_eq!(reasons.utterances(), 0);
        reasons.merge(&[all]);
        assert_eq!(reasons.into_list()[0].count, 6);
    }
}
