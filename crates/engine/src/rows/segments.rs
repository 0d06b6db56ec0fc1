//! Segments of recordings: what comes of them is what comes of each written as a recording of its own.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use ossicle_corpus::{AlignmentSource, Column, Columns, Extra, Span};
use ossicle_dataset::{MemoryStore, Truncation, UtteranceRow};
use serde_json::{Map, Value, json};

use crate::bounds::stop::Stop;
use crate::progress::Progress;
use crate::rows::test_corpus::{Extracted, RATE_HZ, TestCorpus, wav};
use crate::rows::worker::Worker;
use crate::run::mock::{one_feature, two_features, with_events};
use crate::run::pool::lock;

/// A recording of two channels, two seconds long; the second is not the first.
fn recording() -> [Vec<i16>; 2] {
    let mut state = 3_u64;
    let mut noise = |divisor: i16| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 48) as i16 / divisor
    };
    // Loud and quiet by turns, so that every stretch has statistics of its own.
    let mut channel = |loud: i16| {
        let divisor = |n: usize| if (n / 4000).is_multiple_of(2) { loud } else { 90 };
        (0..2 * RATE_HZ as usize).map(|n| noise(divisor(n))).collect()
    };
    [channel(3), channel(5)]
}

/// Segments of it, in samples. They overlap, and one is all of it.
const SEGMENTS: [(u64, u64); 4] =
    [(0, 32_000), (7_001, 15_400), (12_345, 25_000), (25_000, 32_000)];

fn span((start, end): (u64, u64)) -> Span {
    Span::Samples { start, end: Some(end) }
}

fn of_span(span: Span) -> Option<Box<Extra>> {
    Extra::of(Some(span), None, None)
}

/// Makes the same utterances twice: as segments of one recording, and each as a recording of its own.
/// With them come alignments, whose first phone begins in the middle of what one utterance is.
fn both() -> (TestCorpus, TestCorpus) {
    let [left, right] = recording();
    let (mut segments, mut files) = (TestCorpus::new(), TestCorpus::new());
    segments.write("all.wav", &wav(&[&left, &right]));
    let phones =
        [(500, 9_000, "sh"), (9_000, 13_000, "iy"), (13_000, 28_000, "hh"), (28_000, 31_990, "ae")];
    let phn = |phones: &[(u64, u64, &str)]| -> String {
        phones.iter().map(|(start, end, label)| format!("{start} {end} {label}\n")).collect()
    };
    segments.write("all.PHN", phn(&phones).as_bytes());
    for (number, (start, end)) in SEGMENTS.into_iter().enumerate() {
        let id = format!("segment-{number}");
        let stretch = &left[start as usize..end as usize];
        files.write(&format!("{id}.wav"), &wav(&[stretch]));
        let within = phones.iter().filter(|phone| phone.0 < end && phone.1 > start);
        let cut: Vec<_> = within
            .map(|&(from, to, label)| (from.max(start) - start, to.min(end) - start, label))
            .collect();
        files.write(&format!("{id}.PHN"), phn(&cut).as_bytes());
        let file = files.add(&id, &format!("{id}.wav"), None);
        file.alignment = Some(AlignmentSource::file(Path::new(&format!("{id}.PHN"))));
        let segment = segments.add(&id, "all.wav", of_span(span((start, end))));
        segment.alignment = Some(AlignmentSource::file(Path::new("all.PHN")));
    }
    (segments, files)
}

/// Makes a segment's row of that of the same samples as a recording of their own.
fn moved(row: UtteranceRow, source: &str, by: u64) -> UtteranceRow {
    let move_all = |intervals: Vec<(String, u64, u64)>| {
        intervals.into_iter().map(|(label, start, end)| (label, start + by, end + by)).collect()
    };
    UtteranceRow {
        source: source.to_owned(),
        start_sample: row.start_sample + by,
        end_sample: row.end_sample + by,
        intervals: row.intervals.into_iter().map(|(tier, all)| (tier, move_all(all))).collect(),
        ..row
    }
}

fn assert_rows_are_moved(segments: &Extracted, files: &Extracted) {
    let rows = files.rows().into_iter().zip(SEGMENTS);
    let expected: Vec<_> = rows.map(|(row, (start, _))| moved(row, "all.wav", start)).collect();
    assert_eq!(segments.rows(), expected);
    assert_eq!(expected.len(), SEGMENTS.len());
}

