//! Folders of a corpus that nobody may read: each fails as a recording does.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::corpora::{sound, wav, write};
use crate::datasets::{assert_same_dataset, ids, rows};
use crate::program::{Folder, Ossicle, extract_with, ossicle, without_every_right};

/// A corpus of two speakers and a folder that is closed.
fn closed() -> Folder {
    let folder = Folder::new();
    for name in ["corpus/anna/a.wav", "corpus/berta/b.wav", "corpus/closed/c.wav"] {
        write(folder.at(name), wav(&sound(1, 16_000)));
    }
    set_mode(&folder, 0o000);
    folder
}

fn set_mode(folder: &Folder, mode: u32) {
    let closed = folder.at("corpus/closed");
    fs::set_permissions(closed, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs as somebody who may not read all.
fn run(folder: &Folder, words: &[&str]) -> Ossicle {
    let extract = extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("out")).args(words);
    match fs::read_dir(folder.at("corpus/closed")).is_err() {
        true => extract,
        false => without_every_right(extract),
    }
}

#[test]
fn a_folder_that_may_not_be_read_is_a_failure_with_its_cause() {
    let folder = closed();
    let told = run(&folder, &["--dry-run"]).exits(1);
    assert!(told.stdout.contains("would fail: closed/: "), "{}", told.stdout);
    let ran = run(&folder, &[]).exits(1);
    assert!(ran.stdout.contains("2 utterances stored, 1 failed"), "{}", ran.stdout);
    let lines = ran.lines_with("ossicle: closed/: ");
    assert!(lines.len() == 1 && lines[0].contains("Permission denied"), "{}", ran.stderr);
    let ledger = rows(folder.at("out/failures.jsonl"));
    assert_eq!(ledger.len(), 1);
    assert_eq!((&ledger[0]["id"], &ledger[0]["stage"]), (&"closed/".into(), &"open".into()));
    assert_eq!(ids(&folder.at("out"), "all"), ["anna/a", "berta/b"]);
    ossicle("verify").arg(folder.at("out")).succeeds();
    // Whoever may lose one says so.
    run(&folder, &["--allow-failures", "1"]).succeeds();
    set_mode(&folder, 0o755);
}

#[test]
fn the_others_have_the_bytes_that_they_have_without_it() {
    let folder = closed();
    run(&folder, &["--id", "([a-z]+)[.]wav"]).exits(1);
    set_mode(&folder, 0o755);
    fs::remove_dir_all(folder.at("corpus/closed")).unwrap();
    let without = extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("without"));
    without.args(["--id", "([a-z]+)[.]wav"]).succeeds();
    for file in ["features-00000.npy", "index.npy", "utterances.jsonl"] {
        let of = |out: &str| fs::read(folder.at(out).join("all").join(file)).unwrap();
        assert!(of("out") == of("without"), "{file}");
    }
    // Once it can be read, the corpus is another one.
    write(folder.at("corpus/closed/c.wav"), wav(&sound(1, 16_000)));
    run(&folder, &["--id", "([a-z]+)[.]wav"]).refuses(&["--update"]);
    run(&folder, &["--id", "([a-z]+)[.]wav", "--update"]).succeeds();
    let fresh = extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("fresh"));
    fresh.args(["--id", "([a-z]+)[.]wav"]).succeeds();
    assert_same_dataset(&folder.at("fresh"), &folder.at("out"), "updated");
}
