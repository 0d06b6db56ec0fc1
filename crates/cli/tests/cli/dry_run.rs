//! What a dry run looks at: all that the run itself does before it works, and nothing is touched.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::corpora::{sound, wav, write, write_aligned, write_many};
use crate::program::{
    Finished, Folder, Ossicle, extract, extract_with, under_ulimit, without_every_right,
};

/// Everything below a folder: names, with the bytes of files; and whether it is there.
fn everything(root: &Path) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let mut found = vec![(root.to_owned(), fs::read(root).ok())];
    let mut todo = vec![root.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            found.push((path.clone(), fs::read(&path).ok()));
            todo.extend(path.is_dir().then_some(path));
        }
    }
    found.sort();
    found.push((PathBuf::new(), root.symlink_metadata().is_ok().then(Vec::new)));
    found
}

/// Runs it dry, by headers and by the list alone, and then in earnest: all three say the same and exit with
/// the same code, and the first two leave the folder as it was.
#[track_caller]
fn assert_alike(out: &Path, code: i32, words: &str, run: impl Fn() -> Ossicle) {
    let same = |dry: &Finished, wet: &Finished| {
        assert_eq!(dry.stdout, "", "{words}");
        assert_eq!(but_for_memory(last(dry)), but_for_memory(last(wet)), "{words}");
    };
    let before = everything(out);
    let dry = run().arg("--dry-run").exits(code);
    let quick = run().arg("--dry-run=quick").run();
    assert!(everything(out) == before, "{words}: the dry run has changed {}", out.display());
    let wet = run().exits(code);
    assert!(last(&wet).contains(words), "{words:?} is not in: {}", last(&wet));
    same(&dry, &wet);
    // Rates are in headers.
    if !words.contains("Hz") && !words.contains("rates") {
        same(&quick, &wet);
        assert_eq!(quick.code(), code, "{words}");
    }
}

/// A line without how much memory is needed, which is never twice the same: what the program has is counted.
fn but_for_memory(line: &str) -> (&str, &str) {
    let Some((before, needed)) = line.split_once("one worker needs ") else { return (line, "") };
    (before, needed.split_once(';').map_or("", |(_, behind)| behind))
}

fn last(ran: &Finished) -> &str {
    ran.stderr.lines().last().unwrap_or_default()
}

#[test]
fn what_refuses_a_run_refuses_a_dry_run_in_the_same_words() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_aligned(&corpus, &["a", "b"]);
    let refused = |out: &Path, words: &str, args: &[&str]| {
        assert_alike(out, 2, words, || extract(&corpus, out).args(args));
    };
    let at = |name: &str| folder.at(name);
    refused(&corpus.join("out"), "lies inside the corpus", &[]);
    write(at("strange/notes.txt"), "mine");
    refused(&at("strange"), "holds other files (notes.txt)", &[]);
    refused(&at("strange"), "holds other files (notes.txt)", &["--overwrite"]);
    write(at("file"), "mine");
    refused(&at("file"), "File exists", &[]);
    refused(&at("file/out"), "Not a directory", &[]);
    std::os::unix::fs::symlink("nowhere", at("link")).unwrap();
    refused(&at("link"), "File exists", &[]);
    write(at("half/.ossicle"), "mine");
    refused(&at("half"), "is a file, where a folder belongs", &[]);
    refused(&at("out"), "10 MB by --max-memory", &["--max-memory", "10MB"]);
    refused(&at("out"), "limit of open files is 5", &["--max-open-files", "5"]);
    refused(&at("out"), "--isolation processes", &["--timeout-per-utterance", "3"]);
    assert_alike(&at("out"), 2, "limit of open files is 10", || {
        under_ulimit(10, extract(&corpus, &at("out")))
    });

    fs::create_dir_all(at("locked/.ossicle")).unwrap();
    let lock = File::create(at("locked/.ossicle/lock")).unwrap();
    lock.lock().unwrap();
    refused(&at("locked"), "another run is writing", &[]);
    refused(&at("locked"), "another run is writing", &["--overwrite"]);
    drop(lock);

    extract(&corpus, &at("done")).succeeds();
    let other = ["--set", "feature.num_ceps=13"];
    refused(&at("done"), "feature.num_ceps was 40, and is now 13", &other);
    let shard = at("done/all/features-00000.npy");
    let bytes = fs::read(&shard).unwrap();
    fs::write(&shard, &bytes[1..]).unwrap();
    refused(&at("done"), "all/features-00000.npy is missing or not as large", &[]);
    fs::write(&shard, bytes).unwrap();
    write(corpus.join("a.wav"), wav(&sound(5, 8000)));
    refused(&at("done"), "--overwrite", &[]);
    assert!(!at("out").exists());
}

