//! The corpora that cases read: the demo, and recordings of whole numbers alone.
//!
//! Nearly all have bad recordings among the good ones, so that the ledger is compared too, and what they
//! must not do to their neighbours.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::corpora::{PHONES, Wave, riff, sound, sphere, wav, write, write_aligned, write_demo};

/// Longer than what is computed at a time, and no whole number of frames.
pub(super) const LONG: usize = (1 << 20) + 70_123;

/// Writes all corpora into a folder.
pub(super) fn write_all(root: &Path) {
    write_timit(&root.join("timit"));
    write_mixed(&root.join("mixed"));
    write_rates(&root.join("rates"));
    write_stereo(&root.join("stereo"));
    write_raw(&root.join("raw"));
    write_long(&root.join("long"));
    write_spikes(&root.join("spikes"));
    write_aligned(&root.join("small"), &["a", "b"]);
    write(root.join("still/a.wav"), wav(&[0; 8000]));
    write(root.join("still/a.PHN"), PHONES);
    write(
        root.join("mixed/list.txt"),
        "silence.wav\n\n./wide.wav\r\nnowhere.wav\ndeep/er/c.wav\na.wav\n",
    );
    write(
        root.join("mixed-splits.txt"),
        "# name split\ndeep/ train\na test\nb test\nx train\nwave/ dev\n",
    );
    write(root.join("map.txt"), "# phone class\nh# -\nq -\niy vowel\nsh fricative\n");
    write(
        root.join("speakers.txt"),
        "# name split\nFAAA0 train\nFCMH0 train\nMDAB0 train\nTEST/DR1/FLFO0/ dev\nFLFO0_SX28 train\n",
    );
}

/// The demo, with six of its 24 utterances spoiled.
fn write_timit(root: &Path) {
    write_demo(root);
    let at = |name: &str| root.join(name);
    let bytes = fs::read(at("TRAIN/DR1/FAAA0/SX23.WAV")).unwrap();
    write(at("TRAIN/DR1/FAAA0/SX23.WAV"), &bytes[..bytes.len() / 2]);
    write(at("TRAIN/DR1/FAAA0/SX113.WAV"), "<!DOCTYPE html><title>404</title>");
    write(at("TRAIN/DR1/FAAA0/SX203.WAV"), wav(&sound(1, 99)));
    write(at("TRAIN/DR1/FAAA0/SX203.PHN"), "0 99 h#\n");
    fs::remove_file(at("TEST/DR1/FCMH0/SX59.PHN")).unwrap();
    write(at("TEST/DR1/FCMH0/SX149.PHN"), "0 8000 zz\n");
    write(at("TEST/DR1/MDAB0/SX8.WAV"), "");
}

/// Every encoding, strange names, silence, and one of each fault.
fn write_mixed(root: &Path) {
    write_aligned(root, &["a", "b", "deep/er/c", "deep/d", "x", "y", "z", "d e%\u{1}é"]);
    for (n, encoding) in Wave::ALL.into_iter().enumerate() {
        let name = format!("wave/{encoding:?}");
        write(root.join(format!("{name}.wav")), encoding.file(&sound(n as u64, 8000 + 37 * n)));
        write(root.join(format!("{name}.PHN")), PHONES);
    }
    let wide: Vec<u8> = sound(3, 8000)
        .iter()
        .enumerate()
        .flat_map(|(t, &x)| ((i32::from(x) << 8) + t as i32 % 256).to_le_bytes()[..3].to_vec())
        .collect();
    let nan = sound(4, 8000).into_iter().enumerate();
    let nan: Vec<u8> = nan
        .flat_map(|(t, x)| if t == 5000 { f32::NAN } else { f32::from(x) / 32768.0 }.to_le_bytes())
        .collect();
    // Its powers are no numbers any more.
    let loud: Vec<u8> =
        sound(1, 8000).iter().flat_map(|&x| (f32::from(x) * 1e18).to_le_bytes()).collect();
    let recordings = [
        ("silence", wav(&[0; 8000])),
        ("big-endian", sphere(&sound(11, 8000), "10")),
        ("wide", riff(1, 1, 16_000, 24, &wide, wide.len() as u32)),
        ("bad-header", wav(&sound(2, 8000))[..30].to_vec()),
        ("bad-nan", riff(3, 1, 16_000, 32, &nan, nan.len() as u32)),
        ("bad-loud", riff(3, 1, 16_000, 32, &loud, loud.len() as u32)),
        ("bad-past", wav(&sound(5, 8000))),
        ("bad-short", wav(&sound(6, 99))),
    ];
    for (name, bytes) in recordings {
        write(root.join(format!("{name}.wav")), bytes);
        write(root.join(format!("{name}.PHN")), PHONES);
    }
    write(root.join("bad-past.PHN"), "0 4000 h#\n4000 8801 sh\n");
    write(root.join("bad-short.PHN"), "0 99 h#\n");
    symlink("/nowhere/at/all.wav", root.join("bad-link.wav")).unwrap();
    write(root.join("bad-link.PHN"), PHONES);
    write(root.join("bad-unlabelled.wav"), wav(&sound(7, 8000)));
    // Phones shorter than a shift, behind which the walk lags until it meets one that ended half a frame
    // ago to the sample; then one that ends at a frame's centre, and one at a frame's beginning.
    let short = (0..8).map(|n| (120 * n, 120 * (n + 1), ["sh", "iy", "h#"][n % 3]));
    let edges = [(960, 3400, "iy"), (3400, 4800, "sh"), (4800, 8000, "h#")];
    let lines = short.chain(edges).map(|(start, end, phone)| format!("{start} {end} {phone}\n"));
    write(root.join("x.PHN"), lines.collect::<String>());
    // Clipped to the recording's end.
    write(root.join("z.PHN"), "200 4000 h#\n4000 8100 sh\n");
}

