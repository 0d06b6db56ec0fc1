//! Spikegrams: what the columns are, spikes that are kept, and spikes that come from files.

use std::fs;
use std::path::Path;

use ossicle_testing::Npy;

use crate::corpora::{PHONES, sound, wav, write, write_aligned, write_demo};
use crate::datasets::{arrays, assert_same, assert_same_dataset, card, rows};
use crate::notices::{no_notice, notice};
use crate::program::{Finished, Folder, Ossicle, extract_with, ossicle};

fn spikegram(corpus: &Path, out: &Path) -> Ossicle {
    extract_with("timit-spikegram", corpus, out)
}

/// The same of files of spikes.
fn of_files(corpus: &Path, out: &Path) -> Ossicle {
    spikegram(corpus, out).set(&["feature.spikes_from=files"])
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Spike {
    channel: i32,
    sample: i64,
    amplitude: f32,
}

/// The spikes of each utterance of a split, by what its rows say.
fn kept_spikes(dataset: &Path, split: &str) -> Vec<Vec<Spike>> {
    let npy = Npy::read(dataset.join(split).join("spikes-00000.npy"));
    assert_eq!(npy.descr, "[('channel', '<i4'), ('sample', '<i8'), ('amplitude', '<f4')]");
    assert_eq!(npy.shape, [npy.data.len() / 16]);
    let spike = |bytes: &[u8; 16]| Spike {
        channel: i32::from_le_bytes(*bytes.first_chunk().unwrap()),
        sample: i64::from_le_bytes(*bytes[4..].first_chunk().unwrap()),
        amplitude: f32::from_le_bytes(*bytes.last_chunk().unwrap()),
    };
    let spikes: Vec<Spike> = npy.data.as_chunks().0.iter().map(spike).collect();
    let mut end = 0;
    let rows = rows(dataset.join(split).join("utterances.jsonl"));
    let of_row = |row: &serde_json::Value| {
        let first = row["first_spike"].as_u64().unwrap() as usize;
        let count = row["num_spikes"].as_u64().unwrap() as usize;
        assert_eq!(first, end, "one utterance follows on the other");
        end = first + count;
        spikes[first..end].to_vec()
    };
    let all: Vec<_> = rows.iter().map(of_row).collect();
    assert_eq!(end, spikes.len());
    all
}

/// After how many samples the kernels of the 2019 dictionary at 16 kHz are largest: computed with NumPy
/// 2.4.6 from the formula, t³·exp(-2π·1.019·ERB(f)·t)·cos(2π·f·t).
const PEAKS: [usize; 32] = [
    371, 326, 297, 275, 307, 279, 255, 209, 174, 165, 140, 120, 92, 90, 78, 68, 60, 47, 41, 41, 36,
    32, 25, 28, 20, 20, 16, 16, 14, 14, 10, 9,
];

/// The 42 columns of spikes, frame by frame and spike by spike.
fn columns(spikes: &[Spike], start: i64, num_frames: usize) -> Vec<f32> {
    let mut all = Vec::new();
    for frame in 0..num_frames as i64 {
        let mut row = [0.0_f64; 42];
        for spike in spikes {
            let channel = spike.channel as usize;
            let place = spike.sample + PEAKS[channel] as i64 - start - 160 * frame;
            if (0..400).contains(&place) {
                row[channel] += f64::from(spike.amplitude.abs());
                row[32 + place as usize / 40] += f64::from(spike.amplitude.abs());
            }
        }
        all.extend(row.map(|x| (10.0 * libm::log10(1.0 + x)) as f32));
    }
    all
}

#[test]
fn columns_are_sums_of_the_spikes_that_are_kept() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_demo(&corpus);
    let plain = ["deltas.order=0"];
    spikegram(&corpus, &out).set(&plain).not_normalised().arg("--keep-spikes").succeeds();
    ossicle("verify").arg(&out).succeeds();
    for split in ["train", "valid", "test"] {
        let spikes = kept_spikes(&out, split);
        let features = Npy::read(out.join(split).join("features-00000.npy"));
        assert_eq!(features.shape[1], 42);
        let rows = rows(out.join(split).join("utterances.jsonl"));
        let mut expected = Vec::new();
        for (row, spikes) in rows.iter().zip(&spikes) {
            assert!(spikes.len() > 100, "{} spikes", spikes.len());
            let frames = row["num_frames"].as_u64().unwrap() as usize;
            expected.extend(columns(spikes, row["start_sample"].as_i64().unwrap(), frames));
        }
        let found = features.f32s();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{found} {expected}");
        }
    }
    let card = card(&out);
    assert_eq!(card["arrays"]["spikes"]["unit"], "event");
    assert_eq!(card["arrays"]["spikes"]["dtype"], "spike");
    let names = &card["arrays"]["features"]["column_names"];
    assert_eq!((&names[0], &names[41]), (&"channel0".into(), &"slot9".into()));

    // Whether spikes are kept changes nothing else.
    let without = folder.at("without");
    spikegram(&corpus, &without).set(&plain).not_normalised().succeeds();
    let of = |folder: &Path| {
        let mut arrays = arrays(folder);
        arrays.retain(|name, _| !name.contains("spikes-"));
        arrays
    };
    assert_same(&of(&out), &of(&without), "kept or not");
}

