//! Runs that cannot happen: one clear line, exit code 2, and nothing is left behind.

use std::fs;

use crate::corpora::{wav, write, write_aligned};
use crate::datasets::tree;
use crate::program::{Folder, extract, ossicle};

/// Writes `files`, extracts the path `corpus` among them, and asserts the refusal.
#[track_caller]
fn assert_refused(corpus: &str, files: &[(&str, &[u8])], words: &[&str]) {
    let folder = Folder::new();
    for (path, bytes) in files {
        write(folder.at(path), bytes);
    }
    let out = folder.at("out");
    extract(folder.at(corpus), &out).refuses(words);
    assert!(!out.exists(), "nothing is left behind");
}

#[test]
fn a_corpus_that_is_not_there() {
    assert_refused("corpus", &[], &["corpus", "no such file or folder"]);
}

#[test]
fn an_empty_corpus() {
    let folder = Folder::new();
    fs::create_dir(folder.at("corpus")).unwrap();
    let words = ["no recordings among 0 files", "wav"];
    extract(folder.at("corpus"), &folder.at("out")).refuses(&words);
    assert!(!folder.at("out").exists());
    let text: (&str, &[u8]) = ("corpus/notes.txt", b"hello");
    assert_refused("corpus", &[text], &["no recordings among 1 file (1 .txt)"]);
    assert_refused("list.txt", &[("list.txt", b"\n\n")], &["list.txt", "empty"]);
}

#[test]
fn an_empty_list_on_standard_input() {
    let folder = Folder::new();
    extract("-", &folder.at("out")).refuses(&["standard input", "empty"]);
}

#[test]
fn a_file_that_is_no_list() {
    let html: &[u8] = b"<!DOCTYPE html>\n<html>\n<body>\n</body>\n</html>\n";
    for (name, bytes, words) in
        [("page.html", html, "an HTML page"), ("list.txt", html, "an HTML page")]
    {
        assert_refused(name, &[(name, bytes)], &[name, words, "one path a line"]);
    }
    let program: (&str, &[u8]) = ("program", b"\x7fELF\x02\x01\x01\0\0\0");
    assert_refused("program", &[program], &["line 1 holds a zero byte", "is this a text file?"]);
    let folder = Folder::new();
    extract("-", &folder.at("out")).stdin(html).refuses(&["standard input", "an HTML page"]);
}

#[test]
fn a_list_of_files_that_are_not_there() {
    assert_refused(
        "list.txt",
        &[("list.txt", b"x.wav\ny.wav\n")],
        &["none of its 2 files", "x.wav"],
    );
}

#[test]
fn duplicate_ids_in_a_list_are_named_with_both_places() {
    let recording = wav(&[0; 8000]);
    let list: (&str, &[u8]) = ("list.txt", b"a.wav\nb.wav\n./a.wav\n");
    let files = [list, ("a.wav", &recording), ("b.wav", &recording)];
    assert_refused("list.txt", &files, &["`a.wav`", "line 1", "line 3"]);
}

#[test]
fn all_faults_of_a_kaldi_folder_are_told_a_line_each() {
    let scp: (&str, &[u8]) = ("corpus/wav.scp", b"a cat a.wav |\nb /data/b.wav\n");
    let words = [
        "corpus/wav.scp: 2 faults\n  ",
        "wav.scp, line 1, column 3: expected a path, found the command `cat a.wav |`",
        "\n  corpus/wav.scp, line 2, column 1: the utterance `b` is not in corpus/text",
    ];
    let folder = Folder::new();
    for (path, bytes) in [scp, ("corpus/text", b"a hello\n")] {
        write(folder.at(path), bytes);
    }
    for corpus in ["corpus", "corpus/wav.scp"] {
        let words_given = [corpus, "--out", "out", "--preset", "timit-mfcc"];
        let ran = ossicle("extract").args(words_given).in_folder(folder.path()).exits(2);
        for word in words {
            assert!(ran.stderr.contains(word), "{word:?} is not in: {}", ran.stderr);
        }
    }
}

#[test]
fn a_manifest_that_has_no_recording_is_named_with_what_is_missing() {
    for name in ["corpus/recordings.jsonl.gz", "corpus/recordings_train.jsonl"] {
        assert_refused(name, &[(name, b"{}\n")], &["expected objects with the path", "found"]);
        assert_refused(
            "corpus",
            &[(name, b"{}\n")],
            &[name, "line 1: expected a list in `sources`"],
        );
    }
    let list = ["recordings.json", "expected objects with the path of a recording", "found none"];
    assert_refused("recordings.json", &[("recordings.json", b"[]")], &list);
}

