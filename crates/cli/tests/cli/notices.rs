//! What a run tells, in its lines, in its log and in `--json`.

use std::fs;

use serde_json::Value;

use crate::corpora::{sound, wav, write, write_aligned, write_demo};
use crate::datasets::card;
use crate::printed::{assert_fits, in_a_row};
use crate::program::{Finished, Folder, extract, keys, ossicle};

/// The notice of a kind in what `--json` printed.
#[track_caller]
pub(crate) fn notice(ran: &Finished, kind: &str) -> Value {
    let json = ran.json();
    let notices = json["notices"].as_array().unwrap();
    let of_kind: Vec<_> = notices.iter().filter(|notice| notice["kind"] == kind).collect();
    let [notice] = of_kind[..] else { panic!("not one notice is of {kind}: {notices:?}") };
    assert_eq!(keys(notice), ["count", "first", "kind", "text"]);
    notice.clone()
}

/// Asserts that no notice of a kind is in what `--json` printed.
#[track_caller]
pub(crate) fn no_notice(ran: &Finished, kind: &str) {
    let json = ran.json();
    let notices = json["notices"].as_array().unwrap();
    assert!(notices.iter().all(|notice| notice["kind"] != kind), "{notices:?}");
}

#[test]
fn a_notice_is_in_the_lines_and_the_log_and_the_json() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a", "b"]);
    let (log, out) = (folder.at("log"), folder.at("out"));
    let told = extract(folder.at("corpus"), &out).arg("--json").arg("--log-file").arg(&log);
    let told = told.succeeds();
    let said = notice(&told, "normalized-by");
    assert_eq!(said["first"], "all");
    let text = said["text"].as_str().unwrap();
    assert!(told.stderr.contains(&format!("ossicle: {text}\n")), "{}", told.stderr);
    assert!(fs::read_to_string(&log).unwrap().contains(&format!("ossicle: {text}\n")));
    // Before the work as after it, and where nobody wants to see lines.
    for more in ["--dry-run", "--quiet"] {
        let again = extract(folder.at("corpus"), &out).args(["--json", more]).succeeds();
        assert_eq!(notice(&again, "normalized-by"), said, "{more}");
    }
    let speed = ossicle("speed").arg(folder.at("corpus")).args(["--preset", "timit-mfcc"]);
    let speed = speed.args(["--jobs", "1", "--json", "--work"]).arg(folder.at("work")).succeeds();
    assert_eq!(notice(&speed, "normalized-by"), said);
    assert!(speed.stderr.contains(&format!("ossicle: {text}\n")), "{}", speed.stderr);
}

#[test]
fn info_tells_of_a_corpus_in_the_same_form() {
    let folder = Folder::new();
    write(folder.at("corpus/a.wav"), wav(&sound(1, 8000)));
    std::os::unix::fs::symlink(folder.at("corpus"), folder.at("corpus/loop")).unwrap();
    let info = ossicle("info").arg(folder.at("corpus")).arg("--json").succeeds();
    assert!(notice(&info, "corpus")["text"].as_str().unwrap().contains("leads back"));
}

#[test]
fn what_a_file_of_splits_does_not_name_is_counted_everywhere() {
    let folder = Folder::new();
    let names: Vec<String> =
        (0..6).flat_map(|speaker| [0, 1].map(|n| format!("s{speaker}/{n}"))).collect();
    write_aligned(&folder.at("corpus"), &names.iter().map(String::as_str).collect::<Vec<_>>());
    write(folder.at("corpus/README"), "");
    write(folder.at("splits.txt"), "s0/ train\ns1/ train\ns2/ test\n");
    let out = folder.at("out");
    let run = || extract(folder.at("corpus"), &out).arg("--splits").arg(folder.at("splits.txt"));
    let lines = [
        "left out: 6 recordings not named by the file of splits; the first is s3/0",
        "1 file ignored: 1 no extension",
    ];
    let ran = run().succeeds();
    let info = ossicle("info").arg(&out).succeeds();
    for text in [&ran.stdout, &info.stdout] {
        assert!(lines.iter().all(|line| in_a_row(text).contains(line)), "{text}");
        assert_fits(text);
    }
    let reason = serde_json::json!([
        {"reason": "not-in-splits-file", "count": 6, "first": "s3/0"}
    ]);
    assert_eq!(card(&out)["corpus"]["left_out_because"], reason);
    let kinds = serde_json::json!([{"kind": "no extension", "count": 1}]);
    assert_eq!(card(&out)["corpus"]["ignored_files"], 1);
    assert_eq!(card(&out)["corpus"]["ignored_kinds"], kinds);
    let told = run().arg("--json").succeeds();
    assert_eq!(told.json()["ignored_kinds"], kinds);
    assert_eq!(told.json()["left_out"], reason);
    let said = notice(&told, "left-out");
    assert_eq!((&said["count"], &said["first"]), (&6.into(), &"s3/0".into()));
    assert!(said["text"].as_str().unwrap().ends_with(" in --splits"), "{said}");

    // A handful is counted, and no notice.
    write(folder.at("splits.txt"), "s0/ train\ns1/ train\ns2/ test\ns3/ dev\n");
    let few = run().args(["--json", "--overwrite"]).succeeds();
    no_notice(&few, "left-out");
    assert_eq!(few.json()["left_out"][0]["count"], 4);
}

