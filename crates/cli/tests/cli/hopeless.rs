//! Runs that cannot come to anything end early, publish nothing, and say why.

use std::fs;
use std::path::Path;

use crate::corpora::{sound, wav, write, write_aligned};
use crate::datasets::{assert_same, rows, tree};
use crate::program::{Folder, extract, ossicle};

/// So many files that are no recordings, as large as good ones are not.
fn write_bad(root: &Path, count: usize) {
    for number in 0..count {
        write(root.join(format!("bad/{number:04}.wav")), vec![b'x'; 40_000]);
    }
}

const KEPT: &str = ".ossicle/failures.jsonl";

#[test]
fn a_run_whose_first_hundred_fail_for_one_reason_stops_and_names_the_ledger() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_bad(&corpus, 400);
    // They are smaller, so that their part, which has the first two of the bad ones, comes last.
    write_aligned(&corpus, &["a", "b"]);
    for jobs in ["1", "4"] {
        let ran = extract(&corpus, &out).args(["--jobs", jobs]).exits(2);
        assert_eq!(ran.stdout, "");
        let last = ran.stderr.lines().last().unwrap();
        for words in [
            "ossicle: the first 100 of 402 utterances all failed for the same reason (not-audio), ",
            "as bad/0002: begins with \"xxxxxxxx\", which is no known audio format",
            "--raw-encoding s16le --sample-rate HZ",
            &format!("listed in {}", out.join(KEPT).display()),
            "--keep-going goes on",
        ] {
            assert!(last.contains(words), "{words:?} is not in: {last}");
        }
        // Workers may have been at more of them.
        let ledger = rows(out.join(KEPT));
        assert!((100..=402).contains(&ledger.len()), "{}", ledger.len());
        assert!(ledger.iter().all(|row| row["cause"] == "not-audio"));
        assert!(!out.join("dataset.json").exists());
    }
    // Nothing of it stands in the way of another job.
    let other = || extract(&corpus, &out).set(&["feature.num_ceps=13"]);
    other().exits(2);
    let ran = other().arg("--keep-going").exits(1);
    assert!(ran.stdout.contains("2 utterances stored, 400 failed"), "{}", ran.stdout);
    assert!(ran.stdout.contains("\n    400 not-audio, as bad/0000: begins"), "{}", ran.stdout);
    assert_eq!(rows(out.join("failures.jsonl")).len(), 400);
    assert!(!out.join(".ossicle").exists());
}

#[test]
fn a_run_that_has_stored_one_or_fails_for_two_reasons_goes_on() {
    let folder = Folder::new();
    for (name, bytes) in
        [("good", wav(&sound(1, 25_000))), ("other", [&b"fLaC"[..], &[0; 50_000]].concat())]
    {
        let (corpus, out) = (folder.at(name), folder.at(&format!("{name}-out")));
        write_bad(&corpus, 300);
        // It is larger than the others, so that its part is the first.
        write(corpus.join("bad/0000.wav"), bytes);
        write(corpus.join("z.wav"), wav(&sound(1, 8000)));
        let ran = extract(&corpus, &out).args(["--jobs", "1"]).exits(1);
        assert!(ran.stdout.contains(" failed (listed in "), "{}", ran.stdout);
    }
}

#[test]
fn failures_of_a_kind_are_shown_ten_times_and_then_counted() {
    let folder = Folder::new();
    let (corpus, out, log) = (folder.at("corpus"), folder.at("out"), folder.at("log"));
    write_aligned(&corpus, &["good"]);
    for number in 0..25 {
        write(corpus.join(format!("bad{number}.wav")), "nonsense");
        if number < 10 {
            write(corpus.join(format!("empty{number}.wav")), "");
        }
    }
    let ran = extract(&corpus, &out).arg("-q").arg("--log-file").arg(&log).exits(1);
    assert_eq!(ran.lines_with("ossicle: bad").len(), 10, "{}", ran.stderr);
    assert_eq!(ran.lines_with("ossicle: empty").len(), 10, "{}", ran.stderr);
    assert_eq!(ran.lines_with("ossicle: more that are not-audio are counted").len(), 1);
    assert_eq!(ran.lines_with("ossicle: 15 more utterances have failed: not-audio").len(), 1);
    assert_eq!(ran.stderr.lines().count(), 22, "{}", ran.stderr);
    let log = fs::read_to_string(log).unwrap();
    assert_eq!(log.matches("ossicle: bad").count(), 25, "{log}");
    let json = extract(&corpus, &out).arg("--json").exits(1).json();
    let causes = json["causes"].as_array().unwrap();
    let counts: Vec<_> =
        causes.iter().map(|of| (of["cause"].as_str(), of["count"].as_u64())).collect();
    assert_eq!(counts, [(Some("not-audio"), Some(25)), (Some("empty"), Some(10))]);
    assert_eq!(causes[0]["first"], "bad0");
    assert!(causes[0]["text"].as_str().unwrap().contains("--raw-encoding"), "{}", causes[0]);
}