/// Writes what the 2019 work has for spikes: in blocks of 12288, which is how they must have been found.
fn write_files(root: &Path, name: &str, spikes: &[Spike], num_samples: u64) {
    let mut counts = vec![0_i32; num_samples.div_ceil(12_288) as usize];
    let mut bytes = Vec::new();
    for spike in spikes {
        counts[spike.sample as usize / 12_288] += 1;
        let onset = (spike.sample % 12_288) as f64;
        for number in [f64::from(spike.channel), f64::from(spike.amplitude), onset, 0.0] {
            bytes.extend(number.to_le_bytes());
        }
    }
    write(root.join(format!("{name}_spike.raw")), bytes);
    let counts: Vec<u8> = counts.iter().flat_map(|count| count.to_le_bytes()).collect();
    write(root.join(format!("{name}_num.raw")), counts);
}

#[test]
fn spikes_from_files_give_the_same_dataset_as_the_recordings_that_they_were_found_in() {
    let folder = Folder::new();
    let (corpus, files) = (folder.at("corpus"), folder.at("files"));
    write_demo(&corpus);
    let found = folder.at("found");
    spikegram(&corpus, &found).set(&["feature.block=12288"]).arg("--keep-spikes").succeeds();
    for split in ["train", "valid", "test"] {
        let rows = rows(found.join(split).join("utterances.jsonl"));
        for (row, spikes) in rows.iter().zip(kept_spikes(&found, split)) {
            let source = Path::new(row["source"].as_str().unwrap());
            // As much as there must be: the last phone's end. (The recording may be longer.)
            let end = spikes.iter().map(|spike| spike.sample as u64 + 1).max().unwrap();
            let num_samples = end.max(row["end_sample"].as_u64().unwrap());
            let stem = source.with_extension("");
            write_files(&files, stem.to_str().unwrap(), &spikes, num_samples);
            let phones = fs::read(corpus.join(source.with_extension("PHN"))).unwrap();
            write(files.join(source.with_extension("PHN")), phones);
        }
    }
    let read = folder.at("read");
    let ran = of_files(&files, &read).arg("--keep-spikes").succeeds();
    assert!(ran.stdout.contains("frames of 126 columns"), "{}", ran.stdout);
    for split in ["train", "valid", "test"] {
        for array in ["features", "labels", "spikes"] {
            let bytes =
                |out: &Path| fs::read(out.join(format!("{split}/{array}-00000.npy"))).unwrap();
            assert!(bytes(&read) == bytes(&found), "{split} {array}");
        }
    }
    ossicle("verify").arg(&read).arg("--corpus").arg(&files).arg("--deep").succeeds();
}

/// Nine good utterances of spikes, and what `spoil` makes of a tenth, `m`.
#[track_caller]
fn assert_bad_files((stage, cause): (&str, &str), words: &str, spoil: impl FnOnce(&Path)) {
    let folder = Folder::new();
    let (corpus, good) = (folder.at("corpus"), folder.at("good"));
    let spikes = |seed: i64| -> Vec<Spike> {
        let spike = |n: i64| Spike {
            channel: ((n * 7 + seed) % 32) as i32,
            sample: n * 79,
            amplitude: (n % 11) as f32 / 8.0,
        };
        (0..100).map(spike).collect()
    };
    for (n, name) in ["a", "b", "c", "d", "m", "w", "x", "y", "z"].iter().enumerate() {
        for root in [&corpus, &good] {
            if *name == "m" && root == &good {
                continue;
            }
            write_files(root, name, &spikes(n as i64), 8000);
            write(root.join(format!("{name}.PHN")), PHONES);
        }
    }
    spoil(&corpus);
    let (out, expected) = (folder.at("out"), folder.at("expected"));
    of_files(&good, &expected).succeeds();
    let ran: Finished = of_files(&corpus, &out).exits(1);
    assert_eq!(ran.lines_with("ossicle: m: ").len(), 1, "{}", ran.stderr);
    let ledger = rows(out.join("failures.jsonl"));
    assert_eq!(ledger.len(), 1, "{ledger:?}");
    let row = &ledger[0];
    assert_eq!((&row["id"], &row["source"]), (&"m".into(), &"m_spike.raw".into()));
    assert_eq!((&row["stage"], &row["cause"]), (&stage.into(), &cause.into()), "{row}");
    assert!(row["error"].as_str().unwrap().contains(words), "{row}");
    assert_same(&arrays(&out), &arrays(&expected), "the good ones");
    ossicle("verify").arg(&out).succeeds();
}

