//! Utterances that are chosen, named and split by flags.

use serde_json::json;

use crate::corpora::{sound, wav, write};
use crate::datasets::rows;
use crate::program::{Folder, ossicle};

/// Half a second of three speakers, and a recording that is shorter.
fn corpus() -> Folder {
    let folder = Folder::new();
    for (seed, name) in ["0_ann_0", "1_ann_0", "0_bob_0", "1_bob_0", "0_cyd_0"].iter().enumerate() {
        write(folder.at(&format!("corpus/{name}.wav")), wav(&sound(seed as u64, 8000)));
    }
    write(folder.at("corpus/1_cyd_0.wav"), wav(&sound(9, 1600)));
    folder
}

#[test]
fn speakers_ids_and_splits_of_flags_are_the_datasets() {
    let folder = corpus();
    let flags = [
        "corpus/*.wav",
        "--out=out",
        "--preset=kaldi-fbank",
        "--speaker=_([a-z]+)_",
        "--ids=keep",
        "--min-duration=0.2",
        "--split-speakers=a=0.5,b=0.5",
    ];
    write(folder.at("keep"), "0_ann_0\n1_ann_0\n0_bob_0\n0_cyd_0\n1_cyd_0\n9_zoe_0\n");
    let ran = ossicle("extract").args(flags).in_folder(folder.path()).exits(1);
    assert!(ran.stderr.contains("1 of 6 ids are not in the corpus"), "{}", ran.stderr);
    let mut stored = Vec::new();
    for split in ["a", "b"] {
        for row in rows(folder.at(&format!("out/{split}/utterances.jsonl"))) {
            stored.push((row["id"].clone(), row["speaker"].clone(), split));
        }
    }
    stored.sort_by_key(|(id, ..)| id.to_string());
    let ids: Vec<_> = stored.iter().map(|(id, ..)| id.clone()).collect();
    assert_eq!(ids, ["0_ann_0", "0_bob_0", "0_cyd_0", "1_ann_0"]);
    let ann: Vec<_> = stored.iter().filter(|(_, speaker, _)| *speaker == "ann").collect();
    assert_eq!((ann.len(), ann[0].2), (2, ann[1].2), "a speaker is in one split");
    let failures = rows(folder.at("out/failures.jsonl"));
    assert_eq!(
        (&failures[0]["id"], &failures[0]["cause"]),
        (&json!("1_cyd_0"), &json!("too-short"))
    );
    assert_eq!(failures[0]["error"], "it lasts 0.100 s; audio.min_duration_s is 0.2");
    // The same utterances, chosen otherwise, are the same job.
    let again = ossicle("extract").args(flags).in_folder(folder.path()).exits(1);
    assert!(
        again.stdout.contains("already") || again.stderr.contains("already"),
        "{}",
        again.stdout
    );
    let verify = ["out", "--deep", "--corpus=corpus", "--speaker=_([a-z]+)_", "--ids=keep"];
    let verify = verify.iter().chain(&["--split-speakers=a=0.5,b=0.5"]);
    ossicle("verify").args(verify).in_folder(folder.path()).succeeds();
}

#[test]
fn flags_that_cannot_be_are_refused() {
    let folder = corpus();
    for (flag, words) in [
        ("--speaker=(", "unclosed group"),
        ("--id=spk([0-9])", "no id is found: `0_ann_0.wav`"),
        ("--split-speakers=a=0.5", "must come to 1"),
        ("--min-duration=30", "all 6 utterances failed"),
    ] {
        let given = ["corpus", "--out=out", "--preset=kaldi-fbank", flag];
        let ran = ossicle("extract").args(given).in_folder(folder.path()).exits(2);
        assert!(ran.stderr.contains(words), "{flag}: {}", ran.stderr);
    }
}
