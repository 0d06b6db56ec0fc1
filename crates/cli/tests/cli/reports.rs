//! What `extract` prints, in all its ways.

use std::fs;
use std::path::Path;
use std::process::Command;

use ossicle_testing::Npy;

use crate::corpora::{demo, write, write_aligned, write_demo};
use crate::datasets::{ids, rows};
use crate::printed::{assert_sums_up, without_numbers};
use crate::program::{Folder, extract, keys};

#[test]
fn the_summary_says_what_was_stored_where_and_how_to_load_it() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    let ran = extract("corpus", Path::new("features")).args(["--jobs", "2"]);
    let ran = ran.in_folder(folder.path()).succeeds();
    insta::assert_snapshot!(without_numbers(&ran.stdout));
    let splits = ["train", "valid", "test"];
    assert_sums_up(&ran.stdout, &folder.at("features"), &splits, None);
    assert!(ran.stdout.contains(" s with 2 workers, "), "{}", ran.stdout);
}

#[test]
fn the_summary_of_a_run_with_failures_says_where_they_are_listed() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a", "b"]);
    write(folder.at("corpus/c.wav"), "");
    let ran = extract("corpus", Path::new("features")).args(["--jobs", "1"]);
    let ran = ran.in_folder(folder.path()).exits(1);
    insta::assert_snapshot!(without_numbers(&ran.stdout));
    assert_sums_up(&ran.stdout, &folder.at("features"), &["all"], Some(1.0));
    assert!(ran.stdout.contains(" s with 1 worker, "), "{}", ran.stdout);
    let again = extract("corpus", Path::new("features")).in_folder(folder.path()).exits(1);
    insta::assert_snapshot!("summary_of_a_complete_dataset", without_numbers(&again.stdout));
    assert_sums_up(&again.stdout, &folder.at("features"), &["all"], Some(1.0));
}

/// The lines of Python that a run prints, without their indent.
fn python_lines(stdout: &str) -> Vec<&str> {
    let lines = stdout.lines().skip_while(|line| *line != "load it in Python:").skip(1);
    lines.map(|line| line.strip_prefix("    ").unwrap()).collect()
}

/// What Python reads a literal as, by "String and Bytes literals" of its reference, as far as they are
/// needed; any other escape is an error.
fn from_python(literal: &str) -> String {
    let quoted = literal.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap();
    let mut rest = quoted.chars();
    let mut text = String::new();
    while let Some(c) = rest.next() {
        assert!(c != '"' && !c.is_control(), "{literal} is no Python");
        text.push(match c {
            '\\' => match rest.next() {
                Some(c @ ('"' | '\\')) => c,
                Some('x') => {
                    let digits: String = rest.by_ref().take(2).collect();
                    char::from(u8::from_str_radix(&digits, 16).unwrap())
                }
                c => panic!("{literal} has an escape {c:?}"),
            },
            c => c,
        });
    }
    text
}

/// Reads the files that the lines name.
#[track_caller]
fn assert_python_loads(lines: &[&str], folder: &Path, features: &[usize], labels: &[usize]) {
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[0], "import numpy as np");
    let all = [("features", features), ("labels", labels), ("index", &[2, 3])];
    for (line, (name, shape)) in lines[1..].iter().zip(all) {
        let path = line.strip_prefix(&format!("{name} = np.load(")).unwrap();
        let path = from_python(path.strip_suffix(", mmap_mode=\"r\")").unwrap());
        assert!(folder.join(&path).exists(), "{path} does not exist");
        assert_eq!(Npy::read(folder.join(path)).shape, shape);
    }
}

/// Names that a literal of Python's escapes, or need not.
const NAMES: [&str; 7] = [
    "a b",
    "100%",
    "it's \"quoted\"",
    "back\\slash",
    "tab\tand\u{7f}",
    "Sprache für alle",
    "zero\u{200b}width",
];

#[test]
fn the_lines_of_python_load_the_dataset() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a", "b"]);
    let ran = extract("corpus", Path::new("out")).in_folder(folder.path()).succeeds();
    assert_python_loads(&python_lines(&ran.stdout), folder.path(), &[96, 120], &[96]);
    let ran = extract("corpus", &folder.at("absolute")).in_folder(folder.path()).succeeds();
    assert_python_loads(&python_lines(&ran.stdout), folder.path(), &[96, 120], &[96]);
}

