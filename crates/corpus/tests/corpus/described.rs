//! Folders that are no description themselves, and have some.

use ossicle_corpus::{CorpusKind, CorpusSource, DiscoverOptions, discover};
use serde_json::{Value, json};

use crate::tree::{Tree, from_pairs, from_path, message, splits};

/// The column `text` of each utterance, in order.
fn texts(tree: &Tree) -> Vec<Value> {
    let corpus = tree.discover().unwrap();
    let all = corpus.splits.iter().flat_map(|split| &split.utterances);
    all.map(|utterance| {
        let columns = utterance.columns.unpacked();
        let text = columns.iter().find(|column| column.name() == "text");
        text.map_or(Value::Null, |column| column.value().clone())
    })
    .collect()
}

/// Recordings `a`, `b` and `c` in a folder.
fn recordings(folder: &str) -> Tree {
    let files = ["a", "b", "c"].map(|name| format!("{folder}{name}.wav"));
    Tree::new(&files.each_ref().map(String::as_str))
}

const NOTICE: &str = "it is read by ";

#[test]
fn a_folder_with_one_description_of_its_recordings_is_read_by_it() {
    let folder = Tree::new(&[]);
    let fairseq = format!("{}\na.wav\t1\nb.wav\t1\nc.wav\t1\n", folder.path().display());
    for (file, text, kind) in [
        (
            "all.jsonl",
            "{\"audio_filepath\":\"a.wav\"}\n{\"audio_filepath\":\"b.wav\"}\n{\"audio_filepath\":\"c.wav\"}\n",
            CorpusKind::Manifest,
        ),
        ("t.csv", "path,x\na.wav,1\nb.wav,2\nc.wav,3\n", CorpusKind::Table),
        ("metadata.csv", "file_name,x\na.wav,1\nb.wav,2\nc.wav,3\n", CorpusKind::Table),
        (
            "metadata.jsonl",
            "{\"file_name\":\"a.wav\"}\n{\"file_name\":\"b.wav\"}\n{\"file_name\":\"c.wav\"}\n",
            CorpusKind::Manifest,
        ),
        ("t.tsv", "path\tx\na.wav\t1\nb.wav\t2\nc.wav\t3\n", CorpusKind::Table),
        ("m.tsv", &fairseq, CorpusKind::Manifest),
        ("list.txt", "a.wav|x\nb.wav|y\nc.wav|z\n", CorpusKind::Filelist),
        ("all.scp", "p=a.wav\nq=b.wav\nr=c.wav\n", CorpusKind::Htk),
    ] {
        for name in ["a", "b", "c"] {
            folder.write(&format!("{name}.wav"), b"bytes");
        }
        // Files that are called as descriptions are, and are none.
        let others = [
            folder.write("settings.json", b"{\"a\": 1}"),
            folder.write("notes.csv", b"x,y\n1,2\n"),
        ];
        let described = folder.write(file, text.as_bytes());
        let corpus = folder.discover().unwrap();
        assert_eq!(corpus.kind, kind, "{file}");
        assert_eq!(corpus.splits[0].utterances.len(), 3, "{file}");
        let notice = corpus.notices.last().unwrap();
        assert!(notice.ends_with(&format!("{NOTICE}{file}")), "{notice}");
        // The description given as a file says the same.
        assert_eq!(splits(&corpus), splits(&from_path(&described).unwrap()), "{file}");
        others.iter().chain([&described]).for_each(|file| std::fs::remove_file(file).unwrap());
    }
}

