//! What must not change a byte of a dataset.

use std::fs;
use std::path::Path;

use crate::corpora::{demo_files, write, write_aligned, write_demo};
use crate::datasets::{assert_same_dataset, json, tree};
use crate::program::{Folder, Ossicle, extract};

#[test]
fn one_two_and_eight_workers_write_the_same_bytes() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_demo(&corpus);
    for preset in ["timit-mfcc", "timit-spectrogram", "timit-spikegram"] {
        let out = |jobs| folder.at(&format!("{preset}-{jobs}"));
        for jobs in [1, 2, 8] {
            let run = crate::program::extract_with(preset, &corpus, &out(jobs));
            let ran = run.args(["--json", "--jobs", &jobs.to_string()]).succeeds();
            assert_eq!(ran.json()["workers"], jobs);
            assert!(ran.json()["parts"].as_u64().unwrap() >= 6, "there is work to share out");
        }
        assert_same_dataset(&out(1), &out(2), "1 and 2 workers");
        assert_same_dataset(&out(1), &out(8), "1 and 8 workers");
    }
}

#[test]
fn small_shards_are_the_same_for_any_number_of_workers_and_hold_the_same_rows() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_demo(&corpus);
    let run = |out: &Path, jobs: &str| {
        let run = extract(&corpus, out).set(&["output.shard_bytes=200000"]);
        run.args(["--jobs", jobs]).succeeds();
    };
    run(&folder.at("1"), "1");
    run(&folder.at("8"), "8");
    assert_same_dataset(&folder.at("1"), &folder.at("8"), "1 and 8 workers");
    assert!(folder.at("1/train/features-00002.npy").exists(), "several shards");
    extract(&corpus, &folder.at("whole")).succeeds();
    for split in ["train", "valid", "test"] {
        let rows = |out: &str| crate::datasets::utterances(&folder.at(out), split);
        assert!(rows("1") == rows("whole"), "{split}");
    }
}

#[test]
fn every_instruction_set_writes_the_same_bytes() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_demo(&corpus);
    let mut levels = vec!["scalar"];
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx2") {
            levels.push("avx2");
        }
        if has!("avx512f") && has!("avx512vl") && has!("avx512dq") && has!("avx512bw") {
            levels.push("avx512");
        }
    }
    eprintln!("this machine has {levels:?}");
    for preset in ["timit-mfcc", "timit-mel", "timit-spectrogram", "timit-spikegram"] {
        let out = |level: &str| folder.at(&format!("{preset}-{level}"));
        for level in &levels {
            let run = crate::program::extract_with(preset, &corpus, &out(level));
            run.env("OSSICLE_SIMD", level).succeeds();
            assert_eq!(json(out(level).join("run.json"))["simd"], *level);
            assert_same_dataset(&out("scalar"), &out(level), level);
        }
    }
    let unknown = extract(&corpus, &folder.at("out")).env("OSSICLE_SIMD", "mmx");
    unknown.refuses(&["OSSICLE_SIMD", "mmx", "scalar"]);
}

#[test]
fn neither_the_place_nor_the_order_of_files_nor_locale_nor_clock_changes_a_byte() {
    let folder = Folder::new();
    let mut files = demo_files(|r, samples| ossicle_demo::sphere_bytes(r.id(), samples));
    for place in ["corpus", "else/where"] {
        for (path, bytes) in &files {
            write(folder.at(place).join(path), bytes);
        }
        files.reverse();
    }
    let run = |place: &str, out: &str| extract(folder.at(place), &folder.at(out));
    run("corpus", "1").env("LC_ALL", "C").env("TZ", "UTC").succeeds();
    run("else/where", "2").env("LC_ALL", "tr_TR.UTF-8").env("TZ", "Asia/Seoul").succeeds();
    assert_same_dataset(&folder.at("1"), &folder.at("2"), "the same files elsewhere");
    // A relative path, from another folder.
    let run = extract("where", &folder.at("3")).in_folder(&folder.at("else"));
    run.succeeds();
    assert_same_dataset(&folder.at("1"), &folder.at("3"), "a relative path");
}

/// When each file was last changed.
fn times(root: &Path) -> Vec<(String, std::time::SystemTime)> {
    let time = |name: &String| fs::metadata(root.join(name)).unwrap().modified().unwrap();
    let names = tree(root).into_keys().chain(["run.json".to_owned()]);
    names.map(|name| (name.clone(), time(&name))).collect()
}

fn assert_does_nothing(run: impl Fn() -> Ossicle, out: &Path, code: i32) {
    let first = run().exits(code);
    assert!(!first.stdout.contains("already"), "{}", first.stdout);
    let (bytes, times_before) = (tree(out), times(out));
    let second = run().exits(code);
    assert!(second.stdout.contains("complete already"), "{}", second.stdout);
    assert_eq!(times(out), times_before);
    assert!(tree(out) == bytes);
    let third = run().arg("--json").exits(code).json();
    assert_eq!(third["already_complete"], true);
    assert!(!out.join(".ossicle").exists());
}

#[test]
fn a_complete_dataset_is_left_alone_and_the_run_says_so() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a", "b"]);
    assert_does_nothing(|| extract(&corpus, &out), &out, 0);
}

#[test]
fn a_complete_dataset_with_failures_exits_as_the_first_time() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a", "b"]);
    write(corpus.join("empty.wav"), "");
    assert_does_nothing(|| extract(&corpus, &out), &out, 1);
    extract(&corpus, &out).args(["--allow-failures", "1"]).succeeds();
}
