//! Reads datasets, and compares them byte by byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ossicle_testing::Npy;
use serde_json::Value;

/// What a dataset stores for one utterance, as bytes of its rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) features: Vec<u8>,
    pub(crate) labels: Option<Vec<u8>>,
}

/// The card.
#[track_caller]
pub(crate) fn card(root: &Path) -> Value {
    json(root.join("dataset.json"))
}

#[track_caller]
pub(crate) fn json(path: impl AsRef<Path>) -> Value {
    serde_json::from_slice(&fs::read(path.as_ref()).unwrap()).unwrap()
}

/// The rows of a `.jsonl` file.
#[track_caller]
pub(crate) fn rows(path: impl AsRef<Path>) -> Vec<Value> {
    let text = fs::read_to_string(path.as_ref()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The ids of a split, in order.
#[track_caller]
pub(crate) fn ids(root: &Path, split: &str) -> Vec<String> {
    let rows = rows(root.join(split).join("utterances.jsonl"));
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// What a split stores for each utterance, found by its index as a reader would.
#[track_caller]
pub(crate) fn utterances(root: &Path, split: &str) -> BTreeMap<String, Stored> {
    let folder = root.join(split);
    let index = Npy::read(folder.join("index.npy")).i64s();
    let (index, _) = index.as_chunks::<3>();
    let ids = ids(root, split);
    assert_eq!(ids.len(), index.len());
    let has_labels = folder.join("labels-00000.npy").exists();
    let cut = |name: &str, &[shard, first, count]: &[i64; 3]| {
        let array = Npy::read(folder.join(format!("{name}-{shard:05}.npy")));
        let row = array.data.len() / array.shape[0].max(1);
        let (first, count) = (first as usize, count as usize);
        array.data[first * row..(first + count) * row].to_vec()
    };
    let stored = index.iter().map(|row| Stored {
        features: cut("features", row),
        labels: has_labels.then(|| cut("labels", row)),
    });
    ids.into_iter().zip(stored).collect()
}

/// Every file below a folder, but `run.json` and the stamps of sources, which vary with times, with its bytes.
#[track_caller]
pub(crate) fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name != "run.json" && name != "sources.jsonl" {
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// The arrays and indices of a dataset.
#[track_caller]
pub(crate) fn arrays(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut arrays = tree(root);
    arrays.retain(|name, _| name.ends_with(".npy"));
    assert!(!arrays.is_empty(), "{} has no arrays", root.display());
    arrays
}

/// Asserts that two sets of files are the same, naming those that differ.
#[track_caller]
pub(crate) fn assert_same(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>, why: &str) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(a), names(b), "{why}");
    let differing: Vec<_> = a.iter().filter(|(name, bytes)| b[*name] != **bytes).collect();
    let names: Vec<_> = differing.iter().map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "{why}: {names:?} differ");
}

/// Asserts that two datasets are the same in every file but those that vary with times.
#[track_caller]
pub(crate) fn assert_same_dataset(a: &Path, b: &Path, why: &str) {
    let files = tree(a);
    assert!(files.contains_key("dataset.json"), "{why}");
    assert_same(&files, &tree(b), why);
}
