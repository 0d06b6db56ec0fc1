//! Labels of frames from alignments of every format, and what the recipe says of gaps, overlaps and times.

use std::fs;
use std::path::Path;
use std::process::Command;

use ossicle_testing::Npy;

use crate::corpora::{sound, wav, write};
use crate::datasets::{card, rows};
use crate::program::{Folder, Ossicle, extract, ossicle};

/// Half a second of labels by hand, at 16 kHz: start and end in samples, and the label.
const LABELS: [(u64, u64, &str); 4] =
    [(0, 1600, "sil"), (1600, 3200, "sh"), (3200, 4800, "iy"), (6400, 8000, "sil")];

const NUM_SAMPLES: usize = 8000;

/// Frames of 400 samples every 160 that fit.
const NUM_FRAMES: usize = (NUM_SAMPLES - 400) / 160 + 1;

fn seconds(samples: u64) -> String {
    format!("{:.4}", samples as f64 / 16_000.0)
}

/// The labels in a format, and what such a file is called.
fn text_of(format: &str) -> (&'static str, String) {
    let lines = |line: &dyn Fn(u64, u64, &str) -> String| {
        LABELS.iter().map(|&(start, end, label)| line(start, end, label)).collect::<String>()
    };
    match format {
        "timit" => ("a.PHN", lines(&|s, e, l| format!("{s} {e} {l}\n"))),
        "textgrid" => {
            let item = |(s, e, l): &(u64, u64, &str)| {
                format!("{}\n{}\n\"{l}\"\n", seconds(*s), seconds(*e))
            };
            let gap = item(&(4800, 6400, ""));
            let items: Vec<String> = LABELS.iter().map(item).collect();
            let items = [&items[..3].concat(), &gap, &items[3]].map(|it| it.as_str()).concat();
            let head =
                "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n0.5\n<exists>\n1";
            (
                "a.TextGrid",
                format!("{head}\n\"IntervalTier\"\n\"ann - phones\"\n0\n0.5\n5\n{items}"),
            )
        }
        "htk" => ("a.lab", lines(&|s, e, l| format!("{} {} {l} -1.5\n", s * 625, e * 625))),
        "ctm" => {
            let line = |s, e, l: &str| format!("a 1 {} {} {l} 1.0\n", seconds(s), seconds(e - s));
            ("a.ctm", lines(&line))
        }
        "audacity" => ("a.txt", lines(&|s, e, l| format!("{}\t{}\t{l}\n", seconds(s), seconds(e)))),
        "csv" => {
            let rows = lines(&|s, e, l| format!("{s},{e},{l}\n"));
            ("a.csv", format!("start_sample,end_sample,label\n{rows}"))
        }
        "xlabel" => {
            // Where nothing is labelled there is a line without a label.
            let line = |s, e, l: &str| match s {
                6400 => format!("{} 121\n{} 121 {l}\n", seconds(s), seconds(e)),
                _ => format!("{} 121 {l}\n", seconds(e)),
            };
            ("a.phones", format!("signal a\nnfields 1\n#\n{}", lines(&line)))
        }
        other => panic!("{other}"),
    }
}

const FORMATS: [&str; 7] = ["timit", "textgrid", "htk", "ctm", "audacity", "csv", "xlabel"];

/// A corpus of a recording and a file beside it, and the run that makes labels of it.
fn corpus(folder: &Folder, name: &str, text: &str) -> Ossicle {
    let corpus = folder.at("corpus");
    write(corpus.join("a.wav"), wav(&sound(5, NUM_SAMPLES)));
    write(corpus.join(name), text);
    write(folder.at("map"), "sil sil\nsh sh\niy iy\n");
    let map = format!("labels.map={}", folder.at("map").display());
    extract(&corpus, &folder.at("out")).set(&[&map, "labels.crop=false", "labels.at=center"])
}

fn labels(out: &Path) -> Vec<i16> {
    Npy::read(out.join("all/labels-00000.npy")).i16s()
}

/// The labels of frames by their centre samples, found by asking every label.
fn naive(labels: &[(u64, u64, i16)], gap: i16) -> Vec<i16> {
    let at = |frame: u64| {
        let centre = frame * 160 + 200;
        let own = labels.iter().find(|(start, end, _)| (*start..*end).contains(&centre));
        own.map_or(gap, |it| it.2)
    };
    (0..NUM_FRAMES as u64).map(at).collect()
}

