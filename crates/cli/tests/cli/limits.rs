//! Open files and memory: never more than promised.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::corpora::{riff, sound, wav, write, write_demo, write_many};
use crate::datasets::{assert_same_dataset, ids};
use crate::printed::assert_fits;
use crate::program::{
    Finished, Folder, Ossicle, PROGRAM, extract, extract_with, keys, ossicle, under_ulimit,
};

/// What a process that has run out of files says.
#[track_caller]
fn assert_no_emfile(ran: &Finished) {
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

/// The most memory that a process had resident so far, in bytes.
fn resident(process: &Path) -> Option<u64> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// The most memory that an extraction of so many recordings had resident, in bytes.
fn peak_memory(recordings: usize) -> u64 {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, recordings, 16_000);
    let child = extract(&corpus, &out).args(["--jobs", "2"]).spawn();
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

/// The most memory that planning the extraction of a description had resident, in bytes.
///
/// - `write`: writes the description of so many utterances into a folder, and returns its path
fn planning_memory(count: usize, write: impl Fn(&Path, usize) -> PathBuf) -> u64 {
    let folder = Folder::new();
    // One is there, and nothing but headers would be read of the others.
    write_many(&folder.at("corpus"), 1, 16_000);
    let description = write(&folder.at("corpus"), count);
    let run = extract(&description, &folder.at("out")).args(["--dry-run=quick"]);
    let (peak, seen) = peak(run.spawn(), resident);
    assert!(seen > 1, "looked {seen} times");
    peak
}

#[test]
fn a_description_is_planned_within_300_bytes_an_utterance_and_what_its_columns_hold() {
    let text = "nineteen hundred and eighty four began on a sunday";
    // Their keys and values, and the marks between them.
    let table = format!(r#"{{"text":"{text}","language":"en","age":"30","gender":"f"}}"#).len();
    let table_of = |folder: &Path, count: usize| {
        let mut rows = String::from("path,id,speaker,text,language,age,gender\n");
        for number in 0..count {
            let id = format!("speaker{:03}-{number:06}", number / 100);
            rows += &format!("clips/{id}.wav,{id},speaker{:03},{text},en,30,f\n", number / 100);
        }
        rows += &format!("0/00000.wav,last,nobody,{text},en,30,f\n");
        write(folder.join("corpus.csv"), rows.into_bytes());
        folder.join("corpus.csv")
    };
    let kaldi = format!(r#"{{"text":"{text}"}}"#).len();
    let kaldi_of = |folder: &Path, count: usize| {
        let lines = |of: &dyn Fn(&str) -> String| -> Vec<u8> {
            let ids = (0..count).map(|number| format!("speaker{:03}-{number:06}", number / 100));
            ids.map(|id| format!("{id} {}\n", of(&id))).collect::<String>().into_bytes()
        };
        let mut recordings = lines(&|id| format!("clips/{id}.wav"));
        recordings.extend(b"zero 0/00000.wav\n");
        let [mut texts, mut speakers] = [lines(&|_| text.into()), lines(&|id| id[..10].into())];
        texts.extend(b"zero text\n");
        speakers.extend(b"zero nobody\n");
        write(folder.join("wav.scp"), recordings);
        write(folder.join("text"), texts);
        write(folder.join("utt2spk"), speakers);
        folder.to_path_buf()
    };
    let (few, many) = (2000, 122_000);
    let each = |write: &dyn Fn(&Path, usize) -> PathBuf| {
        let (small, large) = (planning_memory(few, write), planning_memory(many, write));
        large.saturating_sub(small) / (many - few) as u64
    };
    for (name, bytes, columns) in
        [("table", each(&table_of), table), ("data folder of Kaldi's", each(&kaldi_of), kaldi)]
    {
        eprintln!("{name}: {bytes} bytes an utterance, of which {columns} are its columns");
        // What the system's memory keeps beside each piece, too.
        assert!(bytes <= 300 + columns as u64 + 24, "{name}: {bytes}, of which {columns}");
    }
}

#[test]
fn a_hundred_thousand_recordings_pass_under_ulimit_64_in_bounded_memory() {
    let memory_of = |count: usize| {
        let folder = Folder::new();
        let (corpus, out) = (folder.at("corpus"), folder.at("out"));
        write_many(&corpus, count, 800);
        let run = extract(&corpus, &out).args(["--jobs", "8"]);
        let (peak, seen) = peak(under_ulimit(64, run).spawn(), resident);
        assert!(seen > 5, "looked {seen} times");
        assert_eq!(ids(&out, "all").len(), count);
        peak
    };
    let (few, many) = (1000, 100_000);
    let (small, large) = (memory_of(few), memory_of(many));
    // Eight workers, who have no more to do at once however many there are, eight readers, who begin where the disk
    // is slow, and for each recording at most 300 bytes; the name of one takes 50 of them here.
    let at_once = 8 * 4_200_000 + 8 * 2_000_000;
    assert!(large - small < at_once + (many - few) as u64 * 300, "{small}, {large}");
}

#[test]
fn the_length_of_a_recording_does_not_show_in_memory() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    // Ten hours, of which the disk holds nothing: 1.15 GB of samples.
    let samples: u32 = 16_000 * 36_000;
    write(corpus.join("long.wav"), riff(1, 1, 16_000, 16, &[], 2 * samples));
    let file = fs::File::options().write(true).open(corpus.join("long.wav")).unwrap();
    file.set_len(44 + 2 * u64::from(samples)).unwrap();
    // With its largest value, a sliding window and the mean of its energies.
    let run = extract_with("whisper-80", &corpus, &out).set(&[
        "frames.shift=100ms",
        "normalize.scope=sliding",
        "normalize.variance=false",
        "normalize.mean=true",
        "feature.use_energy=true",
        "vad.energy_mean_scale=0.5",
    ]);
    let (peak, _) = peak(run.args(["--jobs", "1"]).spawn(), resident);
    assert_eq!(ids(&out, "all").len(), 1);
    assert!(peak < 60_000_000, "{peak}");
}

#[test]
fn a_limit_of_memory_or_files_that_the_user_sets_allows_fewer_workers_or_none() {
    let folder = Folder::new();
    let (corpus, plain) = (folder.at("corpus"), folder.at("plain"));
    write_many(&corpus, 60, 4000);
    extract(&corpus, &plain).succeeds();
    let run = |out: &str, limit: &str, value: &str| {
        let run = extract(&corpus, &folder.at(out)).args(["--json", "--jobs", "8"]);
        run.args([limit, value])
    };
    let by_memory = run("memory", "--max-memory", "120MB").succeeds();
    let workers = by_memory.json()["workers"].as_u64().unwrap();
    assert!((1..8).contains(&workers), "{workers}");
    let notice = format!("120 MB by --max-memory, which allows {workers} of 8 workers");
    assert!(by_memory.stderr.contains(&notice), "{}", by_memory.stderr);
    let by_files = run("files", "--max-open-files", "20").succeeds();
    assert!(by_files.json()["workers"].as_u64().unwrap() < 8);
    assert!(by_files.stderr.contains("of 8 workers"), "{}", by_files.stderr);
    run("none", "--max-memory", "10MB").refuses(&["10 MB by --max-memory", "one worker needs"]);
    run("none", "--max-open-files", "5").refuses(&["limit of open files is 5"]);
    for out in ["memory", "files"] {
        assert_same_dataset(&plain, &folder.at(out), "fewer workers");
    }
}

#[test]
fn under_a_small_address_space_fewer_workers_run_or_one_line_says_why_none_does() {
    let folder = Folder::new();
    let (corpus, plain) = (folder.at("corpus"), folder.at("plain"));
    write_many(&corpus, 60, 4000);
    extract(&corpus, &plain).succeeds();
    let (mut whole, mut refused) = (0, 0);
    for mib in [60, 100, 250, 500, 1000] {
        let out = folder.at(&mib.to_string());
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("ulimit -v {} && exec \"$0\" \"$@\"", mib * 1024)]);
        bash.arg(PROGRAM).arg("extract").arg(&corpus).arg("--out").arg(&out);
        bash.args(["--preset", "timit-mfcc", "--jobs", "8"]);
        let ran = Ossicle::from(bash).run();
        match ran.code() {
            0 => {
                assert_same_dataset(&plain, &out, "a small address space");
                whole += 1;
            }
            2 => {
                let last = ran.stderr.lines().last().unwrap_or_default();
                assert!(last.contains("`ulimit -v`"), "{mib} MiB: {}", ran.stderr);
                refused += 1;
            }
            code => panic!("{mib} MiB: {code}: {}", ran.stderr),
        }
    }
    assert!(whole > 0 && refused > 0, "{whole} whole, {refused} refused");
}