#[test]
fn segments_have_the_rows_and_labels_of_files_that_hold_just_their_samples() {
    let (segments, files) = both();
    // Noise is keyed by the utterance, and the mask of speech by its own energy.
    for crop in ["labels.crop=false", "labels.crop=true"] {
        let recipe = two_features(&["few.dither=1", crop]);
        let (of_segments, of_files) = (segments.extract(&recipe), files.extract(&recipe));
        let arrays = of_segments.arrays("none");
        assert_eq!(arrays.len(), 5, "two features, speech, labels and the index");
        assert!(arrays == of_files.arrays("none"), "{crop}");
        assert_rows_are_moved(&of_segments, &of_files);
        fs::remove_dir_all(&of_segments.0).unwrap();
        fs::remove_dir_all(&of_files.0).unwrap();
    }
}

#[test]
fn segments_have_the_spikes_of_files_that_hold_just_their_samples() {
    let (segments, files) = both();
    let recipe = with_events(&[]);
    let (of_segments, of_files) = (segments.extract(&recipe), files.extract(&recipe));
    assert!(of_segments.arrays("spikes") == of_files.arrays("spikes"));
    assert_rows_are_moved(&of_segments, &of_files);
    let (ours, theirs) = (of_segments.spikes(), of_files.spikes());
    assert_eq!(ours.len(), theirs.len());
    for (row, (start, end)) in of_segments.rows().iter().zip(SEGMENTS) {
        let (first, count) = (row.first_event.unwrap() as usize, row.num_events.unwrap() as usize);
        assert_ne!(count, 0);
        for (our, their) in ours[first..][..count].iter().zip(&theirs[first..]) {
            assert_eq!((&our.0, our.1, &our.2), (&their.0, their.1 + start as i64, &their.2));
            assert!((start..end).contains(&(our.1 as u64)), "{our:?}");
        }
    }
}

#[test]
fn a_segment_of_another_programs_spikes_has_those_within_it() {
    let mut made = TestCorpus::new();
    // Three blocks of 12,288 samples, with a spike every 1000 samples.
    let at =
        |block: u64| (12_288 * block..12_288 * (block + 1)).filter(|at| at.is_multiple_of(1000));
    let mut spikes = Vec::new();
    let mut counts = Vec::new();
    for block in 0..3 {
        counts.extend((at(block).count() as i32).to_le_bytes());
        for at in at(block) {
            let onset = (at - 12_288 * block) as f64;
            spikes.extend([3.0, 1.0, onset, 0.0].into_iter().flat_map(f64::to_le_bytes));
        }
    }
    made.write("a_spike.raw", &spikes);
    made.write("a_num.raw", &counts);
    made.write("a.PHN", b"0 9000 sh\n9000 36000 iy\n");
    let whole = (0, 36_000);
    for (id, segment) in [("a", None), ("b", Some((9_000, 20_001))), ("c", Some(whole))] {
        let segment =
            made.add(id, "a_spike.raw", segment.and_then(|segment| of_span(span(segment))));
        segment.alignment = Some(AlignmentSource::file(Path::new("a.PHN")));
    }
    let extracted =
        made.extract(&with_events(&["feature.spikes_from=\"files\"", "labels.crop=false"]));
    assert_eq!(extracted.failures(), []);
    let samples: Vec<i64> = extracted.spikes().iter().map(|spike| spike.1).collect();
    let every_1000 = |range: std::ops::RangeInclusive<i64>| range.map(|n| 1000 * n);
    // Without a span, all that there are; spans end before their last sample.
    let expected: Vec<i64> =
        every_1000(0..=36).chain(every_1000(9..=20)).chain(every_1000(0..=35)).collect();
    assert_eq!(samples, expected);
    let rows = extracted.rows();
    let extents: Vec<_> = rows.iter().map(|row| (row.start_sample, row.end_sample)).collect();
    assert_eq!(extents, [whole, (9_000, 20_001), whole]);
    assert_eq!(rows[1].intervals["phones"], [("iy".to_owned(), 9_000, 20_001)]);
}

#[test]
fn the_channel_that_the_corpus_says_is_taken_and_not_the_recipes() {
    let [left, right] = recording();
    let mut made = TestCorpus::new();
    made.write("both.wav", &wav(&[&left, &right]));
    made.write("left.wav", &wav(&[&left]));
    made.write("right.wav", &wav(&[&right]));
    let channel = |channel| Extra::of(None, Some(channel), None);
    made.add("a", "both.wav", None);
    made.add("b", "both.wav", channel(1));
    made.add("c", "both.wav", channel(0));
    made.add("d", "both.wav", channel(2));
    made.add("e", "left.wav", None);
    made.add("f", "right.wav", None);
    let extracted = made.extract(&one_feature(&[]));
    let rows = extracted.rows();
    let channels: Vec<_> = rows.iter().map(|row| (&*row.id, &*row.channel)).collect();
    let expected = [("a", "first"), ("b", "1"), ("c", "0"), ("e", "first"), ("f", "first")];
    assert_eq!(channels, expected);
    let bytes = &extracted.arrays("none")[0].1[128..];
    let of: Vec<&[u8]> = bytes.chunks_exact(bytes.len() / 5).collect();
    assert!(of[0] == of[3] && of[2] == of[3] && of[1] == of[4] && of[0] != of[1]);
    let [failure] = &extracted.failures()[..] else { panic!("{:?}", extracted.failures()) };
    assert_eq!((&*failure.id, &*failure.cause), ("d", "missing-channel"));
}