fn classes() -> Vec<(u64, u64, i16)> {
    let class = |label| ["sil", "sh", "iy"].iter().position(|it| *it == label).unwrap() as i16;
    LABELS.iter().map(|&(start, end, label)| (start, end, class(label))).collect()
}

#[test]
fn every_format_beside_a_recording_gives_the_labels_of_timits() {
    for format in FORMATS {
        let folder = Folder::new();
        let (name, text) = text_of(format);
        let tier = if format == "textgrid" { "* - phones" } else { "phones" };
        let run = corpus(&folder, name, &text).set(&[&format!("labels.tier={tier:?}")]);
        run.succeeds();
        let out = folder.at("out");
        assert_eq!(labels(&out), naive(&classes(), -1), "{format}");
        let row = &rows(out.join("all/utterances.jsonl"))[0];
        let intervals = &row["intervals"][tier];
        let expected = LABELS.map(|(start, end, label)| serde_json::json!([label, start, end]));
        assert_eq!(*intervals, serde_json::Value::from(expected.to_vec()), "{format}");
    }
}

#[test]
fn gaps_are_silence_where_the_recipe_says_so() {
    let folder = Folder::new();
    let (name, text) = text_of("ctm");
    corpus(&folder, name, &text).set(&["labels.gap=silence"]).succeeds();
    assert_eq!(labels(&folder.at("out")), naive(&classes(), 0));
    write(folder.at("map"), "sil nothing\nsh sh\niy iy\n");
    let map = format!("labels.map={}", folder.at("map").display());
    let run = extract(folder.at("corpus"), &folder.at("none")).set(&[&map, "labels.gap=silence"]);
    run.refuses(&["labels.gap is \"silence\"", "has no class called sil, silence, sp, pau, h#"]);
}

#[test]
fn of_labels_at_one_time_the_recipe_says_which_counts() {
    let text = "0 2000 sh\n1000 8000 iy\n";
    for (overlap, expected) in [
        ("first", vec![(0, 2000, 1), (2000, 8000, 2)]),
        ("last", vec![(0, 1000, 1), (1000, 8000, 2)]),
    ] {
        let folder = Folder::new();
        let run = corpus(&folder, "a.PHN", text);
        run.set(&[&format!("labels.overlap={overlap}")]).succeeds();
        assert_eq!(labels(&folder.at("out")), naive(&expected, -1), "{overlap}");
    }
    let folder = Folder::new();
    let ran = corpus(&folder, "a.PHN", text).exits(2);
    let words = "a.PHN: line 2: the interval `iy` starts at sample 1000, before the previous one";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
}

#[test]
fn an_alignment_of_another_rate_is_refused_with_the_factor_that_mends_it() {
    for (name, text, factor) in [
        ("a.PHN", "0 1600 sil\n1600 4000 sh\n", "labels.time_scale = 2 "),
        ("a.PHN", "0 4410 sil\n4410 22050 sh\n", "labels.time_scale = 0.36281179138321995 "),
        ("a.ctm", "a 1 0.0 200.0 sil\na 1 200.0 300.0 sh\n", "labels.time_scale = 0.001 "),
    ] {
        let folder = Folder::new();
        let ran = corpus(&folder, name, text).exits(2);
        assert!(ran.stderr.contains(factor), "{factor}: {}", ran.stderr);
        let factor = factor.trim_end().replace(" = ", "=");
        corpus(&folder, name, text).set(&[&factor]).succeeds();
        let row = &rows(folder.at("out/all/utterances.jsonl"))[0];
        let intervals = row["intervals"]["phones"].as_array().unwrap();
        assert_eq!(intervals[1][2], 8000, "{row}");
    }
    // What ends half way, and is meant to.
    let folder = Folder::new();
    let run = corpus(&folder, "a.PHN", "0 1600 sil\n1600 4000 sh\n");
    run.set(&["labels.time_scale=1"]).succeeds();
    assert_eq!(labels(&folder.at("out")), naive(&[(0, 1600, 0), (1600, 4000, 1)], -1));
    let run = corpus(&folder, "a.PHN", "").set(&["labels.time_scale=0"]);
    run.refuses(&["labels.time_scale is 0"]);
}

