//! The other verbs, help, and standard output that nobody reads.

use std::collections::BTreeSet;
use std::fs;
use std::io::pipe;
use std::path::Path;
use std::process::{Command, Stdio};

use ossicle_testing::wav;
use serde_json::{Value, json};

use crate::corpora::{write, write_aligned, write_demo};
use crate::datasets::{card, tree};
use crate::printed::{
    Held, assert_shows_duration, assert_shows_size, file_bytes, in_a_row, numbers, shows_size,
    without_numbers,
};
use crate::program::{Folder, Ossicle, PROGRAM, extract, keys, ossicle};

#[test]
fn help_says_what_can_be_typed() {
    let help = Ossicle::from(Command::new(PROGRAM)).arg("--help").succeeds();
    insta::assert_snapshot!("help", help.stdout);
    for verb in ["extract", "speed", "limits", "demo", "verify", "info", "spikes", "presets"] {
        let help = ossicle(verb).arg("--help").succeeds();
        assert_eq!(help.stderr, "");
        insta::assert_snapshot!(format!("help_{verb}"), help.stdout);
    }
}

#[test]
fn help_fits_into_80_columns_where_there_is_no_terminal_to_ask() {
    let mut verbs: Vec<Vec<&str>> = vec![vec!["-h"], vec!["--help"]];
    for verb in ["extract", "speed", "limits", "demo", "verify", "info", "spikes", "presets"] {
        verbs.extend([vec![verb, "-h"], vec![verb, "--help"]]);
    }
    for words in verbs {
        for columns in ["", "100", "200"] {
            let help = Ossicle::from(Command::new(PROGRAM)).env("COLUMNS", columns).args(&words);
            let help = help.succeeds().stdout;
            let longest = help.lines().max_by_key(|line| line.chars().count()).unwrap();
            assert!(longest.chars().count() <= 80, "{words:?}, {columns:?}: {longest}");
        }
    }
}

#[test]
fn the_version_is_printed() {
    let ran = Ossicle::from(Command::new(PROGRAM)).arg("--version").succeeds();
    assert_eq!(ran.stdout, format!("ossicle {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn nothing_typed_and_nonsense_typed_exit_with_2() {
    let ran = Ossicle::from(Command::new(PROGRAM)).exits(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("Usage"), "{}", ran.stderr);
    let ran = ossicle("extrakt").exits(2);
    assert!(ran.stderr.contains("extract"), "a suggestion: {}", ran.stderr);
}

#[test]
fn info_shows_what_is_in_a_dataset() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    extract(folder.at("corpus"), &folder.at("out")).succeeds();
    let ran = ossicle("info").arg("out").in_folder(folder.path()).succeeds();
    // Where this test ran is another folder each time.
    let command =
        |line: &&str| line.starts_with("made by: ") || line.starts_with("in the folder: ");
    assert_eq!(ran.stdout.lines().filter(command).count(), 2, "{}", ran.stdout);
    let shown: Vec<&str> = ran.stdout.lines().filter(|line| !command(line)).collect();
    insta::assert_snapshot!(without_numbers(&shown.join("\n")));
    let out = folder.at("out");
    for split in ["train", "valid", "test"] {
        let held = Held::by(&out, split);
        let shown = numbers(&ran.stdout, split);
        let line = ran.stdout.lines().find(|line| line.trim().starts_with(split)).unwrap();
        assert_shows_duration(line, held.duration_s);
        // None failed, the two sentences that all speakers read are left out, and one shard holds all.
        let expected = [held.utterances as f64, shown[1], held.frames as f64, 0.0, 2.0, 1.0];
        assert_eq!(shown, expected);
    }
    let train = Held::by(&out, "train").frames as f64;
    // 40 cepstra, their deltas and those of them.
    assert_eq!(numbers(&ran.stdout, "features: "), [120.0]);
    let normalised = format!("normalised by train ({train} frames)");
    assert!(in_a_row(&ran.stdout).contains(&normalised), "{}", ran.stdout);
    // The map of the 2019 work has 39 phones; its frames are of 25 ms, every 10 ms.
    assert_eq!(numbers(&ran.stdout, "labels: "), [39.0]);
    assert_eq!(numbers(&ran.stdout, "frames of "), [400.0, 160.0, 16_000.0]);
    assert_shows_size(ran.stdout.lines().next().unwrap(), file_bytes(&out));
}

#[test]
fn info_of_a_dataset_in_json_is_its_card() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let out = folder.at("out");
    extract(folder.at("corpus"), &out).succeeds();
    let mut expected = card(&out);
    expected.as_object_mut().unwrap().remove("card_blake3");
    let json = ossicle("info").arg(&out).arg("--json").succeeds().json();
    assert_eq!(json, expected);
    let expected = [
        "arrays",
        "corpus",
        "files",
        "format",
        "frame",
        "job",
        "label_names",
        "normalization",
        "ossicle",
        "preset",
        "recipe",
        "splits",
    ];
    assert_eq!(keys(&json), expected);
}

