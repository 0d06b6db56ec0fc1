//! Lays the phones of an alignment on the frames of a matrix.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    labels::{
        interval::Interval,
        map::{IGNORE, LabelMap},
    },
    names::shown,
};

/// The choice of the phone that labels a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelAt {
    /// The phone that covers the frame's centre sample, the first of its second half.
    Center,
    /// The phone that covers the frame's first sample.
    Start,
    /// The choice of the program of the 2019 work, which the `timit-*` presets reproduce.
    ///
    /// It walks along the phones and moves on by at most one a frame. While the frame's first
    /// sample lies in the current phone, that is the label. Where it lies elsewhere, but past the
    /// phone's end by at most half a frame, the label is still that phone and the walk moves on by
    /// one. Past that, the walk moves on by one and the label is the new phone. It never moves past
    /// the last phone, and it lags behind phones that are shorter than a shift.
    #[serde(rename = "walk-2019")]
    Walk2019,
}

impl fmt::Display for LabelAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LabelAt::Center => "center",
            LabelAt::Start => "start",
            LabelAt::Walk2019 => "walk-2019",
        })
    }
}

impl FromStr for LabelAt {
    type Err = Error;

    fn from_str(word: &str) -> Result<LabelAt, Error> {
        [LabelAt::Center, LabelAt::Start, LabelAt::Walk2019]
            .into_iter()
            .find(|at| at.to_string() == word)
            .ok_or_else(|| Error::LabelAt { found: shown(word) })
    }
}

/// The reason why an alignment gives no labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelError {
    /// A phone that the map does not have.
    #[error(
        "the label map has no phone `{}` (samples {} to {}); to ignore it, use a map with the \
             line `{} -`",
        shown(&interval.label), interval.start, interval.end, shown(&interval.label)
    )]
    UnknownPhone {
        /// The phone and where it is.
        interval: Interval,
    },
}

/// The places of frames in a recording, in samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameGrid {
    /// The sample of the recording at which the first frame begins, negative where it begins before.
    pub first_sample: i64,
    /// Samples in a frame.
    pub length: usize,
    /// Samples from one frame's first to the next frame's first.
    pub shift: usize,
}

/// The class of each interval's phone.
///
/// # Errors
/// A phone that the map does not have, also if it is too short to label a frame.
pub fn interval_classes(intervals: &[Interval], map: &LabelMap) -> Result<Vec<i32>, LabelError> {
    let unknown = |interval: &Interval| LabelError::UnknownPhone { interval: interval.clone() };
    let class = |interval: &Interval| map.class(&interval.label).ok_or_else(|| unknown(interval));
    intervals.iter().map(class).collect()
}

/// One label per frame: the classes of its phones, or [`IGNORE`] where no phone applies.
///
/// They come one after the other: a recording of any length has no more of them in memory than the
/// caller keeps. That takes time in proportion to frames and intervals.
///
/// - `intervals`: in samples of the recording, in order and without overlap, as
///   [`Alignment::intervals`](crate::Alignment::intervals) gives them
/// - `classes`: of the intervals, as [`interval_classes`] gives them
///
/// # Panics
/// If there are fewer classes than intervals.
///
/// ```
/// use ossicle_corpus::{
///     FrameGrid, IGNORE, Interval, LabelAt, LabelMap, interval_classes, labels_of_frames,
/// };
///
/// let interval = |start, end, label: &str| Interval { start, end, label: label.to_owned() };
/// let phones = [interval(0, 200, "h#"), interval(200, 600, "sh")];
/// let classes = interval_classes(&phones, &LabelMap::parse("h# sil\nsh sh")?)?;
/// // The centres of these frames are the samples 200, 360, 520 and 680.
/// let grid = FrameGrid { first_sample: 0, length: 400, shift: 160 };
/// let labels = |at| labels_of_frames(&phones, &classes, at, grid, 4).collect::<Vec<_>>();
/// assert_eq!(labels(LabelAt::Center), [1, 1, 1, IGNORE]);
/// assert_eq!(labels(LabelAt::Start), [0, 0, 1, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn labels_of_frames<'a>(
    intervals: &'a [Interval],
    classes: &'a [i32],
    at: LabelAt,
    grid: FrameGrid,
    num_frames: usize,
) -> Box<dyn Iterator<Item = i32> + 'a> {
    let half = grid.length as u64 / 2;
    // Saturating: a sample that no recording reaches is past every interval either way, and what lies
    // before the recording counts as its beginning.
    let shift = i64::try_from(grid.shift).unwrap_or(i64::MAX);
    let places = (0..num_frames as i64)
        .map(move |t| grid.first_sample.saturating_add(t.saturating_mul(shift)));
    let within = |place: i64| u64::try_from(place).unwrap_or(0);
    match at {
        LabelAt::Center => {
            let centers = places.map(move |first| within(first.saturating_add_unsigned(half)));
            Box::new(labels_at(centers, intervals, classes))
        }
        LabelAt::Start => Box::new(labels_at(places.map(within), intervals, classes)),
        LabelAt::Walk2019 => Box::new(walk_2019(places.map(within), half, intervals, classes)),
    }
}

