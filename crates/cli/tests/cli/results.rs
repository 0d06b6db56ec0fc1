//! Results beside a dataset: none takes the place of something that was read, and none is half there.

use std::fs;
use std::path::Path;

use crate::corpora::{sound, wav, write, write_aligned};
use crate::datasets::tree;
use crate::program::{Folder, extract, ossicle};

/// A recording, a dataset of it, and links to both.
fn made() -> Folder {
    let folder = Folder::new();
    write(folder.at("corpus/a.wav"), wav(&sound(1, 8000)));
    write(folder.at("corpus/empty.wav"), "");
    let recipe = ossicle("presets").arg("timit-spikegram").succeeds().stdout;
    write(folder.at("recipe.toml"), recipe);
    extract(folder.at("corpus/a.wav"), &folder.at("data")).succeeds();
    fs::hard_link(folder.at("corpus/a.wav"), folder.at("hard")).unwrap();
    std::os::unix::fs::symlink("corpus/a.wav", folder.at("soft")).unwrap();
    folder
}

#[test]
fn nothing_that_is_read_is_written_over_by_a_spikegram() {
    let folder = made();
    let before = tree(folder.path());
    for option in ["--out", "--plot", "--resynth"] {
        for target in [
            "corpus/a.wav",
            "hard",
            "soft",
            "recipe.toml",
            "data/dataset.json",
            "data/all/index.npy",
        ] {
            let run = ossicle("spikes").arg("corpus/a.wav").args(["--recipe", "recipe.toml"]);
            run.in_folder(folder.path()).args([option, target]).refuses(&[option, target]);
        }
    }
    let twice = ["--out", "x", "--plot", "corpus/../x"];
    let run = ossicle("spikes").arg("corpus/a.wav").in_folder(folder.path()).args(twice);
    run.refuses(&["--out and --plot name the same file"]);
    assert!(tree(folder.path()) == before, "something has changed");
}

#[test]
fn a_log_goes_into_nothing_that_is_read_or_kept() {
    let folder = made();
    fs::hard_link(folder.at("corpus/empty.wav"), folder.at("empty")).unwrap();
    write(folder.at("list"), "corpus/a.wav\n");
    write(folder.at("nothing"), "");
    let before = tree(folder.path());
    for target in [
        "corpus/a.wav",
        "hard",
        "soft",
        "corpus/empty.wav",
        "empty",
        "recipe.toml",
        "data/dataset.json",
        "data/run.json",
        "corpus",
    ] {
        let run = extract("corpus", Path::new("out")).in_folder(folder.path());
        run.args(["--log-file", target]).refuses(&[target]);
    }
    for target in ["list", "recipe.toml"] {
        let run = ossicle("extract").args(["list", "--recipe", "recipe.toml", "--out", "out"]);
        run.in_folder(folder.path()).args(["--log-file", target]).refuses(&[target]);
    }
    assert!(tree(folder.path()) == before, "something has changed");
    let run = extract("corpus/a.wav", Path::new("out")).in_folder(folder.path());
    run.args(["--log-file", "nothing"]).succeeds();
    assert!(fs::read_to_string(folder.at("nothing")).unwrap().contains("time = "));
}

#[test]
fn a_log_is_kept_of_a_run_that_is_refused() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let run = extract(folder.at("corpus"), &folder.at("out")).set(&["labels.map=none"]);
    run.arg("--log-file").arg(folder.at("log")).exits(2);
    assert!(fs::read_to_string(folder.at("log")).unwrap().contains("labels.map"));
}

#[test]
fn a_result_that_cannot_be_written_leaves_what_was_there() {
    let folder = made();
    write(folder.at("old.png"), "an old picture");
    let before = tree(folder.path());
    // A file of more bytes than the shell allows.
    let mut bash = std::process::Command::new("bash");
    let limited = "ulimit -f 1 && exec \"$0\" spikes corpus/a.wav --plot old.png";
    bash.args(["-c", limited, crate::program::PROGRAM]).current_dir(folder.path());
    let ended = bash.output().unwrap();
    assert_eq!(ended.status.code(), Some(2), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(tree(folder.path()) == before, "something has changed");
}
