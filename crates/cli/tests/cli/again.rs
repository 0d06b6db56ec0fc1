//! A dataset says how it was made, and its recipe is used again.

use std::fs;
use std::process::Command;

use crate::corpora::{write_aligned, write_demo};
use crate::datasets::card;
use crate::program::{Folder, extract, extract_with, ossicle};

#[test]
fn the_recipe_of_a_dataset_or_of_its_card_makes_the_same_dataset() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    let changed = ["feature.num_mel_bins=30", "feature.num_ceps=20", "deltas.order=1"];
    extract(folder.at("corpus"), &folder.at("first")).set(&changed).succeeds();
    let first = fs::read(folder.at("first/dataset.json")).unwrap();
    for recipe in ["first", "first/", "first/dataset.json"] {
        let again = ossicle("extract").args(["corpus", "--out", "again", "--recipe", recipe]);
        again.in_folder(folder.path()).succeeds();
        assert_eq!(fs::read(folder.at("again/dataset.json")).unwrap(), first, "{recipe}");
        fs::remove_dir_all(folder.at("again")).unwrap();
    }
    let again = ossicle("extract").args(["corpus", "--out", "again", "--recipe", "first"]);
    again.in_folder(folder.path()).set(&["feature.num_ceps=10"]).succeeds();
    // Cepstra and their deltas.
    assert_eq!(card(&folder.at("again"))["arrays"]["features"]["columns"], 20);
}

#[test]
fn a_new_recording_is_computed_by_the_recipe_and_the_statistics_of_a_dataset() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    extract(folder.at("corpus"), &folder.at("model")).succeeds();
    write_aligned(&folder.at("new"), &["a"]);
    let new = ossicle("extract").args(["new/a.wav", "--out", "out", "--recipe", "model"]);
    new.in_folder(folder.path()).set(&["normalize.stats_from=model"]).succeeds();
    let (model, new) = (card(&folder.at("model")), card(&folder.at("out")));
    let mean = |card: &serde_json::Value| card["normalization"]["features"]["mean"].clone();
    assert_eq!(mean(&new), mean(&model));
}

#[test]
fn a_folder_that_is_no_dataset_has_no_recipe() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let ran = ossicle("extract").args(["corpus", "--out", "out", "--recipe", "corpus"]);
    ran.in_folder(folder.path()).refuses(&["--recipe corpus: it is a folder and no dataset"]);
    assert!(!folder.at("out").exists());
}

#[test]
fn the_recipe_of_a_damaged_card_is_refused() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    extract(folder.at("corpus"), &folder.at("first")).succeeds();
    let text = fs::read_to_string(folder.at("first/dataset.json")).unwrap();
    fs::write(folder.at("first/dataset.json"), text.replace("128", "129")).unwrap();
    let ran = ossicle("extract").args(["corpus", "--out", "out", "--recipe", "first"]);
    ran.in_folder(folder.path()).refuses(&["dataset.json", "card_blake3"]);
}

#[test]
fn a_dataset_remembers_the_command_line_and_info_prints_it() {
    let folder = Folder::new();
    write_aligned(&folder.at("my corpus"), &["a"]);
    let ran = extract_with("kaldi-fbank", "my corpus", "out".as_ref());
    ran.in_folder(folder.path()).set(&["feature.num_mel_bins=30"]).succeeds();
    let run = fs::read_to_string(folder.at("out/run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_str(&run).unwrap();
    let words: Vec<&str> =
        run["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let expected = ["extract", "my corpus", "--out", "out", "--preset", "kaldi-fbank", "--set"];
    assert_eq!(words[1..], [&expected[..], &["feature.num_mel_bins=30"]].concat());
    let info = ossicle("info").arg(folder.at("out")).succeeds();
    let line = info.stdout.lines().find(|line| line.starts_with("made by: ")).unwrap();
    let typed = "extract 'my corpus' --out out --preset kaldi-fbank --set feature.num_mel_bins=30";
    assert!(line.ends_with(typed), "{line}");
    // It is no part of the dataset: without it, or with another, the dataset is the same.
    fs::write(folder.at("out/run.json"), "{").unwrap();
    let info = ossicle("info").arg(folder.at("out")).succeeds();
    assert!(!info.stdout.contains("made by"), "{}", info.stdout);
    ossicle("verify").arg(folder.at("out")).succeeds();
}

#[test]
fn the_keys_of_a_kind_or_a_table_are_printed_within_80_columns() {
    let all = ossicle("presets").arg("--keys").succeeds().stdout;
    let longest = all.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest <= 80, "{longest}");
    for kind in ["mfcc", "mel", "plp", "spectrogram", "spikegram"] {
        let keys = ossicle("presets").args(["--keys", kind]).succeeds().stdout;
        assert!(keys.starts_with(&format!("[[feature]], kind = {kind:?}\n")), "{keys}");
        assert!(all.contains(&keys), "{kind}");
    }
    let plp = ossicle("presets").args(["--keys", "plp"]).succeeds().stdout;
    assert!(plp.contains("  lpc_order: a whole number; absent: 12\n"), "{plp}");
    assert!(!plp.contains("pcen_gain"), "{plp}");
    let deltas = ossicle("presets").args(["--keys", "deltas"]).succeeds().stdout;
    assert!(deltas.starts_with("[deltas]\n  order: a whole number"), "{deltas}");
    ossicle("presets").args(["--keys", "mcff"]).refuses(&["--keys mcff", "mfcc", "deltas"]);
}

#[test]
#[ignore = "needs python3 with NumPy (pip install numpy), which the project does without; \
            cargo test -p ossicle-cli --test cli -- --ignored numpy"]
fn numpy_runs_every_snippet_of_the_page_about_datasets() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    extract("corpus", "DATASET".as_ref()).in_folder(folder.path()).succeeds();
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/dataset.md");
    let page = fs::read_to_string(page).unwrap();
    let snippets = page.split("```python\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut script: String = snippets.collect();
    assert!(script.contains("def utterances(") && script.contains("np.add.reduceat"), "{script}");
    script.push_str(
        "rows = [row for row, _, _ in utterances('DATASET', 'train')]\n\
         for frame, number, t in zip(frames, utterance, time):\n    \
             assert index[number, 1] + t == frame and 0 <= t < rows[number]['num_frames']\n\
         assert np.abs(means - np.stack([f.mean(axis=0, dtype=np.float64)\n    \
             for _, f, _ in utterances('DATASET', 'train')])).max() < 1e-6\n\
         assert computed.shape == (100, 120)\n",
    );
    let mut python = Command::new("python3");
    let python = python.current_dir(folder.path()).args(["-c", &script]).output();
    let python = python.expect("python3 is not installed");
    assert!(python.status.success(), "{script}\n{}", String::from_utf8_lossy(&python.stderr));
}
