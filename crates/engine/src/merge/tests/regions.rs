//! Every region of every file, in any order, against files made whole.

use std::collections::BTreeMap;

use ossicle_corpus::Utterance;
use ossicle_dataset::{
    MemoryStore, REGION_BYTES, RegionHash, RegionOrder, Store, merge_regions, read_whole,
};
use ossicle_testing::Random;

use super::whole::{self, Scale, good, plain, wide_rows};
use crate::error::{Error, os_error_underneath};
use crate::merge::{Layout, RegionWorker, merge, write_lists};
use crate::plan::Plan;
use crate::run::mock::{in_parts_of, one_feature, parts, plan, two_features, with_events};

const FOLDER: &str = "stage/";

/// Writes all regions in a shuffled order, by several workers in turns, and returns every file.
fn write(
    plan: &Plan,
    layout: &Layout,
    store: &MemoryStore,
) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let files = &layout.dataset.files;
    for file in files {
        store.regions(&format!("{FOLDER}{}", file.path), file.bytes)?;
    }
    let mut orders: Vec<RegionOrder> = layout.regions().collect();
    Random::with_seed(1).shuffle(&mut orders);
    let mut hashes: Vec<BTreeMap<u64, RegionHash>> = vec![BTreeMap::new(); files.len()];
    for worker in 0..3 {
        // One after the other, so that what is open at once is a worker's.
        let mut regions = RegionWorker::new(plan, layout, store, store, FOLDER);
        for &order in orders.iter().skip(worker).step_by(3) {
            let written = regions.write_region(order)?;
            assert_eq!(written.order, order);
            assert!(hashes[order.file].insert(order.region, written.hash).is_none());
        }
    }
    let mut made = BTreeMap::new();
    for (file, hashes) in files.iter().zip(hashes) {
        let bytes = read_whole(store, &format!("{FOLDER}{}", file.path))?;
        assert_eq!(hashes.len(), bytes.len().div_ceil(REGION_BYTES));
        let hashes: Vec<_> = hashes.into_values().collect();
        assert_eq!(merge_regions(&hashes), blake3::hash(&bytes).to_hex().as_str(), "{}", file.path);
        made.insert(file.path.clone(), bytes);
    }
    assert_eq!(made.values().map(|bytes| bytes.len() as u64).sum::<u64>(), layout.bytes());
    Ok(made)
}

/// Makes parts, merges them and writes all files.
fn dataset(plan: &Plan, bad: &[&'static str]) -> (Layout, BTreeMap<String, Vec<u8>>) {
    let store = MemoryStore::default();
    let parts = parts(plan, &store, bad);
    let layout = merge(plan, parts, &store).unwrap();
    let files = write(plan, &layout, &store).unwrap();
    // A part and the file that it becomes.
    assert_eq!((store.num_open(), store.most_open()), (0, 2));
    (layout, files)
}

/// Compares bit by bit, without showing megabytes.
fn assert_same(found: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, expected) in expected {
        let found = &found[name];
        assert_eq!(found.len(), expected.len(), "{name}");
        let at = found.iter().zip(expected).position(|(a, b)| a != b);
        assert_eq!(at, None, "{name}");
    }
}

/// Returns the statistics that a merge has found, which other tests compare.
fn of_corpus(layout: &Layout) -> impl Fn(usize, &Utterance, usize) -> Scale {
    let found = layout.normalization.clone().unwrap();
    move |_, _, array| (found[array].mean.clone(), found[array].standard_deviation.clone())
}

#[test]
fn files_of_many_regions_and_shards_are_those_that_are_made_whole() {
    // Rows of 12336 bytes: the first region ends 64 bytes before the end of one, in the columns of the
    // neighbour that is the furthest ahead.
    let recipe = two_features(&[
        "features.kind=spectrogram",
        "features.num_mel_bins=",
        "features.low_freq_hz=",
        "features.high_freq_hz=",
        "features.mel_scale=",
        "features.mel_triangles=",
        "features.mel_norm=",
        "splice.left=1",
        "splice.right=2",
        "output.shard_bytes=9000000",
    ]);
    let splits: [(&str, &[u64]); 3] =
        [("train", &[700, 1, 3, 40, 620, 2, 150, 930, 5]), ("valid", &[]), ("test", &[1, 2])];
    let bad = ["train003"];
    let plan = in_parts_of(3, plan(recipe, &splits));
    let (layout, files) = dataset(&plan, &bad);
    let regions: Vec<_> = files.values().map(|bytes| bytes.len().div_ceil(REGION_BYTES)).collect();
    assert!(regions.iter().filter(|&&regions| regions > 1).count() > 2, "{regions:?}");
    assert!(files.contains_key("train/vad-00002.npy"));
    assert_same(&files, &whole::files(&plan, &bad, &of_corpus(&layout)));
}

#[test]
fn events_and_labels_come_out_as_they_went_in() {
    let splits: [(&str, &[u64]); 2] =
        [("train", &[60, 3, 1, 80, 2, 9, 70, 1, 100]), ("valid", &[4])];
    let plan = in_parts_of(2, plan(with_events(&["output.shard_bytes=100000"]), &splits));
    let (layout, files) = dataset(&plan, &["train004"]);
    assert!(files["train/spikes-00001.npy"].len() > 192, "no event in the second shard");
    assert_same(&files, &whole::files(&plan, &["train004"], &of_corpus(&layout)));
}

