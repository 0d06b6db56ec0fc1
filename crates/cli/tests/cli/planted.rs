//! Links, pipes and forged cards in the folder of a dataset: nothing outside is touched, nothing is waited
//! for, and nothing but a dataset's own files is removed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use crate::corpora::{write, write_aligned, write_many};
use crate::datasets::{assert_same_dataset, tree};
use crate::notices::{no_notice, notice};
use crate::program::{Folder, Ossicle, extract, ossicle};

/// What somebody else has: a folder with files of the names that a run gives.
struct Victim {
    root: PathBuf,
    seen: BTreeMap<PathBuf, (u32, i64, i64, u64, Vec<u8>)>,
}

impl Victim {
    fn new(folder: &Folder) -> Victim {
        let root = folder.at("victim");
        for name in [
            "lock",
            "job.json",
            "dataset.json",
            "run.json",
            "failures.jsonl",
            "thesis.tex",
            "index.npy",
            "utterances.jsonl",
            "features-00000.npy",
            "parts/000000.part",
            "stage/dataset.json",
            "stage/all/index.npy",
            "repair/dataset.json",
        ] {
            write(root.join(name), format!("{name} of somebody else"));
        }
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        for path in all_below(&root) {
            File::open(&path).unwrap().set_modified(long_ago).unwrap();
        }
        let seen = Victim::look(&root);
        Victim { root, seen }
    }

    fn look(root: &Path) -> BTreeMap<PathBuf, (u32, i64, i64, u64, Vec<u8>)> {
        let look = |path: PathBuf| {
            let found = fs::symlink_metadata(&path).unwrap();
            let bytes = if found.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            let times = (found.mtime(), found.mtime_nsec());
            (path, (found.mode(), times.0, times.1, found.nlink(), bytes))
        };
        all_below(root).into_iter().map(look).collect()
    }

    /// Asserts that it is byte for byte and time for time what it was.
    #[track_caller]
    fn is_untouched(&self, why: &str) {
        let now = Victim::look(&self.root);
        let names = |seen: &BTreeMap<PathBuf, _>| seen.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&now), names(&self.seen), "{why}");
        assert!(now == self.seen, "{why}: somebody else's files were changed");
    }
}

/// Everything in a folder, and itself.
fn all_below(root: &Path) -> Vec<PathBuf> {
    let mut found = vec![root.to_owned()];
    let mut next = 0;
    while next < found.len() {
        if !found[next].is_symlink() && found[next].is_dir() {
            found.extend(fs::read_dir(&found[next]).unwrap().map(|entry| entry.unwrap().path()));
        }
        next += 1;
    }
    found
}

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Puts something in the place of what is there.
fn plant(path: &Path, make: impl FnOnce(&Path)) {
    if path.is_dir() && !path.is_symlink() {
        fs::remove_dir_all(path).unwrap();
    } else if path.symlink_metadata().is_ok() {
        fs::remove_file(path).unwrap();
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    make(path);
}

/// Writes a card with another content under a seal that fits.
fn forge(card: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(card).unwrap()).unwrap();
    value.as_object_mut().unwrap().remove("card_blake3");
    change(&mut value);
    let text = serde_json::to_string_pretty(&value).unwrap();
    let body = format!("{},\n", text.strip_suffix("\n}").unwrap());
    let seal = blake3::hash(body.as_bytes()).to_hex();
    fs::write(card, format!("{body}  \"card_blake3\": \"{seal}\"\n}}\n")).unwrap();
}

/// A corpus of one bad and some good recordings, and its dataset.
fn dataset(folder: &Folder) -> (PathBuf, PathBuf) {
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a", "b"]);
    write(corpus.join("bad.wav"), b"no recording");
    extract(&corpus, &out).exits(1);
    (corpus, out)
}

