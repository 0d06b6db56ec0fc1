//! `ossicle show`: what is drawn, where, and what is refused.

use std::fs;
use std::path::Path;

use crate::corpora::{sound, wav, write};
use crate::printed::{assert_fits, in_a_row};
use crate::program::{Folder, Ossicle, extract_with, ossicle};

/// A folder with two recordings and a dataset of them.
fn made() -> Folder {
    let folder = Folder::new();
    write(folder.at("corpus/a.wav"), wav(&sound(1, 16_000)));
    write(folder.at("corpus/b.wav"), wav(&sound(2, 8_000)));
    extract_with("kaldi-fbank", folder.at("corpus"), &folder.at("data")).succeeds();
    folder
}

fn show(folder: &Folder, words: &[&str]) -> Ossicle {
    ossicle("show").args(words).in_folder(folder.path())
}

/// The letters of a picture, in their order.
fn texts(svg: &str) -> Vec<&str> {
    let after = svg.split("<text ").skip(1);
    after.map(|of| of.split_once('>').unwrap().1.split_once("</text>").unwrap().0).collect()
}

#[test]
fn an_utterance_is_drawn_as_lines_and_pixels_by_the_files_name() {
    let folder = made();
    show(&folder, &["data", "a", "-o", "a.svg"]).succeeds();
    let svg = fs::read_to_string(folder.at("a.svg")).unwrap();
    let texts = texts(&svg);
    for expected in ["a", "waveform", "1000", "time, s"] {
        assert!(texts.contains(&expected), "{expected}: {texts:?}");
    }
    assert!(texts.iter().any(|text| text.starts_with("features: 98 frames × ")), "{texts:?}");
    show(&folder, &["data", "a", "-o", "again.svg"]).succeeds();
    assert_eq!(svg, fs::read_to_string(folder.at("again.svg")).unwrap());
    show(&folder, &["data", "a", "-o", "a.png", "--theme", "dark"]).succeeds();
    assert_eq!(&fs::read(folder.at("a.png")).unwrap()[..8], b"\x89PNG\r\n\x1a\n");
    show(&folder, &["data", "a", "-o", "a.jpeg"]).refuses(&[".png or .svg"]);
    assert!(!folder.at("a.jpeg").exists());
}

#[test]
fn a_recording_is_computed_as_a_dataset_has_it() {
    let folder = made();
    let of_dataset = show(&folder, &["data", "a", "--json"]).succeeds().json();
    let words = ["corpus/a.wav", "--preset", "kaldi-fbank", "--json"];
    let of_recording = show(&folder, &words).succeeds().json();
    let (a, b) = (&of_dataset["arrays"][0], &of_recording["arrays"][0]);
    for key in ["name", "num_frames", "num_columns", "least", "largest", "first_s", "step_s"] {
        assert_eq!(a[key], b[key], "{key}");
    }
    // The first frame's middle: half of 25 ms.
    assert_eq!((a["first_s"].as_f64().unwrap(), a["step_s"].as_f64().unwrap()), (0.0125, 0.01));
}

#[test]
fn two_are_drawn_with_what_lies_between_them() {
    let folder = made();
    let differences = |words: &[&str]| {
        let all = [&["data", "a", "--json", "--against"], words].concat();
        show(&folder, &all).succeeds().json()["differences"][0].clone()
    };
    let same = differences(&["data"]);
    assert_eq!((same["worst"].as_f64(), same["num_frames"][0].as_u64()), (Some(0.0), Some(98)));
    assert_eq!(differences(&["kaldi-fbank"])["worst"].as_f64(), Some(0.0));
    assert!(differences(&["b"])["worst"].as_f64().unwrap() > 0.1);
    // The same utterance, named as `compare` names it.
    assert_eq!(differences(&["data#b"]), differences(&["b"]));
    let named = show(&folder, &["data#b", "--json"]).succeeds().json();
    assert_eq!(named, show(&folder, &["data", "b", "--json"]).succeeds().json());
    show(&folder, &["data#b", "a"]).refuses(&["DATASET#b", "give one of them"]);
    show(&folder, &["data", "a", "--against", "data#c"]).refuses(&["no utterance c"]);
    // Other columns are drawn, and not compared.
    assert!(differences(&["whisper-80"])["worst"].is_null());
    let ran = show(&folder, &["data", "a", "--against", "b", "-o", "both.svg"]).succeeds();
    assert!(ran.stdout.contains("of the frames that both have (98 and 48)"), "{}", ran.stdout);
    let svg = fs::read_to_string(folder.at("both.svg")).unwrap();
    assert!(
        texts(&svg).iter().any(|text| text.starts_with("difference (lower − upper) · at most "))
    );
    show(&folder, &["data", "a", "--against", "nothing"]).refuses(&["--against nothing"]);
}

