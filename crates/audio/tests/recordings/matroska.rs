//! Files of Matroska that other programs made of the packets of fixtures, with other blocks and sizes.

use std::fs;

use ossicle_audio::{Media, OpenOptions, Recording};
use ossicle_testing::Npy;

use crate::{LOSSY, fixture, read};

/// Each file, whose packets it has, and how many frames; mkvmerge writes no padding to throw away of Vorbis.
const LACED: [(&str, &str, usize); if cfg!(feature = "opus") { 2 } else { 1 }] = [
    ("vorbis_laced.mka", "vorbis.ogg", 32_000),
    #[cfg(feature = "opus")]
    ("opus_laced.mka", "opus.ogg", 48_000),
];

#[test]
fn several_packets_in_a_block_are_as_packets_in_pages() {
    for (name, origin, length) in LACED {
        let (channels, _) = read(&fixture(name));
        let array = Npy::read(fixture(&format!("{origin}.npy")));
        let full_scale = if array.descr == "<i2" { f64::from(1 << 15) } else { 1.0 };
        for (number, samples) in channels.iter().enumerate() {
            assert_eq!(samples.len(), length, "{name}");
            for (&found, expected) in samples.iter().zip(array.column(number)) {
                let difference = (f64::from(found) - expected / full_scale).abs();
                assert!(difference <= LOSSY, "{name}: {difference}");
            }
        }
    }
}

/// What a program that records writes, as a browser: it knows neither the size of the segment nor of clusters.
fn streamed(mut file: Vec<u8>) -> Vec<u8> {
    let clusters: Vec<usize> =
        (0..file.len() - 8).filter(|&at| file[at..].starts_with(b"\x1F\x43\xB6\x75")).collect();
    assert!(!clusters.is_empty());
    for at in clusters {
        let bytes = file[at + 4].leading_zeros() as usize + 1;
        file[at + 4] |= 0xFF >> bytes;
        file[at + 5..at + 4 + bytes].fill(0xFF);
    }
    file
}

fn samples(bytes: Vec<u8>) -> Vec<f32> {
    let mut samples = Vec::new();
    let options = OpenOptions::default();
    let mut recording = Recording::from_media(Media::bytes(bytes), options, Vec::new()).unwrap();
    recording.read_to_end(&mut samples).unwrap();
    samples
}

#[test]
fn clusters_whose_size_nobody_knew_are_read_to_their_end() {
    let whole = fs::read(fixture("vorbis_live.webm")).unwrap();
    let expected = samples(whole.clone());
    assert_eq!(expected.len(), 20_011);
    assert!(samples(streamed(whole)) == expected);
}

#[test]
fn a_second_file_behind_the_first_is_named() {
    let whole = fs::read(fixture("vorbis_live.webm")).unwrap();
    let twice = [&*streamed(whole.clone()), &*whole].concat();
    let (media, options) = (Media::bytes(twice), OpenOptions::default());
    let error = Recording::from_media(media, options, Vec::new()).unwrap_err();
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("a second file follows"), "{why}");
}
