//! Parquet files: of every encoding and compression, broken, and given in many ways.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ossicle_corpus::{
    Archives, ColumnNames, Corpus, CorpusSource, DiscoverOptions, Error, HeldBytes, HeldError,
    Selection, Utterance, discover,
};
use serde_json::{Value, json};

use crate::{
    formats::{columns, fixture},
    tree::{Tree, from_path, ids, message},
};

fn parquet(name: &str) -> PathBuf {
    fixture("parquet").join(name)
}

/// The bytes of an utterance's recording.
fn recording(
    archives: &Archives,
    root: &Path,
    utterance: &Utterance,
) -> Result<Vec<u8>, HeldError> {
    let path = root.join(&utterance.source);
    let Some(held) = utterance.held() else { return Ok(fs::read(path).unwrap()) };
    match archives.open(&path, utterance, held, &|| false)? {
        HeldBytes::Memory(bytes) => Ok(bytes),
        other => panic!("{other:?}"),
    }
}

fn splits(corpus: &Corpus) -> Vec<&str> {
    corpus.splits.iter().map(|split| &*split.name).collect()
}

fn renamed(path: &Path, word: &str) -> Result<Corpus, Error> {
    let columns = ColumnNames::parse(None, &[word]).unwrap();
    let selection = Selection { columns, ..Selection::default() };
    let options = DiscoverOptions { selection, ..DiscoverOptions::default() };
    discover(&CorpusSource::Path(path.into()), &options)
}

