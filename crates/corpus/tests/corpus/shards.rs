//! Tar shards: whole, broken, and given in many ways.

use std::{fs, path::Path};

use ossicle_corpus::{Archives, Corpus, CorpusSource, DiscoverOptions, Held, HeldError, discover};
use serde_json::json;

use crate::{
    formats::{columns, fixture},
    tree::{Tree, from_pairs, from_path, ids, message, splits},
};

fn member(name: &str, offset: u64, bytes: u64, is_packed: bool) -> Held {
    Held::Member { name: name.into(), offset, bytes, is_packed }
}

#[test]
fn what_webdataset_writes_is_read_with_texts_and_classes() {
    let corpus = from_path(&fixture("webdataset/shard-000000.tar")).unwrap();
    assert_eq!(corpus.kind.to_string(), "set of tar shards");
    assert_eq!(corpus.notices, <[String; 0]>::default());
    let utterances = &corpus.splits[0].utterances;
    assert_eq!(ids(&corpus.splits[0]), ["voicea-0001", "voicea-0002", "voiceb-0003"]);
    let second = &utterances[1];
    assert_eq!(
        (&*second.source, second.recording_bytes()),
        (Path::new("shard-000000.tar"), 16_290)
    );
    assert_eq!(second.speaker.as_deref(), Some("voicea"));
    assert_eq!(columns(second)["text"], "three f\u{fc}r \u{e9}l\u{e8}ve");
    // The bytes are those of the recording.
    let shard = fs::read(fixture("webdataset/shard-000000.tar")).unwrap();
    for utterance in utterances {
        let Some(Held::Member { offset, bytes, is_packed: false, .. }) = utterance.held() else {
            panic!("{utterance:?}")
        };
        let wav = fs::read(fixture(&format!("wav/{}.wav", utterance.id))).unwrap();
        assert_eq!(shard[*offset as usize..][..*bytes as usize], wav);
    }
}

#[test]
fn the_key_of_a_compressed_shard_ends_at_the_first_dot_of_the_base_name() {
    let corpus = from_path(&fixture("webdataset/shard-000001.tar.gz")).unwrap();
    let [first, second] = &corpus.splits[0].utterances[..] else { panic!("{corpus:?}") };
    assert_eq!(
        (&*first.id, &*second.id),
        ("dir.with.dots/voicea-0001", "dir.with.dots/voicea-0002")
    );
    assert_eq!(columns(first), json!({"class": 3}));
    assert_eq!(first.held(), Some(&member("dir.with.dots/voicea-0001.wav", 3584, 12_844, true)));
    let Some(Held::Member { name, bytes: 16_290, .. }) = second.held() else {
        panic!("{second:?}")
    };
    assert_eq!(&**name, "dir.with.dots/voicea-0002.seg.wav");
    assert_eq!(corpus.ignored.files(), 1, "an array of NumPy's");
}

#[test]
fn several_are_a_corpus_by_braces_stars_and_words_and_each_may_be_a_split() {
    let (first, second) = ("webdataset/shard-000000.tar", "webdataset/shard-000001.tar.gz");
    let braces = fixture("webdataset/shard-{000000.tar,000001.tar.gz}");
    let expected = from_path(&braces).unwrap();
    assert_eq!(expected.splits[0].utterances.len(), 5);
    for word in ["webdataset/shard-00000?.tar*", "webdataset/*", "webdataset"] {
        assert_eq!(from_path(&fixture(word)).unwrap(), expected, "{word}");
    }
    let words = CorpusSource::Paths(vec![fixture(second), fixture(first)]);
    assert_eq!(discover(&words, &DiscoverOptions::default()).unwrap(), expected);
    let pairs =
        [("train", fixture("webdataset/shard-{000000..000000}.tar")), ("dev", fixture(second))];
    let corpus = from_pairs(&pairs).unwrap();
    let sizes: Vec<_> = corpus.splits.iter().map(|split| split.utterances.len()).collect();
    assert_eq!(sizes, [3, 2]);
    let error = message(from_path(&fixture("webdataset/shard-{000000..000007}.tar")));
    assert!(error.contains("shard-000001.tar: no such file"), "{error}");
    let error = message(from_path(&fixture("webdataset/shard-{0..99999999}.tar")));
    assert!(error.ends_with("stands for more than 1000000 paths"), "{error}");
}

