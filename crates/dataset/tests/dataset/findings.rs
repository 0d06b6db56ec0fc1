//! Each kind of damage: which stage finds it, in which file, and what it says.

use std::fs;

use ossicle_dataset::{Dtype, Error, Finding, NpyHeader, VerifyStage, verify};

use crate::made::{Made, SPLITS, failure, features, labels, lines, spikes, utterance};

use VerifyStage::{Checksums, Counts, Structure};

#[track_caller]
fn findings(made: &Made) -> Vec<Finding> {
    verify(made.root()).unwrap().findings
}

/// Asserts that these are all findings.
#[track_caller]
fn assert_finds(made: &Made, expected: &[(VerifyStage, &str, &str)]) {
    let found = findings(made);
    let found: Vec<_> = found.iter().map(|f| (f.stage, &*f.file, &*f.what)).collect();
    assert_eq!(found, expected);
}

/// Asserts that there is one finding, and that it says this.
#[track_caller]
fn assert_finds_one(made: &Made, stage: VerifyStage, file: &str, what: &str) {
    assert_finds(made, &[(stage, file, what)]);
}

fn change(made: &Made, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = made.bytes(file);
    change(&mut bytes);
    made.write(file, &bytes);
}

const A: &str = "train/features-00000.npy";
const B: &str = "train/features-00001.npy";
const C: &str = "train/features-00002.npy";
const MISMATCH: &str = "its bytes do not match the checksum in the card";

#[test]
fn a_sound_dataset_is_sound_and_every_byte_of_it_was_read() {
    let made = Made::new();
    let verification = verify(made.root()).unwrap();
    assert_eq!(verification.findings, []);
    let shards: usize = SPLITS.iter().map(|(_, shards)| shards.len()).sum();
    assert_eq!(verification.files, 1 + 2 * SPLITS.len() as u64 + 2 * shards as u64);
    let bytes: u64 = made.card.files.iter().map(|file| file.bytes).sum();
    assert_eq!(verification.bytes, bytes);
}

#[test]
fn a_folder_without_a_card_is_no_dataset() {
    let made = Made::new();
    fs::remove_file(made.at("dataset.json")).unwrap();
    assert!(matches!(verify(made.root()), Err(Error::NoCard { .. })));
}

#[test]
fn a_card_that_was_edited_is_all_that_is_looked_at() {
    let made = Made::new();
    change(&made, "dataset.json", |bytes| bytes[20] ^= 1);
    let what = "its bytes do not match its card_blake3";
    assert_finds_one(&made, Structure, "dataset.json", what);
}

#[test]
fn a_flipped_bit_is_found_by_the_checksum() {
    let made = Made::new();
    change(&made, B, |bytes| bytes[200] ^= 1);
    assert_finds_one(&made, Checksums, B, MISMATCH);
}

#[test]
fn a_file_that_was_cut_or_appended_to_says_by_how_much() {
    let made = Made::new();
    change(&made, A, |bytes| bytes.truncate(bytes.len() - 3));
    change(&made, "test/utterances.jsonl", |bytes| bytes.push(b'\n'));
    let promised = made.card.files.iter().find(|f| f.path == "test/utterances.jsonl").unwrap();
    let (now, before) = (promised.bytes + 1, promised.bytes);
    let rows = format!("has {now} bytes, 1 more than the {before} that the card says");
    let shard = "has 265 bytes, 3 fewer than the 268 that the card says";
    let expected = [(Structure, "test/utterances.jsonl", &*rows), (Structure, A, shard)];
    assert_finds(&made, &expected);
}

#[test]
fn a_missing_file_is_missing() {
    let made = Made::new();
    fs::remove_file(made.at(B)).unwrap();
    fs::remove_file(made.at("train/index.npy")).unwrap();
    let missing = "is missing";
    assert_finds(&made, &[(Structure, B, missing), (Structure, "train/index.npy", missing)]);
}

