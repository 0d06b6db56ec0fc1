//! What is taken of recordings: those that end early, and the channels of those that have several.

use std::fs;

use ossicle_testing::wav as wav_of;
use serde_json::json;

use crate::corpora::{riff, sound, wav, write};
use crate::datasets::rows;
use crate::notices::{no_notice, notice};
use crate::program::{Folder, extract_with, ossicle};

#[test]
fn of_a_recording_that_ends_early_what_is_there_is_kept_where_the_recipe_says_so() {
    let folder = Folder::new();
    let (corpus, short) = (folder.at("corpus"), folder.at("short"));
    let whole = wav(&sound(1, 16_000));
    // Half of a sample at the end is none.
    write(corpus.join("a.wav"), &whole[..44 + 2 * 9000 + 1]);
    write(corpus.join("b.wav"), wav(&sound(2, 8000)));
    write(short.join("a.wav"), wav(&sound(1, 16_000)[..9000]));
    write(short.join("b.wav"), wav(&sound(2, 8000)));
    let keep = ["audio.truncated=keep"];

    let refused = extract_with("kaldi-fbank", &corpus, &folder.at("refused")).exits(1);
    assert!(refused.stderr.contains("promises 16000 samples"), "{}", refused.stderr);
    let dry = extract_with("kaldi-fbank", &corpus, &folder.at("out")).set(&keep);
    let dry = dry.args(["--dry-run", "--json"]).succeeds().json();
    extract_with("kaldi-fbank", &corpus, &folder.at("out")).set(&keep).succeeds();
    extract_with("kaldi-fbank", &short, &folder.at("expected")).set(&keep).succeeds();

    let list = rows(folder.at("out/all/utterances.jsonl"));
    assert_eq!(list[0]["truncated"], json!({"promised": 16_000, "found": 9000}));
    assert_eq!(list[0]["end_sample"], 9000);
    assert_eq!(list[1].get("truncated"), None);
    let frames: u64 = list.iter().map(|row| row["num_frames"].as_u64().unwrap()).sum();
    assert_eq!(dry["splits"]["all"]["frames"], frames);
    let features = |of: &str| fs::read(folder.at(of).join("all/features-00000.npy")).unwrap();
    assert!(features("out") == features("expected"));
}

#[test]
fn of_a_codec_too_what_is_there_is_kept() {
    let folder = Folder::new();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../audio/tests/fixtures");
    let flac = fs::read(format!("{fixtures}/flac16.flac")).unwrap();
    write(folder.at("corpus/a.flac"), &flac[..flac.len() / 2]);
    let run = || extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("out"));
    run().exits(2);
    run().set(&["audio.truncated=keep"]).arg("--overwrite").succeeds();
    let list = rows(folder.at("out/all/utterances.jsonl"));
    let found = list[0]["end_sample"].as_u64().unwrap();
    assert_eq!(list[0]["truncated"], json!({"promised": 31_963, "found": found}));
    assert!(found > 8000 && found < 20_000, "{found}");
}

/// Two channels, the second twice as loud; a second of them.
fn stereo() -> [Vec<i16>; 2] {
    let left: Vec<i16> = sound(1, 16_000).iter().map(|x| x / 4).collect();
    let right = sound(2, 16_000).iter().map(|x| x / 2).collect();
    [left, right]
}

fn wav_of_two([left, right]: &[Vec<i16>; 2]) -> Vec<u8> {
    let both: Vec<i16> = left.iter().zip(right).flat_map(|(&l, &r)| [l, r]).collect();
    wav_of(&both, 2, 16_000)
}

#[test]
fn each_channel_is_an_utterance_where_the_recipe_says_so() {
    let folder = Folder::new();
    let (corpus, alone) = (folder.at("corpus"), folder.at("alone"));
    let [left, right] = stereo();
    write(corpus.join("a.wav"), wav_of_two(&stereo()));
    write(corpus.join("a-0.wav"), wav(&sound(3, 8000)));
    write(corpus.join("b.wav"), "nonsense");
    for (name, samples) in [("a-0-0", &sound(3, 8000)), ("a-0", &left), ("a-1", &right)] {
        write(alone.join(format!("{name}.wav")), wav(samples));
    }
    let run = |jobs: &str, out: &str| {
        let run = extract_with("kaldi-fbank", &corpus, &folder.at(out)).args(["--jobs", jobs]);
        run.set(&["audio.channel=each"]).exits(1)
    };
    run("1", "out");
    run("4", "again");
    extract_with("kaldi-fbank", &alone, &folder.at("expected")).succeeds();
    let list = rows(folder.at("out/all/utterances.jsonl"));
    let of: Vec<_> = list.iter().map(|row| [&row["id"], &row["source"], &row["channel"]]).collect();
    assert_eq!(
        json!(of),
        json!([["a-0", "a.wav", "0"], ["a-0-0", "a-0.wav", "0"], ["a-1", "a.wav", "1"]])
    );
    assert_eq!(rows(folder.at("out/failures.jsonl"))[0]["id"], "b-0");
    let features = |of: &str| fs::read(folder.at(of).join("all/features-00000.npy")).unwrap();
    assert!(features("out") == features("expected") && features("out") == features("again"));
    let verify = ossicle("verify").arg(folder.at("out")).arg("--corpus").arg(&corpus);
    verify.arg("--deep").succeeds();
}

