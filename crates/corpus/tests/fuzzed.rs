//! What fuzzing once found in alignments, label maps, descriptions, lists, Parquet and splits files stays mended.
#![expect(unreachable_pub, reason = "the checks are public for the fuzzer")]

#[path = "../../../fuzz/src/alignment.rs"]
mod alignment;
#[path = "../../../fuzz/src/description.rs"]
mod description;
#[path = "../../../fuzz/fixtures.rs"]
mod fixtures;
#[path = "../../../fuzz/src/label_map.rs"]
mod label_map;
#[path = "../../../fuzz/src/list.rs"]
mod list;
#[path = "../../../fuzz/src/master.rs"]
mod master;
#[cfg(feature = "arrow")]
#[path = "../../../fuzz/src/parquet.rs"]
mod parquet;
#[path = "../../../fuzz/src/splits.rs"]
mod splits;

use fixtures::fixtures;

#[test]
fn alignments_that_broke_a_promise_no_longer_do() {
    for (path, bytes) in fixtures("alignment") {
        println!("{}", path.display());
        alignment::check(&bytes);
    }
}

#[test]
fn label_maps_that_broke_a_promise_no_longer_do() {
    for (path, bytes) in fixtures("label_map") {
        println!("{}", path.display());
        label_map::check(&bytes);
    }
}

#[test]
fn lists_that_broke_a_promise_no_longer_do() {
    for (path, bytes) in fixtures("list") {
        println!("{}", path.display());
        list::check(&bytes);
    }
}

#[test]
#[cfg(feature = "arrow")]
fn parquet_files_that_broke_a_promise_no_longer_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in fixtures("parquet") {
        println!("{}", path.display());
        parquet::check(&bytes, folder.path());
    }
}

#[test]
fn descriptions_that_broke_a_promise_no_longer_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in fixtures("description") {
        println!("{}", path.display());
        description::check(&bytes, folder.path());
    }
}

#[test]
fn alignments_of_many_recordings_that_broke_a_promise_no_longer_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in fixtures("master") {
        println!("{}", path.display());
        master::check(&bytes, folder.path());
    }
}

#[test]
fn splits_files_that_broke_a_promise_no_longer_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in fixtures("splits") {
        println!("{}", path.display());
        splits::check(&bytes, folder.path());
    }
}
