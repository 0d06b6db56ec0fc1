//! Corpora that are known by their layout, made as their pages describe them.

use std::fs;

use ossicle_corpus::{Corpus, Reason};
use serde_json::{Value, json};

use crate::{
    formats::columns,
    tree::{Tree, from_pairs, from_path, reasons, splits},
};

/// The kind, and of each utterance its speaker and columns.
fn said(corpus: &Corpus) -> (String, Vec<(Option<&str>, Value)>) {
    let utterances = corpus.splits.iter().flat_map(|split| &split.utterances);
    let said = utterances.map(|it| (it.speaker.as_deref(), columns(it)));
    (corpus.kind.to_string(), said.collect())
}

/// OpenSLR 12: its README, "Structure".
fn librispeech() -> Tree {
    let tree = Tree::new(&[
        "LibriSpeech/SPEAKERS.TXT",
        "LibriSpeech/train-clean-100/103/1240/103-1240-0000.flac",
        "LibriSpeech/train-clean-100/103/1240/103-1240-0001.flac",
        "LibriSpeech/dev-clean/84/121123/84-121123-0000.flac",
        "LibriSpeech/dev-clean/84/121550/84-121550-0000.flac",
    ]);
    for (chapter, text) in [
        (
            "train-clean-100/103/1240/103-1240",
            "103-1240-0000 CHAPTER ONE\n103-1240-0001 THAT HAD\n",
        ),
        ("dev-clean/84/121123/84-121123", "84-121123-0000 GO DO YOU HEAR\n"),
        ("dev-clean/84/121550/84-121550", "84-121550-0009 ELSEWHERE\n"),
    ] {
        tree.write(&format!("LibriSpeech/{chapter}.trans.txt"), text.as_bytes());
    }
    tree
}

#[test]
fn librispeech_is_split_by_its_subsets_and_has_speakers_and_texts() {
    let tree = librispeech();
    for given in [tree.path().to_owned(), tree.at("LibriSpeech")] {
        let corpus = from_path(&given).unwrap();
        let dev = vec!["84-121123-0000", "84-121550-0000"];
        let train = vec!["103-1240-0000", "103-1240-0001"];
        assert_eq!(splits(&corpus), [("dev-clean", dev), ("train-clean-100", train)]);
        let text = |speaker, text: &str| (Some(speaker), json!({ "text": text }));
        let expected = vec![
            text("84", "GO DO YOU HEAR"),
            (Some("84"), json!({})),
            text("103", "CHAPTER ONE"),
            text("103", "THAT HAD"),
        ];
        assert_eq!(said(&corpus), ("LibriSpeech".to_owned(), expected));
        let lacking = "the recording `84-121550-0000` has no text";
        assert!(corpus.notices.iter().any(|notice| notice.ends_with(lacking)));
        assert_eq!(
            corpus.ignored.files(),
            0,
            "texts are read, and SPEAKERS.TXT is not walked over"
        );
    }
    let subset = tree.at("LibriSpeech/dev-clean");
    let corpus = from_path(&subset).unwrap();
    assert_eq!(splits(&corpus), [("dev-clean", vec!["84-121123-0000", "84-121550-0000"])]);
    let corpus = from_pairs(&[("dev", subset)]).unwrap();
    assert_eq!((&*corpus.splits[0].name, corpus.splits[0].utterances.len()), ("dev", 2));
}

#[test]
fn libritts_has_the_texts_beside_its_recordings() {
    // OpenSLR 60: its README.
    let name = "LibriTTS/test-other/1688/142285/1688_142285_000000_000000";
    let tree = Tree::new(&[&format!("{name}.wav")]);
    tree.write(&format!("{name}.normalized.txt"), "Mister Hale, said he.\n".as_bytes());
    tree.write(&format!("{name}.original.txt"), "\u{feff}Mr. Hale, said he.".as_bytes());
    let corpus = from_path(tree.path()).unwrap();
    assert_eq!(splits(&corpus), [("test-other", vec!["1688_142285_000000_000000"])]);
    let texts = json!({"text": "Mister Hale, said he.", "original_text": "Mr. Hale, said he."});
    assert_eq!(said(&corpus), ("LibriTTS".to_owned(), vec![(Some("1688"), texts)]));
    assert_eq!(corpus.ignored.files(), 0);
}

