//! Any bytes as a splits file.

use std::fs;
use std::path::Path;

use ossicle_corpus::{CorpusSource, DiscoverOptions, Selection, discover};

/// Three recordings; the last is there wherever the fuzzer and the tests run.
const LIST: &[u8] = b"mary/hello.wav\njohn/a b.wav\nCargo.toml\n";

/// Splits a list of three recordings as the bytes say.
pub fn check(bytes: &[u8], folder: &Path) {
    let path = folder.join("splits");
    fs::write(&path, bytes).expect("the folder for temporary files can be written to");
    let selection = Selection { splits_file: Some(path), ..Selection::default() };
    let options = DiscoverOptions { selection, ..DiscoverOptions::default() };
    let corpus = match discover(&CorpusSource::Listed(LIST.to_vec()), &options) {
        Ok(corpus) => corpus,
        Err(error) => {
            assert!(!error.to_string().contains(|c: char| c.is_control()), "{error:?}");
            return;
        }
    };
    let stored: usize = corpus.splits.iter().map(|split| split.utterances.len()).sum();
    assert_eq!(stored as u64 + corpus.left_out, 3, "a recording is lost, or there twice");
    for split in &corpus.splits {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        assert!(!split.name.is_empty() && split.name.chars().all(is_plain), "{:?}", split.name);
    }
}