#[test]
fn a_stretch_is_one_of_both() {
    let folder = made();
    let stretch = ["data", "a", "--start", "0.2", "--end", "0.4", "--against"];
    let run = |words: &[&str]| show(&folder, &[&stretch[..], words].concat()).succeeds();
    let of = |words: &[&str]| run(words).json()["differences"][0].clone();
    assert_eq!(of(&["b", "--json"])["num_frames"], serde_json::json!([21, 21]));
    let whole = show(&folder, &["data", "a", "--against", "b", "--json"]).succeeds().json();
    let [inside, all] =
        [&of(&["b", "--json"]), &whole["differences"][0]].map(|of| of["worst"].as_f64());
    assert!(inside < all, "{inside:?} {all:?}");
    let json = run(&["b", "--json"]).json();
    let rows = &json["arrays"][0];
    assert_eq!(rows["num_frames"], 21);
    assert!((rows["first_s"].as_f64().unwrap() - 0.2025).abs() < 1e-9, "{rows}");
    run(&["b", "-o", "both.svg"]);
    let svg = fs::read_to_string(folder.at("both.svg")).unwrap();
    let frames = texts(&svg).into_iter().filter(|text| text.contains("21 of ")).count();
    assert_eq!(frames, 2, "{svg}");
}

#[test]
fn what_is_of_other_frequencies_is_paired_by_number_and_says_so() {
    let folder = made();
    let words = ["corpus/a.wav", "--preset", "kaldi-fbank", "--set", "feature.num_mel_bins=80"];
    let against = |more: &[&str]| show(&folder, &[&words[..], more].concat()).succeeds();
    let ran = against(&["--against", "whisper-80", "-o", "both.svg"]);
    let said = "columns are paired by number, as they are of other frequencies";
    assert!(ran.stdout.starts_with("difference of features: at most "), "{}", ran.stdout);
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    let svg = fs::read_to_string(folder.at("both.svg")).unwrap();
    let texts = texts(&svg);
    let last =
        texts.iter().position(|text| text.starts_with("difference (lower − upper) · ")).unwrap();
    assert!(texts[..last].contains(&"1000") && !texts[last..].contains(&"1000"), "{texts:?}");
    // In a terminal it is the same sentence, in lines that fit.
    let ran = against(&["--against", "whisper-80", "--width", "80"]);
    let sentence = in_a_row(&ran.stdout);
    assert!(sentence.contains("difference of features: at most ") && sentence.contains(said));
    assert_fits(&ran.stdout);
}

/// The rows of the dataset's two utterances, of 98 and 48 frames.
fn rows(folder: &Folder) -> [Vec<Vec<f32>>; 2] {
    let bytes = fs::read(folder.at("data/all/features-00000.npy")).unwrap();
    let begin = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let numbers = bytes[begin..].as_chunks::<4>().0.iter().map(|x| f32::from_le_bytes(*x));
    let numbers: Vec<f32> = numbers.collect();
    let mut rows: Vec<Vec<f32>> =
        numbers.chunks(numbers.len() / (98 + 48)).map(<[f32]>::to_vec).collect();
    let second = rows.split_off(98);
    [rows, second]
}

