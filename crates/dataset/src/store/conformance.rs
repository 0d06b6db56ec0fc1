//! The suite that every store passes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use ossicle_remote::{Client, Location};

use super::{
    Draft, LocalStore, MemoryStore, ObjectStore, Put, Spool, Store, read_whole, remove_drafts,
    write_whole,
};
use crate::error::Error;

/// A store under test.
struct Made {
    store: Box<dyn Store>,
    /// Whether a draft is a file that a list has.
    lists_drafts: bool,
    /// Returns the number of its files that are open in this process; `None` where that cannot be told.
    open: Box<dyn Fn() -> Option<usize>>,
    _folder: Option<tempfile::TempDir>,
}

fn local() -> Made {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let store = Box::new(LocalStore::new(&root));
    let open = Box::new(move || {
        // Tests run beside one another: only what is in this folder counts.
        let open = std::fs::read_dir("/proc/self/fd").ok()?.flatten();
        let paths = open.filter_map(|file| std::fs::read_link(file.path()).ok());
        Some(paths.filter(|path| path.starts_with(&root)).count())
    });
    Made { store, lists_drafts: true, open, _folder: Some(folder) }
}

fn memory() -> Made {
    let store = MemoryStore::default();
    let counted = store.clone();
    let open = Box::new(move || Some(counted.num_open()));
    Made { store: Box::new(store), lists_drafts: true, open, _folder: None }
}

fn objects() -> Made {
    let root = Location::parse("s3://speech/out").unwrap();
    let store = Box::new(ObjectStore::new(Client::in_memory(), root));
    Made { store, lists_drafts: false, open: Box::new(|| None), _folder: None }
}