#[test]
fn borders_of_parts_do_not_show_in_files_whatever_the_scope() {
    for scope in ["corpus", "speaker", "utterance"] {
        let set = format!("normalize.scope={scope}");
        let cut = |most| {
            let splits: [(&str, &[u64]); 2] =
                [("train", &[9, 4, 600, 2, 7, 30]), ("valid", &[8, 3])];
            let plan = in_parts_of(most, plan(two_features(&[&set]), &splits));
            let store = MemoryStore::default();
            let bad = ["train001", "train003"];
            let layout = merge(&plan, parts(&plan, &store, &bad), &store).unwrap();
            let files = write(&plan, &layout, &store).unwrap();
            write_lists(&plan, &layout, &store, FOLDER).unwrap();
            let list = |name: &str| read_whole(&store, &format!("{FOLDER}{name}")).unwrap();
            let lists = ["train/index.npy", "train/utterances.jsonl", "valid/index.npy"];
            (files, lists.map(list))
        };
        let expected = cut(1);
        for most in [2, 4, 6] {
            let found = cut(most);
            assert_same(&found.0, &expected.0);
            assert!(found.1 == expected.1, "{scope}: lists of parts of {most}");
        }
    }
}

/// Compares numbers with those that plain statistics give.
fn assert_near(
    plan: &Plan,
    bad: &[&'static str],
    scale: &dyn Fn(usize, &Utterance, usize) -> Scale,
) {
    let (layout, files) = dataset(plan, bad);
    assert!(layout.normalization.is_none());
    let expected = whole::files(plan, bad, scale);
    assert_eq!(files.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, expected) in &expected {
        let numbers = |bytes: &[u8]| -> Vec<f32> {
            bytes[128..].as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
        };
        if !name.contains("few") && !name.contains("features") {
            assert!(files[name] == *expected, "{name}");
            continue;
        }
        let (found, expected) = (numbers(&files[name]), numbers(expected));
        assert_eq!(found.len(), expected.len(), "{name}");
        for (x, expected) in found.iter().zip(&expected) {
            // The statistics differ in the last bits of f64, which may turn the last bit of an f32 of up to
            // 16, by 2⁻²⁰.
            assert!((x - expected).abs() < 1e-6, "{name}: {x} for {expected}");
        }
    }
}

#[test]
fn each_utterance_is_normalised_by_itself() {
    let splits: [(&str, &[u64]); 2] = [("train", &[30, 9, 600, 12]), ("valid", &[40])];
    let plan = in_parts_of(3, plan(two_features(&["normalize.scope=utterance"]), &splits));
    let scale = |_, utterance: &Utterance, array| plain(&wide_rows(&plan, utterance, array));
    assert_near(&plan, &["train001"], &scale);
}

#[test]
fn each_speaker_of_a_split_is_normalised_by_all_that_was_said() {
    // Utterances 0, 3 and so on have no speaker: they are one speaker's.
    let splits: [(&str, &[u64]); 2] =
        [("train", &[30, 9, 600, 12, 20, 10, 25]), ("valid", &[40, 50, 60, 70, 35, 10])];
    let bad = ["train001"];
    for most in [2, 7] {
        let plan = plan(two_features(&["normalize.scope=speaker"]), &splits);
        let plan = in_parts_of(most, plan);
        let scale = |split, utterance: &Utterance, array| {
            let all = good(&plan, split, &bad).into_iter();
            let own = all.filter(|other| other.speaker == utterance.speaker);
            plain(&own.flat_map(|other| wide_rows(&plan, other, array)).collect::<Vec<_>>())
        };
        assert_near(&plan, &bad, &scale);
    }
}

#[test]
fn what_is_not_normalised_is_written_as_it_is() {
    for (sets, mean) in [(&[][..], false), (&["normalize.variance=false"], true)] {
        let plan = plan(one_feature(sets), &[("train", &[9, 4, 30])]);
        let (layout, files) = dataset(&plan, &[]);
        let columns = 4;
        let scale = |_: usize, _: &Utterance, array: usize| match mean {
            true => {
                (layout.normalization.as_ref().unwrap()[array].mean.clone(), vec![1.0; columns])
            }
            false => (vec![0.0; columns], vec![1.0; columns]),
        };
        assert_same(&files, &whole::files(&plan, &[], &scale));
    }
}

#[test]
fn a_corpus_of_which_all_is_bad_has_empty_files() {
    let plan = plan(two_features(&[]), &[("train", &[3, 4]), ("valid", &[])]);
    let (layout, files) = {
        let store = MemoryStore::default();
        let layout = merge(&plan, parts(&plan, &store, &["train000", "train001"]), &store).unwrap();
        let files = write(&plan, &layout, &store).unwrap();
        (layout, files)
    };
    assert_same(&files, &whole::files(&plan, &["train000", "train001"], &of_corpus(&layout)));
    assert!(files.values().all(|bytes| bytes.len() == 128));
}

#[test]
fn a_store_that_fails_at_any_call_makes_an_error_and_never_other_bytes() {
    let sets = [&["normalize.scope=speaker", "normalize.stats_from="][..], &[]];
    for sets in sets {
        let plan = plan(with_events(sets), &[("train", &[9, 4, 30]), ("valid", &[2])]);
        let plan = in_parts_of(2, plan);
        let store = MemoryStore::default();
        let parts = parts(&plan, &store, &["train001"]);
        let finish = || {
            let layout = merge(&plan, parts.clone(), &store)?;
            write(&plan, &layout, &store)?;
            write_lists(&plan, &layout, &store, FOLDER).map(drop)
        };
        let before = store.calls();
        finish().unwrap();
        let (calls, expected) = (store.calls() - before, store.files());
        assert!(calls > 50, "{calls}");
        for call in 0..calls {
            // The disk is full.
            store.fail_at(call, std::io::Error::from_raw_os_error(28));
            let error = finish().unwrap_err();
            assert_eq!(os_error_underneath(&error), Some(28), "{call}: {error}");
            assert_eq!(store.num_open(), 0, "{call}");
            finish().unwrap();
            assert!(store.files() == expected, "{call}");
        }
    }
}
