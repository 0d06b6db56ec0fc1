//! A corpus in a store of objects, against the same one on disk.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ossicle_corpus::CorpusSource;
use ossicle_dataset::Dataset;
use ossicle_demo::{DemoConfig, write_corpus};
use ossicle_engine::{Outcome, Plan, PlanRequest, RunOptions, extract, plan};
use ossicle_files::MemoryObjects;
use ossicle_recipe::{Recipe, RecipeSource};
use tempfile::TempDir;

fn planned(corpus: CorpusSource, preset: &str) -> Plan {
    let recipe: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
    plan(PlanRequest::new(corpus, recipe.finish().unwrap())).unwrap()
}

fn run(plan: &Plan, out: &Path) -> Outcome {
    extract(plan, out, &RunOptions { jobs: Some(2), ..RunOptions::default() }, &()).unwrap()
}

/// All files of a dataset but what varies.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let card = Dataset::open(folder).unwrap().card().clone();
    let names = card.files.into_iter().map(|file| file.path).chain(["dataset.json".to_owned()]);
    names.map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

/// Extracts what is called so on disk and in a store: both come to the same. Returns how many utterances there are,
/// and the bucket.
fn same_in_a_store(folder: &Path, description: &str, preset: &str) -> (u64, PathBuf) {
    let bucket = PathBuf::from(MemoryObjects::installed().put_folder(folder).unwrap());
    let outs = tempfile::tempdir().unwrap();
    let [disk, store] = [folder, &bucket].map(|root| {
        let out = outs.path().join(if root == folder { "disk" } else { "store" });
        let given = if description.is_empty() { root.into() } else { root.join(description) };
        run(&planned(CorpusSource::Path(given), preset), &out);
        files(&out)
    });
    assert_eq!(disk.keys().collect::<Vec<_>>(), store.keys().collect::<Vec<_>>());
    for (name, bytes) in &disk {
        assert!(*bytes == store[name], "{description}: {name}");
    }
    let dataset = Dataset::open(&outs.path().join("store")).unwrap();
    let splits = dataset.card().splits.iter();
    (splits.map(|split| split.utterances + split.failures).sum(), bucket)
}

/// A corpus with one recording that is none, and its recordings, relative to it.
fn corpus() -> (TempDir, Vec<String>) {
    let root = tempfile::tempdir().unwrap();
    write_corpus(root.path(), &DemoConfig { seed: 9, scale: 0.02 }).unwrap();
    let mut left = vec![root.path().to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = left.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let below = path.strip_prefix(root.path()).unwrap().to_str().unwrap().to_owned();
            match path.is_dir() {
                true => left.push(path),
                false if below.ends_with(".WAV") => found.push(below),
                false => {}
            }
        }
    }
    found.sort();
    let sentence = found.iter().find(|name| name.contains("/SX")).unwrap();
    fs::write(root.path().join(sentence), b"RIFF").unwrap();
    (root, found)
}

#[test]
fn a_tree_with_alignments_comes_to_the_same_bytes_with_few_requests() {
    let (root, found) = corpus();
    let (utterances, bucket) = same_in_a_store(root.path(), "", "timit-mfcc");
    assert!(utterances > 50, "{utterances}");
    let store = MemoryObjects::installed();
    for name in &found {
        // The plan looks at some headers, to know the sample rate.
        assert!(store.requests_of(bucket.join(name)) <= 2, "{name}");
    }
    // The folder is listed once. An alignment is read, and looked at whenever somebody asks whether it is still
    // what it was, with many others.
    let asked = store.requests_of(&bucket);
    assert!(asked <= 5 * utterances + 8, "{asked} requests for {utterances} utterances");
}

#[test]
fn segments_of_long_recordings_come_to_the_same_bytes() {
    let (root, found) = corpus();
    let data = root.path().join("data");
    fs::create_dir(&data).unwrap();
    let (mut list, mut segments) = (String::new(), String::new());
    for (number, name) in found.iter().enumerate().take(20) {
        list += &format!("r{number:02} {name}\n");
        segments +=
            &format!("r{number:02}-a r{number:02} 0.1 0.6\nr{number:02}-b r{number:02} 0.5 0.9\n");
    }
    fs::write(data.join("wav.scp"), list).unwrap();
    fs::write(data.join("segments"), segments).unwrap();
    assert_eq!(same_in_a_store(root.path(), "data", "kaldi-fbank").0, 40);
}

/// A member of a tar archive (POSIX.1-1988, `ustar`).
fn member(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
    header[148..156].copy_from_slice(b"        ");
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(512), 0);
    [&header[..], &padded].concat()
}

#[test]
fn a_shard_is_read_by_its_members_and_comes_to_the_same_bytes() {
    let (root, found) = corpus();
    let shards = root.path().join("shards");
    fs::create_dir(&shards).unwrap();
    // What is nobody's, and is passed over.
    let large = vec![7; 6 << 20];
    let mut shard = member("large.bin", &large);
    for (number, name) in found.iter().enumerate().take(10) {
        let bytes = fs::read(root.path().join(name)).unwrap();
        shard.extend(member(&format!("u{number}.wav"), &bytes));
        shard.extend(member(&format!("{number}.bin"), &large));
    }
    let whole = shard.len() as u64;
    fs::write(shards.join("0.tar"), shard).unwrap();
    let (utterances, bucket) = same_in_a_store(&shards, "", "kaldi-fbank");
    assert_eq!(utterances, 10);
    let read = MemoryObjects::installed().bytes_of(bucket.join("0.tar"));
    assert!(read < whole / 2, "{read} of {whole} bytes are read");
}

#[test]
fn a_list_on_disk_names_objects_and_those_that_are_missing_or_changed_are_rows_of_the_ledger() {
    let (root, found) = corpus();
    let store = MemoryObjects::installed();
    let bucket = PathBuf::from(store.put_folder(root.path()).unwrap());
    let other = PathBuf::from(store.put_folder(root.path()).unwrap());
    let names = found.iter().filter(|name| !name.contains("/SX")).take(6);
    let urls: Vec<PathBuf> = names
        .enumerate()
        .map(|(number, name)| if number % 2 == 0 { bucket.join(name) } else { other.join(name) })
        .collect();
    let lines: String = urls.iter().map(|url| format!("{}\n", url.display())).collect();
    let list = root.path().join("list.txt");
    fs::write(&list, format!("{}{}\n", lines, bucket.join("gone.wav").display())).unwrap();
    let plan = planned(CorpusSource::Path(list), "kaldi-fbank");
    // After the corpus was listed.
    let bytes = fs::read(root.path().join(found.iter().find(|it| !it.contains("/SX")).unwrap()));
    store.put(&urls[0], bytes.unwrap());
    let out = root.path().join("out");
    let outcome = run(&plan, &out);
    assert_eq!(outcome.failures(), 2);
    let ledger = fs::read_to_string(out.join("failures.jsonl")).unwrap();
    assert!(ledger.contains("there is no such object"), "{ledger}");
    assert!(ledger.contains("was changed while it was read; wait"), "{ledger}");
    assert!(ledger.contains("s3://bucket-"), "{ledger}");
    // The next run finds it as it is.
    let list = root.path().join("list.txt");
    let plan = planned(CorpusSource::Path(list), "kaldi-fbank");
    assert_eq!(run(&plan, &root.path().join("again")).failures(), 1);
}