#[test]
fn info_shows_what_is_in_a_corpus() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    write(folder.at("corpus/README.TXT"), "hello");
    let ran = ossicle("info").arg(folder.at("corpus")).succeeds();
    let shown = ran.stdout.replace(&folder.path().display().to_string(), "FOLDER");
    insta::assert_snapshot!(without_numbers(&shown));
    let files = tree(&folder.at("corpus"));
    for (split, usage) in [("train", "TRAIN/"), ("valid", "TEST/"), ("test", "TEST/")] {
        let shown = numbers(&ran.stdout, split);
        // Eight sentences of one speaker, all with phones, and the two that all read.
        assert_eq!((shown[0], &shown[2..4], shown[5]), (8.0, &[8.0, 1.0][..], 2.0), "{split}");
        let line = ran.stdout.lines().find(|line| line.trim().starts_with(split)).unwrap();
        let of_speaker = |speaker: &str| {
            let is_its = |name: &str| {
                name.starts_with(speaker) && name.ends_with(".WAV") && !name.contains("/SA")
            };
            files.iter().filter(|(name, _)| is_its(name)).map(|(_, x)| x.len() as u64).sum::<u64>()
        };
        let speakers: BTreeSet<_> = files
            .keys()
            .filter(|name| name.starts_with(usage))
            .filter_map(|name| Some(&name[..=name.rfind('/')?]))
            .collect();
        let sizes: Vec<u64> = speakers.into_iter().map(of_speaker).collect();
        assert!(
            sizes.iter().any(|&bytes| shows_size(line, bytes)),
            "{line}: speakers have {sizes:?} bytes"
        );
    }
    assert_eq!(numbers(&ran.stdout, "16 recordings"), [16.0]);
    assert_eq!(numbers(&ran.stdout, "0 files"), [0.0]);
    let json = ossicle("info").arg(folder.at("corpus")).arg("--json").succeeds().json();
    assert_eq!(
        keys(&json),
        [
            "channels",
            "columns",
            "durations",
            "formats",
            "ignored_files",
            "ignored_kinds",
            "kind",
            "left_out",
            "left_out_because",
            "not_looked_at",
            "notices",
            "problems",
            "rates_hz",
            "splits",
            "unknown_durations"
        ]
    );
    assert_eq!((&json["kind"], &json["left_out"]), (&"TIMIT tree".into(), &16.into()));
    let splits = json["splits"].as_array().unwrap();
    for split in splits {
        assert_eq!(keys(split), ["bytes", "hours", "left_out", "name", "speakers", "utterances"]);
        assert_eq!((&split["utterances"], &split["left_out"]), (&8.into(), &2.into()));
    }
}

#[test]
fn info_of_nothing_is_refused() {
    let folder = Folder::new();
    ossicle("info").arg(folder.at("nowhere")).refuses(&["nowhere", "no such file or folder"]);
}

