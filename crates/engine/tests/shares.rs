//! Shares of a job, computed apart: what is published afterwards is what one run writes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ossicle_corpus::CorpusSource;
use ossicle_dataset::Dataset;
use ossicle_demo::{DemoConfig, write_corpus};
use ossicle_dsp::Level;
use ossicle_engine::{
    Cluster, ClusterOrder, Error, Event, Observer, PartDone, PartWorker, Plan, PlanRequest,
    Progress, RunOptions, Share, ShareOutcome, Stop, Tolerance, check_shares, compute_share,
    extract, extract_on_cluster, plan, store_plan,
};
use ossicle_recipe::{Recipe, RecipeSource};

fn recipe(sets: &[&str]) -> Recipe {
    let mut source: RecipeSource = Recipe::preset("timit-mfcc").unwrap().parse().unwrap();
    sets.iter().for_each(|set| source.set(set).unwrap());
    source.finish().unwrap()
}

/// Whether it is a recording that is not left out.
fn is_sentence(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    name.starts_with("SX") && name.ends_with(".WAV")
}

/// A corpus of several parts, with a recording that is none.
fn corpus(root: &Path) -> PathBuf {
    let corpus = root.join("corpus");
    write_corpus(&corpus, &DemoConfig { seed: 9, scale: 0.02 }).unwrap();
    let bad = corpus.join("TRAIN/DR1");
    let speaker = fs::read_dir(bad).unwrap().next().unwrap().unwrap().path();
    let first = fs::read_dir(speaker).unwrap().map(|it| it.unwrap().path());
    let first = first.filter(|path| is_sentence(path)).min().unwrap();
    fs::write(first, b"RIFF").unwrap();
    corpus
}

fn planned(corpus: &Path, sets: &[&str]) -> Plan {
    plan(PlanRequest::new(CorpusSource::Path(corpus.to_owned()), recipe(sets))).unwrap()
}

fn share(number: usize, of: usize, corpus: &Path, out: &Path) -> Result<ShareOutcome, Error> {
    let make = || Ok(planned(corpus, &[]));
    let options = RunOptions { jobs: Some(1 + number % 2), ..RunOptions::default() };
    let share = Share::new(number, of).unwrap();
    compute_share(share, &recipe(&[]), &make, out, (&options, Level::detect()), &())
}

/// All files of a dataset but what varies.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let card = Dataset::open(folder).unwrap().card().clone();
    let names = card.files.into_iter().map(|file| file.path).chain(["dataset.json".to_owned()]);
    names.map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

#[test]
fn shares_that_run_at_once_and_twice_come_to_what_one_run_writes() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let (one, out) = (root.path().join("one"), root.path().join("out"));
    extract(&planned(&corpus, &[]), &one, &RunOptions::default(), &()).unwrap();
    // All but the third, the second of them twice; none has a plan before.
    let numbers = [1, 2, 2, 4, 5, 6, 7];
    let mut parts = 0;
    std::thread::scope(|scope| {
        let run = |number| {
            let (corpus, out) = (&corpus, &out);
            scope.spawn(move || share(number, 7, corpus, out).unwrap())
        };
        for (at, run) in numbers.map(run).into_iter().enumerate() {
            let ShareOutcome::Done { parts: own, .. } = run.join().unwrap() else {
                panic!("nobody has published")
            };
            parts += if at == 2 { 0 } else { own };
        }
    });
    let left = check_shares(&out, &RunOptions::default()).unwrap();
    assert!(!left.missing.is_empty() && left.missing.len() + parts == left.parts, "{left:?}");
    let (_, split, first, count) = &left.missing[0];
    assert!(!split.is_empty() && !first.is_empty() && *count > 0);
    share(3, 7, &corpus, &out).unwrap();
    let left = check_shares(&out, &RunOptions::default()).unwrap();
    assert_eq!((left.missing.len(), left.failures), (0, 1));
    // The run that publishes computes nothing again.
    let done = extract(&planned(&corpus, &[]), &out, &RunOptions::default(), &()).unwrap();
    assert_eq!((done.resumed_parts, done.failures()), (done.parts, 1));
    assert_eq!(files(&one), files(&out));
    assert!(!out.join(".ossicle").exists());
    assert_eq!(share(3, 7, &corpus, &out).unwrap(), ShareOutcome::Published);
}

