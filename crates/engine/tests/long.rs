//! Recordings that are too long to be held: the rows of one that is extracted whole, bit for bit.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use ossicle_corpus::CorpusSource;
use ossicle_dsp::{
    EnergyVad, Extractor, Level, Scratch, SlidingConfig, SlidingNormalizer, VadConfig,
};
use ossicle_engine::{PlanRequest, RunOptions, extract};
use ossicle_recipe::{Recipe, RecipeSource};
use ossicle_testing::{Npy, noise_i16, wav};

/// Longer than a piece, which has 2^20 samples.
const NUM_SAMPLES: usize = 2_300_000;

/// A loud second in the middle of noise: what is relative to the largest value depends on it.
fn samples() -> Vec<i16> {
    let mut samples = noise_i16(NUM_SAMPLES, 7);
    samples[..1_700_000].iter_mut().for_each(|x| *x /= 200);
    samples[1_716_000..].iter_mut().for_each(|x| *x /= 200);
    samples
}

fn write_wav(path: &Path, samples: &[i16]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, wav(samples, 1, 16_000)).unwrap();
}

/// Extracts the long recording, and gives the recipe.
fn run(folder: &Path, preset: &str, sets: &[&str]) -> Recipe {
    let mut source: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
    sets.iter().for_each(|set| source.set(set).unwrap());
    let recipe = source.finish().unwrap();
    let corpus = CorpusSource::Path(folder.join("corpus"));
    let plan = ossicle_engine::plan(PlanRequest::new(corpus, recipe.clone())).unwrap();
    let outcome = extract(&plan, &folder.join("out"), &RunOptions::default(), &()).unwrap();
    assert_eq!((outcome.failures(), outcome.utterances()), (0, 1));
    recipe
}

/// The rows of the whole recording at once.
fn whole(recipe: &Recipe, samples: &[i16]) -> (Vec<f32>, usize) {
    let samples: Vec<f32> = samples.iter().map(|&x| f32::from(x) / 32768.0).collect();
    let extractor =
        Extractor::side_by_side(&recipe.feature_configs(16_000), Level::detect()).unwrap();
    let mut rows = vec![0.0; extractor.num_frames(samples.len()) * extractor.dim()];
    extractor.extract_into(&samples, &mut Scratch::default(), &mut rows);
    (rows, extractor.dim())
}

fn bytes(rows: &[f32]) -> Vec<u8> {
    rows.iter().flat_map(|x| x.to_le_bytes()).collect()
}

const BARE: [&str; 3] = ["normalize.mean=false", "normalize.variance=false", "deltas.order=0"];

#[test]
fn a_long_recording_has_the_rows_of_one_that_is_extracted_whole() {
    let folder = tempfile::tempdir().unwrap();
    let samples = samples();
    write_wav(&folder.path().join("corpus/long.wav"), &samples);
    for (preset, sets) in
        [("timit-mfcc", &BARE[..]), ("kaldi-fbank", &[]), ("whisper-80", &[]), ("librosa-mel", &[])]
    {
        let recipe = run(folder.path(), preset, sets);
        let expected = bytes(&whole(&recipe, &samples).0);
        let found = Npy::read(folder.path().join("out/all/features-00000.npy")).data;
        assert!(found == expected, "{preset}");
        fs::remove_dir_all(folder.path().join("out")).unwrap();
    }
}

#[test]
fn a_sliding_window_and_a_mask_of_speech_are_those_of_the_whole_too() {
    let folder = tempfile::tempdir().unwrap();
    let samples = samples();
    write_wav(&folder.path().join("corpus/long.wav"), &samples);
    let sets = ["normalize.scope=sliding", "normalize.mean=true", "normalize.variance=true"];
    let recipe = run(
        folder.path(),
        "kaldi-mfcc",
        &[
            &sets[..],
            &["vad.frames_context=3", "vad.energy_mean_scale=1", "vad.energy_threshold=0.5"],
        ]
        .concat(),
    );
    let (rows, dim) = whole(&recipe, &samples);
    let config = SlidingConfig { normalize_variance: true, ..SlidingConfig::default() };
    let mut slid = Vec::new();
    SlidingNormalizer::new(config).unwrap().begin(dim, Level::detect()).finish(&rows, &mut slid);
    assert!(Npy::read(folder.path().join("out/all/features-00000.npy")).data == bytes(&slid));

    let config = VadConfig {
        frames_context: 3,
        energy_mean_scale: 1.0,
        energy_threshold: 0.5,
        ..VadConfig::default()
    };
    let mut mask = Vec::new();
    let energies = || rows.iter().step_by(dim).copied();
    let sum = energies().fold(0.0, |sum, energy| sum + f64::from(energy));
    let vad = EnergyVad::new(config).unwrap();
    vad.begin(sum / energies().count() as f64).finish(energies(), &mut mask);
    let mask: Vec<u8> = mask.iter().flat_map(|x| x.to_le_bytes()).collect();
    assert!(
        mask.contains(&1) && mask.chunks(2).any(|x| x == [0, 0]),
        "there is speech and silence"
    );
    assert!(Npy::read(folder.path().join("out/all/vad-00000.npy")).data == mask);
}
