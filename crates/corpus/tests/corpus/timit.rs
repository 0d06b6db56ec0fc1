//! TIMIT trees, in the shapes in which copies of it come.

use std::{fs, path::Path};

use ossicle_corpus::{Corpus, CorpusKind, Reason};

use crate::tree::{
    Tree, alignment_of, from_path, message, reasons, splits, with_alignments, with_raw,
};

/// A training speaker, one of the development set, one of the core test, one of the 94 others.
const SENTENCES: [&str; 10] = [
    "TRAIN/DR1/FCJF0/SA1",
    "TRAIN/DR1/FCJF0/SX37",
    "TRAIN/DR1/FCJF0/SI648",
    "TEST/DR1/FDAC1/SA2",
    "TEST/DR1/FDAC1/SX34",
    "TEST/DR2/FPAS0/SI944",
    "TEST/DR2/FPAS0/SA1",
    "TEST/DR2/FPAS0/SX44",
    "TEST/DR1/FAKS0/SX43",
    "TEST/DR1/FAKS0/SA1",
];

/// A small TIMIT with every sentence's recording, phones and text, below `prefix`.
fn timit(prefix: &str, spelling: fn(&str) -> String) -> Tree {
    let tree = Tree::new(&[]);
    for sentence in SENTENCES {
        for extension in ["WAV", "PHN", "TXT"] {
            let file = spelling(&format!("{sentence}.{extension}"));
            tree.write(&format!("{prefix}{file}"), b"bytes");
        }
    }
    tree
}

fn assert_standard_splits(corpus: &Corpus) {
    assert_eq!(corpus.kind, CorpusKind::Timit);
    assert_eq!(
        splits(corpus),
        [
            ("train", vec!["FCJF0_SI648", "FCJF0_SX37"]),
            ("valid", vec!["FDAC1_SX34"]),
            ("test", vec!["FPAS0_SI944", "FPAS0_SX44"]),
        ]
    );
    assert_eq!(corpus.splits.iter().map(|split| split.left_out).collect::<Vec<_>>(), [1, 1, 1]);
    assert_eq!(corpus.left_out, 5);
    let of_splits = reasons(corpus).into_iter().filter(|of| of.0 <= Reason::NoStandardSplit);
    let of_splits: Vec<_> = of_splits.map(|of| (of.0, of.1)).collect();
    assert_eq!(of_splits, [(Reason::ReadByAll, 4), (Reason::NoStandardSplit, 1)]);
}

#[test]
fn upper_and_lower_case_copies_are_the_same_corpus() {
    for spelling in [str::to_string, |name: &str| name.to_lowercase()] as [fn(&str) -> String; 2] {
        let tree = timit("", spelling);
        let corpus = with_alignments(tree.path());
        assert_standard_splits(&corpus);
        let utterance = &corpus.splits[0].utterances[1];
        assert_eq!(utterance.speaker.as_deref(), Some("FCJF0"));
        assert_eq!(&*utterance.source, Path::new(&spelling("TRAIN/DR1/FCJF0/SX37.WAV")));
        let alignment = spelling("TRAIN/DR1/FCJF0/SX37.PHN");
        assert_eq!(alignment_of(utterance), Some(Path::new(&alignment)));
        assert_eq!(corpus.ignored.files(), 10);
        assert_eq!(tree.discover().unwrap().ignored.files(), 20);
        assert!(corpus.notices.is_empty());
    }
}

#[test]
fn the_tree_is_found_up_to_two_levels_below_what_is_given() {
    for prefix in ["", "TIMIT/", "timit/timit/", "data/", "Timit/data/"] {
        let tree = timit(prefix, |name| name.to_lowercase());
        let corpus = tree.discover().unwrap();
        assert_standard_splits(&corpus);
        // The same sources, wherever the tree was found.
        assert_eq!(corpus.splits[0].root, tree.at(prefix));
        // What lies beside TRAIN and TEST was not searched.
        let searched = ["test", "train"].map(|top| tree.at(prefix).join(top));
        let searched = searched.map(|folder| folder.canonicalize().unwrap());
        assert!(corpus.walked.iter().eq(&searched), "{prefix}: {:?}", corpus.walked);
    }
    let corpus = timit("timit/timit/timit/", str::to_string).discover().unwrap();
    assert_eq!(corpus.kind, CorpusKind::Folder);
}

#[test]
fn kaggles_double_files_are_one_utterance() {
    let tree = timit("data/", str::to_string);
    for sentence in SENTENCES {
        tree.write(&format!("data/{sentence}.WAV.wav"), b"twice");
    }
    // Of this one only the double is left.
    fs::remove_file(tree.at("data/TRAIN/DR1/FCJF0/SI648.WAV")).unwrap();
    let corpus = with_alignments(tree.path());
    assert_standard_splits(&corpus);
    let sources: Vec<_> =
        corpus.splits[0].utterances.iter().map(|u| u.source.to_path_buf()).collect();
    let folder = Path::new("TRAIN/DR1/FCJF0");
    assert_eq!(sources, [folder.join("SI648.WAV.wav"), folder.join("SX37.WAV")]);
    assert!(corpus.splits[0].utterances.iter().all(|utterance| utterance.alignment.is_some()));
    assert_eq!(corpus.ignored.files(), 10 + 9);
    let copies = reasons(&corpus)[2];
    assert_eq!((copies.0, copies.1), (Reason::AnotherCopy, 9));
}

