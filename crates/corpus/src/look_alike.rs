//! Names that are different and look alike: composed and decomposed characters.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use ossicle_files::printable;
use unicode_normalization::UnicodeNormalization;

use crate::{corpus::Corpus, utterance::Utterance};

/// Names of which each is another in the same characters: `é` may be one, or an `e` and an accent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookAlikes {
    /// The number of names.
    pub count: u64,
    /// The first of them.
    pub first: String,
    /// The one that it looks like.
    pub other: String,
}

/// Finds utterances whose ids, or else whose recordings' paths, differ and are the same after Unicode's
/// canonical composition (NFC). Some file systems decompose names, and archives carry them elsewhere.
pub fn look_alikes(corpus: &Corpus) -> Option<LookAlikes> {
    among(corpus, |utterance| Cow::Borrowed(&*utterance.id))
        .or_else(|| among(corpus, |utterance| printable(&utterance.source).into()))
}

/// Finds the names that look alike among those that utterances have.
fn among<'a>(
    corpus: &'a Corpus,
    name_of: impl Fn(&'a Utterance) -> Cow<'a, str>,
) -> Option<LookAlikes> {
    let name = |(split, n): (usize, usize)| name_of(&corpus.splits[split].utterances[n]);
    // A number for each name, and no copy: there may be very many. Those in ASCII have one form.
    let mut forms: Vec<(u64, usize, usize)> = Vec::new();
    for (split, of) in corpus.splits.iter().enumerate() {
        for (n, utterance) in of.utterances.iter().enumerate() {
            let name = name_of(utterance);
            if !name.is_ascii() {
                forms.push((form(&name), split, n));
            }
        }
    }
    forms.sort_unstable();
    let mut count = 0;
    let mut first: Option<(String, String)> = None;
    for same in forms.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        let mut names: Vec<_> = same.iter().map(|&(_, split, n)| name((split, n))).collect();
        names.sort_unstable();
        names.dedup();
        // Two forms may have one number by chance.
        names.retain(|a| same.iter().any(|&(_, s, n)| looks_like(a, &name((s, n)))));
        if let [a, b, ..] = &names[..] {
            count += names.len() as u64;
            let is_first = first.as_ref().is_none_or(|(first, _)| **a < **first);
            if is_first {
                first = Some((a.to_string(), b.to_string()));
            }
        }
    }
    let (first, other) = first?;
    Some(LookAlikes { count, first, other })
}

fn looks_like(a: &str, b: &str) -> bool {
    a != b && a.nfc().eq(b.nfc())
}

/// A number that names have in common which look alike.
fn form(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.nfc().for_each(|c| c.hash(&mut hasher));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CorpusSource, DiscoverOptions, discover};
    use std::fs;

    #[test]
    fn names_that_differ_in_their_form_alone_look_alike() {
        let of = |names: &[&str]| {
            let folder = tempfile::tempdir().unwrap();
            for name in names {
                fs::write(folder.path().join(format!("{name}.wav")), b"RIFF").unwrap();
            }
            let source = CorpusSource::Path(folder.path().to_owned());
            look_alikes(&discover(&source, &DiscoverOptions::default()).unwrap())
        };
        assert_eq!(of(&["a", "b", "caf\u{e9}", "cafe", "Caf\u{e9}", "kaf\u{e9}"]), None);
        let alike = |count, first: &str, other: &str| {
            Some(LookAlikes { count, first: first.into(), other: other.into() })
        };
        let found = of(&["caf\u{e9}", "cafe\u{301}", "b"]);
        assert_eq!(found, alike(2, "cafe\u{301}", "caf\u{e9}"));
        // Three forms of one name, and two of another.
        let found = of(&["\u{1e69}", "s\u{323}\u{307}", "\u{1e63}\u{307}", "\u{e4}", "a\u{308}"]);
        assert_eq!(found, alike(5, "a\u{308}", "\u{e4}"));
    }
}
