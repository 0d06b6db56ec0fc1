//! Lists of recordings.

use std::{io, path::Path};

use ossicle_corpus::{Corpus, CorpusKind, CorpusSource, DiscoverOptions, Error, discover};

use crate::tree::{Tree, alignment_of, from_path, ids, message, splits, with_alignments};

fn from_stdin(text: &str) -> Result<Corpus, Error> {
    discover(&CorpusSource::Listed(text.into()), &DiscoverOptions::default())
}

#[test]
fn paths_are_relative_to_the_lists_own_folder() {
    let tree = Tree::new(&["lists/a.wav", "lists/s/b.flac", "other/c.wav", "lists/s/d"]);
    let list = tree.write("lists/all.txt", b"s/b.flac\r\n\n  \n./a.wav\n../other/c.wav\ns//d");
    let corpus = from_path(&list).unwrap();
    assert_eq!(corpus.kind, CorpusKind::List);
    assert_eq!(splits(&corpus), [("all", vec!["../other/c", "a", "s/b", "s/d"])]);
    assert_eq!(corpus.splits[0].root, tree.at("lists"));
    assert!(corpus.splits[0].utterances.iter().all(|utterance| utterance.size_bytes == 5));
    assert_eq!(&*corpus.splits[0].utterances[1].source, Path::new("a.wav"));
    assert_eq!(corpus.ignored.files(), 0);
}

#[test]
fn absolute_paths_below_the_lists_folder_become_relative_and_others_stay() {
    let tree = Tree::new(&["lists/s/a.wav", "other/b.wav"]);
    let (inside, outside) = (tree.at("lists/s/a.wav"), tree.at("other/b.wav"));
    let text = format!("{}\n{}\n", inside.display(), outside.display());
    let list = tree.write("lists/all.txt", text.as_bytes());
    let corpus = from_path(&list).unwrap();
    let outside_id = outside.with_extension("").display().to_string();
    let mut expected = ["s/a", outside_id.trim_start_matches('/')];
    expected.sort();
    assert_eq!(ids(&corpus.splits[0]), expected);
    let source = |id: &str| {
        let found = corpus.splits[0].utterances.iter().find(|utterance| &*utterance.id == id);
        found.unwrap().source.to_path_buf()
    };
    assert_eq!(source("s/a"), Path::new("s/a.wav"));
    assert_eq!(source(outside_id.trim_start_matches('/')), outside);
}

#[test]
fn standard_input_is_relative_to_the_current_folder() {
    // Tests run in the folder of their package.
    let corpus = from_stdin("src/lib.rs\nCargo.toml\n").unwrap();
    assert_eq!(splits(&corpus), [("all", vec!["Cargo", "src/lib"])]);
    assert_eq!(corpus.splits[0].root, Path::new("."));
    let absolute = std::env::current_dir().unwrap().join("src/lib.rs");
    let corpus = from_stdin(absolute.to_str().unwrap()).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["src/lib"]);
}

#[test]
fn a_missing_file_of_a_list_stays_in_it() {
    let tree = Tree::new(&["a.wav", "folder/x"]);
    let list = tree.write("list", b"a.wav\nmissing.wav\nfolder\n");
    let corpus = from_path(&list).unwrap();
    let sizes: Vec<_> =
        corpus.splits[0].utterances.iter().map(|u| (&*u.id, u.size_bytes)).collect();
    assert_eq!(sizes, [("a", 5), ("folder", 0), ("missing", 0)]);
}

#[test]
fn a_list_of_which_nothing_exists_is_an_error_that_says_what_paths_are_relative_to() {
    let tree = Tree::new(&[]);
    let list = tree.write("lists/all.txt", b"\nz/1.wav\na/2.wav\n");
    let folder = tree.at("lists");
    let (list_shown, folder) = (list.display(), folder.display());
    assert_eq!(
        message(from_path(&list)),
        format!(
            "{list_shown}: none of its 2 files exists; the first would be {folder}/z/1.wav, as \
             paths are relative to the list's own folder, {folder}"
        )
    );
    let error = message(from_stdin("no/such/file.wav"));
    assert_eq!(
        error,
        "standard input: the only file that it names does not exist; the first would be ./no/such/file.wav, as \
         paths are relative to the current folder"
    );
}

#[test]
fn a_path_given_twice_is_an_error_that_names_both_lines() {
    let tree = Tree::new(&["a.wav", "b.wav"]);
    let absolute = tree.at("a.wav");
    for again in ["a.wav", "./a.wav", ".//a.wav", absolute.to_str().unwrap()] {
        let list = tree.write("list", format!("b.wav\na.wav\n\n{again}\n").as_bytes());
        let error = message(from_path(&list));
        let list = list.display();
        let expected = format!("the id `a.wav` is given twice, by line 2 of {list} and by line 4;");
        assert!(error.starts_with(&expected), "{again}: {error}");
    }
}