#[test]
fn files_of_spikes_that_are_missing_short_or_contradictory_are_rows_of_the_ledger() {
    let change = |path: &Path, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = fs::read(path).unwrap();
        change(&mut bytes);
        fs::write(path, bytes).unwrap();
    };
    assert_bad_files(("open", "cannot-open"), "cannot open m_num.raw: No such file", |corpus| {
        fs::remove_file(corpus.join("m_num.raw")).unwrap();
    });
    assert_bad_files(("labels", "missing-alignment"), "there is no .PHN file", |corpus| {
        fs::remove_file(corpus.join("m.PHN")).unwrap();
    });
    assert_bad_files(
        ("decode", "bad-spikes"),
        "m_num.raw counts 100 spikes, and the file of spikes has 99",
        |corpus| {
            change(&corpus.join("m_spike.raw"), &|bytes| bytes.truncate(99 * 32));
        },
    );
    assert_bad_files(("decode", "bad-spikes"), "m_spike.raw has 3190 bytes", |corpus| {
        change(&corpus.join("m_spike.raw"), &|bytes| bytes.truncate(3190));
    });
    assert_bad_files(
        ("decode", "bad-spikes"),
        "spike 5 is of channel 32.0; there are 32",
        |corpus| {
            change(&corpus.join("m_spike.raw"), &|bytes| {
                bytes[5 * 32..][..8].copy_from_slice(&32.0_f64.to_le_bytes());
            });
        },
    );
    assert_bad_files(
        ("decode", "bad-spikes"),
        "spike 99 begins at sample 12288.0 of its block",
        |corpus| {
            change(&corpus.join("m_spike.raw"), &|bytes| {
                bytes[99 * 32 + 16..][..8].copy_from_slice(&12_288.0_f64.to_le_bytes());
            });
        },
    );
    let words = "its phones end at sample 20000, more than a frame past the recording's 12288";
    assert_bad_files(("labels", "bad-alignment"), words, |corpus| {
        write(corpus.join("m.PHN"), "0 20000 h#\n");
    });
}

#[test]
fn files_of_spikes_last_as_long_as_their_phones() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    let spikes = [Spike { channel: 3, sample: 100, amplitude: 1.0 }];
    write_files(&corpus, "a", &spikes, 8000);
    write(corpus.join("a.PHN"), PHONES);
    // A block is longer than that.
    of_files(&corpus, &out).set(&["audio.max_duration_s=0.6"]).succeeds();
    let row = &rows(out.join("all/utterances.jsonl"))[0];
    assert_eq!((&row["start_sample"], &row["end_sample"]), (&0.into(), &8000.into()));
    let short = folder.at("short");
    of_files(&corpus, &short).set(&["audio.max_duration_s=0.4"]).exits(2);
    fs::remove_file(corpus.join("a.PHN")).unwrap();
    of_files(&corpus, &folder.at("none"))
        .refuses(&["no file of spikes has an alignment beside it"]);
}

#[test]
fn a_change_of_counts_alone_is_seen_by_the_next_run() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    let spikes = [Spike { channel: 3, sample: 100, amplitude: 1.0 }];
    write_files(&corpus, "a", &spikes, 24_576);
    write(corpus.join("a.PHN"), PHONES);
    of_files(&corpus, &out).succeeds();
    let again = of_files(&corpus, &out).succeeds();
    assert!(again.stdout.contains("complete already"), "{}", again.stdout);
    // The spike is now in the second block.
    write(corpus.join("a_num.raw"), [0_i32, 1].map(i32::to_le_bytes).concat());
    let again = of_files(&corpus, &out).run();
    assert!(!again.stdout.contains("complete already"), "{}", again.stdout);
}

