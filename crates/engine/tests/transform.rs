//! Samples in memory have the rows that a dataset of their recordings has, bit for bit.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use ossicle_audio::{OpenOptions, Recording};
use ossicle_corpus::CorpusSource;
use ossicle_dataset::{Dataset, NpyHeader, UtteranceRow, read_rows};
use ossicle_demo::{DemoConfig, write_corpus};
use ossicle_dsp::Level;
use ossicle_engine::{Bench, Error, PlanRequest, RunOptions, Transform, Unusable, extract, plan};
use ossicle_recipe::{Recipe, RecipeSource};

/// Makes a dataset of the demo's voices, in several workers.
fn made(root: &Path, preset: &str, sets: &[&str]) -> Dataset {
    let corpus = root.join("corpus");
    if !corpus.exists() {
        write_corpus(&corpus, &DemoConfig { seed: 3, scale: 0.003 }).unwrap();
    }
    let recipe = recipe(preset, sets);
    let plan = plan(PlanRequest::new(CorpusSource::Path(corpus), recipe)).unwrap();
    let out = root.join(format!("{preset}-{}", sets.join("-").replace('/', "")));
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
            let found = transform.rows(samples, &row.id, Unusable::Refuse, &mut bench).unwrap();
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
        // The voices are of 16 kHz.
        let wanted_hz = recipe(preset, &[]).audio().sample_rate_hz;
        if wanted_hz.is_some_and(|hz| hz != 16_000) {
            continue;
        }
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
        ("nemo-mel80-norm", &[]),
        ("espnet-logmel80-mvn", &[]),
        ("seamless80-stride2", &[]),
        ("seamless80-stride1", &["normalize.columns=together"]),
        (
            "kaldi-mfcc",
            &["normalize.scope=corpus", "normalize.columns=together", "normalize.ddof=1"],
        ),
        ("ast128", &[]),
        ("wav2vec2-wave", &[]),
        (
            "funasr-lfr",
            &[
                "splice.at=before",
                "deltas.order=1",
                "normalize.scope=constants",
                "normalize.means=4.5",
                "normalize.stds=2",
            ],
        ),
        ("funasr-lfr", &["splice.at=before", "normalize.scope=utterance", "splice.last=drop"]),
        ("whisper-80", &["frames.chunk=500ms"]),
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
    let bench = &mut Bench::default();
    let error = transform.rows(&[0.0; 399], "", Unusable::Refuse, bench).unwrap_err();
    assert_eq!(error.to_string(), "there are 399 samples, and the first row takes 400");
    assert_eq!((transform.num_frames(399), transform.num_frames(400)), (0, 1));
}

#[test]
fn samples_that_are_not_finite_are_refused_or_spoil_the_rows_that_hold_them() {
    let bench = &mut Bench::default();
    // librosa's rows depend on the largest value of the recording, too.
    for (preset, sets) in [
        ("kaldi-fbank", &["frames.edges=symmetric"][..]),
        ("kaldi-mfcc", &["frames.edges=snip"]),
        ("librosa-mfcc", &["frames.shift=160samples"]),
    ] {
        let transform = Transform::new(&recipe(preset, sets), 16_000, Level::detect()).unwrap();
        let clean: Vec<f32> = (0..16_000).map(|n| ((n * 37) % 200) as f32 * 1e-3 - 0.1).collect();
        for (bad, value) in [(3, f32::NAN), (5000, f32::INFINITY), (15_999, -1e30)] {
            let (mut given, mut silent) = (clean.clone(), clean.clone());
            given[bad] = value;
            silent[bad] = 0.0;
            let refused = transform.rows(&given, "", Unusable::Refuse, bench).unwrap_err();
            assert_eq!(refused.to_string(), format!("sample {bad} is {value}"));
            let kept = transform.rows(&given, "", Unusable::Keep, bench).unwrap().remove(0);
            let expected = transform.rows(&silent, "", Unusable::Refuse, bench).unwrap().remove(0);
            let dim = transform.arrays().next().unwrap().1.len();
            let (frames, mut spoilt) = (transform.frames(), 0);
            for (t, (kept, expected)) in kept.chunks(dim).zip(expected.chunks(dim)).enumerate() {
                let begin = frames.first_sample() + (t * frames.shift) as isize;
                let places = begin..begin + frames.length as isize;
                if places.contains(&(bad as isize)) {
                    assert!(kept.iter().all(|x| x.is_nan()), "{preset}, frame {t}");
                    spoilt += 1;
                } else {
                    assert!(kept == expected, "{preset}, frame {t}");
                }
            }
            assert!(spoilt > 0 || preset == "kaldi-mfcc" && bad == 15_999, "{preset} {bad}");
        }
    }
}

#[test]
fn samples_of_another_rate_than_the_recipe_s_are_refused() {
    let error = Transform::new(&recipe("whisper-80", &[]), 8000, Level::detect()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the recipe is for recordings of 16000 Hz, and the samples are of 8000"
    );
}
