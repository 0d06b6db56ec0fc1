//! Maps from phones to classes.

use std::collections::{HashMap, hash_map::Entry};

use crate::{error::Error, names::shown};

/// The label of a frame that no class applies to.
pub const IGNORE: i16 = -1;

/// A class for every phone that an alignment may hold.
///
/// The named maps are those of TIMIT: its 61 phones, and what K.-F. Lee and H.-W. Hon fold them to
/// for training (48) and for scoring (39) in "Speaker-independent phone recognition using hidden
/// Markov models", IEEE Trans. ASSP 37 (11), 1989, table II.
///
/// ```
/// use ossicle_corpus::{IGNORE, LabelMap};
///
/// let map = LabelMap::named("timit-39").expect("a named map");
/// assert_eq!(map.class("ix"), map.class("ih"));
/// assert_eq!(map.class("q"), Some(IGNORE));
/// assert_eq!(map.class("xyz"), None);
/// assert_eq!(map.class_names().len(), 39);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelMap {
    class_names: Vec<String>,
    classes: HashMap<String, i16>,
}

impl LabelMap {
    /// The map of this name, one of [`LabelMap::names`].
    ///
    /// - `timit-61`: every phone is a class
    /// - `timit-48`: Lee and Hon's 48 classes; `q` is ignored
    /// - `timit-39`: Lee and Hon's 39 classes; `q` is ignored
    /// - `timit-39-2019`: the same 39 classes, but `q` counts as silence
    pub fn named(name: &str) -> Option<LabelMap> {
        let pairs: Vec<(&str, &str)> = match name {
            "timit-61" => phones_of(&CLASSES_39).map(|(phone, _)| (phone, phone)).collect(),
            "timit-48" => phones_of(&CLASSES_48).chain([("q", "-")]).collect(),
            "timit-39" => phones_of(&CLASSES_39)
                .map(|(phone, class)| (phone, if phone == "q" { "-" } else { class }))
                .collect(),
            "timit-39-2019" => phones_of(&CLASSES_39).collect(),
            _ => return None,
        };
        let lines: Vec<String> =
            pairs.iter().map(|(phone, class)| format!("{phone} {class}\n")).collect();
        let map = LabelMap::parse(&lines.concat());
        Some(map.unwrap_or_else(|error| unreachable!("the built-in map {name}: {error}")))
    }

    /// The names of the built-in maps.
    pub fn names() -> &'static [&'static str] {
        &["timit-61", "timit-48", "timit-39", "timit-39-2019"]
    }

    /// Reads a map from a text of lines `phone class`.
    ///
    /// Classes are numbered in the order in which they first appear. The class `-` means that
    /// frames of this phone are ignored. Blank lines and lines that begin with `#` are passed over.
    ///
    /// # Errors
    /// A line of another form, a phone with two classes, no class at all, or more classes than
    /// labels of 16 bits can count.
    pub fn parse(text: &str) -> Result<LabelMap, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut class_names: Vec<String> = Vec::new();
        let mut numbers: HashMap<&str, i16> = HashMap::from([("-", IGNORE)]);
        let mut by_phone: HashMap<&str, (&str, u64)> = HashMap::new();
        let mut classes = HashMap::new();
        for (line, text) in (1..).zip(text.lines()) {
            let words: Vec<&str> = text.split_whitespace().take(3).collect();
            let (phone, class) = match words[..] {
                [] => continue,
                [first, ..] if first.starts_with('#') => continue,
                [phone, class] => (phone, class),
                _ => return Err(Error::MapLine { line, text: shown(text.trim()) }),
            };
            match by_phone.entry(phone) {
                Entry::Occupied(known) if known.get().0 == class => continue,
                Entry::Occupied(known) => {
                    return Err(Error::MapConflict {
                        phone: shown(phone),
                        first: shown(known.get().0),
                        first_line: known.get().1,
                        second: shown(class),
                        second_line: line,
                    });
                }
                Entry::Vacant(entry) => entry.insert((class, line)),
            };
            let number = match numbers.get(class) {
                Some(&number) => number,
                None => {
                    let number = i16::try_from(class_names.len()).map_err(|_| {
                        let number = class_names.len();
                        Error::MapTooLarge { line, class: shown(class), number }
                    })?;
                    class_names.push(class.to_string());
                    numbers.insert(class, number);
                    number
                }
            };
            classes.insert(phone.to_string(), number);
        }
        if class_names.is_empty() {
            return Err(Error::MapEmpty);
        }
        Ok(LabelMap { class_names, classes })
    }

    /// The names of the classes, by their numbers.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The class of a phone: [`IGNORE`] for one that the map knows and leaves out, none for one
    /// that it does not know.
    pub fn class(&self, phone: &str) -> Option<i16> {
        self.classes.get(phone).copied()
    }
}