/// The places where a run reads, makes, renames or removes something, each with what of the victim's a
/// link there leads to.
const PLACES: [(&str, &str); 18] = [
    (".ossicle", ""),
    (".ossicle/lock", "lock"),
    (".ossicle/lock", "none"),
    (".ossicle/job.json", "job.json"),
    (".ossicle/parts", "parts"),
    (".ossicle/kept", "parts"),
    (".ossicle/kept.json", "job.json"),
    (".ossicle/stage", "stage"),
    (".ossicle/stage/dataset.json", "stage/dataset.json"),
    (".ossicle/repair", "repair"),
    (".ossicle/failures.jsonl", "failures.jsonl"),
    ("dataset.json", "dataset.json"),
    ("run.json", "run.json"),
    ("sources.jsonl", "run.json"),
    ("failures.jsonl", "failures.jsonl"),
    ("all", ""),
    ("all/index.npy", "index.npy"),
    ("all/features-00000.npy", "features-00000.npy"),
];

#[test]
fn a_link_in_the_output_is_one_sentence_and_nothing_is_changed_by_it() {
    let folder = Folder::new();
    let victim = Victim::new(&folder);
    let (corpus, complete) = dataset(&folder);
    let verify =
        |out: &Path, word: &str| ossicle("verify").arg(out).arg("--corpus").arg(&corpus).arg(word);
    type Run<'a> = (&'a str, &'a dyn Fn(&Path) -> Ossicle);
    let runs: [Run<'_>; 5] = [
        ("extract", &|out| extract(&corpus, out)),
        ("--dry-run", &|out| extract(&corpus, out).arg("--dry-run")),
        ("--overwrite", &|out| extract(&corpus, out).arg("--overwrite")),
        ("--retry-failed", &|out| extract(&corpus, out).arg("--retry-failed")),
        ("--repair", &|out| verify(out, "--repair")),
    ];
    for (place, target) in PLACES {
        for (run, command) in runs {
            for is_complete in [true, false] {
                let why = format!("{run}: {place} -> {target}, complete: {is_complete}");
                let out = folder.at("planted");
                if is_complete {
                    copy(&complete, &out);
                } else if run == "--repair" {
                    continue;
                } else {
                    fs::create_dir_all(out.join(".ossicle")).unwrap();
                }
                if run == "--repair" && place != "dataset.json" {
                    fs::write(out.join("all/utterances.jsonl"), "damaged").unwrap();
                }
                plant(&out.join(place), |path| symlink(victim.root.join(target), path).unwrap());
                let before = Victim::look(&out);
                // A card that leads elsewhere is none to repair, and says so in its own way.
                let repairs_no_card = run == "--repair" && place == "dataset.json";
                let ran = command(&out).run();
                assert_ne!(ran.code(), 0, "{why}");
                if !repairs_no_card {
                    let link = out.join(place).display().to_string();
                    let words = format!("ossicle: {link} is a symbolic link, where a f");
                    let said = ran.stderr.lines().any(|line| line.starts_with(&words));
                    assert!(said && ran.code() == 2, "{why}\n{}{}", ran.stdout, ran.stderr);
                }
                victim.is_untouched(&why);
                assert!(Victim::look(&out) == before, "{why}: the output was changed");
                fs::remove_dir_all(&out).unwrap();
            }
        }
    }
}

/// Copies a folder, with its times.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