#[test]
fn speed_compares_workers_and_says_that_they_wrote_the_same_bytes() {
    let folder = Folder::new();
    let (corpus, work) = (folder.at("corpus"), folder.at("work"));
    write_demo(&corpus);
    fs::create_dir(&work).unwrap();
    fs::write(work.join("mine.txt"), "mine").unwrap();
    let run = || {
        let run = ossicle("speed").arg(&corpus).args(["--preset", "timit-mfcc", "--jobs", "1,2"]);
        run.args(["--repeat", "2"]).arg("--work").arg(&work)
    };
    let ran = run().succeeds();
    for words in ["every run wrote the same bytes", "times faster", "× real time", "efficiency"] {
        assert!(ran.stdout.contains(words), "{words:?} is not in:\n{}", ran.stdout);
    }
    let workers = ran.stdout.lines().find(|line| line.trim().starts_with("workers")).unwrap();
    assert_eq!(workers.split_whitespace().collect::<Vec<_>>(), ["workers", "1", "2", "1", "2"]);
    assert_eq!(tree(&work).into_keys().collect::<Vec<_>>(), ["mine.txt"]);
    // Run in turn, each twice; a corpus of some seconds tells little of speed, and that is said.
    let timed: Vec<_> = ran.stderr.lines().filter(|line| line.contains(": time = ")).collect();
    let workers: Vec<_> = timed.iter().map(|line| line.split(':').next().unwrap()).collect();
    let round = ["1 worker", "2 workers", "1 worker process", "2 worker processes"];
    assert_eq!(workers, [round, round].concat());
    assert!(ran.stdout.contains("median of 2, from"), "{}", ran.stdout);
    assert!(ran.stdout.contains("less than a second is too short"), "{}", ran.stdout);

    let json = run().arg("--json").succeeds().json();
    assert_eq!(keys(&json), ["against", "in_2019", "job", "notices", "runs", "same_bytes"]);
    assert_eq!(json["same_bytes"], true);
    let runs = json["runs"].as_array().unwrap();
    let expected = [
        "audio_seconds",
        "bytes_read",
        "bytes_written",
        "card_blake3",
        "cpu_seconds",
        "decoding_seconds",
        "efficiency",
        "failures",
        "features_seconds",
        "finishing_seconds",
        "isolation",
        "jobs",
        "peak_memory_bytes",
        "peak_open_files",
        "reading_seconds",
        "seconds",
        "seconds_of_each",
        "speed_up",
        "start_and_join_seconds",
        "system_seconds",
        "user_seconds",
        "utterances",
        "workers",
        "writing_seconds",
    ];
    for (run, jobs) in runs.iter().zip([1, 2, 1, 2]) {
        assert_eq!(keys(run), expected);
        let each = run["seconds_of_each"].as_array().unwrap();
        assert_eq!(
            (each.len(), &each[0]),
            (2, &run["seconds"]),
            "the median of two is the shorter"
        );
        assert_eq!((&run["jobs"], &run["utterances"]), (&jobs.into(), &24.into()));
        assert_eq!(run["card_blake3"], runs[0]["card_blake3"]);
        let files = run["peak_open_files"].as_u64().unwrap();
        assert!((3..=2 * jobs + 32).contains(&files), "{files}");
    }
    assert_eq!(runs.len(), 4);
    assert_eq!(runs[0]["speed_up"], 1.0);
}

#[test]
fn speed_removes_a_work_folder_that_it_made() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let words = ["speed", "corpus", "--preset", "timit-mel", "--work", "work"];
    let run = Ossicle::from(Command::new(PROGRAM)).args(words).in_folder(folder.path());
    run.succeeds();
    assert!(!folder.at("work").exists());
}

#[test]
fn demo_makes_extracts_and_times_a_corpus_and_says_what_to_type_next() {
    let folder = Folder::new();
    let run = || ossicle("demo").args(["demo", "--scale", "0.002"]).in_folder(folder.path());
    let ran = run().succeeds();
    for words in ["24 utterances stored, none failed", "every run wrote the same bytes"] {
        assert!(ran.stdout.contains(words), "{words:?} is not in:\n{}", ran.stdout);
    }
    let end: Vec<_> = ran.stdout.lines().skip_while(|line| !line.contains("your own")).collect();
    assert!(end.len() < 10, "it is the end:\n{}", end.join("\n"));
    let typed = end.iter().find(|line| line.contains("ossicle extract ")).unwrap();
    // What it says to type works, with a corpus in the place of the path.
    let words: Vec<_> = typed.split_whitespace().collect();
    let words: Vec<_> =
        words.iter().map(|&w| if w == "/path/to/TIMIT" { "demo/corpus" } else { w }).collect();
    let typed = Ossicle::from(Command::new(words[0])).args(&words[1..]);
    typed.in_folder(folder.path()).succeeds();
    let demo = folder.at("demo/dataset");
    crate::datasets::assert_same_dataset(&demo, &folder.at("timit-features"), "typed");
    ossicle("verify").arg(&demo).succeeds();
    assert!(!folder.at("demo/speed").exists());
    // Again, it finds its corpus there.
    let again = run().succeeds();
    assert!(again.stderr.contains("there already"), "{}", again.stderr);
}

#[test]
fn demo_makes_the_same_bytes_of_the_same_seed_and_others_of_another() {
    let folder = Folder::new();
    let make = |name: &str, seed: &str| {
        let out = folder.at(name);
        let run = ossicle("demo").arg(&out).args(["--scale", "0.002", "--corpus-only"]);
        run.args(["--seed", seed]).succeeds();
        let mut files = tree(&out);
        files.retain(|name, _| name != "demo.json");
        assert_eq!(files.len(), 80);
        files
    };
    let first = make("first", "5");
    crate::datasets::assert_same(&first, &make("second", "5"), "the same seed");
    let other = make("other", "6");
    assert!(first.keys().eq(other.keys()), "names do not depend on the seed");
    assert!(first.iter().all(|(name, bytes)| other[name] != *bytes));
}

