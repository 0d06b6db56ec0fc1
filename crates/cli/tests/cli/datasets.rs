//! Reads datasets, and compares them byte by byte.
//!
//! The `.npy` reader is written from NumPy's `numpy.lib.format` documentation.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// An array of a `.npy` file.
#[derive(Debug)]
pub(crate) struct Npy {
    pub(crate) descr: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Vec<u8>,
}

/// Reads a `.npy` file of version 1.0.
#[track_caller]
pub(crate) fn npy(path: impl AsRef<Path>) -> Npy {
    let path = path.as_ref();
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00", "{}", path.display());
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let text = std::str::from_utf8(&bytes[10..10 + length]).unwrap();
    assert!(text.contains("'fortran_order': False"), "{text}");
    let after = |key: &str| &text[text.find(key).unwrap() + key.len()..];
    // A number's is in quotes, a structure's in brackets.
    let descr = after("'descr': ").split(", 'fortran_order'").next().unwrap();
    let descr = descr.trim_matches('\'').to_owned();
    let shape = after("'shape': (").split(')').next().unwrap();
    let shape: Vec<usize> = shape
        .split(',')
        .filter(|n| !n.trim().is_empty())
        .map(|n| n.trim().parse().unwrap())
        .collect();
    let data = bytes[10 + length..].to_vec();
    let sizes = descr.split('\'').map(|word| word.trim_start_matches(['<', 'f', 'i']));
    let size: usize = sizes.filter_map(|word| word.parse::<usize>().ok()).sum();
    assert_eq!(data.len(), shape.iter().product::<usize>() * size, "{}", path.display());
    Npy { descr, shape, data }
}

impl Npy {
    pub(crate) fn f32s(&self) -> Vec<f32> {
        assert_eq!(self.descr, "<f4");
        self.data.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
    }

    pub(crate) fn f64s(&self) -> Vec<f64> {
        assert_eq!(self.descr, "<f8");
        self.data.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b)).collect()
    }

    pub(crate) fn i16s(&self) -> Vec<i16> {
        assert_eq!(self.descr, "<i2");
        self.data.as_chunks().0.iter().map(|&b| i16::from_le_bytes(b)).collect()
    }

    pub(crate) fn i64s(&self) -> Vec<i64> {
        assert_eq!(self.descr, "<i8");
        self.data.as_chunks().0.iter().map(|&b| i64::from_le_bytes(b)).collect()
    }
}

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
    let index = npy(folder.join("index.npy")).i64s();
    let (index, _) = index.as_chunks::<3>();
    let ids = ids(root, split);
    assert_eq!(ids.len(), index.len());
    let has_labels = folder.join("labels-00000.npy").exists();
    let cut = |name: &str, &[shard, first, count]: &[i64; 3]| {
        let array = npy(folder.join(format!("{name}-{shard:05}.npy")));
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

/// Every file below a folder, but `run.json`, with its bytes.
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
            } else if name != "run.json" {
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

/// Asserts that two datasets are the same in every file but `run.json`.
#[track_caller]
pub(crate) fn assert_same_dataset(a: &Path, b: &Path, why: &str) {
    let files = tree(a);
    assert!(files.contains_key("dataset.json"), "{why}");
    assert_same(&files, &tree(b), why);
}
