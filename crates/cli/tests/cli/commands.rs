//! Commands in place of recordings, when a run ends before they do.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::corpora::sound;
use crate::program::{Folder, Ossicle, extract_with, ossicle};

/// A corpus with a command that does not end, which tells the number of its process, and that of whom it
/// runs for.
///
/// - `quick`: so many before it print a recording
fn corpus(folder: &Folder, quick: usize) {
    fs::write(folder.at("a.wav"), ossicle_testing::wav(&sound(1, 16_000), 1, 16_000)).unwrap();
    let mut lines: String = (0..quick).map(|at| format!("a{at} cat a.wav |\n")).collect();
    lines += "z echo $PPID > runs_for; sleep 1000 & echo $! > command; wait |\n";
    fs::write(folder.at("wav.scp"), lines).unwrap();
}

/// So many commands are looked at before anything is begun.
const LOOKED_AT: usize = 8;

fn extract(folder: &Folder, isolation: &str) -> Ossicle {
    let list = folder.at("wav.scp");
    let run = extract_with("kaldi-fbank", list, &folder.at("out")).arg("--allow-commands");
    run.args(["--isolation", isolation, "--jobs", "1"])
}

/// Waits for something that another process does.
#[track_caller]
fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        match look() {
            Some(seen) => return seen,
            None => assert!(begin.elapsed() < Duration::from_secs(30), "{what}"),
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// The number that a command has written.
fn number(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn send(signal: &str, process: u32) {
    let sent = Command::new("kill").args([signal, &process.to_string()]).status();
    assert!(sent.unwrap().success());
}

/// Whether the command still runs. Of one that has ended, its number may be left.
fn runs(process: u32) -> bool {
    let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    line.starts_with(b"sleep\0")
}

fn start(run: Ossicle) -> Child {
    let mut command = run.into_command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn a_signal_ends_a_command_that_is_looked_at_and_the_run_at_once() {
    // Each channel is an utterance: all headers are looked at for that, or else only some for their rates.
    for set in ["audio.channel=\"first\"", "audio.channel=\"each\""] {
        for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
            let folder = Folder::new();
            corpus(&folder, 1);
            let child = start(extract(&folder, "threads").set(&[set]));
            let command = wait("no command runs", || number(&folder.at("command")));
            let sent = Instant::now();
            send(signal, child.id());
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{said}");
            assert!(sent.elapsed() < Duration::from_secs(20), "{:?}", sent.elapsed());
            assert_eq!(said, "ossicle: stopped\n");
            wait("the command goes on", || (!runs(command)).then_some(()));
            assert!(!folder.at("out").exists());
        }
    }
}

#[test]
fn info_runs_no_command() {
    let folder = Folder::new();
    corpus(&folder, 1);
    let told = ossicle("info").arg(folder.at("wav.scp")).succeeds();
    assert!(told.stdout.contains("made by commands, not looked at"), "{}", told.stdout);
    assert!(!folder.at("runs_for").exists());
}

#[test]
fn a_command_ends_with_whom_it_runs_for_however_that_ends() {
    for isolation in ["threads", "processes"] {
        let folder = Folder::new();
        corpus(&folder, LOOKED_AT);
        let mut child = start(extract(&folder, isolation));
        let command = wait("no command runs", || number(&folder.at("command")));
        let worker = number(&folder.at("runs_for")).unwrap();
        assert_eq!(worker == child.id(), isolation == "threads");
        send("-KILL", worker);
        wait("the command goes on", || (!runs(command)).then_some(()));
        if isolation == "processes" {
            // Its part is computed again, by another.
            let again = |number: &u32| *number != command;
            let command = wait("no worker", || number(&folder.at("command")).filter(again));
            send("-KILL", child.id());
            wait("the command goes on", || (!runs(command)).then_some(()));
        }
        child.wait().unwrap();
    }
}
