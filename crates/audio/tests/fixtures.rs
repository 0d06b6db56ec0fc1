//! Recordings that other programs wrote, against the samples of independent decoders: each is read as
//! `tests/fixtures/expected.json` says, or refused by name.
#![expect(clippy::unwrap_used, reason = "tests may")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ossicle_audio::{Channel, Error, Media, OpenOptions, Recording, Truncated, Truncation};
use ossicle_testing::{Npy, Random};
use serde_json::Value;

/// The files that are refused, and a word of the reason.
const REFUSED: [(&str, &str); 7] = [
    ("amrnb.amr", "an AMR file"),
    ("gsm610.wav", "GSM 6.10"),
    ("opus.ogg", "an Ogg Opus file"),
    ("opus.webm", "a Matroska or WebM file"),
    ("opus_stereo.ogg", "an Ogg Opus file"),
    ("pcm16.voc", "a Creative Voice file"),
    ("shorten_mono.shn", "a shorten-compressed file"),
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
    REFUSED.iter().find(|(refused, _)| *refused == name).map(|(_, word)| *word)
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
            let array = Npy::read(fixture(&format!("{name}.npy")));
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
    assert_eq!(read_files + REFUSED.len(), expected().len());
}

/// Reads bytes as a recording, in blocks and again from the middle. What comes must be the same.
fn read_bytes(bytes: Vec<u8>) -> Result<(), Error> {
    let mut recording =
        Recording::from_media(Media::bytes(bytes), OpenOptions::of(Channel::Mix), Vec::new())?;
    let mut samples = Vec::new();
    let mut block = [0.0; 999];
    loop {
        let count = recording.read(&mut block)?;
        samples.extend_from_slice(&block[..count]);
        // Damage can make silence of nothing, as long as it likes.
        if count == 0 || samples.len() > 1_000_000 {
            break;
        }
    }
    let middle = samples.len() / 2;
    recording.seek(middle as u64)?;
    let count = recording.read(&mut block)?;
    assert_eq!(block[..count], samples[middle..][..count]);
    Ok(())
}

#[test]
fn fixtures_that_end_anywhere_are_read_or_refused() {
    for name in expected().keys().filter(|name| refusal(name).is_none()) {
        let whole = fs::read(fixture(name)).unwrap();
        let step = (whole.len() / 3000).max(1);
        for length in (1..whole.len()).step_by(step) {
            // A stream of a known length says that it ends too early.
            let _ = read_bytes(whole[..length].to_vec());
            if length % 7 == 0 {
                let _ = read_kept(&whole[..length]);
            }
        }
    }
}

#[test]
fn fixtures_with_changed_bytes_are_read_or_refused() {
    for (number, name) in expected().keys().filter(|name| refusal(name).is_none()).enumerate() {
        let whole = fs::read(fixture(name)).unwrap();
        let mut random = Random::with_seed(number as u64);
        for _ in 0..1000 {
            let mut bytes = whole.clone();
            for _ in 0..random.usize(1..=4) {
                // Headers are where numbers decide.
                let most = if random.bool() { 64.min(bytes.len()) } else { bytes.len() };
                let at = random.usize(..most);
                bytes[at] =
                    if random.bool() { random.u8(..) } else { bytes[at] ^ (1 << random.u8(..8)) };
            }
            let _ = read_bytes(bytes);
        }
    }
}

#[test]
fn a_seek_anywhere_gives_the_samples_that_reading_on_gives() {
    for name in expected().keys().filter(|name| refusal(name).is_none()) {
        let (channels, _) = read(&fixture(name));
        let whole = &channels[0];
        let mut recording = Recording::open(&fixture(name), OpenOptions::default()).unwrap();
        let mut random = Random::with_seed(7);
        for _ in 0..20 {
            let at = random.usize(..=whole.len());
            recording.seek(at as u64).unwrap();
            let mut samples = vec![f32::NAN; random.usize(1..2000)];
            let count = recording.read(&mut samples).unwrap();
            assert_eq!(count, samples.len().min(whole.len() - at), "{name}, {at}");
            assert_eq!(samples[..count], whole[at..][..count], "{name}, {at}");
        }
    }
}

