//! What fuzzing once found in cards, arrays and rows stays mended.
#![expect(unreachable_pub, reason = "the checks are public for the fuzzer")]

#[path = "../../../fuzz/src/card.rs"]
mod card;
#[path = "../../../fuzz/fixtures.rs"]
mod fixtures;
#[path = "../../../fuzz/src/npy.rs"]
mod npy;
#[path = "../../../fuzz/src/rows.rs"]
mod rows;

use fixtures::fixtures;

#[test]
fn cards_that_broke_a_promise_no_longer_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in fixtures("card") {
        println!("{}", path.display());
        card::check(&bytes, folder.path());
    }
}

#[test]
fn arrays_that_broke_a_promise_no_longer_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in fixtures("npy") {
        println!("{}", path.display());
        npy::check(&bytes, folder.path());
    }
}

#[test]
fn rows_that_broke_a_promise_no_longer_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in fixtures("rows") {
        println!("{}", path.display());
        rows::check(&bytes, folder.path());
    }
}
