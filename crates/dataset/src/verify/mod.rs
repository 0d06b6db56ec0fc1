//! The comparison of a dataset with its card, in three stages, the cheapest first.
//!
//! - [`structure`]: the card; and of every file the presence, the size and the header
//! - [`counts`]: index, utterances, shards and ledger agree with one another and with the card
//! - [`checksums`]: every byte is the one that was written, and every number is finite
//!
//! Only the last reads shards. What an earlier stage found wrong with a file, a later one does not
//! report again. Files of any length are read in pieces: what is held in memory grows with the card
//! and with what is wrong.

mod check;
mod checksums;
mod counts;
mod file;
mod structure;

use std::path::Path;

use check::{Check, Findings};
pub use check::{Finding, VerifyStage};

use crate::card::Dataset;
use crate::error::Error;
use crate::format::names::CARD_FILE;

/// The findings of a verification, and how much it read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// The number of files that were read to their end: of a sound dataset, all that its card names.
    pub files: u64,
    /// The sum of their sizes.
    pub bytes: u64,
    /// The defects, at most one a file, in the order of stages; empty if the dataset is
    /// sound.
    pub findings: Vec<Finding>,
    /// The files that desktops and file systems have left in the folders, which are no part of the dataset
    /// and no damage: relative to it, safe to print.
    pub litter: Vec<String>,
}

/// Reads the whole dataset and says what is wrong with it, in three stages: see [`VerifyStage`].
///
/// # Errors
/// If there is no dataset. What is wrong with one that is there is in the [`Verification`].
pub fn verify(root: &Path) -> Result<Verification, Error> {
    let mut findings = Findings::default();
    let dataset = match Dataset::open(root) {
        Ok(dataset) => dataset,
        Err(Error::BadCard { reason, .. }) => {
            findings.add(VerifyStage::Structure, CARD_FILE, reason);
            return Ok(Verification { findings: findings.all, ..Verification::default() });
        }
        Err(error) => return Err(error),
    };
    let (root, card) = (dataset.root(), dataset.card());
    let mut check = Check { root, card, findings, litter: Vec::new() };
    let arrays = structure::check(&mut check);
    counts::check(&mut check, &arrays);
    let (files, bytes) = checksums::check(&mut check, &arrays);
    Ok(Verification { files, bytes, findings: check.findings.all, litter: check.litter })
}