#[test]
fn further_columns_come_behind_the_known_keys_in_their_order() {
    let [left, _] = recording();
    let mut made = TestCorpus::new();
    made.write("a.wav", &wav(&[&left]));
    let columns = [
        ("text", json!("caf\u{e9}")),
        ("gain", json!(0.1 + 0.2)),
        ("custom", json!({"z": 1, "a": null})),
    ];
    let columns = columns.map(|(name, value)| (name.to_owned(), value));
    let first = made.add("a", "a.wav", None);
    first.columns = Column::all(columns.clone()).unwrap();
    first.speaker = Some("mary".into());
    made.add("b", "a.wav", None);
    let extracted = made.extract(&one_feature(&[]));
    let text = fs::read_to_string(extracted.0.join("train/utterances.jsonl")).unwrap();
    let (first, second) = text.split_once('\n').unwrap();
    let end =
        r#""speaker":"mary","text":"café","gain":0.30000000000000004,"custom":{"z":1,"a":null}}"#;
    assert!(first.ends_with(end), "{first}");
    assert!(second.ends_with("\"speaker\":null}\n"), "{second}");
    let rows = extracted.rows();
    assert_eq!(rows[0].columns, columns.into_iter().collect::<Map<String, Value>>());
    assert!(rows[1].columns.is_empty());
}

#[test]
fn a_column_can_be_called_like_no_key_of_a_row() {
    let (segments, _) = both();
    let mut row = segments.extract(&with_events(&[])).rows().remove(0);
    row.speaker = Some("mary".to_owned());
    row.held = Some(json!({"offset": 12}));
    row.truncated = Some(Truncation { promised: None, found: 1 });
    assert!(row.levels.is_some());
    let value = serde_json::to_value(&row).unwrap();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(keys, Column::RESERVED.each_ref());
}

#[test]
fn a_segment_that_is_not_within_its_recording_is_a_row_of_the_ledger() {
    let [left, _] = recording();
    let mut made = TestCorpus::new();
    made.write("a.wav", &wav(&[&left]));
    let times = |start, end| Span::Nanoseconds { start, end: Some(end) };
    made.add("cut", "a.wav", of_span(times(1_000_000_000, 2_025_000_000)));
    made.add("late", "a.wav", of_span(times(1_000_000_000, 2_026_000_000)));
    made.add("nowhere", "a.wav", of_span(Span::Samples { start: 32_000, end: None }));
    made.add("short", "a.wav", of_span(span((100, 200))));
    made.add("to-the-end", "a.wav", of_span(Span::Samples { start: 16_000, end: None }));
    let extracted = made.extract(&one_feature(&["audio.max_duration_s=1"]));
    let stored: Vec<_> = extracted
        .rows()
        .into_iter()
        .map(|row| (row.id, row.start_sample, row.end_sample))
        .collect();
    assert_eq!(
        stored,
        [("cut".to_owned(), 16_000, 32_000), ("to-the-end".to_owned(), 16_000, 32_000)]
    );
    let failed = extracted.failures();
    let failed: Vec<_> = failed.iter().map(|row| (&*row.id, &*row.cause, &*row.error)).collect();
    let late = "its segment ends at sample 32416, more than a frame past the recording's 32000";
    let nowhere = "its segment, from sample 32000 to 32000, has nothing of the recording's 32000";
    let short = "a frame is 400 samples long; there are only 100";
    assert_eq!(
        failed,
        [
            ("late", "outside-recording", late),
            ("nowhere", "outside-recording", nowhere),
            ("short", "too-short", short),
        ]
    );
    // Files of a segment's own length would have been too long for the recipe.
    let mut whole = TestCorpus::new();
    whole.write("a.wav", &wav(&[&left]));
    whole.add("a", "a.wav", None);
    assert_eq!(
        whole.extract(&one_feature(&["audio.max_duration_s=1"])).failures()[0].cause,
        "too-long"
    );
}

