//! Recordings of other sample rates than the recipe's, where it resamples.

use std::fs;
use std::path::Path;

use ossicle_dsp::{Level, ResampleFilter, ResampleMode};
use ossicle_testing::{noise_i16, wav};

use crate::corpora::write;
use crate::datasets::{card, rows};
use crate::notices::{no_notice, notice};
use crate::program::{Folder, Ossicle, extract_with};

const TARGET: &str = "audio.sample_rate_hz=16000";

/// A WAVE file of 32-bit floats.
pub(crate) fn float_wav(samples: &[f32], sample_rate_hz: u32) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((data.len() as u32 + 36).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x03\0\x01\0");
    bytes.extend(sample_rate_hz.to_le_bytes());
    bytes.extend((sample_rate_hz * 4).to_le_bytes());
    bytes.extend(b"\x04\0\x20\0data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

/// What these samples are at 16 kHz.
fn resampled(samples: &[i16], from_hz: u32, mode: ResampleMode) -> Vec<f32> {
    let samples: Vec<f32> = samples.iter().map(|&x| f32::from(x) / 32768.0).collect();
    let filter = ResampleFilter::new(mode, from_hz, 16_000, Level::BASELINE).unwrap();
    let mut out = Vec::new();
    let mut resampler = filter.begin(0);
    resampler.push(&samples, &mut out);
    resampler.finish(&mut out);
    out
}

fn features(out: &Path) -> Vec<u8> {
    fs::read(out.join("all/features-00000.npy")).unwrap()
}

fn fbank(corpus: &Path, out: &Path, resample: &str) -> Ossicle {
    extract_with("kaldi-fbank", corpus, out).set(&[TARGET, &format!("audio.resample={resample}")])
}

#[test]
fn a_recording_has_the_features_of_one_that_was_resampled_before() {
    let folder = Folder::new();
    for (word, mode, from_hz, num_samples) in [
        // Longer than what is read at a time; Whisper's are computed twice then.
        ("hq", ResampleMode::Hq, 8000, 70 * 8000),
        ("hq", ResampleMode::Hq, 44_100, 40_001),
        ("torchaudio", ResampleMode::Torchaudio, 44_100, 40_001),
        ("torchaudio-kaiser", ResampleMode::TorchaudioKaiser, 48_000, 40_001),
        ("kaldi", ResampleMode::Kaldi, 11_025, 20_001),
    ] {
        let at = |name: &str| folder.at(&format!("{name}-{word}-{from_hz}"));
        let samples = noise_i16(num_samples, 5);
        let after = resampled(&samples, from_hz, mode);
        write(at("own").join("a.wav"), wav(&samples, 1, from_hz));
        write(at("before").join("a.wav"), float_wav(&after, 16_000));
        fbank(&at("own"), &at("own-out"), word).args(["--isolation", "processes"]).succeeds();
        extract_with("kaldi-fbank", at("before"), &at("before-out")).succeeds();
        assert!(features(&at("own-out")) == features(&at("before-out")), "{word} {from_hz}");
        let whisper = |corpus: &str| {
            let out = at(&format!("{corpus}-whisper"));
            let run = extract_with("whisper-80", at(corpus), &out);
            run.set(&[&format!("audio.resample={word}")]).succeeds();
            features(&out)
        };
        assert!(whisper("own") == whisper("before"), "{word} {from_hz}");

        let card = card(&at("own-out"));
        assert_eq!(card["frame"]["sample_rate_hz"], 16_000);
        assert_eq!(card["frame"]["shift"], 160);
        let row = &rows(at("own-out").join("all/utterances.jsonl"))[0];
        assert_eq!(row["sample_rate_hz"], from_hz);
        assert_eq!(row["end_sample"], num_samples);
        assert_eq!(row["num_frames"], 1 + (after.len() - 400) / 160);
    }
}

#[test]
fn recordings_of_several_rates_are_one_dataset_and_it_is_told() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    for (name, rate) in [("a", 16_000), ("b", 44_100), ("c", 8000), ("d", 44_100)] {
        write(corpus.join(format!("{name}.wav")), wav(&noise_i16(rate as usize, 1), 1, rate));
    }
    let refused = extract_with("kaldi-fbank", &corpus, &out);
    refused.refuses(&["--set audio.sample_rate_hz=44100", "audio.resample=hq"]);
    let wrong = extract_with("kaldi-fbank", &corpus, &folder.at("wrong")).set(&[TARGET]).exits(1);
    assert!(wrong.stderr.contains("--set audio.resample=hq"), "{}", wrong.stderr);

    let ran = fbank(&corpus, &out, "hq").succeeds();
    let told = "recordings are resampled to 16000 Hz: 1 of 8000 Hz (the first is c), 2 of 44100 Hz (the \
                first is b)";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert_eq!(card(&out)["splits"][0]["frames"], 4 * 98);
    assert_eq!(card(&out)["splits"][0]["duration_s"], 4.0);
    crate::program::ossicle("verify")
        .arg(&out)
        .arg("--corpus")
        .arg(&corpus)
        .arg("--deep")
        .succeeds();
}

#[test]
fn how_many_recordings_are_resampled_is_told_of_all_and_not_of_those_that_were_looked_at() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    // Of 300 headers, planning looks at every second one; in these places are those that it does not.
    for n in 0..300 {
        let rate = if matches!(n, 101 | 103 | 251) { 8000 } else { 16_000 };
        write(corpus.join(format!("{n:03}.wav")), wav(&noise_i16(rate as usize / 20, 1), 1, rate));
    }
    let told = "recordings are resampled to 16000 Hz: 3 of 8000 Hz (the first is 101)";
    for how in [&["--dry-run"][..], &[], &["--overwrite", "--isolation", "processes"]] {
        let ran = fbank(&corpus, &out, "hq").arg("--json").args(how).succeeds();
        let said = notice(&ran, "resampled");
        assert_eq!((&said["count"], &said["first"]), (&3.into(), &"101".into()), "{how:?}");
        assert_eq!(said["text"], told);
        // Their frames are alike.
        no_notice(&ran, "sample-rates");
    }
}

