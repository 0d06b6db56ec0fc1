//! `ossicle compare`: two sets of features, and why they differ.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::corpora::{demo, wav, write};
use crate::printed::assert_fits;
use crate::program::{Folder, Ossicle, extract_with, ossicle};

/// A sentence of the demo.
fn sentence(folder: &Folder) -> PathBuf {
    let path = folder.at("sentence.wav");
    write(&path, wav(&demo()[0].1.samples));
    path
}

fn compare(a: &Path) -> Ossicle {
    ossicle("compare").arg(a)
}

fn keys(found: &Value) -> Vec<(&str, &str)> {
    let changes = found["changes"].as_array().unwrap();
    let keys = changes.iter().flat_map(|change| change["keys"].as_array().unwrap());
    keys.map(|key| (key["key"].as_str().unwrap(), key["to"].as_str().unwrap())).collect()
}

#[test]
fn a_recording_by_two_recipes_differs_in_their_keys_and_by_one_it_agrees() {
    let folder = Folder::new();
    let sentence = sentence(&folder);
    let run = || compare(&sentence).arg("--preset").arg("kaldi-fbank");
    let same = run().arg(&sentence).arg("--json").succeeds().json();
    assert_eq!((&same["verdict"], same["changes"].as_array().unwrap().len()), (&"agree".into(), 0));
    let other = run().arg("--b-set").arg("feature.window=hamming").arg("--json").exits(1).json();
    assert_eq!(other["verdict"], "explained");
    assert_eq!(keys(&other), [("feature.window", "\"hamming\"")]);
    let words = run().arg("--b-set").arg("feature.window=hamming").exits(1).stdout;
    assert!(words.contains("feature.window: \"povey\" → \"hamming\""), "{words}");
    assert_fits(&words);
    // Differences of two digits before the point, of which five do not fit into a line.
    let words = run().arg("--b-preset").arg("whisper-80").exits(1).stdout;
    assert!(words.contains("most in columns"), "{words}");
    assert_fits(&words);
}

#[test]
fn arrays_and_datasets_are_sides_and_many_utterances_are_told_together() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    for (number, (_, utterance)) in demo().iter().take(3).enumerate() {
        write(corpus.join(format!("u{number}.wav")), wav(&utterance.samples));
    }
    let (a, b) = (folder.at("a"), folder.at("b"));
    extract_with("kaldi-fbank", &corpus, &a).succeeds();
    extract_with("kaldi-fbank", &corpus, &b).set(&["feature.high_freq_hz=-400"]).succeeds();
    let same = compare(&a).arg(&a).arg("--json").succeeds().json();
    assert_eq!((&same["utterances"]["compared"], &same["verdict"]), (&3.into(), &"agree".into()));
    let found = compare(&a).arg(&b).arg("--json").exits(1).json();
    assert_eq!(found["utterances"]["differing"], 3);
    assert_eq!((&found["verdict"], &found["utterance"]), (&"explained".into(), &"u0".into()));
    assert_eq!(keys(&found), [("feature.high_freq_hz", "-400.0")]);
    // One utterance of it, by name, against the rows as an array alone: the recording is still there.
    let rows = b.join("all/features-00000.npy");
    let mut one = a.clone().into_os_string();
    one.push("#u1");
    let one = compare(Path::new(&one)).arg(&rows).arg("--json").exits(1).json();
    assert_eq!(one["a"]["columns"], 23);
    // What is said of a recipe is no word about rows that are there.
    for told in [["--b-preset", "whisper-80"], ["--b-set", "feature.window=hann"]] {
        compare(&a).args(told).refuses(&["B is no recording", "--b-set"]);
        compare(&a).arg(&b).args(told).refuses(&["B is no recording"]);
    }
    let told = ["--set", "feature.window=hann"];
    compare(&a).arg(&b).args(told).refuses(&["neither side is a recording", "--set"]);
    let nobody = compare(&a.with_file_name("a#nobody")).arg(&b);
    nobody.refuses(&["has no utterance nobody; it has u0, u1, u2"]);
}