#[test]
fn the_lines_of_python_load_a_dataset_with_any_name() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a", "b"]);
    for name in NAMES {
        let ran = extract("corpus", Path::new(name)).in_folder(folder.path()).succeeds();
        assert_python_loads(&python_lines(&ran.stdout), folder.path(), &[96, 120], &[96]);
    }
}

#[test]
fn the_lines_of_python_name_files_that_exist_where_the_first_split_is_empty() {
    let folder = Folder::new();
    write_aligned(&folder.at("good"), &["a", "b"]);
    write(folder.at("bad/x.wav"), "");
    let words = ["bad=bad", "good=good", "--out", "out", "--preset", "timit-mfcc"];
    let run = crate::program::ossicle("extract").args(words).set(&["normalize.stats_from=all"]);
    let ran = run.in_folder(folder.path()).exits(1);
    assert_python_loads(&python_lines(&ran.stdout), folder.path(), &[96, 120], &[96]);
}

#[test]
#[ignore = "needs python3 with NumPy (pip install numpy), which the project does without; \
            cargo test -p ossicle-cli --test cli -- --ignored numpy"]
fn numpy_itself_runs_the_lines_of_python() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a", "b"]);
    for name in NAMES {
        let ran = extract("corpus", Path::new(name)).in_folder(folder.path()).succeeds();
        let script = format!(
            "{}\nassert list(features.shape) == [96, 120] and features.dtype == np.float32\n\
             assert list(labels.shape) == [96] and labels.dtype == np.int16\n",
            python_lines(&ran.stdout).join("\n")
        );
        let mut python = Command::new("python3");
        let python = python.current_dir(folder.path()).args(["-c", &script]).output();
        let python = python.expect("python3 is not installed");
        assert!(python.status.success(), "{script}\n{}", String::from_utf8_lossy(&python.stderr));
    }
}

/// `S.SS`.
fn is_seconds(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(whole, part)| digits(whole) && digits(part) && part.len() == 2)
}

#[test]
fn each_split_and_the_run_end_with_their_time() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    let ran = extract(folder.at("corpus"), &folder.at("out")).succeeds();
    let lines: Vec<_> = ran.stderr.lines().collect();
    for split in ["train", "valid", "test"] {
        let beginning = format!("{split}: 8 utterances, time = ");
        let times: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix(&beginning)).collect();
        assert_eq!(times.len(), 1, "{}", ran.stderr);
        assert!(is_seconds(times[0]), "{}", times[0]);
    }
    let last = lines.last().unwrap().strip_prefix("time = ").unwrap();
    assert!(is_seconds(last), "{last}");
    assert_eq!(lines.len(), 4, "{}", ran.stderr);
}

#[test]
fn verbose_prints_a_line_an_utterance_with_number_id_frames_and_time() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_demo(&corpus);
    let ran = extract(&corpus, &out).args(["-v", "--jobs", "2"]).succeeds();
    for split in ["train", "valid", "test"] {
        let rows = rows(out.join(split).join("utterances.jsonl"));
        let mut numbers = Vec::new();
        for row in &rows {
            let id = row["id"].as_str().unwrap();
            let lines: Vec<_> = ran.stderr.lines().filter(|line| line.contains(id)).collect();
            assert_eq!(lines.len(), 1, "{id}: {lines:?}");
            let fields: Vec<_> = lines[0].split("  ").collect();
            let [number, found, frames, time] = fields[..] else { panic!("{}", lines[0]) };
            assert_eq!(found, id);
            assert_eq!(frames, format!("{} frames", row["num_frames"]));
            let (whole, part) = time.strip_suffix(" ms").unwrap().split_once('.').unwrap();
            assert!(whole.parse::<u32>().is_ok() && part.len() == 1, "{time}");
            numbers.push(number.parse::<usize>().unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (0..rows.len()).collect::<Vec<_>>(), "{split}");
    }
}

#[test]
fn without_verbose_no_line_an_utterance_is_printed_and_without_a_terminal_no_bar() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    let ran = extract(folder.at("corpus"), &folder.at("out")).succeeds();
    assert!(!demo().iter().any(|(r, _)| ran.stderr.contains(r.id())), "{}", ran.stderr);
    assert!(!ran.stderr.contains(['\u{1b}', '\r', '█', '░']), "{}", ran.stderr);
}

#[test]
fn quiet_prints_failures_and_nothing_else() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a", "b"]);
    let ran = extract(folder.at("corpus"), &folder.at("out")).arg("-q").succeeds();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    write(folder.at("corpus/c.wav"), "");
    let ran = extract(folder.at("corpus"), &folder.at("out2")).arg("-q").exits(1);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("ossicle: c: "), "{}", ran.stderr);
}