/// Publishes what others are at work on, as soon as it hears of an utterance.
struct Overtaking<'a> {
    corpus: &'a Path,
    out: &'a Path,
    options: RunOptions,
    once: std::sync::Once,
}

impl Observer for Overtaking<'_> {
    fn on(&self, event: Event<'_>) {
        if matches!(event, Event::Utterance { .. }) {
            self.once.call_once(|| {
                extract(&planned(self.corpus, &[]), self.out, &self.options, &()).unwrap();
            });
        }
    }
}

#[test]
fn a_share_or_a_worker_that_is_overtaken_leaves_nothing_beside_the_dataset() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let (one, out) = (root.path().join("one"), root.path().join("out"));
    extract(&planned(&corpus, &[]), &one, &RunOptions::default(), &()).unwrap();
    for (no_lock, keep_parts) in [(false, false), (true, false), (false, true)] {
        let options = RunOptions { no_lock, keep_parts, ..RunOptions::default() };
        let once = std::sync::Once::new();
        let overtaking = Overtaking { corpus: &corpus, out: &out, options: options.clone(), once };
        let make = || Ok(planned(&corpus, &[]));
        let share = Share::new(1, 1).unwrap();
        let own = RunOptions { jobs: Some(2), no_lock, ..RunOptions::default() };
        let how = (&own, Level::detect());
        let done = compute_share(share, &recipe(&[]), &make, &out, how, &overtaking).unwrap();
        assert!(overtaking.once.is_completed());
        assert_eq!(done, ShareOutcome::Published);
        assert_eq!(files(&one), files(&out));
        assert_eq!(out.join(".ossicle").exists(), keep_parts);
        if keep_parts {
            let parts = fs::read_dir(out.join(".ossicle/parts")).unwrap().count();
            assert_eq!(parts, planned(&corpus, &[]).parts().len());
        }
        fs::remove_dir_all(&out).unwrap();
    }
    // A worker that comes back after all is done.
    store_plan(&planned(&corpus, &[]), &out, &RunOptions::default(), &()).unwrap();
    let late = worker(&out, None).unwrap();
    extract(&planned(&corpus, &[]), &out, &RunOptions::default(), &()).unwrap();
    let _nothing_to_tell = late.run_part(0, &Stop::default());
    assert_eq!(files(&one), files(&out));
    assert!(!out.join(".ossicle").exists());
}

#[test]
fn a_share_of_a_stored_plan_looks_at_no_list_and_at_its_own_parts_alone() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let out = root.path().join("out");
    store_plan(&planned(&corpus, &[]), &out, &RunOptions::default(), &()).unwrap();
    let make = || panic!("the plan is there");
    let options = RunOptions { jobs: Some(2), ..RunOptions::default() };
    let run = |number| {
        let share = Share::new(number, 2).unwrap();
        compute_share(share, &recipe(&[]), &make, &out, (&options, Level::detect()), &()).unwrap()
    };
    let (
        ShareOutcome::Done { parts, of, resumed_parts, .. },
        ShareOutcome::Done { parts: rest, .. },
    ) = (run(1), run(2))
    else {
        panic!("nobody has published")
    };
    assert_eq!((parts + rest, resumed_parts), (of, 0));
    let ShareOutcome::Done { resumed_parts, .. } = run(1) else { panic!("nobody has published") };
    assert_eq!(resumed_parts, parts);
    // A part that is torn is missing, and is computed again.
    let torn = out.join(".ossicle/parts/000000.part");
    let whole = fs::read(&torn).unwrap();
    fs::write(&torn, &whole[..whole.len() / 2]).unwrap();
    let left = check_shares(&out, &RunOptions::default()).unwrap();
    assert_eq!(left.missing.len(), 1);
    run(1);
    run(2);
    assert_eq!(fs::read(&torn).unwrap(), whole);
}

