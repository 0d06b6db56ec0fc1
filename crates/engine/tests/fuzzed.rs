//! What fuzzing finds in the files of parts stays mended.

#[path = "../../../fuzz/fixtures.rs"]
mod fixtures;
#[path = "../../../fuzz/src/part.rs"]
#[expect(unreachable_pub, reason = "the checks are public for the fuzzer")]
mod part;

#[test]
fn parts_that_broke_a_promise_no_longer_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in fixtures::fixtures("part") {
        println!("{}", path.display());
        part::check(&bytes, folder.path());
    }
}
