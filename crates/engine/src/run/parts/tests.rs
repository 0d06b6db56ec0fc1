//! Runs on memory, with an executor that fails on order.

use std::io;

use ossicle_dataset::{MemoryStore, read_whole, write_whole};

use super::*;
use crate::bounds::tolerance::Tolerance;
use crate::run::mock::{At, Faults, Mock, in_parts_of, one_feature, plan};

/// Six parts of one utterance each in two splits, of these sizes.
fn six_parts() -> Plan {
    let splits: [(&str, &[u64]); 2] = [("train", &[3, 9, 5, 9]), ("valid", &[1, 4])];
    in_parts_of(1, plan(one_feature(&[]), &splits))
}

/// The order in which the parts of [`six_parts`] are to be asked for.
const LARGEST_FIRST: [usize; 6] = [1, 3, 2, 5, 0, 4];

/// Three parts of two utterances each.
fn three_parts() -> Plan {
    in_parts_of(2, plan(one_feature(&[]), &[("train", &[7, 6, 5, 4, 3, 2])]))
}

fn on_order() -> Error {
    Error::WorkersDie { attempts: 77 }
}

fn is_on_order(result: Result<PartsRun, Error>) -> bool {
    matches!(result, Err(Error::WorkersDie { attempts: 77 }))
}

/// Returns what a run without any fault leaves.
fn whole(plan: &Plan) -> MemoryStore {
    let store = MemoryStore::default();
    run_parts(plan, &Mock::default().options(&store)).unwrap();
    store
}

/// The numbers of the parts in a store; nothing else may be there.
fn kept(store: &MemoryStore) -> Vec<usize> {
    let number = |name: &str| (0..100).find(|&number| part_name(number) == *name);
    store.files().iter().map(|(name, _)| number(name).expect(name)).collect()
}

#[test]
fn the_largest_part_is_asked_for_first() {
    let (plan, mock, store) = (six_parts(), Mock::default(), MemoryStore::default());
    run_parts(&plan, &mock.options(&store)).unwrap();
    assert_eq!(mock.asked(), LARGEST_FIRST);
}

#[test]
fn every_part_is_made_once_by_any_number_of_workers() {
    let plan = six_parts();
    let expected = whole(&plan).files();
    for workers in [1, 2, 8] {
        let (mock, store) = (Mock::default(), MemoryStore::default());
        let ran = run_parts(&plan, &PartsOptions { workers, ..mock.options(&store) }).unwrap();
        let mut asked = mock.asked();
        asked.sort();
        assert_eq!(asked, [0, 1, 2, 3, 4, 5]);
        assert_eq!(store.files(), expected);
        let names: Vec<_> = ran.parts.iter().map(|part| part.name().to_owned()).collect();
        assert_eq!(names, [0, 1, 2, 3, 4, 5].map(part_name));
        assert_eq!((ran.resumed, ran.missing), (0, 0));
    }
}

#[test]
fn whoever_watches_hears_of_every_utterance_once() {
    let bad = ["train002"].into();
    let mock = Mock::with(Faults { bad, ..Faults::default() });
    run_parts(&six_parts(), &mock.options(&MemoryStore::default())).unwrap();
    let expected = [
        "start 6 0 1",
        "stored 0 train001 9",
        "stored 1 train003 9",
        "failed train002 /nowhere/train002.wav",
        "stored 0 valid001 4",
        "stored 3 train000 3",
        "done train 4",
        "stored 1 valid000 1",
        "done valid 2",
    ];
    assert_eq!(mock.heard(), expected);
}

#[test]
fn an_error_ends_the_run_and_what_is_done_stays() {
    let plan = six_parts();
    for (at, number) in [(At::Ask(2), 2), (At::Part(3), 1)] {
        let faults = Faults { part: Some((at, on_order)), ..Faults::default() };
        let (mock, store) = (Mock::with(faults), MemoryStore::default());
        assert!(is_on_order(run_parts(&plan, &mock.options(&store))));
        assert_eq!(mock.asked(), LARGEST_FIRST[..number + 1]);
        let mut done = LARGEST_FIRST[..number].to_vec();
        done.sort();
        assert_eq!(kept(&store), done);

        let again = Mock::default();
        let ran = run_parts(&plan, &again.options(&store)).unwrap();
        assert_eq!((again.asked(), ran.resumed), (LARGEST_FIRST[number..].to_vec(), number));
        assert_eq!(again.heard()[0], format!("start 6 {number} 1"));
        assert_eq!(store.files(), whole(&plan).files());
    }
}

#[test]
fn a_fresh_run_believes_nothing_that_is_there() {
    let (plan, mock) = (six_parts(), Mock::default());
    let store = whole(&plan);
    let ran = run_parts(&plan, &PartsOptions { is_fresh: true, ..mock.options(&store) }).unwrap();
    assert_eq!((mock.asked(), ran.resumed), (LARGEST_FIRST.to_vec(), 0));
}