#[test]
fn a_log_file_gets_everything_and_is_appended_to() {
    let folder = Folder::new();
    let (corpus, log) = (folder.at("corpus"), folder.at("log.txt"));
    write_aligned(&corpus, &["a", "b"]);
    write(corpus.join("c.wav"), "");
    let run = || extract(&corpus, &folder.at("out")).arg("-q").arg("--log-file").arg(&log);
    run().exits(1);
    let first = fs::read_to_string(&log).unwrap();
    for words in ["extract", "timit-mfcc", "  a  48 frames  ", "  b  48 frames  ", "time = "] {
        assert!(first.contains(words), "{words:?} is not in:\n{first}");
    }
    assert_eq!(first.lines().filter(|line| line.contains("ossicle: c: ")).count(), 1, "{first}");
    run().set(&["feature.num_ceps=13"]).exits(2);
    let both = fs::read_to_string(&log).unwrap();
    let added = both.strip_prefix(&first).expect("what was there stays");
    assert!(added.contains("feature.num_ceps was 40"), "{added}");
}

#[test]
fn the_json_of_a_run_has_stable_keys_and_right_counts() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_demo(&corpus);
    let json = extract(&corpus, &out).args(["--json", "--jobs", "2"]).succeeds().json();
    let expected = [
        "already_complete",
        "bytes",
        "causes",
        "dataset",
        "failures",
        "frames",
        "hours",
        "ignored_files",
        "ignored_kinds",
        "left_out",
        "notices",
        "parts",
        "resumed_parts",
        "seconds",
        "splits",
        "utterances",
        "workers",
    ];
    assert_eq!(keys(&json), expected);
    assert_eq!(json["dataset"], out.to_str().unwrap());
    assert_eq!((&json["utterances"], &json["failures"]), (&24.into(), &0.into()));
    assert_eq!((&json["already_complete"], &json["workers"]), (&false.into(), &2.into()));
    let split_frames = |split: &str| Npy::read(out.join(split).join("features-00000.npy")).shape[0];
    let frames: usize = ["train", "valid", "test"].map(split_frames).iter().sum();
    assert_eq!(json["frames"], frames);
    let split = &json["splits"][0];
    let expected = ["duration_s", "failures", "frames", "left_out", "name", "shards", "utterances"];
    assert_eq!(keys(split), expected);
    assert_eq!(split["frames"], split_frames("train"));
    assert_eq!(ids(&out, "train").len() as u64, split["utterances"].as_u64().unwrap());
}

#[test]
fn a_dry_run_counts_and_writes_nothing() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_demo(&corpus);
    let ran = extract(&corpus, &out).arg("--dry-run").succeeds();
    assert!(!out.exists());
    assert!(ran.stdout.contains("TIMIT tree of 24"), "{}", ran.stdout);

    let json = extract(&corpus, &out).args(["--dry-run", "--json"]).succeeds().json();
    assert!(!out.exists());
    let expected = [
        "already_complete",
        "causes",
        "dataset_bytes",
        "fits",
        "free_bytes",
        "notices",
        "peak_bytes",
        "splits",
        "unreadable",
        "would_stop",
    ];
    assert_eq!(keys(&json), expected);
    extract(&corpus, &out).succeeds();
    let mut bytes = 0;
    for split in ["train", "valid", "test"] {
        let of = &json["splits"][split];
        assert_eq!(keys(of), ["frames", "hours", "utterances"]);
        assert_eq!(of["utterances"], 8);
        // The demo's phones cover its recordings, so nothing is cropped.
        let features = Npy::read(out.join(split).join("features-00000.npy"));
        assert_eq!(of["frames"], features.shape[0], "{split}");
        bytes +=
            features.data.len() + Npy::read(out.join(split).join("labels-00000.npy")).data.len();
        let words = format!("{} ", features.shape[0]);
        assert!(ran.stdout.replace('\n', " ").contains(&words), "{words} in {}", ran.stdout);
    }
    assert_eq!(json["dataset_bytes"], bytes);
    assert_eq!(json["fits"], true);
}

#[test]
fn a_dry_run_names_what_cannot_be_read() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    write(folder.at("corpus/c.wav"), "");
    let ran = extract(folder.at("corpus"), &folder.at("out")).arg("--dry-run").exits(1);
    assert!(ran.stdout.contains("would fail: c: "), "{}", ran.stdout);
    assert!(!folder.at("out").exists());
}
