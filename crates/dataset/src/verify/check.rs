//! The findings of a verification, gathered on its way.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use ossicle_files::{percent_escaped, visible};
use serde::Serialize;

use crate::card::Card;
use crate::error::Error;

/// A defect of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The stage of the verification that found it.
    pub stage: VerifyStage,
    /// The file, relative to the dataset, with `/`. Control characters, `%` and bytes that are not
    /// UTF-8 are `%XX`.
    pub file: String,
    /// The defect, safe to print.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

/// A stage of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum VerifyStage {
    /// The card, which files are there, their sizes and headers.
    Structure,
    /// Compares what index, utterances, shards, ledger and card count.
    Counts,
    /// Compares all bytes with their hashes, and looks for numbers that are not finite.
    Checksums,
    /// Compares rows with what the recordings give, as whoever can compute them says.
    Recordings,
}

impl fmt::Display for VerifyStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            VerifyStage::Structure => "structure",
            VerifyStage::Counts => "counts",
            VerifyStage::Checksums => "checksums",
            VerifyStage::Recordings => "recordings",
        })
    }
}

/// A verification on its way.
pub(super) struct Check<'a> {
    pub(super) root: &'a Path,
    pub(super) card: &'a Card,
    pub(super) findings: Findings,
    pub(super) litter: Vec<String>,
}

/// The findings so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) all: Vec<Finding>,
    /// The number of each file's finding, by the file's name, which need not be UTF-8.
    by_file: HashMap<Vec<u8>, usize>,
}

impl Findings {
    /// Notes what is wrong with a file; the first thing says enough.
    pub(super) fn add(
        &mut self,
        stage: VerifyStage,
        file: impl AsRef<[u8]>,
        what: impl AsRef<str>,
    ) {
        let file = file.as_ref();
        if let Entry::Vacant(place) = self.by_file.entry(file.to_owned()) {
            place.insert(self.all.len());
            let (file, what) = (percent_escaped(file), visible(what.as_ref()));
            self.all.push(Finding { stage, file, what });
        }
    }

    /// Adds to what was found wrong with a file why that may be.
    pub(super) fn explain(&mut self, file: &str, why: &str) {
        if let Some(&place) = self.by_file.get(file.as_bytes()) {
            let what = &mut self.all[place].what;
            what.push_str("; ");
            what.push_str(&visible(why));
        }
    }

    pub(super) fn has(&self, file: &str) -> bool {
        self.by_file.contains_key(file.as_bytes())
    }
}

/// Describes what is wrong with a file that gave this error, without its name.
pub(super) fn what(error: Error) -> String {
    match error {
        Error::Io { source, .. } if source.kind() == ErrorKind::NotFound => "is missing".to_owned(),
        Error::Io { action, source, .. } => format!("cannot {action} it: {source}"),
        Error::BadFile { reason, .. } => reason,
        error => error.to_string(),
    }
}

/// What is said of a file whose bytes are not those of the card.
pub(super) const OTHER_BYTES: &str = "its bytes do not match the checksum in the card";

/// Says how a size differs from the card's; none where it does not.
pub(super) fn wrong_size(found: u64, promised: u64) -> Option<String> {
    let (difference, word) = match found.checked_sub(promised) {
        Some(0) => return None,
        Some(more) => (more, "more"),
        None => (promised - found, "fewer"),
    };
    Some(format!("has {found} bytes, {difference} {word} than the {promised} that the card says"))
}
