//! Stretches of recordings: the samples of each are those that decoding from the beginning gives, bit for bit.

use std::fs;

use ossicle_audio::{Error, Media, OpenOptions, Recording};
use ossicle_testing::Random;

use crate::{expected, fixture, refusal};

fn open(bytes: &[u8]) -> Recording {
    Recording::from_media(Media::bytes(bytes.to_vec()), OpenOptions::default(), Vec::new()).unwrap()
}

fn whole(bytes: &[u8]) -> Vec<f32> {
    let mut samples = Vec::new();
    open(bytes).read_to_end(&mut samples).unwrap();
    samples
}

/// Reads a stretch, which ends with the recording.
fn stretch(recording: &mut Recording, at: usize, length: usize) -> Result<Vec<f32>, Error> {
    recording.seek(at as u64)?;
    let mut samples = vec![f32::NAN; length];
    let count = recording.read(&mut samples)?;
    samples.truncate(count);
    Ok(samples)
}

/// Compares stretches from everywhere with the whole: one after the other from an open recording, some of
/// them close behind the last, and each from a recording of its own.
fn compare_stretches(name: &str, bytes: &[u8]) {
    let whole = whole(bytes);
    let mut random = Random::with_seed(7);
    let mut kept = open(bytes);
    let mut last = 0;
    for number in 0..60 {
        let at = match number {
            0 => whole.len(),
            1 => whole.len() - 1,
            n if n % 3 == 0 => (last + random.usize(0..4000)).min(whole.len()),
            _ => random.usize(..=whole.len()),
        };
        let length = random.usize(1..2000);
        let expected = &whole[at..whole.len().min(at + length)];
        let found = stretch(&mut kept, at, length).unwrap();
        assert!(found == expected, "{name}, {at}, behind {last}");
        if number % 4 == 0 {
            let found = stretch(&mut open(bytes), at, length).unwrap();
            assert!(found == expected, "{name}, {at}, by itself");
        }
        last = at + found.len();
    }
    assert!(kept.seek(whole.len() as u64 + 1).is_err() || kept.read(&mut [0.0]).is_err());
    assert_eq!(open(bytes).count().unwrap(), whole.len() as u64, "{name}");
    assert_eq!(open(bytes).count_up_to(whole.len() as u64 - 1).unwrap(), None, "{name}");
}

#[test]
fn a_stretch_from_anywhere_is_that_of_the_whole() {
    for name in expected().keys().filter(|name| refusal(name).is_none()) {
        compare_stretches(name, &fs::read(fixture(name)).unwrap());
    }
}

#[test]
fn stretches_of_long_recordings_are_those_of_the_whole() {
    // Streams of MPEG audio and of Ogg may stand one behind the other.
    for (name, times) in [("no_header.mp3", 9), ("vorbis.ogg", 3), ("vorbis_stereo.ogg", 2)] {
        let bytes = fs::read(fixture(name)).unwrap().repeat(times);
        let once = open(&bytes[..bytes.len() / times]).count().unwrap();
        assert!(whole(&bytes).len() as u64 > once, "{name}");
        compare_stretches(name, &bytes);
    }
}

#[test]
fn a_damaged_packet_of_mp3_fails_the_stretches_near_it_alone() {
    let good = fs::read(fixture("cbr32.mp3")).unwrap();
    let samples = whole(&good);
    // Behind a tag of 45 bytes and a frame of 180 with the LAME header, 144 bytes a frame of 576 samples.
    let ninth = 45 + 180 + 8 * 144;
    let mut bytes = good.clone();
    assert_eq!(bytes[ninth..ninth + 2], [0xFF, 0xF3]);
    // Its side information follows the header.
    bytes[ninth + 4..][..9].fill(0xFF);
    assert!(open(&bytes).read_to_end(&mut Vec::new()).is_err());
    let mut kept = open(&bytes);
    for (at, is_read) in [(25_000, true), (5200, false), (31_000, true), (0, true), (28_000, true)]
    {
        for recording in [&mut kept, &mut open(&bytes)] {
            match stretch(recording, at, 500) {
                Ok(found) => assert!(is_read && found == samples[at..at + 500], "{at}"),
                Err(error) => assert!(!is_read && matches!(error, Error::Decode { .. }), "{error}"),
            }
        }
    }
}
