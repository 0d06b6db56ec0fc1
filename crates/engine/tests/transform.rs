//! Samples in memory have the rows that a dataset of their recordings has, bit for bit.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use ossicle_audio::{OpenOptions, Recording};
use ossicle_corpus::CorpusSource;
use ossicle_dataset::{Dataset, NpyHeader, UtteranceRow, read_rows};
use ossicle_demo::{DemoConfig, write_corpus};
use ossicle_dsp::Level;
use ossicle_engine::{Bench, Error, PlanRequest, RunOptions, Transform, extract, plan};
use ossicle_recipe::{Recipe, RecipeSource};

/// Makes a dataset of the demo's voices, in several workers.
fn made(root: &Path, preset: &str, sets: &[&str]) -> Dataset {
    let corpus = root.join("corpus");
    if !corpus.exists() {
        write_corpus(&corpus, &DemoConfig { seed: 3, scale: 0.003 }).unwrap();
    }
    let recipe = recipe(preset, sets);
    let plan = plan(PlanRequest::new(CorpusSource::Path(corpus), recipe)).unwrap();
    let out = root.join(format!("{preset}-{}", sets.len()));
    let options = RunOptions { jobs: Some(2), ..RunOptions::default() };
    extract(&plan, &out, &options, &()).unwrap();
    Dataset::open(&out).unwrap()
}

fn recipe(preset: &str, sets: &[&str]) -> Recipe {
    let mut source: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
    sets.iter().for_each(|set| source.set(set).unwrap());
    source.finish().unwrap()
}

/// Compares every utterance of a dataset's splits with its recording's rows.
fn compare(dataset: &Dataset, transform: &Transform, corpus: &Path) {
    let mut bench = Bench::default();
    let mut compared = 0;
    for split in dataset.card().splits.iter().map(|split| &split.name) {
        let index = dataset.index(split).unwrap();
        for (row, place) in dataset.utterances(split).unwrap().zip(index) {
            let (row, place): (UtteranceRow, _) = (row.unwrap(), place.unwrap());
            let mut samples = Vec::new();
            let path = corpus.join(&row.source);
            let mut recording = Recording::open(&path, OpenOptions::default()).unwrap();
            recording.read_to_end(&mut samples).unwrap();
            let samples = &samples[row.start_sample as usize..row.end_sample as usize];
            let found = transform.rows(samples, &row.id, &mut bench).unwrap();
            for ((name, columns), found) in transform.arrays().zip(found) {
                let path = dataset.shard_path(split, name, place.shard);
                let rows = place.first_frame..place.first_frame + place.num_frames;
                let mut expected = Vec::new();
                read_rows(&path, &NpyHeader::read(&path).unwrap(), rows, &mut expected).unwrap();
                assert_eq!(found.len(), columns.len() * place.num_frames as usize, "{}", row.id);
                let bits = |rows: &[f32]| rows.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert!(bits(&found) == bits(&expected), "{} of {}", name, row.id);
            }
            compared += 1;
        }
    }
    assert!(compared > 3, "{compared}");
}

#[test]
fn every_preset_gives_the_rows_of_a_dataset() {
    let root = tempfile::tempdir().unwrap();
    for preset in Recipe::preset_names().filter(|name| *name != "timit-spikegram") {
        // There are no statistics of a corpus.
        let sets = &["normalize="];
        let dataset = made(root.path(), preset, sets);
        let transform = Transform::new(&recipe(preset, sets), 16_000, Level::detect()).unwrap();
        compare(&dataset, &transform, &root.path().join("corpus"));
    }
}

#[test]
fn what_a_dataset_was_made_by_gives_its_rows_again() {
    let root = tempfile::tempdir().unwrap();
    let more = ["splice.left=1", "splice.right=2", "feature.dither=1.0"];
    for (preset, sets) in [
        (
            "kaldi-mfcc",
            &["normalize.scope=corpus", "deltas.order=2", more[0], more[1], more[2]][..],
        ),
        ("kaldi-fbank", &["normalize.scope=utterance", "normalize.variance=false"]),
        ("kaldi-fbank", &["normalize.scope=sliding"]),
    ] {
        let dataset = made(root.path(), preset, sets);
        let transform = Transform::of_dataset(dataset.root(), None, Level::detect()).unwrap();
        compare(&dataset, &transform, &root.path().join("corpus"));
    }
}

#[test]
fn what_takes_a_corpus_says_so() {
    let planned = |preset: &str| Transform::new(&recipe(preset, &[]), 16_000, Level::detect());
    assert!(matches!(planned("timit-mfcc"), Err(Error::NoCorpus { from }) if from == "train"));
    let transform = planned("kaldi-fbank").unwrap();
    let error = transform.rows(&[0.0; 399], "", &mut Bench::default()).unwrap_err();
    assert_eq!(error.to_string(), "there are 399 samples, and the first row takes 400");
    assert_eq!((transform.num_frames(399), transform.num_frames(400)), (0, 1));
}
