//! Which files beside recordings can have the tiers that labels are made of.

use std::ffi::OsStr;

use crate::{
    labels::{Pattern, tier_of_extension},
    recording::has_extension,
};

/// The extensions of files that may have any tiers; the first counts first.
const ANY_TIERS: [&str; 8] = ["textgrid", "eaf", "lab", "rec", "ctm", "csv", "tsv", "txt"];

/// Those of them that are more often something else: only what is in them tells.
const OFTEN_OTHERS: [&str; 3] = ["csv", "tsv", "txt"];

/// The tiers that are looked for, as far as they tell which files can have them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TiersSought {
    /// Some pattern matches the tier of `.PHN` files, or that of `.WRD` files.
    phones: bool,
    words: bool,
    /// Every pattern matches one of the tiers: of phones; of words; of both.
    by_phones: bool,
    by_words: bool,
    by_both: bool,
}

impl TiersSought {
    /// Looks for tiers of these names; for none where there is no pattern.
    pub(crate) fn new(patterns: &[Pattern]) -> TiersSought {
        let phones = |pattern: &Pattern| pattern.matches("phones");
        let words = |pattern: &Pattern| pattern.matches("words");
        TiersSought {
            phones: patterns.iter().any(phones),
            words: patterns.iter().any(words),
            by_phones: !patterns.is_empty() && patterns.iter().all(phones),
            by_words: !patterns.is_empty() && patterns.iter().all(words),
            by_both: patterns.iter().all(|pattern| phones(pattern) || words(pattern)),
        }
    }

    /// Returns whether no alignments are looked for.
    pub(crate) fn is_none(self) -> bool {
        self == TiersSought::new(&[])
    }

    /// Returns whether a file of this name may be an alignment with such tiers.
    pub(crate) fn may_be_in(self, name: &OsStr) -> bool {
        if self.is_none() || name.as_encoded_bytes().starts_with(b"._") {
            return false;
        }
        match tier_of_extension(name.as_ref()) {
            Some("phones") => self.phones,
            Some(_) => self.words,
            None => has_extension(name, &ANY_TIERS),
        }
    }

    /// The order in which files of these names count.
    pub(crate) fn rank(name: &OsStr) -> usize {
        match tier_of_extension(name.as_ref()) {
            Some(_) => 0,
            None => 1 + ANY_TIERS.iter().take_while(|known| !has_extension(name, &[known])).count(),
        }
    }

    /// Returns whether a file of this name is to be looked into before it is taken for an alignment.
    pub(crate) fn is_often_another(name: &OsStr) -> bool {
        has_extension(name, &OFTEN_OTHERS)
    }

    /// Returns whether files of these names have all that is looked for, so that no other has to be read.
    pub(crate) fn are_in<'a>(self, names: impl Iterator<Item = &'a OsStr> + Clone) -> bool {
        let has = |tier: &str| names.clone().any(|it| tier_of_extension(it.as_ref()) == Some(tier));
        match (has("phones"), has("words")) {
            (true, true) => self.by_both,
            (true, false) => self.by_phones,
            (false, true) => self.by_words,
            (false, false) => false,
        }
    }
}

/// Returns whether this is the name of an alignment, and of nothing else that lies beside recordings.
pub(crate) fn is_surely_an_alignment(name: &OsStr) -> bool {
    TiersSought::new(&[Pattern::new("*")]).may_be_in(name) && !TiersSought::is_often_another(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sought(patterns: &[&str]) -> TiersSought {
        TiersSought::new(&patterns.iter().map(|&it| Pattern::new(it)).collect::<Vec<_>>())
    }

    #[test]
    fn files_count_as_far_as_they_can_have_the_tiers() {
        let counts = |patterns: &[&str], name: &str| sought(patterns).may_be_in(name.as_ref());
        for name in ["a.PHN", "a.TextGrid", "a.eaf", "a.lab", "a.txt", "a.phones", "a.CTM"] {
            assert!(counts(&["phones"], name), "{name}");
            assert!(!counts(&[], name), "{name}");
        }
        assert!(!counts(&["phones"], "a.WRD") && counts(&["phones", "words"], "a.WRD"));
        assert!(!counts(&["* - phones"], "a.phn") && counts(&["* - phones"], "a.TextGrid"));
        assert!(!counts(&["*"], "._a.phn") && !counts(&["*"], "a.wav") && !counts(&["*"], "phn"));
        assert!(is_surely_an_alignment("a.wrd".as_ref()));
        assert!(!is_surely_an_alignment("a.txt".as_ref()));
    }

    #[test]
    fn a_file_of_the_one_tier_that_is_wanted_is_enough() {
        let enough = |patterns: &[&str], names: &[&str]| {
            sought(patterns).are_in(names.iter().map(|name| OsStr::new(*name)))
        };
        assert!(enough(&["phones"], &["a.PHN"]) && enough(&["p*"], &["a.phones"]));
        assert!(!enough(&["phones", "words"], &["a.PHN"]));
        assert!(enough(&["phones", "words"], &["a.PHN", "a.WRD"]));
        assert!(!enough(&["phones"], &["a.TextGrid"]) && !enough(&["x"], &["a.PHN", "a.WRD"]));
    }
}
