//! TIMIT's sentences outside a tree: in half of one, in pairs, in words, in lists.

use std::path::{Path, PathBuf};

use ossicle_corpus::{Corpus, CorpusKind, CorpusSource, DiscoverOptions, Reason, discover};

use crate::tree::{Tree, alignment_of, ids, phones, reasons};

/// Kaggle's copy, `data/TRAIN` and `data/TEST`, with each sentence twice but for one.
fn kaggles() -> Tree {
    let tree = Tree::new(&[]);
    for sentence in [
        "TRAIN/DR1/FCJF0/SA1",
        "TRAIN/DR1/FCJF0/SX37",
        "TEST/DR2/FPAS0/SA1",
        "TEST/DR2/FPAS0/SI944",
    ] {
        for extension in ["PHN", "TXT", "WAV", "WAV.wav"] {
            tree.write(&format!("data/{sentence}.{extension}"), b"bytes");
        }
    }
    for extension in ["PHN", "WAV.wav"] {
        tree.write(&format!("data/TRAIN/DR1/FCJF0/SX127.{extension}"), b"bytes");
    }
    tree
}

fn found(source: CorpusSource) -> Corpus {
    let options = DiscoverOptions { tiers: phones(), ..DiscoverOptions::default() };
    let corpus = discover(&source, &options).unwrap();
    for utterance in corpus.splits.iter().flat_map(|split| &split.utterances) {
        assert!(utterance.alignment.is_some(), "{utterance:?}");
        let folder = alignment_of(utterance).and_then(|path| path.parent());
        assert_eq!(folder, utterance.source.parent(), "{utterance:?}");
    }
    corpus
}

/// The speaker and the file's name of each utterance.
fn speakers(corpus: &Corpus) -> Vec<(&str, &str)> {
    let utterances = corpus.splits.iter().flat_map(|split| &split.utterances);
    utterances
        .map(|it| {
            let file = it.source.file_name().unwrap().to_str().unwrap();
            (it.speaker.as_deref().unwrap_or("nobody"), file)
        })
        .collect()
}

const TRAINING: [(&str, &str); 2] = [("FCJF0", "SX127.WAV.wav"), ("FCJF0", "SX37.WAV")];

#[test]
fn half_a_tree_has_speakers_and_each_sentence_once_and_none_that_all_read() {
    let tree = kaggles();
    let half = |path: &str| found(CorpusSource::Path(tree.at(path)));
    let corpus = half("data/TRAIN");
    assert_eq!(corpus.kind, CorpusKind::Folder);
    assert_eq!(ids(&corpus.splits[0]), ["DR1/FCJF0/SX127.WAV", "DR1/FCJF0/SX37"]);
    assert_eq!(speakers(&corpus), TRAINING);
    assert_eq!(
        reasons(&corpus),
        [
            (Reason::ReadByAll, 1, "DR1/FCJF0/SA1"),
            (Reason::AnotherCopy, 2, "DR1/FCJF0/SA1.WAV.wav")
        ]
    );
    // A region or a speaker is enough to know them by.
    assert_eq!(speakers(&half("data/TRAIN/DR1")), TRAINING);
    assert_eq!(speakers(&half("data/TRAIN/DR1/FCJF0")), TRAINING);
}

