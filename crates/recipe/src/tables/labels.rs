//! `[[labels]]`: a label a frame, from the corpus' alignments.

use std::collections::HashSet;

use ossicle_corpus::{LabelAt, LabelOverlap, Pattern, TimeScale};
use serde::{Deserialize, Serialize};

use crate::keys::{keys, table};
use crate::misfit::Misfit;
use crate::tables::map::MapChoice;

keys! {
    /// `[[labels]]`: a label a frame, from the corpus' alignments.
    LabelsTable {
        /// The array's name.
        name: String, always(LabelsTable::NAME.to_owned());
        /// The tier of the alignment, or a pattern of its name (`*` for any characters, `?` for one):
        /// `.PHN` files have phones, `.WRD` files words, and a tier without a name is whatever is asked for.
        /// Tiers that one pattern matches are one.
        tier: Pattern, always(Pattern::new("phones"));
        /// The name of a map, a file of lines `phone class` (whole numbers are kept) or `phone` (each a class), a
        /// list of the classes (`["sil", "aa"]`, numbered from 0), or `from-train`: the labels that the training
        /// split has, in bytewise order.
        map: MapChoice, needed;
        /// The sample of a frame that decides: the one in its middle, its first, or the walk over the
        /// phones of a program of 2019.
        at: LabelAt, always(LabelAt::Center);
        /// Crops recordings to what is labelled.
        crop: bool, always(false);
        /// The label of frames between labels: none (-1), or the class that is called sil, silence, sp,
        /// pau or h#, in any case.
        gap: Gap, unless(Gap::Ignore);
        /// What counts where two labels lie at one time: neither, which is an error of the utterance, the one
        /// that starts first, or the one that starts last.
        overlap: LabelOverlap, unless(LabelOverlap::Error);
        /// What becomes of an utterance without an alignment, where others have one, or whose alignment lacks the
        /// tier: a row of the ledger; left out and counted; stored with labels of -1.
        missing: Missing, unless(Missing::Row);
        /// The number that all times of alignments are multiplied by.
        time_scale: f64, none("1, and an alignment that ends as one of another sample rate does is refused");
    }
}
table!(LabelsTable);

impl LabelsTable {
    /// The array's name where the recipe gives none.
    pub(crate) const NAME: &'static str = "labels";

    /// Returns what times of alignments are multiplied by.
    pub fn scale(&self) -> TimeScale {
        self.time_scale.and_then(TimeScale::new).unwrap_or(TimeScale::ONE)
    }

    /// Refuses a factor of times that is none, and classes that are not told apart.
    pub(crate) fn check(&self) -> Result<(), Misfit> {
        if let MapChoice::Classes(classes) = &self.map {
            check_classes(classes)
                .map_err(|what| Misfit::in_words("labels", "map", format!("labels.map {what}")))?;
        }
        let factor = self.time_scale.filter(|&factor| TimeScale::new(factor).is_none());
        factor.map_or(Ok(()), |factor| {
            let reason = format!(
                "labels.time_scale is {factor}; it must be between a billionth and a billion"
            );
            Err(Misfit::in_words("labels", "time_scale", reason))
        })
    }
}

/// Refuses a list of classes that is none.
fn check_classes(classes: &[String]) -> Result<(), String> {
    if classes.is_empty() {
        return Err("is an empty list; it must have a class".to_owned());
    }
    if classes.iter().any(String::is_empty) {
        return Err("has an empty text; each must be the label of a class".to_owned());
    }
    let mut seen = HashSet::new();
    match classes.iter().find(|class| !seen.insert(class.as_str())) {
        Some(class) => Err(format!("has {class:?} twice; each must be a class of its own")),
        None => Ok(()),
    }
}

/// The label of frames between labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gap {
    /// None.
    Ignore,
    /// The class of silence.
    Silence,
}

/// What becomes of an utterance without an alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// A row of the ledger.
    Row,
    /// It is left out, and counted.
    Skip,
    /// It is stored, and its frames have no label.
    Ignore,
}