/// Whether the end of a file's samples shows before it.
fn says_how_long_it_is(name: &str) -> bool {
    !matches!(name, "aac.aac" | "no_header.mp3" | "streamed_0.wav" | "streamed_ffffffff.wav")
}

#[test]
fn a_file_that_ends_early_is_refused_wherever_anything_tells() {
    for (name, line) in expected() {
        // Blocks of ADPCM end where they end.
        if refusal(&name).is_some() || !says_how_long_it_is(&name) {
            continue;
        }
        let whole = fs::read(fixture(&name)).unwrap();
        let cut = whole[..whole.len() * 3 / 4].to_vec();
        let read = read_bytes(cut);
        assert!(read.is_err(), "{name}: {line}");
    }
}

/// Reads what is there of a recording that ends early, and how much that is by its own words.
fn read_kept(bytes: &[u8]) -> Result<(Vec<f32>, Option<Truncation>), Error> {
    let options = OpenOptions { truncated: Truncated::Keep, ..OpenOptions::default() };
    let mut recording = Recording::from_media(Media::bytes(bytes.to_vec()), options, Vec::new())?;
    let count = recording.count()?;
    let mut samples = Vec::new();
    recording.read_to_end(&mut samples)?;
    assert_eq!(count, samples.len() as u64);
    assert_eq!(recording.info().length.exact(), Some(count));
    let middle = samples.len() / 2;
    let mut block = [0.0; 100];
    recording.seek(middle as u64)?;
    let read = recording.read(&mut block)?;
    assert_eq!(block[..read], samples[middle..][..read]);
    Ok((samples, recording.truncation()))
}

#[test]
fn of_a_file_that_ends_early_what_is_there_can_be_kept() {
    // What tells of samples stands behind them, and is gone; or there is no whole page of them.
    let are_gone =
        |name: &str| name.ends_with(".m4a") || name.starts_with("alac") || name.ends_with(".ogg");
    let mut kept_pages = 0;
    let mut kept = 0;
    for name in expected().keys().filter(|name| refusal(name).is_none()) {
        let whole = fs::read(fixture(name)).unwrap();
        let (all, truncation) = read_kept(&whole).unwrap();
        assert_eq!(truncation, None, "{name}");
        for part in [5, 6, 7, 8, 9].map(|tenths| whole.len() * tenths / 10 + 1) {
            let (samples, truncation) = match read_kept(&whole[..part]) {
                Ok(read) => read,
                Err(_) if are_gone(name) => continue,
                Err(error) => panic!("{name}, {part} bytes: {error:?}"),
            };
            kept += 1;
            kept_pages += usize::from(name.ends_with(".ogg"));
            assert!(samples.len() < all.len(), "{name}");
            assert!(samples[..] == all[..samples.len()], "{name}, {part} bytes");
            let Some(Truncation { promised, found }) = truncation else {
                assert!(!says_how_long_it_is(name), "{name}, {part} bytes");
                continue;
            };
            assert_eq!(found, samples.len() as u64, "{name}");
            assert!(promised.is_none_or(|promised| promised == all.len() as u64), "{name}");
        }
    }
    assert!(kept > 200 && kept_pages > 3, "{kept}, {kept_pages}");
}

#[test]
fn a_flipped_bit_of_what_has_a_checksum_is_never_read_as_other_samples() {
    for name in ["flac16.flac", "flac16_ffmpeg.flac", "flac24.flac", "checksum.sph"] {
        let whole = fs::read(fixture(name)).unwrap();
        let mut random = Random::with_seed(3);
        for _ in 0..200 {
            let mut bytes = whole.clone();
            let at = random.usize(whole.len() / 3..whole.len());
            bytes[at] ^= 1 << random.u8(..8);
            assert!(read_bytes(bytes).is_err(), "{name}: a bit of byte {at} does not matter");
        }
    }
}
