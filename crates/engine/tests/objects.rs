//! Datasets written to an object store: what is there is what a folder has, whoever is killed or comes in between.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use ossicle_corpus::CorpusSource;
use ossicle_dataset::{Card, Dataset};
use ossicle_demo::{DemoConfig, write_corpus};
use ossicle_dsp::Level;
use ossicle_engine::{
    Cluster, ClusterOrder, Error, Event, Observer, PartDone, PartWorker, Plan, PlanRequest,
    RunOptions, Share, ShareOutcome, Stop, check_shares, compute_share, extract,
    extract_on_cluster, plan, sentence, unfinished,
};
use ossicle_recipe::{Recipe, RecipeSource};
use ossicle_remote::{Client, Depth, Location, Put};

/// The client of this process, whose stores are in memory. Each test has a bucket of its own.
fn client() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    let made = CLIENT.get_or_init(|| {
        let client = Client::in_memory();
        client.clone().install().unwrap();
        client
    });
    made.clone()
}

fn recipe(sets: &[&str]) -> Recipe {
    let mut source: RecipeSource = Recipe::preset("timit-mfcc").unwrap().parse().unwrap();
    sets.iter().for_each(|set| source.set(set).unwrap());
    source.finish().unwrap()
}

fn corpus(root: &Path) -> PathBuf {
    let corpus = root.join("corpus");
    write_corpus(&corpus, &DemoConfig { seed: 9, scale: 0.02 }).unwrap();
    corpus
}

fn planned(corpus: &Path, sets: &[&str]) -> Plan {
    plan(PlanRequest::new(CorpusSource::Path(corpus.to_owned()), recipe(sets))).unwrap()
}

fn at(bucket: &str) -> (PathBuf, Location) {
    let url = format!("s3://{bucket}/sets/out");
    (PathBuf::from(&url), Location::parse(&url).unwrap())
}

/// All objects below a location.
fn objects(location: &Location) -> BTreeMap<String, Vec<u8>> {
    let client = client();
    let listing = client.list(location, Depth::All).unwrap();
    let get = |name: &str| client.get(&location.join(name), u64::MAX).unwrap().0.to_vec();
    listing.objects.into_iter().map(|it| (it.name.clone(), get(&it.name))).collect()
}

/// The files that a card names, of a dataset in a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let card = Dataset::open(folder).unwrap().card().clone();
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    card.files.into_iter().map(|file| (file.path.clone(), read(&file.path))).collect()
}

/// Checks that a store has these files and nothing else but the card and what varies; returns the card.
fn require_files(location: &Location, expected: &BTreeMap<String, Vec<u8>>) -> Card {
    let mut there = objects(location);
    let text = String::from_utf8(there.remove("dataset.json").unwrap()).unwrap();
    let card = Card::from_text(&text).unwrap();
    let folder = card.folder.clone().unwrap();
    assert_eq!(card.format, "ossicle-dataset/2");
    assert!(there.remove(&format!("{folder}/run.json")).is_some());
    let of = |name: &String| format!("{folder}/{name}");
    let expected: BTreeMap<_, _> = expected.iter().map(|(name, text)| (of(name), text)).collect();
    assert!(there.keys().eq(expected.keys()), "{:?}\n{:?}", there.keys(), expected.keys());
    for (name, text) in &there {
        assert!(*text == *expected[name], "{name}");
    }
    for file in &card.files {
        let bytes = &there[&of(&file.path)];
        assert_eq!(file.blake3, blake3::hash(bytes).to_hex().as_str(), "{}", file.path);
    }
    card
}

/// Stops a run after so many utterances.
struct StopAfter(AtomicUsize, Stop);

impl Observer for StopAfter {
    fn on(&self, event: Event<'_>) {
        if matches!(event, Event::Utterance { .. }) && self.0.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.1.flag().store(15, Ordering::SeqCst);
        }
    }
}

#[test]
fn a_store_has_what_a_folder_has_also_of_a_run_that_was_stopped() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let (out, location) = at("stopped");
    let local = root.path().join("local");
    client();
    extract(&planned(&corpus, &[]), &local, &RunOptions::default(), &()).unwrap();
    let stop = Stop::default();
    let options = RunOptions { stop: stop.clone(), jobs: Some(2), ..RunOptions::default() };
    let observer = StopAfter(AtomicUsize::new(40), stop);
    let error = extract(&planned(&corpus, &[]), &out, &options, &observer).unwrap_err();
    let Error::Stopped { parts_done, .. } = error else { panic!("{error}") };
    assert!(parts_done > 0);
    let left = unfinished(&out).unwrap();
    assert_eq!((left.parts_done, left.is_publishing), (parts_done, false));
    assert!(!objects(&location).contains_key("dataset.json"));
    let outcome = extract(&planned(&corpus, &[]), &out, &RunOptions::default(), &()).unwrap();
    assert_eq!(outcome.resumed_parts, parts_done);
    require_files(&location, &files(&local));
    assert_eq!(unfinished(&out), None);
    let again = extract(&planned(&corpus, &[]), &out, &RunOptions::default(), &()).unwrap();
    assert!(again.already_complete);
}

#[test]
fn another_job_replaces_a_dataset_only_when_it_is_told_to() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let (out, location) = at("replaced");
    client();
    extract(&planned(&corpus, &[]), &out, &RunOptions::default(), &()).unwrap();
    let before = objects(&location);
    let other = || planned(&corpus, &["feature.num_ceps=5"]);
    let error = extract(&other(), &out, &RunOptions::default(), &()).unwrap_err();
    assert!(matches!(error, Error::OtherJob { .. }), "{error}");
    assert_eq!(objects(&location), before);
    let local = root.path().join("local");
    extract(&other(), &local, &RunOptions::default(), &()).unwrap();
    let overwrite = RunOptions { overwrite: true, ..RunOptions::default() };
    extract(&other(), &out, &overwrite, &()).unwrap();
    require_files(&location, &files(&local));
}

