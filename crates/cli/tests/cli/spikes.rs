//! `ossicle spikes`: one recording as a spikegram.

use std::fs;
use std::path::{Path, PathBuf};

use ossicle_testing::Npy;

use crate::corpora::{demo, sound, wav, write};
use crate::printed::in_a_row;
use crate::program::{Folder, Ossicle, ossicle};

/// A sentence of the demo.
fn sentence(folder: &Folder) -> (PathBuf, Vec<i16>) {
    let samples = demo()[0].1.samples.clone();
    let path = folder.at("sentence.wav");
    write(&path, wav(&samples));
    (path, samples)
}

fn spikes(audio: &Path) -> Ossicle {
    ossicle("spikes").arg(audio)
}

/// The samples of a WAVE file of 32-bit floating point, mono, by the format's specification.
fn float_wave(path: &Path) -> (u32, Vec<f32>) {
    let bytes = fs::read(path).unwrap();
    assert_eq!((&bytes[..4], &bytes[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
    let two = |at: usize| u16::from_le_bytes(*bytes[at..].first_chunk().unwrap());
    let four = |at: usize| u32::from_le_bytes(*bytes[at..].first_chunk().unwrap());
    // 0xFFFE is the extensible form, whose own tag is further down.
    let tag = if two(20) == 0xFFFE { two(44) } else { two(20) };
    assert_eq!((tag, two(22), two(34)), (3, 1, 32));
    let data = 20 + four(16) as usize;
    let data = (data..).step_by(2).find(|&at| &bytes[at..at + 4] == b"data").unwrap();
    let samples = &bytes[data + 8..][..four(data + 4) as usize];
    (four(24), samples.as_chunks().0.iter().map(|&x| f32::from_le_bytes(x)).collect())
}

#[test]
fn a_recording_of_another_rate_is_resampled_as_that_of_a_dataset_is() {
    let folder = Folder::new();
    let samples = ossicle_testing::noise_i16(8000, 3);
    let path = folder.at("a.wav");
    write(&path, ossicle_testing::wav(&samples, 1, 8000));
    let target = "audio.sample_rate_hz=16000";
    let words = ["the sample rate is 8000 Hz; the recipe's is 16000 Hz", "--set audio.resample=hq"];
    spikes(&path).set(&[target]).refuses(&words);
    let wave = folder.at("again.wav");
    let run = || spikes(&path).set(&[target, "audio.resample=hq"]);
    let json = run().arg("--json").arg("--resynth").arg(&wave).succeeds().json();
    assert_eq!(
        (&json["sample_rate_hz"], &json["resampled_from_hz"]),
        (&16_000.into(), &8000.into())
    );
    assert_eq!(json["duration_s"], 1.0);
    assert_eq!((float_wave(&wave).0, float_wave(&wave).1.len()), (16_000, 16_000));
    // The search sees what dsp's filter makes of it: the same spikes as of that file.
    let filter = ossicle_dsp::ResampleMode::Hq;
    let filter =
        ossicle_dsp::ResampleFilter::new(filter, 8000, 16_000, ossicle_dsp::Level::BASELINE);
    let (filter, mut before) = (filter.unwrap(), Vec::new());
    let mut resampler = filter.begin(0);
    let floats: Vec<f32> = samples.iter().map(|&x| f32::from(x) / 32768.0).collect();
    resampler.push(&floats, &mut before);
    resampler.finish(&mut before);
    let resampled = folder.at("resampled.wav");
    write(&resampled, crate::resampled::float_wav(&before, 16_000));
    let array = |run: Ossicle, name: &str| {
        run.arg("--out").arg(folder.at(name)).succeeds();
        fs::read(folder.at(name)).unwrap()
    };
    assert!(array(run(), "a.npy") == array(spikes(&resampled), "b.npy"));
    assert!(run().succeeds().stdout.contains("1.00 s at 16000 Hz, resampled from 8000 Hz"));
}

#[test]
fn spikes_are_printed_and_written_as_an_array_a_sound_and_a_picture() {
    let folder = Folder::new();
    let (path, samples) = sentence(&folder);
    let (array, wave, picture) = (folder.at("a.npy"), folder.at("a.wav"), folder.at("a.png"));
    let run = spikes(&path).arg("--json").arg("--out").arg(&array);
    let ran = run.arg("--resynth").arg(&wave).arg("--plot").arg(&picture).succeeds().json();
    let found = &ran["spikegrams"][0];
    let snr_db = found["snr_db"].as_f64().unwrap();
    assert!((20.0..20.1).contains(&snr_db), "{snr_db}");
    let count = found["spikes"].as_u64().unwrap() as usize;
    let seconds = samples.len() as f64 / 16_000.0;
    assert!((found["spikes_per_s"].as_f64().unwrap() - count as f64 / seconds).abs() < 1e-6);

    let spikes = Npy::read(&array);
    assert_eq!((spikes.shape, spikes.data.len()), (vec![count], 16 * count));

    // The ratio is what the sound has.
    let (rate, decoded) = float_wave(&wave);
    assert_eq!((rate, decoded.len()), (16_000, samples.len()));
    let (mut signal, mut noise) = (0.0, 0.0);
    for (&sample, &decoded) in samples.iter().zip(&decoded) {
        let sample = f64::from(sample) / 32_768.0;
        signal += sample * sample;
        noise += (sample - f64::from(decoded)) * (sample - f64::from(decoded));
    }
    let measured = 10.0 * libm::log10(signal / noise);
    assert!((measured - snr_db).abs() < 0.01, "{measured} {snr_db}");

    let png = fs::read(&picture).unwrap();
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let size = |at: usize| u32::from_be_bytes(*png[at..].first_chunk().unwrap());
    // Two pixels for each of the figure's, which are 200 a second.
    let width = libm::round(200.0 * seconds) as u32;
    assert_eq!(size(16), 2 * width.max(960));
    assert!((1400..2400).contains(&size(20)), "{}", size(20));
}

#[test]
fn several_ratios_give_a_table_and_a_curve() {
    let folder = Folder::new();
    let (path, _) = sentence(&folder);
    let curve = folder.at("curve.png");
    let ran = spikes(&path).args(["--snr", "10,20,30", "--plot"]).arg(&curve).succeeds();
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].contains("at 16000 Hz; 32 gammatones from 20 to 7148 Hz"), "{}", ran.stdout);
    let head: Vec<&str> = lines[1].split("  ").map(str::trim).filter(|w| !w.is_empty()).collect();
    assert_eq!(head, ["SNR", "spikes", "per second", "time", "spikes/s", "× real time"]);
    let counts: Vec<usize> = lines[2..]
        .iter()
        .zip(["10.", "20.", "30."])
        .map(|(line, snr)| {
            assert!(line.trim_start().starts_with(snr), "{line}");
            line.split_whitespace().nth(2).unwrap().parse().unwrap()
        })
        .collect();
    assert!(counts.len() == 3 && counts.is_sorted() && counts[0] < counts[2], "{counts:?}");
    assert_eq!(&fs::read(curve).unwrap()[..4], b"\x89PNG");
}

#[test]
fn refined_ratios_are_shown_beside_plain_ones() {
    let folder = Folder::new();
    let (path, _) = sentence(&folder);
    let curve = folder.at("curve.svg");
    let refined = || spikes(&path).set(&["feature.refine=orthogonal"]);
    let ran = refined().args(["--snr", "10,20", "--plot"]).arg(&curve).succeeds();
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[1].trim_end().ends_with("plain"), "{}", ran.stdout);
    let svg = fs::read_to_string(&curve).unwrap();
    assert!(svg.contains("refined") && svg.contains("plain"), "{svg}");
    let found = refined().args(["--snr", "10,20", "--json"]).succeeds().json();
    let plain = spikes(&path).args(["--snr", "10,20", "--json"]).succeeds().json();
    for (found, plain) in
        found["spikegrams"].as_array().unwrap().iter().zip(plain["spikegrams"].as_array().unwrap())
    {
        assert_eq!(found["plain_spikes"], plain["spikes"]);
        assert!(plain["plain_spikes"].is_null());
        let share = found["spikes"].as_f64().unwrap() / plain["spikes"].as_f64().unwrap();
        assert!((0.7..0.95).contains(&share), "{share} of them");
    }
}

