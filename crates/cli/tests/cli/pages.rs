//! `ossicle report`: a page that says what a dataset has, whatever its corpus is called.

use std::fs;

use crate::corpora::{sound, wav, write};
use crate::program::{Folder, extract_with, ossicle};

/// Writes the report of a dataset, and returns the page.
fn page(folder: &Folder, words: &[&str]) -> String {
    ossicle("report").args(words).in_folder(folder.path()).succeeds();
    fs::read_to_string(folder.at("report.html")).unwrap()
}

/// What stands between tags, without scripts and styles.
fn text(page: &str) -> String {
    let body = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    let pieces = body.split('<').map(|piece| piece.split_once('>').map_or(piece, |of| of.1));
    pieces.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same, a line for each stretch of text, without what is measured.
fn lines(page: &str) -> String {
    let body = page.split_once("<body>").unwrap().1.split_once("<script>").unwrap().0;
    let (mut lines, mut section, mut table) = (Vec::new(), String::new(), String::new());
    for (tag, text) in body.split('<').filter_map(|piece| piece.split_once('>')) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut begins = false;
        if tag.starts_with("h2") {
            (section, table, begins) = (text.clone(), String::new(), true);
        } else if tag.starts_with("h3") || tag == "caption" {
            (table, begins) = (text.clone(), true);
        }
        let is_measured = section == "Size and speed" || table.ends_with("longest to compute");
        // The job's hash is another with each version of the bytes.
        if !text.is_empty() && (begins || !is_measured) && !text.starts_with("Job ") {
            lines.push(text);
        }
    }
    lines.join("\n")
}

#[test]
fn a_page_reads_well() {
    let folder = Folder::new();
    for (name, samples) in [("a", 16_000), ("b", 32_000), ("c", 8_000)] {
        write(folder.at(&format!("corpus/{name}.wav")), wav(&sound(samples, samples as usize)));
    }
    extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("data")).succeeds();
    let lines = lines(&page(&folder, &["data", "--pictures", "0"]));
    insta::assert_snapshot!(lines);
}

#[test]
fn a_page_says_what_a_dataset_has() {
    let folder = Folder::new();
    for (name, samples) in [("a", 16_000), ("b", 32_000), ("c", 8_000)] {
        write(folder.at(&format!("corpus/{name}.wav")), wav(&sound(samples, samples as usize)));
    }
    write(folder.at("corpus/broken.wav"), b"RIFF");
    let run = extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("data"));
    run.set(&["feature.num_mel_bins=30"]).exits(1);
    let page = page(&folder, &["data"]);
    let text = text(&page);
    for expected in [
        "utterances 3 duration 3.5 s",
        "failed 1",
        "It comes nearest to kaldi-fbank , from which it differs in:",
        "feature.num_mel_bins 23 30",
        "all 3 3.5 s",
        "Sample rates: 16000 Hz (3 utterances).",
        "No utterance is clipped, silent, very quiet or shifted.",
        "The utterances that took the longest to compute",
        "The workers&#39; time went to reading",
        "ossicle.open( &quot;data&quot; )",
        "41 kB of features are too few to tell how fast more would be read.",
    ] {
        let expected = expected.replace(" ,", ",").replace("( ", "(").replace(" )", ")");
        assert!(text.contains(&expected), "{expected}: {text}");
    }
    assert!(!text.contains("reading them once"), "{text}");
    assert!(page.contains("failures.jsonl") && page.matches("<svg").count() >= 5);
    assert!(page.len() < 1_500_000, "{}", page.len());
    let once = ossicle("report").args(["data", "-o", "again.html", "--json"]);
    let written = once.in_folder(folder.path()).succeeds().json();
    let again = fs::read(folder.at("again.html")).unwrap();
    assert_eq!(written["bytes"].as_u64(), Some(again.len() as u64));
}

