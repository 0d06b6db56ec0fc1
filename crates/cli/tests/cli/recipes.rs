//! What can be changed about a recipe, and what is said about mistakes.

use std::fs;

use ossicle_recipe::Recipe;
use ossicle_testing::Npy;

use crate::corpora::write_aligned;
use crate::datasets::{assert_same_dataset, card};
use crate::program::{Folder, extract, extract_with, ossicle};

const PRESETS: [&str; 19] = [
    "htk-mfcc",
    "kaldi-fbank",
    "kaldi-mfcc",
    "kaldi-mfcc-hires",
    "kaldi-plp",
    "kaldi-spectrogram",
    "lhotse-fbank",
    "librosa-mel",
    "librosa-mfcc",
    "psf-logfbank",
    "psf-mfcc",
    "timit-mel",
    "timit-mfcc",
    "timit-spectrogram",
    "timit-spikegram",
    "torchaudio-mel",
    "torchaudio-mfcc",
    "whisper-128",
    "whisper-80",
];

fn corpus() -> (Folder, std::path::PathBuf, std::path::PathBuf) {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a", "b"]);
    (folder, corpus, out)
}

#[test]
fn presets_lists_the_presets_with_what_they_are() {
    let ran = ossicle("presets").succeeds();
    insta::assert_snapshot!(ran.stdout);
    let names: Vec<_> =
        ran.stdout.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    let aliases = Recipe::preset_aliases().map(|(alias, _)| alias);
    assert_eq!(names, Recipe::preset_names().chain(aliases).collect::<Vec<_>>());
    assert!(PRESETS.iter().all(|preset| names.contains(preset)));
}

#[test]
fn a_printed_preset_ends_with_what_it_leaves_to_defaults() {
    let printed = ossicle("presets").arg("kaldi-fbank").succeeds().stdout;
    let (preset, defaults) = printed.split_once("\n# What it leaves to defaults").unwrap();
    assert!(preset.contains("\nnum_mel_bins = "), "{preset}");
    for line in ["# [[feature]]", "# spectrum = \"power\"", "# [output]", "# format = \"npy\""] {
        assert!(defaults.lines().any(|said| said == line), "{line:?} is not in: {defaults}");
    }
    assert!(defaults.lines().skip(1).all(|line| line.starts_with('#')), "{defaults}");
    assert!(!defaults.contains("num_mel_bins"), "the preset says it: {defaults}");
}