#[test]
fn a_missing_folder_is_missing_with_all_that_was_in_it() {
    let made = Made::new();
    fs::remove_dir_all(made.at("test")).unwrap();
    let found = findings(&made);
    assert!(found.iter().all(|f| f.stage == Structure && f.what == "is missing"), "{found:?}");
    let files: Vec<_> = found.iter().map(|finding| &*finding.file).collect();
    let names = ["features-00000.npy", "index.npy", "labels-00000.npy", "utterances.jsonl"];
    assert_eq!(files[..4], names.map(|name| format!("test/{name}")));
    assert_eq!(files[4..], ["test"]);
}

#[test]
fn an_extra_file_is_named_so_that_it_can_be_printed() {
    let made = Made::new();
    made.write("train/100%\u{1b}[31m\n", b"");
    fs::create_dir(made.at("more")).unwrap();
    let what = "is not a file of the dataset";
    let expected = [(Structure, "more", what), (Structure, "train/100%25%1B[31m%0A", what)];
    assert_finds(&made, &expected);
}

#[test]
fn a_file_that_the_card_names_may_have_any_name_and_is_printed_safely() {
    let mut made = Made::new();
    let odd = "train/100%\u{1b}%25-00000.npy";
    made.write(odd, b"");
    made.seal();
    assert_finds(&made, &[]);
    change(&made, odd, |bytes| bytes.push(0));
    let what = "has 1 bytes, 1 more than the 0 that the card says";
    assert_finds_one(&made, Structure, "train/100%25%1B%2525-00000.npy", what);
}

#[cfg(unix)]
#[test]
fn an_extra_file_whose_name_is_not_utf8_is_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let made = Made::new();
    fs::write(made.root().join(OsStr::from_bytes(b"caf\xe9")), b"").unwrap();
    assert_finds_one(&made, Structure, "caf%E9", "is not a file of the dataset");
}

#[test]
fn what_a_stopped_run_left_is_told_from_other_files() {
    let made = Made::new();
    made.write(".ossicle/job.json", b"{}");
    let what = "is left of a run that did not finish; run it again";
    assert_finds_one(&made, Structure, ".ossicle", what);
}

#[test]
fn two_swapped_shards_of_one_size_are_named_as_swapped() {
    let made = Made::new();
    made.swap(A, B);
    let (a, b) = (format!("its bytes are those of {A}"), format!("its bytes are those of {B}"));
    assert_finds(&made, &[(Checksums, A, &b), (Checksums, B, &a)]);
}

#[test]
fn two_swapped_shards_of_different_sizes_are_named_as_swapped() {
    let made = Made::new();
    made.swap(B, C);
    let b = format!(
        "has 208 bytes, 60 fewer than the 268 that the card says; its bytes are those of {C}"
    );
    let c = format!(
        "has 268 bytes, 60 more than the 208 that the card says; its bytes are those of {B}"
    );
    assert_finds(&made, &[(Structure, B, &b), (Structure, C, &c)]);
}

#[test]
fn three_shards_that_changed_places_in_a_circle_each_name_whose_bytes_they_have() {
    let made = Made::new();
    made.swap(A, B);
    made.swap(B, C);
    let found = findings(&made);
    for (file, owner) in [(A, B), (B, C), (C, A)] {
        let finding = found.iter().find(|finding| finding.file == file).unwrap();
        assert!(finding.what.ends_with(&format!("its bytes are those of {owner}")), "{finding}");
    }
    assert_eq!(found.len(), 3);
}

#[test]
fn swapped_indices_are_found_by_counting_and_named_as_swapped() {
    // The index of `test` would do for a `train` of one utterance: give it one of the same size.
    let mut made = Made::new();
    for (split, frames) in [("one", 9), ("two", 8)] {
        made.write(&format!("{split}/features-00000.npy"), &features(0, frames));
        made.write(&format!("{split}/labels-00000.npy"), &labels(frames));
        let header = NpyHeader { dtype: Dtype::Int64, shape: vec![1, 3] }.to_bytes();
        let row = [0, 0, frames].map(u64::to_le_bytes).concat();
        made.write(&format!("{split}/index.npy"), &[header, row].concat());
        let rows = lines(&[utterance(0, frames)]);
        made.write(&format!("{split}/utterances.jsonl"), rows.as_bytes());
        let mut card = made.card.splits[1].clone();
        (card.name, card.frames, card.failures) = (split.into(), frames, 0);
        made.card.splits.push(card);
    }
    made.seal();
    assert_finds(&made, &[]);
    made.swap("one/index.npy", "two/index.npy");
    let found = findings(&made);
    let of = |file: &str| &found.iter().find(|finding| finding.file == file).unwrap().what;
    assert!(of("one/index.npy").ends_with("; its bytes are those of two/index.npy"), "{found:?}");
    assert!(of("two/index.npy").ends_with("; its bytes are those of one/index.npy"), "{found:?}");
}