/// Matrices as Kaldi writes them as text.
fn text_ark(matrices: &[(&str, &[Vec<f32>])]) -> String {
    let line = |row: &Vec<f32>| row.iter().map(|x| format!(" {x:?}")).collect::<String>();
    let matrix = |(id, rows): &(&str, &[Vec<f32>])| {
        let lines: Vec<String> = rows.iter().map(line).collect();
        format!("{id}  [\n {} ]\n", lines.join("\n "))
    };
    matrices.iter().map(matrix).collect()
}

#[test]
fn an_utterance_is_drawn_against_what_another_program_wrote() {
    let folder = made();
    let [a, b] = rows(&folder);
    write(folder.at("two.ark"), text_ark(&[("b", &b), ("a", &a)]).into_bytes());
    write(folder.at("one.ark"), text_ark(&[("other", &b)]).into_bytes());
    write(folder.at("none.ark"), text_ark(&[("x", &a), ("y", &b)]).into_bytes());
    let narrow: Vec<Vec<f32>> = a.iter().map(|row| row[..5].to_vec()).collect();
    write(folder.at("narrow.ark"), text_ark(&[("a", &narrow)]).into_bytes());
    let difference = |what: &str, other: &str| {
        let words = [what, "a", "--json", "--against", other];
        show(&folder, &words).succeeds().json()["differences"][0].clone()
    };
    // The one of the same id; of one alone, that one; or the one that is named.
    assert_eq!(difference("data", "two.ark")["worst"].as_f64(), Some(0.0));
    let other = difference("data", "one.ark");
    assert_eq!(
        (other["num_frames"][0].as_u64(), other["num_frames"][1].as_u64()),
        (Some(98), Some(48))
    );
    assert_eq!(difference("data", "two.ark#b"), other);
    assert!(difference("data", "narrow.ark")["worst"].is_null());
    let of_recording =
        ["corpus/a.wav", "--preset", "kaldi-fbank", "--json", "--against", "two.ark"];
    let of_recording = show(&folder, &of_recording).succeeds().json();
    assert_eq!(of_recording["differences"][0]["worst"].as_f64(), Some(0.0));
    let drawn = ["data", "a", "--against", "two.ark#b", "-o", "both.svg"];
    show(&folder, &drawn).succeeds();
    let svg = fs::read_to_string(folder.at("both.svg")).unwrap();
    assert!(texts(&svg).iter().any(|text| text.contains("two.ark")), "{svg}");
    for (other, why) in
        [("none.ark", "no utterance a; it has x, y"), ("two.ark#c", "no utterance c")]
    {
        show(&folder, &["data", "a", "--against", other]).refuses(&[why]);
    }
}

