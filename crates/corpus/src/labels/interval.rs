//! The labels of a tier as intervals of samples, one after the other.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    labels::{
        alignment::{Alignment, Mark},
        alignment_error::AlignmentError,
        pattern::Pattern,
        time_scale::TimeScale,
        time_unit::TimeUnit,
    },
    names::shown,
    span::Span,
};

/// A stretch of a recording with one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// The first sample.
    pub start: u64,
    /// The sample after the last.
    pub end: u64,
    /// The phone that is heard there, as `sh`.
    pub label: String,
}

/// The label that counts where two of a tier lie at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelOverlap {
    /// Neither: it is an error of the utterance.
    Error,
    /// The label that starts first; of two that start together, the one that the file has first.
    First,
    /// The label that starts last; of two that start together, the one that the file has last.
    Last,
}

impl fmt::Display for LabelOverlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LabelOverlap::Error => "error",
            LabelOverlap::First => "first",
            LabelOverlap::Last => "last",
        })
    }
}

impl FromStr for LabelOverlap {
    type Err = Error;

    fn from_str(word: &str) -> Result<LabelOverlap, Error> {
        [LabelOverlap::Error, LabelOverlap::First, LabelOverlap::Last]
            .into_iter()
            .find(|overlap| overlap.to_string() == word)
            .ok_or_else(|| Error::OverlapWord { found: shown(word) })
    }
}

impl Alignment {
    /// Returns the labels of the tiers that a pattern matches as intervals of samples, in order and
    /// without overlap; gaps may be between them.
    ///
    /// Each time becomes a sample once: it is multiplied by the scale, and becomes the nearest sample, the
    /// later of two. A label that is shorter than a sample is left out.
    ///
    /// - `sample_rate_hz`: the recording's
    ///
    /// # Errors
    /// Those of [`Alignment::tier`]; labels that overlap, where that is an error.
    pub fn intervals(
        &self,
        pattern: &Pattern,
        sample_rate_hz: u32,
        scale: TimeScale,
        overlap: LabelOverlap,
    ) -> Result<Vec<Interval>, AlignmentError> {
        let marks = self.tier(pattern)?;
        let sample = |time| self.sample(time, sample_rate_hz, scale);
        let mut laid: Vec<(u64, u64, &Mark)> = Vec::with_capacity(marks.len());
        for mark in marks {
            let (start, end) = (sample(mark.start), sample(mark.end));
            if start >= end {
                continue;
            }
            if let Some((.., previous_end, previous)) = laid.last()
                && start < *previous_end
                && overlap == LabelOverlap::Error
            {
                return Err(self.overlap(mark, previous));
            }
            laid.push((start, end, mark));
        }
        let apart = match overlap {
            LabelOverlap::Error => laid,
            LabelOverlap::First | LabelOverlap::Last => cut_apart(&laid, overlap),
        };
        let interval = |(start, end, mark): (u64, u64, &Mark)| {
            let label = mark.label.to_string();
            Interval { start, end, label }
        };
        Ok(apart.into_iter().map(interval).collect())
    }

    /// Returns the sample of a time.
    pub fn sample(&self, time: u64, sample_rate_hz: u32, scale: TimeScale) -> u64 {
        let time = scale.of(time);
        match self.unit {
            TimeUnit::Samples => time,
            TimeUnit::Nanoseconds => {
                Span::Nanoseconds { start: time, end: None }.samples(sample_rate_hz).0
            }
        }
    }

    fn overlap(&self, mark: &Mark, previous: &Mark) -> AlignmentError {
        AlignmentError::Overlap {
            line: mark.line.into(),
            unit: self.unit,
            label: mark.label.to_string(),
            start: mark.start,
            previous: previous.label.to_string(),
            previous_end: previous.end,
        }
    }
}

/// Cuts intervals that are in the order of their starts so that each sample is in one only.
fn cut_apart<'a>(all: &[(u64, u64, &'a Mark)], overlap: LabelOverlap) -> Vec<(u64, u64, &'a Mark)> {
    let mut apart: Vec<(u64, u64, &Mark)> = Vec::with_capacity(all.len());
    if overlap == LabelOverlap::First {
        for &(start, end, mark) in all {
            let start = start.max(apart.last().map_or(0, |last| last.1));
            if start < end {
                apart.push((start, end, mark));
            }
        }
        return apart;
    }
    // Those that have begun and whose rest may show again when later ones end, the latest on top.
    let mut open: Vec<(u64, u64, &Mark)> = Vec::new();
    for &(start, end, mark) in all {
        close_until(&mut open, &mut apart, start);
        open.push((start, end, mark));
    }
    close_until(&mut open, &mut apart, u64::MAX);
    apart
}

