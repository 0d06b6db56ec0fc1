//! Descriptions that are read as what they are said to be.

use std::path::Path;

use ossicle_corpus::{
    Corpus, CorpusFormat, CorpusSource, DiscoverOptions, Error, Formats, Selection, discover,
};

use crate::tree::{Tree, ids, message, splits};

fn read_as(source: CorpusSource, words: &[&str]) -> Result<Corpus, Error> {
    let selection = Selection { formats: Formats::parse(words)?, ..Selection::default() };
    discover(&source, &DiscoverOptions { selection, ..DiscoverOptions::default() })
}

fn path_as(path: &Path, format: &str) -> Result<Corpus, Error> {
    read_as(CorpusSource::Path(path.into()), &[format])
}

#[test]
fn a_description_is_read_as_it_is_said_to_be() {
    let tree = Tree::new(&["d/a.wav", "d/b.wav", "d/TRAIN/DR1/FCJF0/SX37.WAV"]);
    tree.write("d/wav.scp", b"one a.wav\n");
    assert_eq!(ids(&path_as(&tree.at("d"), "kaldi").unwrap().splits[0]), ["one"]);
    let folder = path_as(&tree.at("d"), "folder").unwrap();
    assert_eq!(ids(&folder.splits[0]), ["TRAIN/DR1/FCJF0/SX37", "a", "b"]);
    assert_eq!(ids(&path_as(&tree.at("d"), "timit").unwrap().splits[0]), ["FCJF0_SX37"]);
    let list = tree.write("d/list.json", b"a.wav\n");
    assert_eq!(ids(&path_as(&list, "list").unwrap().splits[0]), ["a"]);
}

#[test]
fn what_cannot_be_read_so_is_refused_by_its_reader() {
    let tree = Tree::new(&["d/a.wav", "text"]);
    for format in CorpusFormat::all() {
        for path in [tree.at("d"), tree.at("text")] {
            // A folder is one, a recording is a recording whatever it has in it, and any file is a list.
            let name = format.name();
            if (name == "folder" && path.is_dir()) || (name == "recording" && path.is_file()) {
                continue;
            }
            let error = message(path_as(&path, name));
            assert!(error.contains(&path.display().to_string()), "{name}: {error}");
        }
    }
    let error = message(path_as(&tree.at("d"), "table"));
    assert!(error.ends_with("d: it is a folder, and cannot be a table of text, CSV or TSV"));
    assert!(message(path_as(&tree.at("d"), "kaldi")).contains("d/wav.scp"));
}

#[test]
fn each_split_may_be_read_as_another() {
    let tree = Tree::new(&["d/a.wav", "d/wav.scp"]);
    tree.write("d/wav.scp", b"one a.wav\n");
    let source = || {
        let pairs = [("train", tree.at("d")), ("dev", tree.at("d"))];
        CorpusSource::Splits(pairs.map(|(name, path)| (name.to_owned(), path)).into())
    };
    let corpus = read_as(source(), &["kaldi", "dev=folder"]).unwrap();
    assert_eq!(splits(&corpus), [("train", vec!["one"]), ("dev", vec!["a"])]);
    let error = message(read_as(source(), &["test=folder"]));
    assert!(error.contains("the split `test`"), "{error}");
}
