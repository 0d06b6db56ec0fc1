//! A part as a worker gets it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use ossicle_corpus::{Utterance, paths};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::input_kind::InputKind;
use crate::part;

/// A part that is to be computed. It travels to a worker, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartOrder {
    /// The part's number.
    pub number: usize,
    /// The split that its utterances belong to.
    pub split: String,
    /// The folder that the utterances' paths are relative to.
    #[serde(with = "paths")]
    pub root: PathBuf,
    /// The utterances.
    pub utterances: Vec<Utterance>,
    /// Utterances that workers died over, by their place in the part, and how: they are not touched.
    pub lost: BTreeMap<usize, String>,
    /// The only places that are computed, to find what workers die over; absent, all are.
    pub only: Option<Range<usize>>,
}

impl PartOrder {
    /// Returns the name of the part's file, in the store.
    pub fn part_name(&self) -> String {
        part::part_name(self.number)
    }

    /// Hashes the sizes and times of the files that the part is made of, as they are now.
    pub(crate) fn sources(&self, kind: InputKind) -> Result<String, Error> {
        part::hash_sources(&self.root, &self.utterances, kind)
    }
}
