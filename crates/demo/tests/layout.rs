//! The plan and the files: counts, names, and what a reader of TIMIT relies on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use ossicle_demo::{
    Demo, DemoConfig, DemoRecording, Error, MAX_SCALE, SYMBOLS, Usage, phn_text, write_corpus,
};
use proptest::prelude::*;

fn demo(seed: u64, scale: f64) -> Demo {
    Demo::new(&DemoConfig { seed, scale }).expect("the scale is in range")
}

#[test]
fn at_scale_1_there_are_as_many_recordings_as_in_timit() {
    let demo = demo(1, 1.0);
    for (usage, speakers) in [
        (Usage::Train, 462),
        (Usage::Development, 50),
        (Usage::CoreTest, 24),
        (Usage::OtherTest, 94),
    ] {
        let ours = || demo.recordings().iter().filter(|recording| recording.usage() == usage);
        assert_eq!(ours().map(|r| r.speaker()).collect::<BTreeSet<_>>().len(), speakers);
        assert_eq!(ours().filter(|r| r.is_sa()).count(), 2 * speakers, "{usage:?}");
        assert_eq!(ours().filter(|r| !r.is_sa()).count(), 8 * speakers, "{usage:?}");
    }
}

#[test]
fn every_speaker_has_two_sa_five_sx_and_three_si_sentences_in_one_folder() {
    let demo = demo(1, 1.0);
    let mut sentences: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut folders = BTreeMap::new();
    for recording in demo.recordings() {
        let (speaker, sentence) = recording.id().split_once('_').unwrap();
        let parts: Vec<_> = recording.path().iter().map(|part| part.to_str().unwrap()).collect();
        let [part, region, folder, file] = parts[..] else { panic!("{:?}", recording.path()) };
        assert_eq!(part == "TRAIN", recording.usage() == Usage::Train);
        assert!(["DR1", "DR2", "DR3", "DR4", "DR5", "DR6", "DR7", "DR8"].contains(&region));
        assert_eq!((folder, file), (speaker, format!("{sentence}.WAV").as_str()));
        assert_eq!(recording.speaker(), speaker);
        assert!(sentences.entry(speaker).or_default().insert(sentence.to_owned()), "{sentence}");
        assert_eq!(
            *folders.entry(speaker).or_insert((part.to_owned(), region.to_owned())),
            (part.to_owned(), region.to_owned())
        );
    }
    assert_eq!(sentences.len(), 630);
    for (speaker, sentences) in sentences {
        let numbers = |kind| -> Vec<u32> {
            sentences.iter().filter_map(|name| name.strip_prefix(kind)?.parse().ok()).collect()
        };
        assert_eq!(numbers("SA"), [1, 2], "{speaker}");
        let (sx, si) = (numbers("SX"), numbers("SI"));
        assert!(sx.len() == 5 && sx.iter().all(|number| (1..=450).contains(number)), "{sx:?}");
        assert!(si.len() == 3 && si.iter().all(|number| (451..=2342).contains(number)), "{si:?}");
    }
}

#[test]
fn recordings_are_sorted_by_path_and_ids_are_unique() {
    let demo = demo(1, MAX_SCALE);
    assert!(demo.recordings().is_sorted_by(|a, b| a.path() < b.path()));
    let ids: BTreeSet<_> = demo.recordings().iter().map(DemoRecording::id).collect();
    assert_eq!(ids.len(), demo.recordings().len());
}

#[test]
fn at_scale_1_training_development_and_core_test_have_1_3_million_frames() {
    let demo = demo(1, 1.0);
    let lengths: Vec<u32> = demo
        .recordings()
        .iter()
        .filter(|recording| !recording.is_sa() && recording.usage() != Usage::OtherTest)
        .map(|recording| recording.phones().last().unwrap().end)
        .collect();
    assert_eq!(lengths.len(), 4288);
    let num_frames: u32 = lengths.iter().map(|length| 1 + (length - 400) / 160).sum();
    assert!((1_270_000..1_330_000).contains(&num_frames), "{num_frames}");
    let second = 16_000;
    assert!(lengths.iter().all(|length| (5 * second / 4..13 * second / 2).contains(length)));
    assert!(lengths.iter().any(|length| *length < 2 * second));
    assert!(lengths.iter().any(|length| *length > 5 * second));
}

