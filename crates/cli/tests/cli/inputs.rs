//! The same sound gives the same numbers, whatever it comes in.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use ossicle_demo::Usage;
use ossicle_testing::Npy;

use crate::corpora::write_demo;
use crate::corpora::{Wave, demo, demo_files, riff, sound, sphere, wav, write, write_aligned};
use crate::datasets::{arrays, assert_same, card, ids, rows, utterances};
use crate::program::{Folder, extract, extract_with, ossicle};

/// Ids of the demo corpus by split, from the demo's own account of it and not from the product.
fn expected_ids(usage: Usage) -> Vec<String> {
    let wanted = demo().iter().filter(|(r, _)| r.usage() == usage && !r.is_sa());
    let mut ids: Vec<_> = wanted.map(|(r, _)| r.id().to_owned()).collect();
    ids.sort();
    ids
}

/// Extracts a corpus of `files` and asserts that its arrays are those of the demo corpus.
fn assert_gives_the_demos_arrays(files: Vec<(std::path::PathBuf, Vec<u8>)>, flags: &[&str]) {
    let folder = Folder::new();
    let (corpus, plain) = (folder.at("corpus"), folder.at("plain"));
    write_demo(&plain);
    extract(&plain, &folder.at("expected")).succeeds();
    for (path, bytes) in files {
        write(corpus.join(path), bytes);
    }
    extract(&corpus, &folder.at("found")).args(flags).succeeds();
    let (expected, found) = (folder.at("expected"), folder.at("found"));
    assert_same(&arrays(&found), &arrays(&expected), "arrays");
    for split in ["train", "valid", "test"] {
        assert_eq!(ids(&found, split), ids(&expected, split));
        assert_eq!(ids(&found, split).len(), 8);
    }
}

#[test]
fn a_timit_tree_is_split_by_the_standard_lists_and_the_rest_is_counted() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_demo(&corpus);
    extract(&corpus, &out).succeeds();
    for (split, usage) in
        [("train", Usage::Train), ("valid", Usage::Development), ("test", Usage::CoreTest)]
    {
        let expected = expected_ids(usage);
        assert_eq!(expected.len(), 8);
        assert_eq!(ids(&out, split), expected, "{split}");
    }
    // The first of the 50 development speakers, and one of the 24 of the core test.
    assert!(ids(&out, "valid")[0].starts_with("FCMH0_"));
    assert!(ids(&out, "test")[0].starts_with("MDAB0_"));

    let card = card(&out);
    let splits = card["splits"].as_array().unwrap();
    let names: Vec<_> = splits.iter().map(|split| split["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["train", "valid", "test"]);
    // Each of the three speakers has SA1 and SA2; the ten sentences of the fourth are nowhere.
    assert!(splits.iter().all(|split| split["left_out"] == 2), "{splits:?}");
    assert_eq!(card["corpus"]["left_out"], 3 * 2 + 10);
    assert_eq!(card["corpus"]["kind"], "TIMIT tree");
    for split in splits {
        let name = split["name"].as_str().unwrap();
        let samples: usize = demo()
            .iter()
            .filter(|(r, _)| ids(&out, name).iter().any(|id| id == r.id()))
            .map(|(_, utterance)| utterance.samples.len())
            .sum();
        let found = split["duration_s"].as_f64().unwrap();
        assert!((found - samples as f64 / 16_000.0).abs() < 1e-9, "{name}: {found}");
    }
}

#[test]
fn every_row_says_where_its_utterance_came_from() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_demo(&corpus);
    extract(&corpus, &out).succeeds();
    let (recording, utterance) =
        demo().iter().find(|(r, _)| r.usage() == Usage::Train && !r.is_sa()).unwrap();
    let rows = rows(out.join("train/utterances.jsonl"));
    let row = rows.iter().find(|row| row["id"] == recording.id()).unwrap();
    assert_eq!(row["source"], recording.path().to_str().unwrap());
    assert_eq!(row["speaker"], recording.speaker());
    assert_eq!(row["sample_rate_hz"], 16_000);
    assert_eq!(row["start_sample"], 0);
    assert_eq!(row["end_sample"], utterance.samples.len());
    assert_eq!(row["num_frames"], 1 + (utterance.samples.len() - 400) / 160);
    let phones = row["intervals"]["phones"].as_array().unwrap();
    assert_eq!(phones.len(), utterance.phones.len());
    let (first, phone) = (&phones[1], &utterance.phones[1]);
    assert_eq!(*first, serde_json::json!([phone.symbol, phone.start, phone.end]));
}