#[test]
fn pairs_words_and_standard_input_know_them_too() {
    let tree = kaggles();
    let both = ["data/TRAIN", "data/TEST"].map(|path| tree.at(path));
    let pairs = ["train", "test"].map(String::from).into_iter().zip(both.clone()).collect();
    let expected = [&TRAINING[..], &[("FPAS0", "SI944.WAV")]].concat();
    let corpus = found(CorpusSource::Splits(pairs));
    assert_eq!(speakers(&corpus), expected);
    assert_eq!(corpus.left_out, 2);
    let kinds = |corpus: &Corpus| -> Vec<_> {
        reasons(corpus).into_iter().map(|of| (of.0, of.1)).collect()
    };
    assert_eq!(kinds(&corpus), [(Reason::ReadByAll, 2), (Reason::AnotherCopy, 4)]);

    let corpus = found(CorpusSource::Paths(both.into()));
    assert_eq!(speakers(&corpus), [expected[2], expected[0], expected[1]]);
    assert_eq!(corpus.left_out, 2);
    assert_eq!(kinds(&corpus), [(Reason::ReadByAll, 2), (Reason::AnotherCopy, 4)]);

    let listed = tree.at("data/TRAIN/DR1/FCJF0/SX37.WAV");
    let text = listed.into_os_string().into_encoded_bytes();
    assert_eq!(speakers(&found(CorpusSource::Listed(text))), [("FCJF0", "SX37.WAV")]);
}

#[test]
fn what_is_named_one_by_one_is_taken_but_once() {
    let tree = kaggles();
    let names = ["SA1.WAV", "SA1.WAV.wav", "SX127.WAV.wav", "SX37.WAV", "SX37.WAV.wav"];
    let paths: Vec<PathBuf> = names.map(|name| tree.at("data/TRAIN/DR1/FCJF0").join(name)).into();
    let lines: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    let list = tree.write("list.txt", lines.join("\n").as_bytes());
    for source in [CorpusSource::Paths(paths.clone()), CorpusSource::Path(list)] {
        let corpus = found(source);
        assert_eq!(speakers(&corpus), [&[("FCJF0", "SA1.WAV")], &TRAINING[..]].concat());
        let copies: Vec<_> = reasons(&corpus).into_iter().map(|of| (of.0, of.1)).collect();
        assert_eq!(copies, [(Reason::AnotherCopy, 2)]);
    }
    let alone = found(CorpusSource::Path(paths[0].clone()));
    assert_eq!(speakers(&alone), [("FCJF0", "SA1.WAV")]);
}

#[test]
fn a_folder_of_nothing_but_what_all_read_is_meant_as_it_is() {
    let tree = Tree::new(&["DR1/FCJF0/SA1.WAV", "DR1/FCJF0/SA1.PHN"]);
    let corpus = found(CorpusSource::Path(tree.path().into()));
    assert_eq!(speakers(&corpus), [("FCJF0", "SA1.WAV")]);
}

#[test]
fn what_is_called_otherwise_is_nobodys_and_stays_twice() {
    let tree = Tree::new(&[
        "DR1/anna/SX1.wav",
        "DR1/anna/SX1.wav.wav",
        "FCJF0/SA1.wav",
        "x/a.wav",
        "x/a.wav.wav",
    ]);
    let corpus =
        discover(&CorpusSource::Path(tree.path().into()), &DiscoverOptions::default()).unwrap();
    assert!(corpus.splits[0].utterances.iter().all(|it| it.speaker.is_none()));
    assert_eq!(corpus.splits[0].utterances.len(), 5);
}

#[test]
fn a_doubled_extension_has_the_alignment_of_the_single_one() {
    let tree = Tree::new(&["x/a.WAV.wav", "x/a.PHN", "x/b.wav.wav", "x/b.wav.PHN", "x/b.PHN"]);
    let alignments = |source: CorpusSource| -> Vec<PathBuf> {
        let corpus = found(source);
        let utterances = corpus.splits[0].utterances.iter();
        utterances.map(|it| alignment_of(it).unwrap().to_path_buf()).collect()
    };
    let expected = ["x/a.PHN", "x/b.wav.PHN"].map(PathBuf::from);
    assert_eq!(alignments(CorpusSource::Path(tree.path().into())), expected);
    let list = tree.write("list", b"x/a.WAV.wav\nx/b.wav.wav\n");
    assert_eq!(alignments(CorpusSource::Path(list)), expected);
    let one = alignments(CorpusSource::Path(tree.at("x/a.WAV.wav")));
    assert_eq!(one, [Path::new("a.PHN")]);
}