#[test]
fn what_was_begun_for_another_job_refuses_a_dry_run_too() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, 30, 4000);
    write(corpus.join("zzz.wav"), "no recording");
    extract(&corpus, &out).args(["--jobs", "1", "--max-failures", "0"]).exits(2);
    assert_alike(&out, 2, "holds the beginning of another job", || {
        extract(&corpus, &out).set(&["feature.num_ceps=13"])
    });
    // This very job may go on.
    let before = everything(&out);
    extract(&corpus, &out).arg("--dry-run").exits(1);
    extract(&corpus, &out).arg("--dry-run").args(["--overwrite", "--jobs", "2"]).exits(1);
    assert!(everything(&out) == before);
    extract(&corpus, &out).exits(1);
}

#[test]
fn rates_that_do_not_go_together_refuse_a_dry_run_too() {
    let folder = Folder::new();
    let (corpus, slow, out) = (folder.at("corpus"), folder.at("slow"), folder.at("out"));
    write(corpus.join("a.wav"), wav(&sound(1, 8000)));
    write(slow.join("b.wav"), ossicle_testing::wav(&sound(1, 8000), 1, 8000));
    let both = || ossicle_both(&corpus, &slow, &out);
    assert_alike(&out, 2, "several sample rates", || both().set(&["audio.channel=0"]));
    let fbank = |corpus: &Path, out: &Path| extract_with("kaldi-fbank", corpus, out);
    let normal = ["normalize.scope=corpus", "normalize.mean=true"];
    fbank(&slow, &folder.at("model")).set(&normal).succeeds();
    let from = format!("normalize.stats_from={}", folder.at("model").display());
    assert_alike(&out, 2, "of recordings of 8000 Hz", || {
        fbank(&corpus, &out).set(&normal).set(&[&from])
    });
    // A few headers are looked at in any case.
    let ran = both().arg("--dry-run=quick").exits(2);
    assert!(ran.stderr.contains("several sample rates"), "{}", ran.stderr);
    assert!(!out.exists());
}

fn ossicle_both(corpus: &Path, slow: &Path, out: &Path) -> Ossicle {
    extract(corpus, out).arg(slow)
}

#[test]
fn a_folder_that_cannot_be_written_refuses_a_dry_run_too() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let (corpus, there) = (folder.at("corpus"), folder.at("there"));
    write_aligned(&corpus, &["a"]);
    fs::create_dir(&there).unwrap();
    fs::set_permissions(&there, fs::Permissions::from_mode(0o555)).unwrap();
    for out in [there.clone(), there.join("new/out")] {
        assert_alike(&out, 2, "Permission denied", || without_every_right(extract(&corpus, &out)));
    }
    fs::set_permissions(&there, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_disk_that_is_too_small_refuses_a_dry_run_too() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    // Nine hundred hours each, of which the disk holds nothing: 100 GB of samples.
    for number in 0..60 {
        let path = corpus.join(format!("{number}.wav"));
        let samples: u64 = 16_000 * 3600 * 900;
        let header = format!(
            "NIST_1A\n   1024\nsample_count -i {samples}\nsample_rate -i 16000\nchannel_count -i 1\n\
             sample_n_bytes -i 2\nsample_byte_format -s2 01\nsample_sig_bits -i 16\nend_head\n"
        );
        write(&path, format!("{header:1024}"));
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(1024 + 2 * samples).unwrap();
    }
    // Longer than a day, which is meant.
    assert_alike_but_quick(&out, || extract(&corpus, &out).args(["--max-duration", "1e9"]));
}

/// The list alone knows of files that may have holes.
#[track_caller]
fn assert_alike_but_quick(out: &Path, run: impl Fn() -> Ossicle) {
    let dry = run().arg("--dry-run").exits(2);
    assert!(!out.exists());
    let wet = run().exits(2);
    let words = |ran: &Finished| {
        // What is free changes meanwhile.
        let (_, rest) = last(ran).split_once(" free, and the run needs").unwrap();
        rest.to_owned()
    };
    assert_eq!(words(&dry), words(&wet));
    assert!(words(&wet).contains("give --out another disk"));
}

#[test]
fn a_dry_run_on_a_complete_dataset_says_so_and_exits_as_the_run() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a", "b"]);
    write(corpus.join("bad.wav"), "");
    extract(&corpus, &out).exits(1);
    let before = everything(&out);
    for dry in ["--dry-run", "--dry-run=quick"] {
        let ran = extract(&corpus, &out).arg(dry).exits(1);
        assert!(ran.stdout.starts_with("the dataset is complete already"), "{}", ran.stdout);
        let json = extract(&corpus, &out).args([dry, "--json"]).exits(1).json();
        assert_eq!(json["already_complete"], true);
        assert_eq!((&json["unreadable"], &json["fits"]), (&1.into(), &true.into()));
        assert_eq!(json["splits"]["all"]["utterances"], 2);
        extract(&corpus, &out).args([dry, "--allow-failures", "1"]).succeeds();
    }
    assert!(everything(&out) == before);
    // What failed would be tried again.
    let ran = extract(&corpus, &out).args(["--dry-run", "--retry-failed"]).exits(1);
    assert!(ran.stderr.contains("tried again: 1 failed utterance"), "{}", ran.stderr);
    assert!(everything(&out) == before);
}
