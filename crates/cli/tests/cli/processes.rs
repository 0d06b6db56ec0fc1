//! Worker processes: the same bytes as threads, and what happens to one happens to it alone.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::corpora::{riff, sound, wav, write, write_aligned, write_demo, write_many};
use crate::datasets::{arrays, assert_same, assert_same_dataset, ids, rows};
use crate::program::{Folder, Ossicle, PROGRAM, extract, ossicle};

fn in_processes(corpus: &Path, out: &Path) -> Ossicle {
    extract(corpus, out).args(["--isolation", "processes"])
}

/// An hour of silence that takes no room on the disk, and long enough to be found in the open.
fn write_an_hour(path: &Path) {
    let samples: u32 = 16_000 * 3600;
    let header = riff(1, 1, 16_000, 16, &[], 2 * samples);
    write(path, &header);
    let length = header.len() as u64 + 2 * u64::from(samples);
    File::options().write(true).open(path).unwrap().set_len(length).unwrap();
}

/// The worker processes of a coordinator.
fn workers(coordinator: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{coordinator}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()
        })
        .collect()
}

/// The number of parts that a run has written whole.
fn whole_parts(out: &Path) -> usize {
    let entries = fs::read_dir(out.join(".ossicle/parts")).into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().extension().is_some_and(|of| of == "part")).count()
}

/// Sends a signal to every worker that has a file of this name open, until the run ends; returns how
/// often.
fn haunt(child: &mut Child, name: &str, signal: &str) -> usize {
    let begin = Instant::now();
    let mut times = 0;
    let mut last = None;
    loop {
        if child.try_wait().unwrap().is_some() {
            return times;
        }
        assert!(begin.elapsed() < Duration::from_secs(100), "it hangs");
        for worker in workers(child.id()) {
            let files = fs::read_dir(format!("/proc/{worker}/fd")).into_iter().flatten().flatten();
            let mut open = files.filter_map(|file| fs::read_link(file.path()).ok());
            if last != Some(worker) && open.any(|path: PathBuf| path.ends_with(name)) {
                let pid = worker.to_string();
                assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
                last = Some(worker);
                times += 1;
            }
        }
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn processes_write_the_same_bytes_as_threads() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_demo(&corpus);
    write(corpus.join("TRAIN/DR1/FCJF0/SX999.WAV"), b"no recording");
    extract(&corpus, &folder.at("threads")).exits(1);
    for jobs in ["1", "3"] {
        let ran = in_processes(&corpus, &folder.at(jobs)).args(["--jobs", jobs, "--json"]).exits(1);
        assert_eq!(ran.json()["workers"].to_string(), jobs);
        assert_same_dataset(&folder.at("threads"), &folder.at(jobs), "processes");
    }
}

#[test]
fn a_label_map_from_a_file_reaches_the_processes() {
    let folder = Folder::new();
    let (corpus, map) = (folder.at("corpus"), folder.at("map"));
    write_aligned(&corpus, &["a", "b"]);
    // The map has all phones of one recording alone.
    fs::write(corpus.join("b.PHN"), "0 1500 h#\n1500 8000 sh\n").unwrap();
    fs::write(&map, "h# sil\nsh sh\n").unwrap();
    let set = format!("labels.map={}", map.display());
    let run = |run: Ossicle| run.set(&[&set]).run().code();
    let codes =
        (run(extract(&corpus, &folder.at("t"))), run(in_processes(&corpus, &folder.at("p"))));
    assert_eq!(codes, (1, 1));
    assert_same_dataset(&folder.at("t"), &folder.at("p"), "a map of one's own");
}

#[test]
fn an_utterance_that_kills_workers_is_a_row_of_the_ledger_and_the_others_are_as_without_it() {
    let folder = Folder::new();
    let (corpus, out, without) = (folder.at("corpus"), folder.at("out"), folder.at("without"));
    for number in 0..12 {
        write(corpus.join(format!("{number:02}.wav")), wav(&sound(number, 8000)));
    }
    extract(&corpus, &without).succeeds();
    write_an_hour(&corpus.join("05-killer.wav"));
    let mut child = in_processes(&corpus, &out).args(["--jobs", "2"]).spawn();
    let kills = haunt(&mut child, "05-killer.wav", "-KILL");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    // The part twice, and then the utterance alone, twice: somebody might have killed one by chance.
    assert_eq!(kills, 4);
    let [row] = &rows(out.join("failures.jsonl"))[..] else { panic!("not one row") };
    assert_eq!((&row["id"], &row["stage"]), (&"05-killer".into(), &"worker".into()));
    assert_eq!(row["cause"], "worker-died");
    assert!(row["error"].as_str().unwrap().contains("signal 9 (SIGKILL"), "{row}");
    assert_same(&arrays(&without), &arrays(&out), "the good utterances");
}

#[test]
fn a_worker_that_hangs_is_ended_after_the_timeout() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    for number in 0..6 {
        write(corpus.join(format!("{number}.wav")), wav(&sound(number, 8000)));
    }
    write_an_hour(&corpus.join("3-sleeper.wav"));
    let run = in_processes(&corpus, &out).args(["--timeout-per-utterance", "1", "--jobs", "1"]);
    let mut child = run.spawn();
    let stops = haunt(&mut child, "3-sleeper.wav", "-STOP");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(stops, 2);
    let [row] = &rows(out.join("failures.jsonl"))[..] else { panic!("not one row") };
    assert_eq!((&row["id"], &row["stage"]), (&"3-sleeper".into(), &"worker".into()));
    assert_eq!(row["cause"], "worker-died");
    assert!(row["error"].as_str().unwrap().contains("took longer than 1 s"), "{row}");
    assert_eq!(ids(&out, "all").len(), 6);
}

