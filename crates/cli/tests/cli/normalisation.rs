//! Normalisation, computed again in f64 from what is stored without it.

use std::fs;
use std::path::Path;

use ossicle_testing::Npy;

use crate::corpora::{write_aligned, write_demo};
use crate::datasets::{arrays, assert_same, card};
use crate::program::{Folder, Ossicle, extract, ossicle};

const SPLITS: [&str; 3] = ["train", "valid", "test"];

/// The features of a split, by rows of 120 columns.
fn features(out: &Path, split: &str) -> Vec<[f32; 120]> {
    let array = Npy::read(out.join(split).join("features-00000.npy"));
    assert_eq!(array.shape[1], 120);
    array.f32s().as_chunks().0.to_vec()
}

/// Mean and population standard deviation of each column, in two passes.
fn statistics(rows: &[[f32; 120]]) -> Vec<(f64, f64)> {
    let count = rows.len() as f64;
    let column = |c: usize| rows.iter().map(move |row| f64::from(row[c]));
    (0..120)
        .map(|c| {
            let mean = column(c).sum::<f64>() / count;
            (mean, (column(c).map(|x| (x - mean) * (x - mean)).sum::<f64>() / count).sqrt())
        })
        .collect()
}

/// Asserts that `out` is `plain`, normalised by these statistics.
fn assert_normalised(out: &Path, plain: &Path, splits: &[&str], by: &[(f64, f64)]) {
    for split in splits {
        let (found, plain) = (features(out, split), features(plain, split));
        assert_eq!(found.len(), plain.len());
        for (found, plain) in found.iter().zip(&plain) {
            for c in 0..120 {
                let expected = (f64::from(plain[c]) - by[c].0) / by[c].1;
                let error = (f64::from(found[c]) - expected).abs();
                assert!(error < 1e-4, "{split}, column {c}: {} and not {expected}", found[c]);
            }
        }
    }
}

/// The demo corpus, extracted with and without normalisation.
fn demo(run: impl Fn(Ossicle) -> Ossicle) -> (Folder, std::path::PathBuf, std::path::PathBuf) {
    let folder = Folder::new();
    let (corpus, out, plain) = (folder.at("corpus"), folder.at("out"), folder.at("plain"));
    write_demo(&corpus);
    run(extract(&corpus, &out)).succeeds();
    extract(&corpus, &plain).not_normalised().succeeds();
    (folder, out, plain)
}

#[test]
fn training_columns_have_mean_0_and_standard_deviation_1() {
    let (_folder, out, plain) = demo(|run| run);
    for (c, (mean, deviation)) in statistics(&features(&out, "train")).into_iter().enumerate() {
        assert!(mean.abs() < 1e-5, "column {c}: mean {mean}");
        assert!((deviation - 1.0).abs() < 1e-5, "column {c}: standard deviation {deviation}");
    }
    let by = statistics(&features(&plain, "train"));
    assert_normalised(&out, &plain, &SPLITS, &by);
    let card = card(&out);
    let stored = &card["normalization"]["features"];
    assert_eq!(stored["stats_from"], "train");
    assert_eq!(stored["count"], features(&out, "train").len());
    for (c, (mean, deviation)) in by.iter().enumerate() {
        let number = |key: &str| stored[key][c].as_f64().unwrap();
        assert!((number("mean") - mean).abs() < 1e-9 * (1.0 + mean.abs()), "column {c}");
        assert!((number("standard_deviation") / deviation - 1.0).abs() < 1e-9, "column {c}");
    }
}

#[test]
fn statistics_from_all_are_those_of_every_split() {
    let (_folder, out, plain) = demo(|run| run.set(&["normalize.stats_from=all"]));
    let all: Vec<_> = SPLITS.iter().flat_map(|split| features(&plain, split)).collect();
    assert_normalised(&out, &plain, &SPLITS, &statistics(&all));
    assert_eq!(card(&out)["normalization"]["features"]["stats_from"], "all");
}