/// Recordings of three sample rates.
fn write_rates(root: &Path) {
    write_aligned(root, &["a", "b"]);
    for rate in [8000, 44_100] {
        let name = format!("{rate}");
        let recording = ossicle_testing::wav(&sound(8, 2 * 8000), 1, rate);
        write(root.join(&name).with_extension("wav"), recording);
        write(root.join(&name).with_extension("PHN"), PHONES);
    }
    write(root.join("c.wav"), riff(1, 1, 0, 16, &[1; 900], 900));
}

/// Two channels, and a recording that has but one.
fn write_stereo(root: &Path) {
    write_aligned(root, &["mono"]);
    for (n, name) in ["a", "b", "c"].into_iter().enumerate() {
        let (left, right) = (sound(n as u64, 8000), sound(20 + n as u64, 8000));
        let recording = ossicle_testing::wav(&interleaved(&left, &right), 2, 16_000);
        write(root.join(format!("{name}.wav")), recording);
        write(root.join(format!("{name}.PHN")), PHONES);
    }
}

fn interleaved(left: &[i16], right: &[i16]) -> Vec<i16> {
    left.iter().zip(right).flat_map(|(&l, &r)| [l, r]).collect()
}

/// Headerless recordings, one of which ends within a sample.
fn write_raw(root: &Path) {
    for (n, name) in ["a", "b", "s/c"].into_iter().enumerate() {
        let samples = interleaved(&sound(30 + n as u64, 8000), &sound(40 + n as u64, 8000));
        let data: Vec<u8> = samples.into_iter().flat_map(i16::to_le_bytes).collect();
        write(root.join(format!("{name}.raw")), data);
        write(root.join(format!("{name}.PHN")), PHONES);
    }
    write(root.join("bad.raw"), [1; 8001]);
    write(root.join("bad.PHN"), PHONES);
}

/// A recording that is computed in pieces, one that turns out to be bad in its second piece, and short
/// ones around them.
fn write_long(root: &Path) {
    write_aligned(root, &["a", "z"]);
    write(root.join("long.wav"), wav(&sound(9, LONG)));
    let mut phones = String::new();
    let mut start = 1001;
    while start + 4000 < LONG {
        for (length, phone) in [(1500, "sh"), (1700, "iy"), (301, "q")] {
            phones += &format!("{start} {} {phone}\n", start + length);
            start += length;
        }
    }
    write(root.join("long.PHN"), &phones);
    let late = sound(10, LONG).into_iter().enumerate();
    let late: Vec<u8> = late
        .flat_map(|(t, x)| {
            if t == (1 << 20) + 60_000 { f32::NAN } else { f32::from(x) / 32768.0 }.to_le_bytes()
        })
        .collect();
    write(root.join("nan.wav"), riff(3, 1, 16_000, 32, &late, late.len() as u32));
    write(root.join("nan.PHN"), &phones);
}

/// Files of spikes as the 2019 work has them, in blocks of 12288 samples, one of which lacks its counts.
fn write_spikes(root: &Path) {
    for (n, name) in ["a", "b", "c", "bad"].into_iter().enumerate() {
        let mut counts = [0_i32; 2];
        let mut bytes = Vec::new();
        for spike in 0..150_usize {
            let sample = spike * 79 + 11 * n;
            counts[sample / 12_288] += 1;
            let channel = (spike * 7 + n) % 32;
            let amplitude = (spike % 11) as f64 / 8.0;
            let onset = (sample % 12_288) as f64;
            for number in [channel as f64, amplitude, onset, 0.0] {
                bytes.extend(number.to_le_bytes());
            }
        }
        write(root.join(format!("{name}_spike.raw")), bytes);
        if name != "bad" {
            write(root.join(format!("{name}_num.raw")), counts.map(i32::to_le_bytes).concat());
        }
        write(root.join(format!("{name}.PHN")), "0 1500 h#\n1500 7000 sh\n7000 13001 iy\n");
    }
}
