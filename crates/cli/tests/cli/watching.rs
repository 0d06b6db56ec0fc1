//! Watching a run, and comparing runs and machines.

use std::fs;

use serde_json::Value;

use crate::corpora::{write, write_many};
use crate::printed::{assert_fits, in_a_row};
use crate::program::{Folder, extract, ossicle};

fn events(stderr: &str) -> Vec<Value> {
    stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[test]
fn events_are_an_object_a_line_and_nothing_else_is_on_standard_error() {
    let folder = Folder::new();
    write_many(&folder.at("corpus"), 3, 8000);
    write(folder.at("corpus/\u{202e}bad.wav"), "RIFF");
    let run = |out: &str, more: &[&str]| {
        let run = extract(folder.at("corpus"), &folder.at(out)).args(["--log-format", "json"]);
        run.args(more).exits(1)
    };
    let ran = run("a", &[]);
    let told = events(&ran.stderr);
    let of_interest = ["start", "failure", "split-done", "finishing", "done"];
    let told_of: Vec<_> =
        kinds(&told).into_iter().filter(|kind| of_interest.contains(kind)).collect();
    assert_eq!(told_of, of_interest);
    let find = |kind: &str| told.iter().find(|event| event["event"] == kind).unwrap();
    assert_eq!(find("start")["utterances"], 4);
    assert_eq!(find("failure")["id"], "\u{202e}bad");
    assert!(!ran.stderr.contains('\u{202e}'), "{}", ran.stderr);
    // What is asked for besides.
    let count =
        |ran: &str, kind: &str| kinds(&events(ran)).iter().filter(|it| **it == kind).count();
    let ran = run("b", &["-v"]);
    assert_eq!(count(&ran.stderr, "utterance"), 3);
    for told in events(&ran.stderr).iter().filter(|event| event["event"] == "utterance") {
        let seconds = |key: &str| told[key].as_f64().unwrap();
        let stages = seconds("reading_s") + seconds("decoding_s") + seconds("features_s");
        assert!(stages > 0.0 && stages <= seconds("seconds"), "{told}");
    }
    let ran = run("c", &["-vv"]);
    assert_eq!((count(&ran.stderr, "utterance"), count(&ran.stderr, "begun")), (3, 4));
    assert_eq!(kinds(&events(&run("d", &["-q"]).stderr)), ["failure"]);
}

#[test]
fn a_log_of_events_is_appended_to_and_no_other_is() {
    let folder = Folder::new();
    write_many(&folder.at("corpus"), 3, 8000);
    let run = |format: &str| {
        let run = extract(folder.at("corpus"), &folder.at("out"));
        run.args(["--overwrite", "--log-format", format, "--log-file"]).arg(folder.at("log"))
    };
    run("json").succeeds();
    run("json").succeeds();
    let text = fs::read_to_string(folder.at("log")).unwrap();
    let told = events(&text);
    assert_eq!(kinds(&told).iter().filter(|kind| **kind == "begin").count(), 2);
    run("text").refuses(&["is no log"]);
    assert_eq!(fs::read_to_string(folder.at("log")).unwrap(), text);
}

#[test]
fn an_error_is_an_event_too() {
    let folder = Folder::new();
    let run = extract(folder.at("nowhere"), &folder.at("out")).args(["--log-format", "json"]);
    let ran = run.exits(2);
    assert_eq!(kinds(&events(&ran.stderr)).last(), Some(&"error"));
    // And where it is the words themselves that are wrong.
    for wrong in ["--no-such-option", "--jobs=none"] {
        let run = extract(folder.at("nowhere"), &folder.at("out")).arg(wrong);
        let told = events(&run.arg("--log-format=json").exits(2).stderr);
        assert_eq!(kinds(&told), ["error"]);
        let text = told[0]["text"].as_str().unwrap();
        assert!(text.contains(wrong.split('=').next().unwrap()), "{text}");
        let plain = extract(folder.at("nowhere"), &folder.at("out")).arg(wrong).exits(2);
        assert!(plain.stderr.starts_with("error: "), "{}", plain.stderr);
    }
}

#[test]
fn very_verbose_says_what_is_begun() {
    let folder = Folder::new();
    write_many(&folder.at("corpus"), 3, 8000);
    let ran = extract(folder.at("corpus"), &folder.at("out")).arg("-vv").succeeds();
    let begun = ran.stderr.lines().filter(|line| line.starts_with("part ")).count();
    assert_eq!(begun, 3, "{}", ran.stderr);
}

#[test]
fn shells_complete_verbs_and_options_and_there_is_a_manual() {
    for (shell, word) in
        [("bash", "complete -F"), ("zsh", "#compdef ossicle"), ("fish", "complete -c")]
    {
        let ran = ossicle("completions").arg(shell).succeeds();
        for word in [word, "extract", "max-failures", "kaldi-fbank", "whisper-80"] {
            assert!(ran.stdout.contains(word), "{shell}: {word}");
        }
    }
    ossicle("completions").arg("command.com").exits(2);
    let manual = ossicle("man").succeeds().stdout;
    assert!(manual.starts_with(".ie") || manual.contains(".TH"), "{manual}");
    assert!(ossicle("man").arg("extract").succeeds().stdout.contains("max\\-failures"));
    for (verb, example, code) in [
        ("extract", "ossicle extract CORPUS \\-\\-out DATASET", "utterances failed"),
        ("verify", "\\-\\-repair", "It is damaged."),
        ("compare", "DATASET feats.scp", "They differ."),
    ] {
        let page = ossicle("man").arg(verb).succeeds().stdout;
        let title = page.lines().find(|line| line.starts_with(".TH ")).unwrap();
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(title, format!(".TH ossicle-{verb} 1 \"\" \"ossicle {version}\""));
        for words in [".SH EXAMPLES\n", ".SH \"EXIT STATUS\"\n", example, code, "130 for Ctrl"] {
            assert!(page.contains(words), "{verb}: {words:?} is not in {page}");
        }
        let help = ossicle(verb).arg("--help").succeeds().stdout;
        assert!(help.contains("Examples:") && !page.contains("Examples:"), "{help}");
    }
    ossicle("man").arg("nothing").refuses(&["no verb", "extract"]);
}

#[test]
fn presets_are_completed_and_no_list_of_them_is_in_the_help() {
    for words in [["extract", "--help"], ["compare", "-h"]] {
        let help = ossicle(words[0]).arg(words[1]).succeeds().stdout;
        assert!(
            help.contains("--preset <NAME>") && !help.contains("possible values: ast128"),
            "{help}"
        );
    }
    let folder = Folder::new();
    write_many(&folder.at("corpus"), 1, 800);
    let run = |name: &str| {
        ossicle("extract")
            .arg(folder.at("corpus"))
            .arg("--out")
            .arg(folder.at("out"))
            .args(["--preset", name])
    };
    run("kaldi-fbnk").refuses(&["no preset \"kaldi-fbnk\"", "kaldi-fbank"]);
    let none = ossicle("extract").arg(folder.at("corpus")).arg("--preset").exits(2);
    assert!(
        none.stderr.contains("'--preset <NAME>'") && !none.stderr.contains("whisper"),
        "{}",
        none.stderr
    );
}

#[test]
fn another_program_is_timed_in_the_same_table() {
    let folder = Folder::new();
    write_many(&folder.at("corpus"), 20, 8000);
    let speed = || {
        let speed = ossicle("speed").arg(folder.at("corpus")).args(["--preset", "kaldi-fbank"]);
        speed.args(["--jobs", "1,2", "--repeat", "2"]).arg("--work").arg(folder.at("work"))
    };
    let command = "cp -r {corpus} {out} && sleep 0.1";
    let json = speed().args(["--against", command, "--json"]).succeeds().json();
    let other = &json["against"][0];
    assert_eq!(other["command"], command);
    assert!(other["seconds"].as_f64().unwrap() >= 0.1, "{other}");
    assert_eq!(other["seconds_of_each"].as_array().unwrap().len(), 2);
    assert_eq!(json["runs"].as_array().unwrap().len(), 4);
    for run in json["runs"].as_array().unwrap() {
        let cpu = run["user_seconds"].as_f64().unwrap() + run["system_seconds"].as_f64().unwrap();
        assert!((cpu - run["cpu_seconds"].as_f64().unwrap()).abs() < 1e-6, "{run}");
        // Every recording is read, and every feature is written.
        assert!(run["bytes_read"].as_u64().unwrap() > 20 * 16_000, "{run}");
        assert!(run["bytes_written"].as_u64().unwrap() > 20 * 40 * 80, "{run}");
        // What the workers' time went to is theirs, and nobody's twice.
        let stages = ["reading", "decoding", "features", "writing"];
        let spent = stages.map(|stage| run[format!("{stage}_seconds")].as_f64().unwrap());
        assert!(spent.iter().all(|&seconds| seconds > 0.0), "{run}");
        let workers = run["workers"].as_f64().unwrap();
        let finishing = run["finishing_seconds"].as_f64().unwrap();
        assert!(finishing > 0.0 && finishing < run["seconds"].as_f64().unwrap(), "{run}");
        let all = run["seconds"].as_f64().unwrap() * workers;
        assert!(spent.iter().sum::<f64>() <= all, "{run}");
    }
    let table = speed().args(["--against", command]).succeeds().stdout;
    for words in
        [&format!("A: {command}"), "user time", "3.65 times faster", "decoding", "finishing"]
    {
        assert!(in_a_row(&table).contains(words), "{words:?} is not in:\n{table}");
    }
    assert_fits(&table);
    let ran = speed().args(["--against", "exit 3"]).exits(2);
    assert!(ran.stderr.contains("exit status: 3 from exit 3"), "{}", ran.stderr);
}

#[test]
fn limits_of_another_machine_are_shown_beside_these() {
    let folder = Folder::new();
    let mut json = ossicle("limits").arg("--json").succeeds().json();
    write(folder.at("same.json"), json.to_string());
    let against = |name: &str| ossicle("limits").arg("--against").arg(folder.at(name));
    let same = against("same.json").succeeds();
    assert!(same.stdout.starts_with("no limit is another than in "), "{}", same.stdout);
    let limits = json["limits"].as_array_mut().unwrap();
    let files = limits.iter_mut().find(|limit| limit["letter"] == "n").unwrap();
    assert_eq!((&files["name"], &files["unit"]), (&"open files".into(), &Value::Null));
    files["soft"] = 10_240.into();
    files["hard"] = Value::Null;
    write(folder.at("mac.json"), json.to_string());
    let shown = against("mac.json").succeeds().stdout;
    assert_eq!(shown.lines().count(), 2, "{shown}");
    let head = shown.lines().next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(head, "ulimit -a here: soft mac: soft here: hard mac: hard");
    for words in ["mac", "open files (-n)", "10240", "unlimited"] {
        assert!(shown.contains(words), "{words:?} is not in:\n{shown}");
    }
    let differences = &against("mac.json").arg("--json").succeeds().json()["differences"];
    assert_eq!(differences[0]["there"], serde_json::json!(["10240", "unlimited"]));
    // A file that is called as this machine is.
    write(folder.at("here.json"), json.to_string());
    let shown = against("here.json").succeeds().stdout;
    assert!(shown.contains("here: soft  here.json: soft"), "{shown}");
    write(folder.at("other.json"), "{}");
    against("other.json").refuses(&["is not what `ossicle limits --json` prints"]);
}