#[test]
fn long_recordings_are_coded_in_blocks_with_the_same_rows_and_spikes() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    // More than is held at once.
    let num_samples = (1 << 20) + 70_000;
    write(corpus.join("long.wav"), wav(&sound(3, num_samples)));
    write(corpus.join("short.wav"), wav(&sound(3, 1 << 18)));
    let set = ["feature.max_spikes_per_s=50", "feature.block=262144", "deltas.order=0"];
    spikegram(&corpus, &out).set(&set).not_normalised().arg("--keep-spikes").succeeds();
    let spikes = kept_spikes(&out, "all");
    assert_eq!(spikes[1].len(), 50 * (1 << 18) / 16_000);
    // The first block is the short recording.
    assert_eq!(spikes[0][..spikes[1].len()], spikes[1][..]);
    let last = &spikes[0][4 * spikes[1].len()..];
    assert_eq!(last.len(), 50 * 70_000 / 16_000);
    assert!(last.iter().all(|spike| (1 << 20..num_samples as i64).contains(&spike.sample)));
    let features = Npy::read(out.join("all/features-00000.npy")).f32s();
    let frames = 1 + (num_samples - 400) / 160;
    let expected = columns(&spikes[0], 0, frames);
    for (found, expected) in features.iter().zip(&expected) {
        assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{found} {expected}");
    }
    let (jobs, processes) = (folder.at("jobs"), folder.at("processes"));
    let run = |out: &Path| spikegram(&corpus, out).set(&set).not_normalised().arg("--keep-spikes");
    run(&jobs).args(["--jobs", "2"]).succeeds();
    assert_same_dataset(&out, &jobs, "2 workers");
    run(&processes).args(["--isolation", "processes"]).succeeds();
    assert_same_dataset(&out, &processes, "processes");
}

#[test]
fn silence_has_no_spikes_and_rows_of_zeros() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write(corpus.join("a.wav"), wav(&[0; 8000]));
    write_aligned(&corpus, &["b"]);
    write(corpus.join("a.PHN"), PHONES);
    spikegram(&corpus, &out)
        .set(&["deltas.order=0"])
        .not_normalised()
        .arg("--keep-spikes")
        .succeeds();
    let spikes = kept_spikes(&out, "all");
    assert!(spikes[0].is_empty() && !spikes[1].is_empty());
    let features = Npy::read(out.join("all/features-00000.npy")).f32s();
    assert!(features[..48 * 42].iter().all(|x| *x == 0.0));
    ossicle("verify").arg(&out).succeeds();
}

#[test]
fn what_a_spikegram_cannot_be_is_refused() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["a"]);
    let refused = |set: &[&str], words: &[&str]| {
        spikegram(&corpus, &out).set(set).refuses(words);
    };
    refused(
        &["feature.num_mel_bins=40"],
        &["num_mel_bins means nothing with kind = \"spikegram\""],
    );
    refused(&["feature.num_slots=7"], &["400 samples cannot be cut into 7 slots"]);
    refused(&["feature.snr_db=200"], &["snr_db is 200"]);
    refused(&["feature.num_channels=256", "audio.sample_rate_hz=48000"], &["tables", "fewer"]);
    refused(&["frames.edges=center", "frames.pad=edge"], &["in [frames]: pad means nothing"]);
    refused(&["vad.name=vad"], &["[vad] goes by the log energy"]);
    let files = "feature.spikes_from=files";
    refused(&[files, "feature.snr_db=30"], &["snr_db means nothing with spikes_from = \"files\""]);
    refused(&[files], &["no recordings among 1 file", "_spike.raw"]);
    let mfcc = extract_with("timit-mfcc", &corpus, &out);
    mfcc.arg("--keep-spikes").refuses(&["keep_spikes means nothing with kind = \"mfcc\""]);
}

#[test]
fn searches_that_come_to_no_end_that_was_asked_for_are_counted_once_a_run() {
    let folder = Folder::new();
    for (name, seed) in [("a", 0), ("b", 1), ("c", 0), ("d", 2)] {
        let samples = if seed == 0 { vec![0; 2000] } else { sound(seed, 2000) };
        write(folder.at(&format!("corpus/{name}.wav")), wav(&samples));
    }
    let run = |out: &str, snr: &str| {
        let run = spikegram(&folder.at("corpus"), &folder.at(out));
        run.set(&["feature.num_channels=4", snr]).arg("--json")
    };
    let ways = [["--jobs=1", "--isolation=threads"], ["--jobs=3", "--isolation=processes"]];
    let told =
        ways.map(|way| notice(&run(way[0], "feature.snr_db=60").args(way).succeeds(), EARLY));
    assert_eq!(told[0], told[1]);
    assert_eq!((&told[0]["count"], &told[0]["first"]), (&2.into(), &"b".into()), "{}", told[0]);
    assert!(told[0]["text"].as_str().unwrap().contains("--set feature.snr_db"), "{}", told[0]);
    assert_same_dataset(&folder.at("--jobs=1"), &folder.at("--jobs=3"), "told alike");
    no_notice(&run("reached", "feature.snr_db=1").succeeds(), EARLY);
}

/// The kind of the notice of such searches.
const EARLY: &str = "search-ended-early";