/// Makes a module of tests, each of which gets a new store.
macro_rules! suite {
    ($($name:ident)*) => {
        mod a_local_store { $(#[test] fn $name() { super::$name(&super::local()); })* }
        mod a_memory_store { $(#[test] fn $name() { super::$name(&super::memory()); })* }
        mod an_object_store { $(#[test] fn $name() { super::$name(&super::objects()); })* }
    };
}

suite! {
    what_was_put_is_read_back
    reading_past_the_end_is_an_error
    what_is_not_there_is_said_to_be_not_there
    stat_tells_the_size_and_when_a_file_was_changed
    a_list_has_the_files_of_one_folder_in_bytewise_order
    what_is_cut_leaves_no_trace
    a_draft_has_a_name_of_its_own_until_it_is_put
    a_draft_that_is_dropped_leaves_nothing
    a_draft_replaces_a_file_only_on_its_condition
    a_draft_travels_as_text_and_can_be_removed
    drafts_are_removed_by_what_their_names_begin_with
    regions_are_written_in_any_order_by_many_threads
    removing_twice_is_fine
    names_may_have_many_folders
    no_file_stays_open
}

fn put(store: &dyn Store, name: &str, bytes: &[u8]) {
    write_whole(store, name, bytes, false).unwrap();
}

fn spooled(store: &dyn Store, name: &str, bytes: &[u8]) -> Draft {
    let mut spool: Box<dyn Spool> = store.spool(name).unwrap();
    spool.append(bytes).unwrap();
    spool.finish(false).unwrap()
}

/// Bytes that differ from place to place.
fn counting(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i ^ (i >> 8)) as u8).collect()
}

fn what_was_put_is_read_back(made: &Made) {
    let store = &*made.store;
    // None, one, and more than is held back to be written together.
    for (length, sync) in [(0, false), (1, true), (100_000, false)] {
        let bytes = counting(length);
        write_whole(store, "a", &bytes, sync).unwrap();
        assert_eq!(read_whole(store, "a").unwrap(), bytes);
    }
    let file = store.read("a").unwrap();
    assert_eq!(file.bytes(), 100_000);
    let mut some = [0; 300];
    file.read_exact_at(&mut some, 99_700).unwrap();
    assert_eq!(some, counting(100_000)[99_700..]);
    file.read_exact_at(&mut some[..10], 256).unwrap();
    assert_eq!(some[..10], counting(300)[256..266]);
}

fn reading_past_the_end_is_an_error(made: &Made) {
    put(&*made.store, "a", &[7; 10]);
    let file = made.store.read("a").unwrap();
    for (length, offset) in [(11, 0), (2, 9), (1, 10), (1, 1 << 40)] {
        let error = file.read_exact_at(&mut vec![0; length], offset).unwrap_err();
        let Error::Io { source, .. } = error else { panic!("{error}") };
        assert_eq!(source.kind(), std::io::ErrorKind::UnexpectedEof, "{length} at {offset}");
    }
    file.read_exact_at(&mut [], 10).unwrap();
}

fn what_is_not_there_is_said_to_be_not_there(made: &Made) {
    let store = &*made.store;
    for name in ["a", "a/b"] {
        assert_eq!(store.stat(name).unwrap(), None);
        assert!(store.read(name).unwrap_err().is_not_found());
        assert!(store.region_writer(name).unwrap_err().is_not_found());
        assert_eq!(store.list(name).unwrap(), [""; 0]);
        let gone = Draft::of("b.draft");
        assert!(store.put(gone, name, Put::Always).unwrap_err().is_not_found());
    }
    // Nor is there a file below a file.
    put(store, "c", b"");
    assert_eq!(store.stat("c/d").unwrap(), None);
    assert_eq!(store.list("c").unwrap(), [""; 0]);
}

fn stat_tells_the_size_and_when_a_file_was_changed(made: &Made) {
    let store = &*made.store;
    put(store, "a/b", b"12345");
    let first = store.stat("a/b").unwrap().unwrap();
    assert_eq!(first.bytes, 5);
    assert_eq!(store.stat("a/b").unwrap().unwrap(), first);
    put(store, "a/b", b"12346");
    let second = store.stat("a/b").unwrap().unwrap();
    assert_eq!(second.bytes, 5);
    assert_ne!(second.tag, first.tag);
}

fn a_list_has_the_files_of_one_folder_in_bytewise_order(made: &Made) {
    let store = &*made.store;
    for name in ["b", "a/b", "a/B", "a/10", "a/9", "a/c/d", "ab/x", "a/é"] {
        put(store, name, b"");
    }
    assert_eq!(store.list("a").unwrap(), ["a/10", "a/9", "a/B", "a/b", "a/é"]);
    assert_eq!(store.list("a/c").unwrap(), ["a/c/d"]);
    assert_eq!(store.list("").unwrap(), ["b"]);
}

fn what_is_cut_leaves_no_trace(made: &Made) {
    let store = &*made.store;
    let mut spool = store.spool("a").unwrap();
    spool.append(&[1; 10_000]).unwrap();
    spool.append(&[2; 9_000]).unwrap();
    spool.cut(10_001).unwrap();
    spool.append(&[3; 9]).unwrap();
    spool.cut(10_000).unwrap();
    spool.append(&[4; 100]).unwrap();
    let draft = spool.finish(true).unwrap();
    store.put(draft, "a", Put::Always).unwrap();
    assert_eq!(read_whole(store, "a").unwrap(), [&[1; 10_000][..], &[4; 100]].concat());
}

fn a_draft_has_a_name_of_its_own_until_it_is_put(made: &Made) {
    let store = &*made.store;
    let drafts = [b"1", b"2"].map(|bytes| spooled(store, "parts/a.part", bytes));
    assert_eq!(store.stat("parts/a.part").unwrap(), None);
    let mut names: Vec<_> = drafts.iter().map(|draft| draft.name.clone()).collect();
    names.sort();
    assert_ne!(names[0], names[1]);
    if made.lists_drafts {
        assert_eq!(store.list("parts").unwrap(), names);
    }
    assert!(names.iter().all(|name| name.starts_with("parts/a.") && name.ends_with(".draft")));
    for draft in drafts {
        store.put(draft, "parts/a.part", Put::Always).unwrap();
    }
    assert_eq!(store.list("parts").unwrap(), ["parts/a.part"]);
    assert_eq!(read_whole(store, "parts/a.part").unwrap(), b"2");
}

fn drafts_are_removed_by_what_their_names_begin_with(made: &Made) {
    let store = &*made.store;
    write_whole(store, "parts/a.part", b"1", false).unwrap();
    let gone = spooled(store, "parts/a.part", b"2").name;
    let kept = [spooled(store, "parts/b.part", b"3"), spooled(store, "parts/c/a.part", b"4")];
    let of_root = spooled(store, "a.part", b"5").name;
    let [beside, below] = kept.map(|draft| draft.name);
    remove_drafts(store, "parts/a.").unwrap();
    assert_eq!(store.stat(&gone).unwrap(), None);
    if made.lists_drafts {
        assert_eq!(store.list("parts").unwrap(), ["parts/a.part", &beside]);
        assert_eq!(store.list("parts/c").unwrap(), [&*below]);
        assert_eq!(store.list("").unwrap(), [&*of_root]);
    }
    remove_drafts(store, "parts/").unwrap();
    assert_eq!(store.list("parts").unwrap(), ["parts/a.part"]);
    remove_drafts(store, "parts/c/").unwrap();
    assert_eq!(store.list("parts/c").unwrap(), [""; 0]);
    remove_drafts(store, "").unwrap();
    assert_eq!(store.list("").unwrap(), [""; 0]);
    remove_drafts(store, "nowhere/").unwrap();
}

fn a_draft_that_is_dropped_leaves_nothing(made: &Made) {
    let mut spool = made.store.spool("a/b").unwrap();
    spool.append(&[0; 20_000]).unwrap();
    assert_eq!(made.store.list("a").unwrap().len(), usize::from(made.lists_drafts));
    drop(spool);
    assert_eq!(made.store.list("a").unwrap(), [""; 0]);
}

fn a_draft_replaces_a_file_only_on_its_condition(made: &Made) {
    let store = &*made.store;
    let give = |bytes: &[u8], how| store.put(spooled(store, "a", bytes), "a", how);
    give(b"1", Put::IfAbsent).unwrap();
    assert!(matches!(give(b"2", Put::IfAbsent), Err(Error::Present { .. })));
    assert_eq!(read_whole(store, "a").unwrap(), b"1");
    let seen = store.stat("a").unwrap().unwrap();
    give(b"3", Put::IfUnchanged(seen.clone())).unwrap();
    assert!(matches!(give(b"4", Put::IfUnchanged(seen)), Err(Error::Changed { .. })));
    assert_eq!(read_whole(store, "a").unwrap(), b"3");
    let seen = store.stat("a").unwrap().unwrap();
    store.remove("a").unwrap();
    assert!(matches!(give(b"5", Put::IfUnchanged(seen)), Err(Error::Changed { .. })));
    // Drafts that were refused are no more.
    assert_eq!(store.list("").unwrap(), [""; 0]);
    give(b"6", Put::Always).unwrap();
    assert_eq!(read_whole(store, "a").unwrap(), b"6");
    // A folder that is missing is made.
    for (name, how) in [("b/c", Put::IfAbsent), ("d/e", Put::Always)] {
        store.put(spooled(store, "a", b"7"), name, how).unwrap();
        assert_eq!(read_whole(store, name).unwrap(), b"7");
    }
}

fn a_draft_travels_as_text_and_can_be_removed(made: &Made) {
    let store = &*made.store;
    let draft = spooled(store, "a/b", b"1");
    let text = serde_json::to_string(&draft).unwrap();
    let travelled: Draft = serde_json::from_str(&text).unwrap();
    assert_eq!(travelled, draft);
    store.remove(&travelled.name).unwrap();
    assert_eq!(store.list("a").unwrap(), [""; 0]);
}

fn regions_are_written_in_any_order_by_many_threads(made: &Made) {
    let store = &*made.store;
    let region = store.region_bytes();
    let bytes = counting(5 * region + 1000);
    put(store, "a/b", &[9; 10]);
    store.regions("a/b", bytes.len() as u64).unwrap();
    let regions: Vec<_> = bytes.chunks(region).enumerate().rev().collect();
    let left = AtomicU64::new(regions.len() as u64);
    thread::scope(|scope| {
        for of_thread in regions.chunks(2) {
            let left = &left;
            scope.spawn(move || {
                let mut writer = Some(store.region_writer("a/b").unwrap());
                for (number, bytes) in of_thread {
                    writer.as_ref().unwrap().write_at(bytes, (number * region) as u64).unwrap();
                    if left.fetch_sub(1, Ordering::AcqRel) == 1 {
                        writer.take().unwrap().commit().unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(store.stat("a/b").unwrap().unwrap().bytes, bytes.len() as u64);
    assert!(read_whole(store, "a/b").unwrap() == bytes);
    store.regions("empty", 0).unwrap();
    store.region_writer("empty").unwrap().commit().unwrap();
    assert_eq!(read_whole(store, "empty").unwrap(), b"");
}

fn removing_twice_is_fine(made: &Made) {
    put(&*made.store, "a/b", b"1");
    for _ in 0..2 {
        made.store.remove("a/b").unwrap();
        assert_eq!(made.store.stat("a/b").unwrap(), None);
    }
    made.store.remove("never/was").unwrap();
}

fn names_may_have_many_folders(made: &Made) {
    let store = &*made.store;
    put(store, "a/b/c d/é/f.bin", b"1");
    assert_eq!(read_whole(store, "a/b/c d/é/f.bin").unwrap(), b"1");
    store.regions("a/b/x/y/z.bin", 1).unwrap();
    store.region_writer("a/b/x/y/z.bin").unwrap().write_at(b"2", 0).unwrap();
    assert_eq!(read_whole(store, "a/b/x/y/z.bin").unwrap(), b"2");
    assert_eq!(store.list("a/b").unwrap(), [""; 0]);
}

fn no_file_stays_open(made: &Made) {
    let (store, open) = (&*made.store, || (made.open)().unwrap_or(0));
    let known = (made.open)().is_some();
    put(store, "a", b"1");
    let reader = store.read("a").unwrap();
    let spool = store.spool("b").unwrap();
    store.regions("c", 1).unwrap();
    let writer = store.region_writer("c").unwrap();
    assert_eq!(open(), if known { 3 } else { 0 });
    drop(reader);
    let draft = spool.finish(true).unwrap();
    writer.write_at(b"2", 0).unwrap();
    writer.commit().unwrap();
    drop(store.region_writer("c").unwrap());
    drop(store.spool("b").unwrap());
    store.put(draft, "b", Put::IfAbsent).unwrap();
    assert_eq!(store.list("").unwrap(), ["a", "b", "c"]);
    assert_eq!(open(), 0);
}
