//! Splits that are made of speakers, by shares.

use std::{collections::BTreeSet, str::FromStr};

use ossicle_files::{counted, have};

use super::error::SelectionError;
use crate::{
    error::Error,
    found::{Found, Place},
    names::is_split_name,
};

/// The splits that are made, with the share of speakers that each gets.
///
/// A speaker's split depends on its name alone: BLAKE3 of the name is a number between 0 and 1, and the shares
/// laid end to end say whose it is. So a corpus that grows keeps its splits, two corpora with the same speakers
/// have them in the same splits, and the shares are met about.
///
/// ```
/// use ossicle_corpus::SplitShares;
///
/// let shares: SplitShares = "train=0.8,valid=0.1,test=0.1".parse()?;
/// assert_eq!(shares.split_of("mary"), shares.split_of("mary"));
/// assert!("train=0.8,valid=0.1".parse::<SplitShares>().is_err());
/// # Ok::<(), ossicle_corpus::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SplitShares {
    /// The name of each split, and the number at which it ends.
    splits: Vec<(String, f64)>,
}

impl Eq for SplitShares {}

impl FromStr for SplitShares {
    type Err = Error;

    fn from_str(words: &str) -> Result<SplitShares, Error> {
        /// What decimal fractions miss a whole by.
        const NEARLY: f64 = 1e-6;
        let mut splits: Vec<(String, f64)> = Vec::new();
        let mut sum = 0.0;
        for word in words.split(',') {
            let halves = word.split_once('=').map(|(name, share)| (name.trim(), share.trim()));
            let share = halves.and_then(|(name, share)| Some((name, share.parse::<f64>().ok()?)));
            let Some((name, share)) = share.filter(|(_, share)| *share > 0.0 && *share <= 1.0)
            else {
                return Err(SelectionError::NotAShare { word: word.to_owned() }.into());
            };
            if !is_split_name(name) {
                return Err(Error::SplitName { name: name.to_owned() });
            }
            if splits.iter().any(|(known, _)| known == name) {
                return Err(Error::SplitTwice { name: name.to_owned() });
            }
            sum += share;
            splits.push((name.to_owned(), sum));
        }
        if (sum - 1.0).abs() > NEARLY {
            return Err(SelectionError::SharesOfNoWhole { sum }.into());
        }
        Ok(SplitShares { splits })
    }
}

impl SplitShares {
    /// The number of the split that a speaker is in, from 0.
    pub fn split_of(&self, speaker: &str) -> usize {
        let hash = blake3::hash(speaker.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        // 2⁻⁶⁴: the number is below 1, or 1 by rounding.
        let number = u64::from_le_bytes(first) as f64 / 18_446_744_073_709_551_616.0;
        let split = self.splits.iter().position(|(_, end)| number < *end);
        split.unwrap_or(self.splits.len() - 1)
    }
}

/// Puts every utterance into the split of its speaker, or of its id where it has none.
pub(crate) fn split_by_shares(mut found: Found, shares: &SplitShares) -> Found {
    let own = std::mem::take(&mut found.splits);
    if own.len() > 1 {
        found.notices.push(format!("the corpus' own splits ({}) are replaced", own.join(", ")));
    }
    let mut lacking = 0;
    let mut names: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); shares.splits.len()];
    for (place, utterance) in found.places.iter_mut().zip(&found.utterances) {
        lacking += usize::from(utterance.speaker.is_none());
        let name = utterance.speaker.as_deref().unwrap_or(&utterance.id);
        let split = shares.split_of(name);
        names[split].insert(name);
        *place = Place { split: Some(split as u32), ..*place };
    }
    let all = found.utterances.len();
    if lacking == all {
        found.notices.push(
            "no utterance has a speaker, so that each is split by its id, and a speaker may be in \
             several splits"
                .into(),
        );
    } else if lacking > 0 {
        found.notices.push(format!(
            "{lacking} of {} {} no speaker: what has none is split by its id",
            counted(all as u64, "utterance"),
            have(lacking as u64)
        ));
    }
    let count: usize = names.iter().map(BTreeSet::len).sum();
    for ((name, _), _) in shares.splits.iter().zip(&names).filter(|(_, names)| names.is_empty()) {
        found.notices.push(format!(
            "the split `{name}` is empty: none of the {count} speakers or utterances falls into it"
        ));
    }
    found.splits = shares.splits.iter().map(|(name, _)| name.clone()).collect();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_met_about_and_a_speaker_stays_where_it_is() {
        let shares: SplitShares = "train=0.8, valid=0.1,test=0.1".parse().unwrap();
        let mut counts = [0; 3];
        for speaker in 0..10_000 {
            counts[shares.split_of(&format!("speaker {speaker}"))] += 1;
        }
        // Three standard deviations of 10,000 draws.
        for (count, expected) in counts.into_iter().zip([8000.0, 1000.0, 1000.0_f64]) {
            let deviation = (expected * (1.0 - expected / 10_000.0)).sqrt();
            assert!((f64::from(count) - expected).abs() < 3.0 * deviation, "{counts:?}");
        }
        // BLAKE3 of the empty name begins with af 13 49 b9 f5 f9 a1 a6 (its test vectors): 0.651.
        let halves: SplitShares = "a=0.65,b=0.002,c=0.348".parse().unwrap();
        assert_eq!(halves.split_of(""), 1);
    }

    #[test]
    fn shares_that_are_none_are_refused() {
        for (words, part) in [
            ("train", "`train`"),
            ("train=x", "`train=x`"),
            ("a=0.5,b=-0.5,c=1", "`b=-0.5`"),
            ("a=0.5,b=0.6", "1.1"),
            ("a=0.5,a=0.5", "twice"),
            ("a b=1", "`a b`"),
            ("a=nan", "`a=nan`"),
        ] {
            let error = words.parse::<SplitShares>().unwrap_err().to_string();
            assert!(error.contains(part), "{words}: {error}");
        }
    }
}
