//! Manifests of NeMo's and fairseq's.

use std::path::Path;

use ossicle_corpus::Utterance;
use serde_json::json;

use crate::{
    formats::{columns, copy, fixture},
    tree::{Tree, from_path, ids, message},
};

#[test]
fn a_nemo_manifest_is_read_with_its_stretches() {
    let corpus = from_path(&fixture("manifests/nemo.jsonl")).unwrap();
    assert_eq!(corpus.kind.to_string(), "manifest");
    let expected = [
        "wav/voicea-0001",
        "wav/voicea-0002_0-0.5076875",
        "wav/voicea-0002_0.1-0.35",
        "wav/voiceb-0003",
    ];
    assert_eq!(ids(&corpus.splits[0]), expected);
    let utterances = &corpus.splits[0].utterances;
    let spans: Vec<_> = utterances.iter().map(|it| it.span().unwrap().samples(16_000)).collect();
    let expected = [(0, Some(6400)), (0, Some(8123)), (1600, Some(5600)), (0, Some(4801))];
    assert_eq!(spans, expected);
    let speakers: Vec<_> = utterances.iter().map(|it| it.speaker.as_deref()).collect();
    assert_eq!(speakers, [Some("voicea"), Some("voicea"), None, Some("voiceb")]);
    assert_eq!(columns(&utterances[1]), json!({"text": "three für élève"}));
}

#[test]
fn a_fairseq_manifest_is_read_below_its_folder() {
    let corpus = from_path(&fixture("manifests/fairseq.tsv")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["voicea-0001", "voicea-0002", "voiceb-0003"]);
    let first = &corpus.splits[0].utterances[0];
    assert_eq!(&*first.source, Path::new("wav/voicea-0001.wav"));
    assert_eq!((first.size_bytes, first.span()), (12_844, None));
    let tree = Tree::new(&["a.wav"]);
    let error = message(from_path(&tree.write("t.tsv", b".\na.wav\t5\na.wav\tx\n")));
    assert!(error.contains("t.tsv, line 3, column 1: expected a path, a tab and a num"), "{error}");
}

#[test]
fn further_keys_are_carried_as_they_are() {
    let tree = Tree::new(&["a.wav"]);
    let manifest = tree.write(
        "m.json",
        br#"{"wav":"a.wav","key":"u 1","txt":"hi","lang":null,"n":[1,2.5],"channel":1}"#,
    );
    let corpus = from_path(&manifest).unwrap();
    let utterance: &Utterance = &corpus.splits[0].utterances[0];
    assert_eq!((&*utterance.id, utterance.channel(), utterance.span()), ("u 1", Some(1), None));
    assert_eq!(columns(utterance), json!({"txt": "hi", "lang": null, "n": [1, 2.5]}));
}

#[test]
fn what_is_wrong_in_a_manifest_is_told_with_its_place() {
    let tree = Tree::new(&["a.wav"]);
    let manifest = tree.write(
        "m.jsonl",
        b"{\"audio_filepath\":\"a.wav\",\"duration\":\"x\"}\n{\"text\":1}\n[]\n{\"a\":}\n\
          {\"audio_filepath\":[\"a.wav\",\"b.wav\"]}\n{\"audio_filepath\":\"a.wav\",\"source\":1}\n",
    );
    let error = message(from_path(&manifest));
    for expected in [
        "m.jsonl: 6 faults",
        "line 1: expected seconds in `duration`, found `x`",
        "line 2: expected a path in `audio_filepath`, found nothing",
        "line 3, column 1: expected an object, found a list",
        "line 4, column 6: expected an object of JSON: expected value",
        "line 5: expected one path in `audio_filepath`, found a list of 2",
        "line 6: a column is called `source`",
    ] {
        assert!(error.contains(expected), "{expected}\n{error}");
    }
}

