//! The sound: the same everywhere, at a sensible level, and like the phone that the label names.

use std::f64::consts::PI;

use ossicle_demo::{Demo, DemoConfig, DemoRecording, Utterance, sphere_bytes};

fn demo(seed: u64, scale: f64) -> Demo {
    Demo::new(&DemoConfig { seed, scale }).expect("the scale is in range")
}

/// The recordings of the default corpus whose speakers' names begin with `sex`.
fn speech(sex: char) -> Vec<Utterance> {
    let DemoConfig { seed, scale } = DemoConfig::default();
    let demo = demo(seed, scale);
    let ours = demo.recordings().iter().filter(|recording| recording.id().starts_with(sex));
    ours.map(DemoRecording::synthesize).collect()
}

/// The samples of every phone called `symbol`.
fn pieces<'a>(speech: &'a [Utterance], symbol: &'a str) -> impl Iterator<Item = &'a [i16]> {
    speech.iter().flat_map(move |utterance| {
        let phones = utterance.phones.iter().filter(move |phone| phone.symbol == symbol);
        phones.map(|phone| &utterance.samples[phone.start as usize..phone.end as usize])
    })
}

/// Root mean square, in parts of full scale.
fn level(samples: &[i16]) -> f64 {
    let power: f64 = samples.iter().map(|&sample| (f64::from(sample) / 32_768.0).powi(2)).sum();
    (power / samples.len() as f64).sqrt()
}

fn median(mut values: Vec<f64>) -> f64 {
    assert!(values.len() >= 10, "only {} phones to judge by", values.len());
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Bins of [`spectrum`] are 62.5 Hz apart.
const BIN_HZ: f64 = 62.5;

/// The mean power spectrum of the middle 16 ms of the pieces that are long enough: a Hann window
/// and a naive DFT.
fn spectrum<'a>(pieces: impl Iterator<Item = &'a [i16]>) -> Vec<f64> {
    const LENGTH: usize = 256;
    let mut power = vec![0.0; LENGTH / 2 + 1];
    let mut num_pieces = 0;
    for piece in pieces.filter(|piece| piece.len() >= LENGTH) {
        let middle = &piece[(piece.len() - LENGTH) / 2..][..LENGTH];
        let turn = 2.0 * PI / LENGTH as f64;
        let level = level(middle).max(1e-9);
        for (bin, power) in power.iter_mut().enumerate() {
            let (mut real, mut imaginary) = (0.0, 0.0);
            for (n, &sample) in middle.iter().enumerate() {
                let window = 0.5 - 0.5 * libm::cos(turn * n as f64);
                let value = window * f64::from(sample) / level;
                real += value * libm::cos(turn * (bin * n) as f64);
                imaginary += value * libm::sin(turn * (bin * n) as f64);
            }
            *power += real * real + imaginary * imaginary;
        }
        num_pieces += 1;
    }
    assert!(num_pieces >= 10, "only {num_pieces} phones to judge by");
    power
}

/// The power between two frequencies.
fn band(spectrum: &[f64], low_hz: f64, high_hz: f64) -> f64 {
    let bins = spectrum.iter().enumerate();
    bins.filter(|(bin, _)| (low_hz..high_hz).contains(&(*bin as f64 * BIN_HZ)))
        .map(|(_, power)| power)
        .sum()
}

/// The frequency with the most power between two frequencies.
fn peak_hz(spectrum: &[f64], low_hz: f64, high_hz: f64) -> f64 {
    let bins = spectrum.iter().enumerate();
    bins.filter(|(bin, _)| (low_hz..high_hz).contains(&(*bin as f64 * BIN_HZ)))
        .max_by(|a, b| a.1.total_cmp(b.1))
        .map_or(0.0, |(bin, _)| bin as f64 * BIN_HZ)
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let bytes = |seed| -> Vec<Vec<u8>> {
        let demo = demo(seed, 0.005);
        let file = |r: &DemoRecording| sphere_bytes(r.id(), &r.synthesize().samples);
        demo.recordings().iter().map(file).collect()
    };
    let first = bytes(1);
    assert_eq!(first, bytes(1));
    for (first, other) in first.iter().zip(bytes(2)) {
        assert_ne!(*first, other);
    }
}

#[test]
fn a_recording_is_the_same_at_every_scale() {
    let (small, large) = (demo(1, 0.005), demo(1, 1.0));
    for recording in small.recordings().iter().step_by(7) {
        let twin = large.recordings().iter().find(|other| other.id() == recording.id()).unwrap();
        assert_eq!(recording.path(), twin.path());
        assert_eq!(recording.synthesize(), twin.synthesize());
    }
}

