//! Datasets whose shards are parts: the oracle is the same rows in one shard.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ossicle_corpus::CorpusSource;
use ossicle_dataset::{Dataset, verify};
use ossicle_dsp::Level;
use ossicle_engine::{
    Advice, Error, Event, Observer, Plan, PlanRequest, RunOptions, Share, Stop, compute_share,
    extract, plan,
};
use ossicle_recipe::{Recipe, RecipeSource};
use ossicle_testing::{Npy, noise_i16, wav};

/// Parts have at least four utterances.
const UTTERANCES: usize = 43;

fn corpus(root: &Path) -> PathBuf {
    let corpus = root.join("corpus");
    for split in ["test", "train"] {
        fs::create_dir_all(corpus.join(split)).unwrap();
        for number in 0..UTTERANCES {
            let samples = noise_i16(1500 + 211 * (number % 7), number as u64);
            let path = corpus.join(format!("{split}/{number:03}.wav"));
            // All of the second part are none.
            let bytes = match split == "train" && (4..8).contains(&number) {
                true => b"RIFF".to_vec(),
                false => wav(&samples, 1, 16_000),
            };
            fs::write(&path, bytes).unwrap();
            fs::write(path.with_extension("PHN"), "0 900 h#\n900 1500 iy\n").unwrap();
        }
    }
    // A split that comes to nothing.
    fs::create_dir_all(corpus.join("valid")).unwrap();
    fs::write(corpus.join("valid/000.wav"), b"RIFF").unwrap();
    corpus
}

fn planned(corpus: &Path, preset: &str, sets: &[&str]) -> Result<Plan, Error> {
    let mut source: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
    sets.iter().for_each(|set| source.set(set).unwrap());
    let splits = ["test", "train", "valid"].map(|name| (name.to_owned(), corpus.join(name)));
    plan(PlanRequest::new(CorpusSource::Splits(splits.into()), source.finish().unwrap()))
}

fn jobs(jobs: usize) -> RunOptions {
    RunOptions { jobs: Some(jobs), ..RunOptions::default() }
}

/// All files of a dataset but what varies.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let card = Dataset::open(folder).unwrap().card().clone();
    let names = card.files.into_iter().map(|file| file.path).chain(["dataset.json".to_owned()]);
    names.map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

/// The rows of an array in all shards of a split, one behind the other.
fn rows(dataset: &Dataset, split: &str, array: &str) -> Vec<u8> {
    let of_split = dataset.card().splits.iter().find(|it| it.name == split).unwrap();
    let shards = 0..of_split.shards as usize;
    shards.flat_map(|shard| Npy::read(dataset.shard_path(split, array, shard)).data).collect()
}

/// Asks to stop once so many utterances are done.
struct StopAfter(Stop, u64);

impl Observer for StopAfter {
    fn on(&self, event: Event<'_>) {
        if matches!(event, Event::Utterance { number, .. } if number == self.1) {
            self.0.flag().store(2, std::sync::atomic::Ordering::Relaxed);
        }
    }
}

