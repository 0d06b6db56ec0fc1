//! Text of others in what is printed: of names, of cards, of ledgers, of recipes. Whatever they hold,
//! they neither move the cursor, nor turn the direction of writing, nor begin a line of their own.

use std::fs;

use serde_json::Value;

use crate::corpora::{sound, wav, write};
use crate::program::{Finished, Folder, extract, ossicle};

/// A line that would be believed, and all that terminals obey.
const EVIL: &str = "x\nossicle: all is well\r\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\u{2028}\u{feff}";

#[track_caller]
fn assert_harmless(ran: &Finished) {
    for text in [&ran.stdout, &ran.stderr] {
        let unsafe_one = |c: char| {
            c != '\n'
                && (c.is_control()
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{feff}'))
        };
        assert!(!text.contains(unsafe_one), "{text:?}");
        assert!(!text.contains("\nossicle: all is well"), "{text}");
        assert!(!text.starts_with("ossicle: all is well"), "{text}");
    }
}

#[test]
fn names_of_files_folders_and_words() {
    let folder = Folder::new();
    let corpus = folder.at(&format!("{EVIL}-corpus"));
    write(corpus.join(format!("{EVIL}.wav")), wav(&sound(1, 8000)));
    write(corpus.join(format!("{EVIL}-bad.wav")), "");
    write(corpus.join("list\u{1b}[1m"), format!("{EVIL}|\nnone.wav\n"));
    let out = folder.at(&format!("{EVIL}-out"));
    assert_harmless(&extract(&corpus, &out).arg("-v").exits(1));
    assert_harmless(&extract(&corpus, &out).arg("--json").exits(1));
    assert_harmless(&extract(&corpus, &folder.at("b")).arg("--dry-run").exits(1));
    let log = folder.at("log");
    extract(&corpus, &folder.at("c")).arg("--log-file").arg(&log).exits(1);
    let text = fs::read_to_string(&log).unwrap();
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{2028}']), "{text}");
    assert!(!text.contains("\nossicle: all is well"), "{text}");
    for run in [
        ossicle("info").arg(&corpus),
        ossicle("info").arg(&out),
        ossicle("verify").arg(&out),
        ossicle("verify").arg(&corpus),
        ossicle("spikes").arg(corpus.join(format!("{EVIL}-bad.wav"))),
        ossicle("extract").arg(corpus.join("list\u{1b}[1m")).arg("--out").arg(EVIL),
        ossicle("extract").arg(corpus.join(EVIL)).arg("--out").arg("x").args(["--preset", EVIL]),
        ossicle("presets").arg(EVIL),
        ossicle("info").arg(format!("--{EVIL}")),
        ossicle(EVIL),
        extract(&corpus, &folder.at("d")).arg("--splits").arg(corpus.join(EVIL)),
        extract(&corpus, &folder.at("d")).set(&[&format!("feature.{EVIL}=1")]),
        extract(&corpus, &folder.at("d")).set(&[&format!("feature.kind={EVIL}")]),
        extract(&corpus, &folder.at("d")).set(&[&format!("labels.map={EVIL}")]),
    ] {
        assert_harmless(&run.run());
    }
}

#[test]
fn keys_and_words_of_a_recipe() {
    let folder = Folder::new();
    write(folder.at("corpus/a.wav"), wav(&sound(1, 8000)));
    let text = format!("{:?}", EVIL).replace("\\u{", "\\U{");
    let text = text.replace("\\r", "\\u000d").replace("\\U{1b}", "\\u001b");
    let text = ["9b", "202e", "2066", "2028", "feff"].iter().fold(text, |text, code| {
        text.replace(&format!("\\U{{{code}}}"), &format!("\\u{code:0>4}"))
    });
    for recipe in [
        format!("{text} = 1\n"),
        format!("[{text}]\n"),
        format!("[frames]\n{text} = 1\n"),
        format!("[[feature]]\nkind = {text}\n"),
        format!("[[feature]]\nkind = \"mfcc\"\nwindow = {text}\n"),
        format!("[[feature]]\nkind = \"mfcc\"\n{text}.{text} = [{text}]\n"),
        format!("[labels]\nmap = {text}\n"),
        "[[feature]]\nkind = \"mfcc\u{1b}[2J\u{202e}\n".to_owned(),
        "\u{202e}\u{2028} = \n".to_owned(),
    ] {
        write(folder.at("recipe.toml"), &recipe);
        let run = ossicle("extract").arg(folder.at("corpus")).arg("--out").arg(folder.at("out"));
        let ran = run.arg("--recipe").arg(folder.at("recipe.toml")).exits(2);
        assert_harmless(&ran);
        assert_eq!(ran.stderr.lines().count(), 1, "{recipe}\n{}", ran.stderr);
    }
}

/// Seals a card as the format says: the BLAKE3 of all before the line of `card_blake3`.
fn sealed(mut card: Value) -> String {
    card.as_object_mut().unwrap().remove("card_blake3");
    let text = format!("{card:#}");
    let body = format!("{},\n", text.strip_suffix("\n}").unwrap());
    let hash = blake3::hash(body.as_bytes()).to_hex();
    format!("{body}  \"card_blake3\": \"{hash}\"\n}}\n")
}

/// A dataset, and its card.
fn dataset() -> (Folder, Value) {
    let folder = Folder::new();
    write(folder.at("corpus/a.wav"), wav(&sound(1, 8000)));
    extract(folder.at("corpus"), &folder.at("data")).succeeds();
    let card = crate::datasets::card(&folder.at("data"));
    (folder, card)
}

#[test]
fn texts_of_a_card_and_of_a_run() {
    let (folder, mut card) = dataset();
    for key in ["ossicle", "job"] {
        card[key] = EVIL.into();
    }
    card["corpus"]["kind"] = EVIL.into();
    card["corpus"]["left_out_because"] =
        serde_json::json!([{"reason": EVIL, "count": 1, "first": EVIL}]);
    card["splits"][0]["name"] = EVIL.into();
    let array = card["arrays"]["features"].clone();
    card["arrays"] = serde_json::json!({EVIL: array});
    card["arrays"][EVIL]["column_names"][0] = EVIL.into();
    let normalization = card["normalization"]["features"].clone();
    card["normalization"] = serde_json::json!({EVIL: normalization});
    card["normalization"][EVIL]["stats_from"] = EVIL.into();
    let data = folder.at("data");
    write(data.join("dataset.json"), sealed(card.clone()));
    write(
        data.join("run.json"),
        serde_json::json!({"command": ["ossicle", EVIL], "folder": EVIL}).to_string(),
    );
    assert_harmless(&ossicle("info").arg(&data).run());
    assert_harmless(&ossicle("verify").arg(&data).run());
    assert_harmless(&ossicle("verify").arg(&data).arg("--json").run());
    let again = ossicle("extract").arg(folder.at("corpus")).arg("--out").arg(folder.at("x"));
    assert_harmless(&again.arg("--recipe").arg(&data).run());
    // JSON means what the card has.
    let json = ossicle("info").arg(&data).arg("--json").run();
    assert_harmless(&json);
    if json.code() == 0 {
        let shown: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(shown["ossicle"], EVIL);
    }
}

#[test]
fn figures_that_no_dataset_has_are_refused() {
    let (folder, card) = dataset();
    let forge: [fn(&mut Value); 5] = [
        |card| card["splits"][0]["duration_s"] = (-1.0).into(),
        |card| card["splits"][0]["duration_s"] = 1e300.into(),
        |card| card["splits"][0]["frames"] = u64::MAX.into(),
        |card| {
            for file in card["files"].as_array_mut().unwrap() {
                file["bytes"] = u64::MAX.into();
            }
        },
        |card| card["frame"]["shift"] = u64::MAX.into(),
    ];
    for forge in forge {
        let mut forged = card.clone();
        forge(&mut forged);
        write(folder.at("data/dataset.json"), sealed(forged));
        for verb in ["info", "verify"] {
            let ran = ossicle(verb).arg(folder.at("data")).run();
            assert_ne!(ran.code(), 0, "{verb}: {}", ran.stdout);
            assert!(ran.stderr.contains("dataset.json") || ran.stdout.contains("dataset.json"));
        }
    }
    write(folder.at("data/dataset.json"), sealed(card));
    ossicle("info").arg(folder.at("data")).succeeds();
}

#[test]
fn a_recipe_that_is_none_is_not_read_to_its_end() {
    let folder = Folder::new();
    write(folder.at("corpus/a.wav"), wav(&sound(1, 8000)));
    write(folder.at("large.toml"), "# a comment\n".repeat(2_000_000));
    let pipe = folder.at("pipe.toml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let with = |recipe: &std::path::Path| {
        let run = ossicle("extract").arg(folder.at("corpus")).arg("--out").arg(folder.at("out"));
        run.arg("--recipe").arg(recipe)
    };
    with(&folder.at("large.toml")).refuses(&["large.toml", "is larger than 16777216 bytes"]);
    with(&pipe).refuses(&["pipe.toml", "is a FIFO, not a regular file"]);
    with("/dev/zero".as_ref()).refuses(&["/dev/zero", "is a device, not a regular file"]);
    for map in ["/dev/zero", pipe.to_str().unwrap(), folder.at("large.toml").to_str().unwrap()] {
        let run = extract(folder.at("corpus"), &folder.at("out"));
        run.set(&[&format!("labels.map={map}")]).refuses(&[map]);
    }
}

#[test]
fn what_a_run_has_left_is_not_read_to_its_end() {
    let folder = Folder::new();
    write(folder.at("corpus/a.wav"), wav(&sound(1, 8000)));
    // A terabyte of nothing, which takes no room.
    write(folder.at("out/.ossicle/job.json"), "");
    let job = fs::File::options().write(true).open(folder.at("out/.ossicle/job.json")).unwrap();
    job.set_len(1 << 40).unwrap();
    let run = extract(folder.at("corpus"), &folder.at("out"));
    run.refuses(&["job.json", "has 1099511627776 bytes; such a file has at most 67108864"]);
    assert!(ossicle("info").arg(folder.at("out")).run().code() != 101);
}
