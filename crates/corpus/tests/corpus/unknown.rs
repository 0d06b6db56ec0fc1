//! Recordings in folders whose names do not say that they are some, and files that are ignored.

use ossicle_corpus::Corpus;

use crate::tree::{Tree, from_pairs, from_path, ids, message, with_raw, with_stand_ins};

/// The beginnings of recordings of several formats.
const RIFF: &[u8] = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0";
const FLAC: &[u8] = b"fLaC\0\0\0\x22";
const SPHERE: &[u8] = b"NIST_1A\n   1024\n";

fn kinds(corpus: &Corpus) -> Vec<(String, u64)> {
    corpus.ignored.kinds().into_iter().map(|of| (of.kind, of.count)).collect()
}

#[test]
fn files_that_begin_like_a_recording_are_found_whatever_they_are_called() {
    let tree = Tree::new(&["a.wav", "b.dat", "notes.txt", "z.DAT", "photo", "d/e.x"]);
    tree.write("c.DAT", RIFF);
    tree.write("d/no-extension", FLAC);
    tree.write("d/0001.1", SPHERE);
    tree.write("si_tr_s/011c0201.wv1", SPHERE);
    tree.write("si_tr_s/011c0201.wv2", SPHERE);
    tree.write("si_tr_s/011c0202.WV1", b"not looked into: the name says it");
    let corpus = tree.discover().unwrap();
    assert_eq!(
        ids(&corpus.splits[0]),
        [
            "a",
            "c",
            "d/0001",
            "d/no-extension",
            "si_tr_s/011c0201.wv1",
            "si_tr_s/011c0201.wv2",
            "si_tr_s/011c0202"
        ]
    );
    // Of a kind with recordings, what is none is ignored all the same.
    assert_eq!(corpus.ignored.to_string(), "2 .dat, 1 .txt, 1 .x, 1 no extension");
    // The bytes count, and not the order in which the files were made.
    assert_eq!(corpus.splits[0].utterances[1].size_bytes, RIFF.len() as u64);
}

#[test]
fn what_is_known_to_be_no_recording_is_not_looked_into() {
    let tree = Tree::new(&["a.wav"]);
    // Copies of recordings would be utterances twice; pictures and videos begin like WAVE.
    for name in ["a.wav.bak", "a.wav~", ".hidden", ".git/lfs/objects/0f/0f3e", "x.txt", "._b.wav"] {
        tree.write(name, RIFF);
    }
    tree.write("x.webp.copy", b"RIFF\x24\0\0\0WEBPVP8 ");
    tree.write("video", b"RIFF\x24\0\0\0AVI LIST\x10\0\0\0");
    let corpus = tree.discover().unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["a"]);
    let expected = "2 hidden, 2 no extension, 1 .bak, 1 .copy, 1 .txt, 1 .wav~";
    assert_eq!(corpus.ignored.to_string(), expected);
    // Where other files stand for recordings, nothing else is a recording.
    let tree = Tree::new(&["a_spike.raw"]);
    tree.write("b.dat", RIFF);
    assert_eq!(ids(&with_stand_ins(tree.path()).unwrap().splits[0]), ["a"]);
}

#[test]
fn the_first_hundred_of_a_kind_decide_whether_the_rest_is_looked_into() {
    let names = |range: std::ops::Range<usize>| range.map(|n| format!("{n:03}.feat"));
    // Made from the last to the first: the order of the folder is not that of the names.
    let found = |sound: usize| {
        let tree = Tree::new(&["a.wav"]);
        names(0..103).rev().for_each(|name| drop(tree.write(&name, b"none")));
        tree.write(&format!("{sound:03}.feat"), RIFF);
        tree.write("102.feat", RIFF);
        tree.discover().unwrap()
    };
    assert_eq!(ids(&found(99).splits[0]), ["099", "102", "a"]);
    let corpus = found(100);
    assert_eq!((ids(&corpus.splits[0]), kinds(&corpus)), (vec!["a"], vec![(".feat".into(), 103)]));
}

#[test]
fn headerless_names_are_looked_into_until_a_format_is_given() {
    let tree = Tree::new(&["a.raw"]);
    tree.write("b.raw", RIFF);
    let corpus = tree.discover().unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["b"]);
    assert_eq!((corpus.left_out_because[0].count, corpus.ignored.files()), (1, 1));
    assert_eq!(ids(&with_raw(tree.path()).unwrap().splits[0]), ["a", "b"]);
}

#[test]
fn trees_of_timit_are_looked_through_as_other_folders_are() {
    let tree = Tree::new(&["TRAIN/DR1/FCJF0/SX37.WAV", "TRAIN/DR1/FCJF0/SX37.TXT"]);
    tree.write("TRAIN/DR1/FCJF0/SX127.ADC", SPHERE);
    let corpus = tree.discover().unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["FCJF0_SX127", "FCJF0_SX37"]);
    assert_eq!(corpus.ignored.to_string(), "1 .txt");
}

#[test]
fn what_is_ignored_is_told_by_kind_and_added_up_over_splits() {
    let tree = Tree::new(&["x/a.wav", "x/a.TXT", "y/b.wav", "y/b.txt", "y/c.phn", "y/README"]);
    let corpus = from_pairs(&[("one", tree.at("x")), ("two", tree.at("y"))]).unwrap();
    assert_eq!(corpus.ignored.to_string(), "2 .txt, 1 .phn, 1 no extension");
    let tree = Tree::new(&["a.txt", "b.txt", "c.json"]);
    let error = message(from_path(tree.path()));
    assert!(error.contains("no recordings among 3 files (2 .txt, 1 .json); names of"), "{error}");
}

#[cfg(unix)]
#[test]
fn no_pipe_or_closed_file_is_opened_to_look_into_it() {
    use std::{fs, os::unix::fs::PermissionsExt, process::Command};

    let tree = Tree::new(&["a.wav"]);
    tree.write("b.dat", RIFF);
    // A walk that opened it would wait for ever.
    assert!(Command::new("mkfifo").arg(tree.at("0.dat")).status().unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", tree.at("1.dat")).unwrap();
    std::os::unix::fs::symlink("nowhere", tree.at("2.dat")).unwrap();
    let closed = tree.write("3.dat", RIFF);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // Nothing is closed to root.
    let is_root = fs::read(&closed).is_ok();
    let corpus = tree.discover().unwrap();
    let expected = if is_root { vec!["3", "a", "b"] } else { vec!["a", "b"] };
    assert_eq!(ids(&corpus.splits[0]), expected);
    assert_eq!(corpus.ignored.files(), if is_root { 3 } else { 4 });
}