#[test]
fn a_run_that_stored_nothing_publishes_nothing() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write(corpus.join("x.wav"), "");
    write(corpus.join("y.wav"), "nonsense");
    for flags in [&[][..], &["--keep-going"]] {
        let ran = extract(&corpus, &out).args(flags).exits(2);
        assert_eq!(ran.lines_with("ossicle: x: ").len() + ran.lines_with("ossicle: y: ").len(), 2);
        let last = ran.stderr.lines().last().unwrap();
        let words = "all 2 utterances failed, so nothing was published: 1 empty, as x: ";
        assert!(last.contains(words), "{last}");
        assert_eq!(rows(out.join(KEPT)).len(), 2);
        assert!(!out.join("dataset.json").exists() && !out.join("all").exists());
    }
    // What is put right is taken in by the same command.
    write(corpus.join("x.wav"), wav(&sound(1, 8000)));
    extract(&corpus, &out).exits(1);
    ossicle("verify").arg(&out).succeeds();
}

#[test]
fn a_good_dataset_is_not_overwritten_by_an_empty_one() {
    let folder = Folder::new();
    let (corpus, bad, out) = (folder.at("corpus"), folder.at("bad"), folder.at("out"));
    write_aligned(&corpus, &["a", "b"]);
    write_aligned(&bad, &["a", "b"]);
    extract(&corpus, &out).succeeds();
    let before = tree(&out);
    let keys = ["audio.channel=1"];
    let ran = extract(&bad, &out).arg("--overwrite").set(&keys).exits(2);
    assert!(ran.stderr.contains("so nothing was published: 2 missing-channel"), "{}", ran.stderr);
    let mut after = tree(&out);
    after.retain(|name, _| !name.starts_with(".ossicle/"));
    assert_same(&before, &after, "the good dataset");
    let again = extract(&corpus, &out).succeeds();
    assert!(again.stdout.contains("complete already"), "{}", again.stdout);
    assert!(!out.join(".ossicle").exists());
}

/// One recording of each kind of failure that shows without decoding, one that shows by decoding alone, and
/// one good one.
fn write_kinds(corpus: &Path) {
    write_aligned(corpus, &["good", "phone", "past", "alone", "short"]);
    write(corpus.join("phone.PHN"), "0 8000 zz\n");
    write(corpus.join("past.PHN"), "0 90000 h#\n");
    fs::remove_file(corpus.join("alone.PHN")).unwrap();
    write(corpus.join("short.wav"), wav(&[5; 399]));
    write(corpus.join("short.PHN"), "0 399 h#\n");
    write(corpus.join("empty.wav"), "");
    write(corpus.join("none.wav"), "nonsense");
    let bytes = wav(&sound(3, 8000));
    write(corpus.join("cut.wav"), &bytes[..9000]);
    write(corpus.join("slow.wav"), ossicle_testing::wav(&sound(1, 8000), 1, 8000));
    write(corpus.join("slow.PHN"), "0 8000 h#\n");
}