#[test]
fn a_plan_of_another_recipe_or_a_damaged_one_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let out = root.path().join("out");
    let options = RunOptions::default();
    let error = check_shares(&out, &options).unwrap_err();
    assert!(matches!(error, Error::NoPlan { .. }), "{error}");
    store_plan(&planned(&corpus, &["deltas.order=1"]), &out, &options, &()).unwrap();
    let error = share(1, 2, &corpus, &out).unwrap_err().to_string();
    assert!(error.contains("deltas.order was 1, and is now 2"), "{error}");
    let again = RunOptions { overwrite: true, ..RunOptions::default() };
    store_plan(&planned(&corpus, &[]), &out, &again, &()).unwrap();
    let file = out.join(".ossicle/plan");
    let whole = fs::read(&file).unwrap();
    share(1, 2, &corpus, &out).unwrap();
    for (at, cut) in [(20, whole.len()), (whole.len() - 60, whole.len()), (0, 30), (0, 0)] {
        let mut bytes = whole[..cut].to_vec();
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1;
        }
        fs::write(&file, bytes).unwrap();
        let results = [1, 2].map(|number| share(number, 2, &corpus, &out));
        let damaged = |result: &Result<ShareOutcome, Error>| {
            result.as_ref().is_err_and(|error| matches!(error, Error::DamagedPlan { .. }))
        };
        assert!(results.iter().any(damaged), "{at} of {cut}: {results:?}");
    }
}

fn worker(out: &Path, plan: Option<&str>) -> Result<PartWorker, Error> {
    PartWorker::open(out, plan, None, RunOptions::default(), Level::detect())
}

/// Counts the utterances that were stored, and those that failed.
fn counts(done: &PartDone) -> (usize, usize) {
    let is_stored = |progress: &&Progress| matches!(progress, Progress::Stored { .. });
    let is_failed = |progress: &&Progress| matches!(progress, Progress::Failed { .. });
    (done.progress.iter().filter(is_stored).count(), done.progress.iter().filter(is_failed).count())
}

#[test]
fn workers_that_are_given_the_same_parts_come_to_what_one_run_writes() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let (one, out) = (root.path().join("one"), root.path().join("out"));
    let plan = planned(&corpus, &[]);
    extract(&plan, &one, &RunOptions::default(), &()).unwrap();
    assert!(matches!(worker(&out, None), Err(Error::NoPlan { .. })));
    store_plan(&plan, &out, &RunOptions::default(), &()).unwrap();
    assert!(matches!(worker(&out, Some("0")), Err(Error::NotThatPlan { .. })));
    let parts = worker(&out, None).unwrap().num_parts();
    assert_eq!(parts, plan.parts().len());
    let all = |from: usize| {
        let worker = worker(&out, None).unwrap();
        let of = (0..parts).map(|at| worker.run_part((at + from) % parts, &Stop::default()));
        of.map(|done| counts(&done.unwrap())).fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1))
    };
    let told = std::thread::scope(|scope| {
        [0, 0, parts / 2].map(|from| scope.spawn(move || all(from))).map(|it| it.join().unwrap())
    });
    // Whether a part was computed or was there, the same is told of it.
    let utterances: usize = plan.parts().iter().map(|part| part.utterances.len()).sum();
    assert_eq!(told, [(utterances - 1, 1); 3]);
    let done = extract(&planned(&corpus, &[]), &out, &RunOptions::default(), &()).unwrap();
    assert_eq!((done.resumed_parts, done.failures()), (done.parts, 1));
    assert_eq!(files(&one), files(&out));
}

#[test]
fn a_worker_that_sees_other_recordings_or_no_such_part_says_so() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let out = root.path().join("out");
    let plan = planned(&corpus, &[]);
    store_plan(&plan, &out, &RunOptions::default(), &()).unwrap();
    let worker = worker(&out, None).unwrap();
    let parts = worker.num_parts();
    let error = worker.run_part(parts, &Stop::default()).unwrap_err().to_string();
    assert!(error.ends_with(&format!("has {parts} parts, and none of number {parts}")), "{error}");
    worker.look(&[0, parts - 1]).unwrap();
    assert_eq!(fs::read_dir(out.join(".ossicle/parts")).unwrap().count(), 0);
    let order = plan.order(&plan.parts()[0]);
    let first = order.root.join(&order.utterances[0].source);
    let whole = fs::read(&first).unwrap();
    fs::write(&first, [&whole[..], &[0]].concat()).unwrap();
    let error = worker.look(&[0]).unwrap_err().to_string();
    let expected =
        format!("has {} bytes, and {} where the corpus was", whole.len() + 1, whole.len());
    assert!(error.contains(&expected), "{error}");
    fs::remove_file(&first).unwrap();
    assert!(matches!(worker.look(&[0]), Err(Error::Io { path, .. }) if path == first));
}

