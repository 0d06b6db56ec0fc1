//! Tables of text with a header.

use std::{fs, path::Path};

use ossicle_corpus::{Reason, Span, Utterance};
use serde_json::json;

use crate::{
    formats::{columns, copy, fixture},
    tree::{Tree, from_pairs, from_path, ids, message, reasons, splits},
};

#[test]
fn quotes_splits_times_and_further_columns_are_read() {
    let corpus = from_path(&fixture("manifests/table.csv")).unwrap();
    assert_eq!(corpus.kind.to_string(), "table");
    let expected = [("train", vec!["voicea-0001", "voicea-0002"]), ("test", vec!["voiceb-0003"])];
    assert_eq!(splits(&corpus), expected);
    let second: &Utterance = &corpus.splits[0].utterances[1];
    assert_eq!(second.speaker.as_deref(), Some("voicea"));
    assert_eq!((second.channel(), second.size_bytes), (Some(0), 16_290));
    assert_eq!(second.span().unwrap().samples(16_000), (0, Some(8123)));
    let expected = json!({"text": "three für élève, \"said\"", "note": "a\nb"});
    assert_eq!(columns(second), expected);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_header_and_utf_16_is_named() {
    let corpus = from_path(&fixture("manifests/table_bom.tsv")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["voicea-0001", "voicea-0002", "voiceb-0003"]);
    let tree = Tree::new(&[]);
    let text: Vec<u8> = "\u{feff}path\tid\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = message(from_path(&tree.write("a.tsv", &text)));
    assert!(error.ends_with("`iconv -f UTF-16 -t UTF-8` makes it so"), "{error}");
}

#[test]
fn common_voice_finds_its_clips_and_keeps_its_quotes() {
    let tree = copy("manifests/commonvoice.tsv");
    for name in ["voicea-0001", "voicea-0002", "voiceb-0003"] {
        tree.write(&format!("manifests/clips/{name}.wav"), b"bytes");
    }
    let corpus = from_path(&tree.at("manifests/commonvoice.tsv")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["voicea-0001", "voicea-0002", "voiceb-0003"]);
    let first = &corpus.splits[0].utterances[0];
    assert_eq!(first.speaker.as_deref(), Some("c0"));
    assert_eq!(columns(first)["sentence"], "Say \"voicea-0001\".");
    assert_eq!(columns(first)["text"], columns(first)["sentence"]);
    assert_eq!(columns(first)["locale"], "en");
    assert_eq!(&*first.source, Path::new("voicea-0001.wav"));
    assert!(corpus.splits[0].root.ends_with("manifests/clips"), "{:?}", corpus.splits[0].root);
    // A quote that begins a sentence is one of its characters.
    let file = tree.at("manifests/commonvoice.tsv");
    let text = fs::read_to_string(&file).unwrap().replace("Say \"voicea-0002\".", "\"No\", she");
    fs::write(&file, text).unwrap();
    assert_eq!(
        columns(&from_path(&file).unwrap().splits[0].utterances[1])["sentence"],
        "\"No\", she"
    );
}

#[test]
fn stretches_of_a_recording_have_their_times_in_their_ids() {
    let tree = Tree::new(&["a.wav", "b.wav"]);
    let table = tree.write(
        "segments.csv",
        b"file;start;duration;who\na.wav;0.5;1.25;x\na.wav;1.75;;y\nb.wav;;;z\n",
    );
    let corpus = from_path(&table).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["a_0.5-1.75", "a_1.75-", "b"]);
    let spans: Vec<_> = corpus.splits[0].utterances.iter().map(Utterance::span).collect();
    let span = |start, end| Some(Span::Nanoseconds { start, end });
    let expected = [span(500_000_000, Some(1_750_000_000)), span(1_750_000_000, None), None];
    assert_eq!(spans, expected);
}

#[test]
fn rows_without_a_split_are_left_out_and_counted() {
    let tree = Tree::new(&["a.wav", "b.wav"]);
    let table = tree.write("t.csv", b"path,split\na.wav,train\nb.wav,\n");
    let corpus = from_path(&table).unwrap();
    assert_eq!(splits(&corpus), [("train", vec!["a"])]);
    assert_eq!(reasons(&corpus), [(Reason::NoSplit, 1, "b")]);
    // Given for a split, all of them are of it.
    let corpus = from_pairs(&[("dev", table)]).unwrap();
    assert_eq!(splits(&corpus), [("dev", vec!["a", "b"])]);
}

#[test]
fn what_is_wrong_in_a_table_is_told_with_its_place() {
    let tree = Tree::new(&["a.wav"]);
    let table = |text: &str| message(from_path(&tree.write("t.csv", text.as_bytes())));
    let error = table("name,text\na.wav,x\n");
    assert!(error.contains("line 1: expected a header with a column of paths"), "{error}");
    assert!(error.ends_with("found `name`, `text`"), "{error}");
    let error = table(
        "path,start,end,channel,split\na.wav,x,1,0,a\na.wav,0,1\na.wav,2,1,-1,a b\nftp://x/a.wav,,,,a\n",
    );
    for expected in [
        "t.csv: 6 faults",
        "line 2, column 7: expected seconds in `start`, found `x`",
        "line 3: expected 5 fields, as the header has, found 3",
        "line 4, column 11: expected a channel, counted from 0, found `-1`",
        "line 4: it starts at 2 s and ends at 1 s",
        "line 4: `a b` cannot name a split",
        "line 5: expected a path, found the address `ftp://x/a.wav`",
    ] {
        assert!(error.contains(expected), "{expected}\n{error}");
    }
    assert!(table("path,id\na.wav,x\na.wav,x\n").contains("the id `x` is given twice"));
    assert!(table("").ends_with("t.csv: it describes no utterance"));
    assert!(table("path,id\n").ends_with("t.csv: it describes no utterance"));
}