/// The phones of a table with the names of their classes, in order.
fn phones_of(table: &'static [(&str, &str)]) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.iter().flat_map(|(class, phones)| phones.split(' ').map(move |phone| (phone, *class)))
}

/// The 39 classes with their phones of the 61. Lee and Hon drop `q`, the glottal stop, which stands
/// here with the silence.
const CLASSES_39: [(&str, &str); 39] = [
    ("iy", "iy"),
    ("ih", "ih ix"),
    ("eh", "eh"),
    ("ae", "ae"),
    ("ah", "ah ax ax-h"),
    ("uw", "uw ux"),
    ("uh", "uh"),
    ("aa", "aa ao"),
    ("ey", "ey"),
    ("ay", "ay"),
    ("oy", "oy"),
    ("aw", "aw"),
    ("ow", "ow"),
    ("er", "er axr"),
    ("l", "l el"),
    ("r", "r"),
    ("w", "w"),
    ("y", "y"),
    ("m", "m em"),
    ("n", "n en nx"),
    ("ng", "ng eng"),
    ("dx", "dx"),
    ("jh", "jh"),
    ("ch", "ch"),
    ("z", "z"),
    ("s", "s"),
    ("sh", "sh zh"),
    ("hh", "hh hv"),
    ("v", "v"),
    ("f", "f"),
    ("dh", "dh"),
    ("th", "th"),
    ("b", "b"),
    ("p", "p"),
    ("d", "d"),
    ("t", "t"),
    ("g", "g"),
    ("k", "k"),
    ("sil", "bcl pcl dcl tcl gcl kcl epi pau h# q"),
];

