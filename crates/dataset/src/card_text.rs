//! The text of a card: sealed by its own hash, and believed only if a dataset can have it.

use std::collections::HashSet;

use crate::card::{Card, FORMAT, FORMAT_OF_GRIDS};
use crate::format::names::{
    CARD_FILE, FAILURES_FILE, RUN_FILE, SOURCES_FILE, WORK_DIR, is_folder, is_split_file,
};
use crate::possible;

impl Card {
    /// The text of `dataset.json`: indented JSON whose last key, `card_blake3`, is the BLAKE3 of all
    /// bytes before the line it stands on.
    pub fn to_text(&self) -> String {
        let Ok(text) = serde_json::to_string_pretty(self) else {
            unreachable!("a card has only string keys and finite numbers")
        };
        let body = text.strip_suffix("\n}").unwrap_or(&text);
        let body = format!("{body},\n");
        let hash = blake3::hash(body.as_bytes()).to_hex();
        format!("{body}{SEAL}{hash}\"\n}}\n")
    }

    /// Reads the text of a `dataset.json`.
    ///
    /// # Errors
    /// In words, if its hash is wrong, its format is another, or it names a file that a dataset does
    /// not have.
    pub fn from_text(text: &str) -> Result<Card, String> {
        let Some(at) = text.rfind(SEAL) else {
            return Err("it has no card_blake3 at its end".to_owned());
        };
        let seal = text[at + SEAL.len()..].strip_suffix("\"\n}\n");
        let hash = blake3::hash(&text.as_bytes()[..at]).to_hex();
        if seal != Some(hash.as_str()) {
            return Err("its bytes do not match its card_blake3".to_owned());
        }
        let card: Card = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let formats = [FORMAT, FORMAT_OF_GRIDS];
        if !formats.contains(&&*card.format) {
            let (found, [one, two]) = (&card.format, formats);
            return Err(format!("its format is {found:?}; this program reads {one:?} and {two:?}"));
        }
        let has_own = card.arrays.values().any(|array| array.frame.is_some());
        if has_own && card.format == FORMAT {
            return Err(format!("its format is {FORMAT:?}, which has one grid of frames"));
        }
        if let Some(folder) = &card.folder
            && (card.format == FORMAT || !is_folder(folder))
        {
            return Err(format!("its format is {:?}, which has no folder {folder:?}", card.format));
        }
        let splits: HashSet<&str> = card.splits.iter().map(|split| split.name.as_str()).collect();
        let mut words = splits.iter().copied().chain(card.arrays.keys().map(String::as_str));
        if let Some(word) = words.find(|word| !is_word(word)) {
            return Err(format!("it names {word:?}, which cannot be a split or an array"));
        }
        let is_named_by_format = |path: &str| match path.split_once('/') {
            Some((split, file)) => splits.contains(split) && is_split_file(file),
            None => path == FAILURES_FILE,
        };
        if let Some(file) = card.files.iter().find(|file| !is_named_by_format(&file.path)) {
            return Err(format!("it names {:?}, which is not a file of a dataset", file.path));
        }
        possible::check(&card)?;
        Ok(card)
    }
}

const SEAL: &str = "  \"card_blake3\": \"";

/// Returns whether a split or an array may have this name: a plain word, which nothing else in the folder
/// of a dataset has.
fn is_word(name: &str) -> bool {
    let others = [WORK_DIR, CARD_FILE, FAILURES_FILE, RUN_FILE, SOURCES_FILE, "", ".", ".."];
    !others.contains(&name) && !name.contains(['/', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::{empty_card, split};
    use crate::card::{Array, FileCard};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_card_comes_back_with_every_bit() {
        let card = empty_card();
        assert_eq!(Card::from_text(&card.to_text()), Ok(card));
    }

    #[test]
    fn a_card_that_names_what_a_dataset_does_not_have_is_refused() {
        let naming = |path: &str| {
            let mut card = empty_card();
            card.splits = vec![split("train")];
            card.files = vec![FileCard { path: path.into(), bytes: 0, blake3: "0".into() }];
            Card::from_text(&card.to_text())
        };
        for path in ["failures.jsonl", "train/index.npy", "train/features-00000.npy"] {
            assert!(naming(path).is_ok(), "{path:?}");
        }
        for path in [
            "../x",
            "/etc/passwd",
            "a/../../x",
            "",
            ".ossicle/lock",
            "a\0b",
            "dataset.json",
            "run.json",
            "notes/thesis.tex",
            "train/notes.txt",
            "train/more/index.npy",
            "train/../index.npy",
            "valid/index.npy",
            "/index.npy",
            "train//index.npy",
            "train/",
        ] {
            assert!(naming(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn a_card_whose_splits_or_arrays_are_no_words_is_refused() {
        for name in ["", ".", "..", "a/b", "/a", ".ossicle", "run.json", "dataset.json", "a\0b"] {
            let mut card = empty_card();
            card.splits = vec![split(name)];
            assert!(Card::from_text(&card.to_text()).is_err(), "{name:?}");
            let mut card = empty_card();
            card.arrays = BTreeMap::from([(name.to_owned(), Array::track(None))]);
            assert!(Card::from_text(&card.to_text()).is_err(), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_found(at in 0_usize..10_000, bit in 0_u32..8) {
            let mut bytes = empty_card().to_text().into_bytes();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            if let Ok(text) = String::from_utf8(bytes) {
                prop_assert!(Card::from_text(&text).is_err());
            }
        }
    }
}
