//! No change of the program changes a byte that users get, unless its commit says which and why.
//!
//! [`cases`] are extractions that together go every way through the program; [`corpora`] is what they
//! read. What they wrote when a release was made stands in `unchanged/expected.txt`, as hashes: it is the
//! one place where the program's own output is what is expected, because here the question is not whether
//! the numbers are right but whether they are still the same. Whoever means to change them runs
//!
//! ```text
//! OSSICLE_UPDATE_UNCHANGED=1 cargo test -p ossicle-cli --test cli unchanged
//! ```
//!
//! and the commit says which bytes changed, and why; a line at the top of that file names the commit
//! before it.

mod cases;
mod corpora;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ossicle_recipe::Recipe;
use serde_json::Value;

use crate::datasets::tree;
use crate::program::Folder;

/// Set to anything, what is expected is written anew.
const UPDATE: &str = "OSSICLE_UPDATE_UNCHANGED";

/// What is left out of a card: how the job was told, and by which program.
const LEFT_OUT: [&str; 5] = ["recipe", "preset", "job", "ossicle", "card_blake3"];

/// For each case and file, its hash.
type Hashes = BTreeMap<(String, String), String>;

#[test]
fn datasets_are_byte_for_byte_what_they_were() {
    let folder = Folder::new();
    corpora::write_all(folder.path());
    let mut found = Hashes::new();
    for case in cases::all() {
        let out = case.extract(folder.path());
        for (file, hash) in hashes(&out) {
            let before = found.insert((case.name.to_owned(), file), hash);
            assert!(before.is_none(), "two cases are named {}", case.name);
        }
    }
    if std::env::var_os(UPDATE).is_some() {
        let heading = heading(&fs::read_to_string(expected_path()).unwrap());
        fs::write(expected_path(), heading + &to_text(&found)).unwrap();
    }
    let expected = from_text(&fs::read_to_string(expected_path()).unwrap());
    let differences = differences(&expected, &found);
    assert!(
        differences.is_empty(),
        "datasets are not what they were:\n{}If that is meant, run this test with {UPDATE}=1, and name \
         the reason in the commit.",
        differences.concat()
    );
}

fn expected_path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/cli/unchanged/expected.txt"].iter().collect()
}

/// The hash of every file of a dataset, each computed from its bytes and compared with what the card says.
#[track_caller]
fn hashes(dataset: &Path) -> BTreeMap<String, String> {
    let mut files = tree(dataset);
    let card = files.remove("dataset.json").unwrap();
    let Value::Object(mut card) = serde_json::from_slice(&card).unwrap() else {
        panic!("{}: the card is no object", dataset.display())
    };
    let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
    let mut hashes: BTreeMap<_, _> =
        files.into_iter().map(|(name, bytes)| (name, hash(&bytes))).collect();
    let said = card["files"].as_array().unwrap().iter().map(|file| {
        let word = |key: &str| file[key].as_str().unwrap().to_owned();
        (word("path"), word("blake3"))
    });
    assert_eq!(said.collect::<BTreeMap<_, _>>(), hashes, "what the card says of its files");
    for key in LEFT_OUT {
        // A recipe that equals no preset has none.
        let may_lack = key == "preset";
        assert!(card.shift_remove(key).is_some() || may_lack, "the card has no {key}");
    }
    hashes.insert("card".to_owned(), hash(&serde_json::to_vec(&card).unwrap()));
    hashes
}

/// A line for each case with hashes that are others, missing or new.
fn differences(expected: &Hashes, found: &Hashes) -> Vec<String> {
    let mut cases: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for place @ (case, file) in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        let what = match (expected.get(place), found.get(place)) {
            (Some(_), None) => "is expected and not written",
            (None, _) => "is not expected",
            (Some(expected), Some(found)) if expected != found => "has other bytes",
            (Some(_), Some(_)) => continue,
        };
        cases.entry(case).or_default().push(format!("{file} {what}"));
    }
    let line = |(case, files): (&str, Vec<String>)| format!("  {case}: {}\n", files.join(", "));
    cases.into_iter().map(line).collect()
}

/// The lines at the beginning that say where the hashes come from.
fn heading(text: &str) -> String {
    text.split_inclusive('\n').take_while(|line| line.starts_with('#')).collect()
}

fn to_text(hashes: &Hashes) -> String {
    let mut text = String::new();
    for ((case, file), hash) in hashes {
        writeln!(text, "{case} {file} {hash}").unwrap();
    }
    text
}

fn from_text(text: &str) -> Hashes {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let hashes = lines.map(|line| {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        let [case, file, hash] = <[String; 3]>::try_from(words).unwrap();
        ((case, file), hash)
    });
    hashes.collect()
}

#[test]
fn every_preset_is_a_case() {
    for preset in Recipe::preset_names() {
        assert!(cases::all().any(|case| case.name == preset), "{preset}");
    }
}

#[test]
fn a_hash_that_is_another_or_missing_or_new_is_a_difference() {
    let hashes = |text: &str| from_text(text);
    let expected = hashes("# heading\na x 1\na y 2\nb x 3\n");
    assert!(differences(&expected, &expected).is_empty());
    assert_eq!(from_text(&to_text(&expected)), expected);
    let found = hashes("a x 5\na y 4\nc x 3\n");
    let lines = [
        "  a: x has other bytes, y has other bytes\n",
        "  b: x is expected and not written\n",
        "  c: x is not expected\n",
    ];
    assert_eq!(differences(&expected, &found), lines);
}
