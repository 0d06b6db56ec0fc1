//! Any bytes as a `.PHN` file.

use ossicle_corpus::{
    FrameGrid, IGNORE, Interval, LabelAt, LabelMap, interval_classes, labels_of_frames, parse_phn,
};

/// Reads the bytes, and lays what they say on frames.
pub fn check(bytes: &[u8]) {
    let Ok(intervals) = parse_phn(bytes) else { return };
    assert!(!intervals.is_empty());
    assert!(intervals.iter().all(|interval| interval.start < interval.end));
    assert!(intervals.array_windows().all(|[a, b]| a.end <= b.start));
    // An interval is a line of at least five bytes and a line end.
    assert!(intervals.len() <= bytes.len() / 6 + 1);
    let line = |i: &Interval| format!("{} {} {}\n", i.start, i.end, i.label);
    let written: String = intervals.iter().map(line).collect();
    assert_eq!(parse_phn(written.as_bytes()).ok().as_ref(), Some(&intervals));

    let map = LabelMap::named("timit-39").expect("a named map");
    let Ok(classes) = interval_classes(&intervals, &map) else { return };
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