#[test]
fn vctk_is_read_by_its_first_microphone() {
    // Version 0.92: its README.
    let tree = Tree::new(&[
        "VCTK/speaker-info.txt",
        "VCTK/wav48_silence_trimmed/log.txt",
        "VCTK/wav48_silence_trimmed/p225/p225_001_mic1.flac",
        "VCTK/wav48_silence_trimmed/p225/p225_001_mic2.flac",
        "VCTK/wav48_silence_trimmed/p280/p280_001_mic1.flac",
        "VCTK/wav48_silence_trimmed/s5/s5_002_mic1.flac",
    ]);
    tree.write("VCTK/txt/p225/p225_001.txt", b"Please call Stella.\n");
    tree.write("VCTK/txt/p280/p280_001.txt", b"Please call Stella. ");
    let corpus = from_path(tree.path()).unwrap();
    assert_eq!(splits(&corpus), [("all", vec!["p225_001", "p280_001", "s5_002"])]);
    let text = json!({"text": "Please call Stella."});
    let expected =
        vec![(Some("p225"), text.clone()), (Some("p280"), text), (Some("s5"), json!({}))];
    assert_eq!(said(&corpus), ("VCTK".to_owned(), expected));
    let second = "wav48_silence_trimmed/p225/p225_001_mic2.flac";
    assert_eq!(reasons(&corpus), [(Reason::AnotherCopy, 1, second)]);
    assert!(
        corpus
            .notices
            .iter()
            .any(|it| it.contains("1 recording of the second microphone (mic2) is left out"))
    );
    // Before 0.92.
    let tree = Tree::new(&["wav48/p225/p225_001.wav", "txt/p225/p225_001.txt"]);
    let corpus = from_path(tree.path()).unwrap();
    assert_eq!(said(&corpus).1, [(Some("p225"), json!({"text": "bytes"}))]);
}

#[test]
fn ljspeech_has_bars_between_its_fields_and_quotes_as_they_stand() {
    // Version 1.1: its README.
    let tree = Tree::new(&["LJ/wavs/LJ001-0001.wav", "LJ/wavs/LJ001-0002.wav"]);
    let file = tree.write(
        "LJ/metadata.csv",
        "LJ001-0001|\"Printing, in 1455|\"Printing, in fourteen fifty-five\nLJ001-0002|in being|in being\n"
            .as_bytes(),
    );
    for given in [tree.path().to_owned(), tree.at("LJ"), file] {
        let corpus = from_path(&given).unwrap();
        assert_eq!(splits(&corpus), [("all", vec!["LJ001-0001", "LJ001-0002"])]);
        let (kind, said) = said(&corpus);
        let first = json!({"text": "\"Printing, in 1455", "normalized_text": "\"Printing, in fourteen fifty-five"});
        assert_eq!((&*kind, &said[0]), ("LJSpeech", &(None, first)));
        assert!(corpus.splits[0].utterances.iter().all(|it| it.size_bytes > 0));
    }
}