#[test]
fn of_several_formats_wav_comes_first_and_raw_last() {
    let folder = "train/dr1/fcjf0";
    let tree = Tree::new(&[]);
    for name in ["sx1.raw", "sx1.wav", "sx2.raw", "sx2.flac", "sx3.raw", "sx4.sph"] {
        tree.write(&format!("{folder}/{name}"), b"bytes");
    }
    let names = |corpus: Corpus| -> Vec<String> {
        let utterances = &corpus.splits[0].utterances;
        utterances.iter().map(|u| u.source.file_name().unwrap().to_str().unwrap().into()).collect()
    };
    assert_eq!(
        names(with_raw(tree.path()).unwrap()),
        ["sx1.wav", "sx2.flac", "sx3.raw", "sx4.sph"]
    );
    let corpus = tree.discover().unwrap();
    assert_eq!(corpus.ignored.files(), 3);
    assert_eq!(names(corpus), ["sx1.wav", "sx2.flac", "sx4.sph"]);
}

#[test]
fn splits_without_recordings_stay_and_are_empty() {
    let tree = Tree::new(&["TRAIN/DR8/MBCG0/SX57.WAV"]);
    let corpus = tree.discover().unwrap();
    assert_eq!(
        splits(&corpus),
        [("train", vec!["MBCG0_SX57"]), ("valid", vec![]), ("test", vec![])]
    );
}

#[test]
fn recordings_outside_the_tree_are_ignored_with_a_notice() {
    let tree = timit("", str::to_string);
    tree.write("TRAIN/DR1/FCJF0/more/SX1.WAV", b"");
    tree.write("TRAIN/EXTRA/FCJF0/SX2.WAV", b"");
    tree.write("README.DOC", b"");
    let corpus = tree.discover().unwrap();
    assert_standard_splits(&corpus);
    assert_eq!(corpus.ignored.files(), 22);
    let outside = (Reason::OutsideTree, 2, "TRAIN/DR1/FCJF0/more/SX1.WAV");
    assert_eq!(reasons(&corpus)[2..], [outside]);
    assert_eq!(
        corpus.notices,
        ["2 recordings are not in TRAIN or TEST / DR1..DR8 / SPEAKER and are ignored; the first \
          is TRAIN/DR1/FCJF0/more/SX1.WAV"]
    );
}

#[test]
fn a_sentence_in_two_places_is_an_error_that_names_both() {
    let tree = timit("", str::to_string);
    tree.write("TRAIN/DR2/FCJF0/SX37.WAV", b"");
    let error = message(tree.discover());
    assert_eq!(
        error,
        "the id `FCJF0_SX37` is given twice, by TRAIN/DR1/FCJF0/SX37.WAV and by \
         TRAIN/DR2/FCJF0/SX37.WAV; ids must differ"
    );
}

#[test]
fn folders_that_only_resemble_timit_are_folders() {
    for file in ["TRAIN/DR1/SX1.WAV", "TRAIN/DR9/A/SX1.WAV", "DEV/DR1/A/SX1.WAV"] {
        let tree = Tree::new(&[file]);
        assert_eq!(tree.discover().unwrap().kind, CorpusKind::Folder, "{file}");
    }
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_still_an_utterance() {
    let tree = timit("", str::to_string);
    let file = tree.at("TRAIN/DR1/FCJF0/SX37.WAV");
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("nowhere", &file).unwrap();
    let corpus = from_path(tree.path()).unwrap();
    assert_standard_splits(&corpus);
    assert_eq!(corpus.splits[0].utterances[1].size_bytes, 0);
}

#[test]
fn a_whole_timit_has_3696_400_and_192_utterances() {
    const CORE_TEST: &str = "FDHC0 FELC0 FJLM0 FMGD0 FMLD0 FNLP0 FPAS0 FPKT0 MBPM0 MCMJ0 MDAB0 \
        MGRT0 MJDH0 MJLN0 MJMP0 MKLT0 MLLL0 MLNT0 MNJM0 MPAM0 MTAS1 MTLS0 MWBT0 MWEW0";
    const DEVELOPMENT: &str = "FCMH0 FCMH1 FDAC1 FDRW0 FJEM0 FJSJ0 FKMS0 FLNH0 FMAH0 FRAM1 FRNG0 \
        FSEM0 FSLB1 FSXA0 FTLH0 FUTB0 MABW0 MAHH0 MAJC0 MBDG0 MBJK0 MBNS0 MBWM0 MCCS0 MCEM0 MCHH0 \
        MCMB0 MCRC0 MCSH0 MCTT0 MCTW0 MDAW1 MDLF0 MDLS0 MDRM0 MDSC0 MDVC0 MERS0 MESD0 MGMM0 MJFC0 \
        MJSW0 MJTC0 MJTH0 MPAM1 MREB0 MRJO0 MSJS1 MTEB0 MWVW0";
    let tree = Tree::new(&[]);
    let speak = |top: &str, region: usize, speaker: &str| {
        let folder = tree.at(&format!("{top}/DR{region}/{speaker}"));
        fs::create_dir_all(&folder).unwrap();
        for sentence in ["SA1", "SA2", "SI1", "SI2", "SI3", "SX1", "SX2", "SX3", "SX4", "SX5"] {
            fs::write(folder.join(sentence).with_extension("WAV"), b"").unwrap();
        }
    };
    for number in 0..462 {
        speak("TRAIN", 1 + number % 8, &format!("T{number:03}0"));
    }
    let named = CORE_TEST.split(' ').chain(DEVELOPMENT.split(' ')).map(str::to_string);
    for (number, speaker) in named.chain((0..94).map(|n| format!("O{n:03}0"))).enumerate() {
        speak("TEST", 1 + number % 8, &speaker);
    }
    let corpus = tree.discover().unwrap();
    let counts: Vec<_> =
        corpus.splits.iter().map(|s| (&*s.name, s.utterances.len(), s.left_out)).collect();
    assert_eq!(counts, [("train", 3696, 924), ("valid", 400, 100), ("test", 192, 48)]);
    assert_eq!((corpus.left_out, corpus.ignored.files()), (2012, 0));
}
