//! Whatever is done to a file of a dataset is found, in that file and in no other.

use std::collections::BTreeSet;
use std::fs;

use ossicle_dataset::{CARD_FILE, Error, VerifyStage, verify};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

use crate::made::Made;

/// Something that happens to files; which of them, and where, is drawn.
#[derive(Debug, Clone)]
enum Damage {
    Flip { file: Index, byte: Index, bit: u32 },
    Cut { file: Index, length: Index },
    Append { file: Index, bytes: Vec<u8> },
    Delete { file: Index },
    Swap { file: Index, other: Index },
}

fn damage() -> impl Strategy<Value = Damage> {
    let file = any::<Index>;
    prop_oneof![
        4 => (file(), any::<Index>(), 0_u32..8)
            .prop_map(|(file, byte, bit)| Damage::Flip { file, byte, bit }),
        2 => (file(), any::<Index>()).prop_map(|(file, length)| Damage::Cut { file, length }),
        2 => (file(), prop::collection::vec(any::<u8>(), 1..200))
            .prop_map(|(file, bytes)| Damage::Append { file, bytes }),
        1 => file().prop_map(|file| Damage::Delete { file }),
        3 => (file(), file()).prop_map(|(file, other)| Damage::Swap { file, other }),
    ]
}

impl Damage {
    /// Does it, and returns the files that are not what they were.
    fn strike(&self, made: &Made, files: &[&str]) -> BTreeSet<String> {
        let full: Vec<&str> =
            files.iter().copied().filter(|file| !made.bytes(file).is_empty()).collect();
        let (file, mut bytes) = match self {
            Damage::Flip { file, .. } | Damage::Cut { file, .. } => {
                let file = *file.get(&full);
                (file, made.bytes(file))
            }
            Damage::Append { file, .. } | Damage::Delete { file } | Damage::Swap { file, .. } => {
                let file = *file.get(files);
                (file, made.bytes(file))
            }
        };
        match self {
            Damage::Flip { byte, bit, .. } => {
                let at = byte.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            Damage::Cut { length, .. } => bytes.truncate(length.index(bytes.len())),
            Damage::Append { bytes: more, .. } => bytes.extend(more),
            Damage::Delete { .. } => {
                fs::remove_file(made.at(file)).unwrap();
                return [file.to_owned()].into();
            }
            Damage::Swap { other, .. } => {
                let other = *other.get(files);
                if made.bytes(other) == bytes {
                    return BTreeSet::new();
                }
                made.swap(file, other);
                return [file.to_owned(), other.to_owned()].into();
            }
        }
        made.write(file, &bytes);
        [file.to_owned()].into()
    }
}

#[test]
fn any_damage_to_any_file_is_found_there_and_nowhere_else() {
    let made = Made::new();
    let mut files: Vec<&str> = made.card.files.iter().map(|file| file.path.as_str()).collect();
    files.push(CARD_FILE);
    let sound: Vec<Vec<u8>> = files.iter().map(|file| made.bytes(file)).collect();
    // No file of failing cases: what fails becomes a test with a name.
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) };
    let outcome = TestRunner::new(config).run(&damage(), |damage| {
        let damaged = damage.strike(&made, &files);
        let verified = verify(made.root());
        for (file, bytes) in files.iter().zip(&sound) {
            made.write(file, bytes);
        }
        if damaged.contains(CARD_FILE) && matches!(damage, Damage::Delete { .. }) {
            let is_gone = matches!(verified, Err(Error::NoCard { .. }));
            prop_assert!(is_gone, "{:?}", verified);
            return Ok(());
        }
        let findings = verified.unwrap().findings;
        let named: BTreeSet<String> = findings.iter().map(|f| f.file.clone()).collect();
        prop_assert_eq!(named.len(), findings.len(), "a file is named twice: {:?}", findings);
        // Without its card, nobody knows what the other files should be.
        let expected = match damaged.get(CARD_FILE) {
            Some(card) => [card.clone()].into(),
            None => damaged.clone(),
        };
        prop_assert_eq!(named, expected, "{:?}", findings);
        let is_cheap =
            matches!(damage, Damage::Cut { .. } | Damage::Append { .. } | Damage::Delete { .. });
        if is_cheap {
            prop_assert_eq!(findings[0].stage, VerifyStage::Structure);
        }
        if matches!(damage, Damage::Swap { .. }) && !damaged.contains(CARD_FILE) {
            for finding in &findings {
                let is_named = finding.what.contains("its bytes are those of ");
                prop_assert!(is_named, "not named as swapped: {}", finding);
            }
        }
        Ok(())
    });
    outcome.unwrap();
    assert_eq!(verify(made.root()).unwrap().findings, []);
}
