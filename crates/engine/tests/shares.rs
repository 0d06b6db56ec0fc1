//! Shares of a job, computed apart: what is published afterwards is what one run writes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ossicle_corpus::CorpusSource;
use ossicle_dataset::Dataset;
use ossicle_demo::{DemoConfig, write_corpus};
use ossicle_dsp::Level;
use ossicle_engine::{
    Error, Plan, PlanRequest, RunOptions, Share, ShareOutcome, check_shares, compute_share,
    extract, plan, store_plan,
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
