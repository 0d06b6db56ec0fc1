//! Alignment files: those that the field's programs wrote, whole and broken.

use std::fs;
use std::path::Path;

use ossicle_corpus::{
    Alignment, AlignmentError, LabelOverlap, Of, Pattern, TimeScale, TimeUnit, parse_alignment,
    read_alignment,
};

use crate::formats::fixture;
use crate::tree::Tree;

/// The phones of the first fixture, in samples at 16 kHz.
const PHONES: [(u64, u64, &str); 5] = [
    (320, 960, "W"),
    (960, 1760, "AH1"),
    (1760, 2400, "N"),
    (2720, 4000, "T"),
    (4000, 5920, "UW1"),
];

const WORDS: [(u64, u64, &str); 2] = [(320, 2400, "one"), (2720, 5920, "two")];

/// Files that have these phones, and what the pattern of their tier is.
const OF_PHONES: [(&str, &str); 10] = [
    ("textgrid/praatio_long.TextGrid", "phones"),
    ("textgrid/praatio_short.TextGrid", "phones"),
    ("textgrid/praat_long.TextGrid", "phones"),
    ("textgrid/praat_short.TextGrid", "phones"),
    ("textgrid/praat_binary.TextGrid", "p*s"),
    ("labels/audacity.txt", "phones"),
    ("labels/phones.csv", "anything"),
    ("labels/phones.ctm", "phones"),
    ("labels/words.eaf", "phones"),
    ("labels/phones.PHN", "phones"),
];

/// Files that have these words.
const OF_WORDS: [(&str, &str); 8] = [
    ("textgrid/praatio_long.TextGrid", "words"),
    ("textgrid/praatio_short.TextGrid", "words"),
    ("textgrid/praat_long.TextGrid", "words"),
    ("textgrid/praat_short.TextGrid", "words"),
    ("textgrid/praat_binary.TextGrid", "words"),
    ("textgrid/tgt_long.TextGrid", "*"),
    ("labels/words.ctm", "words"),
    ("labels/words.eaf", "words"),
];