#[test]
fn a_folder_that_becomes_a_link_during_a_run_ends_it_and_is_not_followed() {
    let folder = Folder::new();
    let victim = Victim::new(&folder);
    let corpus = folder.at("corpus");
    write_many(&corpus, 300, 32_000);
    for place in [".ossicle", ".ossicle/parts"] {
        for isolation in ["threads", "processes"] {
            let out = folder.at("out");
            let words = ["--jobs", "1", "--isolation", isolation];
            let mut child = extract(&corpus, &out).args(words).spawn();
            let begin = Instant::now();
            let parts = out.join(".ossicle/parts");
            while !fs::read_dir(&parts).is_ok_and(|found| found.count() > 2) {
                assert!(begin.elapsed() < Duration::from_secs(60), "no part appears");
                thread::sleep(Duration::from_micros(200));
            }
            let signal = |name: &str| {
                let id = child.id().to_string();
                assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
            };
            signal("-STOP");
            // Somebody else has files of the very names that are given next.
            for entry in fs::read_dir(&parts).unwrap() {
                let name = entry.unwrap().file_name();
                write(victim.root.join("parts").join(&name), "a draft of somebody else");
            }
            let victim = Victim { root: victim.root.clone(), seen: Victim::look(&victim.root) };
            let target = if place == ".ossicle" { "" } else { "parts" };
            fs::rename(out.join(place), folder.at("moved")).unwrap();
            symlink(victim.root.join(target), out.join(place)).unwrap();
            assert!(!out.join("dataset.json").exists(), "it was stopped too late");
            signal("-CONT");
            assert_eq!(child.wait().unwrap().code(), Some(2), "{place}, {isolation}");
            victim.is_untouched(place);
            fs::remove_dir_all(folder.at("moved")).unwrap();
            fs::remove_dir_all(&out).unwrap();
        }
    }
}

