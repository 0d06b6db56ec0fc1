//! Any text as a label map.

use std::collections::HashSet;

use ossicle_corpus::{IGNORE, LabelMap};

/// Reads the text, and looks up what each of its lines says.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(map) = LabelMap::parse(text) else { return };
    let names = map.class_names();
    let mut numbers = HashSet::new();
    for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let words: Vec<&str> = match line.split_once('\t') {
            Some((phone, class)) => vec![phone.trim(), class.trim()],
            None => line.split_whitespace().collect(),
        };
        let (phone, class) = match words[..] {
            // A list has a class a line.
            [phone] => (phone, phone),
            [phone, class] => (phone, class),
            _ => panic!("{line:?} is no line of a map"),
        };
        let number = map.class(phone).expect("every phone of the text has a class");
        if number == IGNORE {
            assert_eq!(class, "-", "{phone}");
            continue;
        }
        let name = &names[usize::try_from(number).expect("a class")];
        // A number may have zeros before it.
        assert!(name == class || class.parse() == Ok(number), "{phone}: {name}, {class}");
        numbers.insert(number);
    }
    assert!(!numbers.is_empty());
    let named = names.iter().filter(|name| !name.is_empty()).count();
    assert_eq!(named, numbers.len(), "a class is there twice, or from nowhere");
}
