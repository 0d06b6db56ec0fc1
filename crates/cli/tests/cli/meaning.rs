//! Columns that would mean several things, or nothing, or another thing than was asked for.

use std::path::Path;

use ossicle_testing::{Npy, wav as wav_of};

use crate::corpora::{PHONES, sound, wav, write, write_aligned};
use crate::datasets::{card, tree};
use crate::notices::{no_notice, notice};
use crate::program::{Folder, extract, extract_with, ossicle};

/// Writes a recording of half a second's samples at 16 kHz, at any rate.
fn write_at(path: &Path, sample_rate_hz: u32) {
    write(path.with_extension("wav"), wav_of(&sound(1, 8000), 1, sample_rate_hz));
    write(path.with_extension("PHN"), PHONES);
}

#[test]
fn speakers_are_needed_to_normalise_by_them() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a", "b"]);
    let run = extract_with("kaldi-mfcc", folder.at("corpus"), &folder.at("out"));
    let words =
        ["none of 2 utterances has a speaker", "first is a", "--set normalize.scope=utterance"];
    run.set(&["normalize.scope=speaker"]).refuses(&words);
    assert!(!folder.at("out").exists());
}

#[test]
fn several_sample_rates_are_refused_before_the_work_unless_they_are_meant() {
    let folder = Folder::new();
    for (name, rate) in [("a", 16_000), ("b", 16_000), ("c", 44_100)] {
        write_at(&folder.at("corpus").join(name), rate);
    }
    let out = folder.at("out");
    let run = || extract_with("kaldi-mfcc", folder.at("corpus"), &out);
    let words = [
        "2 of 16000 Hz (the first is a), 1 of 44100 Hz (the first is c)",
        "--set audio.sample_rate_hz=16000",
        "--set audio.mixed_rates=true",
    ];
    run().refuses(&words);
    assert!(!out.exists(), "nothing is written");
    run().set(&["audio.sample_rate_hz=16000"]).exits(1);
    assert_eq!(card(&out)["splits"][0]["utterances"], 2);
    let told = run().set(&["audio.mixed_rates=true"]).args(["--json", "--overwrite"]).succeeds();
    assert_eq!(notice(&told, "sample-rates")["count"], 2);
    assert_eq!(card(&out)["splits"][0]["utterances"], 3);
}