#[test]
fn the_one_of_many_utterances_that_differs_is_found() {
    let folder = Folder::new();
    let archive = |name: &str, count: usize, odd: usize| {
        let rows = |number: usize| {
            let off = if number == odd { 5.0 } else { 0.0 };
            (0..9).map(move |row| format!("{} {}\n", row * row % 7, f64::from(row) + off))
        };
        let text = |number| format!("u{number:03}  [\n{}]\n", rows(number).collect::<String>());
        let path = folder.at(name);
        write(&path, (0..count).map(text).collect::<String>());
        path
    };
    let a = archive("a.ark", 450, 450);
    compare(&a).arg(&a).succeeds();
    // Beside the 200 that would be looked at if they were to be computed.
    let b = archive("b.ark", 450, 449);
    let found = compare(&a).arg(&b).arg("--json").exits(1).json();
    assert_eq!(
        (&found["utterance"], &found["utterances"]["differing"]),
        (&"u449".into(), &1.into())
    );
    assert_ne!(found["verdict"], "agree");
    let words = compare(&a).arg(&b).exits(1).stdout;
    assert!(words.starts_with("450 utterances in both; 1 differs\n"), "{words}");
    let fewer = archive("c.ark", 449, 449);
    let found = compare(&a).arg(&fewer).arg("--json").exits(1).json();
    assert_eq!(
        (&found["verdict"], &found["utterances"]["agree"]),
        (&"agree".into(), &false.into())
    );
    let words = compare(&a).arg(&fewer).exits(1).stdout;
    assert!(
        words.contains("only in A: 1; only in B: 0") && words.ends_with("What both have agrees.\n")
    );
}

#[test]
fn an_array_of_each_side_is_compared() {
    let folder = Folder::new();
    let sentence = sentence(&folder);
    let recipe = folder.at("two.toml");
    let feature = |name: &str, window: &str| {
        format!(
            "[[feature]]\nkind = \"mel\"\nname = \"{name}\"\nnum_mel_bins = 20\nwindow = \"{window}\"\n"
        )
    };
    let frames = "[frames]\nlength = \"25ms\"\nshift = \"10ms\"\n";
    let text = frames.to_owned() + &feature("one", "hann") + &feature("two", "hamming");
    write(&recipe, text);
    let out = folder.at("data");
    let run = ossicle("extract").arg(&sentence).arg("--out").arg(&out).arg("--recipe").arg(&recipe);
    run.succeeds();
    let run = |words: &[&str]| compare(&out).arg(&out).args(words).arg("--json");
    run(&["--array", "two"]).succeeds();
    run(&["--array", "two", "--b-array", "two"]).succeeds();
    assert_eq!(
        run(&["--array", "one", "--b-array", "two"]).exits(1).json()["verdict"],
        "explained"
    );
    run(&["--b-array", "three"]).refuses(&["no array three", "--b-array takes one of one, two"]);
    run(&["--array", "three"]).refuses(&["no array three", "; --array takes one of one, two"]);
}

#[test]
fn a_function_that_returns_nothing_is_told_from_one_that_returns_no_numbers() {
    let folder = Folder::new();
    let sentence = sentence(&folder);
    // All of NumPy that is needed before the refusal.
    write(folder.at("numpy.py"), "def load(path):\n    return [0.0]\n");
    write(folder.at("mine.py"), "def nothing(samples):\n    samples.sort()\n");
    let run = compare(&sentence).args(["--preset", "kaldi-fbank", "--python", "mine.py:nothing"]);
    let run = run.in_folder(folder.path()).exits(2);
    let said = "ossicle: mine.py:nothing failed: it returned None, and no rows\n";
    assert_eq!(run.stderr, said);
}

#[test]
fn what_cannot_be_compared_is_refused_with_what_to_write() {
    let folder = Folder::new();
    let sentence = sentence(&folder);
    compare(&sentence).arg(&sentence).refuses(&["a recording needs --preset or --recipe"]);
    let preset = || compare(&sentence).arg("--preset").arg("kaldi-fbank");
    preset().refuses(&["nothing to compare with", "--b-preset", "--python"]);
    preset().arg("--python").arg("extractor").refuses(&["write MODULE:FUNCTION"]);
    let none = folder.at("none");
    let python = preset().arg("--python").arg("a:b").arg("--interpreter").arg(&none);
    python.refuses(&["cannot start", "--interpreter names another"]);
}

#[test]
fn a_picture_shows_both_sides_and_what_b_has_more() {
    let folder = Folder::new();
    let picture = folder.at("picture.svg");
    let run = compare(&sentence(&folder)).arg("--preset").arg("kaldi-fbank");
    run.arg("--b-set").arg("feature.window=hann").arg("--out").arg(&picture).exits(1);
    let svg = std::fs::read_to_string(picture).unwrap();
    assert!(
        svg.starts_with("<svg ") && svg.contains("B − A") && svg.matches("<image").count() == 3
    );
    assert!(svg.contains("A and B: sentence"));
    let (other, picture) = (folder.at("other.wav"), folder.at("both.svg"));
    std::fs::copy(folder.at("sentence.wav"), &other).unwrap();
    let run = compare(&folder.at("sentence.wav")).arg(&other).arg("--preset").arg("kaldi-fbank");
    run.arg("--out").arg(&picture).succeeds();
    assert!(std::fs::read_to_string(picture).unwrap().contains("A: sentence, B: other"));
}
