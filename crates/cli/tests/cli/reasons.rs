//! A message names the reason that decides, and advice that helps.

use std::fs;

use crate::corpora::{sound, wav, write, write_aligned};
use crate::datasets::{card, rows};
use crate::program::{Folder, extract, extract_with};

#[test]
fn a_recording_too_short_for_a_frame_is_told_what_the_first_frame_takes() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    let samples = |count| wav(&sound(1, count));
    for (preset, least) in [
        ("whisper-80", "the first frame takes 160 samples; there are only 159"),
        ("lhotse-fbank", "the first frame takes 80 samples; there are only 79"),
        ("kaldi-fbank", "a frame is 400 samples long; there are only 399"),
    ] {
        let words: Vec<usize> =
            least.split([' ', ';']).filter_map(|word| word.parse().ok()).collect();
        let (enough, given) = (words[0], words[1]);
        write(corpus.join("short.wav"), samples(given));
        write(corpus.join("enough.wav"), samples(enough));
        let out = folder.at(preset);
        extract_with(preset, &corpus, &out).exits(1);
        let ledger = rows(out.join("failures.jsonl"));
        let errors: Vec<_> = ledger.iter().map(|row| (&row["id"], &row["error"])).collect();
        assert_eq!(errors, [(&"short".into(), &least.into())], "{preset}");
    }
}

#[test]
fn a_phone_that_the_map_does_not_have_is_looked_for_in_the_alignment() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a", "b"]);
    write(folder.at("corpus/a.PHN"), "0 4000 h#\n4000 8000 zz\n");
    fs::write(folder.at("corpus/list"), "a.wav\nb.wav\n").unwrap();
    let ran = extract(folder.at("corpus/list"), &folder.at("out")).exits(1);
    assert!(ran.stderr.contains("a.PHN: the label map has no phone `zz`"), "{}", ran.stderr);
}

#[test]
fn a_channel_that_is_not_there_is_told_which_are() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write(corpus.join("mono.wav"), wav(&sound(1, 8000)));
    let ran = extract_with("kaldi-fbank", &corpus, &folder.at("out"));
    let ran = ran.set(&["audio.channel=1"]).exits(2);
    let words = "channel 1 was asked for, and there is only channel 0; choose";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
}

#[test]
fn keys_that_kaldis_most_usual_switch_makes_nothing_of_are_left_out_with_a_word() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let out = folder.at("out");
    let ran = extract_with("kaldi-mfcc", folder.at("corpus"), &out);
    let ran = ran.set(&["feature.use_energy=false"]).succeeds();
    let notice = "ossicle: of the recipe, feature.energy_of, feature.energy_floor mean nothing with \
                  use_energy = false, and are left out";
    assert_eq!(ran.lines_with("ossicle: of the recipe"), [notice]);
    let names = &card(&out)["arrays"]["features"]["column_names"];
    assert_eq!((&names[0], &names[12]), (&"c0".into(), &"c12".into()));
    let ran = extract_with("kaldi-mfcc", folder.at("corpus"), &folder.at("none"));
    let both = ["feature.use_energy=false", "feature.energy_of=raw"];
    ran.set(&both)
        .refuses(&["--set feature.energy_of=raw: in [[feature]]: energy_of means nothing"]);
}

#[test]
fn a_missing_key_of_a_table_that_appears_is_told_with_a_value() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let run =
        |set: &[&str]| extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("out")).set(set);
    let advised = "--set labels.map=timit-39";
    run(&["labels.tier=phones"]).refuses(&["[[labels]] needs map", advised]);
    run(&["labels.tier=phones", advised.trim_start_matches("--set ")]).succeeds();
    assert_eq!(card(&folder.at("out"))["label_names"]["labels"].as_array().unwrap().len(), 39);
}

#[test]
fn one_of_a_thing_is_not_several() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let ran = extract(folder.at("corpus"), &folder.at("out")).succeeds();
    assert!(
        ran.stdout.starts_with("1 utterance stored, none failed\n0.5 s of audio, "),
        "{}",
        ran.stdout
    );
    assert!(ran.stderr.contains("all: 1 utterance, time"), "{}", ran.stderr);
    assert!(ran.stdout.contains("    index = np.load("), "{}", ran.stdout);
}