#[test]
fn a_rare_rate_that_no_look_has_met_is_refused_before_publishing_and_its_work_is_kept() {
    let folder = Folder::new();
    // Of 300 recordings, every second header is looked at.
    let names: Vec<String> = (0..300).map(|n| format!("{n:03}")).collect();
    for name in &names {
        let rate = if name == "101" { 8000 } else { 16_000 };
        write(folder.at(&format!("corpus/{name}.wav")), wav_of(&sound(1, 800), 1, rate));
    }
    let out = folder.at("out");
    let run = || extract_with("kaldi-mfcc", folder.at("corpus"), &out);
    let refused = run().exits(2);
    for words in ["299 of 16000 Hz", "1 of 8000 Hz (the first is 101)"] {
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    assert!(!out.join("dataset.json").exists());
    let meant = run().set(&["audio.mixed_rates=true"]).arg("--json").succeeds().json();
    assert_eq!(meant["resumed_parts"], meant["parts"]);
    // What is there is what it is, however it is asked for.
    let before = tree(&out);
    let again = run().arg("--json").succeeds().json();
    assert_eq!(again["already_complete"], true);
    assert_eq!(tree(&out), before);
}

#[test]
fn frames_in_samples_are_told_at_a_rate_that_they_were_not_made_for() {
    let folder = Folder::new();
    write_at(&folder.at("corpus/a"), 8000);
    let out = folder.at("out");
    let told = extract(folder.at("corpus"), &out).arg("--json").succeeds();
    let said = notice(&told, "frames-of-other-rate");
    assert_eq!(said["first"], "a");
    let text = said["text"].as_str().unwrap();
    for words in ["400 samples last 50.0 ms at 8000 Hz", "--set frames.length=25ms"] {
        assert!(text.contains(words), "{text}");
    }
    let advised = ["frames.length=25ms", "frames.shift=10ms"];
    let advised = extract(folder.at("corpus"), &out).set(&advised).args(["--json", "--overwrite"]);
    no_notice(&advised.succeeds(), "frames-of-other-rate");
    write_at(&folder.at("usual/a"), 16_000);
    let usual = extract(folder.at("usual"), &folder.at("other")).arg("--json").succeeds();
    no_notice(&usual, "frames-of-other-rate");
}

#[test]
fn constant_columns_of_what_is_normalised_by_are_told() {
    let folder = Folder::new();
    write(folder.at("corpus/a.wav"), wav(&[0; 8000]));
    let told = extract_with("timit-mel", folder.at("corpus"), &folder.at("out")).arg("--json");
    let said = notice(&told.succeeds(), "constant-columns");
    let columns = card(&folder.at("out"))["arrays"]["features"]["columns"].clone();
    assert_eq!((&said["count"], &said["first"]), (&columns, &"mel0".into()));
    write(folder.at("loud/a.wav"), wav(&sound(1, 8000)));
    let loud = extract_with("timit-mel", folder.at("loud"), &folder.at("other")).arg("--json");
    no_notice(&loud.succeeds(), "constant-columns");
}

#[test]
fn statistics_of_something_else_are_refused_and_the_difference_is_named() {
    let folder = Folder::new();
    for (name, rate) in [("wide", 16_000), ("narrow", 8000)] {
        write_at(&folder.at(name).join("a"), rate);
    }
    let narrow = extract_with("psf-mfcc", folder.at("narrow"), &folder.at("theirs"));
    let normalised = ["normalize.stats_from=all"];
    narrow.set(&normalised).succeeds();
    let from = format!("normalize.stats_from={}", folder.at("theirs").display());
    let run = |set: &[&str]| {
        let run = extract_with("psf-mfcc", folder.at("wide"), &folder.at("ours"));
        run.set(&[&[from.as_str()], set].concat())
    };
    run(&[]).refuses(&["are of recordings of 8000 Hz", "1 of 16000 Hz (the first is a)"]);
    assert!(!folder.at("ours").exists());
    let other = ["frames.shift=5ms"];
    run(&other).refuses(&["are of other columns", "its frames.shift was", "is now \"5ms\""]);
    let other = ["audio.scale=midpoint"];
    run(&other).refuses(&["its audio.scale was", "is now \"midpoint\""]);
    // Edges decide which frames there are, and not what is in them.
    let narrow = extract_with("psf-mfcc", folder.at("narrow"), &folder.at("ours"));
    narrow.set(&[&from, "frames.edges=snip"]).succeeds();
}

#[test]
fn speech_is_not_judged_by_a_column_that_is_no_energy() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let run =
        |set: &[&str]| extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("out")).set(set);
    let words = ["[vad] goes by the log energy in the first column, and that is mel0"];
    run(&["vad.name=speech"]).refuses(&words);
    run(&["vad.name=speech", "feature.use_energy=true"]).succeeds();
    let ceps = extract_with("kaldi-mfcc", folder.at("corpus"), &folder.at("ceps"));
    ceps.set(&["vad.name=speech"]).succeeds();
    ossicle("verify").arg(folder.at("ceps")).succeeds();
}

#[test]
fn mel_filters_without_a_bin_are_told_with_their_columns_and_what_helps() {
    let folder = Folder::new();
    write_at(&folder.at("corpus/a"), 8000);
    let run = |preset: &str, set: &[&str]| {
        let run = extract_with(preset, folder.at("corpus"), &folder.at("out"));
        run.set(set).args(["--json", "--overwrite"]).succeeds()
    };
    // Cepstra are made of such filters too.
    for preset in ["kaldi-fbank", "kaldi-mfcc", "kaldi-plp"] {
        let said = notice(&run(preset, &["feature.num_mel_bins=120"]), "empty-filters");
        assert_eq!((&said["count"], &said["first"]), (&3.into(), &"mel1".into()), "{preset}");
        let text = said["text"].as_str().unwrap();
        for words in
            ["3 of 120", "256 samples at 8000 Hz", "(mel1, mel4, mel9); ", "--set features.n_fft"]
        {
            assert!(text.contains(words), "{text}");
        }
        let longer = ["feature.num_mel_bins=120", "features.n_fft=1024"];
        no_notice(&run(preset, &longer), "empty-filters");
        no_notice(&run(preset, &["features.num_mel_bins=23"]), "empty-filters");
    }
    // They are the columns that are one number in every frame.
    let said = notice(&run("kaldi-fbank", &["feature.num_mel_bins=120"]), "empty-filters");
    let values = Npy::read(folder.at("out/all/features-00000.npy")).f32s();
    let is_constant = |at: &usize| values[*at..].iter().step_by(120).all(|x| *x == values[*at]);
    let constant: Vec<_> = (0..120).filter(is_constant).map(|at| format!("mel{at}")).collect();
    assert!(
        said["text"].as_str().unwrap().contains(&format!("({})", constant.join(", "))),
        "{said}"
    );
    let said = notice(&run("kaldi-fbank", &["feature.num_mel_bins=1000"]), "empty-filters");
    assert_eq!(said["count"], 746);
    let dry = extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("out"));
    let dry = dry.set(&["feature.num_mel_bins=1000"]).args(["--json", "--dry-run"]).succeeds();
    assert_eq!(notice(&dry, "empty-filters"), said);
}
