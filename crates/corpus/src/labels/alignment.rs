//! What an alignment says, whatever its format.

use serde::{Deserialize, Serialize};

use crate::labels::{alignment_error::AlignmentError, pattern::Pattern, time_unit::TimeUnit};

/// The labels of a recording: tiers of labels, at times as they are written.
///
/// Alignments are read without their recordings, so that a time cannot be a sample yet unless the format
/// counts samples. See [`Alignment::tier`] for the intervals of a tier in samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alignment {
    /// The unit of all times.
    pub unit: TimeUnit,
    /// The end of what was labelled, where the format states it: a TextGrid's `xmax`.
    pub end: Option<u64>,
    /// The tiers, in the order of the file.
    pub tiers: Vec<Tier>,
    /// True if the text is in no Unicode encoding and was read as Latin-1.
    pub is_latin1: bool,
}

/// A tier: labels that belong together, as phones or words do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Its name; empty where the format has one tier without a name.
    pub name: String,
    /// True if its labels are at points and last no time.
    pub is_points: bool,
    /// Its labels, in the order of the file.
    pub marks: Vec<Mark>,
}

/// A label and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Its beginning, in [`Alignment::unit`].
    pub start: u64,
    /// Its end; of a point, its start.
    pub end: u64,
    /// The label; empty where nothing is labelled, which TextGrids say of every gap.
    pub label: Box<str>,
    /// The line that says it, from 1; 0 where the format has no lines.
    pub line: u32,
}

impl Alignment {
    /// An alignment of tiers that a format has found.
    pub(crate) fn new(unit: TimeUnit, tiers: Vec<Tier>) -> Alignment {
        Alignment { unit, end: None, tiers, is_latin1: false }
    }

    /// Returns the end of the last label, or of what the file says was labelled.
    pub fn last_end(&self) -> u64 {
        let marks = self.tiers.iter().flat_map(|tier| &tier.marks);
        let labelled = marks.filter(|mark| !mark.label.is_empty()).map(|mark| mark.end);
        labelled.chain(self.end).max().unwrap_or(0)
    }

    /// Returns whether the labels of a tier, empty ones too, follow one another from the beginning on
    /// without a gap, or the file states its end: then that is the recording's, as its writer saw it.
    pub fn spans_recording(&self) -> bool {
        let is_gapless = |tier: &Tier| {
            let begins = tier.marks.first().is_some_and(|mark| mark.start == 0);
            begins && tier.marks.array_windows().all(|[a, b]| a.end == b.start)
        };
        self.end.is_some() || self.tiers.iter().any(is_gapless)
    }

    /// Returns whether labels of a pattern's tiers may be had, be there any or not.
    pub fn has_tier(&self, pattern: &Pattern) -> bool {
        !matches!(self.tier(pattern), Err(AlignmentError::NoTier { .. }))
    }

    /// Returns the labels of the tiers that a pattern matches, in the order of their starts.
    ///
    /// A tier without a name is matched by every pattern, where no other tier is. Empty labels are left
    /// out: nothing is labelled there.
    ///
    /// # Errors
    /// No tier matches, or only tiers of points do.
    pub fn tier(&self, pattern: &Pattern) -> Result<Vec<&Mark>, AlignmentError> {
        let named: Vec<&Tier> = self.tiers.iter().filter(|it| pattern.matches(&it.name)).collect();
        let matching = match named[..] {
            [] => self.tiers.iter().filter(|tier| tier.name.is_empty()).collect(),
            _ => named,
        };
        if matching.is_empty() {
            return Err(AlignmentError::NoTier {
                pattern: pattern.to_string(),
                tiers: self.tiers.iter().map(|tier| tier.name.clone()).collect(),
            });
        }
        if matching.iter().all(|tier| tier.is_points) {
            return Err(AlignmentError::Points { tier: matching[0].name.clone() });
        }
        let marks = matching.iter().filter(|tier| !tier.is_points).flat_map(|tier| &tier.marks);
        let mut marks: Vec<&Mark> = marks.filter(|mark| !mark.label.is_empty()).collect();
        // Stable, so that labels that start together keep the order of the file.
        marks.sort_by_key(|mark| mark.start);
        Ok(marks)
    }
}

impl Tier {
    /// A tier of intervals.
    pub(crate) fn of_intervals(name: impl Into<String>, marks: Vec<Mark>) -> Tier {
        Tier { name: name.into(), is_points: false, marks }
    }
}
