//! `ossicle verify` finds whatever is done to a dataset.

use std::fs;
use std::path::Path;

use crate::corpora::{write, write_aligned};
use crate::program::{Finished, Folder, extract, keys, ossicle};

/// A dataset with several shards and a row in its ledger.
fn dataset() -> (Folder, std::path::PathBuf) {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a", "b", "c", "d", "e", "f"]);
    write(folder.at("corpus/x.wav"), "");
    let out = folder.at("out");
    extract(folder.at("corpus"), &out).set(&["output.shard_bytes=65536"]).exits(1);
    assert!(out.join("all/features-00001.npy").exists());
    (folder, out)
}

/// Damages a fresh dataset and asserts that the file is named.
#[track_caller]
fn assert_found(file: &str, damage: impl FnOnce(&Path)) -> Finished {
    let (_folder, out) = dataset();
    damage(&out);
    let ran = ossicle("verify").arg(&out).exits(1);
    let named = ran.stdout.lines().filter(|line| line.starts_with(&format!("{file}: "))).count();
    assert!(named > 0, "{file} is not named:\n{}", ran.stdout);
    assert!(ran.stdout.lines().last().unwrap().contains("is damaged"), "{}", ran.stdout);
    let json = ossicle("verify").arg(&out).arg("--json").exits(1).json();
    assert_eq!(json["sound"], false);
    assert!(json["findings"].as_array().unwrap().iter().any(|finding| finding["file"] == file));
    ran
}

/// One file of each kind.
const FILES: [&str; 6] = [
    "dataset.json",
    "failures.jsonl",
    "all/features-00001.npy",
    "all/labels-00000.npy",
    "all/index.npy",
    "all/utterances.jsonl",
];

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_sound_dataset_is_sound() {
    let (_folder, out) = dataset();
    let ran = ossicle("verify").arg(&out).succeeds();
    assert!(ran.stdout.contains("is sound"), "{}", ran.stdout);
    let json = ossicle("verify").arg(&out).arg("--json").succeeds().json();
    assert_eq!(
        keys(&json),
        ["bytes", "files", "findings", "notices", "repaired", "sound", "utterances_computed_again"]
    );
    assert_eq!((&json["sound"], &json["findings"]), (&true.into(), &serde_json::json!([])));
    // All but the card and run.json.
    let files = crate::datasets::tree(&out);
    assert_eq!(json["files"], files.len() - 1);
}

#[test]
fn a_flipped_bit_in_any_kind_of_file_is_found() {
    for file in FILES {
        for place in [0.0, 0.3, 0.6, 1.0] {
            assert_found(file, |out| {
                change(&out.join(file), |bytes| {
                    let at = ((bytes.len() - 1) as f64 * place) as usize;
                    bytes[at] ^= 2;
                });
            });
        }
    }
}

#[test]
fn a_byte_cut_off_any_kind_of_file_is_found() {
    for file in FILES {
        assert_found(file, |out| change(&out.join(file), |bytes| bytes.truncate(bytes.len() - 1)));
    }
}

#[test]
fn a_byte_added_to_any_kind_of_file_is_found() {
    for file in FILES {
        assert_found(file, |out| change(&out.join(file), |bytes| bytes.push(b'\n')));
    }
}

#[test]
fn a_missing_file_is_found() {
    for file in &FILES[1..] {
        assert_found(file, |out| fs::remove_file(out.join(file)).unwrap());
    }
}

#[test]
fn an_extra_file_is_found() {
    for file in ["all/features-00009.npy", "notes.txt", "all/.hidden"] {
        assert_found(file, |out| fs::write(out.join(file), "x").unwrap());
    }
}

#[test]
fn an_extra_folder_is_found() {
    for folder in ["more", "all/more"] {
        assert_found(folder, |out| fs::create_dir(out.join(folder)).unwrap());
    }
}

#[test]
fn two_swapped_shards_are_found() {
    let [a, b] = ["all/features-00000.npy", "all/features-00001.npy"];
    let ran = assert_found(a, |out| {
        let aside = out.join("aside");
        fs::rename(out.join(a), &aside).unwrap();
        fs::rename(out.join(b), out.join(a)).unwrap();
        fs::rename(aside, out.join(b)).unwrap();
    });
    assert!(ran.stdout.contains(b), "{}", ran.stdout);
}

#[test]
fn an_edited_card_is_found() {
    for (old, new) in
        [("\"train\"", "\"test\""), ("float32", "int16"), ("\"left_out\": 0", "\"left_out\": 1")]
    {
        assert_found("dataset.json", |out| {
            let path = out.join("dataset.json");
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(old), "{old}");
            fs::write(path, text.replacen(old, new, 1)).unwrap();
        });
    }
}

#[test]
fn run_json_may_say_anything() {
    let (_folder, out) = dataset();
    fs::write(out.join("run.json"), "{}").unwrap();
    ossicle("verify").arg(&out).succeeds();
}

#[test]
fn what_is_no_dataset_is_refused() {
    let folder = Folder::new();
    ossicle("verify").arg(folder.path()).refuses(&["is not a dataset", "dataset.json"]);
    ossicle("verify").arg(folder.at("nowhere")).refuses(&["nowhere"]);
    fs::write(folder.at("file"), "x").unwrap();
    ossicle("verify").arg(folder.at("file")).refuses(&["file"]);
}

#[test]
fn a_damaged_card_does_not_lead_a_run_to_overwrite_unasked() {
    let (folder, out) = dataset();
    change(&out.join("dataset.json"), |bytes| bytes[100] ^= 1);
    let before = crate::datasets::tree(&out);
    let run = || extract(folder.at("corpus"), &out).set(&["output.shard_bytes=65536"]);
    run().refuses(&["dataset.json", "card_blake3"]);
    let mut after = crate::datasets::tree(&out);
    after.retain(|name, _| !name.starts_with(".ossicle/"));
    assert!(after == before);
    run().arg("--overwrite").exits(1);
    ossicle("verify").arg(&out).succeeds();
}

#[test]
fn what_desktops_leave_is_a_notice_in_a_dataset_and_no_obstacle_before_it() {
    let (folder, out) = dataset();
    for file in
        [".DS_Store", "all/Thumbs.db", "all/desktop.ini", "all/.nfs0000000000a1b2c300000001"]
    {
        write(out.join(file), "");
    }
    let ran = ossicle("verify").arg(&out).succeeds();
    let words = "4 files (.DS_Store is the first) are no part of the dataset, and no damage";
    assert!(ran.stdout.contains(words), "{}", ran.stdout);
    let json = ossicle("verify").arg(&out).arg("--json").succeeds().json();
    let notice = &json["notices"][0];
    assert_eq!((&notice["kind"], &notice["count"]), (&"system-files".into(), &4.into()));
    let fresh = folder.at("fresh");
    write(fresh.join(".DS_Store"), "");
    extract(folder.at("corpus"), &fresh).exits(1);
    write(folder.at("mine/.DS_Store"), "");
    write(folder.at("mine/.DS_Stores"), "");
    extract(folder.at("corpus"), &folder.at("mine")).refuses(&["other files (.DS_Stores)"]);
}