/// Moves what shows of open intervals up to a sample to those that are apart.
fn close_until<'a>(
    open: &mut Vec<(u64, u64, &'a Mark)>,
    apart: &mut Vec<(u64, u64, &'a Mark)>,
    until: u64,
) {
    while let Some((start, end, mark)) = open.pop() {
        // What lies below those that have shown is hidden up to their end.
        let start = start.max(apart.last().map_or(0, |last| last.1));
        if start < end.min(until) {
            apart.push((start, end.min(until), mark));
        }
        if end > until {
            open.push((until, end, mark));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::alignment::Tier;
    use proptest::prelude::*;

    fn alignment(unit: TimeUnit, marks: &[(u64, u64, &str)]) -> Alignment {
        let mark = |(n, &(start, end, label)): (usize, &(u64, u64, &str))| Mark {
            start,
            end,
            label: label.into(),
            line: n as u32 + 1,
        };
        let marks = marks.iter().enumerate().map(mark).collect();
        Alignment::new(unit, vec![Tier::of_intervals("", marks)])
    }

    fn laid(alignment: &Alignment, overlap: LabelOverlap) -> Vec<(u64, u64, String)> {
        let scale = TimeScale::ONE;
        let found = alignment.intervals(&Pattern::new("phones"), 16_000, scale, overlap).unwrap();
        found.into_iter().map(|it| (it.start, it.end, it.label)).collect()
    }

    proptest! {
        #[test]
        fn each_sample_has_the_label_that_asking_every_mark_finds(
            marks in prop::collection::vec((0_u64..40, 1_u64..20, "[abc]"), 0..12)
        ) {
            let marks: Vec<(u64, u64, String)> =
                marks.into_iter().map(|(start, length, label)| (start, start + length, label)).collect();
            let given: Vec<_> = marks.iter().map(|(s, e, l)| (*s, *e, &**l)).collect();
            let of = alignment(TimeUnit::Samples, &given);
            for overlap in [LabelOverlap::First, LabelOverlap::Last] {
                let found = laid(&of, overlap);
                prop_assert!(found.array_windows().all(|[a, b]| a.1 <= b.0), "{:?}", found);
                prop_assert!(found.iter().all(|it| it.0 < it.1));
                for sample in 0..64 {
                    let covering = (0..marks.len())
                        .filter(|&n| (marks[n].0..marks[n].1).contains(&sample));
                    let expected = match overlap {
                        LabelOverlap::First => covering.min_by_key(|&n| (marks[n].0, n)),
                        _ => covering.max_by_key(|&n| (marks[n].0, n)),
                    };
                    let own = found.iter().find(|it| (it.0..it.1).contains(&sample));
                    prop_assert_eq!(
                        own.map(|it| &*it.2), expected.map(|n| &*marks[n].2), "{} {}", overlap, sample
                    );
                }
            }
        }

        #[test]
        fn marks_that_do_not_overlap_are_what_they_were_whatever_counts(
            lengths in prop::collection::vec((0_u64..5, 1_u64..9), 1..20)
        ) {
            let mut end = 0;
            let marks: Vec<_> = lengths.into_iter().map(|(gap, length)| {
                let start = end + gap;
                end = start + length;
                (start, end, "a")
            }).collect();
            let of = alignment(TimeUnit::Samples, &marks);
            let expected: Vec<_> = marks.iter().map(|it| (it.0, it.1, it.2.to_owned())).collect();
            for overlap in [LabelOverlap::Error, LabelOverlap::First, LabelOverlap::Last] {
                prop_assert_eq!(&laid(&of, overlap), &expected);
            }
        }
    }

    #[test]
    fn an_overlap_is_an_error_that_names_both_labels() {
        let of = alignment(TimeUnit::Samples, &[(0, 10, "a"), (9, 20, "b")]);
        let error = of.intervals(&Pattern::new("*"), 16_000, TimeScale::ONE, LabelOverlap::Error);
        assert_eq!(
            error.unwrap_err().to_string(),
            "line 2: the interval `b` starts at sample 9, before the previous one, `a`, ends, at \
             sample 10; labels.overlap says which of them counts"
        );
        // At a rate at which they meet in one sample they do not overlap.
        let of = alignment(
            TimeUnit::Nanoseconds,
            &[(0, 1_000_010_000, "a"), (1_000_000_000, 2_000_000_000, "b")],
        );
        assert_eq!(laid(&of, LabelOverlap::Error)[1].0, 16_000);
    }

    #[test]
    fn times_become_the_nearest_sample_and_the_later_of_two() {
        // At 16 kHz a sample lasts 62.5 us.
        let of = alignment(
            TimeUnit::Nanoseconds,
            &[(0, 31_249, "none"), (31_250, 93_749, "one"), (93_750, 1_000_000, "more")],
        );
        let expected = [(1, 1, "one"), (2, 16, "more")];
        let found = laid(&of, LabelOverlap::Error);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].0, found[0].1, &*found[0].2), expected[1]);
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for overlap in [LabelOverlap::Error, LabelOverlap::First, LabelOverlap::Last] {
            assert_eq!(overlap.to_string().parse::<LabelOverlap>().unwrap(), overlap);
        }
        let error = "both".parse::<LabelOverlap>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`both` does not say what counts of two labels; use error, first or last"
        );
    }
}
