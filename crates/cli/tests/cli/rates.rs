//! Recordings of any sample rate: what is computed of them, and what is refused by their own rate.

use std::path::Path;

use ossicle_recipe::{Recipe, RecipeSource};
use ossicle_testing::wav as wav_of;

use crate::corpora::{sound, write};
use crate::datasets::card;
use crate::notices::{no_notice, notice};
use crate::program::{Finished, Folder, Ossicle, extract_with, ossicle};

const RATES: [u32; 5] = [8000, 11_025, 22_050, 44_100, 48_000];

/// Writes a fifth of a second.
fn write_at(path: &Path, sample_rate_hz: u32) {
    let samples = sound(1, sample_rate_hz as usize / 5);
    write(path, wav_of(&samples, 1, sample_rate_hz));
}

/// Asserts that a run was refused by the recordings' rate, before anything was written.
#[track_caller]
fn was_refused(ran: &Finished, rate: u32, out: &Path) {
    assert_eq!(ran.status.code(), Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("{rate} Hz (the first is a)")), "{}", ran.stderr);
    assert!(!out.exists(), "{}", ran.stderr);
}

#[test]
fn every_preset_computes_recordings_of_every_rate_or_refuses_them_by_their_own() {
    let folder = Folder::new();
    let mut refused = Vec::new();
    for rate in RATES {
        let corpus = folder.at(&format!("{rate}"));
        write_at(&corpus.join("a.wav"), rate);
        for preset in Recipe::preset_names() {
            let out = folder.at(&format!("{preset}-{rate}"));
            let run = || extract_with(preset, &corpus, &out);
            let dry = run().arg("--dry-run").run();
            let ran = run().run();
            assert_eq!(
                dry.status.code(),
                ran.status.code(),
                "{preset} at {rate} Hz: {}",
                ran.stderr
            );
            if ran.status.code() == Some(0) {
                let columns = card(&out)["arrays"]["features"]["columns"].as_u64();
                assert!(columns > Some(0), "{preset} at {rate} Hz");
                ossicle("verify").arg(&out).arg("--corpus").arg(&corpus).arg("--deep").succeeds();
                continue;
            }
            let (told, rate) = (ran.stderr, rate.to_string());
            assert!(
                ran.status.code() == Some(2) && told.contains(&rate),
                "{preset} at {rate} Hz: {told}"
            );
            refused.push(format!("{preset} {rate}"));
        }
    }
    // Models of one rate say so; python_speech_features would leave out the ends of frames, and SpeechBrain's
    // transform is of 400 samples at any rate; HiFi-GAN's filters go up to 8 kHz.
    let is_refused = |preset: &str, rate: u32| {
        let recipe = Recipe::preset(preset).unwrap().parse::<RecipeSource>().unwrap();
        let own = recipe.finish().unwrap().audio().sample_rate_hz;
        own.is_some_and(|own| own != rate)
            || (preset.starts_with("psf-") && rate / 40 > 512)
            || (preset.starts_with("speechbrain-") && rate > 16_000)
            || (preset == "hifigan-mel80" && rate < 16_000)
    };
    let names = Recipe::preset_names();
    let mut expected: Vec<String> = names
        .flat_map(|name| RATES.map(|rate| (name, rate)))
        .filter(|&(name, rate)| is_refused(name, rate))
        .map(|(name, rate)| format!("{name} {rate}"))
        .collect();
    refused.sort();
    expected.sort();
    assert_eq!(refused, expected);
}