#[test]
fn labels_are_laid_on_the_frames_by_their_times() {
    let folder = Folder::new();
    let samples = noise_i16(8000, 2);
    let phones = |by: u64| {
        let lines = [(400, 1303, "h#"), (1303, 3001, "sh"), (3001, 3050, "iy"), (3050, 7777, "h#")];
        let line = |(start, end, phone): (u64, u64, &str)| {
            format!("{} {} {phone}\n", start * by, end * by)
        };
        lines.into_iter().map(line).collect::<String>()
    };
    write(folder.at("own/a.wav"), wav(&samples, 1, 8000));
    write(folder.at("own/a.PHN"), phones(1));
    let before = resampled(&samples, 8000, ResampleMode::Hq);
    write(folder.at("before/a.wav"), float_wav(&before, 16_000));
    write(folder.at("before/a.PHN"), phones(2));
    for at in ["center", "start", "walk-2019"] {
        let labels = |corpus: &str| {
            let out = folder.at(&format!("{corpus}-{at}"));
            let run = extract_with("timit-mel", folder.at(corpus), &out);
            let at = format!("labels.at={at}");
            run.set(&[TARGET, "audio.resample=hq", &at]).succeeds();
            fs::read(out.join("all/labels-00000.npy")).unwrap()
        };
        assert_eq!(labels("own"), labels("before"), "{at}");
    }
    let row = &rows(folder.at("own-center/all/utterances.jsonl"))[0];
    assert_eq!((&row["start_sample"], &row["end_sample"]), (&400.into(), &7777.into()));
}

#[test]
fn resampling_to_no_rate_or_with_kept_spikes_is_refused() {
    let folder = Folder::new();
    write(folder.at("corpus/a.wav"), wav(&noise_i16(8000, 2), 1, 8000));
    let run = |preset| extract_with(preset, folder.at("corpus"), &folder.at("out"));
    run("kaldi-fbank").set(&["audio.resample=hq"]).refuses(&["audio.sample_rate_hz"]);
    run("timit-spikegram")
        .set(&[TARGET, "audio.resample=hq", "feature.keep_spikes=true"])
        .refuses(&["audio.resample: spikes that are kept"]);
    // A rate whose table would be as large as memory is a row of the ledger.
    write(folder.at("corpus/odd.wav"), wav(&noise_i16(400_000, 2), 1, 9_999_991));
    let ran = fbank(&folder.at("corpus"), &folder.at("out"), "hq").exits(1);
    assert!(ran.stderr.contains("their table would have"), "{}", ran.stderr);
    let row = &rows(folder.at("out/failures.jsonl"))[0];
    assert_eq!((&row["stage"], &row["cause"]), (&"resample".into(), &"unfit-rate".into()));
}
