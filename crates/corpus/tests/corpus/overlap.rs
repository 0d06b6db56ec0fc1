//! Recordings that two splits share.

use std::{fs, os::unix::fs::symlink};

use ossicle_corpus::{Overlap, overlap};

use crate::tree::{Tree, from_pairs};

fn of(tree: &Tree, pairs: &[(&str, &str)]) -> Option<Overlap> {
    let pairs: Vec<_> = pairs.iter().map(|&(name, path)| (name, tree.at(path))).collect();
    overlap(&from_pairs(&pairs).unwrap())
}

fn shared(count: u64, first: &str, split: &str, other: &str) -> Option<Overlap> {
    let [first, split, other] = [first, split, other].map(str::to_owned);
    Some(Overlap { count, first, split, other })
}

#[test]
fn a_folder_and_one_above_it_share_what_is_below_both() {
    let tree = Tree::new(&["a/x/1.wav", "a/x/2.wav", "a/y/3.wav"]);
    assert_eq!(of(&tree, &[("train", "a/x"), ("test", "a/y")]), None);
    assert_eq!(of(&tree, &[("train", "a/x"), ("test", "a")]), shared(2, "1", "train", "test"));
    let three = [("train", "a/y"), ("dev", "a/x"), ("test", "a")];
    assert_eq!(of(&tree, &three), shared(3, "3", "train", "test"));
}

#[test]
fn links_of_both_kinds_are_what_they_lead_to() {
    let tree = Tree::new(&["a/1.wav", "a/2.wav", "b/4.wav"]);
    symlink(tree.at("a/1.wav"), tree.at("b/other.wav")).unwrap();
    fs::hard_link(tree.at("a/2.wav"), tree.at("b/another.wav")).unwrap();
    assert_eq!(of(&tree, &[("train", "a"), ("test", "b")]), shared(2, "1", "train", "test"));
}

#[test]
fn two_files_of_one_size_and_time_are_two() {
    let tree = Tree::new(&["a/1.wav", "b/1.wav"]);
    let time = fs::metadata(tree.at("a/1.wav")).unwrap().modified().unwrap();
    let copy = fs::File::options().write(true).open(tree.at("b/1.wav")).unwrap();
    copy.set_modified(time).unwrap();
    assert_eq!(of(&tree, &[("train", "a"), ("test", "b")]), None);
}

#[test]
fn recordings_that_are_not_there_are_nobodys() {
    let tree = Tree::new(&["a/1.wav", "b/1.wav"]);
    for folder in ["a", "b"] {
        symlink("/nowhere/at/all.wav", tree.at(&format!("{folder}/gone.wav"))).unwrap();
    }
    assert_eq!(of(&tree, &[("train", "a"), ("test", "b")]), None);
}
