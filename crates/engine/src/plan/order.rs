//! A part as a worker gets it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use ossicle_corpus::{Utterance, paths};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::input_kind::InputKind;
use crate::part::{self, Stamp};

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
    /// The rows that an earlier run has made of utterances that are as they were: they are taken instead of being
    /// computed.
    #[serde(default, skip_serializing_if = "EarlierRows::is_empty")]
    pub earlier: EarlierRows,
}

/// The rows that an earlier run has made of a part's utterances.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierRows {
    /// The key of that run's job.
    pub(crate) job: String,
    /// By the utterance's place in the part: the stamp by which it is as it was, and where its rows are.
    pub(crate) of: BTreeMap<usize, (Stamp, Earlier)>,
}

impl EarlierRows {
    fn is_empty(&self) -> bool {
        self.of.is_empty()
    }
}

/// The place of what an earlier run has made of an utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Earlier {
    /// It is stored in a part that was kept: the part's number, and its place among the part's good utterances.
    Part { part: u32, utterance: u32 },
    /// It is stored in the dataset's files: its place in its split, and the byte at which its row begins.
    Files { utterance: u32, line: u64 },
    /// It failed: the byte of the ledger at which its row begins.
    Failed { line: u64 },
}

/// The origin of an utterance's rows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Origin<'a> {
    /// Its files: they are computed.
    Computed,
    /// Its stamp, and what an earlier run has made.
    Earlier(Stamp, Earlier),
    /// None: workers died over it, so.
    Lost(&'a str),
}

impl PartOrder {
    /// Returns the name of the part's file, in the store.
    pub fn part_name(&self) -> String {
        part::part_name(self.number)
    }

    /// Hashes the sizes and times of the files that the part is made of, as they are now.
    pub(crate) fn sources(&self, kind: InputKind) -> Result<String, Error> {
        part::hash_sources(&self.root, &self.utterances, kind, &mut |_| {})
    }

    /// Returns the utterance behind a place, where it is computed.
    pub(crate) fn next_computed(&self, place: usize) -> Option<&Utterance> {
        let is_computed = matches!(self.origin(place + 1), Origin::Computed);
        self.utterances.get(place + 1).filter(|_| is_computed)
    }

    /// Returns where the rows of an utterance come from, by its place.
    pub(crate) fn origin(&self, place: usize) -> Origin<'_> {
        match (self.lost.get(&place), self.earlier.of.get(&place)) {
            (Some(how), _) => Origin::Lost(how),
            (None, Some(&(stamp, earlier))) => Origin::Earlier(stamp, earlier),
            (None, None) => Origin::Computed,
        }
    }
}
