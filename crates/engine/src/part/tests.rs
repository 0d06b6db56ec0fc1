//! Parts as they are written and read back, in memory.

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;

use ossicle_dataset::{
    FailureRow, LocalStore, MemoryStore, Put, Stage, Store, UtteranceRow, read_whole,
};
use ossicle_dsp::{Level, Moments};
use proptest::prelude::*;

use super::{BadPart, PartArray, PartFile, PartWriter};

/// A feature of two columns, a track, and events.
const ARRAYS: [PartArray; 3] = [
    PartArray { row_bytes: 8, grid: 0, wide_columns: 2 },
    PartArray { row_bytes: 2, grid: 0, wide_columns: 0 },
    PartArray { row_bytes: 16, grid: 1, wide_columns: 0 },
];

const NAME: &str = "000000.part";

fn row(id: &str) -> UtteranceRow {
    UtteranceRow {
        id: id.into(),
        source: "a.wav".into(),
        held: None,
        channel: "first".into(),
        sample_rate_hz: 16_000,
        start_sample: 0,
        end_sample: 560,
        num_frames: 3,
        first_event: None,
        num_events: Some(2),
        truncated: None,
        levels: None,
        speaker: None,
        intervals: BTreeMap::new(),
        columns: Default::default(),
    }
}

fn failure(id: &str) -> FailureRow {
    FailureRow {
        id: id.into(),
        split: "all".into(),
        source: "b.wav".into(),
        held: None,
        stage: Stage::Decode,
        cause: "truncated".into(),
        error: "is bad".into(),
    }
}

fn features(first: f32) -> [f32; 6] {
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0].map(|x| x + first)
}

/// Appends an utterance of three frames and two events, rows of arrays in turns.
fn append(writer: &mut PartWriter, first: f32) -> Vec<Moments> {
    let rows = features(first);
    writer.begin();
    writer.append(0, bytemuck::cast_slice(&rows[..2])).unwrap();
    writer.append(2, &[first as u8; 16]).unwrap();
    writer.append(0, bytemuck::cast_slice(&rows[2..])).unwrap();
    writer.append(1, bytemuck::cast_slice(&[1_i16, -1, 7])).unwrap();
    writer.append(2, &[first as u8 + 1; 16]).unwrap();
    vec![Moments::of_rows(&rows, 2, Level::BASELINE)]
}

/// Writes a part of two good utterances, with or without one between them that fails half way.
fn write(store: &MemoryStore, with_failure: bool) {
    let mut writer = PartWriter::create(store, NAME, &ARRAYS, "job", "sources").unwrap();
    let moments = append(&mut writer, 10.0);
    writer.store(&row("a"), &moments);
    if with_failure {
        append(&mut writer, 99.0);
        writer.append(0, &[1; 8 * 5000]).unwrap();
        writer.fail(&failure("b")).unwrap();
    }
    let moments = append(&mut writer, 20.0);
    writer.store(&row("c"), &moments);
    store.put(writer.finish().unwrap(), NAME, Put::Always).unwrap();
}

fn open(store: &MemoryStore) -> Result<PartFile, BadPart> {
    PartFile::open(store, NAME, &ARRAYS, "job")
}

#[test]
fn what_was_written_is_read_whatever_fails_between() {
    for with_failure in [false, true] {
        let store = MemoryStore::default();
        write(&store, with_failure);
        let part = open(&store).unwrap();
        assert!(part.is_sound(&store).unwrap());
        assert_eq!(part.footer.rows, [vec![3, 3], vec![2, 2]]);
        assert_eq!(part.footer.failures, u64::from(with_failure));
        let of_rate = &part.footer.rates[&16_000];
        assert_eq!((part.footer.rates.len(), of_rate.samples), (1, 1120));
        let ids: Vec<_> = part.utterances(&store).unwrap().into_iter().map(|row| row.id).collect();
        assert_eq!(ids, ["a", "c"]);
        let failures = String::from_utf8(part.failure_text(&store).unwrap()).unwrap();
        assert_eq!(failures.contains("\"b\""), with_failure);

        let reader = part.reader(&store, &ARRAYS).unwrap();
        let moments = part.moments(&store, &ARRAYS, 0..2).unwrap();
        for (utterance, first) in [(0, 10.0), (1, 20.0)] {
            // Rows of two chunks, all and some.
            let mut rows = [0.0_f32; 6];
            reader.read(utterance, 0, 0..3, 8, bytemuck::cast_slice_mut(&mut rows)).unwrap();
            assert_eq!(rows, features(first));
            let mut rows = [0.0_f32; 4];
            reader.read(utterance, 0, 1..3, 8, bytemuck::cast_slice_mut(&mut rows)).unwrap();
            assert_eq!(rows, features(first)[2..]);
            let mut track = [0_i16; 2];
            reader.read(utterance, 1, 1..3, 2, bytemuck::cast_slice_mut(&mut track)).unwrap();
            assert_eq!(track, [-1, 7]);
            let mut event = [0; 16];
            reader.read(utterance, 2, 1..2, 16, &mut event).unwrap();
            assert_eq!(event, [first as u8 + 1; 16]);

            let expected = Moments::of_rows(&features(first), 2, Level::BASELINE);
            assert_eq!(moments.of(utterance, 0), (expected.mean, expected.m2));
            assert_eq!(moments.range_of(utterance, 0), (expected.min, expected.max));
            let own = reader.moments(&part, &ARRAYS, utterance..utterance + 1).unwrap();
            assert_eq!(own.of(0, 0), moments.of(utterance, 0));
        }
    }
}

