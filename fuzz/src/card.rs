//! Any text as the card of a dataset.

use std::fs;
use std::path::{Component, Path};

use ossicle_dataset::{CARD_FILE, Card, verify};

/// Reads the text as it is, and with the checksum that it should end in; where that is a card, verifies
/// a dataset that has nothing else.
pub fn check(bytes: &[u8], folder: &Path) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = read(text);
    let text = sealed(text);
    if read(&text).is_err() {
        return;
    }
    fs::write(folder.join(CARD_FILE), text)
        .expect("the folder for temporary files can be written to");
    let findings = verify(folder).expect("a folder with a card").findings;
    // At the very least the ledger is missing.
    assert!(!findings.is_empty());
    for finding in findings {
        let is_safe = !finding.to_string().contains(|c: char| c.is_control());
        assert!(is_safe, "{finding:?}");
    }
}

/// The text with the last line of a card, which nobody would guess.
pub fn sealed(body: &str) -> String {
    let body = match body.find("  \"card_blake3\": \"") {
        Some(end) => &body[..end],
        None => body,
    };
    let hash = blake3::hash(body.as_bytes()).to_hex();
    format!("{body}  \"card_blake3\": \"{hash}\"\n}}\n")
}

fn read(text: &str) -> Result<(), String> {
    let card = Card::from_text(text)?;
    let again = Card::from_text(&card.to_text());
    assert_eq!(again.as_ref(), Ok(&card), "a card that was just written");
    let splits = card.splits.iter().map(|split| &split.name);
    for path in card.files.iter().map(|file| &file.path).chain(splits).chain(card.arrays.keys()) {
        let mut components = Path::new(path).components().peekable();
        assert!(components.peek().is_some(), "{path:?}");
        assert!(components.all(|it| matches!(it, Component::Normal(_))), "{path:?}");
    }
    Ok(())
}
