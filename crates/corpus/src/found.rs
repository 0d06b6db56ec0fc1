//! What every reader of a corpus returns, and how it is put into splits.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    corpus::{Corpus, CorpusKind, Split},
    utterance::Utterance,
};

/// Every recording of a source, before it is split.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) kind: CorpusKind,
    pub(crate) root: PathBuf,
    /// In no order.
    pub(crate) utterances: Vec<Utterance>,
    pub(crate) ignored_files: u64,
    pub(crate) walked: BTreeSet<PathBuf>,
    pub(crate) notices: Vec<String>,
}

/// Where one recording belongs, by the number of its split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    In(usize),
    LeftOutOf(usize),
    Nowhere,
}

impl Found {
    /// Puts every recording where `place` says.
    pub(crate) fn split(self, names: Vec<String>, place: impl Fn(&Utterance) -> Place) -> Corpus {
        let places: Vec<Place> = self.utterances.iter().map(place).collect();
        self.split_by(names, &places)
    }

    /// Puts every recording into its place; `places` are those of the utterances in their order.
    pub(crate) fn split_by(self, names: Vec<String>, places: &[Place]) -> Corpus {
        // Counted first: a list of a million utterances should not be copied as it grows.
        let mut sizes = vec![0; names.len()];
        for place in places {
            if let Place::In(split) = place {
                sizes[*split] += 1;
            }
        }
        let new_split = |(name, size)| Split {
            name,
            root: self.root.clone(),
            utterances: Vec::with_capacity(size),
            left_out: 0,
        };
        let mut splits: Vec<Split> = names.into_iter().zip(sizes).map(new_split).collect();
        let mut left_out = 0;
        for (utterance, place) in self.utterances.into_iter().zip(places) {
            match *place {
                Place::In(split) => splits[split].utterances.push(utterance),
                Place::LeftOutOf(split) => {
                    splits[split].left_out += 1;
                    left_out += 1;
                }
                Place::Nowhere => left_out += 1,
            }
        }
        for split in &mut splits {
            split.utterances.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        }
        Corpus {
            kind: self.kind,
            splits,
            ignored_files: self.ignored_files,
            left_out,
            walked: self.walked,
            notices: self.notices,
        }
    }
}
