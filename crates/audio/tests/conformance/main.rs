//! Every container, encoding and number of channels passes the same suite.
//!
//! - `writer` makes files of known samples, from the formats' specifications alone
//! - `reading` reads them back, `medias` from wherever bytes can be
//! - `coded` reads what a decoder gives
//! - `faults` has a file, or a call, for every error
//! - `hostile` feeds bytes that nobody would write

mod coded;
mod faults;
mod hostile;
mod medias;
mod reading;
mod writer;

use std::path::PathBuf;

/// A folder of its own for one test, removed at its end.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// Writes a file. Its name says WAVE, whatever it holds: nothing may depend on it.
    fn file(&self, content: &[u8]) -> PathBuf {
        let path = self.0.path().join("recording.WAV");
        std::fs::write(&path, content).expect("a temporary file");
        path
    }
}
