//! Signals: a run that is asked to stop leaves a folder that can be gone on with.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::corpora::{sound, write, write_many};
use crate::datasets::assert_same_dataset;
use crate::program::{Folder, Ossicle, PROGRAM, extract, extract_with};

/// Starts a run, sends it a signal once its first part is there, and returns how it ended, what it said
/// and how long that took.
fn interrupt(run: Ossicle, out: &Path, signal: &str) -> (ExitStatus, String, Duration) {
    let mut command = run.into_command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let begin = Instant::now();
    let has_parts = || {
        let entries = fs::read_dir(out.join(".ossicle/parts")).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).any(|path| path.extension().is_some_and(|e| e == "part"))
    };
    while !has_parts() {
        assert!(begin.elapsed() < Duration::from_secs(60), "no part appears");
        thread::sleep(Duration::from_micros(200));
    }
    let sent = Instant::now();
    assert!(
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success()
    );
    let output = child.wait_with_output().unwrap();
    (output.status, String::from_utf8(output.stderr).unwrap(), sent.elapsed())
}

#[test]
fn ctrl_c_ends_within_a_second_whatever_is_being_computed() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write(corpus.join("a.wav"), ossicle_testing::wav(&sound(1, 44_100), 1, 44_100));
    // The tables of so many gammatones take half a minute.
    let sets = ["feature.num_channels=128", "frames.length=1100samples", "frames.shift=441samples"];
    let mut command = extract_with("timit-spikegram", &corpus, &out).set(&sets).into_command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    thread::sleep(Duration::from_millis(600));
    let sent = Instant::now();
    assert!(
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success()
    );
    let output = child.wait_with_output().unwrap();
    let took = sent.elapsed();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(said.contains("the same command goes on from there"), "{said}");
}

#[test]
fn ctrl_c_and_its_like_end_within_a_second_and_say_how_to_go_on() {
    let folder = Folder::new();
    let (corpus, whole) = (folder.at("corpus"), folder.at("whole"));
    write_many(&corpus, 1000, 16_000);
    extract(&corpus, &whole).succeeds();
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        for isolation in ["threads", "processes"] {
            let out = folder.at(&format!("{code}-{isolation}"));
            let run = || extract(&corpus, &out).args(["--jobs", "2", "--isolation", isolation]);
            let (status, said, took) = interrupt(run(), &out, signal);
            assert_eq!(status.code(), Some(code), "{said}");
            assert!(took < Duration::from_secs(1), "{took:?}");
            let last = said.lines().last().unwrap_or_default();
            assert!(last.contains(" kept; the same command goes on from there"), "{said}");
            let drafts = fs::read_dir(out.join(".ossicle/parts")).unwrap().flatten();
            let mut drafts = drafts.map(|entry| entry.path());
            // Those of a process that was ended in the middle are the next run's to remove.
            let is_draft =
                |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == "draft");
            assert!(isolation == "processes" || !drafts.any(|path| is_draft(&path)));
            let ran = run().arg("--json").succeeds();
            assert!(ran.json()["resumed_parts"].as_u64().unwrap() > 0);
            assert_same_dataset(&whole, &out, signal);
            assert!(!out.join(".ossicle").exists());
        }
    }
}

#[test]
fn what_was_ignored_when_the_program_started_stays_ignored() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, 1000, 16_000);
    // What nohup does.
    let mut bash = Command::new("bash");
    bash.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(PROGRAM);
    bash.arg("extract").arg(&corpus).arg("--out").arg(&out);
    bash.args(["--preset", "timit-mfcc", "--jobs", "1"]);
    let (status, said, _) = interrupt(Ossicle::from(bash), &out, "-HUP");
    assert!(status.success(), "{said}");
}

#[test]
fn the_log_has_whole_lines_and_says_how_the_run_ended() {
    let folder = Folder::new();
    let (corpus, out, log) = (folder.at("corpus"), folder.at("out"), folder.at("log"));
    write_many(&corpus, 1000, 16_000);
    let run = || extract(&corpus, &out).args(["--jobs", "2", "--log-file"]).arg(&log);
    interrupt(run(), &out, "-INT");
    run().succeeds();
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.ends_with('\n'));
    let heads: Vec<_> = text.lines().filter(|line| line.contains(" extract ")).collect();
    assert_eq!(heads.len(), 2, "{heads:?}");
    // 2026-11-25T02:40:00Z
    assert!(
        heads.iter().all(|head| head.as_bytes()[10] == b'T' && head.contains("Z  ")),
        "{heads:?}"
    );
    assert!(text.contains(" kept; the same command goes on from there"));
    assert!(text.contains("1000 utterances stored, none failed"));
}
