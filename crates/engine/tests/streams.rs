//! Features of several sample rates and frames in one dataset: each array is what a recipe of that feature alone
//! makes, bit for bit.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ossicle_corpus::CorpusSource;
use ossicle_dataset::{Dataset, Dtype, FrameCard, IndexRow, Unit, verify};
use ossicle_demo::{DemoConfig, write_corpus};
use ossicle_dsp::Level;
use ossicle_engine::{Bench, PlanRequest, RunOptions, Transform, Unusable, extract, plan};
use ossicle_recipe::{Recipe, RecipeSource};
use ossicle_testing::{Random, wav};

/// `[audio]` of all recipes.
const AUDIO: &str = "[audio]\nsample_rate_hz = 16000\nresample = \"hq\"\nscale = \"int16\"\n";

/// `[frames]` of those features that have none of their own.
const FRAMES: &str = "length = \"25ms\"\nshift = \"10ms\"\n";

/// Features, each with what it says of rate and frames, and its other keys.
const FEATURES: [(&str, Option<u32>, Option<&str>, &str); 6] = [
    ("fbank", None, None, "kind = \"mel\"\nn_fft = 512\nnum_mel_bins = 23\n"),
    (
        "whisper",
        None,
        Some(
            "length = \"400samples\"\nshift = \"160samples\"\nedges = \"center\"\npad = \"reflect\"\n",
        ),
        "kind = \"mel\"\nn_fft = 400\nnum_mel_bins = 40\nscale = \"unit\"\nlog = \"log10\"\nfloor = 1e-10\ntop_db = 80\n",
    ),
    (
        "mel24",
        Some(24_000),
        Some(
            "length = \"1920samples\"\nshift = \"480samples\"\nedges = \"same\"\npad = \"reflect\"\n",
        ),
        "kind = \"mel\"\nn_fft = 1920\nnum_mel_bins = 80\nscale = \"unit\"\n",
    ),
    ("mfcc8", Some(8000), None, "kind = \"mfcc\"\nn_fft = 256\nnum_mel_bins = 20\nnum_ceps = 13\n"),
    ("wave", None, None, "kind = \"waveform\"\ndtype = \"int16\"\n"),
    ("wave24", Some(24_000), None, "kind = \"waveform\"\nscale = \"unit\"\n"),
];

/// A recipe of all features; `after` stands behind `[frames]`.
fn of_all(after: &str) -> Recipe {
    let mut text = format!("{AUDIO}[frames]\n{FRAMES}{after}");
    for (name, rate, frames, keys) in FEATURES {
        text += &format!("[[feature]]\nname = \"{name}\"\n{keys}");
        text += &rate.map_or(String::new(), |hz| format!("sample_rate_hz = {hz}\n"));
        text += &frames.map_or(String::new(), |frames| format!("[feature.frames]\n{frames}"));
    }
    finish(&text)
}

/// A recipe of one of them, whose rate and frames are those of the recipe.
fn of_one(
    (name, rate, frames, keys): (&str, Option<u32>, Option<&str>, &str),
    after: &str,
) -> Recipe {
    let samples = "length = \"1samples\"\nshift = \"1samples\"\n";
    let is_waveform = keys.contains("waveform");
    let frames = if is_waveform { samples } else { frames.unwrap_or(FRAMES) };
    let audio = AUDIO.replace("16000", &rate.unwrap_or(16_000).to_string());
    let after = if is_waveform { "" } else { after };
    finish(&format!("{audio}[frames]\n{frames}{after}[[feature]]\nname = \"{name}\"\n{keys}"))
}

fn finish(text: &str) -> Recipe {
    text.parse::<RecipeSource>().and_then(RecipeSource::finish).unwrap()
}

fn made(corpus: &Path, out: &Path, recipe: Recipe, jobs: usize) -> Dataset {
    let plan = plan(PlanRequest::new(CorpusSource::Path(corpus.to_owned()), recipe)).unwrap();
    extract(&plan, out, &RunOptions { jobs: Some(jobs), ..RunOptions::default() }, &()).unwrap();
    Dataset::open(out).unwrap()
}

/// The rows of each utterance in an array, as they lie in its shards.
fn rows(dataset: &Dataset, split: &str, array: &str) -> Vec<Vec<u8>> {
    let of_card = &dataset.card().arrays[array];
    let row_bytes = of_card.dtype.size() * of_card.columns.max(1);
    let place = |place: IndexRow| {
        let shard = fs::read(dataset.shard_path(split, array, place.shard)).unwrap();
        let begin = of_card.dtype.header_bytes() + place.first_frame as usize * row_bytes;
        shard[begin..begin + place.num_frames as usize * row_bytes].to_vec()
    };
    dataset.index_of(split, array).unwrap().map(|row| place(row.unwrap())).collect()
}

/// All files of a dataset but what varies.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let card = Dataset::open(folder).unwrap().card().clone();
    let names = card.files.into_iter().map(|file| file.path).chain(["dataset.json".to_owned()]);
    names.map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

/// Voices of 16 kHz with alignments, and beside them a recording of more than a minute at another rate.
fn corpus(root: &Path) -> std::path::PathBuf {
    let corpus = root.join("corpus");
    write_corpus(&corpus, &DemoConfig { seed: 5, scale: 0.003 }).unwrap();
    corpus
}

