//! Damaged datasets: no verb shows anything of them without a word.

use std::fs;
use std::path::Path;

use crate::corpora::{sound, wav, write};
use crate::program::{Finished, Folder, Ossicle, extract_with, ossicle};

/// A dataset of two utterances, and a copy of it that is sound.
fn made() -> Folder {
    let folder = Folder::new();
    write(folder.at("corpus/a.wav"), wav(&sound(1, 16_000)));
    write(folder.at("corpus/b.wav"), wav(&sound(2, 8_000)));
    for out in ["data", "sound"] {
        extract_with("kaldi-fbank", folder.at("corpus"), &folder.at(out)).succeeds();
    }
    folder
}

/// The verbs that read a dataset's arrays, each with the words that it is called with.
const VERBS: [(&str, &[&str]); 5] = [
    ("show", &["data", "a"]),
    ("show", &["sound", "a", "--against", "data"]),
    ("report", &["data", "-o", "page.html"]),
    ("compare", &["data", "sound"]),
    ("compare", &["sound#a", "data#a"]),
];

fn run(folder: &Folder, verb: &str, words: &[&str]) -> Ossicle {
    ossicle(verb).args(words).in_folder(folder.path())
}

#[track_caller]
fn assert_refused(verb: &str, ran: &Finished, words: &[&str]) {
    assert_eq!(ran.stdout, "", "{verb}");
    for word in words {
        assert!(ran.stderr.contains(word), "{verb}: {word:?} is not in: {}", ran.stderr);
    }
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_flipped_bit_a_cut_file_and_a_missing_one_are_refused_by_every_verb_that_would_show_them() {
    let flip = |bytes: &mut Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    };
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 1);
    for file in ["all/features-00000.npy", "all/index.npy", "all/utterances.jsonl"] {
        for (damage, words) in [
            (Some(&flip as &dyn Fn(&mut Vec<u8>)), "its bytes do not match the checksum"),
            (Some(&cut), "1 fewer than the"),
            (None, "is missing"),
        ] {
            let folder = made();
            let path = folder.at("data").join(file);
            match damage {
                Some(damage) => change(&path, damage),
                None => fs::remove_file(&path).unwrap(),
            }
            for (verb, called) in VERBS {
                let ran = run(&folder, verb, called).exits(2);
                assert_refused(verb, &ran, &[file, words, "`ossicle verify DATASET`"]);
            }
            assert!(!folder.at("page.html").exists());
        }
    }
}

#[test]
fn what_is_not_read_may_be_damaged() {
    let folder = made();
    change(&folder.at("data/failures.jsonl"), |bytes| bytes.push(b'\n'));
    run(&folder, "show", &["data", "a"]).succeeds();
    run(&folder, "compare", &["data", "sound"]).succeeds();
    run(&folder, "report", &["data"]).exits(2);
}
