//! A message names the reason that decides, and advice that helps.

use std::fs;
use std::path::Path;

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

#[test]
fn linear_prediction_of_frames_that_are_too_short_is_no_matter_of_loudness() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write(corpus.join("a.wav"), wav(&sound(1, 3000)));
    let run = |length: &str, more: &[&str]| {
        let length = format!("frames.length={length}samples");
        let plp = extract_with("kaldi-plp", &corpus, &out).arg("--overwrite");
        plp.set(&[&length, "frames.shift=1samples"]).set(more)
    };
    for length in ["3", "8"] {
        let ran = run(length, &[]).exits(2);
        let words = format!(
            "column 1 is not finite: frames of {length} samples have too few frequencies for linear \
             prediction of order 12; take longer frames or a smaller lpc_order"
        );
        assert!(ran.stderr.contains(&words), "{}", ran.stderr);
        assert!(ran.stderr.contains("1 unfit-rate") && !ran.stderr.contains("square"));
    }
    // What it says helps.
    run("16", &[]).succeeds();
    run("8", &["feature.lpc_order=3", "feature.num_ceps=3"]).succeeds();
}

#[test]
fn a_missing_alignment_is_named_and_not_only_the_recording() {
    let folder = Folder::new();
    let out = folder.at("out");
    write_aligned(&folder.at("corpus"), &["a", "b"]);
    fs::remove_file(folder.at("corpus/b.PHN")).unwrap();
    write(folder.at("list.txt"), "corpus/a.wav\ncorpus/b.wav\n");
    for corpus in ["corpus", "list.txt"] {
        let ran = extract(folder.at(corpus), &out).arg("--overwrite").exits(1);
        let missing = folder.at("corpus/b.wav").display().to_string();
        let line = ran.stderr.lines().find(|line| line.contains("no .PHN file")).unwrap();
        // A list's paths are relative to its folder.
        let line = line.replace("/./", "/");
        assert!(line.contains(&format!(" {missing}: there is no .PHN file beside ")), "{line}");
        assert!(ran.stdout.contains("no .PHN file beside") && ran.stdout.contains("b.wav"));
    }
}

#[test]
fn what_a_recipe_names_and_has_changed_is_named() {
    let folder = Folder::new();
    let (corpus, out, map) = (folder.at("corpus"), folder.at("out"), folder.at("phones.txt"));
    write_aligned(&corpus, &["a", "b"]);
    let phones = ["h#", "sh", "iy", "q"];
    let write_map = |first: &str| {
        let classes = phones.iter().enumerate();
        let lines = classes.map(|(i, p)| format!("{p} {}\n", if i == 0 { first } else { p }));
        write(&map, lines.collect::<String>());
    };
    write_map("sil");
    let by_map = format!("labels.map={}", map.display());
    let run = || extract(&corpus, &out).set(&[&by_map]);
    run().succeeds();
    write_map("silence");
    let changed = format!("another job: the label map {} has changed; --overwrite", map.display());
    run().refuses(&[&changed]);
    // Classes of the same names, differently given, are not in the card.
    write_map("sil");
    run().succeeds();
    let text = fs::read_to_string(&map).unwrap();
    write(&map, text.replace("iy iy\n", "iy iy\n# a word\n"));
    let said = run().exits(2).stderr;
    let words = format!("the label map {} has changed, or version", map.display());
    assert!(said.contains(&words), "{said}");
    // A run that was only begun.
    write(&map, &text);
    let many: Vec<String> = (0..30).map(|number| format!("n{number:02}")).collect();
    write_aligned(&corpus, &many.iter().map(String::as_str).collect::<Vec<_>>());
    write(corpus.join("zzz.wav"), "none");
    let begun = folder.at("begun");
    let run = || extract(&corpus, &begun).set(&[&by_map]).args(["--max-failures", "0"]);
    run().args(["--jobs", "1"]).exits(2);
    assert!(begun.join(".ossicle/job.json").exists());
    write_map("silence");
    run().refuses(&[&changed]);
    // The dataset that statistics are taken from.
    let (fbank, model) = (folder.at("fbank"), folder.at("model"));
    let normal = ["normalize.scope=corpus", "normalize.mean=true"];
    let make = |corpus: &Path, out: &Path, more: &[&str]| {
        extract_with("kaldi-fbank", corpus, out).set(&normal).set(more).arg("--overwrite")
    };
    write(folder.at("one/a.wav"), wav(&sound(4, 9000)));
    make(&folder.at("one"), &model, &[]).succeeds();
    let from = format!("normalize.stats_from={}", model.display());
    make(&folder.at("one"), &fbank, &[&from]).succeeds();
    write(folder.at("one/b.wav"), wav(&sound(5, 9000)));
    make(&folder.at("one"), &model, &[]).succeeds();
    fs::remove_file(folder.at("one/b.wav")).unwrap();
    let again = extract_with("kaldi-fbank", folder.at("one"), &fbank).set(&normal).set(&[&from]);
    again.refuses(&[&format!("the dataset {} of the statistics has changed", model.display())]);
}

#[test]
fn alignments_that_have_come_or_gone_since_are_named() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a", "b"]);
    let phones = fs::read(corpus.join("a.PHN")).unwrap();
    extract(&corpus, &out).succeeds();
    for name in ["a", "b"] {
        fs::remove_file(corpus.join(format!("{name}.PHN"))).unwrap();
    }
    extract(&corpus, &out).refuses(&["it had alignments and labels, and now no recording has"]);
    extract(&corpus, &out).arg("--overwrite").succeeds();
    write(corpus.join("a.PHN"), phones);
    let said = extract(&corpus, &out).exits(2).stderr;
    assert!(said.contains("it had no alignments and no labels, and now recordings"), "{said}");
}