fn read(path: &str) -> Alignment {
    let of = Of { names: &["voicea-0001"], channel: None };
    read_alignment(&fixture(path), of).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn laid(alignment: &Alignment, pattern: &str) -> Vec<(u64, u64, String)> {
    let (pattern, scale) = (Pattern::new(pattern), TimeScale::ONE);
    let found = alignment.intervals(&pattern, 16_000, scale, LabelOverlap::Error).unwrap();
    found.into_iter().map(|it| (it.start, it.end, it.label)).collect()
}

fn expected(all: &[(u64, u64, &str)]) -> Vec<(u64, u64, String)> {
    all.iter().map(|&(start, end, label)| (start, end, label.to_owned())).collect()
}

#[test]
fn one_utterance_is_the_same_in_every_format() {
    for (path, tier) in OF_WORDS {
        assert_eq!(laid(&read(path), tier), expected(&WORDS), "{path}");
    }
    for (path, tier) in OF_PHONES {
        let mut found = laid(&read(path), tier);
        // TIMIT's has phones of its own, and labels the silence.
        if path.ends_with(".PHN") {
            found.retain(|it| it.2 != "h#");
            found.iter_mut().for_each(|it| it.2 = it.2.to_uppercase());
        }
        assert_eq!(found, expected(&PHONES), "{path}");
    }
    // HTK's and Buckeye's label the silence too.
    for (path, tier, silence) in [
        ("labels/phones.lab", "phones", "sp"),
        ("labels/phones.mlf", "phones", "sp"),
        ("labels/buckeye.phones", "phones", "SIL"),
    ] {
        let mut found = laid(&read(path), tier);
        assert!(found.contains(&(2400, 2720, silence.to_owned())), "{path}");
        found.retain(|it| it.2 != silence && !it.2.starts_with('{'));
        assert_eq!(found, expected(&PHONES), "{path}");
    }
    let mut words = laid(&read("labels/buckeye.words"), "words");
    words.retain(|it| !it.2.starts_with(['{', '<']));
    assert_eq!(words, expected(&WORDS));
    // A word of a master label file lasts until the next.
    let words = laid(&read("labels/phones.mlf"), "words");
    assert_eq!(words, expected(&[(320, 2720, "one"), (2720, 5920, "two")]));
}

#[test]
fn encodings_give_the_same_text_and_latin_1_is_said() {
    let words = [(800, 3200, "für"), (4160, 6400, "élève"), (6400, 7200, "日本")];
    for (path, is_latin1) in [
        ("textgrid_utf8", false),
        ("praat_unicode", false),
        ("utf16be_bom", false),
        ("utf16le_bom_crlf", false),
        ("latin1", true),
    ] {
        let found = read(&format!("textgrid/{path}.TextGrid"));
        assert_eq!(found.is_latin1, is_latin1, "{path}");
        let mut words = expected(&words);
        if is_latin1 {
            words[2].2 = "x".to_owned();
        }
        assert_eq!(laid(&found, "* - words"), words, "{path}");
        assert_eq!(found.end, Some(507_687_500), "{path}");
        assert!(found.spans_recording(), "{path}");
    }
}

#[test]
fn points_are_read_and_label_nothing() {
    for form in ["praatio_long", "praatio_short", "praat_long", "praat_short", "praat_binary"] {
        let found = read(&format!("textgrid/{form}.TextGrid"));
        let clicks = found.tiers.iter().find(|tier| tier.name == "clicks").unwrap();
        let points: Vec<_> = clicks.marks.iter().map(|it| (it.start, it.end, &*it.label)).collect();
        let ms = 1_000_000;
        let expected = [(100 * ms, 100 * ms, "a"), (300 * ms, 300 * ms, "q\"uote")];
        assert_eq!((points, clicks.is_points), (expected.to_vec(), true), "{form}");
        let error = found.tier(&Pattern::new("clicks")).unwrap_err().to_string();
        assert_eq!(
            error,
            "the tier `clicks` has points, which last no time; labels need intervals"
        );
        let error = found.tier(&Pattern::new("phone")).unwrap_err().to_string();
        assert_eq!(error, "has no tier `phone`; it has `words`, `phones`, `clicks`");
    }
}

#[test]
fn formats_are_told_by_what_is_in_them_whatever_they_are_called() {
    for (path, tier) in OF_PHONES.into_iter().filter(|(path, _)| !path.ends_with(".PHN")) {
        let bytes = fs::read(fixture(path)).unwrap();
        for name in ["a", "a.txt", "a.PHN", "a.alignment"] {
            let of = Of { names: &["voicea-0001"], channel: None };
            let found = parse_alignment(Path::new(name), &bytes, of)
                .unwrap_or_else(|error| panic!("{path} as {name}: {error}"));
            assert_eq!(laid(&found, tier), expected(&PHONES), "{path} as {name}");
        }
    }
    // Whole numbers are samples of TIMIT's, but units of 100 ns in what HTK's files are called.
    let parse =
        |name: &str, text: &str| parse_alignment(Path::new(name), text.as_bytes(), Of::default());
    assert_eq!(parse("a", "0 10 x\n").unwrap().unit, TimeUnit::Samples);
    let htk = parse("a.lab", "0 10 x\n").unwrap();
    assert_eq!((htk.unit, htk.tiers[0].marks[0].end), (TimeUnit::Nanoseconds, 1000));
    assert!(matches!(parse("a", "what is this\n"), Err(AlignmentError::Unknown)));
    // A transcript beside a recording has no times, and TIMIT's own are of the whole.
    assert!(parse("a.txt", "She had your dark suit\n").is_err());
    assert!(parse("a.txt", "0 46797 She had your dark suit\n").is_err());
    let error = parse("a.lab", "she had\n").unwrap_err().to_string();
    assert_eq!(error, "line 1, column 1: expected a start, in units of 100 ns, found `she`");
}

#[test]
fn what_is_wrong_in_a_file_of_timits_is_said_with_its_place() {
    let start = "a whole number of samples";
    let wrong: [(&[u8], String); 9] = [
        (b"0 1 a\n1 2", "line 2, column 4: expected a label, found the end of the line".into()),
        (b"0 1 a b", "line 1, column 7: expected the end of the line, found `b`".into()),
        (b"\n0 x a", format!("line 2, column 3: expected {start}, found `x`")),
        (b"-1 5 a", format!("line 1, column 1: expected {start}, found `-1`")),
        (
            b"0 99999999999999999999 a",
            format!("line 1, column 3: expected {start}, found `99999999999999999999`"),
        ),
        (
            b"0 5 a\n5 5 b",
            "line 2: the interval ends at sample 5, not after its start, sample 5".into(),
        ),
        (b"9 5 a", "line 1: the interval ends at sample 5, not after its start, sample 9".into()),
        (b"0 5 a\n5 6 \x93", "is in neither UTF-8 nor Latin-1; save it as UTF-8".into()),
        (b" \r\n\n", "has no labels".into()),
    ];
    for (text, expected) in wrong {
        let error = parse_alignment(Path::new("a.PHN"), text, Of::default()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{}", text.escape_ascii());
    }
}

/// Puts other bytes in place of each fixture, under its own name and under one that says nothing.
fn check_broken(mut break_it: impl FnMut(&[u8], &mut dyn FnMut(&[u8]))) {
    let all = OF_PHONES.iter().chain(&OF_WORDS).map(|it| it.0).chain([
        "labels/phones.lab",
        "labels/phones.mlf",
        "labels/buckeye.words",
        "textgrid/utf16le_bom_crlf.TextGrid",
    ]);
    for path in all {
        let whole = fs::read(fixture(path)).unwrap();
        break_it(&whole, &mut |broken| {
            for name in [Path::new(path), Path::new("a")] {
                let of = Of { names: &["voicea-0001"], channel: Some(0) };
                let Ok(found) = parse_alignment(name, broken, of) else { continue };
                for overlap in [LabelOverlap::Error, LabelOverlap::First, LabelOverlap::Last] {
                    let any = Pattern::new("*");
                    let Ok(laid) = found.intervals(&any, 16_000, TimeScale::ONE, overlap) else {
                        continue;
                    };
                    assert!(laid.array_windows().all(|[a, b]| a.end <= b.start), "{path}");
                    assert!(laid.iter().all(|it| it.start < it.end), "{path}");
                }
            }
        });
    }
}

#[test]
fn alignments_cut_at_any_byte_are_no_panic() {
    check_broken(|whole, parse| (0..whole.len()).for_each(|length| parse(&whole[..length])));
}

#[test]
fn alignments_with_other_bytes_in_them_are_no_panic() {
    let mut random = fastrand::Rng::with_seed(7);
    check_broken(|whole, parse| {
        for _ in 0..300 {
            let mut bytes = whole.to_vec();
            for _ in 0..random.usize(1..5) {
                let at = random.usize(..bytes.len());
                match random.u8(..4) {
                    0 => bytes[at] = random.u8(..),
                    1 => bytes[at] = b"\n\t\"<>!;,-.&#0"[random.usize(..13)],
                    2 => bytes.insert(at, b" \t\n\"\r\\9"[random.usize(..7)]),
                    _ => drop(bytes.drain(at..(at + random.usize(..9)).min(bytes.len()))),
                }
            }
            parse(&bytes);
        }
    });
}

#[test]
fn a_missing_file_and_a_folder_are_errors() {
    let tree = Tree::new(&[]);
    let error = read_alignment(&tree.at("none.phn"), Of::default()).unwrap_err();
    assert!(matches!(&error, AlignmentError::Read { .. }), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    let error = read_alignment(tree.path(), Of::default()).unwrap_err();
    assert!(matches!(&error, AlignmentError::NotAFile), "{error}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_without_waiting_for_it() {
    let tree = Tree::new(&[]);
    let path = tree.at("pipe.phn");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let error = read_alignment(&path, Of::default()).unwrap_err();
    assert!(matches!(&error, AlignmentError::NotAFile), "{error}");
}

#[test]
fn a_file_larger_than_16_mib_is_refused() {
    let tree = Tree::new(&[]);
    let path = tree.write("a.phn", b"0 10 h#\n");
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(16 * 1024 * 1024 + 1).unwrap();
    let error = read_alignment(&path, Of::default()).unwrap_err();
    assert!(matches!(&error, AlignmentError::TooLarge { .. }), "{error}");
    file.set_len(8).unwrap();
    assert!(read_alignment(&path, Of::default()).is_ok());
}
