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
fn what_other_programs_read_is_named_by_its_name_or_its_beginning() {
    // As the formats' own pages have their first bytes.
    for (name, begin, kind, what) in [
        ("corpus.zip", &b"PK\x03\x04\x14\0"[..], ForeignKind::Packed, "a compressed archive"),
        ("corpus.7z", b"7z\xbc\xaf\x27\x1c\0\x04", ForeignKind::Packed, "a compressed archive"),
        ("corpus.rar", b"Rar!\x1a\x07\x01\0", ForeignKind::Packed, "a compressed archive"),
        ("corpus.tar.bz2", b"BZh91AY&SY", ForeignKind::Packed, "a compressed archive"),
        ("corpus.tar.xz", b"\xfd7zXZ\0\0\x04", ForeignKind::Packed, "a compressed archive"),
        ("corpus", b"\x28\xb5\x2f\xfd\x04", ForeignKind::Packed, "a compressed archive"),
        ("corpus.h5", b"\x89HDF\r\n\x1a\n\0", ForeignKind::Hdf5, "a file of HDF5"),
        ("corpus.db", b"SQLite format 3\0\x10", ForeignKind::Sqlite, "a database of SQLite"),
        ("shard", b"ARROW1\0\0\xff", ForeignKind::Arrow, "a table of columns in Arrow's format"),
        (
            "dev.stm",
            b"a 1 spk 0.0 1.0 <o> hello\n",
            ForeignKind::Stm,
            "a list of segments in NIST's",
        ),
        // What lhotse writes under such a name.
        ("cuts.yaml", b"- id: a\n  start: 0\n", ForeignKind::Yaml, "a file of YAML"),
    ] {
        let tree = Tree::new(&[]);
        let path = tree.write(name, begin);
        let (said, found, file) = foreign(from_path(&path));
        assert!(said.contains(&format!("{name}: {what}")), "{said}");
        assert_eq!((found, file), (kind, path), "{name}");
    }
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
