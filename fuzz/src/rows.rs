//! Any bytes as `utterances.jsonl` and as `failures.jsonl`.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use ossicle_dataset::{FailureRow, Rows, UtteranceRow};

/// Reads the bytes as both, and writes what they say again.
pub fn check(bytes: &[u8], folder: &Path) {
    let path = folder.join("rows.jsonl");
    fs::write(&path, bytes).expect("the folder for temporary files can be written to");
    let num_lines = bytes.split_inclusive(|&byte| byte == b'\n').count();
    let utterances: Vec<UtteranceRow> = Rows::open(&path).expect("a file").flatten().collect();
    assert!(utterances.len() <= num_lines);
    write_and_read(&path, &utterances, |row| serde_json::to_string(row).expect("a row"));
    fs::write(&path, bytes).expect("a file that was just written");
    let failures: Vec<FailureRow> = Rows::open(&path).expect("a file").flatten().collect();
    assert!(failures.len() <= num_lines);
    write_and_read(&path, &failures, |row| serde_json::to_string(row).expect("a row"));
}

fn write_and_read<T>(path: &Path, rows: &[T], text: impl Fn(&T) -> String)
where
    T: Debug + PartialEq,
    Rows<T>: Iterator<Item = Result<T, ossicle_dataset::Error>>,
{
    let lines: String = rows.iter().map(|row| text(row) + "\n").collect();
    fs::write(path, lines).expect("a file that was just written");
    let again: Result<Vec<T>, _> = Rows::open(path).expect("a file").collect();
    assert_eq!(again.expect("rows that were just written"), rows);
}
