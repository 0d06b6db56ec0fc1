//! Files that are cut or changed: there must be samples or an error, soon, and never a panic.

use std::fs;

use ossicle_audio::{Channel, Error, Media, OpenOptions, Recording, Truncated, Truncation};
use ossicle_testing::Random;

use crate::{expected, fixture, refusal};

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
    assert!(block[..count] == samples[middle..][..count], "a seek led elsewhere");
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
