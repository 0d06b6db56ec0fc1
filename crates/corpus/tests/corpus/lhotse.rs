//! Manifests of lhotse's.

use std::path::Path;

use ossicle_corpus::{
    AlignmentSource, CorpusSource, DiscoverOptions, Pattern, Utterance, discover,
};
use serde_json::json;

use crate::{
    formats::{columns, copy, fixture},
    tree::{Tree, from_path, ids, message},
};

const IDS: [&str; 3] = ["voicea-0001", "voicea-0002", "voiceb-0003"];

fn samples(utterance: &Utterance) -> Option<(u64, Option<u64>)> {
    utterance.span().map(|span| span.samples(16_000))
}

#[test]
fn cuts_are_read_with_their_stretches_speakers_and_texts() {
    let corpus = from_path(&fixture("lhotse/cuts.jsonl.gz")).unwrap();
    assert_eq!(corpus.kind.to_string(), "lhotse manifest");
    let expected = ["voicea-0001-0", "voicea-0001-part", "voicea-0002-1", "voiceb-0003-2"];
    assert_eq!(ids(&corpus.splits[0]), expected);
    let utterances = &corpus.splits[0].utterances;
    let spans: Vec<_> = utterances.iter().map(samples).collect();
    // A cut that is all of its recording is all of it.
    assert_eq!(spans, [None, Some((1600, Some(4800))), None, None]);
    let second = &utterances[2];
    assert_eq!(&*second.source, Path::new("wav/voicea-0002.wav"));
    assert_eq!((second.speaker.as_deref(), second.channel()), (Some("voicea"), Some(0)));
    let expected = json!({"recording": "voicea-0002", "text": "three für élève", "language": "en"});
    assert_eq!(columns(second), expected);
    let notice = corpus.notices.iter().find(|notice| notice.contains("alignments"));
    assert!(notice.is_some(), "{:?}", corpus.notices);
}

#[test]
fn cuts_of_lhotse_2_say_the_same_and_a_shar_with_indices_is_read() {
    let corpus = from_path(&fixture("lhotse2/cuts.jsonl.gz")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["voicea-0001-0", "voicea-0002-1", "voiceb-0003-2"]);
    let second = &corpus.splits[0].utterances[1];
    assert_eq!((&*second.source, samples(second)), (Path::new("wav/voicea-0002.wav"), None));
    let expected = json!({
        "recording": "voicea-0002", "text": "three für élève", "language": "en", "custom": {"snr": 12.5}
    });
    assert_eq!(columns(second), expected);
    // Uncompressed, cuts have indices beside them, as their archives do: little-endian offsets.
    let tree = copy("lhotse_shar");
    for shard in ["000000", "000001"] {
        let name = format!("lhotse_shar/cuts.{shard}.jsonl");
        let packed = std::fs::read(tree.at(&format!("{name}.gz"))).unwrap();
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*packed), &mut text).unwrap();
        tree.write(&name, &text);
        std::fs::remove_file(tree.at(&format!("{name}.gz"))).unwrap();
        tree.write(&format!("{name}.idx"), &0_u64.to_le_bytes());
        tree.write(&format!("lhotse_shar/recording.{shard}.tar.idx"), &0_u64.to_le_bytes());
    }
    let packed = from_path(&fixture("lhotse_shar")).unwrap();
    let plain = from_path(&tree.at("lhotse_shar")).unwrap();
    assert_eq!(ids(&plain.splits[0]), ids(&packed.splits[0]));
    for (a, b) in plain.splits[0].utterances.iter().zip(&packed.splits[0].utterances) {
        assert_eq!((a.held(), &a.columns, &a.source), (b.held(), &b.columns, &b.source));
    }
}

#[test]
fn recordings_supervisions_and_their_folder_are_read() {
    for (name, has_texts) in [
        ("lhotse/recordings.jsonl", false),
        ("lhotse/recordings.jsonl.gz", false),
        ("lhotse/supervisions.jsonl.gz", true),
        ("lhotse", true),
        ("lhotse2/recordings.jsonl.gz", false),
        ("lhotse2/supervisions.jsonl", true),
    ] {
        let corpus = from_path(&fixture(name)).unwrap();
        assert_eq!(ids(&corpus.splits[0]), IDS, "{name}");
        let second = &corpus.splits[0].utterances[1];
        assert_eq!((second.size_bytes, samples(second)), (16_290, None), "{name}");
        let text = columns(second)["text"].clone();
        assert_eq!(text, if has_texts { json!("three für élève") } else { json!(null) }, "{name}");
    }
}

#[test]
fn cuts_with_features_are_read_as_cuts_and_features_alone_are_refused_by_name() {
    let corpus = from_path(&fixture("lhotse/cuts_with_features.jsonl.gz")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["voicea-0001-0"]);
    let error = message(from_path(&fixture("lhotse/features.jsonl.gz")));
    assert!(error.contains("line 1: expected a recording, found features"), "{error}");
}

