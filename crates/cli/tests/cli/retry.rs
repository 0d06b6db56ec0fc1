//! `--retry-failed`: what failed is tried again, and no more than has to be.

use std::fs;
use std::path::Path;

use crate::corpora::{sound, wav, write, write_many};
use crate::datasets::{assert_same_dataset, ids};
use crate::program::{Folder, Ossicle, extract};

fn retry(corpus: &Path, out: &Path) -> Ossicle {
    extract(corpus, out).args(["--retry-failed", "--json"])
}

#[test]
fn a_mended_recording_is_taken_in_and_the_run_says_what_it_does_again() {
    let folder = Folder::new();
    let (corpus, out, whole) = (folder.at("corpus"), folder.at("out"), folder.at("whole"));
    write_many(&corpus, 30, 4000);
    write(corpus.join("bad.wav"), b"no recording");
    extract(&corpus, &out).exits(1);
    // Nothing has changed: it fails again, and the dataset is as it was.
    let ran = retry(&corpus, &out).exits(1);
    assert!(ran.stderr.contains("tried again: 1 failed utterance; with that all parts"));
    write(corpus.join("bad.wav"), wav(&sound(9, 4000)));
    let ran = retry(&corpus, &out).succeeds();
    assert_eq!(ran.json()["failures"], 0);
    assert_eq!(ids(&out, "all").len(), 31);
    extract(&corpus, &whole).succeeds();
    assert_same_dataset(&whole, &out, "mended");
    // And now there is nothing to try.
    assert_eq!(retry(&corpus, &out).succeeds().json()["already_complete"], true);
}

#[test]
fn of_an_unfinished_run_only_parts_with_failures_are_computed_again() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, 30, 4000);
    write(corpus.join("0/00003-bad.wav"), b"no recording");
    // It ends before it is finished, over the second bad recording, which is in the last part.
    write(corpus.join("zzz.wav"), b"no recording either");
    let run = || extract(&corpus, &out).args(["--jobs", "1", "--max-failures", "1"]);
    run().exits(2);
    let committed = fs::read_dir(out.join(".ossicle/parts")).unwrap().count();
    assert!(committed > 2);
    let ran = retry(&corpus, &out).exits(1);
    let resumed = ran.json()["resumed_parts"].as_u64().unwrap() as usize;
    assert!((1..committed).contains(&resumed), "{resumed} of {committed}");
}