#[test]
fn statistics_from_another_split_are_those_of_that_split() {
    let (_folder, out, plain) = demo(|run| run.set(&["normalize.stats_from=test"]));
    assert_normalised(&out, &plain, &SPLITS, &statistics(&features(&plain, "test")));
}

#[test]
fn mean_and_variance_can_be_normalised_alone() {
    let (_folder, out, plain) = demo(|run| run.set(&["normalize.variance=false"]));
    let by = statistics(&features(&plain, "train")).into_iter().map(|(mean, _)| (mean, 1.0));
    assert_normalised(&out, &plain, &SPLITS, &by.collect::<Vec<_>>());
    let (_folder, out, plain) = demo(|run| run.set(&["normalize.mean=false"]));
    let by = statistics(&features(&plain, "train")).into_iter().map(|(_, s)| (0.0, s));
    assert_normalised(&out, &plain, &SPLITS, &by.collect::<Vec<_>>());
}

#[test]
fn a_corpus_of_tests_alone_takes_the_statistics_of_another_dataset() {
    let folder = Folder::new();
    write_aligned(&folder.at("train"), &["a", "b", "c"]);
    write_aligned(&folder.at("test"), &["x", "y"]);
    let both = ["train=train", "test=test", "--out", "both", "--preset", "timit-mfcc"];
    ossicle("extract").args(both).in_folder(folder.path()).succeeds();
    let alone = ["test=test", "--out", "alone", "--preset", "timit-mfcc"];
    let alone = ossicle("extract").args(alone).set(&["normalize.stats_from=both"]);
    alone.in_folder(folder.path()).succeeds();

    let (both, alone) = (folder.at("both"), folder.at("alone"));
    let of = |out: &Path| card(out)["normalization"]["features"].clone();
    for key in ["count", "mean", "standard_deviation"] {
        assert_eq!(of(&alone)[key], of(&both)[key], "{key}");
    }
    let mut expected = arrays(&both);
    expected.retain(|name, _| name.starts_with("test/"));
    assert_same(&arrays(&alone), &expected, "the test split");
}

#[test]
fn statistics_of_another_feature_are_refused() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    extract(folder.at("corpus"), &folder.at("first")).succeeds();
    let from = format!("normalize.stats_from={}", folder.at("first").display());
    let run = extract(folder.at("corpus"), &folder.at("out"));
    run.set(&[&from, "feature.num_mel_bins=64"])
        .refuses(&["other columns: its feature.num_mel_bins was 128, and is now 64"]);
    let run = extract(folder.at("corpus"), &folder.at("out"));
    run.set(&[&from, "deltas.order=1"]).refuses(&["120 columns", "has 80"]);
}

#[test]
fn with_a_single_split_its_own_statistics_are_taken_and_a_notice_says_so() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a", "b"]);
    let out = folder.at("out");
    let ran = extract(folder.at("corpus"), &out).succeeds();
    let notices = ran.stderr.lines().filter(|line| line.contains("\"train\"")).count();
    assert_eq!(notices, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("\"all\""), "{}", ran.stderr);
    for (c, (mean, deviation)) in statistics(&features(&out, "all")).into_iter().enumerate() {
        assert!(mean.abs() < 1e-5 && (deviation - 1.0).abs() < 1e-5, "column {c}");
    }
}

#[test]
fn several_splits_without_train_are_refused_with_what_to_write() {
    let folder = Folder::new();
    for name in ["one", "two"] {
        write_aligned(&folder.at(name), &["a"]);
    }
    let words = ["dev=one", "test=two", "--out", "out", "--preset", "timit-mfcc"];
    let run = || ossicle("extract").args(words).in_folder(folder.path());
    let ran = run().refuses(&["dev, test", "--set normalize.stats_from=dev"]);
    assert!(!folder.at("out").exists());
    // What the message says to write works.
    let words = ran.stderr.split("for example ").nth(1).unwrap().trim();
    run().args(words.split(' ')).succeeds();
    assert_eq!(fs::read_dir(folder.at("out")).unwrap().count(), 6);
}