#[test]
fn common_voice_is_split_by_its_tables() {
    // Release 17.0: its datasheet.
    let tree = Tree::new(&["cv/en/clips/a.mp3", "cv/en/clips/b.mp3", "cv/en/clips/c.mp3"]);
    let header = "client_id\tpath\tsentence_id\tsentence\tup_votes\tage\tlocale\n";
    for (table, rows) in [
        ("train", "7f3a\ta.mp3\t1\tSay \"a\".\t2\t\ten\n"),
        ("dev", "9b\tb.mp3\t2\tb\t2\t\ten\n"),
        ("test", ""),
        ("validated", "7f3a\ta.mp3\t1\tSay \"a\".\t2\t\ten\n9b\tb.mp3\t2\tb\t2\t\ten\n"),
        ("other", "c\tc.mp3\t3\tc\t2\t\ten\n"),
    ] {
        tree.write(&format!("cv/en/{table}.tsv"), format!("{header}{rows}").as_bytes());
    }
    for given in ["cv", "cv/en"] {
        let corpus = from_path(&tree.at(given)).unwrap();
        let expected = [("train", vec!["clips/a"]), ("dev", vec!["clips/b"])];
        let ids: Vec<_> = splits(&corpus);
        let short =
            |ids: &Vec<&str>| ids.iter().map(|id| id.replace("clips/", "")).collect::<Vec<_>>();
        assert_eq!(
            ids.iter().map(|(name, ids)| (*name, short(ids))).collect::<Vec<_>>(),
            expected.iter().map(|(name, ids)| (*name, short(ids))).collect::<Vec<_>>()
        );
        let (kind, said) = said(&corpus);
        let first = json!({"sentence_id": "1", "sentence": "Say \"a\".", "up_votes": "2", "age": "", "locale": "en", "text": "Say \"a\"."});
        assert_eq!((&*kind, &said[0]), ("Common Voice", &(Some("7f3a"), first)));
        let unread = "validated.tsv, other.tsv are not read";
        assert!(corpus.notices.iter().any(|it| it.contains(unread)), "{:?}", corpus.notices);
        assert!(corpus.splits[0].utterances[0].size_bytes > 0);
    }
}

#[test]
fn speech_commands_are_split_by_their_lists() {
    // Version 0.02: its README.
    let tree = Tree::new(&[
        "README.md",
        "bed/00176480_nohash_0.wav",
        "bed/004ae714_nohash_0.wav",
        "cat/00176480_nohash_0.wav",
        "cat/012c8314_nohash_1.wav",
        "_background_noise_/pink_noise.wav",
    ]);
    tree.write("validation_list.txt", b"bed/004ae714_nohash_0.wav\n");
    tree.write("testing_list.txt", b"cat/012c8314_nohash_1.wav\r\ndog/1_nohash_0.wav\r\n");
    let corpus = from_path(tree.path()).unwrap();
    let expected = [
        ("train", vec!["bed/00176480_nohash_0", "cat/00176480_nohash_0"]),
        ("valid", vec!["bed/004ae714_nohash_0"]),
        ("test", vec!["cat/012c8314_nohash_1"]),
    ];
    assert_eq!(splits(&corpus), expected);
    let (kind, said) = said(&corpus);
    assert_eq!(
        (&*kind, &said[1]),
        ("Speech Commands", &(Some("00176480"), json!({"label": "cat"})))
    );
    let noise = "_background_noise_/pink_noise.wav";
    assert_eq!(reasons(&corpus), [(Reason::BackgroundNoise, 1, noise)]);
    assert!(corpus.notices.iter().any(|it| it.contains("1 recording that its lists name")));
    assert_eq!(corpus.ignored.files(), 1);
}

#[test]
fn buckeye_has_a_folder_a_speaker() {
    // The corpus' manual.
    let tree = Tree::new(&["b/s01/s0101a.wav", "b/s01/s0101a.words", "b/s02/s0201a/s0201a.wav"]);
    for given in ["", "b"] {
        let corpus = from_path(&tree.at(given)).unwrap();
        assert_eq!(splits(&corpus), [("all", vec!["s0101a", "s0201a"])]);
        let speakers = vec![(Some("s01"), json!({})), (Some("s02"), json!({}))];
        assert_eq!(said(&corpus), ("Buckeye corpus".to_owned(), speakers));
    }
}

#[test]
fn folders_that_only_look_alike_are_folders() {
    for files in [
        &["train-clean-100/103/1240/103-1240-0000.flac"][..],
        &["wav48/p225/p225_001.wav"],
        &["wavs/a.wav", "metadata.txt"],
        &["clips/a.mp3"],
        &["bed/1_nohash_0.wav", "validation_list.txt"],
        &["s01/a.wav"],
    ] {
        let tree = Tree::new(files);
        assert_eq!(from_path(tree.path()).unwrap().kind.to_string(), "folder", "{files:?}");
    }
    // Two corpora beside each other are both read.
    let tree = librispeech();
    fs::create_dir(tree.at("other")).unwrap();
    fs::rename(tree.at("LibriSpeech/dev-clean"), tree.at("other/dev-clean")).unwrap();
    assert_eq!(from_path(tree.path()).unwrap().kind.to_string(), "LibriSpeech");
}