#[test]
fn a_model_s_own_file_gives_the_bytes_of_its_preset_and_names_what_it_does_not_know() {
    let (folder, corpus, out) = corpus();
    let config = folder.at("preprocessor_config.json");
    let text = "{\"feature_extractor_type\": \"SeamlessM4TFeatureExtractor\", \"num_mel_bins\": 80, \
                \"padding_side\": \"right\", \"sampling_rate\": 16000, \"stride\": 2}";
    fs::write(&config, text).unwrap();
    ossicle("extract").arg(&corpus).arg("--out").arg(&out).arg("--recipe").arg(&config).succeeds();
    let plain = folder.at("plain");
    extract_with("seamless80-stride2", &corpus, &plain).succeeds();
    let features = |out: &std::path::Path| fs::read(out.join("all/features-00000.npy")).unwrap();
    assert_eq!(features(&out), features(&plain));
    assert_eq!(card(&out)["preset"], "seamless80-stride2");
    let info = ossicle("info").arg(&out).succeeds().stdout;
    assert!(info.contains("recipe: equals the preset seamless80-stride2\n"), "{info}");
    let printed = ossicle("presets").arg(&config).succeeds().stdout;
    assert!(printed.contains("It equals the preset seamless80-stride2."), "{printed}");
    fs::write(&config, text.replace("stride", "strid")).unwrap();
    let ran = ossicle("presets").arg(&config).run();
    assert_eq!(ran.code(), 2);
    assert!(
        ran.stderr.contains("SeamlessM4TFeatureExtractor: unknown key `strid`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_printed_preset_read_back_as_a_recipe_gives_the_same_bytes() {
    for preset in PRESETS {
        let (folder, corpus, out) = corpus();
        let toml = ossicle("presets").arg(preset).succeeds().stdout;
        fs::write(folder.at("recipe.toml"), toml).unwrap();
        extract_with(preset, &corpus, &out).succeeds();
        let again = folder.at("again");
        let run = ossicle("extract").arg(&corpus).arg("--out").arg(&again);
        run.arg("--recipe").arg(folder.at("recipe.toml")).succeeds();
        assert_same_dataset(&out, &again, preset);
    }
}

#[test]
fn set_changes_a_key_and_the_card_says_so() {
    let (_folder, corpus, out) = corpus();
    extract(&corpus, &out).set(&["feature.num_ceps=13", "deltas.order=1"]).succeeds();
    assert_eq!(Npy::read(out.join("all/features-00000.npy")).shape[1], 26);
    let card = card(&out);
    assert_eq!(card["recipe"]["feature"][0]["num_ceps"], 13);
    let names = card["arrays"]["features"]["column_names"].as_array().unwrap();
    assert_eq!((names.len(), &names[0], &names[13]), (26, &"c0".into(), &"delta-c0".into()));
}

#[test]
fn frames_given_in_milliseconds_are_those_given_in_samples() {
    let (folder, corpus, out) = corpus();
    extract(&corpus, &out).set(&["frames.length=25ms", "frames.shift=10ms"]).succeeds();
    let plain = folder.at("plain");
    extract(&corpus, &plain).succeeds();
    let features = |out: &std::path::Path| fs::read(out.join("all/features-00000.npy")).unwrap();
    assert_eq!(features(&out), features(&plain));
    let frame = |out| card(out)["frame"].clone();
    assert_eq!(frame(&out), frame(&plain));
    assert_eq!(frame(&out)["first_centre"], 200);
}

/// Mistakes, each with what the answer must hold.
#[test]
fn mistakes_in_set_are_one_line_that_says_what_was_meant() {
    let (_folder, corpus, out) = corpus();
    for (assignment, words) in [
        ("feature.num_mel_bin=80", ["num_mel_bin", "did you mean \"num_mel_bins\"?"]),
        ("featur.num_mel_bins=80", ["featur", "did you mean \"feature\"?"]),
        ("feature.kind=mfc", ["mfc", "did you mean \"mfcc\"?"]),
        ("labels.at=centre", ["centre", "did you mean \"center\"?"]),
        ("feature.num_mel_bins=many", ["num_mel_bins", "many"]),
        ("feature.n_fft=100", ["n_fft", "100"]),
        ("frames.length=25", ["length", "25ms"]),
        ("num_ceps=13", ["num_ceps", "feature.num_mel_bins=80"]),
        ("nonsense", ["nonsense", "KEY=VALUE"]),
    ] {
        extract(&corpus, &out).set(&[assignment]).refuses(&words);
        assert!(!out.exists(), "{assignment}");
    }
}

#[test]
fn an_unknown_preset_is_refused_with_a_suggestion() {
    let (_folder, corpus, out) = corpus();
    let words = ["timit-mffc", "did you mean \"timit-mfcc\"?", "timit-spectrogram"];
    extract_with("timit-mffc", &corpus, &out).refuses(&words);
    ossicle("presets").arg("timit-mffc").refuses(&words);
    assert!(!out.exists());
}

#[test]
fn without_preset_and_recipe_the_run_is_refused_with_what_is_missing() {
    let (_folder, corpus, out) = corpus();
    let ran = ossicle("extract").arg(&corpus).arg("--out").arg(&out).exits(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("--preset"), "{}", ran.stderr);
    assert!(!out.exists());
}

#[test]
fn a_mistake_in_a_recipe_file_names_the_file_and_what_was_meant() {
    let (folder, corpus, out) = corpus();
    let path = folder.at("recipe.toml");
    let toml = ossicle("presets").arg("timit-mfcc").succeeds().stdout;
    fs::write(&path, toml.replace("num_ceps", "num_cep")).unwrap();
    let run = || ossicle("extract").arg(&corpus).arg("--out").arg(&out).arg("--recipe").arg(&path);
    let line = toml.lines().position(|line| line.starts_with("num_ceps")).unwrap() + 1;
    let place = format!("recipe.toml: line {line}, column 1: ");
    run().refuses(&[&place, "`num_cep`", "did you mean \"num_ceps\"?"]);
    fs::write(&path, toml.replace("\"mfcc\"", "\"mfcc")).unwrap();
    run().refuses(&["recipe.toml: line ", ", column "]);
    // What a change mends is no mistake of the file, and what it breaks is its own.
    fs::write(&path, &toml).unwrap();
    let ran = run().set(&["feature.num_ceps=0"]).refuses(&["--set feature.num_ceps=0: "]);
    assert!(!ran.stderr.contains("line "), "{}", ran.stderr);
    fs::remove_file(&path).unwrap();
    run().refuses(&["recipe.toml", "No such file"]);
    assert!(!out.exists());
}