/// A cluster of one worker in this process, which loses every third part and tells of others twice.
struct Careless {
    order: Mutex<Option<ClusterOrder>>,
}

impl Cluster for Careless {
    fn begin(&self, order: &ClusterOrder, _: &Stop) -> Result<usize, Error> {
        *self.order.lock().unwrap() = Some(order.clone());
        Ok(7)
    }

    fn run_parts(
        &self,
        order: &ClusterOrder,
        stop: &Stop,
        hear: &mut dyn FnMut(PartDone) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let worker = worker(&order.out, Some(&order.plan))?;
        for &part in order.parts.iter().filter(|&part| part % 3 != 0) {
            let done = worker.run_part(part, stop)?;
            hear(done.clone())?;
            hear(done)?;
        }
        Ok(())
    }
}

/// Notes what a run tells.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Observer for Heard {
    fn on(&self, event: Event<'_>) {
        let line = match event {
            Event::Start { resumed, workers, .. } => format!("start {resumed} {workers}"),
            Event::Utterance { .. } => "stored".to_owned(),
            Event::Failure { .. } => "failed".to_owned(),
            Event::SplitDone { name, .. } => format!("done {name}"),
            _ => return,
        };
        self.0.lock().unwrap().push(line);
    }
}

#[test]
fn a_cluster_computes_parts_and_the_run_those_that_it_loses() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let (one, out) = (root.path().join("one"), root.path().join("out"));
    let plan = planned(&corpus, &[]);
    extract(&plan, &one, &RunOptions::default(), &()).unwrap();
    let (cluster, heard) = (Careless { order: Mutex::default() }, Heard::default());
    let options = RunOptions { jobs: Some(2), ..RunOptions::default() };
    let done = extract_on_cluster(&cluster, &plan, &out, &options, &heard).unwrap();
    assert_eq!((done.resumed_parts, done.parts), (0, plan.parts().len()));
    assert_eq!(files(&one), files(&out));
    // All are told of once, in the words of any run.
    let heard = heard.0.into_inner().unwrap();
    let count = |what: &str| heard.iter().filter(|line| line.starts_with(what)).count();
    let utterances: usize = plan.parts().iter().map(|part| part.utterances.len()).sum();
    assert_eq!((heard[0].as_str(), count("done ")), ("start 0 7", 3));
    assert_eq!((count("stored"), count("failed")), (utterances - 1, 1));
    let order = cluster.order.into_inner().unwrap().unwrap();
    assert_eq!(order.parts.len(), plan.parts().len());
    assert!(order.worker_bytes > 32 << 20 && order.out.is_absolute() && !order.retry_failed);
    // Nothing is left for a cluster then.
    let cluster = Careless { order: Mutex::default() };
    let again = extract_on_cluster(&cluster, &plan, &out, &options, &()).unwrap();
    assert!(again.already_complete && cluster.order.into_inner().unwrap().is_none());
}

#[test]
fn too_many_failures_end_a_run_on_a_cluster_and_retried_parts_are_not_tried_twice() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let (one, out) = (root.path().join("one"), root.path().join("out"));
    let plan = planned(&corpus, &[]);
    let cluster = || Careless { order: Mutex::default() };
    let none = Some(Tolerance::Count(0));
    let strict = RunOptions { max_failures: none, ..RunOptions::default() };
    let ended = extract_on_cluster(&cluster(), &plan, &out, &strict, &()).unwrap_err();
    assert!(matches!(ended, Error::TooManyFailures { failures: 1, .. }), "{ended}");
    extract_on_cluster(&cluster(), &plan, &out, &RunOptions::default(), &()).unwrap();
    let retry = RunOptions { retry_failed: true, ..RunOptions::default() };
    let heard = Heard::default();
    let done = extract_on_cluster(&cluster(), &plan, &out, &retry, &heard).unwrap();
    assert_eq!((done.failures(), done.already_complete), (1, false));
    let heard = heard.0.into_inner().unwrap();
    assert_eq!(heard.iter().filter(|line| *line == "failed").count(), 1);
    extract(&plan, &one, &RunOptions::default(), &()).unwrap();
    assert_eq!(files(&one), files(&out));
}