#[test]
fn all_61_phones_occur_at_the_default_scale() {
    let demo = Demo::new(&DemoConfig::default()).unwrap();
    let seen: BTreeSet<&str> = demo
        .recordings()
        .iter()
        .flat_map(DemoRecording::phones)
        .map(|phone| phone.symbol)
        .collect();
    let missing: Vec<_> = SYMBOLS.iter().filter(|symbol| !seen.contains(*symbol)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_scale_that_makes_no_corpus_is_refused() {
    for scale in [0.0, -1.0, f64::NAN, f64::INFINITY, 10.001] {
        let error = Demo::new(&DemoConfig { seed: 1, scale }).unwrap_err();
        assert!(matches!(error, Error::Scale { .. }));
        assert!(error.to_string().contains(&scale.to_string()), "{error}");
    }
}

#[test]
fn the_folder_holds_what_the_plan_says_and_the_headers_say_what_the_files_hold() {
    let root = tempfile::tempdir().unwrap();
    let config = DemoConfig { seed: 5, scale: 1e-6 };
    let summary = write_corpus(root.path(), &config).unwrap();
    let demo = Demo::new(&config).unwrap();
    assert_eq!(summary.num_recordings, 40);

    let mut num_samples = 0;
    for recording in demo.recordings() {
        let utterance = recording.synthesize();
        let path = root.path().join(recording.path());
        let file = fs::read(&path).unwrap();
        let header = String::from_utf8(file[..1024].to_vec()).unwrap();
        let field = |name: &str| {
            let line =
                header.lines().find(|line| line.starts_with(&format!("{name} -i "))).unwrap();
            line.rsplit_once(' ').unwrap().1.parse::<i64>().unwrap()
        };
        let samples: Vec<i64> = file[1024..]
            .chunks_exact(2)
            .map(|pair| i64::from(i16::from_le_bytes([pair[0], pair[1]])))
            .collect();
        assert!(header.starts_with("NIST_1A\n   1024\n") && header.contains("\nend_head\n"));
        assert_eq!(field("sample_count"), samples.len() as i64);
        assert_eq!(field("sample_min"), *samples.iter().min().unwrap());
        assert_eq!(field("sample_max"), *samples.iter().max().unwrap());
        assert!(samples.into_iter().eq(utterance.samples.iter().map(|&s| i64::from(s))));
        let text = fs::read_to_string(path.with_extension("PHN")).unwrap();
        assert_eq!(text, phn_text(&utterance.phones));
        num_samples += utterance.samples.len() as u64;
    }
    assert_eq!(summary.num_samples, num_samples);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("TEST"), "in the way").unwrap();
    let error = write_corpus(root.path(), &DemoConfig { seed: 1, scale: 1e-6 }).unwrap_err();
    assert!(matches!(error, Error::CreateFolder { .. }));
    assert!(error.to_string().contains("TEST"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn phones_are_contiguous_and_end_at_the_last_sample(seed: u64, scale in 1e-3..0.1) {
        let demo = demo(seed, scale);
        let recordings = demo.recordings();
        let recording = &recordings[seed as usize % recordings.len()];
        let utterance = recording.synthesize();
        let phones = &utterance.phones;
        prop_assert_eq!(&recording.phones(), phones);
        prop_assert_eq!((phones[0].start, phones[0].symbol), (0, "h#"));
        let last = phones[phones.len() - 1];
        prop_assert_eq!((last.end as usize, last.symbol), (utterance.samples.len(), "h#"));
        for pair in phones.windows(2) {
            prop_assert_eq!(pair[0].end, pair[1].start);
        }
        prop_assert!(phones.iter().all(|p| p.start < p.end && SYMBOLS.contains(&p.symbol)));
    }
}
