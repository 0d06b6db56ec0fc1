//! Folders of recordings.

use std::{fs, path::Path};

use ossicle_corpus::{Corpus, CorpusKind, Reason};

use crate::tree::{
    Tree, alignment_of, from_pairs, from_path, ids, message, reasons, splits, with_alignments,
    with_raw,
};

#[test]
fn every_recording_below_is_an_utterance_in_order_of_id() {
    let tree = Tree::new(&["b/2.WAV", "a.flac", "b/1.mp3", "b-1.wav", "notes.txt", "b/.DS_Store"]);
    let corpus = tree.discover().unwrap();
    assert_eq!(corpus.kind, CorpusKind::Folder);
    assert_eq!(splits(&corpus), [("all", vec!["a", "b-1", "b/1", "b/2"])]);
    assert_eq!(corpus.ignored.files(), 2);
    assert_eq!((corpus.left_out, corpus.notices.len()), (0, 0));
    let split = &corpus.splits[0];
    assert_eq!(split.root, tree.path());
    let utterance = &split.utterances[3];
    assert_eq!(&*utterance.source, Path::new("b/2.WAV"));
    assert_eq!((utterance.speaker.as_deref(), alignment_of(utterance)), (None, None));
    assert_eq!(utterance.size_bytes, 5);
    let modified = fs::metadata(tree.at("b/2.WAV")).unwrap().modified().unwrap();
    let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(u128::from(utterance.modified_ns), since.as_nanos());
}

#[test]
fn the_order_in_which_files_were_made_does_not_matter() {
    let mut names: Vec<String> = (0..200).map(|n| format!("s{}/u{n}.wav", n % 7)).collect();
    let forwards = Tree::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    names.reverse();
    let backwards = Tree::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let (forwards, backwards) = (forwards.discover().unwrap(), backwards.discover().unwrap());
    let in_order = ids(&forwards.splits[0]);
    assert_eq!(in_order, ids(&backwards.splits[0]));
    assert!(in_order.is_sorted());
    assert_eq!(in_order.len(), 200);
}

#[test]
fn colliding_ids_keep_their_extension() {
    let tree = Tree::new(&["a.wav", "a.flac", "b.wav"]);
    assert_eq!(ids(&tree.discover().unwrap().splits[0]), ["a.flac", "a.wav", "b"]);
}

#[test]
fn headerless_files_count_once_their_format_is_given() {
    let tree = Tree::new(&["a.wav", "b.raw", "c.PCM"]);
    let corpus = tree.discover().unwrap();
    assert_eq!((ids(&corpus.splits[0]), corpus.ignored.files()), (vec!["a"], 2));
    assert_eq!(reasons(&corpus), [(Reason::Headerless, 2, "b.raw")]);
    let corpus = with_raw(tree.path()).unwrap();
    assert_eq!((ids(&corpus.splits[0]), corpus.ignored.files()), (vec!["a", "b", "c"], 0));
}

#[test]
fn alignments_lie_beside_recordings_in_any_case() {
    let tree = Tree::new(&["a.wav", "a.PHN", "a.phn", "s/b.wav", "s/b.pHn", "c.wav", "d.phn"]);
    let corpus = with_alignments(tree.path());
    let alignments: Vec<_> =
        corpus.splits[0].utterances.iter().map(|utterance| alignment_of(utterance)).collect();
    assert_eq!(alignments, [Some(Path::new("a.PHN")), None, Some(Path::new("s/b.pHn"))]);
    // a.phn, which a.PHN hides, and d.phn.
    assert_eq!(corpus.ignored.files(), 2);
    assert_eq!(tree.discover().unwrap().ignored.files(), 4);
}

#[test]
fn a_folder_without_recordings_is_an_error_that_says_what_counts() {
    let tree = Tree::new(&["a.txt", "b/c.raw"]);
    let error = message(tree.discover());
    let path = tree.path().display();
    assert!(
        error.starts_with(&format!(
            "{path}: no recordings among 2 files (1 .raw, 1 .txt); names of"
        )),
        "{error}"
    );
    assert!(error.contains("wav wave sph") && error.contains("raw and pcm too"), "{error}");
    let tree = Tree::new(&["a.txt"]);
    let error = message(with_raw(tree.path()));
    assert!(error.ends_with("raw pcm"), "{error}");
}

#[test]
fn a_path_without_anything_is_an_error_that_names_it() {
    let tree = Tree::new(&[]);
    let path = tree.at("nothing\nhere");
    let expected = format!("{}/nothing%0Ahere: no such file or folder", tree.path().display());
    assert_eq!(message(from_path(&path)), expected);
}