#[test]
fn the_loudest_channel_is_taken_and_named_where_the_recipe_says_so() {
    let folder = Folder::new();
    let (corpus, alone) = (folder.at("corpus"), folder.at("alone"));
    let [left, right] = stereo();
    write(corpus.join("a.wav"), wav_of_two(&[left.clone(), right.clone()]));
    write(corpus.join("b.wav"), wav_of_two(&[right.clone(), left]));
    write(corpus.join("c.wav"), wav(&right));
    for name in ["a", "b", "c"] {
        write(alone.join(format!("{name}.wav")), wav(&right));
    }
    let loudest = ["audio.channel=loudest"];
    extract_with("kaldi-fbank", &corpus, &folder.at("out")).set(&loudest).succeeds();
    extract_with("kaldi-fbank", &alone, &folder.at("expected")).succeeds();
    let list = rows(folder.at("out/all/utterances.jsonl"));
    let channels: Vec<_> = list.iter().map(|row| &row["channel"]).collect();
    assert_eq!(json!(channels), json!(["1", "0", "0"]));
    let features = |of: &str| fs::read(folder.at(of).join("all/features-00000.npy")).unwrap();
    assert!(features("out") == features("expected"));
}

/// Floating-point samples, at another full scale than 1.
fn wav_of_floats(samples: &[i16], scale: f32) -> Vec<u8> {
    let data: Vec<u8> =
        samples.iter().flat_map(|&x| (f32::from(x) * scale).to_le_bytes()).collect();
    riff(3, 1, 16_000, 32, &data, data.len() as u32)
}

#[test]
fn channels_that_nobody_chose_and_scales_that_nobody_meant_are_told_once() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    let [left, right] = stereo();
    // More than a part holds, so that counts of several parts are added.
    for n in 0..10 {
        write(corpus.join(format!("stereo{n}.wav")), wav_of_two(&[left.clone(), right.clone()]));
        write(corpus.join(format!("mono{n}.wav")), wav(&left));
        write(corpus.join(format!("silent{n}.wav")), wav_of_two(&[vec![0; 16_000], right.clone()]));
        write(corpus.join(format!("float{n}.wav")), wav_of_floats(&left, 1.0));
    }
    write(corpus.join("fine.wav"), wav_of_floats(&left, 1.0 / 32_768.0));
    write(corpus.join("empty.wav"), wav_of_two(&[vec![0; 16_000], vec![1; 16_000]]));
    let run = |set: &[&str], jobs: &str| {
        let run = extract_with("kaldi-fbank", &corpus, &folder.at(&format!("{set:?}{jobs}")));
        run.set(set).args(["--json", "--jobs", jobs]).succeeds()
    };
    let of = |ran: &_, kind| {
        let notice = notice(ran, kind);
        (notice["count"].as_u64().unwrap(), notice["first"].as_str().unwrap().to_owned())
    };
    for jobs in ["1", "3"] {
        let ran = run(&[], jobs);
        assert_eq!(of(&ran, "first-of-several-channels"), (21, "empty".to_owned()));
        assert_eq!(of(&ran, "silent-channel"), (10, "silent0".to_owned()));
        assert_eq!(of(&ran, "loud-floats"), (10, "float0".to_owned()));
    }
    let meant = run(&["audio.channel=loudest"], "2");
    no_notice(&meant, "first-of-several-channels");
    no_notice(&meant, "silent-channel");
}

#[test]
fn levels_are_those_of_the_samples_that_were_used() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    let mut samples = vec![0_i16; 8000];
    samples.extend([32_767; 100]);
    samples.extend([1000; 7900]);
    write(corpus.join("a.wav"), wav(&samples));
    // Longer than what is read at once.
    write(corpus.join("b.wav"), wav(&samples.repeat(100)));
    extract_with("kaldi-fbank", &corpus, &folder.at("out")).succeeds();
    let list = rows(folder.at("out/all/utterances.jsonl"));
    let dc = ((32_767.0 * 100.0 + 1000.0 * 7900.0) / 16_000.0 / 32_768.0) as f32;
    for (row, times) in list.iter().zip([1, 100]) {
        let levels = &row["levels"];
        assert_eq!(levels["peak"].as_f64(), Some(0.999_969_5), "{levels}");
        assert_eq!(levels["clipped"], 100 * times);
        assert_eq!(levels["silence"], 0.5);
        assert!((levels["dc"].as_f64().unwrap() - f64::from(dc)).abs() < 1e-8, "{levels} {dc}");
    }
    let without = extract_with("kaldi-fbank", &corpus, &folder.at("without"));
    without.set(&["audio.levels=false"]).succeeds();
    let list = rows(folder.at("without/all/utterances.jsonl"));
    assert!(list.iter().all(|row| row.get("levels").is_none()));
    for out in ["out", "without"] {
        let verify = ossicle("verify").arg(folder.at(out)).arg("--corpus").arg(&corpus);
        verify.arg("--deep").succeeds();
    }
}

#[test]
fn of_a_recording_that_does_not_say_how_long_it_is_no_more_is_decoded_than_it_may_last() {
    let folder = Folder::new();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../audio/tests/fixtures");
    let mp3 = fs::read(format!("{fixtures}/no_header.mp3")).unwrap();
    write(folder.at("corpus/long.mp3"), mp3.repeat(20));
    write(folder.at("corpus/short.mp3"), mp3);
    let run = extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("out"));
    run.set(&["audio.max_duration_s=4"]).exits(1);
    let failures = rows(folder.at("out/failures.jsonl"));
    assert_eq!((&failures[0]["id"], &failures[0]["cause"]), (&json!("long"), &json!("too-long")));
    let words = "it lasts longer than 4 s, which audio.max_duration_s is";
    assert_eq!((failures.len(), &failures[0]["error"]), (1, &json!(words)));
    extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("meant")).succeeds();
}
