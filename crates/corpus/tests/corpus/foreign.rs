//! Other programs' descriptions of corpora.

use std::fmt::Debug;
use std::path::PathBuf;

use ossicle_corpus::{Error, ForeignKind};

use crate::tree::{Tree, from_pairs, from_path};

/// What was recognised: the description, its kind and its file.
fn foreign<T: Debug>(found: Result<T, Error>) -> (String, ForeignKind, PathBuf) {
    match found.unwrap_err() {
        ref error @ Error::NotReadYet { kind, ref file, .. } => {
            (error.to_string(), kind, file.clone())
        }
        error => panic!("{error}"),
    }
}

#[test]
fn folders_of_other_programs_are_named_with_the_file_that_shows_it() {
    use ForeignKind::{Columns, LhotseCuts, LhotseRecordings};
    for (files, what, kind, shows) in [
        (
            &["cuts.jsonl.gz", "recordings.jsonl.gz"][..],
            "a folder of lhotse manifests",
            LhotseRecordings,
            1,
        ),
        (&["cuts_train.jsonl"], "a folder of lhotse manifests", LhotseCuts, 0),
        (&["dataset_info.json", "data-00000-of-00001.arrow"], "a Hugging Face dataset", Columns, 1),
        (&["dataset_info.json", "train.parquet"], "a Hugging Face dataset", Columns, 1),
    ] {
        let tree = Tree::new(files);
        for found in [foreign(tree.discover()), foreign(from_pairs(&[("all", tree.path().into())]))]
        {
            let path = tree.path().display();
            let expected = format!("{path}: {what}, which this version does not read");
            assert_eq!(found, (expected, kind, tree.at(files[shows])), "{files:?}");
        }
    }
}

#[test]
fn manifests_given_as_lists_are_named() {
    use ForeignKind::{Columns, Json, LhotseCuts, LhotseRecordings};
    for (file, what, kind) in [
        ("recordings.jsonl.gz", "a lhotse manifest of recordings", LhotseRecordings),
        ("cuts.jsonl", "a lhotse manifest of cuts", LhotseCuts),
        ("train.json", "a JSON manifest", Json),
        ("train.parquet", "a table of columns", Columns),
    ] {
        let tree = Tree::new(&[file]);
        let path = tree.at(file);
        let found = foreign(from_path(&path));
        let expected = format!("{}: {what}, which this version does not read", path.display());
        assert_eq!(found, (expected, kind, path), "{file}");
    }
}

#[test]
fn recordings_beside_files_that_describe_no_corpus_are_a_folder() {
    let tree = Tree::new(&["a.wav", "metadata.csv", "info.json", "feats.scp", "t.parquet"]);
    let corpus = tree.discover().unwrap();
    assert_eq!(corpus.splits[0].utterances.len(), 1);
    assert_eq!(corpus.ignored_files, 4);
}
