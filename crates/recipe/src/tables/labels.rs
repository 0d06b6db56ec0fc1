//! `[[labels]]`: a label a frame, from the corpus' alignments.

use ossicle_corpus::LabelAt;
use serde::{Deserialize, Serialize};

use crate::keys::{keys, table};

keys! {
    /// `[[labels]]`: a label a frame, from the corpus' alignments.
    LabelsTable {
        /// The array's name.
        name: String, always(LabelsTable::NAME.to_owned());
        /// The tier of the alignment: `.PHN` files have phones.
        tier: Tier, always(Tier::Phones);
        /// The name of a map, or a file of lines `phone class`.
        map: String, needed;
        /// The sample of a frame that decides: the one in its middle, its first, or the walk over the
        /// phones of a program of 2019.
        at: LabelAt, always(LabelAt::Center);
        /// Crops recordings to what is labelled.
        crop: bool, always(false);
    }
}
table!(LabelsTable);

impl LabelsTable {
    /// The array's name where the recipe gives none.
    pub(crate) const NAME: &'static str = "labels";
}

/// A tier of an alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Tier {
    /// `.PHN` files.
    Phones,
}
