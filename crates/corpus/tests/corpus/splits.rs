//! Splits files.

use ossicle_corpus::{CorpusSource, DiscoverOptions, Reason, Selection, discover};

use crate::tree::{Tree, message, reasons, split_by, splits};

fn timit() -> Tree {
    Tree::new(&[
        "TRAIN/DR1/FCJF0/SA1.WAV",
        "TRAIN/DR1/FCJF0/SX37.WAV",
        "TRAIN/DR1/FCJF0/SX307.WAV",
        "TRAIN/DR2/MARC0/SX18.WAV",
        "TRAIN/DR2/MARC0/SA1.WAV",
        "TEST/DR1/FAKS0/SX43.WAV",
        "TEST/DR1/FAKS0/SA2.WAV",
    ])
}

#[test]
fn an_id_wins_over_a_speaker_over_the_longest_folder() {
    let lines = "# mine\n\
        TRAIN/ train\n\
        TRAIN/DR2/   dev\n\
        \n\
        faks0 test\n\
        FAKS0_SA2 train\n\
        FCJF0 test\n\
        FCJF0_SX37\tdev\r\n";
    let corpus = timit().discover_split_by(lines).unwrap();
    assert_eq!(
        splits(&corpus),
        [
            ("train", vec!["FAKS0_SA2"]),
            ("dev", vec!["FCJF0_SX37", "MARC0_SX18"]),
            ("test", vec!["FAKS0_SX43", "FCJF0_SX307"]),
        ]
    );
    // The SA sentences of FCJF0 and of MARC0, in the splits of these speakers.
    assert_eq!(corpus.splits.iter().map(|split| split.left_out).collect::<Vec<_>>(), [0, 1, 1]);
    assert_eq!(corpus.left_out, 2);
    // That every name is about something counts, also where another one wins.
    assert!(corpus.notices.is_empty());
}

#[test]
fn what_is_not_named_is_left_out() {
    let corpus = timit().discover_split_by("FCJF0 only").unwrap();
    assert_eq!(splits(&corpus), [("only", vec!["FCJF0_SX307", "FCJF0_SX37"])]);
    assert_eq!((corpus.splits[0].left_out, corpus.left_out), (1, 5));
    assert_eq!(
        reasons(&corpus),
        [
            (Reason::ReadByAll, 1, "FCJF0_SA1"),
            // Whoever names a speaker has not named its SA sentences.
            (Reason::NotInSplitsFile, 4, "FAKS0_SA2"),
        ]
    );
}

#[test]
fn folders_and_ids_of_any_corpus_can_be_named() {
    let tree = Tree::new(&["a/x.wav", "a/b/y.wav", "a b/z.wav", "ab.wav", "left.wav"]);
    let corpus = tree.discover_split_by("a/ one\na/b/ two\na b/z one\nab one\n").unwrap();
    assert_eq!(splits(&corpus), [("one", vec!["a b/z", "a/x", "ab"]), ("two", vec!["a/b/y"])]);
    assert_eq!((corpus.splits[0].left_out, corpus.left_out), (0, 1));
}

#[test]
fn names_that_match_nothing_are_one_notice() {
    let tree = Tree::new(&["a.wav"]);
    let corpus = tree.discover_split_by("zz dev\na train\nA train\na.wav train").unwrap();
    assert_eq!(splits(&corpus), [("dev", vec![]), ("train", vec!["a"])]);
    let [notice] = &corpus.notices[..] else { panic!("{:?}", corpus.notices) };
    let expected = ": of 4 names, 3 are not in the corpus; the first is `zz` on line 1";
    assert!(notice.ends_with(expected), "{notice}");
}

#[test]
fn a_file_that_names_nothing_of_the_corpus_is_an_error() {
    let error = message(Tree::new(&["s/a.wav"]).discover_split_by("\nx train\ny test\n"));
    let expected = ": none of its 2 names is in the corpus; it says for example `x`, the corpus \
        has the id `s/a`";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
fn a_wrong_line_is_an_error_that_names_it() {
    for (lines, expected) in [
        ("a train\nb\n", "line 2 is not of the form NAME SPLIT"),
        ("a ../train", "line 1: `../train` cannot name a split"),
        (
            "a train\na train\na test",
            "`a` is in the split `train` by line 1 and in `test` by line 3",
        ),
        ("# nothing\n\n", "the splits file is empty"),
        ("a\0 train", "line 1 holds a zero byte"),
    ] {
        let error = message(Tree::new(&["a.wav"]).discover_split_by(lines));
        assert!(error.contains(expected), "{lines}: {error}");
    }
}

#[test]
fn lines_that_are_not_utf8_are_an_error_that_says_how_ids_have_them() {
    let tree = Tree::new(&["a.wav"]);
    let outside = Tree::new(&[]);
    let options = DiscoverOptions {
        selection: Selection {
            splits_file: Some(outside.write("splits", b"a train\n\xff train")),
            ..Selection::default()
        },
        ..DiscoverOptions::default()
    };
    let source = CorpusSource::Path(tree.path().into());
    let error = message(discover(&source, &options));
    assert!(error.ends_with("line 2 is not UTF-8; write such bytes as %XX, as ids have them"));
}

#[test]
fn a_missing_splits_file_is_an_error_that_names_it() {
    let tree = Tree::new(&["a.wav"]);
    let options = split_by(tree.at("none"));
    let source = CorpusSource::Path(tree.path().into());
    let error = message(discover(&source, &options));
    assert_eq!(error, format!("cannot read {}/none", tree.path().display()));
}

#[test]
fn pairs_and_a_splits_file_contradict_each_other() {
    let tree = Tree::new(&["a.wav"]);
    let options = split_by("splits".into());
    let source = CorpusSource::Splits(vec![("train".into(), tree.path().into())]);
    let error = message(discover(&source, &options));
    assert!(error.starts_with("splits: the corpus is given as split=PATH"), "{error}");
}

/// As a shell's `--splits <(grep …)` gives one.
#[cfg(unix)]
#[test]
fn a_splits_file_may_be_a_pipe() {
    let tree = timit();
    let folder = Tree::new(&[]);
    let pipe = folder.at("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::write(pipe, "FAKS0_SX43 test\n").unwrap()
    });
    let options = split_by(pipe);
    let source = CorpusSource::Path(tree.path().into());
    let corpus = discover(&source, &options).unwrap();
    writer.join().unwrap();
    assert_eq!(splits(&corpus), [("test", vec!["FAKS0_SX43"])]);
}