#[test]
fn a_pipe_in_the_output_is_not_waited_for() {
    let folder = Folder::new();
    let (corpus, complete) = dataset(&folder);
    for place in [".ossicle", ".ossicle/lock", ".ossicle/job.json", "dataset.json", "all/index.npy"]
    {
        let out = folder.at("planted");
        copy(&complete, &out);
        plant(&out.join(place), make_fifo);
        let due = if place == ".ossicle" { "a folder" } else { "a file" };
        let words = format!("{} is a FIFO, where {due} belongs", out.join(place).display());
        extract(&corpus, &out).refuses(&[&words, "remove it, or give --out"]);
        extract(&corpus, &out).arg("--overwrite").refuses(&[&words]);
        // To look is not to wait either.
        ossicle("info").arg(&out).run();
        ossicle("verify").arg(&out).run();
        fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn info_does_not_wait_for_pipes_that_a_run_seems_to_have_left() {
    let folder = Folder::new();
    for place in [".ossicle/lock", ".ossicle/job.json", ".ossicle/failures.jsonl"] {
        let out = folder.at("planted");
        plant(&out.join(place), make_fifo);
        assert_eq!(ossicle("info").arg(&out).run().code(), 2, "{place}");
        assert_eq!(ossicle("verify").arg(&out).run().code(), 2, "{place}");
        fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn the_output_itself_may_be_a_link_and_links_of_the_users_own_stay() {
    let folder = Folder::new();
    let (corpus, complete) = dataset(&folder);
    let there = folder.at("disk/there");
    fs::create_dir_all(&there).unwrap();
    symlink(&there, folder.at("link")).unwrap();
    extract(&corpus, &folder.at("link")).exits(1);
    assert_same_dataset(&complete, &there, "over a link");
    symlink("/nowhere", there.join("all/notes.txt")).unwrap();
    symlink("/nowhere", there.join("more")).unwrap();
    let again = extract(&corpus, &folder.at("link")).args(["--overwrite", "--set"]);
    again.arg("output.shard_bytes=65536").exits(1);
    assert!(there.join("all/notes.txt").is_symlink() && there.join("more").is_symlink());
    assert!(folder.at("link").is_symlink());
}

#[test]
fn a_dataset_whose_files_are_links_can_be_read() {
    let folder = Folder::new();
    let (_, complete) = dataset(&folder);
    // As caches of downloads have it.
    for path in all_below(&complete) {
        let name = path.strip_prefix(&complete).unwrap();
        let cached = folder.at("cached").join(name);
        match path.is_dir() {
            true => fs::create_dir(&cached).unwrap(),
            false => symlink(&path, &cached).unwrap(),
        }
    }
    ossicle("verify").arg(folder.at("cached")).succeeds();
    ossicle("info").arg(folder.at("cached")).succeeds();
}

#[test]
fn a_card_that_names_a_file_of_the_users_is_no_card_and_the_file_stays() {
    let folder = Folder::new();
    let (corpus, complete) = dataset(&folder);
    for named in ["notes/thesis.tex", "all/thesis.tex", "notes/index.npy", "thesis.tex"] {
        let out = folder.at("planted");
        copy(&complete, &out);
        write(out.join(named), "years of work");
        forge(&out.join("dataset.json"), |card| {
            let forged = json!({"path": named, "bytes": 13, "blake3": "0"});
            card["files"].as_array_mut().unwrap().push(forged);
        });
        extract(&corpus, &out).refuses(&["dataset.json", named]);
        let change = ["--overwrite", "--set", "feature.num_ceps=13"];
        extract(&corpus, &out).args(change).run();
        assert_eq!(fs::read_to_string(out.join(named)).unwrap(), "years of work", "{named}");
        fs::remove_dir_all(&out).unwrap();
    }
}

/// Stops a run while it puts a dataset in place: moves all that a complete dataset is into the stage.
fn half_published(complete: &Path, out: &Path, job: &Value) {
    let stage = out.join(".ossicle/stage");
    fs::create_dir_all(out.join(".ossicle")).unwrap();
    copy(complete, &stage);
    fs::write(out.join(".ossicle/job.json"), job.to_string()).unwrap();
}

/// What a run of this job has in `.ossicle/job.json`.
fn job_of(complete: &Path, key: Option<&str>) -> Value {
    let card = crate::datasets::card(complete);
    let key = key.map_or(card["job"].clone(), Value::from);
    json!({"job": key, "version": "0.1.0", "listing": "0", "recipe": card["recipe"]})
}

#[test]
fn a_publication_is_finished_for_the_same_job_alone() {
    let folder = Folder::new();
    let (corpus, complete) = dataset(&folder);
    let out = folder.at("half");
    half_published(&complete, &out, &job_of(&complete, None));
    let other = || extract(&corpus, &out).set(&["feature.num_ceps=13"]);
    other().refuses(&["the beginning of another job", "--overwrite"]);
    other().arg("--dry-run").refuses(&["the beginning of another job", "--overwrite"]);
    assert!(out.join(".ossicle/stage/dataset.json").exists() && !out.join("all").exists());
    extract(&corpus, &out).exits(1);
    assert_same_dataset(&complete, &out, "finished");
    // Whose card says the same job, and whose job file says another, is not of one run.
    fs::remove_dir_all(&out).unwrap();
    half_published(&complete, &out, &job_of(&complete, Some("forged")));
    extract(&corpus, &out).refuses(&["another job"]);
    assert!(!out.join("all").exists());
}

#[test]
fn a_publication_that_another_user_has_left_is_not_finished() {
    let folder = Folder::new();
    let (corpus, complete) = dataset(&folder);
    let is_root = fs::metadata(&complete).unwrap().uid() == 0;
    for place in [".ossicle", ".ossicle/job.json", ".ossicle/stage"] {
        let out = folder.at("half");
        half_published(&complete, &out, &job_of(&complete, None));
        if is_root {
            chown(out.join(place), Some(12_345), None).unwrap();
            for more in [None, Some("--overwrite")] {
                let words = ["left by another user, whose number is 12345", "--out"];
                extract(&corpus, &out).args(more).refuses(&words);
                assert!(!out.join("all").exists(), "{place}");
            }
        } else {
            // Who is not root cannot give files away; that it is looked at is a test of the dataset crate.
            extract(&corpus, &out).exits(1);
        }
        fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn speed_leaves_all_that_it_did_not_make() {
    let folder = Folder::new();
    let (corpus, _) = dataset(&folder);
    let work = folder.at("w");
    for run in ["run-0-jobs-2", "run-1-jobs-1"] {
        write(work.join(run).join("dataset.json"), "mine");
        write(work.join(run).join(".ossicle/mine"), "mine");
    }
    let before = tree(&work);
    let speed = ossicle("speed").arg(&corpus).args(["--preset", "timit-mfcc", "--repeat", "1"]);
    speed.args(["--jobs", "1,2", "--work"]).arg(&work).succeeds();
    assert_eq!(tree(&work), before);
    // An empty folder of the user's stays too.
    fs::create_dir(folder.at("empty")).unwrap();
    let speed = ossicle("speed").arg(&corpus).args(["--preset", "timit-mfcc", "--repeat", "1"]);
    speed.args(["--jobs", "1", "--work"]).arg(folder.at("empty")).succeeds();
    assert!(folder.at("empty").exists());
}

#[test]
fn scratch_folders_are_new_and_nobody_elses() {
    let folder = Folder::new();
    let victim = Victim::new(&folder);
    let (corpus, complete) = dataset(&folder);
    // Whoever guesses the number of a process can have made what used to be its folder.
    let temporary = folder.at("tmp");
    fs::create_dir(&temporary).unwrap();
    for number in 1..40_000 {
        symlink(&victim.root, temporary.join(format!("ossicle-verify-{number}"))).unwrap();
    }
    let run = |ossicle: Ossicle| ossicle.env("TMPDIR", temporary.to_str().unwrap()).succeeds();
    run(ossicle("verify").arg(&complete).arg("--corpus").arg(&corpus).arg("--deep"));
    let speed = ossicle("speed").arg(&corpus).args(["--preset", "timit-mfcc", "--repeat", "1"]);
    run(speed.args(["--jobs", "1"]));
    victim.is_untouched("scratch folders");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 39_999);
}

#[test]
fn the_demo_follows_no_link_below_its_folder() {
    let folder = Folder::new();
    let victim = Victim::new(&folder);
    fs::create_dir(victim.root.join("empty")).unwrap();
    let victim = Victim { seen: Victim::look(&victim.root), ..victim };
    for (place, target) in [("corpus", "empty"), ("dataset", ""), ("dataset/.ossicle", "")] {
        plant(&folder.at("demo").join(place), |path| {
            symlink(victim.root.join(target), path).unwrap();
        });
        let demo = ossicle("demo").arg(folder.at("demo")).args(["--scale", "0.002"]);
        let ran = demo.exits(2);
        assert!(ran.stderr.contains("is a symbolic link"), "{}", ran.stderr);
        victim.is_untouched(place);
        fs::remove_dir_all(folder.at("demo")).unwrap();
    }
    plant(&folder.at("demo/speed"), |path| symlink(&victim.root, path).unwrap());
    ossicle("demo").arg(folder.at("demo")).args(["--scale", "0.002"]).succeeds();
    victim.is_untouched("speed");
    plant(&folder.at("pipe/corpus/demo.json"), make_fifo);
    let demo = ossicle("demo").arg(folder.at("pipe")).args(["--scale", "0.002"]);
    demo.refuses(&["holds something else"]);
}

#[test]
fn whoever_makes_a_readable_dataset_of_a_private_corpus_is_told() {
    let folder = Folder::new();
    let (corpus, private) = (folder.at("corpus"), folder.at("private"));
    write_many(&corpus, 3, 8000);
    let allow = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(folder.path(), 0o755);
    let run = |out: &Path| extract(&corpus, out).arg("--json").succeeds();
    no_notice(&run(&folder.at("public")), "private-corpus");
    allow(&corpus, 0o700);
    let ran = run(&folder.at("told"));
    let said = notice(&ran, "private-corpus");
    let text = said["text"].as_str().unwrap();
    for words in ["corpus is its owner's alone, and others can read", "told", "umask 077"] {
        assert!(text.contains(words), "{text}");
    }
    // What lies in a folder that nobody else can enter is nobody else's to read.
    fs::create_dir(&private).unwrap();
    allow(&private, 0o700);
    no_notice(&run(&private.join("out")), "private-corpus");
    fs::create_dir(folder.at("closed")).unwrap();
    allow(&folder.at("closed"), 0o700);
    no_notice(&run(&folder.at("closed")), "private-corpus");
}