#[test]
fn a_part_that_is_not_finished_leaves_no_file() {
    let store = MemoryStore::default();
    let writer = PartWriter::create(&store, NAME, &ARRAYS, "job", "sources").unwrap();
    assert_eq!(store.list("").unwrap().len(), 1);
    drop(writer);
    assert_eq!(store.list("").unwrap(), [""; 0]);
}

#[test]
fn a_part_of_another_job_or_of_other_arrays_is_refused() {
    let store = MemoryStore::default();
    write(&store, true);
    assert!(matches!(PartFile::open(&store, NAME, &ARRAYS, "another"), Err(BadPart::OtherJob)));
    for arrays in [&ARRAYS[..2], &ARRAYS[1..], &ARRAYS[..1]] {
        assert!(matches!(PartFile::open(&store, NAME, arrays, "job"), Err(BadPart::Torn)));
    }
    let wider =
        [PartArray { row_bytes: 16, ..ARRAYS[0].clone() }, ARRAYS[1].clone(), ARRAYS[2].clone()];
    assert!(matches!(PartFile::open(&store, NAME, &wider, "job"), Err(BadPart::Torn)));
}

#[test]
fn a_footer_that_is_longer_than_what_is_read_at_once_is_read_whole() {
    let store = MemoryStore::default();
    let mut writer = PartWriter::create(&store, NAME, &ARRAYS, "job", "sources").unwrap();
    for number in 0..5000 {
        let moments = append(&mut writer, 1.0);
        writer.store(&row(&number.to_string()), &moments);
    }
    store.put(writer.finish().unwrap(), NAME, Put::Always).unwrap();
    let part = open(&store).unwrap();
    assert_eq!(part.footer.utterances(), 5000);
    assert!(part.is_sound(&store).unwrap());
}

#[test]
fn a_block_as_large_as_no_part_has_it_is_not_read_into_memory() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path());
    let small = MemoryStore::default();
    write(&small, false);
    let whole = read_whole(&small, NAME).unwrap();
    // A terabyte of nothing before an honest end, as a footer of that length.
    let sparse = std::fs::File::create(folder.path().join(NAME)).unwrap();
    const TERABYTE: u64 = 1 << 40;
    sparse.set_len(TERABYTE).unwrap();
    let mut trailer = whole[whole.len() - 48..].to_vec();
    trailer[..8].copy_from_slice(&(TERABYTE - 48).to_le_bytes());
    sparse.write_all_at(&trailer, TERABYTE - 48).unwrap();
    assert!(matches!(PartFile::open(&store, NAME, &ARRAYS, "job"), Err(BadPart::Torn)));
    // The same with an honest footer that puts its blocks far from one another.
    let length = u64::from_le_bytes(whole[whole.len() - 48..][..8].try_into().unwrap()) as usize;
    let footer = &whole[whole.len() - 48 - length..whole.len() - 48];
    let footer: serde_json::Value = serde_json::from_slice(footer).unwrap();
    for block in ["utterances_end", "failures_end", "table_end"] {
        let mut forged = footer.clone();
        let mut is_behind = false;
        for key in ["utterances_end", "failures_end", "table_end"] {
            is_behind |= key == block;
            let end = forged[key].as_u64().unwrap();
            forged[key] = if is_behind { end + (TERABYTE / 24 * 24) } else { end }.into();
        }
        let text = forged.to_string();
        let begin = forged["table_end"].as_u64().unwrap();
        let mut end = text.clone().into_bytes();
        end.extend_from_slice(&(text.len() as u64).to_le_bytes());
        end.extend_from_slice(&trailer[8..]);
        sparse.set_len(begin + end.len() as u64).unwrap();
        sparse.write_all_at(&whole, 0).unwrap();
        sparse.write_all_at(&end, begin).unwrap();
        match PartFile::open(&store, NAME, &ARRAYS, "job") {
            Err(BadPart::Torn) => {}
            Err(error) => panic!("{block}: {error}"),
            Ok(part) => {
                assert!(
                    part.utterances(&store).is_err() || part.failure_text(&store).is_err(),
                    "{block}"
                );
            }
        }
    }
}

#[test]
fn a_list_without_a_row_for_each_utterance_is_torn() {
    let store = MemoryStore::default();
    write(&store, false);
    let part = open(&store).unwrap();
    let mut bytes = read_whole(&store, NAME).unwrap();
    // Blank lines are no rows.
    let begin = bytes.windows(8).position(|text| text == b"{\"id\":\"a").unwrap();
    let end = begin + bytes[begin..].iter().position(|&byte| byte == b'\n').unwrap();
    bytes[begin..end].fill(b' ');
    ossicle_dataset::write_whole(&store, NAME, &bytes, false).unwrap();
    let error = part.utterances(&store).unwrap_err();
    assert!(matches!(error, crate::Error::LostPart { .. }), "{error}");
}

proptest! {
    #[test]
    fn a_part_with_a_flipped_bit_or_a_cut_is_not_sound(
        at: prop::sample::Index, bit in 0_u32..8, cut: bool,
    ) {
        let store = MemoryStore::default();
        write(&store, true);
        let part = open(&store).unwrap();
        let mut bytes = read_whole(&store, NAME).unwrap();
        let at = at.index(bytes.len());
        match cut {
            true => bytes.truncate(at),
            false => bytes[at] ^= 1 << bit,
        }
        ossicle_dataset::write_whole(&store, NAME, &bytes, false).unwrap();
        // A part that was opened before, and one that is opened now.
        prop_assert!(!part.is_sound(&store).unwrap_or(false));
        if let Ok(part) = open(&store) {
            prop_assert!(!part.is_sound(&store).unwrap_or(false));
        }
    }
}