#[test]
fn cuts_of_several_recordings_are_refused_by_kind() {
    let error = message(from_path(&fixture("lhotse/cuts_mixed.jsonl")));
    assert!(error.contains(": 2 faults\n"), "{error}");
    assert!(error.contains("line 1: expected a MonoCut, found a MixedCut of 2 tracks"), "{error}");
    assert!(error.contains("line 2: expected a MonoCut, found a MixedCut of 2 tracks"), "{error}");
}

/// A cut of the first ten seconds of `a.wav`, with these keys in the recording and in the cut.
fn cut(id: &str, of_recording: &str, of_cut: &str) -> String {
    format!(
        r#"{{"id":"{id}","start":0,"duration":10,"channel":1,"type":"MonoCut","recording":{{"id":"r",
        "sources":[{{"type":"file","channels":[0,1],"source":"a.wav"}}],"sampling_rate":16000,
        "duration":20.5{of_recording}}}{of_cut}}}"#
    )
    .replace('\n', " ")
        + "\n"
}

#[test]
fn transforms_are_refused_by_name_and_number_and_never_left_out() {
    let tree = Tree::new(&["a.wav"]);
    let speed =
        r#","transforms":[{"name":"Speed","kwargs":{"factor":1.1}},{"name":"Volume","kwargs":{}}]"#;
    for (of_recording, of_cut) in [(speed, ""), ("", speed)] {
        let path = tree.write("cuts.jsonl", cut("c", of_recording, of_cut).as_bytes());
        let error = message(from_path(&path));
        let expected = "line 1: it has 2 of lhotse's transforms (`Speed`, `Volume`)";
        assert!(error.contains(expected), "{error}");
    }
    let none = r#","transforms":[]"#;
    let path = tree.write("cuts.jsonl", cut("c", none, "").as_bytes());
    assert_eq!(ids(&from_path(&path).unwrap().splits[0]), ["c"]);
}

#[test]
fn custom_fields_channels_and_several_supervisions_are_carried() {
    let tree = Tree::new(&["a.wav"]);
    let one = r#","custom":{"snr":3.5},"supervisions":[{"id":"s","text":"hi","custom":{"x":1}}]"#;
    let two =
        r#","supervisions":[{"id":"s","start":0,"text":"hi"},{"id":"t","start":1,"text":"ho"}]"#;
    let text = cut("a", "", one) + &cut("b", "", two);
    let corpus = from_path(&tree.write("cuts.jsonl", text.as_bytes())).unwrap();
    let [a, b] = &corpus.splits[0].utterances[..] else { panic!("{corpus:?}") };
    assert_eq!((a.channel(), samples(a)), (Some(1), Some((0, Some(160_000)))));
    let expected = json!({
        "recording": "r", "text": "hi", "supervision_custom": {"x": 1}, "custom": {"snr": 3.5}
    });
    assert_eq!(columns(a), expected);
    assert_eq!(columns(b)["supervisions"][1], json!({"id": "t", "start": 1, "text": "ho"}));
}

