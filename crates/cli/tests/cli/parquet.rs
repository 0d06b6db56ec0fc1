//! Parquet files: what comes of their recordings is what comes of the same recordings as files.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::datasets::{arrays, assert_same, assert_same_dataset, rows};
use crate::program::{Folder, extract_with, ossicle};

fn formats() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/tests/fixtures/formats")
}

fn utterances(out: &Path) -> Vec<Value> {
    rows(out.join("all/utterances.jsonl"))
}

fn table(name: &str) -> PathBuf {
    formats().join("parquet").join(name)
}

#[test]
fn rows_come_to_what_files_do_for_any_number_of_workers() {
    let folder = Folder::new();
    let files = folder.at("files");
    extract_with("kaldi-fbank", formats().join("wav"), &files).succeeds();
    for name in ["train-00000-of-00001.parquet", "zstd_two_groups.parquet"] {
        let corpus = table(name);
        let mut outs = Vec::new();
        for (jobs, isolation) in [("1", "threads"), ("2", "threads"), ("2", "processes")] {
            let out = folder.at(&format!("{name}-{jobs}-{isolation}"));
            extract_with("kaldi-fbank", &corpus, &out)
                .args(["--jobs", jobs, "--isolation", isolation])
                .succeeds();
            assert_same(&arrays(&out), &arrays(&files), name);
            outs.push(out);
        }
        for other in &outs[1..] {
            assert_same_dataset(&outs[0], other, name);
        }
        let rows = utterances(&outs[0]);
        let said: Vec<_> = rows
            .iter()
            .map(|row| json!([row["id"], row["source"], row["held"], row["speaker"], row["text"]]))
            .collect();
        let expected = [
            json!(["voicea-0001", name, {"row": 0}, "voicea", "one two"]),
            json!(["voicea-0002", name, {"row": 1}, "voicea", "three für élève"]),
            json!(["voiceb-0003", name, {"row": 2}, "voiceb", "four"]),
        ];
        assert_eq!(said, expected);
        ossicle("verify").arg(&outs[0]).arg("--corpus").arg(&corpus).arg("--deep").succeeds();
    }
}

#[test]
fn what_a_table_lacks_is_a_row_of_the_ledger_and_the_others_are_kept() {
    let folder = Folder::new();
    let out = folder.at("out");
    extract_with("kaldi-fbank", table("nulls.parquet"), &out).exits(1);
    let [failed] = &rows(out.join("failures.jsonl"))[..] else { panic!("one fails") };
    assert_eq!((&failed["id"], &failed["held"]), (&json!("nulls-2"), &json!({"row": 2})));
    assert_eq!(failed["error"], "has no recording in row 2: neither bytes nor a path");
    assert_eq!(utterances(&out).len(), 3);
    // Places in a file that is another one now may be others.
    let corpus = folder.at("a.parquet");
    fs::write(&corpus, &fs::read(table("lz4.parquet")).unwrap()[..900]).unwrap();
    let said = extract_with("kaldi-fbank", &corpus, &folder.at("none")).exits(2);
    assert!(said.stderr.contains("a.parquet: it is no Parquet file"), "{}", said.stderr);
}

#[test]
fn one_of_several_columns_is_asked_for_with_the_flag_that_says_it() {
    let folder = Folder::new();
    let corpus = table("two_columns.parquet");
    let said = extract_with("kaldi-fbank", &corpus, &folder.at("none")).exits(2);
    let expected = "the columns `question`, `answer` have recordings, and one of them is a corpus; --column \
                    audio=NAME says which";
    assert!(said.stderr.contains(expected), "{}", said.stderr);
    let out = folder.at("out");
    extract_with("kaldi-fbank", &corpus, &out).args(["--column", "audio=answer"]).succeeds();
    assert_eq!(utterances(&out).len(), 2);
}

#[test]
fn a_folder_of_tables_is_told_with_its_splits_and_what_is_in_it() {
    let said = ossicle("info").arg(table("hub")).succeeds();
    for expected in
        ["a corpus of 5 utterances, read as a set of Parquet files", "validation", "sentence (5)"]
    {
        assert!(said.stdout.contains(expected), "{}", said.stdout);
    }
}
