//! Recordings that other programs wrote, against the samples of independent decoders: each is read as
//! `tests/fixtures/expected.json` says, or refused by name.
//!
//! - here: what is in each file
//! - `matroska`: what its programs write otherwise
//! - `opus`: what its headers ask for
//! - `damage`: what becomes of files that are cut or changed
//! - `seeks`: stretches of them, read by themselves
//! - `page`: the page of the documentation that says all this
#![expect(clippy::unwrap_used, reason = "tests may")]

mod damage;
mod matroska;
#[cfg(feature = "opus")]
mod opus;
// The page is that of a program without libopus.
#[cfg(not(feature = "opus"))]
mod page;
mod seeks;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ossicle_audio::{Channel, OpenOptions, Recording};
use ossicle_testing::Npy;
use serde_json::Value;

/// The files that are refused, and a word of the reason.
const REFUSED: [(&str, &str); 4] = [
    ("amrnb.amr", "an AMR file"),
    ("gsm610.wav", "GSM 6.10"),
    ("pcm16.voc", "a Creative Voice file"),
    ("shorten_mono.shn", "a shorten-compressed file"),
];

/// Those that are refused where libopus is not built in.
const OPUS: [(&str, &str); 3] = [
    ("opus.ogg", "an Ogg Opus file"),
    ("opus.webm", "Opus samples, which are not read from WebM"),
    ("opus_stereo.ogg", "an Ogg Opus file"),
];

/// The largest difference from another decoder of the same lossy samples, at full scale ±1.0.
const LOSSY: f64 = 1e-5;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn expected() -> BTreeMap<String, Value> {
    let text = fs::read_to_string(fixture("expected.json")).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(all["files"].clone()).unwrap()
}

fn refusal(name: &str) -> Option<&'static str> {
    let opus = if cfg!(feature = "opus") { &[][..] } else { &OPUS };
    REFUSED.iter().chain(opus).find(|(refused, _)| *refused == name).map(|(_, word)| *word)
}

/// The samples of every channel, and the sample rate.
fn read(path: &Path) -> (Vec<Vec<f32>>, u32) {
    let open = |channel| Recording::open(path, OpenOptions::of(channel));
    let info = *open(Channel::First).unwrap_or_else(|e| panic!("{}: {e:?}", path.display())).info();
    let channels = (0..info.channels).map(|channel| {
        let mut samples = Vec::new();
        let mut recording = open(Channel::Index(channel)).unwrap();
        recording.read_to_end(&mut samples).unwrap_or_else(|e| panic!("{}: {e:?}", path.display()));
        assert_eq!(recording.info().length.exact(), Some(samples.len() as u64));
        samples
    });
    (channels.collect(), info.sample_rate_hz)
}

/// The array that a file is compared with, and the largest difference that is allowed.
fn reference(name: &str, line: &Value) -> (Npy, f64) {
    match line["equals"].as_str() {
        Some(array) => (Npy::read(fixture(array)), 0.0),
        None => {
            let mut decoders = line["decoders"].as_object().unwrap().values();
            let array = decoders.find_map(|decoder| decoder["kept_as"].as_str());
            let array = array.map_or_else(|| format!("{name}.npy"), str::to_owned);
            let array = Npy::read(fixture(&array));
            let is_exact = line["must"].as_str().is_some_and(|must| must.starts_with("bit-exact"));
            (array, if is_exact { 0.0 } else { LOSSY })
        }
    }
}

/// The length that an edit list gives, where decoders give whole packets.
fn edited_length(must: &str) -> Option<usize> {
    must.strip_suffix("(FFmpeg gives whole frames after the priming)")?
        .strip_suffix(" samples by the edit list ")?
        .rsplit(' ')
        .next()?
        .parse()
        .ok()
}

#[test]
fn every_fixture_is_read_as_its_line_says_or_refused_by_name() {
    let mut read_files = 0;
    for (name, line) in expected() {
        if let Some(word) = refusal(&name) {
            let error = Recording::open(&fixture(&name), OpenOptions::default()).unwrap_err();
            assert!(error.to_string().contains(word), "{name}: {error}");
            continue;
        }
        let (channels, rate) = read(&fixture(&name));
        let (array, tolerance) = reference(&name, &line);
        let decoder = line["decoders"].as_object().unwrap().values().next().unwrap();
        assert_eq!(rate, decoder["rate"], "{name}");
        assert_eq!(channels.len(), array.shape[1], "{name}");
        let full_scale = match &*array.descr {
            "<i2" => f64::from(1 << 15),
            "<i4" => f64::from(1 << 23),
            _ => 1.0,
        };
        for (number, samples) in channels.iter().enumerate() {
            let mut expected = array.column(number);
            if let Some(length) = line["must"].as_str().and_then(edited_length) {
                expected.truncate(length);
            }
            assert_eq!(samples.len(), expected.len(), "{name}, channel {number}");
            for (at, (found, expected)) in samples.iter().zip(expected).enumerate() {
                let difference = (f64::from(*found) - expected / full_scale).abs();
                assert!(difference <= tolerance, "{name}, channel {number}, {at}: {difference}");
            }
        }
        read_files += 1;
    }
    // A refusal of a file that is not there would go unnoticed.
    let refused = expected().keys().filter(|name| refusal(name).is_some()).count();
    assert_eq!(refused, REFUSED.len() + if cfg!(feature = "opus") { 0 } else { OPUS.len() });
    assert_eq!(read_files + refused, expected().len());
}
