//! Runs that are stopped, run at once, or run again with something changed.

use std::fs::{self, File};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::corpora::{sound, wav, write, write_aligned, write_many};
use crate::datasets::{assert_same_dataset, card, tree};
use crate::program::{Folder, extract};

/// How many committed parts there are.
fn parts(out: &Path) -> usize {
    let Ok(entries) = fs::read_dir(out.join(".ossicle/parts")) else { return 0 };
    let is_part = |entry: &fs::DirEntry| entry.path().extension().is_some_and(|e| e == "part");
    entries.flatten().filter(is_part).count()
}

/// Starts a run and kills it once its first part is there.
fn run_and_kill(corpus: &Path, out: &Path) {
    let mut child = extract(corpus, out).args(["--jobs", "1"]).spawn();
    let begin = Instant::now();
    while parts(out) == 0 {
        assert!(begin.elapsed() < Duration::from_secs(60), "no part appears");
        assert!(child.try_wait().unwrap().is_none(), "it ended before its first part was seen");
        thread::sleep(Duration::from_micros(200));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!out.join("dataset.json").exists(), "it was killed too late: take a larger corpus");
}

#[test]
fn a_killed_run_is_finished_by_the_same_command_with_the_same_bytes() {
    let folder = Folder::new();
    let (corpus, out, whole) = (folder.at("corpus"), folder.at("out"), folder.at("whole"));
    write_many(&corpus, 300, 32_000);
    extract(&corpus, &whole).succeeds();
    run_and_kill(&corpus, &out);
    let ran = extract(&corpus, &out).arg("--json").succeeds();
    let (resumed, all) = (&ran.json()["resumed_parts"], &ran.json()["parts"]);
    assert!((1..all.as_u64().unwrap()).contains(&resumed.as_u64().unwrap()), "{resumed} of {all}");
    assert!(ran.stderr.contains("were done by an earlier run"), "{}", ran.stderr);
    assert_same_dataset(&whole, &out, "resumed");
    assert!(!out.join(".ossicle").exists());
}

/// Changes a key of the file that says what a run was begun for.
fn edit_job(out: &Path, key: &str, value: serde_json::Value) {
    let path = out.join(".ossicle/job.json");
    let mut job: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    job[key] = value;
    fs::write(path, job.to_string()).unwrap();
}

#[test]
fn a_run_that_another_version_began_is_gone_on_with_if_its_bytes_are_the_same() {
    let folder = Folder::new();
    let (corpus, out, whole) = (folder.at("corpus"), folder.at("out"), folder.at("whole"));
    write_many(&corpus, 300, 32_000);
    extract(&corpus, &whole).succeeds();
    run_and_kill(&corpus, &out);
    edit_job(&out, "version", "99.0.0".into());
    let ran = extract(&corpus, &out).arg("--json").succeeds();
    assert!(ran.json()["resumed_parts"].as_u64().unwrap() > 0, "{}", ran.stdout);
    assert_same_dataset(&whole, &out, "resumed");
}

#[test]
fn a_run_that_was_begun_with_other_bytes_is_refused_and_says_by_which_version() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, 300, 32_000);
    run_and_kill(&corpus, &out);
    for (key, value) in
        [("version", "99.0.0".into()), ("bytes", 99.into()), ("job", "of another key".into())]
    {
        edit_job(&out, key, value);
    }
    extract(&corpus, &out).refuses(&["begun by version 99.0.0", "--overwrite"]);
}

#[test]
fn a_run_killed_again_and_again_still_ends_with_the_same_bytes() {
    let folder = Folder::new();
    let (corpus, out, whole) = (folder.at("corpus"), folder.at("out"), folder.at("whole"));
    write_many(&corpus, 60, 16_000);
    extract(&corpus, &whole).succeeds();
    let mut kills = 0;
    for milliseconds in (1..400).step_by(3) {
        let mut child = extract(&corpus, &out).args(["--jobs", "2"]).spawn();
        thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        if child.wait().unwrap().success() {
            break;
        }
        kills += 1;
    }
    assert!(kills > 1);
    extract(&corpus, &out).succeeds();
    assert_same_dataset(&whole, &out, "killed again and again");
    assert!(!out.join(".ossicle").exists());
}

#[test]
fn a_damaged_part_is_computed_again() {
    let folder = Folder::new();
    let (corpus, out, whole) = (folder.at("corpus"), folder.at("out"), folder.at("whole"));
    write_many(&corpus, 300, 32_000);
    extract(&corpus, &whole).succeeds();
    run_and_kill(&corpus, &out);
    for entry in fs::read_dir(out.join(".ossicle/parts")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes.get_mut(middle).into_iter().for_each(|byte| *byte ^= 16);
        fs::write(&path, bytes).unwrap();
    }
    let ran = extract(&corpus, &out).arg("--json").succeeds();
    assert_eq!(ran.json()["resumed_parts"], 0);
    assert_same_dataset(&whole, &out, "damaged and resumed");
}

#[test]
fn a_recording_that_changed_since_the_kill_is_computed_again() {
    let folder = Folder::new();
    let (corpus, out, whole) = (folder.at("corpus"), folder.at("out"), folder.at("whole"));
    write_many(&corpus, 300, 32_000);
    run_and_kill(&corpus, &out);
    // A new file under the name of the first, of the same size: only its time tells.
    fs::remove_file(corpus.join("0/00000.wav")).unwrap();
    write(corpus.join("0/00000.wav"), wav(&sound(77, 32_000)));
    extract(&corpus, &out).succeeds();
    extract(&corpus, &whole).succeeds();
    assert_same_dataset(&whole, &out, "changed and resumed");
}

