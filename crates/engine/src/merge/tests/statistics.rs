//! The statistics that columns are normalised by.

use ossicle_dataset::{MemoryStore, Normalization};

use super::whole::{good, plain, wide_rows};
use crate::error::Error;
use crate::merge::{Layout, merge};
use crate::plan::Plan;
use crate::run::mock::{in_parts_of, one_feature, parts, plan, two_features};

const SIZES: [u64; 14] = [30, 1, 600, 7, 2, 45, 3, 3, 90, 1, 1, 12, 520, 8];

/// A whole part of them, where parts have four.
const BAD: [&str; 5] = ["train001", "train004", "train005", "train006", "train007"];

fn two_splits(sets: &[&str]) -> Plan {
    plan(two_features(sets), &[("train", &SIZES), ("valid", &[40, 50])])
}

fn merged(plan: &Plan, bad: &[&'static str]) -> Result<Layout, Error> {
    let store = MemoryStore::default();
    merge(plan, parts(plan, &store, bad), &store)
}

/// Compares with the plain computation over splits.
fn assert_plain(plan: &Plan, found: &[Normalization], splits: &[usize], bad: &[&str]) {
    assert_eq!(found.len(), 2);
    for (array, found) in found.iter().enumerate() {
        let utterances = splits.iter().flat_map(|&split| good(plan, split, bad));
        let rows: Vec<_> = utterances.flat_map(|u| wide_rows(plan, u, array)).collect();
        assert_eq!(found.count, rows.len() as u64);
        let (mean, deviation) = plain(&rows);
        assert_eq!(found.mean.len(), mean.len());
        let expected = mean.iter().chain(&deviation);
        for (x, expected) in found.mean.iter().chain(&found.standard_deviation).zip(expected) {
            // About 1300 numbers of up to 120 are summed in f64, which loses 1300 · 120 · 2⁻⁵³ at most.
            assert!((x - expected).abs() < 2e-11, "{x} for {expected}");
        }
    }
}

#[test]
fn statistics_are_those_of_all_rows_of_the_training_split() {
    for bad in [&[][..], &BAD] {
        let plan = in_parts_of(4, two_splits(&[]));
        let found = merged(&plan, bad).unwrap().normalization.unwrap();
        assert_plain(&plan, &found, &[0], bad);
        assert!(found.iter().all(|of| of.stats_from == "train"));
    }
}

#[test]
fn statistics_of_all_are_those_of_every_split() {
    let plan = in_parts_of(4, two_splits(&["normalize.stats_from=all"]));
    let found = merged(&plan, &BAD).unwrap().normalization.unwrap();
    assert_plain(&plan, &found, &[0, 1], &BAD);
}

#[test]
fn neither_borders_of_parts_nor_bad_utterances_show_in_the_bits() {
    let found = |plan: Plan, bad: &[&'static str]| merged(&plan, bad).unwrap().normalization;
    let cut = |most| found(in_parts_of(most, two_splits(&[])), &BAD);
    let expected = cut(1);
    for most in [2, 4, 14] {
        assert_eq!(cut(most), expected, "parts of {most}");
    }
    // A corpus that never had the bad ones.
    let mut without = two_splits(&[]);
    without.corpus.splits[0].utterances.retain(|utterance| !BAD.contains(&&*utterance.id));
    assert_eq!(found(in_parts_of(3, without), &[]), expected);
}

#[test]
fn a_column_that_does_not_vary_is_divided_by_what_stands_for_zero() {
    // One frame: its deltas are 0, and no column varies.
    let plan = plan(one_feature(&["normalize.zero_std=0.25"]), &[("train", &[1])]);
    let found = merged(&plan, &[]).unwrap().normalization.unwrap();
    assert_eq!(found[0].standard_deviation, [0.25; 4]);
}

#[test]
fn no_frame_to_normalise_by_is_an_error_where_there_are_others() {
    // The larger one comes first, so that merging is what tells.
    let plan = plan(two_features(&[]), &[("train", &[3, 4]), ("valid", &[50])]);
    let error = merged(&plan, &["train000", "train001"]).unwrap_err();
    assert!(
        matches!(&error, Error::NoFrames { from, utterances: 2, .. } if from == "train"),
        "{error}"
    );
    // Where there is none at all, there is nothing to normalise.
    let found = merged(&plan, &["train000", "train001", "valid000"]).unwrap();
    assert_eq!(found.normalization.unwrap()[0].count, 0);
    merged(&plan, &["valid000"]).unwrap();
}