#[test]
fn what_is_missing_torn_stale_or_of_another_job_is_asked_for_again() {
    let mut plan = six_parts();
    let store = whole(&plan);
    let change = |number, change: &dyn Fn(&mut Vec<u8>)| {
        let name = part_name(number);
        let mut bytes = read_whole(&store, &name).unwrap();
        change(&mut bytes);
        write_whole(&store, &name, &bytes, false).unwrap();
    };
    store.remove(&part_name(0)).unwrap();
    change(1, &|bytes| bytes.truncate(bytes.len() - 1));
    change(2, &|bytes| bytes[3] ^= 1);
    let other_job = in_parts_of(
        1,
        self::plan(
            one_feature(&["feature.low_freq_hz=30"]),
            &[("train", &[3, 9, 5, 9]), ("valid", &[1, 4])],
        ),
    );
    let other = read_whole(&whole(&other_job), &part_name(3)).unwrap();
    change(3, &|bytes| bytes.clone_from(&other));
    plan.corpus.splits[1].utterances[0].modified_ns += 1;

    let again = Mock::default();
    let ran = run_parts(&plan, &again.options(&store)).unwrap();
    assert_eq!((again.asked(), ran.resumed), (vec![1, 3, 2, 0, 4], 1));
    assert_eq!(store.files(), whole(&plan).files());
}

#[test]
fn parts_with_failures_are_tried_again_where_that_is_asked() {
    let (plan, store) = (three_parts(), MemoryStore::default());
    let bad = Mock::with(Faults { bad: ["train003"].into(), ..Faults::default() });
    run_parts(&plan, &bad.options(&store)).unwrap();
    for (retry_failed, asked, failures) in [(false, vec![], 1), (true, vec![1], 0)] {
        let again = Mock::default();
        let ran =
            run_parts(&plan, &PartsOptions { retry_failed, ..again.options(&store) }).unwrap();
        assert_eq!(again.asked(), asked);
        assert_eq!(ran.parts[1].footer.failures, failures);
    }
    assert_eq!(store.files(), whole(&plan).files());
}

#[test]
fn too_many_failures_end_the_run_and_those_of_earlier_runs_count() {
    let plan = three_parts();
    let faults =
        || Faults { bad: ["train000", "train003", "train005"].into(), ..Faults::default() };
    let store = MemoryStore::default();
    let run = |faults: Faults, most: u64| {
        let mock = Mock::with(faults);
        let max_failures = Some(Tolerance::Count(most));
        let ran = run_parts(&plan, &PartsOptions { max_failures, ..mock.options(&store) });
        (ran.map(|_| ()), mock.asked())
    };
    let too_many = |result: Result<(), Error>| match result {
        Err(Error::TooManyFailures { failures, allowed, .. }) => (failures, allowed),
        other => panic!("{other:?}"),
    };
    let (ended, asked) = run(faults(), 1);
    assert_eq!((too_many(ended), asked), ((2, "1".to_owned()), vec![0, 1]));
    assert_eq!(kept(&store), [0]);
    let (ended, asked) = run(faults(), 2);
    assert_eq!((too_many(ended), asked), ((3, "2".to_owned()), vec![1, 2]));
    let (ended, asked) = run(faults(), 3);
    assert!(ended.is_ok());
    assert_eq!(asked, [2]);
}

#[test]
fn a_run_that_is_stopped_says_how_far_it_came() {
    let (plan, store) = (six_parts(), MemoryStore::default());
    let stop_at = |ask| Mock::with(Faults { stop: Some(At::Ask(ask)), ..Faults::default() });
    // The second run finds the parts of the first.
    for (ask, done) in [(2, 2), (3, 5)] {
        let mock = stop_at(ask);
        let stopped = run_parts(&plan, &mock.options(&store)).unwrap_err();
        let stopped = with_parts_kept(&plan, &store, stopped);
        let Error::Stopped { signal, parts_done, parts } = stopped else { panic!("{stopped}") };
        assert_eq!((signal, parts_done, parts), (15, done, 6));
        assert_eq!((mock.asked().len(), kept(&store).len()), (ask + 1, done));
    }
    run_parts(&plan, &Mock::default().options(&store)).unwrap();
    assert_eq!(store.files(), whole(&plan).files());
}

#[test]
fn a_run_that_is_asked_to_stop_while_it_looks_for_parts_asks_for_none() {
    let (plan, mock) = (six_parts(), Mock::default());
    mock.stop.flag().store(2, std::sync::atomic::Ordering::SeqCst);
    let store = whole(&plan);
    let stopped = run_parts(&plan, &mock.options(&store)).unwrap_err();
    let stopped = with_parts_kept(&plan, &store, stopped);
    let Error::Stopped { signal, parts_done, parts } = stopped else { panic!("{stopped}") };
    // All of the earlier run's are kept, though nobody has looked at them.
    assert_eq!((signal, parts_done, parts), (2, 6, 6));
    assert!(mock.asked().is_empty());
}

