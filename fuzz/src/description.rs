//! Any bytes as a description of a corpus, whatever the file is called.

use std::fs;
use std::path::Path;

use ossicle_corpus::{Corpus, CorpusSource, DiscoverOptions, Error, Pattern, discover};

/// Names of files, one for each reader that a name leads to, and one that tells nothing.
const NAMES: [&str; 11] = [
    "a.csv",
    "a.tsv",
    "a.json",
    "a.jsonl",
    "a.scp",
    "wav.scp",
    "segments",
    "cuts.jsonl",
    "a.tar",
    "a.tar.gz",
    "a.txt",
];

/// Reads the bytes as each of them, beside a recording `a.wav` and a Kaldi list of it.
pub fn check(bytes: &[u8], folder: &Path) {
    for name in NAMES {
        // Each in a folder of its own, as some look at what lies beside them.
        let own = folder.join("description");
        fs::create_dir_all(&own).expect("the folder for temporary files can be written to");
        fs::write(own.join("a.wav"), b"RIFF").expect("a folder that was just made");
        if name == "segments" {
            fs::write(own.join("wav.scp"), b"a a.wav\n").expect("a folder that was just made");
        }
        let path = own.join(name);
        fs::write(&path, bytes).expect("a folder that was just made");
        let given = if name == "segments" { own.clone() } else { path };
        let options =
            DiscoverOptions { tiers: vec![Pattern::new("*")], ..DiscoverOptions::default() };
        looks_right(discover(&CorpusSource::Path(given), &options));
        fs::remove_dir_all(&own).expect("a folder that was just made");
    }
}

/// Whatever bytes come to is a corpus in order, or is said in words that can be shown.
pub fn looks_right(found: Result<Corpus, Error>) {
    let corpus = match found {
        Ok(corpus) => corpus,
        Err(error) => {
            let is_odd = |c: char| c.is_control() && c != '\n';
            assert!(!error.to_string().contains(is_odd), "{error:?}");
            return;
        }
    };
    for split in &corpus.splits {
        let utterances = &split.utterances;
        assert!(utterances.array_windows().all(|[a, b]| a.id < b.id), "ids are not in order");
        for utterance in utterances {
            assert!(!utterance.id.contains(|c: char| c.is_control()), "{:?}", utterance.id);
        }
    }
}