#[test]
fn a_shard_with_other_numbers_of_rows_is_found_though_its_checksum_is_right() {
    let mut made = Made::new();
    made.write(B, &features(1, 6));
    made.seal();
    assert_finds_one(&made, Counts, B, "has 6 rows; the index says 7");
}

#[test]
fn a_shard_of_another_type_or_width_is_found_by_its_header() {
    let mut made = Made::new();
    made.write(A, &labels(7));
    made.write("test/labels-00000.npy", &features(0, 6));
    made.seal();
    let expected = [
        (Structure, A, "is int16 (7,); the card says float32 (frames, 5)"),
        (Structure, "test/labels-00000.npy", "is float32 (6, 5); the card says int16 (frames,)"),
    ];
    assert_finds(&made, &expected);

    let mut made = Made::new();
    let header = NpyHeader { dtype: Dtype::Float32, shape: vec![7, 6] }.to_bytes();
    made.write(B, &[header, vec![0; 7 * 6 * 4]].concat());
    made.seal();
    let what = "is float32 (7, 6); the card says float32 (frames, 5)";
    assert_finds_one(&made, Structure, B, what);
}

#[test]
fn a_shard_whose_header_disagrees_with_its_size_is_found_by_its_header() {
    let mut made = Made::new();
    change(&made, B, |bytes| bytes.truncate(bytes.len() - 20));
    made.seal();
    let what = "has 248 bytes; its header, float32 (7, 5), says 268";
    assert_finds_one(&made, Structure, B, what);
}

#[test]
fn a_number_that_is_not_finite_is_found_with_its_place() {
    for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut made = Made::new();
        change(&made, B, |bytes| {
            let at = 128 + 4 * (3 * 5 + 2);
            bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        });
        made.seal();
        assert_finds_one(&made, Checksums, B, "row 3, column 2 is not a finite number");
    }
}

