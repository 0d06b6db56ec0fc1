//! What the header of an Opus stream asks for: frames that are skipped, and a gain.

use std::fs;

use ossicle_audio::{Media, OpenOptions, Recording};

use crate::fixture;

/// The checksum of an Ogg page (RFC 3533, section 6).
fn page_sum(page: &[u8]) -> u32 {
    page.iter().fold(0, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte) << 24, |sum, _| {
            if sum >> 31 == 1 { sum << 1 ^ 0x04C1_1DB7 } else { sum << 1 }
        })
    })
}

/// The stereo fixture with another header.
fn with_header(skipped: u16, gain: i16) -> Vec<u8> {
    let mut file = fs::read(fixture("opus_stereo.ogg")).unwrap();
    let at = file.windows(8).position(|bytes| bytes == b"OpusHead").unwrap();
    file[at + 10..at + 12].copy_from_slice(&skipped.to_le_bytes());
    file[at + 16..at + 18].copy_from_slice(&gain.to_le_bytes());
    // The first page has nothing but the header.
    let page = at + 19;
    file[22..26].fill(0);
    let sum = page_sum(&file[..page]);
    file[22..26].copy_from_slice(&sum.to_le_bytes());
    file
}

fn samples(file: Vec<u8>) -> Vec<f32> {
    let mut samples = Vec::new();
    let options = OpenOptions::default();
    let mut recording = Recording::from_media(Media::bytes(file), options, Vec::new()).unwrap();
    recording.read_to_end(&mut samples).unwrap();
    samples
}

#[test]
fn frames_that_the_header_skips_may_be_several_packets() {
    let all = samples(with_header(0, 0));
    for skipped in [312, 960, 961, 3840] {
        let found = samples(with_header(skipped, 0));
        assert!(found == all[usize::from(skipped)..], "{skipped}: {}", found.len());
    }
}

#[test]
fn the_gain_of_the_header_is_applied() {
    let plain = samples(with_header(312, 0));
    // In 256ths of a decibel: -6 dB and +1 dB, factors of 0.5012 and 1.1220.
    for (gain, factor) in [(-1536, 0.501_187_2), (256, 1.122_018_4)] {
        let found = samples(with_header(312, gain));
        assert_eq!(found.len(), plain.len());
        for (found, plain) in found.iter().zip(&plain) {
            assert!((found - plain * factor).abs() < 1e-6, "{gain}: {found}, {plain}");
        }
    }
}
