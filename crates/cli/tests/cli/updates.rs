//! Datasets that are brought up to a corpus that has changed, killed meanwhile, from kept parts and without.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::corpora::{sound, wav, write, write_many};
use crate::datasets::{assert_same_dataset, tree};
use crate::program::{Folder, Ossicle, extract, ossicle};

fn plain(corpus: &Path, out: &Path) -> Ossicle {
    extract(corpus, out).set(&["normalize="])
}

/// Adds two recordings, changes one and removes one.
fn change(corpus: &Path, seed: u64) {
    for at in 0..2 {
        write(corpus.join(format!("0/{seed:03}-{at}.wav")), wav(&sound(seed + at, 9000)));
    }
    // It is a link to what others are, too.
    fs::remove_file(corpus.join("0/00003.wav")).unwrap();
    write(corpus.join("0/00003.wav"), wav(&sound(seed + 7, 7000 + seed as usize)));
    fs::remove_file(corpus.join(format!("0/{:05}.wav", 10 + seed))).unwrap();
}

#[test]
fn an_update_killed_again_and_again_comes_to_what_a_run_from_nothing_writes() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, 60, 16_000);
    for (seed, kept, isolation) in
        [(1, false, "threads"), (5, true, "threads"), (9, true, "processes")]
    {
        let options: &[&str] = if kept { &["--keep-parts"] } else { &[] };
        plain(&corpus, &out).arg("--overwrite").args(options).succeeds();
        assert_eq!(out.join(".ossicle/parts").exists(), kept);
        change(&corpus, seed);
        let fresh = folder.at(&format!("fresh{seed}"));
        plain(&corpus, &fresh).succeeds();
        let update = || {
            let run =
                plain(&corpus, &out).args(["--update", "--jobs", "2", "--isolation", isolation]);
            run.args(options)
        };
        let mut kills = 0;
        for milliseconds in (1..400).step_by(5) {
            let mut child = update().spawn();
            thread::sleep(Duration::from_millis(milliseconds));
            child.kill().unwrap();
            if child.wait().unwrap().success() {
                break;
            }
            kills += 1;
        }
        assert!(kills > 1);
        let ran = update().arg("--json").succeeds();
        // It may have been killed when the dataset was in place already, and something else was not tidy yet.
        assert!(ran.json()["already_complete"] == true || !ran.json()["update"].is_null());
        let same = |why: &str| {
            let mut there = tree(&out);
            let left = there.keys().filter(|name| name.starts_with(".ossicle")).count();
            assert_eq!(left > 0, kept, "{why}");
            there.retain(|name, _| !name.starts_with(".ossicle"));
            assert!(there == tree(&fresh), "{why}");
        };
        same("killed");
        let again = update().succeeds();
        assert!(again.stdout.contains("is complete already: nothing to do"), "{}", again.stdout);
        let again = plain(&corpus, &out).succeeds();
        assert!(again.stdout.contains("is complete already: nothing to do"), "{}", again.stdout);
        same("run again");
        ossicle("verify").arg(&out).succeeds();
    }
}

#[test]
fn a_dataset_of_the_corpus_as_it_was_is_refused_and_the_way_on_is_named() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, 30, 4000);
    extract(&corpus, &out).args(["--keep-parts"]).succeeds();
    change(&corpus, 1);
    extract(&corpus, &out).refuses(&["have changed", "--update brings it up", "--overwrite"]);
    let before = tree(&out);
    let told = extract(&corpus, &out).args(["--update", "--dry-run", "--json"]).succeeds();
    let expected = json!({
        "new": 2, "changed": 1, "vanished": 1, "from_dataset": 0, "from_parts": 28, "still_failed": 0,
        "computed": 3, "computed_again": [],
    });
    assert_eq!(told.json()["update"], expected);
    let foreseen = "would update: 2 new, 1 changed and 1 vanished; 3 utterances would be computed";
    assert!(told.stderr.contains(foreseen), "{}", told.stderr);
    assert!(tree(&out) == before);
    let quick = extract(&corpus, &out).args(["--update", "--dry-run=quick", "--json"]).succeeds();
    assert_eq!(quick.json()["update"], expected);
    let more = extract(&corpus, &out).set(&["feature.num_ceps=12"]);
    more.arg("--update").refuses(&["num_ceps was 40, and is now 12", "--overwrite"]);
    assert!(tree(&out) == before);
    let ran = extract(&corpus, &out).args(["--update", "--json"]).succeeds();
    assert_eq!(ran.json()["update"], expected);
    assert!(ran.stderr.contains("updated: 2 new, 1 changed and 1 vanished"), "{}", ran.stderr);
    // The parts were not to be kept this time, and rows are normalised.
    assert!(!out.join(".ossicle").exists());
    change(&corpus, 5);
    let ran = extract(&corpus, &out).args(["--update", "--json"]).succeeds();
    let again = &ran.json()["update"]["computed_again"][0];
    assert_eq!(again, &json!({"reason": "normalized", "utterances": 29}));
    assert!(ran.stderr.contains("--keep-parts"), "{}", ran.stderr);
    let fresh = folder.at("fresh");
    extract(&corpus, &fresh).succeeds();
    assert_same_dataset(&fresh, &out, "updated twice");
}