#[test]
fn a_format_that_is_asked_for_is_the_one_that_is_refused() {
    let folder = Folder::new();
    write(folder.at("a.txt"), b"a.wav\n");
    let refused = |format: &str, words: &[&str]| {
        let given = ["info", "a.txt", "--corpus-format", format];
        let ran = ossicle(given[0]).args(given[1..].to_vec()).in_folder(folder.path()).exits(2);
        for word in words {
            assert!(ran.stderr.contains(word), "{word:?} is not in: {}", ran.stderr);
        }
    };
    refused("kaldi", &["a.txt, line 1", "expected a path"]);
    refused("timit", &["a.txt: it is a file, and cannot be TIMIT"]);
    refused("kalsi", &["no format is called `kalsi`; there are ", "kaldi, ", "list"]);
    let ran = ossicle("verify").args(["a.txt", "--columns", "path"]).in_folder(folder.path());
    ran.refuses(&["give --corpus CORPUS too"]);
}

#[test]
fn a_script_and_a_table_of_nothing_are_refused_with_what_they_should_have() {
    let none = ["train.scp: the only file that it names does not exist", "data/a.wav"];
    assert_refused("train.scp", &[("train.scp", b"id1 data/a.wav\n")], &none);
    let table =
        ["metadata.csv, line 1: expected a header with a column of paths", "found `x`, `text`"];
    assert_refused("metadata.csv", &[("metadata.csv", b"x,text\na.wav,b\n")], &table);
}

#[test]
fn words_that_are_not_all_pairs() {
    let folder = Folder::new();
    let words = ["train=a", "b", "--out", "out", "--preset", "timit-mfcc"];
    let ran = ossicle("extract").args(words).in_folder(folder.path());
    ran.refuses(&["`b`", "split=PATH"]);
    let words = ["train=a", "train=b", "--out", "out", "--preset", "timit-mfcc"];
    let ran = ossicle("extract").args(words).in_folder(folder.path());
    ran.refuses(&["`train`", "twice"]);
    assert!(!folder.at("out").exists());
}

#[test]
fn an_output_folder_that_holds_something_else() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a"]);
    write(out.join("thesis.tex"), "mine");
    for flags in [&[][..], &["--overwrite"]] {
        extract(&corpus, &out).args(flags).refuses(&["out", "thesis.tex"]);
        assert_eq!(tree(&out).into_keys().collect::<Vec<_>>(), ["thesis.tex"]);
    }
}

#[test]
fn an_output_that_is_a_file() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a"]);
    fs::write(&out, "mine").unwrap();
    extract(&corpus, &out).refuses(&["out"]);
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
}

#[test]
fn an_output_within_a_file() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    fs::write(folder.at("file"), "mine").unwrap();
    extract(folder.at("corpus"), &folder.at("file/out")).refuses(&["file/out"]);
}

#[test]
fn the_corpus_itself_as_output() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_aligned(&corpus, &["a"]);
    let before = tree(&corpus);
    extract(&corpus, &corpus).refuses(&["lies inside the corpus"]);
    assert!(tree(&corpus) == before);
}

#[test]
fn a_log_file_that_cannot_be_written() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let run = extract(folder.at("corpus"), &folder.at("out"));
    run.arg("--log-file").arg(folder.at("no/such/log")).refuses(&["no/such/log"]);
    assert!(!folder.at("out").exists());
}

#[test]
fn numbers_of_workers_that_are_none() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    for jobs in ["0", "-1", "many", "100000"] {
        let run = extract(folder.at("corpus"), &folder.at("out")).arg(format!("--jobs={jobs}"));
        let ran = run.exits(2);
        assert!(ran.stderr.contains("--jobs"), "{}", ran.stderr);
        assert!(!folder.at("out").exists());
    }
}

#[test]
fn headerless_audio_comes_with_the_flags_that_describe_it() {
    let words = ["headerless audio", "pass `--raw-encoding s16le --sample-rate HZ`"];
    assert_refused("a.raw", &[("a.raw", &[1; 320])], &words);
    assert_refused("corpus/a.pcm", &[("corpus/a.pcm", &[1; 320])], &words);
}