#[test]
fn a_dry_run_finds_whatever_the_run_will_but_for_what_only_decoding_shows() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_kinds(&corpus);
    let run = |out: &Path| extract(&corpus, out).set(&["audio.sample_rate_hz=16000"]);
    let dry = |flags: &[&str]| run(&out).arg("--dry-run").args(flags);
    for jobs in ["1", "3"] {
        let foreseen = dry(&["--json", "--jobs", jobs]).exits(1).json();
        assert!(!out.exists());
        let told = run(&folder.at(jobs)).arg("--json").exits(1).json();
        assert_eq!(foreseen["causes"], told["causes"]);
        assert_eq!((&foreseen["unreadable"], &told["failures"]), (&8.into(), &8.into()));
        assert_eq!(foreseen["splits"]["all"]["frames"], told["frames"]);
        assert_eq!(foreseen["would_stop"], serde_json::Value::Null);
    }
    let ran = dry(&[]).exits(1);
    for words in
        ["would fail: alone: there is no .PHN file beside", "8 of 9 utterances would fail:\n    1 "]
    {
        assert!(ran.stdout.contains(words), "{words:?} is not in: {}", ran.stdout);
    }
    dry(&["--allow-failures", "8"]).succeeds();
    let ran = dry(&["--max-failures", "7"]).exits(2);
    assert!(
        ran.stdout.contains("8 failures are more than --max-failures 7 allows"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_dry_run_exits_as_a_hopeless_run_would() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_bad(&corpus, 200);
    let dry = || extract(&corpus, &out).arg("--dry-run");
    let ran = dry().exits(2);
    assert!(ran.stdout.ends_with("would store nothing, and publish nothing\n"), "{}", ran.stdout);
    write_aligned(&corpus, &["a"]);
    let ran = dry().exits(2);
    let words = "the run would stop, as its first 100 utterances would all fail for the same reason \
                 (not-audio); --keep-going";
    assert!(ran.stdout.contains(words), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("would fail: bad/").count(), 10, "{}", ran.stdout);
    dry().arg("--keep-going").exits(1);
    assert!(!out.exists());
    // The list alone knows of none of it.
    let ran = extract(&corpus, &out).arg("--dry-run=quick").succeeds();
    assert!(ran.stdout.contains("a few headers were looked at"), "{}", ran.stdout);
    let json = extract(&corpus, &out).args(["--dry-run=quick", "--json"]).succeeds().json();
    assert_eq!(json["splits"]["all"]["utterances"], 201);
}

#[test]
fn info_and_verify_say_of_a_stopped_run_how_far_it_came_and_how_to_go_on() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    crate::corpora::write_many(&corpus, 30, 4000);
    write(corpus.join("zzz.wav"), "no recording");
    let run = || extract(&corpus, &out).args(["--jobs", "1", "--max-failures", "0"]);
    run().exits(2);
    let parts = fs::read_dir(out.join(".ossicle/parts")).unwrap().count();
    assert!((1..8).contains(&parts), "{parts}");
    let words = format!(
        "{}: a run was stopped here; {parts} of 8 parts are done, and the same `ossicle extract` goes on",
        out.display()
    );
    let ran = ossicle("info").arg(&out).succeeds();
    assert!(ran.stdout.starts_with(&words), "{}", ran.stdout);
    let json = ossicle("info").arg(&out).arg("--json").succeeds().json();
    assert_eq!(json["unfinished"]["parts_done"], parts);
    ossicle("verify").arg(&out).refuses(&[&words]);
    extract(&corpus, &out).exits(1);
    let ran = ossicle("info").arg(&out).succeeds();
    assert!(!ran.stdout.contains("a run was stopped here"), "{}", ran.stdout);
    // One that replaces a dataset leaves both.
    run().arg("--overwrite").set(&["feature.num_ceps=13"]).exits(2);
    let ran = ossicle("info").arg(&out).succeeds();
    assert!(ran.stdout.contains("30") && ran.stdout.contains(&words), "{}", ran.stdout);
    let ran = ossicle("verify").arg(&out).exits(1);
    assert!(ran.stdout.contains(".ossicle: is left of a run"), "{}", ran.stdout);
    let files = format!("the files of {} are sound (", out.display());
    assert!(ran.stdout.contains(&files) && !ran.stdout.contains("damaged"), "{}", ran.stdout);
}