#[test]
fn headerless_recordings_among_others_are_counted_with_what_reads_them() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    for n in 0..6 {
        write(folder.at(&format!("corpus/{n}.raw")), [0; 3200]);
    }
    let info = ossicle("info").arg(folder.at("corpus")).succeeds();
    let line =
        "left out: 6 recordings without a header, and no encoding is given; the first is 0.raw";
    assert!(in_a_row(&info.stdout).contains(line), "{}", info.stdout);
    let said =
        notice(&ossicle("info").arg(folder.at("corpus")).arg("--json").succeeds(), "left-out");
    assert!(said["text"].as_str().unwrap().contains("`--raw-encoding s16le"), "{said}");
}

#[test]
fn timits_own_rules_are_in_the_summary() {
    let folder = Folder::new();
    write_demo(&folder.at("corpus"));
    let ran = extract(folder.at("corpus"), &folder.at("out")).succeeds();
    for line in [
        "left out: 8 recordings of a sentence that every speaker reads; the first is FAAA0_SA1",
        "left out: 8 recordings of a speaker in none of the standard splits; the first is ",
    ] {
        assert!(in_a_row(&ran.stdout).contains(line), "{}", ran.stdout);
    }
    assert!(!ran.stderr.contains("left out"), "{}", ran.stderr);
}

#[test]
fn one_recording_in_two_splits_is_refused_unless_it_is_meant() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["x/a", "x/b", "y/c"]);
    let pairs = || ["train=corpus/x", "test=corpus"];
    let extract = || {
        let words = ["--out", "out", "--preset", "timit-mfcc"];
        ossicle("extract").args(pairs()).args(words).in_folder(folder.path())
    };
    let words = ["2 recordings are in two splits", "is a, in \"train\" and in \"test\""];
    extract().refuses(&[&words[..], &["; give each split", "--allow-overlap"]].concat());
    assert!(!folder.at("out").exists(), "before anything is written");
    let speed = ossicle("speed").args(pairs()).args(["--preset", "timit-mfcc"]);
    speed.in_folder(folder.path()).refuses(&words);

    let meant = extract().args(["--allow-overlap", "--json"]).succeeds();
    let said = notice(&meant, "overlap");
    assert_eq!((&said["count"], &said["first"]), (&2.into(), &"a".into()));
    assert_eq!(card(&folder.at("out"))["splits"][1]["utterances"], 3);
    let info = ossicle("info").args(pairs()).in_folder(folder.path()).succeeds();
    assert!(info.stdout.contains(words[0]), "{}", info.stdout);
    // What was meant once is verified without a word.
    let verify = ossicle("verify").args(["out", "--deep", "--corpus", "train=corpus/x"]);
    verify.args(["--corpus", "test=corpus"]).in_folder(folder.path()).succeeds();
}

#[test]
fn names_that_look_alike_are_told_with_what_tells_them_apart() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["caf\u{e9}", "cafe\u{301}", "b"]);
    let words = "2 names differ and look alike, as cafe\\u{301} and caf\\u{e9}: their characters are composed \
                 and decomposed ones";
    let ran = extract(&corpus, &out).arg("--json").succeeds();
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    let notices = ran.json()["notices"].clone();
    let of = notices.as_array().unwrap().iter().find(|of| of["kind"] == "look-alikes").unwrap();
    assert_eq!((&of["count"], &of["first"]), (&2.into(), &"cafe\u{301}".into()));
    assert!(of["text"].as_str().unwrap().contains("remove one of each"), "{of}");
    // Both are stored: whether they are the same is not for a program to say.
    assert_eq!(ran.json()["utterances"], 3);
    std::fs::remove_file(corpus.join("caf\u{e9}.wav")).unwrap();
    let ran = extract(&corpus, &out).arg("--overwrite").succeeds();
    assert!(!ran.stderr.contains("look alike"), "{}", ran.stderr);
}

#[test]
fn a_sample_rate_that_headers_contradict_is_said_once() {
    let folder = Folder::new();
    let mut lines = String::new();
    for (name, said) in [("a", "16000"), ("b", "8000"), ("c", "\"22050\"")] {
        write(folder.at(&format!("{name}.wav")), wav(&sound(7, 8000)));
        lines += &format!("{{\"audio_filepath\": \"{name}.wav\", \"sample_rate\": {said}}}\n");
    }
    write(folder.at("train.json"), &lines);
    let run = |out: &str| extract(folder.at("train.json"), &folder.at(out)).arg("--json");
    let said = notice(&run("out").succeeds(), "other-rate-said");
    assert_eq!((&said["count"], &said["first"]), (&2.into(), &"b".into()));
    let text = said["text"].as_str().unwrap();
    assert!(text.starts_with("of 3 recordings whose headers were looked at, 2 have"), "{text}");
    assert!(text.ends_with("the first is b: 8000 Hz said, 16000 Hz found"), "{text}");
    write(folder.at("train.json"), lines.lines().next().unwrap());
    no_notice(&run("other").succeeds(), "other-rate-said");
}