#[test]
fn a_hostile_corpus_is_text_and_nothing_else() {
    let folder = Folder::new();
    write(folder.at("a.wav"), wav(&sound(1, 16_000)));
    let hostile = "</script><script>alert(1)</script>\"' onload=x\u{202e}\u{1b}[2J<!--";
    let row = serde_json::json!({
        "audio_filepath": "a.wav", "duration": 1.0, "id": hostile, "text": hostile, "speaker": hostile,
    });
    write(folder.at("hostile.jsonl"), format!("{row}\n"));
    extract_with("kaldi-fbank", folder.at("hostile.jsonl"), &folder.at("data")).succeeds();
    let page = page(&folder, &["data"]);
    assert_eq!(page.matches("<script>").count(), 1, "its own");
    assert_eq!(page.matches("</script>").count(), 1);
    assert_eq!(page.matches("<style>").count(), 1);
    assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
    for unsafe_text in ["\u{202e}", "\u{1b}", "<!--", " onload=x\""] {
        assert!(!page.contains(unsafe_text), "{unsafe_text:?}");
    }
    let policy = page.split("content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.starts_with("default-src &#39;none&#39;;"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[test]
fn empty_splits_and_what_is_no_dataset() {
    let folder = Folder::new();
    for name in ["train/a", "train/b"] {
        write(folder.at(&format!("{name}.wav")), wav(&sound(1, 16_000)));
    }
    fs::create_dir_all(folder.at("test")).unwrap();
    write(folder.at("test/broken.wav"), b"RIFF");
    let run = ossicle("extract").args(["train=train", "test=test", "--preset", "kaldi-mfcc"]);
    run.args(["--out", "data"]).in_folder(folder.path()).exits(1);
    assert!(text(&page(&folder, &["data"])).contains("test 0 0.0 s"));
    ossicle("report").args(["train"]).in_folder(folder.path()).exits(2);
    let over = ossicle("report").args(["data", "-o", "data/dataset.json"]).in_folder(folder.path());
    over.refuses(&["a part of the dataset"]);
    let pdf = ossicle("report").args(["data", "-o", "q.pdf"]).in_folder(folder.path());
    pdf.refuses(&["--out q.pdf", "ends in .html"]);
    let dash = ossicle("report").args(["data", "-o", "-"]).in_folder(folder.path());
    dash.refuses(&["--out -", "a file and not to standard output"]);
    assert!(!folder.at("q.pdf").exists() && !folder.at("-").exists());
}

#[test]
fn times_that_shares_took_are_said_to_be_unknown() {
    let folder = Folder::new();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        write(folder.at(&format!("corpus/{name}.wav")), wav(&sound(1, 16_000)));
    }
    let run = || extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("data"));
    run().args(["--share", "1/2"]).succeeds();
    run().succeeds();
    let some = text(&page(&folder, &["data"]));
    assert!(some.contains("Times are of the 1 of 2 parts"), "{some}");
    fs::remove_dir_all(folder.at("data")).unwrap();
    run().args(["--share", "1/1"]).succeeds();
    run().succeeds();
    let none = text(&page(&folder, &["data"]));
    assert!(none.contains("How long each utterance took is not known"), "{none}");
    assert!(!none.contains("The utterances that took the longest"), "{none}");
}

#[test]
fn a_speed_comparison_is_shown_beside_it() {
    let folder = Folder::new();
    write(folder.at("corpus/a.wav"), wav(&sound(1, 16_000)));
    extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("data")).succeeds();
    let run = |jobs: u64, seconds: f64| serde_json::json!({"jobs": jobs, "isolation": "threads", "seconds": seconds, "speed_up": 8.0 / seconds});
    let other =
        serde_json::json!({"command": "cp -r {corpus} {out}", "seconds": 16.0, "speed_up": 0.5});
    let runs = serde_json::json!({"runs": [run(1, 8.0), run(4, 2.5)], "against": [other], "same_bytes": true});
    write(folder.at("speed.json"), runs.to_string());
    let text = text(&page(&folder, &["data", "--speed", "speed.json"]));
    assert!(text.contains("1 worker, threads 8.00 s 1.00 100 %"), "{text}");
    assert!(text.contains("4 workers, threads 2.50 s 3.20 80 %"), "{text}");
    assert!(text.contains("cp -r {corpus} {out} 16.00 s 0.50 –"), "{text}");
    for (text, why) in [
        ("{}", "it has no runs"),
        ("[]", "it has no runs"),
        ("{\"runs\": [{\"utterance\": 1}]}", "has no seconds"),
        ("runs: 3", "line 1"),
    ] {
        write(folder.at("speed.json"), text);
        let run =
            ossicle("report").args(["data", "--speed", "speed.json"]).in_folder(folder.path());
        run.refuses(&[
            "--speed speed.json: it must be a file that `ossicle speed --json` has made",
            why,
        ]);
    }
}
