//! Recordings that are in two splits, by which file they are.

use std::collections::BTreeMap;

use ossicle_files::{FileId, file_id};

use crate::{
    corpus::{Corpus, Split},
    utterance::Utterance,
};

/// The recordings that two splits share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The number of recordings.
    pub count: u64,
    /// The id of the first of them, in its first split.
    pub first: String,
    /// That split.
    pub split: String,
    /// Another split that it is in.
    pub other: String,
}

/// Finds recordings of which two splits have the same samples: the same file, by whatever path or link,
/// and stretches of it that overlap.
///
/// Looks only at files whose size and time are those of a file in another split, which links share with
/// what they lead to.
pub fn overlap(corpus: &Corpus) -> Option<Overlap> {
    if corpus.splits.len() < 2 {
        return None;
    }
    let mut looks: Vec<(u64, u64, usize, usize)> = Vec::new();
    for (split, of) in corpus.splits.iter().enumerate() {
        let known = of.utterances.iter().enumerate().filter(|(_, u)| u.is_there());
        looks.extend(known.map(|(n, u)| (u.size_bytes, u.modified_ns, split, n)));
    }
    looks.sort_unstable();
    let mut shared: Vec<(usize, usize, usize)> = Vec::new();
    for alike in looks.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let is_of_one_split = alike[0].2 == alike[alike.len() - 1].2;
        if is_of_one_split {
            continue;
        }
        let mut files: BTreeMap<FileId, Vec<(usize, usize)>> = BTreeMap::new();
        for &(_, _, split, n) in alike {
            let Split { root, utterances, .. } = &corpus.splits[split];
            if let Some(file) = file_id(&utterances[n].path(root)) {
                files.entry(file).or_default().push((split, n));
            }
        }
        shared.extend(files.values().filter_map(|uses| in_two_splits(corpus, uses)));
    }
    let &(split, n, other) = shared.iter().min()?;
    let name = |split: usize| corpus.splits[split].name.clone();
    Some(Overlap {
        count: shared.len() as u64,
        first: corpus.splits[split].utterances[n].id.to_string(),
        split: name(split),
        other: name(other),
    })
}

/// The first use of a recording whose samples another split uses too: its split, its number, and the
/// other split.
///
/// - `uses`: splits and utterances, in order
fn in_two_splits(corpus: &Corpus, uses: &[(usize, usize)]) -> Option<(usize, usize, usize)> {
    let utterance = |(split, n): (usize, usize)| &corpus.splits[split].utterances[n];
    uses.iter().enumerate().find_map(|(at, &first)| {
        let later = uses[at + 1..].iter().find(|&&later| {
            later.0 != first.0 && have_samples_in_common(utterance(first), utterance(later))
        });
        later.map(|later| (first.0, first.1, later.0))
    })
}

/// Returns whether two utterances of one recording share samples.
fn have_samples_in_common(a: &Utterance, b: &Utterance) -> bool {
    let other_channels = matches!((a.channel(), b.channel()), (Some(a), Some(b)) if a != b);
    let apart = match (a.span(), b.span()) {
        (Some(a), Some(b)) => a.is_apart_from(b),
        _ => false,
    };
    a.held() == b.held() && !other_channels && !apart
}