#[test]
fn a_tree_in_lower_case_gives_the_same_arrays_and_ids() {
    let files = demo_files(|r, samples| ossicle_demo::sphere_bytes(r.id(), samples));
    let lower = |path: std::path::PathBuf| path.to_str().unwrap().to_lowercase().into();
    assert_gives_the_demos_arrays(files.into_iter().map(|(p, b)| (lower(p), b)).collect(), &[]);
}

#[test]
fn riff_in_wav_files_gives_the_same_arrays_as_sphere() {
    assert_gives_the_demos_arrays(demo_files(|_, samples| wav(samples)), &[]);
}

#[test]
fn big_endian_sphere_gives_the_same_arrays_as_little_endian() {
    assert_gives_the_demos_arrays(demo_files(|_, samples| sphere(samples, "10")), &[]);
}

#[test]
fn headerless_recordings_give_the_same_arrays_once_their_format_is_given() {
    let files = demo_files(|_, samples| samples.iter().flat_map(|x| x.to_le_bytes()).collect());
    let raw: Vec<_> = files
        .into_iter()
        .map(|(path, bytes)| match path.extension().unwrap().to_str() {
            Some("WAV") => (path.with_extension("raw"), bytes),
            _ => (path, bytes),
        })
        .collect();
    let folder = Folder::new();
    for (path, bytes) in &raw {
        write(folder.at("raw").join(path), bytes);
    }
    let without = extract(folder.at("raw"), &folder.at("out"));
    without.refuses(&["no recordings", "raw"]);
    let half = extract(folder.at("raw"), &folder.at("out")).args(["--raw-encoding", "s16le"]);
    half.refuses(&["--sample-rate"]);
    assert_gives_the_demos_arrays(raw, &["--raw-encoding", "s16le", "--sample-rate", "16000"]);
}

/// Extracts and returns what is stored for each utterance of the split `all`, by its id.
fn stored(
    folder: &Folder,
    out: &str,
    run: impl FnOnce(&Path) -> crate::program::Ossicle,
) -> BTreeMap<String, crate::datasets::Stored> {
    let out = folder.at(out);
    run(&out).not_normalised().succeeds();
    utterances(&out, "all")
}

#[test]
fn a_folder_a_list_standard_input_pairs_and_single_files_give_the_same_rows() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_aligned(&corpus, &["a", "deep/er/b", "c"]);
    let expected = stored(&folder, "folder", |out| extract(&corpus, out));
    assert_eq!(expected.keys().collect::<Vec<_>>(), ["a", "c", "deep/er/b"]);
    assert!(expected.values().all(|stored| stored.labels.is_some()));

    write(corpus.join("list.txt"), "c.wav\n\ndeep/er/b.wav\r\n./a.wav\n");
    let list = corpus.join("list.txt");
    assert_eq!(stored(&folder, "list", |out| extract(&list, out)), expected);

    let from_stdin =
        |out: &Path| extract("-", out).in_folder(&corpus).stdin("deep/er/b.wav\na.wav\nc.wav\n");
    assert_eq!(stored(&folder, "stdin", from_stdin), expected);

    let pair = |path: &Path| {
        let mut word = OsString::from("all=");
        word.push(path);
        word
    };
    assert_eq!(stored(&folder, "pair", |out| extract(pair(&corpus), out)), expected);
    assert_eq!(stored(&folder, "list pair", |out| extract(pair(&list), out)), expected);

    for id in ["a", "c"] {
        let file = corpus.join(format!("{id}.wav"));
        let one = stored(&folder, id, |out| extract(&file, out));
        assert_eq!(one.keys().collect::<Vec<_>>(), [id]);
        assert_eq!(one[id], expected[id]);
    }
}

