//! Open files and memory: never more than promised.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::corpora::{sound, wav, write, write_demo, write_many};
use crate::datasets::{assert_same_dataset, ids};
use crate::program::{Folder, Ossicle, PROGRAM, Ran, extract, keys, ossicle, under_ulimit};

/// What a process that has run out of files says.
#[track_caller]
fn assert_no_emfile(ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.contains("Too many open files") && !text.contains("os error 24"), "{text}");
    }
}

#[test]
fn eight_workers_run_under_ulimit_64_and_under_the_promised_bound() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_demo(&corpus);
    let plain = folder.at("plain");
    extract(&corpus, &plain).succeeds();
    for limit in [64, 2 * 8 + 32] {
        let out = folder.at(&limit.to_string());
        let ran = under_ulimit(limit, extract(&corpus, &out).args(["--json", "--jobs", "8"]));
        let ran = ran.succeeds();
        assert_eq!(ran.json()["workers"], 8, "{limit}");
        assert_no_emfile(&ran);
        assert_same_dataset(&plain, &out, "a small limit");
    }
}

#[test]
fn under_ulimit_20_fewer_workers_run_and_a_notice_says_so() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_demo(&corpus);
    let ran = under_ulimit(20, extract(&corpus, &out).args(["--json", "--jobs", "8"])).succeeds();
    assert_no_emfile(&ran);
    let workers = ran.json()["workers"].as_u64().unwrap();
    assert!((1..8).contains(&workers), "{workers}");
    let notices: Vec<_> = ran.stderr.lines().filter(|line| line.contains("limit")).collect();
    assert_eq!(notices.len(), 1, "{}", ran.stderr);
    assert!(notices[0].contains(&format!("{workers} of 8 workers")), "{}", notices[0]);
}

#[test]
fn under_ulimit_10_one_clear_line_says_how_to_raise_it() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_demo(&corpus);
    let run = under_ulimit(10, extract(&corpus, &out).args(["--jobs", "8"]));
    let ran = run.refuses(&["limit of open files is 10", "ulimit -n"]);
    assert_no_emfile(&ran);
    // Before work starts: what is there now is nothing that the next run would stumble over.
    extract(&corpus, &out).succeeds();
}

#[test]
fn under_any_small_limit_a_run_is_whole_or_refused() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    // Deep enough that walking through it takes more files than a worker does.
    let deep: String = (0..14).map(|n| format!("{n}/")).collect();
    for name in ["a.wav".to_owned(), format!("{deep}b.wav"), format!("{deep}c.wav")] {
        write(corpus.join(name), wav(&sound(1, 4000)));
    }
    let (mut whole, mut refused) = (0, 0);
    for limit in 6..32 {
        let out = folder.at(&limit.to_string());
        let ran = under_ulimit(limit, extract(&corpus, &out).args(["--jobs", "2"])).run();
        assert_no_emfile(&ran);
        match ran.code() {
            0 => {
                assert_eq!(ids(&out, "all").len(), 3, "ulimit {limit}: {}", ran.stderr);
                whole += 1;
            }
            2 => {
                assert!(ran.stderr.contains("ulimit -n"), "ulimit {limit}: {}", ran.stderr);
                refused += 1;
            }
            code => panic!("ulimit {limit}: {code}: {}", ran.stderr),
        }
    }
    assert!(whole > 0 && refused > 0, "{whole} whole, {refused} refused");
}

#[test]
fn a_soft_limit_below_the_hard_one_is_raised_as_far_as_needed() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, 400, 16_000);
    let mut bash = Command::new("bash");
    bash.args(["-c", "ulimit -Sn 16 && exec \"$0\" \"$@\""]).arg(PROGRAM);
    bash.arg("extract").arg(&corpus).arg("--out").arg(&out);
    bash.args(["--preset", "timit-mfcc", "--jobs", "8"]);
    let soft_limit = |process: &Path| {
        // The shell has the tests' own limit until it has set another. Asked first: what is ossicle
        // now was the shell just before.
        let is_ossicle = fs::read_to_string(process.join("comm")).ok()?.trim() == "ossicle";
        let limits = fs::read_to_string(process.join("limits")).ok()?;
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
        line.split_whitespace().next()?.parse().ok().filter(|_| is_ossicle)
    };
    let (raised, seen) = peak(Ossicle::from(bash).spawn(), soft_limit);
    assert!(seen > 5, "looked {seen} times");
    // Two for each worker and the standard ones; never to what the machine would allow.
    assert!((2 * 8 + 3..=2 * 8 + 32).contains(&raised), "raised to {raised}");
    assert_eq!(ids(&out, "all").len(), 400);
}