#[test]
fn a_number_that_is_not_finite_is_found_far_into_a_large_file() {
    // Past the first read of 4 MiB, where the place of a number no longer is its place in the buffer.
    let mut made = Made::new();
    let frames = 300_000;
    let mut bytes = features(1, frames);
    let at = 128 + 4 * (250_001 * 5 + 4);
    bytes[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    made.write("train/features-00001.npy", &bytes);
    made.write("train/labels-00001.npy", &labels(7));
    made.seal();
    // The index says another number of rows: that is found first, and is enough.
    assert_finds_one(&made, Counts, B, "has 300000 rows; the index says 7");
    change(&made, "train/index.npy", |index| {
        index[128 + 2 * 24 + 16..][..8].copy_from_slice(&frames.to_le_bytes());
    });
    let rows: Vec<_> =
        [3, 4, frames, 2, 1, 1].into_iter().enumerate().map(|(i, n)| utterance(i, n)).collect();
    made.write("train/utterances.jsonl", lines(&rows).as_bytes());
    made.write("train/labels-00001.npy", &silent_labels(frames));
    made.card.splits[0].frames = 11 + frames;
    made.seal();
    assert_finds_one(&made, Checksums, B, "row 250001, column 4 is not a finite number");
}

/// Labels of more frames than an int16 counts.
fn silent_labels(frames: u64) -> Vec<u8> {
    let header = NpyHeader { dtype: Dtype::Int16, shape: vec![frames] };
    [header.to_bytes(), vec![0; 2 * frames as usize]].concat()
}

#[test]
fn an_index_that_disagrees_with_the_card_is_found_by_counting() {
    let mut made = Made::new();
    made.card.splits[1].utterances = 2;
    made.seal();
    let expected = [
        (Counts, "test/index.npy", "has 1 row; the card says 2 utterances"),
        (Counts, "test/utterances.jsonl", "has 1 row; the card says 2 utterances"),
    ];
    assert_finds(&made, &expected);

    let mut made = Made::new();
    made.card.splits[1].frames = 7;
    made.seal();
    let what = "counts 6 frames in 1 shard; the card says 7 in 1";
    assert_finds_one(&made, Counts, "test/index.npy", what);
}

#[test]
fn an_index_whose_rows_do_not_follow_on_one_another_is_found_by_counting() {
    for (column, number, words) in [
        (1, 4_i64, "row 1 is at frame 4 of shard 0; the row before ends at frame 3 of shard 0"),
        (0, 2, "row 1 is at frame 3 of shard 2; the row before ends at frame 3 of shard 0"),
        (2, -1, "row 1 holds the number -1"),
        // The last row of a shard: only the sum shows it.
        (2, 5, "counts 19 frames in 3 shards; the card says 18 in 3"),
        (2, i64::MAX, "counts 9223372036854775821 frames in 3 shards; the card says 18 in 3"),
    ] {
        let mut made = Made::new();
        change(&made, "train/index.npy", |index| {
            index[128 + 24 + 8 * column..][..8].copy_from_slice(&number.to_le_bytes());
        });
        made.seal();
        assert_finds_one(&made, Counts, "train/index.npy", words);
    }
}

#[test]
fn utterances_that_disagree_with_the_index_are_found_by_counting() {
    let rows = |frames: &[u64]| -> Vec<_> {
        frames.iter().enumerate().map(|(number, &frames)| utterance(number, frames)).collect()
    };
    let mut reversed = rows(&[7, 7]);
    reversed.reverse();
    let mut twice = rows(&[3, 4, 7, 2, 1, 1]);
    twice[3].id = twice[2].id.clone();
    for (rows, what) in [
        (rows(&[3, 5, 7, 2, 1, 1]), "line 2: \"u001\" has 5 frames; the index says 4"),
        (rows(&[3, 4, 7, 2, 1]), "has 5 rows; the card says 6 utterances"),
        (rows(&[3, 4, 7, 2, 1, 1, 9]), "has 7 rows; the card says 6 utterances"),
        (twice, "line 4: \"u002\" does not come after \"u002\""),
    ] {
        let mut made = Made::new();
        made.write("train/utterances.jsonl", lines(&rows).as_bytes());
        made.seal();
        assert_finds_one(&made, Counts, "train/utterances.jsonl", what);
    }
}

#[test]
fn a_line_that_is_no_row_is_found_with_its_number() {
    for file in ["train/utterances.jsonl", "failures.jsonl"] {
        let mut made = Made::new();
        change(&made, file, |bytes| {
            let second = bytes.iter().position(|&byte| byte == b'\n').unwrap() + 1;
            bytes[second] = b'\x1b';
        });
        made.seal();
        assert_finds_one(&made, Counts, file, "line 2: expected value at column 1");
    }
}

#[test]
fn what_a_line_says_cannot_reach_a_terminal_unescaped() {
    let mut made = Made::new();
    let text = lines(&[failure("x", "train")]).replace("decode", "\\u001b[31m\\n");
    made.write("failures.jsonl", text.as_bytes());
    made.seal();
    let found = findings(&made);
    assert!(found[0].what.contains("unknown variant `\\u{1b}[31m\\n`"), "{}", found[0]);
}

#[test]
fn a_ledger_that_disagrees_with_the_card_is_found_by_counting() {
    for (failures, what) in [
        (vec![failure("x", "train"), failure("z", "test")], "has 1 of train; the card says 2"),
        (vec![failure("x", "train"), failure("y", "more")], "line 2: there is no split \"more\""),
    ] {
        let mut made = Made::new();
        made.write("failures.jsonl", lines(&failures).as_bytes());
        made.seal();
        assert_finds_one(&made, Counts, "failures.jsonl", what);
    }
}

#[test]
fn a_card_that_does_not_name_all_files_is_found_by_its_structure() {
    let mut made = Made::new();
    made.card.splits[1].shards = 1 << 42;
    made.seal();
    let found = findings(&made);
    let expected = Finding {
        stage: Structure,
        file: "dataset.json".into(),
        what: "does not name \"test/features-00001.npy\"".into(),
    };
    assert_eq!(found[0], expected);

    let mut made = Made::new();
    made.card.files.retain(|file| file.path != "failures.jsonl");
    made.write("dataset.json", made.card.to_text().as_bytes());
    let found = findings(&made);
    assert!(found.iter().any(|f| f.what == "does not name \"failures.jsonl\""), "{found:?}");

    let mut made = Made::new();
    let again = made.card.files[0].clone();
    made.card.files.push(again);
    made.write("dataset.json", made.card.to_text().as_bytes());
    assert_finds_one(&made, Structure, "dataset.json", "names \"failures.jsonl\" twice");
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_in_place_of_a_file_is_found_without_waiting() {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    let made = Made::new();
    for file in [A, "failures.jsonl", "test/index.npy", "test/utterances.jsonl"] {
        fs::remove_file(made.at(file)).unwrap();
        assert!(Command::new("mkfifo").arg(made.at(file)).status().unwrap().success());
    }
    fs::remove_file(made.at(B)).unwrap();
    symlink("/dev/zero", made.at(B)).unwrap();
    let found = findings(&made);
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(found.iter().all(|f| f.stage == Structure && f.what == "is not a regular file"));
}

#[test]
fn many_wrong_files_are_noted_once_each() {
    let made = Made::new();
    for number in 0..2000 {
        made.write(&format!("train/{number:05}"), b"");
    }
    assert_eq!(findings(&made).len(), 2000);
}

#[test]
fn stages_come_in_order_and_are_written_by_their_names() {
    let mut made = Made::new();
    made.write(B, &features(1, 6));
    made.seal();
    change(&made, A, |bytes| bytes[200] ^= 1);
    made.write("notes.txt", b"mine");
    let found = findings(&made);
    let stages: Vec<_> = found.iter().map(|f| f.stage.to_string()).collect();
    assert_eq!(stages, ["structure", "counts", "checksums"]);
    let json = serde_json::to_value(&found[2]).unwrap();
    assert_eq!(json, serde_json::json!({"stage": "checksums", "file": A, "what": MISMATCH}));
}

/// A shard of spikes that is not the first.
const SPIKES: &str = "train/spikes-00001.npy";

#[test]
fn spikes_of_another_number_are_found_by_counting() {
    assert_finds(&Made::with_spikes(), &[]);
    let mut made = Made::with_spikes();
    made.write(SPIKES, &spikes(8));
    made.seal();
    assert_finds_one(&made, Counts, SPIKES, "has 8 rows; the utterances say 7");
}

#[test]
fn utterances_whose_spikes_do_not_follow_on_one_another_are_found_by_counting() {
    let elsewhere = "begins at row 2 of spikes; the utterance before ends at 3";
    for (from, to, words) in [
        ("\"first_spike\":3", "\"first_spike\":2", elsewhere),
        ("\"first_spike\":3,", "", "does not say where its rows of spikes are"),
    ] {
        let mut made = Made::with_spikes();
        let text = String::from_utf8(made.bytes("train/utterances.jsonl")).unwrap();
        assert!(text.contains(from), "{text}");
        made.write("train/utterances.jsonl", text.replace(from, to).as_bytes());
        made.seal();
        let what = format!("line 2: \"u001\" {words}");
        assert_finds_one(&made, Counts, "train/utterances.jsonl", &what);
    }
}

#[test]
fn an_amplitude_that_is_not_finite_is_found_with_its_place() {
    let mut made = Made::with_spikes();
    change(&made, SPIKES, |bytes| {
        bytes[192 + 16 * 5 + 12..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
        // A sample is no floating-point number, whatever its bits would be as one.
        bytes[192 + 16 * 4 + 4..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
    });
    made.seal();
    assert_finds_one(&made, Checksums, SPIKES, "row 5: the amplitude is not a finite number");
}