#[test]
fn a_tarred_manifest_names_the_archives_and_members_that_are_not_there() {
    let corpus = from_path(&fixture("nemo_tarred/tarred_audio_manifest.json")).unwrap();
    let utterances = &corpus.splits[0].utterances;
    assert_eq!(utterances[2].held(), utterances[1].held(), "stretches of one member");
    assert_eq!(utterances[3].source.to_str(), Some("audio_1.tar"));
    let tree = copy("nemo_tarred");
    std::fs::remove_file(tree.at("nemo_tarred/audio_1.tar")).unwrap();
    let line = r#"{"audio_filepath": "other.wav", "duration": 1, "shard_id": 0}"#;
    let manifest =
        std::fs::read_to_string(fixture("nemo_tarred/tarred_audio_manifest.json")).unwrap();
    tree.write("nemo_tarred/tarred_audio_manifest.json", (manifest + line).as_bytes());
    let error = message(from_path(&tree.at("nemo_tarred/tarred_audio_manifest.json")));
    assert!(error.contains("line 4: expected the archive `audio_1.tar` beside it"), "{error}");
    assert!(error.contains("line 5: `other.wav` is not in "), "{error}");
}

#[test]
fn manifests_of_a_shard_each_find_the_archives_in_the_folder_above() {
    // As `convert_to_tarred_audio_dataset.py` writes them: one beside the archives, and one for each shard.
    let whole = from_path(&fixture("nemo_tarred/tarred_audio_manifest.json")).unwrap();
    let tree = copy("nemo_tarred");
    let manifest =
        std::fs::read_to_string(fixture("nemo_tarred/tarred_audio_manifest.json")).unwrap();
    for shard in 0..2 {
        let of_shard = format!("\"shard_id\": {shard}");
        let lines = manifest.lines().filter(|line| line.contains(&of_shard));
        let lines: String = lines.map(|line| format!("{line}\n")).collect();
        tree.write(
            &format!("nemo_tarred/sharded_manifests/manifest_{shard}.json"),
            lines.as_bytes(),
        );
    }
    std::fs::remove_file(tree.at("nemo_tarred/tarred_audio_manifest.json")).unwrap();
    let folder = tree.at("nemo_tarred/sharded_manifests");
    let one = from_path(&folder.join("manifest_1.json")).unwrap();
    assert_eq!(ids(&one.splits[0]), ["data_voiceb-0003"]);
    assert_eq!(one.splits[0].utterances[0].source.to_str(), Some("../audio_1.tar"));
    for word in ["manifest__OP_0..1_CL_.json", "manifest_{0..1}.json", "manifest_*.json", ""] {
        let corpus = from_path(&folder.join(word)).unwrap();
        let [split] = &corpus.splits[..] else { panic!("{word}: {corpus:?}") };
        assert_eq!(ids(split), ids(&whole.splits[0]), "{word}");
        for (utterance, of_whole) in split.utterances.iter().zip(&whole.splits[0].utterances) {
            assert_eq!(utterance.held(), of_whole.held(), "{word}");
            assert_eq!(utterance.span(), of_whole.span(), "{word}");
            assert!(utterance.size_bytes > 0, "{word}: {:?}", utterance.source);
        }
    }
}

#[test]
fn lines_of_five_megabytes_are_read_or_refused_by_line() {
    let (tree, long) = (Tree::new(&["a.wav"]), "x".repeat(5_000_000));
    let object = format!("{{\"text\": \"{long}\", \"audio_filepath\": \"a.wav\"}}\n");
    for (name, text) in [
        ("a.json", object.as_str()),
        ("a.csv", &format!("path,text\na.wav,{long}\n")),
        ("a.txt", &format!("a.wav|{long}\n")),
    ] {
        let corpus = from_path(&tree.write(name, text.as_bytes())).unwrap();
        assert_eq!(corpus.splits[0].utterances.len(), 1, "{name}");
        assert_eq!(columns(&corpus.splits[0].utterances[0])["text"], long.as_str(), "{name}");
    }
    for (name, text, line) in [
        ("b.csv", format!("path,text\na.wav,\n{long},\n"), 3),
        ("b.txt", format!("a.wav|x\n{long}|y\n"), 2),
        ("b.scp", format!("x=a.wav\ny={long}\n"), 2),
        (
            "b.json",
            format!("{{\"audio_filepath\": \"a.wav\"}}\n{{\"audio_filepath\": \"{long}\"}}\n"),
            2,
        ),
        ("b.lst", format!("a.wav\n{long}\n"), 2),
    ] {
        let error = message(from_path(&tree.write(name, text.as_bytes())));
        assert!(
            error.contains(&format!("line {line}")) && error.len() < 1000,
            "{name}: {error:.300}"
        );
    }
}