#[test]
fn another_recipe_is_refused_by_name_and_overwrite_replaces_the_dataset() {
    let folder = Folder::new();
    let (corpus, out, fresh) = (folder.at("corpus"), folder.at("out"), folder.at("fresh"));
    write_aligned(&corpus, &["a", "b"]);
    extract(&corpus, &out).succeeds();
    let before = tree(&out);
    let changed = || extract(&corpus, &out).set(&["feature.num_ceps=13"]);
    changed().refuses(&["feature.num_ceps was 40, and is now 13", "--overwrite"]);
    assert!(tree(&out) == before, "a refused run leaves everything as it was");
    changed().arg("--overwrite").succeeds();
    extract(&corpus, &fresh).set(&["feature.num_ceps=13"]).succeeds();
    assert_same_dataset(&fresh, &out, "overwritten");
}

#[test]
fn another_recipe_is_refused_for_a_run_that_was_only_begun_too() {
    let folder = Folder::new();
    let (corpus, out, fresh) = (folder.at("corpus"), folder.at("out"), folder.at("fresh"));
    write_many(&corpus, 300, 32_000);
    run_and_kill(&corpus, &out);
    let changed = |out| extract(&corpus, out).set(&["labels.at=start"]);
    changed(&out).refuses(&["labels.at was \"center\", and is now \"start\"", "--overwrite"]);
    assert!(parts(&out) > 0, "what was done is still there");
    changed(&out).arg("--overwrite").succeeds();
    changed(&fresh).succeeds();
    assert_same_dataset(&fresh, &out, "overwritten");
}

#[test]
fn another_list_of_utterances_is_refused() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a", "b"]);
    extract(&corpus, &out).succeeds();
    write_aligned(&corpus, &["c"]);
    extract(&corpus, &out).refuses(&["utterances", "--overwrite"]);
    extract(&corpus, &out).arg("--overwrite").succeeds();
    assert_eq!(card(&out)["splits"][0]["utterances"], 3);
}

#[test]
fn overwrite_leaves_files_that_are_not_the_datasets() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a", "b"]);
    extract(&corpus, &out).set(&["output.shard_bytes=65536"]).succeeds();
    fs::write(out.join("all/notes.txt"), "mine").unwrap();
    let pair = format!("train={}", corpus.display());
    extract(pair, &out).arg("--overwrite").succeeds();
    assert_eq!(fs::read_to_string(out.join("all/notes.txt")).unwrap(), "mine");
    let left: Vec<_> = tree(&out.join("all")).into_keys().collect();
    assert_eq!(left, ["notes.txt"]);
}

#[test]
fn a_second_run_into_one_output_is_refused_while_the_first_goes_on() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a"]);
    fs::create_dir_all(out.join(".ossicle")).unwrap();
    let lock = File::create(out.join(".ossicle/lock")).unwrap();
    lock.lock().unwrap();
    extract(&corpus, &out).refuses(&["another run is writing", "out"]);
    extract(&corpus, &out).arg("--overwrite").refuses(&["another run is writing"]);
    assert_eq!(tree(&out).keys().collect::<Vec<_>>(), [".ossicle/lock"]);
    drop(lock);
    extract(&corpus, &out).succeeds();
    assert!(!out.join(".ossicle").exists());
}

#[test]
fn a_plain_run_on_a_complete_dataset_leaves_the_parts_of_one_that_would_have_replaced_it() {
    let folder = Folder::new();
    let (corpus, out, whole) = (folder.at("corpus"), folder.at("out"), folder.at("whole"));
    write_many(&corpus, 30, 4000);
    write(corpus.join("zzz.wav"), b"no recording");
    extract(&corpus, &whole).exits(1);
    extract(&corpus, &out).exits(1);
    let again = || extract(&corpus, &out).arg("--overwrite");
    again().args(["--jobs", "1", "--max-failures", "0"]).exits(2);
    let kept = parts(&out);
    assert!(kept > 2, "{kept}");
    // Complete, and then of recordings that are others since: neither takes the parts.
    for expected in [1, 2] {
        let ran = extract(&corpus, &out).exits(expected);
        if expected == 1 {
            assert!(ran.stdout.contains("complete already"), "{}", ran.stdout);
            let words = format!("beside the complete dataset {kept} parts are kept of a run");
            assert!(ran.stderr.contains(&words), "{}", ran.stderr);
            let json = extract(&corpus, &out).arg("--json").exits(1).json();
            let notices = json["notices"].as_array().unwrap();
            let of = notices.iter().find(|notice| notice["kind"] == "parts-left").unwrap();
            assert_eq!(of["count"], kept);
            assert!(of["text"].as_str().unwrap().contains("--overwrite"), "{of}");
        } else {
            assert!(ran.stderr.contains("--overwrite replaces it"), "{}", ran.stderr);
        }
        assert_eq!(parts(&out), kept);
        let bytes = fs::read(corpus.join("zzz.wav")).unwrap();
        fs::remove_file(corpus.join("zzz.wav")).unwrap();
        thread::sleep(Duration::from_millis(20));
        write(corpus.join("zzz.wav"), bytes);
    }
    let ran = again().arg("--json").exits(1);
    assert!(ran.json()["resumed_parts"].as_u64().unwrap() > 0, "{}", ran.stdout);
    assert_same_dataset(&whole, &out, "gone on with");
    extract(&corpus, &out).exits(1);
    assert!(!out.join(".ossicle").exists());
}
