//! `verify --deep` and `verify --repair`: a dataset and the recordings that it was made of.

use std::fs;
use std::path::Path;

use crate::corpora::{sound, wav, write, write_demo, write_many};
use crate::datasets::{assert_same_dataset, tree};
use crate::program::{Folder, Ossicle, extract, extract_with, ossicle};

fn verify(dataset: &Path) -> Ossicle {
    ossicle("verify").arg(dataset)
}

fn deep(dataset: &Path, corpus: &Path) -> Ossicle {
    verify(dataset).arg("--corpus").arg(corpus).arg("--deep")
}

/// Changes a byte of a file, counted from its end.
fn flip(path: &Path, from_end: usize) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.len() - from_end;
    bytes[at] ^= 4;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_dataset_is_what_its_recordings_give_for_every_kind_of_normalisation() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_demo(&corpus);
    write(corpus.join("TRAIN/DR1/FCJF0/SX999.WAV"), b"no recording");
    for (number, sets) in [
        &["output.shard_bytes=100000"][..],
        &["normalize.scope=speaker", "normalize.stats_from="],
        &["normalize.scope=utterance", "normalize.stats_from=", "splice.left=1", "splice.right=2"],
    ]
    .into_iter()
    .enumerate()
    {
        let out = folder.at(&number.to_string());
        extract(&corpus, &out).set(sets).exits(1);
        let ran = deep(&out, &corpus).args(["--utterances", "5", "--json"]).succeeds();
        let again = ran.json()["utterances_computed_again"].as_u64().unwrap();
        // Speakers are taken whole; an utterance that failed and still does is no finding.
        assert!(again >= 4, "{again}");
        let ran = deep(&out, &corpus).args(["--utterances", "1000000"]).succeeds();
        assert!(ran.stdout.contains("computed again: "), "{}", ran.stdout);
    }
}

#[test]
fn rows_that_the_recordings_do_not_give_are_named_though_every_checksum_is_right() {
    let folder = Folder::new();
    let (corpus, other, out) = (folder.at("corpus"), folder.at("other"), folder.at("out"));
    for number in 0..20 {
        write(corpus.join(format!("{number:02}.wav")), wav(&sound(number, 4000)));
        let seed = if number == 13 { 99 } else { number };
        write(other.join(format!("{number:02}.wav")), wav(&sound(seed, 4000)));
    }
    extract(&corpus, &out).succeeds();
    let ran = deep(&out, &other).args(["--utterances", "20"]).exits(1);
    assert!(ran.stdout.contains("all/features-00000.npy: row 299"), "{}", ran.stdout);
    assert!(ran.stdout.contains("(frame 0 of 13)"), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("features-00000").count(), 1, "{}", ran.stdout);
    // Of which few are taken, which ones is the seed's to say: the same ones each time.
    let few = || deep(&out, &corpus).args(["--utterances", "3", "--seed", "8"]).succeeds().stdout;
    assert_eq!(few(), few());
    fs::remove_file(other.join("04.wav")).unwrap();
    let ran = deep(&out, &other).args(["--utterances", "20"]).exits(1);
    assert!(ran.stdout.contains("the corpus has other utterances"), "{}", ran.stdout);
}

#[test]
fn what_is_damaged_is_computed_again_and_is_what_it_was() {
    let folder = Folder::new();
    let (corpus, out, whole) = (folder.at("corpus"), folder.at("out"), folder.at("whole"));
    write_demo(&corpus);
    write(corpus.join("TRAIN/DR1/FCJF0/SX999.WAV"), b"no recording");
    extract(&corpus, &whole).set(&["output.shard_bytes=100000"]).exits(1);
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 7] = [
        ("train/features-00001.npy", |path| flip(path, 1000)),
        ("train/labels-00000.npy", |path| fs::remove_file(path).unwrap()),
        ("test/index.npy", |path| flip(path, 3)),
        ("valid/utterances.jsonl", |path| flip(path, 30)),
        ("valid/features-00000.npy", |path| fs::write(path, b"").unwrap()),
        ("test", |path| fs::remove_dir_all(path).unwrap()),
        ("failures.jsonl", |path| flip(path, 10)),
    ];
    for (name, damage) in damages {
        extract(&corpus, &out).set(&["output.shard_bytes=100000"]).arg("--overwrite").exits(1);
        damage(&out.join(name));
        verify(&out).exits(1);
        let ran = verify(&out).arg("--repair").arg("--corpus").arg(&corpus).succeeds();
        assert!(ran.stdout.contains("computed again, and is what it was"), "{}", ran.stdout);
        assert_same_dataset(&whole, &out, name);
        assert!(!out.join(".ossicle").exists());
    }
}

#[test]
fn a_dataset_whose_recordings_have_changed_cannot_be_repaired_and_stays_as_it_is() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    for number in 0..3 {
        write(corpus.join(format!("{number}.wav")), wav(&sound(number, 4000)));
    }
    extract(&corpus, &out).succeeds();
    flip(&out.join("all/features-00000.npy"), 100);
    let damaged = tree(&out);
    let mend = || verify(&out).arg("--repair").arg("--corpus").arg(&corpus);
    write(corpus.join("1.wav"), wav(&sound(77, 4000)));
    let ran = mend().exits(2);
    assert!(
        ran.stderr.contains("a recording, an alignment or a file that the recipe names"),
        "{}",
        ran.stderr
    );
    write(corpus.join("1.wav"), wav(&sound(1, 5000)));
    let ran = mend().exits(2);
    assert!(ran.stderr.contains("than this corpus has"), "{}", ran.stderr);
    let mut left = tree(&out);
    left.retain(|name, _| !name.starts_with(".ossicle"));
    assert!(left == damaged);
}

#[test]
fn deep_and_repair_say_that_they_need_the_recordings() {
    let folder = Folder::new();
    write_many(&folder.at("corpus"), 3, 4000);
    extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("out")).succeeds();
    for flag in ["--deep", "--repair"] {
        let ran = verify(&folder.at("out")).arg(flag).exits(2);
        assert!(ran.stderr.contains("give --corpus"), "{}", ran.stderr);
    }
    deep(&folder.at("out"), &folder.at("corpus")).succeeds();
}