#[test]
fn several_tiers_of_several_files_are_an_array_each() {
    let folder = Folder::new();
    let (name, text) = text_of("timit");
    corpus(&folder, name, &text);
    write(folder.at("corpus/a.WRD"), "1600 4800 she\n");
    write(folder.at("words"), "she she\n");
    let recipe = format!(
        "[frames]\nlength = \"25ms\"\nshift = \"10ms\"\n[[feature]]\nkind = \"mel\"\nnum_mel_bins = 23\n[[labels]]\nmap = {:?}\n[[labels]]\nname = \"words\"\ntier = \
         \"words\"\nmap = {:?}\n",
        folder.at("map"),
        folder.at("words")
    );
    write(folder.at("recipe.toml"), recipe);
    let run = ossicle("extract").arg(folder.at("corpus")).arg("--out");
    run.arg(folder.at("out")).arg("--recipe").arg(folder.at("recipe.toml")).succeeds();
    let out = folder.at("out");
    assert_eq!(labels(&out), naive(&classes(), -1));
    let words = Npy::read(out.join("all/words-00000.npy")).i16s();
    assert_eq!(words, naive(&[(1600, 4800, 0)], -1));
    let row = &rows(out.join("all/utterances.jsonl"))[0];
    assert_eq!(row["intervals"]["words"], serde_json::json!([["she", 1600, 4800]]));
}

#[test]
fn an_utterance_without_an_alignment_is_what_the_recipe_says() {
    let folder = Folder::new();
    let (name, text) = text_of("timit");
    let run = |missing: &str, out: &str| {
        corpus(&folder, name, &text);
        write(folder.at("corpus/b.wav"), wav(&sound(6, NUM_SAMPLES)));
        let map = format!("labels.map={}", folder.at("map").display());
        let missing = format!("labels.missing={missing}");
        extract(folder.at("corpus"), &folder.at(out)).set(&[&map, &missing, "labels.crop=false"])
    };
    let ran = run("row", "row").exits(1);
    assert!(ran.stderr.contains("b.wav: there is no .PHN file beside"), "{}", ran.stderr);
    run("skip", "skip").succeeds();
    let of = &card(&folder.at("skip"))["corpus"];
    assert_eq!(
        (&of["left_out"], &of["left_out_because"][0]["reason"]),
        (&1.into(), &"no-alignment".into())
    );
    assert_eq!(rows(folder.at("skip/all/utterances.jsonl")).len(), 1);
    run("ignore", "ignore").succeeds();
    let found = labels(&folder.at("ignore"));
    assert_eq!(found[NUM_FRAMES..], vec![-1; NUM_FRAMES]);
    // Nor does a file without the tier.
    write(folder.at("corpus/b.TextGrid"), text_of("textgrid").1);
    let ran = run("row", "tier").exits(1);
    let words = "b.TextGrid: has no tier `phones`; it has `ann - phones`";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
}

#[test]
fn latin_1_is_read_and_said_once() {
    let folder = Folder::new();
    let text = text_of("textgrid").1.replace("\"sh\"", "\"\u{e9}\"");
    let latin1: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let run = corpus(&folder, "a.TextGrid", "").set(&["labels.tier=*"]);
    fs::write(folder.at("corpus/a.TextGrid"), latin1).unwrap();
    write(folder.at("map"), "sil sil\n\u{e9} sh\niy iy\n");
    let ran = run.succeeds();
    assert_eq!(labels(&folder.at("out")), naive(&classes(), -1));
    let said = ran.stderr.lines().filter(|line| line.contains("read as Latin-1")).count();
    assert_eq!(said, 1, "{}", ran.stderr);
}

