//! The result of every reader of a corpus, and how it is put into splits.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    corpus::{Corpus, CorpusKind, Split},
    from_back::from_back,
    ignored::Ignored,
    left_out::{Reason, Reasons},
    utterance::Utterance,
};

/// Every recording that a description names, and the description's own splits.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) kind: CorpusKind,
    /// The folder that the paths of the utterances are relative to.
    pub(crate) root: PathBuf,
    /// The utterances, in no order.
    pub(crate) utterances: Vec<Utterance>,
    /// The names of the splits, in their order.
    pub(crate) splits: Vec<String>,
    /// The place of each utterance, in the order of the utterances.
    pub(crate) places: Vec<Place>,
    /// Why some have no split.
    pub(crate) unplaced: Reason,
    /// Recordings among the ignored files.
    pub(crate) left_out: Reasons,
    /// Copies of such a corpus differ in the case of names.
    pub(crate) any_case: bool,
    pub(crate) ignored: Ignored,
    pub(crate) walked: BTreeSet<PathBuf>,
    pub(crate) notices: Vec<String>,
}

/// The split that an utterance belongs to, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The number of its split; `None` where it belongs to none.
    pub(crate) split: Option<u32>,
    /// True if it is left out all the same, unless somebody asks for it by its id.
    pub(crate) left_out: bool,
}

impl Found {
    /// Puts all utterances into one split, for a description that knows no splits.
    pub(crate) fn unsplit(kind: CorpusKind, root: &Path, utterances: Vec<Utterance>) -> Found {
        Found {
            kind,
            root: root.to_path_buf(),
            splits: vec!["all".into()],
            places: vec![Place { split: Some(0), left_out: false }; utterances.len()],
            utterances,
            unplaced: Reason::NoStandardSplit,
            left_out: Reasons::default(),
            any_case: false,
            ignored: Ignored::default(),
            walked: BTreeSet::new(),
            notices: Vec::new(),
        }
    }

    /// Why an utterance is in no split.
    fn reason(&self, place: Place) -> Reason {
        match (place.split, self.unplaced) {
            (None, Reason::NotInSplitsFile) => Reason::NotInSplitsFile,
            _ if place.left_out => Reason::ReadByAll,
            (_, reason) => reason,
        }
    }

    /// Puts every utterance into its place.
    pub(crate) fn into_corpus(mut self) -> Corpus {
        for (utterance, &place) in self.utterances.iter().zip(&self.places) {
            if place.split.is_none() || place.left_out {
                self.left_out.add(self.reason(place), &utterance.id);
            }
        }
        // Counted first: a list of a million utterances should not be copied as it grows.
        let mut sizes = vec![0; self.splits.len()];
        for place in &self.places {
            if let Place { split: Some(split), left_out: false } = place {
                sizes[*split as usize] += 1;
            }
        }
        let new_split = |(name, size)| Split {
            name,
            root: self.root.clone(),
            utterances: Vec::with_capacity(size),
            left_out: 0,
        };
        let mut splits: Vec<Split> = self.splits.into_iter().zip(sizes).map(new_split).collect();
        for (utterance, place) in from_back(self.utterances).zip(self.places.into_iter().rev()) {
            let split = place.split.map(|split| &mut splits[split as usize]);
            match split {
                Some(split) if !place.left_out => {
                    split.utterances.push(utterance);
                    continue;
                }
                Some(split) => split.left_out += 1,
                None => {}
            }
        }
        for split in &mut splits {
            split.utterances.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        }
        Corpus {
            kind: self.kind,
            splits,
            ignored: self.ignored,
            left_out: self.left_out.utterances(),
            left_out_because: self.left_out.into_list(),
            walked: self.walked,
            notices: self.notices,
        }
    }
}