/// Looks at a running process until it ends; returns what `look` saw, largest first, and how often.
fn peak(mut child: Child, look: impl Fn(&Path) -> Option<u64>) -> (u64, usize) {
    let folder = format!("/proc/{}", child.id());
    let (mut peak, mut seen) = (0, 0);
    let begin = Instant::now();
    loop {
        if let Some(value) = look(folder.as_ref()).filter(|&value| value > 0) {
            peak = peak.max(value);
            seen += 1;
        }
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return (peak, seen);
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "it hangs");
    }
}

#[test]
fn eight_workers_never_have_more_files_open_than_promised() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, 400, 16_000);
    let child = extract(&corpus, &out).args(["--jobs", "8"]).spawn();
    let open = |process: &Path| Some(fs::read_dir(process.join("fd")).ok()?.count() as u64);
    let (peak, seen) = peak(child, open);
    assert!(seen > 20, "looked {seen} times");
    // More than the three standard ones, or nothing was seen of the work.
    assert!((5..=2 * 8 + 32).contains(&peak), "{peak} files were open");
}

/// The most memory that an extraction of so many recordings had resident, in bytes.
fn peak_memory(recordings: usize) -> u64 {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, recordings, 16_000);
    let child = extract(&corpus, &out).args(["--jobs", "2"]).spawn();
    let resident = |process: &Path| {
        let status = fs::read_to_string(process.join("status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
    };
    let (peak, seen) = peak(child, resident);
    assert!(seen > 5, "looked {seen} times");
    assert_eq!(ids(&out, "all").len(), recordings);
    peak
}

#[test]
fn memory_does_not_grow_with_the_corpus() {
    let (small, large) = (peak_memory(60), peak_memory(1500));
    eprintln!("60 recordings: {small} bytes, 1500: {large}");
    // The dataset of the large corpus is 70 MB.
    assert!(large < small + 1500 * 300 + 16_000_000, "{small} and {large}");
}

#[test]
fn limits_says_what_a_run_needs_and_whether_it_fits() {
    let ran = under_ulimit(64, ossicle("limits").args(["--jobs", "8"])).succeeds();
    for words in ["-n  open files", "2 for each worker", "it fits", "nofile  65535", "ulimit -n 64"]
    {
        assert!(ran.stdout.contains(words), "{words:?} is not in:\n{}", ran.stdout);
    }
    let ran = under_ulimit(20, ossicle("limits").args(["--jobs", "8"])).succeeds();
    assert!(ran.stdout.contains("of 8 workers fit into 20"), "{}", ran.stdout);
    let ran = under_ulimit(10, ossicle("limits").args(["--jobs", "8"])).exits(1);
    assert!(ran.stdout.contains("not even one worker fits"), "{}", ran.stdout);
}

#[test]
fn limits_of_a_corpus_count_its_recordings() {
    let folder = Folder::new();
    write_many(&folder.at("corpus"), 7, 800);
    let ran = ossicle("limits").arg(folder.at("corpus")).succeeds();
    assert!(ran.stdout.contains("each of the 7 recordings"), "{}", ran.stdout);
}

#[test]
fn limits_in_json_has_stable_keys_and_agrees_with_what_a_run_does() {
    let folder = Folder::new();
    write_many(&folder.at("corpus"), 30, 4000);
    let run = || ossicle("limits").arg(folder.at("corpus")).args(["--json", "--jobs", "8"]);
    let json = under_ulimit(20, run()).succeeds().json();
    let expected = [
        "cores",
        "open_files_hard",
        "open_files_in_use",
        "open_files_needed",
        "open_files_soft",
        "recordings",
        "workers_that_fit",
        "workers_wanted",
    ];
    assert_eq!(keys(&json), expected);
    assert_eq!((&json["open_files_hard"], &json["recordings"]), (&20.into(), &30.into()));
    let run = extract(folder.at("corpus"), &folder.at("out")).args(["--json", "--jobs", "8"]);
    let ran = under_ulimit(20, run).succeeds();
    assert_eq!(ran.json()["workers"], json["workers_that_fit"]);
}