/// The 48 classes with their phones, without `q`: the 39, each followed by what is kept apart from
/// it. Lee and Hon's table has an unvoiced closure `qcl`, which no transcription of TIMIT holds.
const CLASSES_48: [(&str, &str); 48] = [
    ("iy", "iy"),
    ("ih", "ih"),
    ("ix", "ix"),
    ("eh", "eh"),
    ("ae", "ae"),
    ("ah", "ah"),
    ("ax", "ax ax-h"),
    ("uw", "uw ux"),
    ("uh", "uh"),
    ("aa", "aa"),
    ("ao", "ao"),
    ("ey", "ey"),
    ("ay", "ay"),
    ("oy", "oy"),
    ("aw", "aw"),
    ("ow", "ow"),
    ("er", "er axr"),
    ("l", "l"),
    ("el", "el"),
    ("r", "r"),
    ("w", "w"),
    ("y", "y"),
    ("m", "m em"),
    ("n", "n nx"),
    ("en", "en"),
    ("ng", "ng eng"),
    ("dx", "dx"),
    ("jh", "jh"),
    ("ch", "ch"),
    ("z", "z"),
    ("s", "s"),
    ("sh", "sh"),
    ("zh", "zh"),
    ("hh", "hh hv"),
    ("v", "v"),
    ("f", "f"),
    ("dh", "dh"),
    ("th", "th"),
    ("b", "b"),
    ("p", "p"),
    ("d", "d"),
    ("t", "t"),
    ("g", "g"),
    ("k", "k"),
    ("sil", "h# pau"),
    ("cl", "pcl tcl kcl qcl"),
    ("vcl", "bcl dcl gcl"),
    ("epi", "epi"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// TIMIT's phones, alphabetically (LDC93S1, `DOC/PHONCODE.DOC`, without the stress marks).
    const PHONES: &str = "aa ae ah ao aw ax ax-h axr ay b bcl ch d dcl dh dx eh el em en eng epi \
        er ey f g gcl h# hh hv ih ix iy jh k kcl l m n ng nx ow oy p pau pcl q r s sh t tcl th uh \
        uw ux v w y z zh";

    fn named(name: &str) -> LabelMap {
        LabelMap::named(name).unwrap()
    }

    #[test]
    fn the_named_maps_know_all_61_phones_and_have_the_classes_of_their_name() {
        for (name, classes, phones) in [
            ("timit-61", 61, 61),
            ("timit-48", 48, 62),
            ("timit-39", 39, 61),
            ("timit-39-2019", 39, 61),
        ] {
            let map = named(name);
            assert!(LabelMap::names().contains(&name));
            assert_eq!(map.class_names().len(), classes, "{name}");
            assert_eq!(map.classes.len(), phones, "{name}");
            for phone in PHONES.split_whitespace() {
                assert!(map.class(phone).is_some(), "{name}: {phone}");
            }
            for class in 0..classes as i16 {
                assert!(map.classes.values().any(|&found| found == class), "{name}: {class}");
            }
        }
        assert_eq!(LabelMap::names().len(), 4);
        assert_eq!(PHONES.split_whitespace().count(), 61);
        assert_eq!(LabelMap::named("timit-40"), None);
    }

    #[test]
    fn phones_fold_as_lee_and_hon_say() {
        let folded = |map: &LabelMap, phone| match map.class(phone) {
            Some(IGNORE) => "-".to_string(),
            Some(class) => map.class_names()[class as usize].clone(),
            None => "?".to_string(),
        };
        let maps = ["timit-61", "timit-48", "timit-39", "timit-39-2019"].map(named);
        for (phone, expected) in [
            ("ix", ["ix", "ix", "ih", "ih"]),
            ("ax-h", ["ax-h", "ax", "ah", "ah"]),
            ("ux", ["ux", "uw", "uw", "uw"]),
            ("ao", ["ao", "ao", "aa", "aa"]),
            ("axr", ["axr", "er", "er", "er"]),
            ("el", ["el", "el", "l", "l"]),
            ("em", ["em", "m", "m", "m"]),
            ("en", ["en", "en", "n", "n"]),
            ("nx", ["nx", "n", "n", "n"]),
            ("eng", ["eng", "ng", "ng", "ng"]),
            ("zh", ["zh", "zh", "sh", "sh"]),
            ("hv", ["hv", "hh", "hh", "hh"]),
            ("tcl", ["tcl", "cl", "sil", "sil"]),
            ("dcl", ["dcl", "vcl", "sil", "sil"]),
            ("epi", ["epi", "epi", "sil", "sil"]),
            ("h#", ["h#", "sil", "sil", "sil"]),
            ("q", ["q", "-", "-", "sil"]),
            ("qcl", ["?", "cl", "?", "?"]),
            ("h", ["?", "?", "?", "?"]),
        ] {
            for (map, expected) in maps.iter().zip(expected) {
                assert_eq!(
                    folded(map, phone),
                    expected,
                    "{phone}, {} classes",
                    map.class_names.len()
                );
            }
        }
        assert_eq!(maps[2].class_names(), maps[3].class_names());
        assert_eq!(maps[3].class("iy"), Some(0));
        assert_eq!(maps[3].class("sh"), Some(26));
        assert_eq!(maps[3].class("q"), Some(38));
        assert_eq!(maps[0].class("h#"), Some(59));
    }

    #[test]
    fn the_39_classes_fold_the_48() {
        let (fine, coarse) = (named("timit-48"), named("timit-39"));
        let mut folding = HashMap::new();
        for phone in PHONES.split_whitespace() {
            let class = coarse.class(phone);
            assert_eq!(*folding.entry(fine.class(phone)).or_insert(class), class, "{phone}");
        }
    }

    #[test]
    fn classes_of_a_file_are_numbered_as_they_appear() {
        let map =
            LabelMap::parse("\u{feff}# mine\n\nz buzz\r\n q -\na vowel\ne\tvowel\nz buzz").unwrap();
        assert_eq!(map.class_names(), ["buzz", "vowel"]);
        let classes = ["z", "q", "a", "e", "x"].map(|phone| map.class(phone));
        assert_eq!(classes, [Some(0), Some(IGNORE), Some(1), Some(1), None]);
    }

    #[test]
    fn a_wrong_map_is_an_error_that_says_where() {
        for (text, expected) in [
            ("a b\nc", "label map, line 2: `c` is not of the form `phone class`"),
            ("a b c", "label map, line 1: `a b c` is not of the form `phone class`"),
            (
                "a b\na c",
                "label map: the phone `a` has class `b` by line 1 and `c` by line 2; keep one",
            ),
            (
                "# nothing\na -",
                "label map: it has no classes; it needs lines of the form `phone class`",
            ),
        ] {
            assert_eq!(LabelMap::parse(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn labels_of_16_bits_count_32768_classes() {
        let text =
            |classes: usize| (0..classes).map(|n| format!("p{n} c{n}\n")).collect::<String>();
        let map = LabelMap::parse(&text(32_768)).unwrap();
        assert_eq!(map.class("p32767"), Some(i16::MAX));
        let error = LabelMap::parse(&text(32_769)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "label map, line 32769: `c32768` would be class 32768, and the last is 32767"
        );
    }
}
