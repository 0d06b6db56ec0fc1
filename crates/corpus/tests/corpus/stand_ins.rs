//! Files that stand for recordings.

use std::path::Path;

use ossicle_corpus::CorpusKind;

use crate::tree::{Tree, alignment_of, ids, message, splits, with_stand_ins};

#[test]
fn a_folder_of_stand_ins_has_an_utterance_for_each_with_its_alignment() {
    let tree = Tree::new(&[
        "b_spike.raw",
        "b_num.raw",
        "b.PHN",
        "b.wav",
        "d/a.x_spike.raw",
        "d/a.x_num.raw",
        "d/a.x.phn",
    ]);
    let corpus = with_stand_ins(tree.path()).unwrap();
    assert_eq!(splits(&corpus), [("all", vec!["b", "d/a.x"])]);
    let of = |n: usize| {
        let utterance = &corpus.splits[0].utterances[n];
        (&*utterance.source, alignment_of(utterance))
    };
    assert_eq!(of(0), (Path::new("b_spike.raw"), Some(Path::new("b.PHN"))));
    assert_eq!(of(1), (Path::new("d/a.x_spike.raw"), Some(Path::new("d/a.x.phn"))));
    // The counts, and the recording that the spikes stand for.
    assert_eq!(corpus.ignored.files(), 3);
}

#[test]
fn a_timit_tree_of_stand_ins_has_its_standard_splits() {
    let tree = Tree::new(&[
        "TRAIN/DR1/FCJF0/SX37_spike.raw",
        "TRAIN/DR1/FCJF0/SX37_num.raw",
        "TRAIN/DR1/FCJF0/SX37.PHN",
        "TRAIN/DR1/FCJF0/SA1_spike.raw",
        "test/dr1/felc0/sx36_SPIKE.RAW",
        "test/dr1/felc0/sx36.phn",
    ]);
    let corpus = with_stand_ins(tree.path()).unwrap();
    assert_eq!(corpus.kind, CorpusKind::Timit);
    let expected = [("train", vec!["FCJF0_SX37"]), ("valid", vec![]), ("test", vec!["FELC0_SX36"])];
    assert_eq!(splits(&corpus), expected);
    let train = &corpus.splits[0].utterances[0];
    let phones = Path::new("TRAIN/DR1/FCJF0/SX37.PHN");
    assert_eq!((alignment_of(train), train.speaker.as_deref()), (Some(phones), Some("FCJF0")));
    assert!(corpus.splits[2].utterances[0].alignment.is_some());
}

#[test]
fn one_stand_in_is_a_corpus_and_a_recording_is_none() {
    let tree = Tree::new(&["x_spike.raw", "x.PHN", "x.wav"]);
    let corpus = with_stand_ins(&tree.at("x_spike.raw")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["x"]);
    assert_eq!(alignment_of(&corpus.splits[0].utterances[0]), Some(Path::new("x.PHN")));
    let empty = Tree::new(&["x.wav"]);
    let error = message(with_stand_ins(empty.path()));
    assert!(error.ends_with("_spike.raw, because the recipe's spikes come from files"), "{error}");
}
