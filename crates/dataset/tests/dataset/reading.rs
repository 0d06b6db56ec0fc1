//! Goes through a dataset, utterance by utterance.

use ossicle_dataset::{Dataset, NpyHeader, read_labels, read_rows};

use crate::made::{COLUMNS, Made, SPLITS, features, labels, utterance};

#[test]
fn every_utterances_rows_are_found_by_the_index() {
    let made = Made::new();
    let dataset = Dataset::open(made.root()).unwrap();
    assert_eq!(dataset.card(), &made.card);
    let (mut rows, mut classes) = (Vec::new(), Vec::new());
    for (split, shards) in SPLITS {
        let index = dataset.index(split).unwrap();
        let utterances = dataset.utterances(split).unwrap();
        let expected: Vec<(usize, u64)> = (0..)
            .zip(shards)
            .flat_map(|(shard, frames)| frames.iter().map(move |&frames| (shard, frames)))
            .collect();
        assert_eq!(index.num_rows(), expected.len() as u64);
        let mut count = 0;
        for (place, found) in index.zip(utterances).enumerate() {
            let (row, own) = (found.0.unwrap(), found.1.unwrap());
            assert_eq!((row.shard, row.num_frames), expected[place]);
            assert_eq!(own, utterance(place, row.num_frames));

            let in_shard: u64 = shards[row.shard].iter().sum();
            let (first, end) = (row.first_frame, row.first_frame + row.num_frames);
            let path = dataset.shard_path(split, "features", row.shard);
            let header = NpyHeader::read(&path).unwrap();
            read_rows(&path, &header, first..end, &mut rows).unwrap();
            let stored = features(row.shard, in_shard);
            let stored = stored[128..].as_chunks().0.iter().map(|&x| f32::from_le_bytes(x));
            let skip = first as usize * COLUMNS;
            let stored: Vec<f32> = stored.skip(skip).take(rows.len()).collect();
            assert_eq!(rows, stored);
            assert_eq!(rows.len(), row.num_frames as usize * COLUMNS);

            let path = dataset.shard_path(split, "labels", row.shard);
            let header = NpyHeader::read(&path).unwrap();
            read_labels(&path, &header, first..end, &mut classes).unwrap();
            let stored = labels(in_shard);
            let stored = stored[128..].as_chunks().0.iter().map(|&x| i16::from_le_bytes(x));
            let stored: Vec<i16> = stored.skip(first as usize).take(classes.len()).collect();
            assert_eq!((classes.len() as u64, &classes), (row.num_frames, &stored));
            count += 1;
        }
        assert_eq!(count, expected.len());
    }
}

#[test]
fn what_a_dataset_does_not_have_is_an_error_that_names_the_path() {
    let made = Made::new();
    let dataset = Dataset::open(made.root()).unwrap();
    let error = dataset.index("valid").unwrap_err().to_string();
    assert_eq!(error, format!("cannot open {}", made.at("valid/index.npy").display()));
    let error = dataset.utterances("valid").unwrap_err().to_string();
    assert_eq!(error, format!("cannot open {}", made.at("valid/utterances.jsonl").display()));
}

#[cfg(unix)]
#[test]
fn a_card_that_is_a_pipe_or_endless_is_refused_without_waiting() {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    let made = Made::new();
    let card = made.at("dataset.json");
    fs::remove_file(&card).unwrap();
    assert!(Command::new("mkfifo").arg(&card).status().unwrap().success());
    let error = Dataset::open(made.root()).unwrap_err().to_string();
    assert!(error.ends_with("dataset.json cannot be read: it is not a regular file"), "{error}");

    fs::remove_file(&card).unwrap();
    symlink("/dev/zero", &card).unwrap();
    let error = Dataset::open(made.root()).unwrap_err().to_string();
    assert!(error.ends_with("it is not a regular file"), "{error}");

    fs::remove_file(&card).unwrap();
    fs::File::create(&card).unwrap().set_len(1 << 32).unwrap();
    let error = Dataset::open(made.root()).unwrap_err().to_string();
    assert!(error.ends_with("it has 4294967296 bytes; a card has at most 67108864"), "{error}");
}
