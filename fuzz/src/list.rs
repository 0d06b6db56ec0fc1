//! Any bytes as a list of recordings.

use ossicle_corpus::{CorpusSource, DiscoverOptions, Error, Pattern, discover};

/// Reads the bytes as a list on standard input, with a file behind it that is always there.
pub fn check(bytes: &[u8]) {
    // Both the fuzzer and the tests run where there is one.
    let list = [bytes, b"\nCargo.toml\n"].concat();
    let options =
        DiscoverOptions { tiers: vec![Pattern::new("phones")], ..DiscoverOptions::default() };
    let corpus = match discover(&CorpusSource::Listed(list.clone()), &options) {
        Ok(corpus) => corpus,
        Err(Error::NoneExists { .. } | Error::ListEmpty { .. }) => panic!("it has a file"),
        Err(error) => {
            assert!(!error.to_string().contains(|c: char| c.is_control()), "{error:?}");
            return;
        }
    };
    let text = list.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&list);
    let is_path = |line: &&[u8]| !line.trim_ascii().is_empty() && !line.starts_with(b"#");
    let lines = text.split(|&byte| byte == b'\n').filter(is_path);
    let utterances = &corpus.splits[0].utterances;
    assert_eq!(utterances.len(), lines.count(), "a line is lost, or there twice");
    assert!(utterances.array_windows().all(|[a, b]| a.id < b.id), "ids are not in order");
    for utterance in utterances {
        assert!(!utterance.id.contains(|c: char| c.is_control()), "{:?}", utterance.id);
    }
}
