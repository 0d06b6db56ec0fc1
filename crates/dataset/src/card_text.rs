//! The text of a card: sealed by its own hash, and believed only if a dataset can have it.

use std::path::{Component, Path};

use crate::card::{Card, FORMAT};
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
    /// In words, if its hash is wrong, its format is another, or it names a file outside the
    /// dataset.
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
        if card.format != FORMAT {
            return Err(format!("its format is {:?}; this program reads {FORMAT:?}", card.format));
        }
        let names = card.splits.iter().map(|split| &split.name).chain(card.arrays.keys());
        if let Some(path) =
            card.files.iter().map(|file| &file.path).chain(names).find(|p| !is_inside(p))
        {
            return Err(format!("it names {path:?}, which is not a file of the dataset"));
        }
        possible::check(&card)?;
        Ok(card)
    }
}

const SEAL: &str = "  \"card_blake3\": \"";

/// Returns whether a card may name this path: relative, of plain components, not our own work.
fn is_inside(path: &str) -> bool {
    let mut components = Path::new(path).components();
    let first = components.clone().next();
    first.is_some_and(|first| first != Component::Normal(crate::format::names::WORK_DIR.as_ref()))
        && components.all(|component| matches!(component, Component::Normal(_)))
        && !path.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::FileCard;
    use crate::card::tests::empty_card;
    use proptest::prelude::*;

    #[test]
    fn a_card_comes_back_with_every_bit() {
        let card = empty_card();
        assert_eq!(Card::from_text(&card.to_text()), Ok(card));
    }

    #[test]
    fn a_card_that_names_files_outside_is_refused() {
        for path in ["../x", "/etc/passwd", "a/../../x", "", ".ossicle/lock", "a\0b"] {
            let mut card = empty_card();
            card.files = vec![FileCard { path: path.into(), bytes: 0, blake3: "0".into() }];
            assert!(Card::from_text(&card.to_text()).is_err(), "{path:?}");
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