#[test]
fn another_span_channel_or_column_is_another_corpus_and_makes_parts_again() {
    let [left, right] = recording();
    let mut made = TestCorpus::new();
    made.write("a.wav", &wav(&[&left, &right]));
    let text = |text: &str| Column::all([("text".to_owned(), text.into())]).unwrap();
    let none = Columns::default;
    let others = [
        (None, none()),
        (None, text("a")),
        (None, text("b")),
        (Some(Box::default()), none()),
        (of_span(span((0, 16_000))), none()),
        (of_span(span((1, 16_000))), none()),
        (of_span(Span::Samples { start: 0, end: None }), none()),
        (of_span(Span::Nanoseconds { start: 0, end: Some(16_000) }), none()),
        (Extra::of(None, Some(0), None), none()),
        (Extra::of(None, Some(1), None), none()),
        (Extra::of(None, Some(1), None), text("a")),
    ];
    let mut seen = Vec::new();
    for (extra, columns) in others {
        made.utterances.clear();
        made.add("a", "a.wav", extra.clone()).columns = columns.clone();
        let plan = made.plan(&one_feature(&[]));
        let sources = plan.sources_of(&plan.parts[0]).unwrap();
        assert!(
            !seen.contains(&plan.fingerprint) && !seen.contains(&sources),
            "{extra:?}, {columns:?}"
        );
        seen.extend([plan.fingerprint, sources]);
    }
}

/// Counts the files of this process that are open at a path.
#[cfg(target_os = "linux")]
fn num_open(path: &Path) -> usize {
    let open = fs::read_dir("/proc/self/fd").unwrap();
    open.filter(|file| fs::read_link(file.as_ref().unwrap().path()).is_ok_and(|at| at == path))
        .count()
}

/// Takes a recording away while a segment is computed: it is still there for the next ones of the same
/// recording and channel, which open nothing.
#[cfg(target_os = "linux")]
#[test]
fn a_recording_is_opened_once_for_segments_that_follow_each_other() {
    let [left, right] = recording();
    let mut made = TestCorpus::new();
    let path = made.write("a.wav", &wav(&[&left, &right])).canonicalize().unwrap();
    let moved = path.with_file_name("moved.wav");
    for (id, second, channel) in [("a", 0, 0), ("b", 1, 0), ("c", 0, 0), ("d", 1, 1), ("e", 1, 0)] {
        let span = span((16_000 * second, 16_000 * (second + 1)));
        made.add(id, "a.wav", Extra::of(Some(span), Some(channel), None));
    }
    let plan = made.plan(&one_feature(&[]));
    let order = plan.order(&plan.parts[0]);
    assert_eq!(order.utterances.len(), 4, "a part of a small corpus");
    let seen = Mutex::new(Vec::new());
    let mut hear = |progress: Progress| {
        let what = match progress {
            Progress::Begun { place } => {
                if place == 1 {
                    fs::rename(&path, &moved).unwrap();
                }
                format!("begun {place}: {} open", num_open(&path) + num_open(&moved))
            }
            Progress::Stored { place, .. } => format!("stored {place}"),
            Progress::Failed { place, cause, .. } => format!("failed {place}: {}", cause.as_str()),
            other => format!("{other:?}"),
        };
        lock(&seen).push(what);
        Ok(())
    };
    let mut worker = Worker::new(plan.job()).unwrap();
    let draft = worker.run_part(&order, &MemoryStore::default(), &Stop::default(), &mut hear);
    drop(draft.unwrap());
    let expected = [
        "begun 0: 0 open",
        "stored 0",
        "begun 1: 1 open",
        "stored 1",
        "begun 2: 1 open",
        "stored 2",
        // Another channel of it.
        "begun 3: 1 open",
        "stored 3",
    ];
    assert_eq!(*lock(&seen), expected);
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_stays_open_behind_a_part() {
    let [left, _] = recording();
    let mut made = TestCorpus::new();
    let path = made.write("a.wav", &wav(&[&left])).canonicalize().unwrap();
    for id in ["a", "b"] {
        made.add(id, "a.wav", of_span(span((0, 16_000))));
    }
    let plan = made.plan(&one_feature(&[]));
    // The one that it is kept open for does not come.
    let order = crate::plan::order::PartOrder { only: Some(0..1), ..plan.order(&plan.parts[0]) };
    let mut worker = Worker::new(plan.job()).unwrap();
    let store = MemoryStore::default();
    drop(worker.run_part(&order, &store, &Stop::default(), &mut |_| Ok(())).unwrap());
    assert_eq!(num_open(&path), 0);
}