#[test]
fn names_of_descriptions_say_splits_in_a_folder_and_below_it() {
    let object = |name: &str, text: &str| {
        format!("{{\"audio_filepath\":\"{name}.wav\",\"text\":\"{text}\"}}\n")
    };
    let tree = recordings("");
    tree.write("test.json", object("c", "z").as_bytes());
    tree.write("train.json", (object("a", "x") + &object("b", "y")).as_bytes());
    // A file of all recordings is none of the splits.
    tree.write("all.json", (object("a", "x") + &object("b", "y") + &object("c", "z")).as_bytes());
    let corpus = tree.discover().unwrap();
    assert_eq!(splits(&corpus), [("train", vec!["a", "b"]), ("test", vec!["c"])]);
    assert_eq!(texts(&tree), ["x", "y", "z"]);
    let notice = corpus.notices.last().unwrap();
    assert!(notice.ends_with("train.json (split train) and test.json (split test)"), "{notice}");
    // What is given for a split is that split's.
    let corpus = from_pairs(&[("one", tree.path().into())]).unwrap();
    assert_eq!(splits(&corpus), [("one", vec!["a", "b", "c"])]);
    // Beside another source it keeps them, too.
    let other = Tree::new(&["d.wav"]);
    let words = CorpusSource::Paths(vec![tree.path().into(), other.path().into()]);
    let corpus = discover(&words, &DiscoverOptions::default()).unwrap();
    let names: Vec<&str> = corpus.splits.iter().map(|split| &*split.name).collect();
    assert_eq!(names, ["train", "test", "all"]);

    // Filelists of VITS, and Hugging Face's folders.
    let tree = recordings("DUMMY/");
    tree.write("filelists/lj_text_val_filelist.txt", b"DUMMY/c.wav|z\n");
    tree.write("filelists/lj_text_train_filelist.txt", b"DUMMY/a.wav|x\nDUMMY/b.wav|y\n");
    tree.write("filelists/lj_text_train_filelist.txt.cleaned", b"DUMMY/a.wav|x\n");
    let corpus = tree.discover().unwrap();
    assert_eq!(corpus.splits.iter().map(|it| &*it.name).collect::<Vec<_>>(), ["train", "val"]);
    assert_eq!(texts(&tree), ["x", "y", "z"]);
    let tree = Tree::new(&["train/a.wav", "train/b.wav", "test/c.wav"]);
    tree.write("train/metadata.csv", b"file_name,text\na.wav,x\nb.wav,y\n");
    tree.write("test/metadata.csv", b"file_name,text\nc.wav,z\n");
    let corpus = tree.discover().unwrap();
    assert_eq!(corpus.splits.iter().map(|it| &*it.name).collect::<Vec<_>>(), ["train", "test"]);
    assert_eq!(texts(&tree), ["x", "y", "z"]);
}

#[test]
fn words_of_splits_that_several_names_have_are_told_apart_by_the_names() {
    let tree = recordings("");
    for (file, name) in [("dev_other", "b"), ("train_960", "a"), ("dev_clean", "c")] {
        tree.write(&format!("{file}.csv"), format!("path,text\n{name}.wav,t\n").as_bytes());
    }
    let corpus = tree.discover().unwrap();
    let expected = [("train_960", vec!["a"]), ("dev_clean", vec!["c"]), ("dev_other", vec!["b"])];
    assert_eq!(splits(&corpus), expected);
}

#[test]
fn what_is_not_about_most_of_the_recordings_is_not_read_and_said() {
    let tree = recordings("");
    tree.write("few.csv", b"path,text\na.wav,x\n");
    let corpus = tree.discover().unwrap();
    assert_eq!((corpus.kind, corpus.splits[0].utterances.len()), (CorpusKind::Folder, 3));
    let notice = corpus.notices.last().unwrap();
    assert!(notice.contains("few.csv names 1 of its 3 recordings, and is not read"), "{notice}");
    // Two of three are most of them, and the third is told.
    tree.write("few.csv", b"path,text\na.wav,x\nb.wav,y\n");
    let corpus = tree.discover().unwrap();
    assert_eq!((corpus.kind, corpus.splits[0].utterances.len()), (CorpusKind::Table, 2));
    let notice = corpus.notices.last().unwrap();
    assert!(notice.ends_with("; 1 of the 3 recordings in it is in none of them"), "{notice}");
    // A table of recordings that are not there is about others.
    tree.write("few.csv", b"path,text\nx.wav,x\ny.wav,y\na.wav,z\n");
    assert_eq!(tree.discover().unwrap().kind, CorpusKind::Folder);
    // A plain list says no more than the folder does.
    std::fs::remove_file(tree.at("few.csv")).unwrap();
    tree.write("list.txt", b"a.wav\nb.wav\nc.wav\n");
    assert_eq!(tree.discover().unwrap().kind, CorpusKind::Folder);
}