#[test]
fn paths_whose_ids_collide_for_good_are_an_error() {
    let tree = Tree::new(&["list/x.wav"]);
    let outside = Tree::new(&["x.wav"]);
    let absolute = outside.at("x.wav");
    let relative = absolute.strip_prefix("/").unwrap();
    let text = format!("x.wav\n{}\n{}\n", absolute.display(), relative.display());
    let error = message(from_path(&tree.write("list/list", text.as_bytes())));
    let expected = format!("the id `{}` is given twice, by line 2 (", relative.display());
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn files_that_differ_in_extension_keep_it_in_their_ids() {
    let tree = Tree::new(&["a.wav", "a.flac"]);
    let corpus = from_path(&tree.write("list", b"a.wav\na.flac\n")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["a.flac", "a.wav"]);
}

#[test]
fn lines_that_are_no_paths_are_errors_that_name_the_line() {
    let tree = Tree::new(&["a.wav"]);
    let long = format!("a.wav\n{}\n", "x".repeat(70_000));
    for (text, expected) in [
        (b"a.wav\nb\0.wav".as_slice(), "line 2 holds a zero byte"),
        (long.as_bytes(), "line 2 is longer than 65536 bytes"),
        (b"a.wav\n..\n", "line 2 names a folder, `..`"),
        (b"/\n", "line 1 names a folder, `/`"),
        (b"", "the list is empty"),
        (b"\n \r\n", "the list is empty"),
    ] {
        let error = message(from_path(&tree.write("list", text)));
        assert!(error.contains(expected), "{expected}: {error}");
    }
    assert!(message(from_stdin("")).starts_with("standard input: the list is empty"));
}

#[test]
fn a_command_in_a_list_is_an_error_that_says_what_to_do_instead() {
    let tree = Tree::new(&["a.wav", "a|b.wav"]);
    for end in ["|", "| \t", " |\r"] {
        let command = format!("utt1 sph2pipe -f wav a.wav{end}");
        let list = tree.write("list", format!("a.wav\n{command}\n").as_bytes());
        let expected = format!(
            "{}: line 2 is a command, `{}`, and commands are not executed; write its output to a \
             file and list that",
            list.display(),
            command.trim()
        );
        assert_eq!(message(from_path(&list)), expected);
    }
    let long = format!("{} |", "x".repeat(60_000));
    let error = message(from_stdin(&long));
    assert!(error.starts_with("standard input: line 1 is a command, `xxx"), "{error}");
    assert!(error.len() < 300, "{error}");
    // Elsewhere in a name it is a character like any other.
    let corpus = from_path(&tree.write("list", b"a|b.wav\n")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["a|b"]);
}

#[test]
fn a_failing_read_is_an_error_with_its_cause() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("unplugged"))
        }
    }
    let mut broken = Broken;
    let error = CorpusSource::parse(&["-".into()], &mut broken).unwrap_err();
    assert_eq!(error.to_string(), "cannot read standard input");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "unplugged");
}

#[test]
fn alignments_are_found_beside_listed_recordings() {
    let tree = Tree::new(&["s/a.wav", "s/a.phn", "s/b.wav", "s/b.PhN", "s/c.wav"]);
    let corpus = with_alignments(&tree.write("list", b"s/a.wav\ns/b.wav\ns/c.wav\n"));
    let alignments: Vec<_> =
        corpus.splits[0].utterances.iter().map(|utterance| alignment_of(utterance)).collect();
    assert_eq!(alignments, [Some(Path::new("s/a.phn")), Some(Path::new("s/b.PhN")), None]);
}

#[cfg(unix)]
#[test]
fn lines_need_not_be_utf8() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let tree = Tree::new(&[]);
    let name = OsStr::from_bytes(b"caf\xe9.wav");
    std::fs::write(tree.path().join(name), b"123").unwrap();
    let corpus = from_path(&tree.write("list", b"caf\xe9.wav\n")).unwrap();
    let utterance = &corpus.splits[0].utterances[0];
    assert_eq!((&*utterance.id, &*utterance.source), ("caf%E9", Path::new(name)));
    assert_eq!(utterance.size_bytes, 3);
}

#[test]
fn comments_are_passed_over_and_quotes_taken_off() {
    let tree = Tree::new(&["a b.wav", "#c.wav", "d.wav"]);
    let text = "\u{feff}# what they are\r\n\"a b.wav\" \r\n#x.wav\r\n./#c.wav\r\nd.wav\r\n";
    let corpus = from_path(&tree.write("list", text.as_bytes())).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["#c", "a b", "d"]);
    let utf_16: Vec<u8> = "\u{feff}d.wav\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = message(from_path(&tree.write("list", &utf_16)));
    assert!(error.contains("it is UTF-16"), "{error}");
}
