//! What an update comes to, in numbers.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The changes of a corpus since its dataset was made, and where the rows of its utterances come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateCounts {
    /// The utterances that the dataset does not have, and that are not in its ledger.
    pub new: u64,
    /// Those that are not as they were.
    pub changed: u64,
    /// Those that the corpus has no more.
    pub vanished: u64,
    /// Those as they were whose rows are copied from parts that were kept.
    pub from_parts: u64,
    /// Those whose rows are copied from the dataset.
    pub from_dataset: u64,
    /// Those that failed, and are not tried again.
    pub still_failed: u64,
    /// Those that may be as they were and are computed again, by the reason.
    pub computed_again: BTreeMap<WhyAgain, u64>,
}

impl UpdateCounts {
    /// Returns how many utterances are computed.
    pub fn computed(&self) -> u64 {
        self.new + self.changed + self.computed_again.values().sum::<u64>()
    }
}

/// A reason why an utterance is computed again that may be as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum WhyAgain {
    /// The dataset's rows are normalised, and what they were made of was not kept.
    Normalized,
    /// The dataset has fewer rows than frames.
    FewerRows,
    /// The dataset's rows are rounded to whole numbers.
    Rounded,
    /// The earlier run did not keep what files looked like.
    NoStamps,
    /// The earlier run did not hash the contents of files.
    NoContents,
    /// A file of the dataset is not what its card says.
    Damaged,
    /// Its row is of an earlier version, which said less of it.
    OlderRow,
    /// Label classes are those of the training split, and are others now.
    OtherClasses,
    /// Columns are counted at another sample rate, that of most recordings.
    OtherRate,
    /// The corpus had no alignments and now has some, or the other way round.
    Alignments,
    /// It failed for a reason that may be gone, or all failures are tried again.
    TriedAgain,
}

impl WhyAgain {
    /// Returns whether it would not be so had the earlier run kept its parts.
    pub fn parts_help(&self) -> bool {
        matches!(self, WhyAgain::Normalized | WhyAgain::FewerRows | WhyAgain::Rounded)
    }
}

impl fmt::Display for WhyAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WhyAgain::Normalized => {
                "the dataset's rows are normalised, and the parts that they were made of were not kept"
            }
            WhyAgain::FewerRows => {
                "the dataset has fewer rows than frames, and the parts that they were made of were not kept"
            }
            WhyAgain::Rounded => {
                "the dataset's rows are rounded, and the parts that they were made of were not kept"
            }
            WhyAgain::NoStamps => "the earlier run did not keep what their files looked like",
            WhyAgain::NoContents => "the earlier run did not hash the contents of their files",
            WhyAgain::Damaged => "files of the dataset are not what its card says",
            WhyAgain::OlderRow => "an earlier version of this program said less of them",
            WhyAgain::OtherClasses => "the training split has other labels now, which are the classes",
            WhyAgain::OtherRate => "most recordings have another sample rate now",
            WhyAgain::Alignments => "alignments have come since, or have gone",
            WhyAgain::TriedAgain => "they failed, and may not fail now",
        })
    }
}