/// The class at each of the samples, which do not decrease.
fn labels_at(
    samples: impl Iterator<Item = u64>,
    intervals: &[Interval],
    classes: &[i32],
) -> impl Iterator<Item = i32> {
    let mut current = 0;
    samples.map(move |sample| {
        while current < intervals.len() && intervals[current].end <= sample {
            current += 1;
        }
        match intervals.get(current) {
            Some(interval) if interval.start <= sample => classes[current],
            _ => IGNORE,
        }
    })
}

/// The walk of [`LabelAt::Walk2019`] over the first samples of the frames.
fn walk_2019(
    samples: impl Iterator<Item = u64>,
    half: u64,
    intervals: &[Interval],
    classes: &[i32],
) -> impl Iterator<Item = i32> {
    let mut current = 0;
    samples.map(move |sample| {
        let Some(interval) = intervals.get(current) else { return IGNORE };
        if (interval.start..interval.end).contains(&sample) {
            return classes[current];
        }
        let next = (current + 1).min(intervals.len() - 1);
        // A sample before the phone's start is past its end by less than nothing: it counts too.
        let is_near = sample <= interval.end.saturating_add(half);
        let label = classes[if is_near { current } else { next }];
        current = next;
        label
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn intervals(bounds: &[(u64, u64, &str)]) -> Vec<Interval> {
        let interval = |&(start, end, label): &(u64, u64, &str)| Interval {
            start,
            end,
            label: label.to_string(),
        };
        bounds.iter().map(interval).collect()
    }

    fn map() -> LabelMap {
        LabelMap::parse("a A\nb B\nc C\nd A\nq -").unwrap()
    }

    /// The labels of so many frames.
    fn labels(
        intervals: &[Interval],
        at: LabelAt,
        (first_sample, length, shift): (i64, usize, usize),
        num_frames: usize,
    ) -> Vec<i32> {
        let classes = interval_classes(intervals, &map()).unwrap();
        let grid = FrameGrid { first_sample, length, shift };
        labels_of_frames(intervals, &classes, at, grid, num_frames).collect()
    }

    /// The phone that covers a sample, found by asking every interval.
    fn naive_at(intervals: &[Interval], map: &LabelMap, sample: u64) -> i32 {
        intervals
            .iter()
            .find(|interval| interval.start <= sample && sample < interval.end)
            .map_or(IGNORE, |interval| map.class(&interval.label).unwrap())
    }

    /// The walk as [`LabelAt::Walk2019`] words it, in signed numbers.
    fn naive_walk(
        intervals: &[Interval],
        map: &LabelMap,
        samples: &[u64],
        length: usize,
    ) -> Vec<i32> {
        let class = |k: usize| map.class(&intervals[k].label).unwrap();
        let mut labels = Vec::new();
        let mut k = 0;
        for &sample in samples {
            let (p, start, end) =
                (sample as i128, intervals[k].start as i128, intervals[k].end as i128);
            if start <= p && p < end {
                labels.push(class(k));
            } else if p - end <= (length / 2) as i128 {
                labels.push(class(k));
                if k + 1 < intervals.len() {
                    k += 1;
                }
            } else {
                if k + 1 < intervals.len() {
                    k += 1;
                }
                labels.push(class(k));
            }
        }
        labels
    }

    prop_compose! {
        fn any_intervals()(
            lengths in prop::collection::vec(
                (prop_oneof![3 => Just(0_u64), 1 => 0_u64..30], 1_u64..40, "[abcdq]"),
                0..30,
            )
        ) -> Vec<Interval> {
            let mut end = 0;
            lengths.into_iter().map(|(gap, length, label)| {
                let start = end + gap;
                end = start + length;
                Interval { start, end, label }
            }).collect()
        }
    }

    proptest! {
        #[test]
        fn labels_are_those_of_asking_every_interval(
            intervals in any_intervals(),
            first in 0_u64..50,
            length in 0_usize..40,
            shift in 0_usize..30,
            num_frames in 0_usize..60,
        ) {
            let map = map();
            let starts: Vec<u64> =
                (0..num_frames as u64).map(|t| first + t * shift as u64).collect();
            let labels_at = |offset: u64| -> Vec<i32> {
                starts.iter().map(|&start| naive_at(&intervals, &map, start + offset)).collect()
            };
            let walked = match intervals.is_empty() {
                true => vec![IGNORE; num_frames],
                false => naive_walk(&intervals, &map, &starts, length),
            };
            for (at, expected) in [
                (LabelAt::Start, labels_at(0)),
                (LabelAt::Center, labels_at(length as u64 / 2)),
                (LabelAt::Walk2019, walked),
            ] {
                let found = labels(&intervals, at, (first as i64, length, shift), num_frames);
                prop_assert_eq!(&found, &expected, "{}", at);
            }
        }

        #[test]
        fn no_numbers_make_it_panic(
            bounds in prop::collection::vec((any::<u64>(), any::<u64>()), 0..5),
            first_sample in prop_oneof![any::<i64>(), Just(i64::MAX), Just(i64::MIN)],
            length in prop_oneof![any::<usize>(), Just(usize::MAX)],
            shift in prop_oneof![any::<usize>(), Just(usize::MAX)],
        ) {
            // Not even intervals in disorder, which the caller should not give.
            let intervals: Vec<Interval> = bounds
                .into_iter()
                .map(|(start, end)| Interval { start, end, label: "a".into() })
                .collect();
            for at in [LabelAt::Center, LabelAt::Start, LabelAt::Walk2019] {
                let found = labels(&intervals, at, (first_sample, length, shift), 5);
                prop_assert_eq!(found.len(), 5);
            }
        }
    }

    #[test]
    fn the_walk_of_2019_lags_behind_short_phones() {
        // Frames of 400 every 160. b is shorter than a shift: frame 2 is past a's end by 20, so it
        // is still a; only then does the walk reach b, whose end is past by 80.
        let intervals = intervals(&[(0, 300, "a"), (300, 400, "b"), (400, 2000, "c")]);
        let grid = (0, 400, 160);
        assert_eq!(labels(&intervals, LabelAt::Walk2019, grid, 6), [0, 0, 0, 1, 2, 2]);
        assert_eq!(labels(&intervals, LabelAt::Start, grid, 6), [0, 0, 1, 2, 2, 2]);
    }

    #[test]
    fn gaps_ignored_phones_and_frames_past_the_end_are_ignored() {
        let intervals = intervals(&[(10, 20, "a"), (20, 30, "q"), (40, 50, "b")]);
        let found = labels(&intervals, LabelAt::Start, (0, 10, 10), 6);
        assert_eq!(found, [IGNORE, 0, IGNORE, IGNORE, 1, IGNORE]);
    }

    #[test]
    fn an_unknown_phone_is_an_error_that_names_it_and_its_place() {
        let intervals = intervals(&[(0, 20, "a"), (20, 21, "zz")]);
        let error = interval_classes(&intervals, &map()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the label map has no phone `zz` (samples 20 to 21); to ignore it, use a map with the \
                 line `zz -`"
        );
    }

    #[test]
    fn places_are_read_as_they_are_written() {
        for at in [LabelAt::Center, LabelAt::Start, LabelAt::Walk2019] {
            assert_eq!(at.to_string().parse::<LabelAt>().unwrap(), at);
        }
        let error = "end".parse::<LabelAt>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`end` is not a place for labels; use center, start or walk-2019"
        );
    }
}