#[test]
fn a_single_recording_is_a_corpus_of_one() {
    let tree = Tree::new(&["s/a.wav", "s/a.PHN", "s/b.wav"]);
    tree.write("s/no-extension", b"fLaC\0\0\0\x22");
    let corpus = with_alignments(&tree.at("s/a.wav"));
    assert_eq!(corpus.kind, CorpusKind::Folder);
    assert_eq!(splits(&corpus), [("all", vec!["a"])]);
    assert_eq!(corpus.splits[0].root, tree.at("s"));
    let utterance = &corpus.splits[0].utterances[0];
    assert_eq!(&*utterance.source, Path::new("a.wav"));
    assert_eq!(alignment_of(utterance), Some(Path::new("a.PHN")));
    assert_eq!(utterance.size_bytes, 5);

    let corpus = from_path(&tree.at("s/no-extension")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["no-extension"]);
}

#[test]
fn a_single_headerless_recording_needs_its_format() {
    let tree = Tree::new(&["a.raw"]);
    let error = message(from_path(&tree.at("a.raw")));
    assert!(error.ends_with("once its sample format is given"), "{error}");
    assert_eq!(ids(&with_raw(&tree.at("a.raw")).unwrap().splits[0]), ["a"]);
}

#[test]
fn pairs_make_splits_in_the_order_given_and_ids_may_recur_between_them() {
    let tree = Tree::new(&["x/a.wav", "x/b.wav", "y/a.wav", "y/readme", "list/z/c.wav"]);
    let list = tree.write("list/files.txt", b"z/c.wav\n");
    let corpus = from_pairs(&[("test", tree.at("y")), ("train", tree.at("x"))]).unwrap();
    assert_eq!(splits(&corpus), [("test", vec!["a"]), ("train", vec!["a", "b"])]);
    assert_eq!((corpus.kind, corpus.ignored.files()), (CorpusKind::Folder, 1));
    assert_eq!(corpus.splits[0].root, tree.at("y"));

    let corpus = from_pairs(&[("train", tree.at("x")), ("test", list)]).unwrap();
    assert_eq!(splits(&corpus), [("train", vec!["a", "b"]), ("test", vec!["z/c"])]);
    assert_eq!(corpus.kind, CorpusKind::List);
}

#[test]
fn a_pair_without_recordings_is_an_error() {
    let tree = Tree::new(&["x/a.wav", "y/readme"]);
    let error = message(from_pairs(&[("train", tree.at("x")), ("test", tree.at("y"))]));
    assert!(error.contains("y: no recordings among 1 file"), "{error}");
    let error = message(from_pairs(&[("train", tree.at("x")), ("test", tree.at("z"))]));
    assert!(error.ends_with("z: no such file or folder"), "{error}");
}

#[test]
fn the_folders_that_were_searched_are_named_once_and_absolute() {
    let tree = Tree::new(&["x/a.wav", "y/b.wav", "z/c.wav"]);
    let walked = |corpus: Corpus| corpus.walked.into_iter().collect::<Vec<_>>();
    let whole = tree.path().canonicalize().unwrap();
    assert_eq!(walked(tree.discover().unwrap()), [tree.path().canonicalize().unwrap()]);
    assert_eq!(walked(from_path(&tree.at("y/../x/.")).unwrap()), [whole.join("x")]);

    let list = tree.write("list", b"z/c.wav\n");
    assert!(walked(from_path(&list).unwrap()).is_empty());
    assert!(walked(from_path(&tree.at("x/a.wav")).unwrap()).is_empty());
    let pairs = [("a", tree.at("y")), ("b", tree.at("x")), ("c", tree.at("x")), ("d", list)];
    assert_eq!(walked(from_pairs(&pairs).unwrap()), [whole.join("x"), whole.join("y")]);
}

#[test]
fn attribute_files_of_macos_are_no_recordings() {
    let tree = Tree::new(&["a.wav", "._a.wav"]);
    let corpus = tree.discover().unwrap();
    assert_eq!((ids(&corpus.splits[0]), corpus.ignored.files()), (vec!["a"], 1));
}

#[cfg(unix)]
mod unix {
    use std::{
        ffi::OsStr,
        os::unix::{ffi::OsStrExt, fs::PermissionsExt, fs::symlink, net::UnixListener},
        process::Command,
    };

    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_are_escaped_in_the_id_and_kept_in_the_source() {
        let tree = Tree::new(&[]);
        let name = OsStr::from_bytes(b"caf\xe9 100%\n.wav");
        fs::write(tree.path().join(name), b"1234").unwrap();
        let corpus = tree.discover().unwrap();
        assert_eq!(ids(&corpus.splits[0]), ["caf%E9 100%25%0A"]);
        let utterance = &corpus.splits[0].utterances[0];
        assert_eq!((&*utterance.source, utterance.size_bytes), (Path::new(name), 4));
        assert_eq!(ossicle_corpus::printable(&utterance.source), "caf%E9 100%25%0A.wav");
    }