#[test]
fn each_pair_becomes_a_split_of_its_name_in_the_order_given() {
    let folder = Folder::new();
    write_aligned(&folder.at("one"), &["x", "y"]);
    write_aligned(&folder.at("two"), &["z"]);
    let out = folder.at("out");
    let words = ["train=one", "dev=two", "--out", "out", "--preset", "timit-mfcc"];
    ossicle("extract").args(words).in_folder(folder.path()).succeeds();
    let names: Vec<_> =
        card(&out)["splits"].as_array().unwrap().iter().map(|s| s["name"].clone()).collect();
    assert_eq!(names, ["train", "dev"]);
    assert_eq!(
        (ids(&out, "train"), ids(&out, "dev")),
        (vec!["x".into(), "y".into()], vec!["z".into()])
    );
}

#[test]
fn content_and_not_the_name_picks_the_reader() {
    let folder = Folder::new();
    let samples = [sound(1, 8000), sound(2, 8000)];
    let names = [["a.wav", "b.wav"], ["a.sph", "b.flac"]];
    for (corpus, names) in ["plain", "misnamed"].into_iter().zip(names) {
        for ((name, samples), plain) in names.iter().zip(&samples).zip([corpus == "plain", true]) {
            let bytes = if plain { wav(samples) } else { sphere(samples, "01") };
            write(folder.at(corpus).join(name), bytes);
        }
    }
    // A SPHERE file called .wav, as TIMIT's are.
    write(folder.at("sphere/a.wav"), sphere(&samples[0], "01"));
    write(folder.at("sphere/b.wav"), sphere(&samples[1], "01"));
    let expected = stored(&folder, "1", |out| extract(folder.at("plain"), out));
    assert_eq!(stored(&folder, "2", |out| extract(folder.at("misnamed"), out)), expected);
    assert_eq!(stored(&folder, "3", |out| extract(folder.at("sphere"), out)), expected);
}

#[test]
fn every_wave_encoding_of_one_sound_gives_the_same_bytes() {
    let folder = Folder::new();
    // Multiples of 256, which 8 bits hold exactly; so do all the others.
    let samples: Vec<i16> = sound(3, 8000).into_iter().map(|x| x & !0xFF).collect();
    let corpus = folder.at("corpus");
    for encoding in Wave::ALL {
        write(corpus.join(format!("{encoding:?}.wav")), encoding.file(&samples));
    }
    let found = stored(&folder, "out", |out| extract(&corpus, out));
    assert_eq!(found.len(), 6);
    for (id, stored) in &found {
        assert!(*stored == found["Pcm16"], "{id}");
    }
}

#[test]
fn the_lower_bits_of_wide_samples_count() {
    let folder = Folder::new();
    let samples = sound(3, 8000);
    let wide: Vec<u8> = samples
        .iter()
        .enumerate()
        .flat_map(|(t, &x)| ((i32::from(x) << 8) + t as i32 % 256).to_le_bytes()[..3].to_vec())
        .collect();
    write(folder.at("corpus/exact.wav"), wav(&samples));
    write(folder.at("corpus/wide.wav"), riff(1, 1, 16_000, 24, &wide, wide.len() as u32));
    let out = folder.at("out");
    extract(folder.at("corpus"), &out).not_normalised().succeeds();
    let features = Npy::read(out.join("all/features-00000.npy")).f32s();
    let (exact, wide) = features.split_at(features.len() / 2);
    assert_ne!(exact, wide);
    // Decibels of sounds that differ by less than a 16-bit step.
    let worst = exact.iter().zip(wide).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 0.5, "{worst}");
}