#[test]
fn limits_says_what_a_run_needs_and_whether_it_fits() {
    let ran = under_ulimit(64, ossicle("limits").args(["--jobs", "8"])).succeeds();
    for words in ["open files (-n)", "2 for each worker", "it fits", "nofile  65535", "ulimit -Hn"]
    {
        assert!(ran.stdout.contains(words), "{words:?} is not in:\n{}", ran.stdout);
    }
    assert_fits(&ran.stdout);
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
    assert!(ran.stdout.contains("each of 7 recordings"), "{}", ran.stdout);
    write_many(&folder.at("many"), 120, 800);
    assert_fits(&ossicle("limits").arg(folder.at("many")).succeeds().stdout);
}

#[test]
fn limits_in_json_has_stable_keys_and_agrees_with_what_a_run_does() {
    let folder = Folder::new();
    write_many(&folder.at("corpus"), 30, 4000);
    let run = || ossicle("limits").arg(folder.at("corpus")).args(["--json", "--jobs", "8"]);
    let json = under_ulimit(20, run()).succeeds().json();
    let expected = [
        "cores",
        "fits",
        "limits",
        "open_files_hard",
        "open_files_in_use",
        "open_files_needed",
        "open_files_soft",
        "recordings",
        "system",
        "workers_that_fit",
        "workers_wanted",
    ];
    assert_eq!(keys(&json), expected);
    assert_eq!((&json["open_files_hard"], &json["recordings"]), (&20.into(), &30.into()));
    let run = extract(folder.at("corpus"), &folder.at("out")).args(["--json", "--jobs", "8"]);
    let ran = under_ulimit(20, run).succeeds();
    assert_eq!(ran.json()["workers"], json["workers_that_fit"]);
}