/// Puts somebody else's card while files are being written.
struct Meddler(Location);

impl Observer for Meddler {
    fn on(&self, event: Event<'_>) {
        if matches!(event, Event::Finishing { .. }) {
            let card = self.0.join("dataset.json");
            client().put(&card, "somebody's".into(), &Put::Always).unwrap();
        }
    }
}

#[test]
fn of_two_finishers_one_publishes_and_nothing_of_the_other_mixes_in() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let (out, location) = at("meddled");
    client();
    let meddler = Meddler(location.clone());
    let error = extract(&planned(&corpus, &[]), &out, &RunOptions::default(), &meddler);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("dataset.json is there already"), "{error}");
    assert_eq!(objects(&location)["dataset.json"], b"somebody's");
}

#[test]
fn somebody_elses_objects_are_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let (out, location) = at("others");
    client().put(&location.join("notes/mine.txt"), "mine".into(), &Put::Always).unwrap();
    let error = extract(&planned(&corpus, &[]), &out, &RunOptions::default(), &()).unwrap_err();
    assert!(matches!(&error, Error::OutputInUse { example, .. } if example == "notes"), "{error}");
    assert_eq!(objects(&location).len(), 1);
    let http = PathBuf::from("https://host/out");
    let error = extract(&planned(&corpus, &[]), &http, &RunOptions::default(), &()).unwrap_err();
    assert_eq!(error.to_string(), "cannot write to https://host/out: its store can not do that");
}

#[test]
fn shares_put_their_parts_and_the_last_run_publishes_them() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let (out, location) = at("shares");
    client();
    let local = root.path().join("local");
    extract(&planned(&corpus, &[]), &local, &RunOptions::default(), &()).unwrap();
    std::thread::scope(|scope| {
        let run = |number| {
            let (corpus, out) = (&corpus, &out);
            scope.spawn(move || {
                let make = || Ok(planned(corpus, &[]));
                let share = Share::new(number, 3).unwrap();
                let options = RunOptions { jobs: Some(1), ..RunOptions::default() };
                let options = (&options, Level::detect());
                compute_share(share, &recipe(&[]), &make, out, options, &()).unwrap()
            })
        };
        for share in [1, 2, 2, 3].map(run) {
            assert!(matches!(share.join().unwrap(), ShareOutcome::Done { .. }));
        }
    });
    assert_eq!(check_shares(&out, &RunOptions::default()).unwrap().missing, []);
    let outcome = extract(&planned(&corpus, &[]), &out, &RunOptions::default(), &()).unwrap();
    assert_eq!(outcome.resumed_parts, outcome.parts);
    require_files(&location, &files(&local));
}

/// Puts all files below a folder.
fn put_all(folder: &Path, to: &Location) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, at) = (entry.path(), to.join(entry.file_name().to_str().unwrap()));
        match path.is_dir() {
            true => put_all(&path, &at),
            false => {
                client().put(&at, fs::read(&path).unwrap().into(), &Put::Always).map(drop).unwrap();
            }
        }
    }
}

/// A cluster of one worker in this process, which looks before it begins.
struct OneWorker;

impl OneWorker {
    fn worker(order: &ClusterOrder) -> Result<PartWorker, Error> {
        let (stores, options) = (order.stores.clone(), RunOptions::default());
        PartWorker::open(&order.out, Some(&order.plan), stores, options, Level::detect())
    }
}

impl Cluster for OneWorker {
    fn begin(&self, order: &ClusterOrder, _: &Stop) -> Result<usize, Error> {
        OneWorker::worker(order)?.look(&order.parts).map(|()| 1)
    }

    fn run_parts(
        &self,
        order: &ClusterOrder,
        stop: &Stop,
        hear: &mut dyn FnMut(PartDone) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let worker = OneWorker::worker(order)?;
        order.parts.iter().try_for_each(|&part| hear(worker.run_part(part, stop)?))
    }
}

#[test]
fn a_cluster_reads_a_bucket_and_writes_to_one_unless_a_worker_sees_less_than_the_driver() {
    client();
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let local = root.path().join("local");
    extract(&planned(&corpus, &[]), &local, &RunOptions::default(), &()).unwrap();
    let (out, location) = at("cluster");
    let bucket = Location::parse("s3://cluster/corpus").unwrap();
    put_all(&corpus, &bucket);
    let plan = planned(Path::new("s3://cluster/corpus"), &[]);
    let order = plan.order(&plan.parts()[0]);
    let first = Location::parse(&order.utterances[0].path(&order.root).to_string_lossy()).unwrap();
    let whole = client().get(&first, u64::MAX).unwrap().0;
    let run = || extract_on_cluster(&OneWorker, &plan, &out, &RunOptions::default(), &());
    client().remove(&first).unwrap();
    let error = sentence(&run().unwrap_err());
    assert!(error.contains(&first.to_string()) && error.contains("no such object"), "{error}");
    assert!(!objects(&location).keys().any(|name| name.ends_with(".part")));
    // As it was: the store in memory counts its tags, of which the plan knows the first.
    client().put(&first, whole, &Put::Always).unwrap();
    let plan = planned(Path::new("s3://cluster/corpus"), &[]);
    let run = extract_on_cluster(&OneWorker, &plan, &out, &RunOptions::default(), &()).unwrap();
    assert_eq!((run.workers, run.resumed_parts), (1, 0));
    require_files(&location, &files(&local));
}