#[test]
fn a_channel_of_a_stereo_recording_gives_the_bytes_of_that_channel_alone() {
    let folder = Folder::new();
    let (left, right) = (sound(1, 8000), sound(2, 8000));
    write(folder.at("left/a.wav"), wav(&left));
    write(folder.at("right/a.wav"), wav(&right));
    let both: Vec<i16> = left.iter().zip(&right).flat_map(|(&l, &r)| [l, r]).collect();
    write(folder.at("both/a.wav"), ossicle_testing::wav(&both, 2, 16_000));
    for (channel, side) in [("first", "left"), ("1", "right")] {
        let expected =
            stored(&folder, &format!("{side} alone"), |out| extract(folder.at(side), out));
        let set = format!("audio.channel={channel}");
        let found = stored(&folder, channel, |out| extract(folder.at("both"), out).set(&[&set]));
        assert_eq!(found, expected, "{side}");
    }
}

#[test]
fn a_splits_file_replaces_the_splits_of_the_corpus() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_aligned(&corpus, &["x/a", "x/b", "y/c", "z/d"]);
    write(folder.at("splits.txt"), "# name split\nx/ train\nx/b dev\ny/c dev\n");
    let out = folder.at("out");
    extract(&corpus, &out).arg("--splits").arg(folder.at("splits.txt")).succeeds();
    assert_eq!(ids(&out, "train"), ["x/a"]);
    assert_eq!(ids(&out, "dev"), ["x/b", "y/c"]);
    assert_eq!(card(&out)["corpus"]["left_out"], 1);
    assert!(!out.join("all").exists());

    let unknown = folder.at("unknown.txt");
    fs::write(&unknown, "nobody train\n").unwrap();
    let run = extract(&corpus, &folder.at("out2")).arg("--splits").arg(&unknown);
    run.refuses(&["nobody", "its only name is not in the corpus"]);
}

#[test]
fn descriptions_that_other_programs_wrote_give_rows_with_speakers_and_texts() {
    let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/tests/fixtures/formats");
    let folder = Folder::new();
    let stored = |description: &str| {
        let out = folder.at(&description.replace('/', "-"));
        let corpus = formats.join(description);
        extract_with("kaldi-fbank", &corpus, &out).succeeds();
        rows(out.join("all/utterances.jsonl"))
    };
    let ends = |rows: &[serde_json::Value]| {
        let ends = |row: &serde_json::Value| {
            (row["start_sample"].as_u64().unwrap(), row["end_sample"].as_u64().unwrap())
        };
        rows.iter().map(ends).collect::<Vec<_>>()
    };
    let whole = [(0, 6400), (0, 8123), (0, 4801)];
    for description in ["kaldi_data", "lhotse", "lhotse/supervisions.jsonl.gz"] {
        let rows = stored(description);
        assert_eq!(ends(&rows), whole, "{description}");
        assert_eq!(rows[1]["id"], "voicea-0002", "{description}");
        assert_eq!(rows[1]["speaker"], "voicea", "{description}");
        assert_eq!(rows[1]["text"], "three f\u{fc}r \u{e9}l\u{e8}ve", "{description}");
    }
    assert_eq!(ends(&stored("kaldi_data/segmented")), [(800, 4000), (4160, 8000), (4800, 8123)]);
    let cuts = [(0, 6400), (1600, 4800), (0, 8123), (0, 4801)];
    assert_eq!(ends(&stored("lhotse/cuts.jsonl.gz")), cuts);
    let nemo = [(0, 6400), (0, 8123), (1600, 5600), (0, 4801)];
    assert_eq!(ends(&stored("manifests/nemo.jsonl")), nemo);
    for description in ["manifests/fairseq.tsv", "manifests/table_bom.tsv"] {
        assert_eq!(ends(&stored(description)), whole, "{description}");
    }
}