#[test]
fn demo_refuses_a_folder_that_holds_something_else_and_scales_that_make_no_corpus() {
    let folder = Folder::new();
    write(folder.at("full/corpus/mine.txt"), "mine");
    ossicle("demo").arg(folder.at("full")).refuses(&["holds something else"]);
    for scale in ["0", "-1", "11", "nan"] {
        let run = ossicle("demo").arg(folder.at("demo")).arg(format!("--scale={scale}"));
        run.refuses(&["scale"]);
        assert!(!folder.at("demo").exists(), "{scale}");
    }
}

/// Runs it with a standard output (or error) whose reader has gone.
fn with_closed(run: Ossicle, err: bool) -> (Option<i32>, String) {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let mut command = run.into_command();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if err {
        command.stderr(writer)
    } else {
        command.stdout(writer)
    };
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_closed_standard_output_is_no_panic_and_no_error() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let out = folder.at("out");
    extract(folder.at("corpus"), &out).succeeds();
    let info = |what: &Path| ossicle("info").arg(what);
    for run in [
        ossicle("presets"),
        ossicle("presets").arg("timit-mfcc"),
        ossicle("limits"),
        ossicle("--help"),
        ossicle("verify").arg(&out),
        info(&out),
        info(&out).arg("--json"),
        info(&folder.at("corpus")),
        extract(folder.at("corpus"), &folder.at("other")),
    ] {
        let words = format!("{run:?}");
        let (code, stderr) = with_closed(run, false);
        assert!(!stderr.contains("panicked"), "{words}: {stderr}");
        assert!(!stderr.contains("roken pipe"), "{words}: {stderr}");
        assert_eq!(code, Some(0), "{words}: {stderr}");
    }
    ossicle("verify").arg(folder.at("other")).succeeds();
}

#[test]
fn a_run_whose_standard_output_is_closed_still_exits_with_1_where_utterances_failed() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    write(folder.at("corpus/b.wav"), "");
    let (code, stderr) = with_closed(extract(folder.at("corpus"), &folder.at("out")), false);
    assert_eq!(code, Some(1), "{stderr}");
}

#[test]
fn a_closed_standard_error_does_not_stop_a_run() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a", "b"]);
    write(folder.at("corpus/c.wav"), "");
    let out = folder.at("out");
    let (code, _) = with_closed(extract(folder.at("corpus"), &out).arg("-v"), true);
    assert_eq!(code, Some(1));
    ossicle("verify").arg(&out).succeeds();
}

#[test]
fn info_looks_at_every_header_of_a_corpus_or_of_one_recording() {
    let folder = Folder::new();
    // 0.5 s, 1.5 s of two channels, and what is no recording.
    write(folder.at("c/a.wav"), wav(&[0; 4000], 1, 8000));
    write(folder.at("c/b.wav"), wav(&[0; 48_000], 2, 16_000));
    write(folder.at("c/c.wav"), "<!DOCTYPE html>");
    write(folder.at("list.csv"), "path,text,start,end\nc/a.wav,one,0.1,0.4\nc/b.wav,two,,\n");
    let of = |what: &str| ossicle("info").arg(folder.at(what)).arg("--json").succeeds().json();
    let corpus = of("c");
    assert_eq!(corpus["rates_hz"], json!({"8000": 1, "16000": 1}));
    assert_eq!(corpus["channels"], json!({"1": 1, "2": 1}));
    assert_eq!(corpus["formats"], json!({"RIFF/WAVE, s16le": 2}));
    assert_eq!(corpus["splits"][0]["hours"], json!(2.0 / 3600.0));
    assert_eq!(corpus["problems"][0]["count"], 1);
    let counts = |json: &Value| -> u64 {
        let classes = json["durations"].as_array().unwrap().iter();
        classes.map(|class| class["count"].as_u64().unwrap()).sum()
    };
    assert_eq!(counts(&corpus), 2);
    // Of stretches the stretch counts, and texts are counted.
    let list = of("list.csv");
    assert_eq!(list["splits"][0]["hours"], json!(1.8 / 3600.0));
    assert_eq!(list["columns"], json!({"text": 2}));
    let one = of("c/b.wav");
    assert_eq!((&one["rates_hz"], counts(&one)), (&json!({"16000": 1}), 1));
}