#[test]
fn rows_are_those_of_one_shard_and_bytes_do_not_depend_on_who_computed_them() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let cases: [(&str, &[&str]); 4] = [
        ("timit-mfcc", &["normalize=", "splice.left=1"]),
        ("kaldi-fbank", &["normalize.scope=utterance", "deltas.order=1"]),
        ("kaldi-fbank", &["normalize.scope=sliding"]),
        ("timit-spikegram", &["normalize=", "feature.keep_spikes=true", "feature.snr_db=2"]),
    ];
    for (number, (preset, sets)) in cases.into_iter().enumerate() {
        let out = |name: &str| root.path().join(format!("{name}-{number}"));
        let with = [sets, &["output.shards=parts"]].concat();
        extract(&planned(&corpus, preset, sets).unwrap(), &out("whole"), &jobs(2), &()).unwrap();
        let plan = planned(&corpus, preset, &with).unwrap();
        extract(&plan, &out("one"), &jobs(1), &()).unwrap();
        let (whole, one) = (&out("whole"), &out("one"));
        let (whole, cut) = (Dataset::open(whole).unwrap(), Dataset::open(one).unwrap());
        assert!(verify(one).unwrap().findings.is_empty(), "{:?}", verify(one).unwrap());
        assert_eq!(cut.card().shards.as_deref(), Some("parts"));
        assert_eq!(whole.card().shards, None);
        let shards: Vec<u64> = cut.card().splits.iter().map(|split| split.shards).collect();
        // Parts of four, of which one has no good utterance; a split without any has one shard.
        assert_eq!(shards, [11, 10, 1], "{preset}");
        for split in ["test", "train", "valid"] {
            for array in whole.card().arrays.keys() {
                assert!(rows(&whole, split, array) == rows(&cut, split, array), "{split} {array}");
            }
        }

        extract(&plan, &out("three"), &jobs(3), &()).unwrap();
        // Stopped in the middle, a shard damaged, and gone on with.
        let stop = Stop::default();
        let stopping = RunOptions { stop: stop.clone(), ..jobs(1) };
        extract(&plan, &out("stopped"), &stopping, &StopAfter(stop, 20)).unwrap_err();
        let folder = out("stopped").join(".ossicle/shards");
        let there = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path());
        let folders: Vec<_> = there.filter(|path| path.is_dir()).collect();
        assert!(folders.len() > 2, "{folders:?}");
        let inside = fs::read_dir(&folders[0]).unwrap().next().unwrap().unwrap().path();
        let shard = fs::read_dir(inside).unwrap().next().unwrap().unwrap().path();
        let mut bytes = fs::read(&shard).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&shard, bytes).unwrap();
        extract(&plan, &out("stopped"), &jobs(2), &()).unwrap();
        for share in [2, 1] {
            let make = || planned(&corpus, preset, &with);
            let of = Share::new(share, 2).unwrap();
            let options = (&jobs(1), Level::detect());
            compute_share(of, plan.recipe(), &make, &out("shares"), options, &()).unwrap();
        }
        extract(&plan, &out("shares"), &jobs(2), &()).unwrap();
        for other in ["three", "stopped", "shares"] {
            assert!(files(&out(other)) == files(one), "{preset}, {other}");
            assert!(!out(other).join(".ossicle").exists());
        }
    }
}

/// What a run says it has left to write when it finishes.
#[derive(Default)]
struct Finishing(std::sync::Mutex<Option<u64>>);

impl Observer for Finishing {
    fn on(&self, event: Event<'_>) {
        if let Event::Finishing { bytes } = event {
            *self.0.lock().unwrap() = Some(bytes);
        }
    }
}

#[test]
fn nothing_but_lists_is_left_when_the_last_part_is_done() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let plan = planned(&corpus, "kaldi-fbank", &["output.shards=parts"]).unwrap();
    let heard = Finishing::default();
    extract(&plan, &root.path().join("out"), &jobs(2), &heard).unwrap();
    // The header of an empty split's shard.
    assert_eq!(*heard.0.lock().unwrap(), Some(128));
}

#[test]
fn statistics_of_all_parts_are_refused_before_anything_is_done() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    for sets in [&[][..], &["normalize.stats_from=all"], &["normalize.scope=speaker"]] {
        let sets = [sets, &["output.shards=parts"]].concat();
        let error = planned(&corpus, "timit-mfcc", &sets).unwrap_err();
        assert!(matches!(error, Error::LateStatistics { .. }), "{error}");
        assert!(
            matches!(error.advice(), Some(Advice::Set { key, .. }) if key == "normalize.scope")
        );
    }
    // Another dataset's are known.
    let whole = root.path().join("whole");
    extract(&planned(&corpus, "timit-mfcc", &[]).unwrap(), &whole, &jobs(2), &()).unwrap();
    let given = format!("normalize.stats_from={}", whole.display());
    let plan = planned(&corpus, "timit-mfcc", &[&given, "output.shards=parts"]).unwrap();
    let out = root.path().join("out");
    extract(&plan, &out, &jobs(2), &()).unwrap();
    let (whole, cut) = (Dataset::open(&whole).unwrap(), Dataset::open(&out).unwrap());
    assert!(rows(&whole, "train", "features") == rows(&cut, "train", "features"));
}