/// What pyarrow reads again of each file: its rows, with bytes in hexadecimal.
fn expected() -> BTreeMap<String, Vec<Value>> {
    serde_json::from_slice(&fs::read(parquet("expected.json")).unwrap()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_pyarrow_writes_in_any_way_is_what_it_reads_again() {
    let mut read = 0;
    for (name, rows) in expected() {
        if !rows[0]["audio"]["bytes"].is_string() || name == "nulls.parquet" {
            continue;
        }
        let path = parquet(&name);
        let corpus = from_path(&path).unwrap();
        assert_eq!(
            (corpus.kind.to_string().as_str(), &corpus.notices[..]),
            ("set of Parquet files", &[][..])
        );
        let split = &corpus.splits[0];
        let archives = Archives::default();
        assert_eq!(split.utterances.len(), rows.len(), "{name}");
        // Ids are in the order of rows.
        for (number, (utterance, row)) in split.utterances.iter().zip(&rows).enumerate() {
            assert_eq!(*utterance.id, row["id"], "{name}");
            assert_eq!(utterance.held().unwrap().to_row(), json!({ "row": number }));
            let bytes = recording(&archives, &split.root, utterance).unwrap();
            assert_eq!(hex(&bytes), row["audio"]["bytes"], "{name}, row {number}");
            assert_eq!(columns(utterance), json!({ "text": row["text"] }), "{name}");
            let speaker = row["speaker_id"].as_i64().map(|speaker| speaker.to_string());
            assert_eq!(utterance.speaker.as_deref(), speaker.as_deref(), "{name}");
        }
        // Backwards, and by somebody else, they are the same.
        let archives = Archives::default();
        for (utterance, row) in split.utterances.iter().zip(&rows).rev() {
            let bytes = recording(&archives, &split.root, utterance).unwrap();
            assert_eq!(hex(&bytes), row["audio"]["bytes"], "{name}");
        }
        read += 1;
    }
    assert_eq!(read, 7);
}

#[test]
fn the_fixtures_of_hugging_faces_datasets_have_the_recordings_that_were_put_in() {
    for name in ["train-00000-of-00001.parquet", "zstd_two_groups.parquet"] {
        let corpus = from_path(&parquet(name)).unwrap();
        let [split] = &corpus.splits[..] else { panic!("{corpus:?}") };
        assert_eq!(
            (&*split.name, ids(split)),
            ("all", vec!["voicea-0001", "voicea-0002", "voiceb-0003"])
        );
        let archives = Archives::default();
        for utterance in &split.utterances {
            let wav = fs::read(fixture(&format!("wav/{}.wav", utterance.id))).unwrap();
            assert_eq!(recording(&archives, &split.root, utterance).unwrap(), wav);
            assert_eq!(utterance.speaker.as_deref(), utterance.id.get(..6));
        }
        assert_eq!(columns(&split.utterances[2]), json!({"text": "four"}));
    }
}

#[test]
fn a_plain_column_of_bytes_is_told_by_what_is_in_it() {
    let corpus = from_path(&parquet("plain_binary.parquet")).unwrap();
    let rows = &expected()["plain_binary.parquet"];
    let archives = Archives::default();
    for (utterance, row) in corpus.splits[0].utterances.iter().zip(rows) {
        let bytes = recording(&archives, &corpus.splits[0].root, utterance).unwrap();
        assert_eq!(
            (&*utterance.id, hex(&bytes)),
            (row["key"].as_str().unwrap(), row["content"].as_str().unwrap().to_owned())
        );
    }
    let [notice] = &corpus.notices[..] else { panic!("{:?}", corpus.notices) };
    assert!(
        notice.ends_with("plain_binary.parquet: the column `thumbnail` (bytes) is not carried"),
        "{notice}"
    );
    // Pages that refer to a dictionary.
    let corpus = from_path(&parquet("dictionary.parquet")).unwrap();
    let rows = &expected()["dictionary.parquet"];
    assert_eq!(corpus.splits[0].utterances.len(), 8);
    for (number, (utterance, row)) in corpus.splits[0].utterances.iter().zip(rows).enumerate() {
        let bytes = recording(&archives, &corpus.splits[0].root, utterance).unwrap();
        assert_eq!(
            (&*utterance.id, hex(&bytes)),
            (&*format!("dictionary-{number}"), row["wav"].as_str().unwrap().to_owned())
        );
        assert_eq!(columns(utterance), json!({"word": row["word"]}));
    }
}

#[test]
fn a_row_without_bytes_is_its_paths_file_and_one_without_both_fails_when_it_is_opened() {
    let corpus = from_path(&parquet("nulls.parquet")).unwrap();
    let split = &corpus.splits[0];
    assert_eq!(ids(split), ["nulls-0", "nulls-2", "nulls-3", "recordings/y"]);
    let [first, neither, last, path] = &split.utterances[..] else { panic!("{split:?}") };
    let archives = Archives::default();
    let rows = &expected()["nulls.parquet"];
    for (utterance, row) in [(first, 0), (last, 3)] {
        let bytes = recording(&archives, &split.root, utterance).unwrap();
        assert_eq!(hex(&bytes), rows[row]["audio"]["bytes"]);
    }
    let error = recording(&archives, &split.root, neither).unwrap_err().to_string();
    assert_eq!(error, "has no recording in row 2: neither bytes nor a path");
    assert_eq!((&*path.source, path.held()), (Path::new("recordings/y.wav"), None));
    assert_eq!((path.size_bytes, columns(path)), (1044, json!({"n": 1})));
}

#[test]
fn a_column_of_paths_has_stretches_and_speakers_as_tables_have() {
    let corpus = from_path(&parquet("paths.parquet")).unwrap();
    let said: Vec<_> = corpus.splits[0]
        .utterances
        .iter()
        .map(|it| (&*it.source, it.speaker.as_deref(), it.span().unwrap().samples(16_000)))
        .collect();
    let [y, z] = ["recordings/y.wav", "recordings/z.wav"].map(Path::new);
    assert_eq!(said, [(y, Some("ä"), (0, Some(416))), (z, Some("b"), (80, None))]);
    assert_eq!(from_path(&parquet("paths.parquet")).unwrap().notices, <[String; 0]>::default());
}

#[test]
fn values_of_every_type_are_carried_as_what_they_are() {
    let corpus = from_path(&parquet("typed.parquet")).unwrap();
    let said: Vec<Value> = corpus.splits[0].utterances.iter().map(columns).collect();
    // As `make.py` has them.
    let first = json!({
        "bool": true, "u8": 255, "u64": u64::MAX, "i16": -5, "f16": 1.5, "f32": 0.1, "f64": 0.1,
        "decimal": "-12.34", "small_decimal": "1.5", "date": "2024-02-29", "time": "01:02:03.000004",
        "local": "2024-05-01T12:34:56.789", "utc": "2024-05-01T12:34:56.789000Z",
        "words": ["a", null, "b"], "numbers": null, "vector": [0.5, 0.25], "category": "x",
    });
    let second = json!({
        "bool": null, "u8": 0, "u64": 0, "i16": null, "f16": -2.0, "f32": null, "f64": -1e300,
        "decimal": "0.05", "small_decimal": null, "date": "1969-12-31", "time": "23:59:00",
        "local": null, "utc": "1969-12-31T23:59:59Z", "words": [], "numbers": [1, 2],
        "vector": [1.0, 2.0], "category": "y",
    });
    assert_eq!(said, [first, second]);
    let [notice] = &corpus.notices[..] else { panic!("{:?}", corpus.notices) };
    let expected = "4 columns are not carried: `blob` (bytes), `lists` (a list of lists or structures), \
                    `map` (a map), `pair` (a structure)";
    assert!(notice.ends_with(expected), "{notice}");
    let corpus = from_path(&parquet("spark.parquet")).unwrap();
    let when = corpus.splits[0].utterances.iter().map(|it| columns(it)["when"].clone());
    assert!(when.eq(["2024-05-01T00:00:00", "1969-12-31T23:59:59"].map(Value::from)));
}

#[test]
fn a_folder_of_hugging_faces_has_its_splits_and_the_names_of_classes() {
    let corpus = from_path(&parquet("hub")).unwrap();
    assert_eq!(splits(&corpus), ["train", "validation", "test"]);
    let said: Vec<_> = corpus.splits.iter().map(|split| ids(split)).collect();
    assert_eq!(said, [vec!["c0", "c1", "c2"], vec!["c3"], vec!["c4"]]);
    let second = &corpus.splits[0].utterances[1];
    assert_eq!(&*second.source, Path::new("data/train-00000-of-00001.parquet"));
    assert_eq!(columns(second), json!({"label": "yes", "sentence": "s1"}));
    // Patterns and words are the same corpus, and a file alone has one split.
    let data = parquet("hub/data");
    let of_pattern = from_path(&data.join("*.parquet")).unwrap();
    assert_eq!(splits(&of_pattern), ["train", "validation", "test"]);
    let alone = from_path(&data.join("test-00000-of-00001.parquet")).unwrap();
    assert_eq!(splits(&alone), ["all"]);
}

#[test]
fn ids_that_several_files_have_get_the_files_names() {
    let tree = Tree::new(&[]);
    let file = fs::read(parquet("uncompressed.parquet")).unwrap();
    for name in ["default/train/0000.parquet", "default/test.other/0000.parquet"] {
        tree.write(name, &file);
    }
    let corpus = tree.discover().unwrap();
    assert_eq!(splits(&corpus), ["train", "test-other"]);
    assert_eq!(ids(&corpus.splits[0])[..2], ["default/train/0000/utt0", "default/train/0000/utt1"]);
    let [notice] = &corpus.notices[..] else { panic!("{:?}", corpus.notices) };
    assert!(notice.starts_with("5 ids are those of rows of several files"), "{notice}");
}

#[test]
fn columns_that_are_no_corpus_are_named() {
    let error = from_path(&parquet("two_columns.parquet")).unwrap_err();
    let Error::SeveralAudioColumns { columns, .. } = &error else { panic!("{error}") };
    assert_eq!(columns, &["question", "answer"]);
    let chosen = renamed(&parquet("two_columns.parquet"), "audio=answer").unwrap();
    assert_eq!(ids(&chosen.splits[0]), ["1", "2"]);
    let first =
        recording(&Archives::default(), &chosen.splits[0].root, &chosen.splits[0].utterances[0]);
    let rows = &expected()["two_columns.parquet"];
    assert_eq!(hex(&first.unwrap()), rows[0]["answer"]["bytes"]);
    for (given, word, said) in [
        ("two_columns.parquet", "audio=id", "the column `id`"),
        ("two_columns.parquet", "audio=b", "a column called `b`, found `question`, `answer`, `id`"),
        ("typed.parquet", "audio=pair", "bytes of recordings or their paths in the column `pair`"),
        ("typed.parquet", "source=bool", "a column is called `source`"),
    ] {
        let error = renamed(&parquet(given), word);
        if (given, word) != ("two_columns.parquet", "audio=id") {
            assert!(message(error).contains(said), "{word}");
        } else {
            // A text may be a path: there is none.
            assert!(message(error).contains("none of its 2 files exists"));
        }
    }
    let error = message(from_path(&parquet("features.parquet")));
    assert!(error.ends_with("(audio, path, file, wav …), found `id`, `features`"), "{error}");
}

#[test]
fn a_file_that_was_changed_since_it_was_listed_is_not_read() {
    let tree = Tree::new(&[]);
    let bytes = fs::read(parquet("lz4.parquet")).unwrap();
    let path = tree.write("a.parquet", &bytes);
    let corpus = from_path(&path).unwrap();
    let (root, utterance) = (&corpus.splits[0].root, &corpus.splits[0].utterances[0]);
    let archives = Archives::default();
    recording(&archives, root, utterance).unwrap();
    fs::write(&path, [&bytes[..], b"x"].concat()).unwrap();
    assert!(matches!(recording(&archives, root, utterance), Err(HeldError::Changed)));
}

/// Reads a file of other bytes, and every recording of it: all of it comes to an end.
fn broken(tree: &Tree, bytes: &[u8]) -> Result<usize, String> {
    let path = tree.write("a.parquet", bytes);
    let corpus = from_path(&path).map_err(|error| error.to_string())?;
    let archives = Archives::default();
    let utterances = &corpus.splits[0].utterances;
    let read = utterances.iter().filter(|it| recording(&archives, tree.path(), it).is_ok());
    Ok(read.count())
}

#[test]
fn files_that_are_none_are_named() {
    let tree = Tree::new(&[]);
    let whole = fs::read(parquet("v2_gzip.parquet")).unwrap();
    let with = |at: usize, bytes: &[u8]| {
        let mut broken = whole.clone();
        broken[at..at + bytes.len()].copy_from_slice(bytes);
        broken
    };
    let end = whole.len();
    for (bytes, said) in [
        (b"PAR1PAR1".to_vec(), "it is no Parquet file"),
        (b"no table at all".to_vec(), "it is no Parquet file"),
        (whole[..end - 5].to_vec(), "it is no Parquet file"),
        (with(end - 4, b"PARE"), "it is an encrypted Parquet file"),
        (with(end - 8, &[0xff; 4]), "it says that its footer has 4294967295 bytes, and at most"),
        (with(end - 8, &[9, 0, 0, 0]), "it is damaged: "),
    ] {
        let error = broken(&tree, &bytes).unwrap_err();
        assert!(error.contains("a.parquet: ") && error.contains(said), "{error}");
    }
    // A page that is said to unpack to two gigabytes: the number of the second field of its header.
    let wide = fs::read(parquet("dictionary.parquet")).unwrap();
    let page = wide.windows(2).position(|two| two == [0x15, 0x04]).unwrap();
    assert_eq!(wide[page + 2], 0x15);
    // Numbers end with a byte whose highest bit is not set.
    let number = page + 3;
    let end = number + wide[number..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    let huge = [&wide[..number], &[0xfe, 0xff, 0xff, 0xff, 0x0f], &wide[end..]].concat();
    let error = broken(&tree, &huge).unwrap_err();
    assert!(error.contains("unpack to 2147483647, and at most 1048576 are read"), "{error}");
}

#[test]
fn files_with_other_bytes_in_them_are_no_panic() {
    let tree = Tree::new(&[]);
    let mut random = fastrand::Rng::with_seed(7);
    for name in ["v2_gzip", "brotli", "dictionary", "typed", "delta", "v2_zstd_groups", "lz4"] {
        let whole = fs::read(parquet(&format!("{name}.parquet"))).unwrap();
        assert!(broken(&tree, &whole).unwrap() > 0);
        for end in (0..whole.len()).step_by(97) {
            broken(&tree, &whole[..end]).unwrap_err();
        }
        let mut read = 0;
        for _ in 0..150 {
            let mut bytes = whole.clone();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..bytes.len());
                match random.u8(..3) {
                    0 => bytes[at] ^= 1 << random.u8(..8),
                    1 => bytes[at] = random.u8(..),
                    // The footer, where every byte says something.
                    _ => {
                        let at = bytes.len() - 1 - random.usize(..bytes.len().min(2000));
                        bytes[at] = [0, 0xff, 0x7f, 0x80, 0x15, 0x19][random.usize(..6)];
                    }
                }
            }
            read += broken(&tree, &bytes).unwrap_or(0);
        }
        assert!(read > 0, "{name}: nothing of it was read");
    }
}