#[test]
fn a_band_is_checked_by_the_rate_that_the_recordings_have() {
    let folder = Folder::new();
    for rate in [16_000, 44_100] {
        write_at(&folder.at(&format!("{rate}/a.wav")), rate);
    }
    let run = |rate: u32, out: &str| {
        let run = extract_with("kaldi-fbank", folder.at(&rate.to_string()), &folder.at(out));
        run.set(&["feature.high_freq_hz=11025"])
    };
    for isolation in ["threads", "processes"] {
        run(44_100, isolation).args(["--isolation", isolation]).succeeds();
    }
    for how in ["--quiet", "--dry-run"] {
        let refused = run(16_000, "narrow").arg(how).run();
        was_refused(&refused, 16_000, &folder.at("narrow"));
        assert!(
            refused.stderr.ends_with("; write for example --set feature.high_freq_hz=0\n"),
            "{}",
            refused.stderr
        );
    }
    run(16_000, "narrow").set(&["feature.high_freq_hz=0"]).succeeds();
    // What an original does to frames that its transform does not hold is refused with a way out.
    let psf = || extract_with("psf-mfcc", folder.at("44100"), &folder.at("psf"));
    psf().refuses(&[
        "the frame length is 1103 samples",
        "; write for example --set feature.n_fft=power-of-two",
    ]);
    psf().set(&["feature.n_fft=power-of-two"]).succeeds();
    // Where several rates are meant, one that cannot be computed is a row of the ledger.
    write_at(&folder.at("16000/wide.wav"), 44_100);
    let both = run(16_000, "both").set(&["audio.mixed_rates=true"]);
    assert!(both.exits(1).stderr.contains("at 16000 Hz, the mel filters"));
    assert_eq!(card(&folder.at("both"))["splits"][0]["utterances"], 1);
    // What cannot be computed at any rate is told by the recipe alone.
    let never = extract_with("kaldi-fbank", folder.at("nowhere"), &folder.at("never"));
    never.set(&["feature.num_mel_bins=0"]).refuses(&["num_mel_bins is 0"]);
}

#[test]
fn columns_are_those_of_the_recordings_rate() {
    let folder = Folder::new();
    for (rate, columns) in [(8000, 129), (11_025, 257), (44_100, 1025)] {
        let (corpus, out) = (folder.at(&rate.to_string()), folder.at(&format!("out-{rate}")));
        write_at(&corpus.join("a.wav"), rate);
        let run = || extract_with("kaldi-spectrogram", &corpus, &out);
        run().args(["--isolation", "processes"]).succeeds();
        let features = &card(&out)["arrays"]["features"];
        assert_eq!(features["columns"], columns);
        assert_eq!(features["column_names"].as_array().unwrap().len(), columns);
        assert_eq!(run().arg("--json").succeeds().json()["already_complete"], true);
        // The same recordings at another rate are another job.
        write_at(&corpus.join("a.wav"), if rate == 8000 { 16_000 } else { 8000 });
        run().refuses(&["--overwrite"]);
    }
}

#[test]
fn a_recording_is_looked_for_spikes_at_its_own_rate() {
    let folder = Folder::new();
    let spikes = |rate: u32| -> Ossicle {
        let path = folder.at(&format!("{rate}.wav"));
        write_at(&path, rate);
        ossicle("spikes").arg(path).set(&["feature.snr_db=3"])
    };
    let wide = ["feature.high_freq_hz=11025"];
    spikes(44_100).set(&wide).succeeds();
    spikes(16_000).set(&wide).refuses(&["16000.wav, at 16000 Hz", "11025"]);
    for rate in RATES {
        spikes(rate).succeeds();
    }
}

#[test]
fn files_of_spikes_say_no_rate_and_the_one_that_is_taken_is_told() {
    let folder = Folder::new();
    write(folder.at("corpus/a_spike.raw"), []);
    write(folder.at("corpus/a_num.raw"), 0_i32.to_le_bytes());
    write(folder.at("corpus/a.PHN"), "0 4000 h#\n");
    let run = |set: &[&str]| {
        let run = extract_with("timit-spikegram", folder.at("corpus"), &folder.at("out"));
        run.set(&[&["feature.spikes_from=files"], set].concat()).args(["--json", "--overwrite"])
    };
    let said = notice(&run(&[]).succeeds(), "assumed-rate");
    assert_eq!((&said["count"], &said["first"]), (&1.into(), &"a".into()));
    let text = said["text"].as_str().unwrap();
    assert!(text.contains("16000 Hz") && text.contains("--set audio.sample_rate_hz="), "{text}");
    no_notice(&run(&["audio.sample_rate_hz=8000"]).succeeds(), "assumed-rate");
}