#[test]
fn each_array_is_that_of_a_recipe_of_its_own() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let after = [
        "[normalize]\nstats_from = \"train\"\n[deltas]\norder = 1\nwindow = 2\n[[labels]]\nmap = \"timit-61\"\n",
        "[normalize]\nscope = \"utterance\"\n[splice]\nleft = 1\nright = 1\nevery = 3\n[[labels]]\nmap = \"timit-61\"\n",
        "[normalize]\nscope = \"sliding\"\n[output]\nshard_bytes = 400000\n",
    ];
    for (number, after) in after.into_iter().enumerate() {
        let all = made(&corpus, &root.path().join(format!("all{number}")), of_all(after), 3);
        assert_eq!(verify(all.root()).unwrap().findings, [], "{after}");
        assert_eq!(all.card().format, "ossicle-dataset/2");
        for feature in FEATURES {
            let out = root.path().join(format!("{}{number}", feature.0));
            let one = made(&corpus, &out, of_one(feature, after), 2);
            for split in ["train", "valid", "test"] {
                assert_eq!(one.card().format, "ossicle-dataset/1");
                let (found, expected) =
                    (rows(&all, split, feature.0), rows(&one, split, feature.0));
                assert!(!expected.is_empty() && found == expected, "{} {split} {after}", feature.0);
                if feature.0 == "fbank" && after.contains("labels") {
                    assert_eq!(rows(&all, split, "labels"), rows(&one, split, "labels"));
                }
            }
            let (array, alone) = (&all.card().arrays[feature.0], &one.card().arrays[feature.0]);
            assert_eq!((array.dtype, &array.column_names), (alone.dtype, &alone.column_names));
            let frame = array.frame.as_ref().unwrap_or(&all.card().frame);
            assert_eq!(frame, &one.card().frame, "{}", feature.0);
            let statistics = |of: &Dataset| of.card().normalization.get(feature.0).cloned();
            assert_eq!(statistics(&all), statistics(&one), "{}", feature.0);
        }
    }
}

#[test]
fn bytes_do_not_depend_on_workers_and_a_dataset_gives_its_rows_again() {
    let root = tempfile::tempdir().unwrap();
    let corpus = corpus(root.path());
    let after = "[normalize]\nstats_from = \"all\"\n[[labels]]\nmap = \"timit-61\"\n";
    let one = made(&corpus, &root.path().join("one"), of_all(after), 1);
    made(&corpus, &root.path().join("four"), of_all(after), 4);
    assert_eq!(files(&root.path().join("one")), files(&root.path().join("four")));
    let transform = Transform::of_dataset(one.root(), None, Level::detect()).unwrap();
    let names: Vec<String> = transform.arrays().map(|(name, _)| name.to_owned()).collect();
    for (at, row) in one.utterances("train").unwrap().enumerate() {
        let row = row.unwrap();
        let mut samples = Vec::new();
        let options = ossicle_audio::OpenOptions::default();
        let path = corpus.join(&row.source);
        let mut recording = ossicle_audio::Recording::open(&path, options).unwrap();
        recording.read_to_end(&mut samples).unwrap();
        let samples = &samples[row.start_sample as usize..row.end_sample as usize];
        let found =
            transform.rows(samples, &row.id, Unusable::Refuse, &mut Bench::default()).unwrap();
        for (name, found) in names.iter().zip(found) {
            let expected = &rows(&one, "train", name)[at];
            let bytes: Vec<u8> = match one.card().arrays[name].dtype {
                Dtype::Int16 => found.iter().flat_map(|&x| (x as i16).to_le_bytes()).collect(),
                _ => found.iter().flat_map(|x| x.to_le_bytes()).collect(),
            };
            assert!(&bytes == expected, "{name} of {}", row.id);
        }
    }
}

#[test]
fn a_long_recording_is_decoded_once_and_its_rows_are_those_of_each_alone() {
    let root = tempfile::tempdir().unwrap();
    let corpus = root.path().join("corpus");
    fs::create_dir(&corpus).unwrap();
    let mut random = Random::with_seed(1);
    // A minute and a half, of which no feature takes more than a minute at a time.
    let samples: Vec<i16> = (0..22_050 * 90).map(|_| random.i16(-9000..9000)).collect();
    fs::write(corpus.join("long.wav"), wav(&samples, 1, 22_050)).unwrap();
    let all = made(&corpus, &root.path().join("all"), of_all(""), 2);
    for feature in FEATURES {
        let one = made(&corpus, &root.path().join(feature.0), of_one(feature, ""), 1);
        assert!(rows(&all, "all", feature.0) == rows(&one, "all", feature.0), "{}", feature.0);
    }
    let wave = &all.card().arrays["wave"];
    assert_eq!((wave.unit, wave.dtype, wave.columns), (Unit::Sample, Dtype::Int16, 1));
    let frame = FrameCard {
        sample_rate_hz: Some(16_000),
        length: Some(1),
        shift: Some(1),
        first_centre: Some(0),
    };
    assert_eq!(wave.frame, Some(frame));
}

#[test]
fn samples_of_16_bits_come_back_as_they_were() {
    let root = tempfile::tempdir().unwrap();
    let corpus = root.path().join("corpus");
    fs::create_dir(&corpus).unwrap();
    let samples: Vec<i16> = (i16::MIN..=i16::MAX).step_by(3).collect();
    fs::write(corpus.join("a.wav"), wav(&samples, 1, 16_000)).unwrap();
    let all = made(&corpus, &root.path().join("all"), of_all(""), 1);
    let bytes: Vec<u8> = samples.iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(rows(&all, "all", "wave"), [bytes]);
}

#[test]
fn a_damaged_index_of_an_array_is_found() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("all");
    made(&corpus(root.path()), &out, of_all(""), 2);
    let path = out.join("train/index-mel24.npy");
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() = 1;
    let at = bytes.len() - 8;
    bytes[at] ^= 1;
    fs::write(&path, bytes).unwrap();
    let findings = verify(&out).unwrap().findings;
    assert!(findings.iter().any(|finding| finding.file == "train/index-mel24.npy"), "{findings:?}");
}