#[test]
fn descriptions_of_the_same_recordings_are_told_and_none_is_chosen() {
    let tree = recordings("");
    for file in ["a.csv", "b.csv"] {
        tree.write(file, b"path,text\na.wav,x\nb.wav,y\nc.wav,z\n");
    }
    let corpus = tree.discover().unwrap();
    assert_eq!(corpus.kind, CorpusKind::Folder);
    let notice = corpus.notices.last().unwrap();
    assert!(notice.contains("a.csv and b.csv both name ") && notice.contains("a.wav"), "{notice}");
    // Where the recordings are elsewhere, there is nothing to read instead.
    let lists = Tree::new(&[]);
    for file in ["a.csv", "b.csv"] {
        let text = format!("path,text\n{},x\n", tree.at("a.wav").display());
        lists.write(file, text.as_bytes());
    }
    let message = message(lists.discover());
    assert!(
        message.contains("a.csv and b.csv both name ") && message.ends_with("name one of them"),
        "{message}"
    );
}

#[test]
fn a_description_that_is_wrong_is_told_where_its_folder_has_no_recordings() {
    let tree = Tree::new(&[]);
    tree.write("train.json", b"{\"audio_filepath\":\"gone.wav\"}\n");
    let message = message(tree.discover());
    assert!(message.contains("train.json") && message.contains("gone.wav"), "{message}");
}

#[test]
fn folders_of_corpora_keep_what_each_of_them_says() {
    let tree = Tree::new(&["x/LJ/wavs/l.wav", "x/V/wav48/p225/p225_001.wav", "x/other/o.wav"]);
    tree.write("x/LJ/metadata.csv", b"l|one|two\n");
    tree.write("x/V/txt/p225/p225_001.txt", b"three");
    let corpus = from_path(&tree.at("x")).unwrap();
    let said: Vec<_> = corpus.splits[0]
        .utterances
        .iter()
        .map(|it| {
            let columns = it.columns.unpacked();
            let columns = columns.iter().map(|c| (c.name(), c.value().clone()));
            (
                &*it.id,
                it.speaker.as_deref(),
                json!(columns.collect::<std::collections::BTreeMap<_, _>>()),
            )
        })
        .collect();
    let expected = [
        ("l", None, json!({"text": "one", "normalized_text": "two"})),
        ("p225_001", Some("p225"), json!({"text": "three"})),
    ];
    assert_eq!(said, expected);
    let notice = corpus.notices.last().unwrap();
    assert!(notice.contains("read by LJ and V; 1 of the 3 recordings"), "{notice}");

    // Data folders of Kaldi's, whose recordings are elsewhere, and of which one is another's copy.
    let data = Tree::new(&[]);
    for (folder, id) in [("train", "l"), ("dev", "o")] {
        let path = if id == "l" { "x/LJ/wavs/l.wav" } else { "x/other/o.wav" };
        data.write(
            &format!("{folder}/wav.scp"),
            format!("{id} {}\n", tree.at(path).display()).as_bytes(),
        );
        data.write(&format!("{folder}/text"), format!("{id} text\n").as_bytes());
    }
    assert_eq!(splits(&data.discover().unwrap()), [("train", vec!["l"]), ("dev", vec!["o"])]);
    std::fs::remove_file(data.at("dev/text")).unwrap();
    std::fs::rename(data.at("dev"), data.at("train_sp")).unwrap();
    let copy = std::fs::read(data.at("train/wav.scp")).unwrap();
    data.write("train_sp/wav.scp", &copy);
    let split_by_name = data.discover().unwrap();
    assert_eq!(
        split_by_name.splits.len(),
        2,
        "names tell them apart, and the overlap is told later"
    );
}
