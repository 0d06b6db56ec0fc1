//! Other programs' descriptions of corpora, which are named and not read.

use std::fmt::Debug;
use std::path::PathBuf;

use ossicle_corpus::{Error, ForeignKind};

use crate::tree::{Tree, from_pairs, from_path, message};

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
    let tree = Tree::new(&["dataset_info.json", "data-00000-of-00001.arrow"]);
    for found in [foreign(tree.discover()), foreign(from_pairs(&[("all", tree.path().into())]))] {
        let path = tree.path().display();
        let expected = format!("{path}: a Hugging Face dataset, which this version does not read");
        let file = tree.at("data-00000-of-00001.arrow");
        assert_eq!(found, (expected, ForeignKind::Arrow, file));
    }
}

#[test]
fn tables_of_columns_given_as_lists_are_named() {
    let tree = Tree::new(&["train.arrow"]);
    let path = tree.at("train.arrow");
    let found = foreign(from_path(&path));
    let expected =
        format!("{}: a table of columns in Arrow's format, which this version", path.display());
    assert!(found.0.starts_with(&expected), "{found:?}");
}

#[test]
#[cfg(not(feature = "arrow"))]
fn parquet_is_named_where_it_is_not_built() {
    let tree = Tree::new(&["train.parquet"]);
    let path = tree.at("train.parquet");
    let found = foreign(from_path(&path));
    let expected = format!("{}: a Parquet file, which this version does not read", path.display());
    assert_eq!(found, (expected, ForeignKind::Parquet, path));
}

#[test]
fn manifests_that_are_none_are_named_with_what_is_wrong() {
    for files in [&["cuts.jsonl.gz"][..], &["recordings.jsonl", "x.wav"], &["cuts_train.jsonl"]] {
        let tree = Tree::new(files);
        for error in [message(tree.discover()), message(from_path(&tree.at(files[0])))] {
            assert!(error.contains(files[0]) && error.contains("expected"), "{error}");
        }
    }
}

#[test]
fn recordings_beside_files_that_describe_no_corpus_are_a_folder() {
    let tree = Tree::new(&["a.wav", "metadata.csv", "info.json", "feats.scp", "t.parquet"]);
    let corpus = tree.discover().unwrap();
    assert_eq!(corpus.splits[0].utterances.len(), 1);
    assert_eq!(corpus.ignored.files(), 4);
}
