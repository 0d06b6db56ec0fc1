//! Labels, computed again from the `.PHN` files in the plainest way.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use ossicle_testing::Npy;

use crate::corpora::{PHONES, sound, wav, write, write_aligned, write_demo};
use crate::datasets::{card, rows};
use crate::program::{Folder, extract};

/// The 39 classes of the 2019 work, in order, as its description lists them.
const CLASSES: &str = "iy | ih ix | eh | ae | ah ax ax-h | uw ux | uh | aa ao | ey | ay | oy | aw | \
                       ow | er axr | l el | r | w | y | m em | n en nx | ng eng | dx | jh | ch | z | \
                       s | sh zh | hh hv | v | f | dh | th | b | p | d | t | g | k | \
                       bcl pcl dcl tcl gcl kcl epi pau h# q";

fn class_of() -> HashMap<&'static str, i16> {
    let classes = CLASSES.split('|').enumerate();
    classes.flat_map(|(n, phones)| phones.split_whitespace().map(move |p| (p, n as i16))).collect()
}

type Phones = Vec<(i64, i64, String)>;

fn read_phn(path: &Path) -> Phones {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            (words[0].parse().unwrap(), words[1].parse().unwrap(), words[2].to_owned())
        })
        .collect()
}

/// The class of the phone that covers a sample.
fn at_sample(phones: &Phones, sample: i64) -> i16 {
    let found = phones.iter().find(|(start, end, _)| (*start..*end).contains(&sample));
    found.map_or(-1, |(_, _, phone)| class_of()[phone.as_str()])
}

/// The walk of the 2019 program, as NUMERICS.md tells it.
fn walk(phones: &Phones, num_frames: usize) -> Vec<i16> {
    let mut current = 0;
    let mut labels = Vec::new();
    for frame in 0..num_frames as i64 {
        let p = phones[0].0 + frame * 160;
        let (start, end, _) = phones[current];
        let next = (current + 1).min(phones.len() - 1);
        if (start..end).contains(&p) {
            labels.push(current);
        } else if p - end <= 200 {
            labels.push(current);
            current = next;
        } else {
            current = next;
            labels.push(current);
        }
    }
    labels.into_iter().map(|k| class_of()[phones[k].2.as_str()]).collect()
}

/// The demo corpus, with half a phone less at both ends of every alignment, so that cropping shows.
fn write_cropped_demo(corpus: &Path) {
    write_demo(corpus);
    let mut folders = vec![corpus.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "PHN") {
                let mut phones = read_phn(&path);
                let last = phones.len() - 1;
                phones[0].0 = phones[0].1 / 2;
                phones[last].1 -= (phones[last].1 - phones[last].0) / 2;
                let lines: Vec<_> =
                    phones.iter().map(|(s, e, p)| format!("{s} {e} {p}\n")).collect();
                fs::write(path, lines.concat()).unwrap();
            }
        }
    }
}

/// Extracts the cropped demo and compares every label with `naive`, of phones and number of frames.
fn assert_labels_are(at: &str, naive: impl Fn(&Phones, usize) -> Vec<i16>) {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_cropped_demo(&corpus);
    extract(&corpus, &out).set(&[&format!("labels.at={at}")]).succeeds();
    for split in ["train", "valid", "test"] {
        let labels = Npy::read(out.join(split).join("labels-00000.npy"));
        let features = Npy::read(out.join(split).join("features-00000.npy"));
        assert_eq!(labels.shape, [features.shape[0]]);
        let index = Npy::read(out.join(split).join("index.npy")).i64s();
        let rows = rows(out.join(split).join("utterances.jsonl"));
        let mut expected = Vec::new();
        for (row, index) in rows.iter().zip(index.as_chunks::<3>().0) {
            let source = corpus.join(row["source"].as_str().unwrap());
            let phones = read_phn(&source.with_extension("PHN"));
            let (start, end) = (phones[0].0, phones[phones.len() - 1].1);
            assert!(start > 0, "the crop shows");
            assert_eq!((&row["start_sample"], &row["end_sample"]), (&start.into(), &end.into()));
            let num_frames = 1 + (end - start - 400) as usize / 160;
            assert_eq!(*index, [0, expected.len() as i64, num_frames as i64]);
            expected.extend(naive(&phones, num_frames));
        }
        assert_eq!(labels.i16s(), expected, "{split}");
        assert!(expected.iter().filter(|&&label| label != 38).count() > expected.len() / 3);
    }
}

