//! What a report is made of.

use ossicle_dataset::Card;

use crate::report::columns::{ArrayFacts, Reading};
use crate::report::facts::Facts;
use crate::report::recipe::Likeness;
use crate::report::speed::Speed;
use crate::report::work::WorkFacts;

/// All that a report is made of.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    /// The dataset's name.
    pub(crate) name: String,
    /// Its folder, as it was given.
    pub(crate) folder: String,
    pub(crate) card: &'a Card,
    pub(crate) facts: Facts,
    pub(crate) likeness: Option<Likeness>,
    pub(crate) arrays: Vec<ArrayFacts>,
    pub(crate) reading: Reading,
    pub(crate) pictures: Vec<DrawnUtterance>,
    pub(crate) speed: Speed,
    pub(crate) work: WorkFacts,
}

/// An utterance that was drawn.
#[derive(Debug, Clone)]
pub(crate) struct DrawnUtterance {
    pub(crate) name: String,
    /// SVG in the colours of the page, in which all text is escaped.
    pub(crate) svg: String,
}
