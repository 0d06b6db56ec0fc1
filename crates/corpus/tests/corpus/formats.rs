//! Descriptions that the field's programs wrote, whole and broken.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ossicle_corpus::Utterance;

use crate::tree::{Tree, from_path};

/// The descriptions that are given by themselves, each with the files that it is read with.
const DESCRIPTIONS: &[(&str, &[&str])] = &[
    ("kaldi_data", &["wav.scp", "segments", "text", "utt2spk", "utt2dur", "utt2lang", "reco2dur"]),
    ("kaldi_data/segmented", &["segments", "spk2utt"]),
    ("kaldi_data/segmented/wav_ark.scp", &[""]),
    ("manifests/table.csv", &[""]),
    ("manifests/table_bom.tsv", &[""]),
    ("manifests/commonvoice.tsv", &[""]),
    ("manifests/nemo.jsonl", &[""]),
    ("manifests/fairseq.tsv", &[""]),
    ("manifests/htk.scp", &[""]),
    ("manifests/vits.txt", &[""]),
    ("manifests/speechbrain.json", &[""]),
    ("manifests/list_of_objects.json", &[""]),
    ("lhotse/cuts.jsonl.gz", &[""]),
    ("lhotse/cuts_mixed.jsonl", &[""]),
    ("lhotse/recordings.jsonl", &[""]),
    ("lhotse_shar", &["cuts.000000.jsonl.gz"]),
];

/// The path of a fixture.
pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats").join(path)
}

/// A copy of a file or of the files in a folder, where it can be changed.
pub(crate) fn copy(path: &str) -> Tree {
    let tree = Tree::new(&[]);
    let from = fixture(path);
    let files: Vec<PathBuf> = match from.is_dir() {
        true => fs::read_dir(&from).unwrap().map(|entry| entry.unwrap().path()).collect(),
        false => vec![from.clone()],
    };
    for file in files.iter().filter(|file| file.is_file()) {
        let name = match from.is_dir() {
            true => format!("{path}/{}", file.file_name().unwrap().to_str().unwrap()),
            false => path.to_owned(),
        };
        tree.write(&name, &fs::read(file).unwrap());
    }
    tree
}

/// The further columns of an utterance as an object.
pub(crate) fn columns(utterance: &Utterance) -> serde_json::Value {
    let pairs = utterance.columns.unpacked().into_iter();
    pairs.map(|column| (column.name().to_owned(), column.value().clone())).collect()
}

/// Puts other bytes in place of a file of a description, and reads that.
fn check_broken(break_it: impl Fn(&[u8], usize, &mut dyn FnMut(&[u8]))) {
    for (description, files) in DESCRIPTIONS {
        let tree = copy(description);
        for name in ["voicea-0001", "voicea-0002", "voiceb-0003"] {
            tree.write(&format!("wav/{name}.wav"), b"bytes");
        }
        let given = tree.at(description);
        for file in *files {
            let path = if file.is_empty() { given.clone() } else { given.join(file) };
            let whole = fs::read(&path).unwrap();
            assert!(!whole.is_empty());
            break_it(&whole, files.len(), &mut |broken| {
                fs::write(&path, broken).unwrap();
                // Whatever it comes to, it comes to an end, and says so in a few lines.
                if let Err(error) = from_path(&given) {
                    assert!(error.to_string().lines().count() < 200, "{error}");
                }
            });
            fs::write(&path, whole).unwrap();
        }
    }
}

#[test]
fn descriptions_cut_at_any_byte_are_no_panic() {
    check_broken(|whole, _, read| {
        for length in 0..whole.len() {
            read(&whole[..length]);
        }
    });
}

#[test]
fn descriptions_with_other_bytes_in_them_are_no_panic() {
    check_broken(|whole, files, read| {
        let mut state = 1_u64;
        let mut number = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        for _ in 0..1000 / files {
            let mut bytes = whole.to_vec();
            for _ in 0..=number(4) {
                let at = number(bytes.len());
                match number(4) {
                    0 => bytes[at] = number(256) as u8,
                    1 => bytes[at] = b"\n\t\"{}[]:,-|e."[number(13)],
                    2 => bytes.insert(at, b" \t\n\"\r0"[number(6)]),
                    _ => {
                        bytes.truncate(at.max(1));
                    }
                }
            }
            read(&bytes);
        }
    });
}