#[test]
fn what_cannot_be_read_of_a_manifest_is_told_with_its_place() {
    let tree = Tree::new(&["a.wav"]);
    let text = [
        cut("a", "", "").replace(r#""type":"file""#, r#""type":"command""#),
        cut("b", "", "").replace(r#""channel":1"#, r#""channel":7"#),
        cut("c", "", "").replace(r#""channel":1"#, r#""channel":[0,1]"#),
        cut("d", "", "").replace(r#""duration":10"#, r#""duration":-1"#),
        cut("e", "", "").replace(r#""sources":["#, r#""sources":[{},"#),
        r#"{"id":"f","start":0,"duration":1,"type":"MonoCut"}"#.into(),
    ];
    let error = message(from_path(&tree.write("cuts.jsonl", text.concat().as_bytes())));
    for expected in [
        "line 1: expected a source of the type `file`, found `command`",
        "line 2: expected one of the recording's channels, found 7",
        "line 3: expected one channel, found 2",
        "line 4: expected seconds in `duration`, found -1",
        "line 5: expected a recording of one file, found one of 2 sources",
        "line 6: expected an object in `recording`, found nothing",
    ] {
        assert!(error.contains(expected), "{expected}\n{error}");
    }
}

#[test]
fn supervisions_find_their_recordings_whether_compressed_or_not() {
    let tree = Tree::new(&["a.wav"]);
    let recording = r#"{"id":"r","sources":[{"type":"file","channels":[0],"source":"a.wav"}],
        "sampling_rate":16000,"duration":2}"#;
    let recording = recording.replace('\n', " ") + "\n";
    let supervision = b"{\"id\":\"s\",\"recording_id\":\"r\",\"start\":0.5,\"duration\":1}\n";
    let given = tree.write("dev_supervisions.jsonl", supervision);
    let error = message(from_path(&given));
    assert!(error.ends_with("dev_recordings.jsonl: no such file or folder"), "{error}");
    tree.write("dev_recordings.jsonl.gz", recording.as_bytes());
    let corpus = from_path(&given).unwrap();
    assert_eq!(samples(&corpus.splits[0].utterances[0]), Some((8000, Some(24_000))));
    tree.write("dev_recordings.jsonl.gz", recording.repeat(2).as_bytes());
    let error = message(from_path(&given));
    assert!(error.contains("line 2: the recording `r` is there already; keep one"), "{error}");
    tree.write("dev_recordings.jsonl.gz", b"{}\n");
    let error = message(from_path(&given));
    assert!(error.contains("the recording `r` is not in the manifest of recordings"), "{error}");
}

#[test]
fn a_folder_with_several_manifests_says_which_is_read() {
    let tree = Tree::new(&["a.wav"]);
    let row = r#"{"id":"a","sources":[{"type":"file","channels":[0],"source":"a.wav"}],"sampling_rate":16000,"num_samples":5,"duration":0.0003125,"channel_ids":[0]}"#;
    for name in ["recordings_dev.jsonl", "recordings_test.jsonl"] {
        tree.write(name, format!("{row}\n").as_bytes());
    }
    let corpus = tree.discover().unwrap();
    assert_eq!(corpus.splits[0].utterances.len(), 1);
    let said = corpus.notices.iter().find(|notice| notice.contains("recordings_dev.jsonl is read"));
    let said = said.unwrap_or_else(|| panic!("{:?}", corpus.notices));
    assert!(
        said.contains("1 more of the folder's manifests") && said.contains("split=PATH"),
        "{said}"
    );
}

#[test]
fn shar_names_what_its_archives_lack() {
    let corpus = from_path(&fixture("lhotse_shar")).unwrap();
    let sources: Vec<_> = corpus.splits[0]
        .utterances
        .iter()
        .map(|it| (&*it.id, it.source.to_str().unwrap()))
        .collect();
    assert_eq!(
        sources,
        [
            ("voicea-0001-0", "recording.000000.tar"),
            ("voicea-0001-part", "recording.000001.tar"),
            ("voicea-0002-1", "recording.000000.tar"),
            ("voiceb-0003-2", "recording.000000.tar"),
        ]
    );
    let tree = copy("lhotse_shar");
    let other = std::fs::read(fixture("lhotse_shar/recording.000001.tar")).unwrap();
    tree.write("lhotse_shar/recording.000000.tar", &other);
    let error = message(from_path(&tree.at("lhotse_shar")));
    assert!(error.contains(": 3 faults\n"), "{error}");
    assert!(error.contains("line 1: there is no recording of `voicea-0001-0` in "), "{error}");
    // A shard alone, and one under a name that leads to no archive.
    let alone = from_path(&tree.at("lhotse_shar/cuts.000001.jsonl.gz")).unwrap();
    assert_eq!(ids(&alone.splits[0]), ["voicea-0001-part"]);
    let cuts = std::fs::read(fixture("lhotse_shar/cuts.000001.jsonl.gz")).unwrap();
    let error = message(from_path(&tree.write("some.jsonl.gz", &cuts)));
    assert!(error.contains("its recording is in the archive of its shard"), "{error}");
}

#[test]
fn alignments_of_supervisions_are_read_where_they_are_wanted() {
    let second = 1_000_000_000;
    for path in [
        "lhotse/supervisions.jsonl.gz",
        "lhotse/cuts.jsonl.gz",
        "lhotse2/supervisions.jsonl",
        "lhotse2/cuts.jsonl.gz",
    ] {
        let tiers = vec![Pattern::new("word")];
        let options = DiscoverOptions { tiers, ..DiscoverOptions::default() };
        let corpus = discover(&CorpusSource::Path(fixture(path)), &options).unwrap();
        assert!(corpus.notices.iter().all(|it| !it.contains("alignments")), "{:?}", corpus.notices);
        for utterance in &corpus.splits[0].utterances {
            let said = utterance.alignment.as_ref().and_then(AlignmentSource::said).unwrap();
            assert_eq!((&*said.tiers[0].name, said.tiers.len()), ("word", 1));
            if utterance.id.starts_with("voiceb-0003") {
                let mark = &said.tiers[0].marks[0];
                let times = (mark.start, mark.end, &*mark.label);
                assert_eq!(times, (3 * second / 100, 28 * second / 100, "four"));
            }
            // The times of a part are those of the recording, too.
            if utterance.id.starts_with("voicea-0001") {
                let starts = said.tiers[0].marks.iter().map(|mark| mark.start);
                assert_eq!(starts.collect::<Vec<_>>(), [second / 50, 17 * second / 100], "{path}");
            }
        }
    }
}