#[test]
fn folders_and_names_of_splits_are_splits_and_a_file_of_splits_replaces_them() {
    let tree = Tree::new(&[]);
    let shard = fs::read(fixture("webdataset/shard-000000.tar")).unwrap();
    tree.write("train/0.tar", &shard);
    tree.write("train/1.tar", &fs::read(fixture("webdataset/shard-000001.tar.gz")).unwrap());
    tree.write("dev/0.tar", &shard);
    let corpus = tree.discover().unwrap();
    let named = ["voicea-0001", "voicea-0002", "voiceb-0003"];
    let of = |folder: &str| named.map(|key| format!("{folder}/0/{key}"));
    let (train, dev) = (of("train"), of("dev"));
    let packed = ["dir.with.dots/voicea-0001", "dir.with.dots/voicea-0002"];
    let train: Vec<&str> = packed.into_iter().chain(train.iter().map(String::as_str)).collect();
    let dev: Vec<&str> = dev.iter().map(String::as_str).collect();
    assert_eq!(splits(&corpus), [("train", train), ("dev", dev)]);
    let shared = "3 keys are those of several shards, whose names are put before them";
    assert!(corpus.notices.iter().any(|it| it.starts_with(shared)), "{:?}", corpus.notices);
    // A shard is a folder to a file of splits, and so is one in it.
    let lines = "train/1.tar/ test\ndev/0.tar/voicea-0001.wav/ x\ndev/ dev\n";
    let corpus = tree.discover_split_by(lines).unwrap();
    let sizes: Vec<_> = corpus.splits.iter().map(|it| (&*it.name, it.utterances.len())).collect();
    assert_eq!(sizes, [("test", 2), ("x", 0), ("dev", 3)]);
}

#[test]
fn a_recording_beside_shards_makes_them_a_folder_of_recordings() {
    let tree = Tree::new(&["a.wav"]);
    tree.write("0.tar", &fs::read(fixture("webdataset/shard-000000.tar")).unwrap());
    let corpus = tree.discover().unwrap();
    assert_eq!((corpus.kind.to_string().as_str(), corpus.ignored.files()), ("folder", 1));
}

#[test]
fn a_shard_that_was_changed_since_it_was_listed_is_not_read() {
    let tree = Tree::new(&[]);
    for name in ["shard-000000.tar", "shard-000001.tar.gz"] {
        let mut bytes = fs::read(fixture("webdataset").join(name)).unwrap();
        let path = tree.write(name, &bytes);
        let corpus = from_path(&path).unwrap();
        let utterance = &corpus.splits[0].utterances[0];
        let open = |archives: &Archives| {
            archives.open(&path, utterance, utterance.held().unwrap(), &|| false)
        };
        assert!(open(&Archives::default()).is_ok());
        bytes.push(0);
        fs::write(&path, bytes).unwrap();
        assert!(matches!(open(&Archives::default()), Err(HeldError::Changed)), "{name}");
    }
}

/// Reads a shard of other bytes, which must come to an end.
fn broken(tree: &Tree, name: &str, bytes: &[u8]) -> Option<Corpus> {
    from_path(&tree.write(name, bytes))
        .inspect_err(|error| assert!(error.to_string().lines().count() < 200, "{error}"))
        .ok()
}

#[test]
fn shards_that_are_cut_or_changed_are_no_panic_and_lead_to_no_bytes_outside() {
    let tree = Tree::new(&[]);
    for name in ["shard-000000.tar", "shard-000001.tar.gz"] {
        let whole = fs::read(fixture("webdataset").join(name)).unwrap();
        for length in (0..whole.len()).step_by(149) {
            broken(&tree, name, &whole[..length]);
        }
        let mut random = 7_u64;
        let mut number = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) as usize % below
        };
        for _ in 0..500 {
            let mut bytes = whole.clone();
            for _ in 0..=number(3) {
                // Most in headers, where they matter.
                let at = number(bytes.len() / 512) * 512 + number(200);
                let at = at.min(bytes.len() - 1);
                bytes[at] = number(256) as u8;
            }
            let Some(corpus) = broken(&tree, name, &bytes) else { continue };
            for utterance in &corpus.splits[0].utterances {
                if let Some(Held::Member { offset, bytes: size, is_packed: false, .. }) =
                    utterance.held()
                {
                    assert!(offset + size <= bytes.len() as u64, "{utterance:?}");
                }
            }
        }
    }
}
