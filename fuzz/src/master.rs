//! Any bytes as one file with the alignments of many recordings: a master label file, a CTM, a table.

use std::fs;
use std::path::Path;

use ossicle_corpus::{CorpusSource, DiscoverOptions, Of, Pattern, Selection, discover};

/// Three recordings; the last is there wherever the fuzzer and the tests run.
const LIST: &[u8] = b"a.wav\nmary/voicea-0001.wav\nCargo.toml\n";

/// Looks for the alignments of three recordings in the bytes, and reads those that are found.
pub fn check(bytes: &[u8], folder: &Path) {
    for name in ["all.mlf", "all.ctm", "all.csv"] {
        let path = folder.join(name);
        fs::write(&path, bytes).expect("the folder for temporary files can be written to");
        let selection = Selection { alignments: Some(path), ..Selection::default() };
        let tiers = vec![Pattern::new("*")];
        let options = DiscoverOptions { selection, tiers, ..DiscoverOptions::default() };
        let corpus = match discover(&CorpusSource::Listed(LIST.to_vec()), &options) {
            Ok(corpus) => corpus,
            Err(error) => {
                let is_odd = |c: char| c.is_control() && c != '\n';
                assert!(!error.to_string().contains(is_odd), "{error:?}");
                continue;
            }
        };
        for split in &corpus.splits {
            assert_eq!(split.utterances.len(), 3, "a recording is lost, or there twice");
            let sources = split.utterances.iter().filter_map(|it| it.alignment.as_ref());
            for part in sources.flat_map(|source| source.parts()) {
                let Ok(found) = part.read(&split.root, Of::default()) else { continue };
                let marks = found.tiers.iter().flat_map(|tier| &tier.marks);
                assert!(marks.clone().all(|mark| mark.start <= mark.end));
                assert!(marks.count() <= bytes.len());
            }
        }
    }
}
