//! Several recordings and folders, given side by side.

use std::path::PathBuf;

use ossicle_corpus::{Corpus, CorpusKind, CorpusSource, DiscoverOptions, Error, discover};

use crate::tree::{Tree, alignment_of, message, phones, splits};

fn from_words(tree: &Tree, words: &[&str]) -> Result<Corpus, Error> {
    let paths: Vec<PathBuf> = words.iter().map(|word| tree.at(word)).collect();
    let options = DiscoverOptions { tiers: phones(), ..DiscoverOptions::default() };
    discover(&CorpusSource::Paths(paths), &options)
}

#[test]
fn recordings_and_folders_are_one_corpus_whatever_their_order() {
    let tree =
        Tree::new(&["x/a.wav", "x/a.PHN", "x/readme", "y/deep/b.flac", "y/deep/b.phn", "c.wav"]);
    let corpus = from_words(&tree, &["x", "y", "c.wav"]).unwrap();
    assert_eq!(corpus.kind, CorpusKind::Folder);
    assert_eq!(splits(&corpus), [("all", vec!["c", "x/a", "y/deep/b"])]);
    assert_eq!(corpus.splits[0].root, tree.path());
    assert_eq!(corpus.ignored.files(), 1);
    for utterance in &corpus.splits[0].utterances {
        assert_eq!(utterance.size_bytes, 5);
        assert!(corpus.splits[0].root.join(&utterance.source).is_file(), "{utterance:?}");
        let alignment = alignment_of(utterance).map(|path| corpus.splits[0].root.join(path));
        assert_eq!(alignment.map(|path| path.is_file()), (&*utterance.id != "c").then_some(true));
    }
    assert_eq!(from_words(&tree, &["c.wav", "y", "x"]).unwrap(), corpus);
}

#[test]
fn ids_begin_below_the_folder_that_has_all_of_them() {
    let tree = Tree::new(&["x/s/a.wav", "x/s/b.wav", "x/s/b.PHN", "x/t/b.wav"]);
    let ids = |words: &[&str]| {
        let corpus = from_words(&tree, words).unwrap();
        corpus.splits[0].utterances.iter().map(|it| it.id.to_string()).collect::<Vec<_>>()
    };
    // As `x/s/*` is made into words, alignments and all.
    assert_eq!(ids(&["x/s/a.wav", "x/s/b.PHN", "x/s/b.wav"]), ["a", "b"]);
    assert_eq!(ids(&["x/s/b.wav", "x/t"]), ["s/b", "t/b"]);
}

#[test]
fn recordings_that_share_a_name_keep_their_extension() {
    let tree = Tree::new(&["a.wav", "a.flac"]);
    let corpus = from_words(&tree, &["a.wav", "a.flac"]).unwrap();
    assert_eq!(splits(&corpus), [("all", vec!["a.flac", "a.wav"])]);
}

#[test]
fn a_recording_given_twice_is_an_error_that_names_both_words() {
    let tree = Tree::new(&["x/a.wav", "x/b.wav"]);
    let said = message(from_words(&tree, &["x", "x/a.wav"]));
    let (folder, file) = (tree.at("x"), tree.at("x/a.wav"));
    let words = format!("by `{}` and by `{}`", folder.display(), file.display());
    assert!(said.contains(&words), "{said}");
}

#[test]
fn what_is_neither_a_recording_nor_a_folder_is_an_error_that_names_it() {
    let tree = Tree::new(&["x/a.wav"]);
    let list = tree.write("list.txt", b"these are some notes\n");
    for word in ["list.txt", "x/none.wav"] {
        let said = message(from_words(&tree, &["x", word]));
        assert!(said.contains(word), "{said}");
    }
    let said = message(from_words(&tree, &["x", "list.txt"]));
    assert!(said.starts_with(&format!("{}: neither a recording, nor", list.display())), "{said}");
    let empty = tree.write("empty.txt", b"");
    let said = message(from_words(&tree, &["x", "empty.txt"]));
    assert!(said.starts_with(&format!("{}: neither a recording, nor", empty.display())), "{said}");
}
