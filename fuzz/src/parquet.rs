//! Any bytes as a Parquet file with recordings.

use std::fs;
use std::path::Path;

use ossicle_corpus::{Archives, CorpusSource, DiscoverOptions, HeldBytes, discover};

/// Lists the bytes as a corpus, and reads what it has of each recording.
pub fn check(bytes: &[u8], folder: &Path) {
    let path = folder.join("a.parquet");
    fs::write(&path, bytes).expect("the folder for temporary files can be written to");
    let corpus = match discover(&CorpusSource::Path(path.clone()), &DiscoverOptions::default()) {
        Ok(corpus) => corpus,
        Err(error) => {
            let error = error.to_string();
            assert!(!error.contains(|c: char| c.is_control() && c != '\n'), "{error:?}");
            return;
        }
    };
    let utterances = &corpus.splits[0].utterances;
    assert!(utterances.len() <= 8 * bytes.len(), "more rows than bits");
    assert!(utterances.array_windows().all(|[a, b]| a.id < b.id), "ids are not in order");
    let archives = Archives::default();
    for utterance in utterances {
        let Some(held) = utterance.held() else { continue };
        match archives.open(&path, utterance, held, &|| false) {
            Ok(HeldBytes::Memory(recording)) => {
                // A page unpacks to a MiB, or to 200 times of what it takes.
                assert!(recording.len() <= (1 << 20) + 200 * bytes.len());
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                let error = error.to_string();
                assert!(!error.contains(|c: char| c.is_control()), "{error:?}");
            }
        }
    }
}