#[test]
fn the_bytes_are_these_on_every_machine() {
    // FNV-1a of the samples of the core-test speaker of the smallest corpus. A change of the
    // synthesiser changes it; a change of machine, compiler or optimisation must not.
    let demo = demo(1, 1e-6);
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let ours = demo.recordings().iter().filter(|recording| recording.speaker() == "MDAB0");
    for sample in ours.flat_map(|recording| recording.synthesize().samples) {
        for byte in sample.to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    assert_eq!(hash, 0xbfd7_0205_861a_c1a4, "{hash:#018x}");
}

#[test]
fn nothing_clips_and_nothing_is_digital_silence() {
    for utterance in speech('F').iter().chain(&speech('M')) {
        let peak = utterance.samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        let peak = f64::from(peak) / 32_768.0;
        assert!((0.1..0.5).contains(&peak), "{peak}");
        // Sums of noise can be zero once or thrice, but not for a millisecond.
        let is_dead = |run: &[i16]| run.iter().all(|&sample| sample == run[0]);
        assert!(!utterance.samples.windows(16).any(is_dead));
        let mean = utterance.samples.iter().map(|&s| f64::from(s)).sum::<f64>();
        assert!((mean / utterance.samples.len() as f64).abs() < 30.0);
    }
}

#[test]
fn the_room_is_a_few_steps_loud() {
    for utterance in speech('M') {
        let room = level(&utterance.samples[..1000]) * 32_768.0;
        assert!((1.0..6.0).contains(&room), "{room}");
    }
}

#[test]
fn vowels_have_their_formants() {
    let men = speech('M');
    let [iy, aa] = ["iy", "aa"].map(|symbol| spectrum(pieces(&men, symbol)));
    // Peterson and Barney's men: 270 and 2290 Hz against 730 and 1090 Hz.
    let first = peak_hz(&iy, 150.0, 1000.0);
    assert!((180.0..400.0).contains(&first), "F1 of iy at {first} Hz");
    let second = peak_hz(&iy, 1200.0, 2700.0);
    assert!((2000.0..2600.0).contains(&second), "F2 of iy at {second} Hz");
    let strongest = peak_hz(&aa, 450.0, 1600.0);
    assert!((600.0..1300.0).contains(&strongest), "F1 or F2 of aa at {strongest} Hz");
    // What lies high in one lies low in the other.
    let tilt = |spectrum: &[f64]| band(spectrum, 1900.0, 2700.0) / band(spectrum, 600.0, 1300.0);
    assert!(tilt(&iy) > 20.0 * tilt(&aa), "{} and {}", tilt(&iy), tilt(&aa));
}

#[test]
fn women_have_higher_formants() {
    let second = |sex| peak_hz(&spectrum(pieces(&speech(sex), "ae")), 1400.0, 2250.0);
    let (women, men) = (second('F'), second('M'));
    assert!(women > 1.08 * men, "{women} and {men} Hz");
}

#[test]
fn sibilants_hiss_in_their_bands() {
    let men = speech('M');
    let share = |symbol, low_hz, high_hz| {
        let spectrum = spectrum(pieces(&men, symbol));
        band(&spectrum, low_hz, high_hz) / band(&spectrum, 0.0, 8001.0)
    };
    assert!(share("s", 3500.0, 8001.0) > 0.85);
    assert!(share("sh", 2000.0, 4500.0) > 0.7);
    assert!(share("aa", 3500.0, 8001.0) < 0.05);
}

#[test]
fn closures_are_quiet_and_stops_burst() {
    let men = speech('M');
    let vowel = median(pieces(&men, "aa").map(level).collect());
    for (stop, closure) in
        [("p", "pcl"), ("t", "tcl"), ("k", "kcl"), ("b", "bcl"), ("d", "dcl"), ("g", "gcl")]
    {
        // The last 10 ms: the vowel before rings on into the closure.
        let end = |piece: &[i16]| level(&piece[piece.len().saturating_sub(160)..]);
        let closed = median(pieces(&men, closure).map(end).collect());
        assert!(closed < 0.2 * vowel, "{closure} {closed} and aa {vowel}");
        // Above the hum of a voiced closure, which the difference of samples takes away.
        let crackle = |samples: &[i16]| {
            let steps: Vec<i16> =
                samples.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
            level(&steps)
        };
        let rises = men.iter().flat_map(|utterance| {
            let at = |sample: u32| sample as usize;
            let released = utterance.phones.iter().filter(|phone| phone.symbol == stop);
            released.map(move |phone| {
                let before = crackle(&utterance.samples[at(phone.start - 80)..at(phone.start)]);
                crackle(&utterance.samples[at(phone.start)..at(phone.start + 80)]) / before
            })
        });
        let rise = median(rises.collect());
        assert!(rise > 5.0, "{stop} is {rise} times as loud as the end of {closure}");
    }
}

#[test]
fn sounds_begin_at_their_boundaries() {
    // Noise of an `s` after a silence: hardly anything in the millisecond before the boundary, and
    // much in the third one after.
    let men = speech('M');
    let mut rises = Vec::new();
    for utterance in &men {
        for pair in utterance.phones.windows(2) {
            let after_silence = matches!(pair[0].symbol, "h#" | "pau" | "tcl" | "kcl" | "pcl");
            if after_silence && matches!(pair[1].symbol, "s" | "sh" | "ch" | "t" | "k") {
                let boundary = pair[1].start as usize;
                let before = level(&utterance.samples[boundary - 16..boundary]);
                let after = level(&utterance.samples[boundary + 32..boundary + 48]);
                rises.push(after / before);
            }
        }
    }
    let rise = median(rises);
    assert!(rise > 8.0, "{rise}");
}
