//! What earlier versions wrote can still be read, and is not taken for what this one writes.
//!
//! `fixtures/962b076` was written by the program of that commit; its `README.md` says how.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::corpora::{PHONES, sound, wav, write, write_aligned};
use crate::datasets::{assert_same, assert_same_dataset, card, tree};
use crate::program::{Finished, Folder, Ossicle, ossicle};

/// What the datasets are of, relative to the folder that [`write_corpora`] fills.
const DATASETS: [Extraction; 3] = [
    Extraction {
        name: "normalised",
        corpus: &["train=one", "test=two"],
        flags: &["--preset", "timit-mfcc", "--set", "feature.num_ceps=13"],
        exit: 1,
    },
    Extraction {
        name: "spikes",
        corpus: &["train=one", "test=two"],
        flags: &[
            "--preset",
            "timit-spikegram",
            "--set",
            "feature.snr_db=3",
            "--set",
            "deltas.order=0",
            "--keep-spikes",
        ],
        exit: 1,
    },
    Extraction { name: "arrays", corpus: &["two"], flags: &["--recipe", "arrays.toml"], exit: 0 },
];

/// The run that was stopped.
const STOPPED: Extraction = Extraction {
    name: "stopped",
    corpus: &["many"],
    flags: &["--preset", "timit-mfcc", "--set", "feature.num_ceps=13"],
    exit: 1,
};

/// `ossicle extract` of one of the corpora.
#[derive(Debug)]
struct Extraction {
    name: &'static str,
    corpus: &'static [&'static str],
    flags: &'static [&'static str],
    /// What it exits with where it is computed.
    exit: i32,
}

impl Extraction {
    fn to(&self, out: &str, root: &Path) -> Ossicle {
        let run = ossicle("extract").args(self.corpus).args(["--out", out]).args(self.flags);
        run.in_folder(root)
    }

    /// A folder of the corpora, and of a copy of the fixture, `old`.
    fn with_fixture(&self) -> Folder {
        let folder = Folder::new();
        write_corpora(folder.path());
        copy(&fixtures().join(self.name), &folder.at("old"));
        folder
    }
}

fn fixtures() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/cli/fixtures/962b076"].iter().collect()
}

/// Writes what the fixtures are of. A run that finds its own work trusts it only while recordings were last
/// changed when they were then.
fn write_corpora(root: &Path) {
    write_aligned(&root.join("one"), &["a", "b"]);
    write(root.join("one/m.wav"), &wav(&sound(1, 8000))[..9000]);
    write(root.join("one/m.PHN"), PHONES);
    write_aligned(&root.join("two"), &["c", "d"]);
    write_aligned(&root.join("many"), &["a", "b", "c", "d", "e", "f"]);
    write(root.join("many/m.wav"), "nonsense");
    write(root.join("many/m.PHN"), PHONES);
    write(root.join("arrays.toml"), fs::read(fixtures().join("arrays.toml")).unwrap());
    for corpus in ["one", "two", "many"] {
        date(&root.join(corpus), 1_700_000_000);
    }
}

/// Sets when every file of a folder was last changed, in seconds since 1970.
fn date(folder: &Path, seconds: u64) {
    for name in tree(folder).keys() {
        let file = File::options().write(true).open(folder.join(name)).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    let files = tree(from);
    assert!(!files.is_empty(), "{} is empty", from.display());
    for (name, bytes) in files {
        write(to.join(name), bytes);
    }
    if from.join("run.json").exists() {
        fs::copy(from.join("run.json"), to.join("run.json")).unwrap();
    }
}

#[test]
fn an_earlier_dataset_is_shown_and_is_sound() {
    for dataset in DATASETS {
        let folder = dataset.with_fixture();
        let info = ossicle("info").args(["old", "--json"]).in_folder(folder.path()).succeeds();
        assert_eq!(info.json()["splits"], card(&folder.at("old"))["splits"], "{}", dataset.name);
        ossicle("verify").arg("old").in_folder(folder.path()).succeeds();
        let deep = ossicle("verify").args(["old", "--deep"]);
        let deep = dataset.corpus.iter().fold(deep, |run, word| run.args(["--corpus", *word]));
        deep.in_folder(folder.path()).succeeds();
    }
}

#[test]
fn an_earlier_dataset_is_left_alone_until_it_is_overwritten() {
    for dataset in DATASETS {
        let folder = dataset.with_fixture();
        let ran = dataset.to("old", folder.path()).run();
        // Complete, or another job's.
        assert!([dataset.exit, 2].contains(&ran.code()), "{}: {ran:?}", dataset.name);
        assert_same(&tree(&folder.at("old")), &tree(&fixtures().join(dataset.name)), dataset.name);
        let run_file = |folder: &Path| fs::read(folder.join("run.json")).unwrap();
        assert!(run_file(&folder.at("old")) == run_file(&fixtures().join(dataset.name)));
        dataset.to("old", folder.path()).arg("--overwrite").exits(dataset.exit);
        dataset.to("fresh", folder.path()).exits(dataset.exit);
        assert_same_dataset(&folder.at("fresh"), &folder.at("old"), dataset.name);
    }
}

#[test]
fn statistics_of_an_earlier_dataset_are_taken_as_they_are() {
    for dataset in DATASETS {
        let folder = dataset.with_fixture();
        let others = Extraction { corpus: &["test=many"], ..dataset };
        let run = others.to("new", folder.path()).set(&["normalize.stats_from=old"]);
        run.exits(1);
        let (old, new) = (card(&folder.at("old")), card(&folder.at("new")));
        let old = old["normalization"].as_object().unwrap();
        assert!(!old.is_empty());
        assert_eq!(old.len(), new["normalization"].as_object().unwrap().len());
        for (array, old) in old {
            let new = &new["normalization"][array];
            assert_eq!(new["stats_from"], "dataset");
            for key in ["count", "mean", "standard_deviation"] {
                assert_eq!(new[key], old[key], "{} {array} {key}", dataset.name);
            }
        }
    }
}

/// Runs over what a stopped run has left, overwriting it if need be, and asserts that what comes of it is
/// what comes of nothing.
fn finish_stopped(folder: &Folder) -> Finished {
    assert!(folder.at("old/.ossicle/parts/000000.part").exists());
    let run = || STOPPED.to("old", folder.path()).arg("--json");
    let ran = match run().run() {
        refused if refused.code() == 2 => run().arg("--overwrite").exits(STOPPED.exit),
        ran => ran,
    };
    assert_eq!(ran.code(), STOPPED.exit, "{ran:?}");
    STOPPED.to("fresh", folder.path()).exits(STOPPED.exit);
    assert_same_dataset(&folder.at("fresh"), &folder.at("old"), "after an earlier version's run");
    assert!(!folder.at("old/.ossicle").exists());
    ran
}

#[test]
fn a_run_that_an_earlier_version_began_ends_with_the_same_bytes() {
    finish_stopped(&STOPPED.with_fixture());
}

#[test]
fn a_part_that_an_earlier_version_made_of_other_recordings_is_not_used() {
    let folder = STOPPED.with_fixture();
    for (n, name) in ["a", "b", "c", "d", "e", "f"].iter().enumerate() {
        write(folder.at(&format!("many/{name}.wav")), wav(&sound(90 + n as u64, 8000)));
    }
    date(&folder.at("many"), 1_700_000_001);
    assert_eq!(finish_stopped(&folder).json()["resumed_parts"], 0);
}