    #[test]
    fn what_is_no_readable_file_stays_in_the_list_with_size_0() {
        let tree = Tree::new(&["folder.wav/inside.wav", "good.wav"]);
        symlink("nowhere", tree.at("dangling.wav")).unwrap();
        symlink("itself.wav", tree.at("itself.wav")).unwrap();
        symlink("nowhere", tree.at("dangling.txt")).unwrap();
        let _socket = UnixListener::bind(tree.at("socket.wav")).unwrap();
        assert!(Command::new("mkfifo").arg(tree.at("pipe.wav")).status().unwrap().success());
        let corpus = tree.discover().unwrap();
        let sizes: Vec<(&str, u64)> = corpus.splits[0]
            .utterances
            .iter()
            .map(|utterance| (&*utterance.id, utterance.size_bytes))
            .collect();
        assert_eq!(
            sizes,
            [
                ("dangling", 0),
                ("folder", 0),
                ("folder.wav/inside", 5),
                ("good", 5),
                ("itself", 0),
                ("pipe", 0),
                ("socket", 0)
            ]
        );
        assert!(
            corpus.splits[0].utterances.iter().all(|u| (u.modified_ns == 0) == (u.size_bytes == 0))
        );
        assert_eq!((corpus.ignored.files(), corpus.notices.len()), (1, 0));
    }

    #[test]
    fn links_are_followed_and_loops_are_a_notice() {
        let tree = Tree::new(&["a/x.wav", "else/y.wav"]);
        let elsewhere = Tree::new(&["s/z.wav"]);
        symlink(elsewhere.path(), tree.at("linked")).unwrap();
        symlink(tree.at("a/x.wav"), tree.at("alias.wav")).unwrap();
        symlink("..", tree.at("a/up")).unwrap();
        symlink("../else", tree.at("else/again")).unwrap();
        let corpus = tree.discover().unwrap();
        assert_eq!(ids(&corpus.splits[0]), ["a/x", "alias", "else/y", "linked/s/z"]);
        assert_eq!(corpus.splits[0].utterances[1].size_bytes, 5);
        let expected = format!(
            "2 links lead back to a folder that they are in; not followed; the first is {}",
            tree.at("a/up").display()
        );
        assert_eq!(corpus.notices, [expected]);
        // Where a link leads was searched too, and what is there again is there once.
        let mut walked = [tree.path(), elsewhere.path()].map(|path| path.canonicalize().unwrap());
        walked.sort();
        assert!(corpus.walked.iter().eq(&walked), "{:?}", corpus.walked);
    }

    #[test]
    fn a_folder_that_cannot_be_read_is_a_notice_and_stands_for_its_recordings() {
        let tree = Tree::new(&["a.wav", "closed/b.wav"]);
        let closed = tree.at("closed");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        // Nothing is closed to root.
        let is_root = fs::read_dir(&closed).is_ok();
        let corpus = tree.discover().unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
        if is_root {
            assert_eq!(ids(&corpus.splits[0]), ["a", "closed/b"]);
            assert!(corpus.notices.is_empty());
        } else {
            assert_eq!(ids(&corpus.splits[0]), ["a", "closed/"]);
            assert!(!corpus.splits[0].utterances[1].is_there());
            assert!(corpus.notices[0].contains("closed: the folder cannot be read"));
        }
    }

    #[test]
    fn folders_deeper_than_a_path_can_be_are_a_notice() {
        // The folder that cannot be read is a row, and with such a name so is each above it.
        for (extension, found) in [("", 2), (".wav", 21)] {
            let tree = Tree::new(&["a.wav"]);
            // Of 30 folders of 200 bytes each, 20 or fewer are within a path of 4096 bytes.
            let deep = format!(
                "d=$(printf '%0200d' 0){extension}; for i in $(seq 30); do mkdir $d && cd $d || \
                 exit 1; done; : > x.wav"
            );
            let mut bash = Command::new("bash");
            assert!(bash.args(["-c", &deep]).current_dir(tree.path()).status().unwrap().success());
            let corpus = tree.discover().unwrap();
            let recordings = corpus.splits[0].utterances.len();
            assert!((1..=found).contains(&recordings), "{recordings}");
            assert_eq!(corpus.ignored.files(), 0);
            let [notice] = &corpus.notices[..] else { panic!("{:?}", corpus.notices) };
            assert!(notice.contains("the folder cannot be read; its recordings are missing"));
        }
    }

    #[test]
    fn a_pipe_given_as_the_corpus_is_an_error_and_is_not_opened() {
        let tree = Tree::new(&[]);
        assert!(Command::new("mkfifo").arg(tree.at("pipe")).status().unwrap().success());
        let error = message(from_path(&tree.at("pipe")));
        assert!(error.contains("neither a folder nor a regular file"), "{error}");
    }
}