#[test]
fn workers_that_cannot_start_leave_the_parts_to_those_that_can() {
    let plan = six_parts();
    let run = |can| {
        let mock = Mock::with(Faults { starts: Some((can, 4)), ..Faults::default() });
        let store = MemoryStore::default();
        let ran = run_parts(&plan, &PartsOptions { workers: 4, ..mock.options(&store) });
        (ran, mock.asked().len(), store.files())
    };
    for can in [1, 2, 4] {
        let (ran, asked, files) = run(can);
        assert_eq!((ran.unwrap().missing, asked), (4 - can, 6));
        assert_eq!(files, whole(&plan).files());
    }
    let (ran, asked, files) = run(0);
    assert!(matches!(ran, Err(Error::Worker { .. })));
    assert_eq!((asked, files.len()), (0, 0));
}

#[test]
fn what_is_told_twice_is_counted_once() {
    let plan = in_parts_of(3, plan(one_feature(&[]), &[("train", &[7, 6, 5, 4, 3, 2])]));
    let bad = ["train001", "train002"].into();
    let mock = Mock::with(Faults { bad, dies_over: Some(0), ..Faults::default() });
    let store = MemoryStore::default();
    // The second failure is the one too many, if the first is counted twice.
    let max_failures = Some(Tolerance::Count(2));
    let ran = run_parts(&plan, &PartsOptions { max_failures, ..mock.options(&store) }).unwrap();
    let expected = [
        "start 6 0 1",
        "stored 0 train000 7",
        "failed train001 /nowhere/train001.wav",
        "died on order",
        "failed train002 /nowhere/train002.wav",
        "stored 3 train003 4",
        "stored 4 train004 3",
        "stored 5 train005 2",
        "done train 6",
    ];
    assert_eq!(mock.heard(), expected);
    assert_eq!(ran.parts[0].footer.failures, 2);
    assert_eq!(kept(&store), [0, 1]);
}

/// Makes every call of a run fail, one after the other, and runs again on what that leaves.
///
/// - `begun`: what is there before
fn every_fault(plan: &Plan, begun: impl Fn() -> MemoryStore) {
    let expected = whole(plan).files();
    let fault_free = begun();
    let before = fault_free.calls();
    run_parts(plan, &Mock::default().options(&fault_free)).unwrap();
    let calls = fault_free.calls() - before;
    assert!(calls > 20, "{calls}");
    for call in 0..calls {
        let store = begun();
        // The disk is full.
        store.fail_at(call, io::Error::from_raw_os_error(28));
        match run_parts(plan, &Mock::default().options(&store)) {
            Ok(_) => assert!(store.files() == expected, "{call}"),
            Err(error) => {
                let number = crate::error::os_error_underneath(&error);
                assert_eq!(number, Some(28), "{call}: {error}");
            }
        }
        assert_eq!(store.num_open(), 0, "{call}");
        // Neither a draft nor a part that is not whole.
        let good = |file| expected.contains(file);
        assert!(store.files().iter().all(good), "{call}");
        run_parts(plan, &Mock::default().options(&store)).unwrap();
        assert!(store.files() == expected, "{call}");
    }
}

#[test]
fn a_store_that_fails_at_any_call_costs_at_most_a_second_run() {
    every_fault(&three_parts(), MemoryStore::default);
}

#[test]
fn a_run_that_goes_on_bears_a_fault_of_the_store_at_any_call() {
    let plan = three_parts();
    every_fault(&plan, || {
        let store = whole(&plan);
        store.remove(&part_name(1)).unwrap();
        store
    });
}

#[test]
fn nothing_to_normalise_by_ends_the_run_before_the_other_splits_are_computed() {
    let corpus = [("train", &[9, 8][..]), ("valid", &[3, 2])];
    let plan = in_parts_of(1, plan(one_feature(&["normalize.stats_from=train"]), &corpus));
    let store = MemoryStore::default();
    let run = |bad: &[&'static str]| {
        let mock = Mock::with(Faults { bad: bad.iter().copied().collect(), ..Faults::default() });
        (run_parts(&plan, &mock.options(&store)).map(|_| ()), mock.asked().len())
    };
    // What an earlier run has left tells as well.
    for asked in [2, 0] {
        let (ended, num_asked) = run(&["train000", "train001"]);
        let is_told =
            matches!(&ended, Err(Error::NoFrames { from, utterances: 2, .. }) if from == "train");
        assert!(is_told, "{ended:?}");
        assert_eq!(num_asked, asked);
    }
    let store = MemoryStore::default();
    let mock = Mock::with(Faults { bad: ["train000"].into(), ..Faults::default() });
    run_parts(&plan, &mock.options(&store)).unwrap();
    assert_eq!(mock.asked().len(), 4);
}
