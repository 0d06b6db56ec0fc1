//! Documents of JSON.

use ossicle_corpus::Span;
use serde_json::json;

use crate::{
    formats::{columns, fixture},
    tree::{Tree, from_path, ids, message},
};

#[test]
fn objects_by_their_ids_are_read_as_speechbrain_reads_them() {
    let corpus = from_path(&fixture("manifests/speechbrain.json")).unwrap();
    let utterances = &corpus.splits[0].utterances;
    assert_eq!(ids(&corpus.splits[0]), ["voicea-0001", "voicea-0002-part", "voiceb-0003"]);
    let part = Span::Samples { start: 800, end: Some(4000) };
    assert_eq!(utterances.iter().map(|it| it.span()).collect::<Vec<_>>(), [None, Some(part), None]);
    assert!(utterances.iter().all(|it| it.size_bytes > 0), "{utterances:?}");
    assert_eq!(utterances[2].speaker.as_deref(), Some("voiceb"));
    assert_eq!(columns(&utterances[0]), json!({"length": 0.4, "words": "one two"}));
    assert!(corpus.notices[0].contains("3 paths begin with a placeholder"), "{:?}", corpus.notices);
}

#[test]
fn a_list_of_objects_is_read_bare_and_under_a_name() {
    let named = from_path(&fixture("manifests/list_of_objects.json")).unwrap();
    assert_eq!(ids(&named.splits[0]), ["wav/voicea-0001", "wav/voiceb-0003"]);
    let first = &named.splits[0].utterances[0];
    // A rounded duration cuts nothing off.
    assert_eq!(first.span(), None);
    assert_eq!(columns(first), json!({"labels": "/m/0a", "duration": 0.41}));
    let tree = Tree::new(&["a.wav", "b.wav"]);
    for text in [
        r#"[{"path":"a.wav","split":"x"},{"path":"b.wav","split":"y"}]"#,
        "\u{feff} [\n{\"audio\": {\"path\": \"a.wav\", \"bytes\": null}, \"split\": \"x\"}\n,\r\n\
         {\"audio\":{\"path\":\"b.wav\"},\"split\":\"y\"} ] \n",
    ] {
        let corpus = from_path(&tree.write("any name", text.as_bytes())).unwrap();
        let splits: Vec<_> = corpus.splits.iter().map(|it| (&*it.name, ids(it))).collect();
        assert_eq!(splits, [("x", vec!["a"]), ("y", vec!["b"])], "{text}");
    }
}

#[test]
fn what_is_wrong_in_a_document_is_told_with_its_line() {
    let tree = Tree::new(&["a.wav"]);
    let error = |text: &str| message(from_path(&tree.write("m.json", text.as_bytes())));
    let faults = error("[\n{\"wav\":\"a.wav\"},\n7,\n{\"text\":\n1},\n{\"wav\":3}\n]");
    for expected in [
        "line 3: expected an object, found 7",
        "line 4: expected a path in `audio_filepath`, found nothing",
        "line 6: expected a path in `wav`, found 3",
    ] {
        assert!(faults.contains(expected), "{expected}\n{faults}");
    }
    let cut = error("[\n{\"wav\":\"a.wav\"},\n{\"wav\":");
    assert!(cut.contains("m.json, line 3, column"), "{cut}");
    let none = error(r#"{"a": {"b": 1}, "c": [1, 2]}"#);
    assert!(none.contains("expected objects with the path of a recording"), "{none}");
    let twice = error(r#"{"u": {"wav": "a.wav"}, "u": {"wav": "a.wav"}}"#);
    assert!(twice.contains("the id `u` is given twice"), "{twice}");
    // An object that does not end is no reason to hold all of it.
    let long = format!("[{{\"wav\":\"a.wav\"}},{{\"x\":[{}", "1,".repeat(9 << 20));
    let long = error(&long);
    assert!(long.contains("m.json"), "{long}");
}
