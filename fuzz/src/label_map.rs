//! Any text as a label map.

use std::collections::HashSet;

use ossicle_corpus::{IGNORE, LabelMap};

/// Reads the text, and looks up what each of its lines says.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(map) = LabelMap::parse(text) else { return };
    let names = map.class_names();
    let mut classes = HashSet::new();
    for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (phone, class) = match words[..] {
            [] => continue,
            [first, ..] if first.starts_with('#') => continue,
            [phone, class] => (phone, class),
            _ => panic!("{line:?} is no line of a map"),
        };
        let number = map.class(phone).expect("every phone of the text has a class");
        match class {
            "-" => assert_eq!(number, IGNORE, "{phone}"),
            _ => assert_eq!(names[usize::try_from(number).expect("a class")], class, "{phone}"),
        }
        classes.insert(class);
    }
    classes.remove("-");
    assert!(!classes.is_empty());
    assert_eq!(names.len(), classes.len(), "a class is there twice, or from nowhere");
}