#[test]
fn a_worker_that_somebody_kills_costs_nothing_but_time() {
    let folder = Folder::new();
    let (corpus, out, whole) = (folder.at("corpus"), folder.at("out"), folder.at("whole"));
    // So many that there is time for several kills.
    write_many(&corpus, 3000, 16_000);
    extract(&corpus, &whole).succeeds();
    let mut child = in_processes(&corpus, &out).args(["--jobs", "1"]).spawn();
    let begin = Instant::now();
    let mut kills = 0;
    // What kills a worker again and again is one of its utterances: each part is left to end before the next kill,
    // however slow the machine.
    let mut due = 0;
    while child.try_wait().unwrap().is_none() {
        assert!(begin.elapsed() < Duration::from_secs(100), "it hangs");
        thread::sleep(Duration::from_millis(20));
        if whole_parts(&out) < due {
            continue;
        }
        if let Some(worker) = workers(child.id()).first() {
            let _ = Command::new("kill").args(["-KILL", &worker.to_string()]).status();
            kills += 1;
            due = whole_parts(&out) + 2;
        }
    }
    assert!(child.wait().unwrap().success());
    assert!(kills > 1, "{kills}");
    assert_same_dataset(&whole, &out, "killed workers");
}

#[test]
fn what_a_worker_that_died_had_written_is_gone_before_its_part_is_begun_again() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_an_hour(&corpus.join("long.wav"));
    let mut child = in_processes(&corpus, &out).args(["--jobs", "1"]).spawn();
    // Waits for a draft that is none of these, and says what there is then.
    let mut drafts_but = |old: &[PathBuf]| loop {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        let entries = fs::read_dir(out.join(".ossicle/parts")).into_iter().flatten().flatten();
        let drafts: Vec<_> = entries.map(|entry| entry.path()).collect();
        if drafts.iter().any(|draft| !old.contains(draft)) {
            return (drafts, workers(child.id()));
        }
        thread::sleep(Duration::from_millis(1));
    };
    let (first, workers) = drafts_but(&[]);
    let [worker] = &workers[..] else { panic!("not one worker: {workers:?}") };
    assert!(Command::new("kill").args(["-KILL", &worker.to_string()]).status().unwrap().success());
    let (second, _) = drafts_but(&first);
    assert_eq!((first.len(), second.len()), (1, 1), "{first:?}, {second:?}");
    assert!(child.wait().unwrap().success());
}

#[test]
fn workers_end_when_their_coordinator_is_killed() {
    let folder = Folder::new();
    let (corpus, out, whole) = (folder.at("corpus"), folder.at("out"), folder.at("whole"));
    write_many(&corpus, 1000, 16_000);
    let said = folder.at("said");
    let mut command = in_processes(&corpus, &out).args(["--jobs", "2", "-q"]).into_command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&said).unwrap());
    let mut child = command.spawn().unwrap();
    let begin = Instant::now();
    let mut orphans = Vec::new();
    while orphans.len() < 2 {
        assert!(begin.elapsed() < Duration::from_secs(60), "no workers appear");
        orphans = workers(child.id());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let alive = |pid: &u32| {
        let comm = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        comm.contains("(ossicle) ") && !comm.contains(") Z ")
    };
    while orphans.iter().any(alive) {
        assert!(begin.elapsed() < Duration::from_secs(60), "workers outlive their coordinator");
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(
        fs::read_to_string(said).unwrap(),
        "",
        "a worker without a coordinator has nothing to say"
    );
    in_processes(&corpus, &out).succeeds();
    extract(&corpus, &whole).succeeds();
    assert_same_dataset(&whole, &out, "an orphan must not write to the next run's parts");
}

#[test]
fn a_disk_error_in_a_worker_ends_the_run_with_its_sentence() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, 30, 16_000);
    let mut bash = Command::new("bash");
    bash.args(["-c", "ulimit -f 20 && exec \"$0\" \"$@\""]).arg(PROGRAM);
    bash.arg("extract").arg(&corpus).arg("--out").arg(&out);
    bash.args(["--preset", "timit-mfcc", "--isolation", "processes"]);
    Ossicle::from(bash).refuses(&["File too large", "ulimit -f unlimited", "goes on from there"]);
    in_processes(&corpus, &out).succeeds();
}

#[test]
fn a_timeout_without_processes_and_a_worker_by_hand_are_refused() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let run =
        extract(folder.at("corpus"), &folder.at("out")).args(["--timeout-per-utterance", "5"]);
    run.refuses(&["--isolation processes"]);
    ossicle("worker").refuses(&["not by hand"]);
}

#[test]
fn speed_compares_processes_with_threads() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_many(&corpus, 40, 8000);
    let speed = ossicle("speed").arg(&corpus).args(["--preset", "timit-mfcc", "--jobs", "1,2"]);
    let speed = speed.args(["--isolation", "threads,processes", "--json"]).arg("--work");
    let json = speed.arg(folder.at("work")).succeeds().json();
    let runs = json["runs"].as_array().unwrap();
    let kinds: Vec<_> = runs.iter().map(|run| run["isolation"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["threads", "threads", "processes", "processes"]);
    assert_eq!(json["same_bytes"], true);
    assert!(runs.iter().all(|run| run["start_and_join_seconds"].as_f64().unwrap() > 0.0));
}