#[test]
fn a_terminal_without_colours_gets_plain_characters_and_others_no_sequence_but_colours() {
    let folder = made();
    let plain = show(&folder, &["data", "a"]).succeeds().stdout;
    assert!(!plain.contains('\x1b') && plain.contains('@'), "{plain}");
    let colored = show(&folder, &["data", "a"]).env("CLICOLOR_FORCE", "1").succeeds().stdout;
    assert!(colored.contains("▀"), "{colored}");
    for sequence in colored.split('\x1b').skip(1) {
        let sequence = &sequence[..=sequence.find('m').unwrap()];
        let is_color = ["[0m", "[38;2;", "[48;2;"].iter().any(|of| sequence.starts_with(of));
        assert!(is_color, "{sequence:?}");
    }
    let none = show(&folder, &["data", "a"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert!(!none.succeeds().stdout.contains('\x1b'));
    for width in ["60", "40"] {
        let narrow = show(&folder, &["data", "a", "--against", "b", "--width", width]);
        let narrow = narrow.succeeds().stdout;
        let width = width.parse().unwrap();
        assert!(narrow.lines().all(|line| line.chars().count() <= width), "{narrow}");
    }
}

#[test]
fn what_is_not_there_is_refused_with_what_is() {
    let folder = made();
    show(&folder, &["data"]).refuses(&["2 utterances", "such as a or b"]);
    show(&folder, &["data", "c"]).refuses(&["no utterance c", "a, b"]);
    show(&folder, &["data", "a", "--array", "x"]).refuses(&["no array \"x\"", "features"]);
    show(&folder, &["data", "a", "--split", "x"]).refuses(&["no split \"x\"", "all"]);
    show(&folder, &["data", "a", "--start", "2"]).refuses(&["1.00 s"]);
    for option in ["--start", "--end"] {
        let ran = show(&folder, &["data", "a", option, "-1"]).exits(2);
        let said = format!(
            "invalid value '-1' for '{option} <SECONDS>': it must be a number of seconds, 0 or more"
        );
        assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    }
    show(&folder, &["corpus", "a"]).refuses(&["no dataset"]);
    show(&folder, &["corpus/a.wav"]).refuses(&["--preset"]);
    show(&folder, &["corpus/z.wav"]).refuses(&["cannot open corpus/z.wav: "]);
    let array = "data/all/features-00000.npy";
    show(&folder, &[array]).refuses(&["has matrices", "ossicle compare A B --out"]);
    show(&folder, &["corpus/a.wav", "a", "--preset", "kaldi-fbank"]).refuses(&["no dataset"]);
    let over = ["corpus/a.wav", "--preset", "kaldi-fbank", "-o", "corpus/a.wav"];
    show(&folder, &over).refuses(&["would write over the recording"]);
}

#[test]
fn a_recording_that_is_gone_costs_the_waveform_alone() {
    let folder = made();
    fs::rename(folder.at("corpus"), folder.at("moved")).unwrap();
    let ran = show(&folder, &["data", "a", "-o", "a.svg"]).succeeds();
    assert!(
        ran.stderr.contains("there is no waveform") && ran.stderr.contains("--corpus"),
        "{}",
        ran.stderr
    );
    assert!(!texts(&fs::read_to_string(folder.at("a.svg")).unwrap()).contains(&"waveform"));
    let ran = show(&folder, &["data", "a", "-o", "a.svg", "--corpus", "moved"]).succeeds();
    assert_eq!(ran.stderr, "");
    assert!(texts(&fs::read_to_string(folder.at("a.svg")).unwrap()).contains(&"waveform"));
}

#[test]
fn labels_and_spikes_and_few_columns_are_drawn_too() {
    let folder = Folder::new();
    ossicle("demo").arg(folder.at("demo")).args(["--corpus-only", "--scale", "0.005"]).succeeds();
    let run = extract_with("timit-spikegram", folder.at("demo"), &folder.at("data"));
    run.args(["--keep-spikes", "--allow-failures", "100%"]).succeeds();
    let id = first_id(&folder.at("data/train"));
    show(&folder, &["data", &id, "--split", "train", "-o", "a.svg"]).succeeds();
    let svg = fs::read_to_string(folder.at("a.svg")).unwrap();
    let texts = texts(&svg);
    for expected in ["phones", "labels (frames)", "sil"] {
        assert!(texts.iter().any(|text| text == &expected), "{expected}: {texts:?}");
    }
    assert!(texts.iter().any(|text| text.starts_with("spikes: ")), "{texts:?}");
    let one = ["data", &id, "--split", "train", "--start", "0.2", "--end", "0.4", "--json"];
    let shown = show(&folder, &one).succeeds().json();
    assert_eq!((shown["start_s"].as_f64(), shown["end_s"].as_f64()), (Some(0.2), Some(0.4)));
}

/// The id of the first utterance of a split.
fn first_id(split: &Path) -> String {
    let rows = fs::read_to_string(split.join("utterances.jsonl")).unwrap();
    let row: serde_json::Value = serde_json::from_str(rows.lines().next().unwrap()).unwrap();
    row["id"].as_str().unwrap().to_owned()
}