#[test]
fn info_says_of_a_run_that_stored_nothing_where_its_failures_are() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write(corpus.join("x.wav"), "");
    extract(&corpus, &out).exits(2);
    let ran = ossicle("info").arg(&out).succeeds();
    let ledger = out.join(KEPT).display().to_string();
    assert!(
        ran.stdout.contains("stored nothing") && ran.stdout.contains(&ledger),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_corpus_that_is_split_otherwise_is_said_to_be() {
    let folder = Folder::new();
    let (corpus, out, splits) = (folder.at("corpus"), folder.at("out"), folder.at("splits"));
    write_aligned(&corpus, &["a", "b", "c"]);
    fs::write(&splits, "a train\nb test\nc test\n").unwrap();
    extract(&corpus, &out).arg("--splits").arg(&splits).succeeds();
    let deep = || ossicle("verify").arg(&out).arg("--deep").arg("--corpus").arg(&corpus);
    deep().arg("--splits").arg(&splits).succeeds();
    let words = "3 utterances are in another split, as a, which is in \"all\" here and in \"train\" there; give";
    deep().refuses(&["this corpus is split otherwise than", words, "--splits"]);
}

#[test]
fn a_run_that_max_failures_stops_names_its_ledger_with_what_was_in_hand() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    crate::corpora::write_many(&corpus, 30, 4000);
    // The first is in a part that is done, the others in the last, which is in hand.
    for (name, bytes) in [("0/00001-bad.wav", "none"), ("zzy.wav", ""), ("zzz.wav", "none")] {
        write(corpus.join(name), bytes);
    }
    for isolation in ["threads", "processes"] {
        let run = |most: &str| {
            let run = extract(&corpus, &out).args(["--jobs", "1", "--isolation", isolation]);
            run.args(["--overwrite", "--max-failures", most])
        };
        let ran = run("2").exits(2);
        let last = ran.stderr.lines().last().unwrap();
        let ledger = out.join(KEPT);
        let words = format!(
            "3 utterances failed, which is more than --max-failures 2 allows (listed in {}); a larger",
            ledger.display()
        );
        assert!(last.contains(&words), "{last}");
        let ids: Vec<_> = rows(&ledger).iter().map(|row| row["id"].clone()).collect();
        assert_eq!(ids, ["0/00001-bad", "zzy", "zzz"]);
        let info = ossicle("info").arg(&out).succeeds();
        let words = format!("why utterances failed is in {}", ledger.display());
        assert!(info.stdout.contains(&words), "{}", info.stdout);
        // It goes on from there, and leaves no second ledger.
        let ran = run("3").arg("--json").exits(1);
        assert!(ran.json()["resumed_parts"].as_u64().unwrap() > 0, "{}", ran.stdout);
        assert!(!out.join(".ossicle").exists());
        assert_eq!(rows(out.join("failures.jsonl")).len(), 3);
    }
}

#[test]
fn a_split_to_normalise_by_that_fails_whole_ends_the_run_once_that_is_known() {
    let folder = Folder::new();
    let (train, test, out) = (folder.at("train"), folder.at("test"), folder.at("out"));
    crate::corpora::write_many(&test, 200, 4000);
    for number in 0..3 {
        // Larger than the others, so that they come first.
        write(train.join(format!("{number}.wav")), vec![b'x'; 2_000_000]);
    }
    let run = || {
        let pair = |name: &str, path: &Path| format!("{name}={}", path.display());
        extract(pair("train", &train), &out).arg(pair("test", &test)).args(["--jobs", "1"])
    };
    let ledger = out.join(KEPT);
    let words = format!(
        "there is nothing to normalise by: all 3 utterances of \"train\" failed; the failures are listed in \
         {}; write for example --set normalize.stats_from=all",
        ledger.display()
    );
    let ran = run().exits(2);
    assert!(ran.stderr.lines().last().unwrap().ends_with(&words), "{}", ran.stderr);
    assert!(!ran.stderr.contains("test: 200"), "the other split was computed: {}", ran.stderr);
    assert_eq!(rows(&ledger).len(), 3);
    // What is advised is what helps, at once.
    run().set(&["normalize.stats_from=all"]).exits(1);
    // It is foreseen, and where all else is done already, it is found all the same.
    fs::remove_dir_all(&out).unwrap();
    let dry = run().arg("--dry-run").exits(2);
    let words = "there is nothing to normalise by, as no utterance of \"train\" would be stored";
    assert!(dry.stdout.contains(words), "{}", dry.stdout);
    let json = run().args(["--dry-run", "--json"]).exits(2).json();
    assert!(json["would_stop"].as_str().unwrap().contains(words), "{json}");
}