#[test]
fn classes_may_be_listed_in_the_recipe() {
    let folder = Folder::new();
    let (name, text) = text_of("timit");
    let list = "labels.map=[\"iy\", \"sil\", \"sh\"]";
    corpus(&folder, name, &text).set(&[list]).succeeds();
    let out = folder.at("out");
    let class = |label| ["iy", "sil", "sh"].iter().position(|it| *it == label).unwrap() as i16;
    let own = LABELS.map(|(start, end, label)| (start, end, class(label)));
    assert_eq!(labels(&out), naive(&own, -1));
    let card = card(&out);
    assert_eq!(card["label_names"]["labels"], serde_json::json!(["iy", "sil", "sh"]));
    assert_eq!(card["recipe"]["labels"][0]["map"], serde_json::json!(["iy", "sil", "sh"]));
    // The recipe of the dataset has it, and is used again.
    let again = folder.at("again");
    let run = ossicle("extract").arg(folder.at("corpus")).arg("--out").arg(&again);
    run.arg("--recipe").arg(&out).succeeds();
    crate::datasets::assert_same_dataset(&out, &again, "the same recipe");
    // What is no list of classes is refused in words.
    let refused = |list: &str, words: &[&str]| {
        let run = corpus(&folder, name, &text).set(&[list]).args(["--overwrite"]);
        run.refuses(words);
    };
    refused("labels.map=[]", &["labels.map is an empty list"]);
    refused("labels.map=[\"a\", \"a\"]", &["labels.map has \"a\" twice"]);
    refused("labels.map=[\"a\", 1]", &["labels.map", "a text or a list of texts"]);
}

#[test]
fn an_utterance_whose_alignment_lacks_the_tier_is_what_the_recipe_says() {
    let grid = |tier: &str| {
        format!(
            "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n0.5\n<exists>\n1\n\
             \"IntervalTier\"\n\"{tier}\"\n0\n0.5\n1\n0\n0.5\n\"sh\"\n"
        )
    };
    for (missing, code, stored) in [("row", 1, 1), ("skip", 0, 1), ("ignore", 0, 2)] {
        let folder = Folder::new();
        write(folder.at("corpus/b.wav"), wav(&sound(6, NUM_SAMPLES)));
        write(folder.at("corpus/b.TextGrid"), grid("words"));
        let run = corpus(&folder, "a.TextGrid", &grid("phones"));
        let ran = run.set(&[&format!("labels.missing={missing}")]).arg("--json").exits(code);
        let told = ran.json();
        assert_eq!(told["utterances"], stored, "{missing}");
        let left_out = match missing {
            "skip" => serde_json::json!([{"reason": "no-tier", "count": 1, "first": "b"}]),
            _ => serde_json::json!([]),
        };
        assert_eq!(told["left_out"], left_out, "{missing}");
    }
    // Where none has the tier it is no corpus of others.
    let folder = Folder::new();
    let run = corpus(&folder, "a.TextGrid", &grid("words")).set(&["labels.missing=skip"]);
    let said = run.exits(2).stderr;
    assert!(said.contains("phones"), "{said}");
}

#[test]
fn alignments_of_a_shards_samples_are_their_recordings() {
    for format in ["timit", "textgrid", "htk", "ctm", "xlabel"] {
        for is_packed in [false, true] {
            let folder = Folder::new();
            let (name, text) = text_of(format);
            let tier = if format == "textgrid" { "* - phones" } else { "phones" };
            let run = corpus(&folder, name, &text);
            let mut tar = Command::new("tar");
            let shard = if is_packed { "x.tar.gz" } else { "x.tar" };
            tar.arg("-C").arg(folder.at("corpus")).arg("-caf").arg(folder.at(shard));
            assert!(tar.args(["a.wav", name]).status().unwrap().success());
            let set = format!("labels.tier={tier:?}");
            let map = format!("labels.map={}", folder.at("map").display());
            let settings = [&*map, "labels.crop=false", "labels.at=center", &*set];
            run.set(&[&set]).succeeds();
            let out = folder.at("shard");
            extract(folder.at(shard), &out).set(&settings).succeeds();
            assert_eq!(labels(&out), labels(&folder.at("out")), "{format}");
            assert_eq!(labels(&out), naive(&classes(), -1), "{format}");
        }
    }
    // What is wrong with one is told by its name.
    let folder = Folder::new();
    corpus(&folder, "a.TextGrid", "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nx\n");
    let mut tar = Command::new("tar");
    tar.arg("-C").arg(folder.at("corpus")).arg("-cf").arg(folder.at("x.tar"));
    assert!(tar.args(["a.wav", "a.TextGrid"]).status().unwrap().success());
    let said = extract(folder.at("x.tar"), &folder.at("o")).exits(2).stderr;
    assert!(said.contains("a.TextGrid in x.tar: "), "{said}");
}
