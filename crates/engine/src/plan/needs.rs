//! What the utterances of a plan ask of a worker's memory.

use ossicle_corpus::{Corpus, Utterance};
use serde::{Deserialize, Serialize};

use crate::bounds::connections;
use crate::plan::parts::Part;

/// What the utterances of a plan ask of a worker's memory: known where the utterances themselves are not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Needs {
    /// The most that the corpus' further columns of a part take, in bytes.
    pub(crate) column_bytes: u64,
    /// The most that unpacking a recording takes, in bytes.
    pub(crate) unpacking_bytes: u64,
    /// Whether recordings are objects of a store.
    pub(crate) has_objects: bool,
}

impl Needs {
    pub(crate) fn of(corpus: &Corpus, parts: &[Part]) -> Needs {
        let of_part = |part: &Part| -> u64 {
            let utterances = &corpus.splits[part.split].utterances[part.utterances.clone()];
            utterances.iter().map(|utterance| utterance.columns.memory_bytes()).sum()
        };
        let utterances = corpus.splits.iter().flat_map(|split| &split.utterances);
        Needs {
            column_bytes: parts.iter().map(of_part).max().unwrap_or(0),
            unpacking_bytes: utterances.map(Utterance::unpacking_bytes).max().unwrap_or(0),
            has_objects: corpus.splits.iter().any(connections::has_objects),
        }
    }
}