#[test]
fn center_labels_are_the_phone_at_the_centre_sample_of_each_frame() {
    assert_labels_are("center", |phones, num_frames| {
        let centre = |frame: usize| phones[0].0 + frame as i64 * 160 + 200;
        (0..num_frames).map(|frame| at_sample(phones, centre(frame))).collect()
    });
}

#[test]
fn start_labels_are_the_phone_at_the_first_sample_of_each_frame() {
    assert_labels_are("start", |phones, num_frames| {
        (0..num_frames).map(|frame| at_sample(phones, phones[0].0 + frame as i64 * 160)).collect()
    });
}

#[test]
fn walk_2019_labels_are_those_of_the_2019_programs_walk() {
    assert_labels_are("walk-2019", walk);
}

/// The labels of one recording aligned by [`PHONES`].
fn labels_with(map: &str) -> (Vec<i16>, Vec<String>) {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    write(folder.at("folded.txt"), "# two classes\nsh fricative\niy vowel\nq -\nh# -\n");
    let map = map.replace("FOLDER", folder.path().to_str().unwrap());
    let out = folder.at("out");
    extract(folder.at("corpus"), &out).set(&[&format!("labels.map={map}")]).succeeds();
    let names = card(&out)["label_names"]["labels"].clone();
    let labels = Npy::read(out.join("all/labels-00000.npy")).i16s();
    (labels, serde_json::from_value(names).unwrap())
}

/// What each frame of [`PHONES`] is called.
fn names_of_frames() -> Vec<&'static str> {
    let phone = |sample: i64| {
        let mut lines = PHONES.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        lines.find(|words| sample < words[1].parse().unwrap()).unwrap()[2]
    };
    (0..1 + (8000 - 400) / 160).map(|frame| phone(frame * 160 + 200)).collect()
}

#[test]
fn a_label_map_of_ones_own_numbers_classes_as_they_appear() {
    let (labels, names) = labels_with("FOLDER/folded.txt");
    assert_eq!(names, ["fricative", "vowel"]);
    let class = |phone| match phone {
        "sh" => 0,
        "iy" => 1,
        _ => -1,
    };
    assert_eq!(labels, names_of_frames().into_iter().map(class).collect::<Vec<i16>>());
}

#[test]
fn the_glottal_stop_is_ignored_by_lee_and_hon_and_is_silence_in_the_2019_map() {
    for (map, num_classes, q) in [
        ("timit-61", 61, Some("q")),
        ("timit-48", 48, None),
        ("timit-39", 39, None),
        ("timit-39-2019", 39, Some("sil")),
    ] {
        let (labels, names) = labels_with(map);
        assert_eq!(names.len(), num_classes, "{map}");
        for (label, phone) in labels.iter().zip(names_of_frames()) {
            let name = usize::try_from(*label).ok().map(|label| names[label].as_str());
            let expected = match phone {
                "q" => q,
                "h#" if map != "timit-61" => Some("sil"),
                phone => Some(phone),
            };
            assert_eq!(name, expected, "{map}");
        }
    }
}

#[test]
fn a_label_map_that_is_not_there_is_refused_with_the_known_names() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    let run = extract(folder.at("corpus"), &folder.at("out")).set(&["labels.map=timit-40"]);
    run.refuses(&["timit-40", "timit-39-2019"]);
}

#[test]
fn a_corpus_without_alignments_has_no_labels_is_not_cropped_and_says_so_once() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    for name in ["a", "b"] {
        write(corpus.join(format!("{name}.wav")), wav(&sound(9, 8000)));
    }
    let ran = extract(&corpus, &out).succeeds();
    let notices = ran.stderr.lines().filter(|line| line.contains(".PHN")).count();
    assert_eq!(notices, 1, "{}", ran.stderr);
    assert!(!out.join("all/labels-00000.npy").exists());
    assert!(card(&out)["arrays"].get("labels").is_none());
    for row in rows(out.join("all/utterances.jsonl")) {
        assert_eq!((&row["start_sample"], &row["end_sample"]), (&0.into(), &8000.into()));
    }
}
