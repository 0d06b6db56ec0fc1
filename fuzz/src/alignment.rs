//! Any bytes as an alignment, whatever the file is called.

use std::path::Path;

use ossicle_corpus::{
    FrameGrid, IGNORE, LabelAt, LabelMap, LabelOverlap, Of, Pattern, TimeScale, interval_classes,
    labels_of_frames, parse_alignment,
};

/// Names of files, one for each format that its content does not tell, and one that tells nothing.
const NAMES: [&str; 9] =
    ["a.PHN", "a.TextGrid", "a.eaf", "a.lab", "a.mlf", "a.ctm", "a.txt", "a.csv", "a.phones"];

/// Reads the bytes, and lays what they say on frames.
pub fn check(bytes: &[u8]) {
    for name in NAMES {
        check_as(Path::new(name), bytes);
    }
}

fn check_as(name: &Path, bytes: &[u8]) {
    let of = Of { names: &["a", "voicea-0001"], channel: None };
    let Ok(found) = parse_alignment(name, bytes, of) else { return };
    let marks = found.tiers.iter().flat_map(|tier| &tier.marks);
    assert!(marks.clone().all(|mark| mark.start <= mark.end));
    // No label takes fewer bytes than a line has; a label of a higher level in HTK's stands in one, too.
    assert!(marks.count() <= bytes.len());

    let map = LabelMap::named("timit-39").expect("a named map");
    for overlap in [LabelOverlap::Error, LabelOverlap::First, LabelOverlap::Last] {
        let scale = TimeScale::new(2.5).expect("a factor");
        let Ok(intervals) = found.intervals(&Pattern::new("*"), 16_000, scale, overlap) else {
            continue;
        };
        assert!(intervals.iter().all(|interval| interval.start < interval.end));
        assert!(intervals.array_windows().all(|[a, b]| a.end <= b.start));
        let Ok(classes) = interval_classes(&intervals, &map) else { continue };
        for at in [LabelAt::Center, LabelAt::Start, LabelAt::Walk2019] {
            for (first_sample, length, shift) in
                [(0, 400, 160), (i64::MIN, 1, 1), (i64::MAX, usize::MAX, usize::MAX), (-200, 0, 7)]
            {
                let grid = FrameGrid { first_sample, length, shift };
                let labels: Vec<_> = labels_of_frames(&intervals, &classes, at, grid, 50).collect();
                assert_eq!(labels.len(), 50);
                assert!(labels.iter().all(|label| (IGNORE..39).contains(label)));
            }
        }
    }
}