#[test]
fn the_recipe_says_what_the_dictionary_and_the_scale_are() {
    let folder = Folder::new();
    let (path, _) = sentence(&folder);
    let count =
        |run: Ossicle| run.arg("--json").succeeds().json()["spikegrams"][0]["spikes"].clone();
    let plain = count(spikes(&path));
    assert_ne!(count(spikes(&path).set(&["feature.num_channels=64"])), plain);
    assert_eq!(
        count(spikes(&path).set(&["feature.max_spikes_per_s=100"])),
        100 * demo()[0].1.samples.len() / 16_000
    );
    // Amplitudes of another scale are written as sound on the scale of sound.
    let (unit, int16) = (folder.at("unit.wav"), folder.at("int16.wav"));
    assert_eq!(count(spikes(&path).arg("--resynth").arg(&unit)), plain);
    let run = spikes(&path).set(&["audio.scale=int16"]).arg("--resynth").arg(&int16);
    assert_eq!(count(run), plain);
    let (unit, int16) = (float_wave(&unit).1, float_wave(&int16).1);
    assert!(unit.iter().zip(&int16).all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn silence_has_no_spikes_and_a_picture() {
    let folder = Folder::new();
    let (path, picture) = (folder.at("silence.wav"), folder.at("silence.png"));
    write(&path, wav(&[0; 1000]));
    let ran = spikes(&path).arg("--plot").arg(&picture).succeeds();
    assert!(
        ran.stdout.lines().last().unwrap().trim_start().starts_with("inf dB"),
        "{}",
        ran.stdout
    );
    assert!(picture.exists());
    let ran = spikes(&path).arg("--json").succeeds().json();
    assert!(ran["spikegrams"][0]["snr_db"].is_null());
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = Folder::new();
    let path = folder.at("a.wav");
    write(&path, wav(&sound(1, 4000)));
    let several = ["--snr", "10,20"];
    spikes(&path).args(several).arg("--out").arg(folder.at("a.npy")).refuses(&["single --snr"]);
    spikes(&path).args(["--snr", "0"]).refuses(&["snr_db is 0"]);
    spikes(&folder.at("none.wav")).refuses(&["none.wav", "No such file"]);
    spikes(&path).args(["--preset", "timit-mfcc"]).refuses(&["kind = \"spikegram\""]);
    spikes(&path).set(&["feature.spikes_from=files"]).refuses(&["nothing to look for"]);
    spikes(&path).arg("--out").arg(folder.at("no/such/a.npy")).refuses(&["cannot write", "a.npy"]);
    write(folder.at("empty.wav"), wav(&[]));
    spikes(&folder.at("empty.wav")).refuses(&["there are no samples"]);
}

#[test]
fn a_search_that_ends_early_is_shown_with_what_was_asked() {
    let folder = Folder::new();
    let path = folder.at("a.wav");
    write(&path, wav(&sound(1, 2000)));
    let run = || spikes(&path).set(&["feature.num_channels=4"]).args(["--snr", "1,60"]);
    let shown = run().succeeds().stdout;
    let asked: Vec<&str> = shown.lines().filter(|line| line.contains(" dB of 60 ")).collect();
    assert!(asked.len() == 1 && asked[0].contains(" 2000 "), "{shown}");
    assert!(!shown.contains(" dB of 1 "), "{shown}");
    let said = "as many spikes as samples, and where only noise is left";
    assert!(in_a_row(&shown).ends_with(said), "{shown}");
    let json = run().arg("--json").succeeds().json();
    let early: Vec<_> =
        json["spikegrams"].as_array().unwrap().iter().map(|of| &of["ended_early"]).collect();
    assert_eq!(early, [false, true]);
    let reached = spikes(&path).set(&["feature.num_channels=4"]).args(["--snr", "1"]).succeeds();
    assert!(!reached.stdout.contains("ended"), "{}", reached.stdout);
}
