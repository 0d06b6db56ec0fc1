//! What fuzzing once found in recordings stays mended.
#![expect(unreachable_pub, reason = "the checks are public for the fuzzer")]

#[path = "../../../fuzz/src/audio.rs"]
mod audio;
#[path = "../../../fuzz/fixtures.rs"]
mod fixtures;
#[path = "../../../fuzz/src/raw_audio.rs"]
mod raw_audio;

use fixtures::fixtures;

#[test]
fn recordings_that_broke_a_promise_no_longer_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in fixtures("audio") {
        println!("{}", path.display());
        audio::check(&bytes, folder.path());
    }
}

#[test]
fn headerless_samples_that_broke_a_promise_no_longer_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, bytes) in fixtures("raw_audio") {
        println!("{}", path.display());
        raw_audio::check(&bytes, folder.path());
    }
}
