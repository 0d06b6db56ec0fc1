//! Maps from phones to classes.

use std::collections::{HashMap, hash_map::Entry};

use crate::{error::Error, names::shown};

/// The label of a frame that no class applies to.
pub const IGNORE: i32 = -1;

/// The largest number of a class.
const MOST_CLASSES: u32 = 1_000_000;

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
    classes: HashMap<String, i32>,
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

    /// Reads a map from a text of lines `phone class`, or a list of lines `phone`, each a class of its own.
    ///
    /// Classes are numbered in the order in which they first appear, unless all of them are whole numbers,
    /// which are kept. The class `-` means that frames of this phone are ignored. Where a line has a
    /// tabulator, phone and class may have blanks. Blank lines and lines that begin with `#` are passed
    /// over.
    ///
    /// # Errors
    /// A line of another form, a phone with two classes, no class at all, or a number above a million.
    pub fn parse(text: &str) -> Result<LabelMap, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut pairs: Vec<(&str, &str, u64)> = Vec::new();
        let mut is_list = None;
        for (line, text) in (1..).zip(text.lines()) {
            let Some((phone, class)) = map_line(text, line)? else { continue };
            if *is_list.get_or_insert(class.is_none()) != class.is_none() {
                return Err(Error::MapLine { line, text: shown(text.trim()) });
            }
            pairs.push((phone, class.unwrap_or(phone), line));
        }
        // A list of one phone would be taken for a line that lacks its class.
        if is_list == Some(true) && pairs.len() == 1 {
            let (phone, _, line) = pairs[0];
            return Err(Error::MapLine { line, text: shown(phone) });
        }
        let mut by_phone: HashMap<&str, (&str, u64)> = HashMap::new();
        for &(phone, class, line) in &pairs {
            match by_phone.entry(phone) {
                Entry::Occupied(known) if known.get().0 != class => {
                    return Err(Error::MapConflict {
                        phone: shown(phone),
                        first: shown(known.get().0),
                        first_line: known.get().1,
                        second: shown(class),
                        second_line: line,
                    });
                }
                entry => {
                    entry.or_insert((class, line));
                }
            }
        }
        let has_numbers = is_list == Some(false)
            && pairs.iter().all(|(_, class, _)| *class == "-" || class.parse::<u32>().is_ok());
        match has_numbers {
            true => LabelMap::numbered(&pairs),
            false => LabelMap::in_order(&pairs),
        }
    }

    /// Numbers classes in the order in which they first appear.
    fn in_order(pairs: &[(&str, &str, u64)]) -> Result<LabelMap, Error> {
        let mut class_names: Vec<String> = Vec::new();
        let mut numbers: HashMap<&str, i32> = HashMap::from([("-", IGNORE)]);
        let mut classes = HashMap::new();
        for &(phone, class, line) in pairs {
            let number = match numbers.get(class) {
                Some(&number) => number,
                None if class_names.len() > MOST_CLASSES as usize => {
                    let number = class_names.len() as u64;
                    return Err(Error::MapTooLarge { line, class: shown(class), number });
                }
                None => {
                    let number = class_names.len() as i32;
                    class_names.push(class.to_string());
                    numbers.insert(class, number);
                    number
                }
            };
            classes.insert(phone.to_string(), number);
        }
        match class_names.is_empty() {
            true => Err(Error::MapEmpty),
            false => Ok(LabelMap { class_names, classes }),
        }
    }

    /// Keeps the numbers that classes have. One that none has is called nothing.
    fn numbered(pairs: &[(&str, &str, u64)]) -> Result<LabelMap, Error> {
        let mut class_names: Vec<String> = Vec::new();
        let mut classes = HashMap::new();
        for &(phone, class, line) in pairs {
            let number = match class.parse::<u32>() {
                Err(_) => IGNORE,
                Ok(number) if number > MOST_CLASSES => {
                    let (class, number) = (shown(class), number.into());
                    return Err(Error::MapTooLarge { line, class, number });
                }
                Ok(number) => {
                    let place = number as usize;
                    class_names.resize(class_names.len().max(place + 1), String::new());
                    class_names[place] = number.to_string();
                    number as i32
                }
            };
            classes.insert(phone.to_string(), number);
        }
        match class_names.is_empty() {
            true => Err(Error::MapEmpty),
            false => Ok(LabelMap { class_names, classes }),
        }
    }

    /// Makes a class of each label, in this order.
    pub fn of_classes(class_names: Vec<String>) -> LabelMap {
        let numbered = (0..).zip(&class_names).map(|(number, name)| (name.clone(), number));
        LabelMap { classes: numbered.collect(), class_names }
    }

    /// Returns whether there are more classes than labels of 16 bits count: 32,767.
    pub fn is_wide(&self) -> bool {
        self.class_names.len() > i16::MAX as usize
    }

    /// The names of the classes, by their numbers.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The class of a phone: [`IGNORE`] for one that the map knows and leaves out, none for one
    /// that it does not know.
    pub fn class(&self, phone: &str) -> Option<i32> {
        self.classes.get(phone).copied()
    }
}

/// Takes a line of a map apart: the phone and, but in a list, its class; none where it says nothing.
fn map_line(text: &str, line: u64) -> Result<Option<(&str, Option<&str>)>, Error> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Ok(None);
    }
    let wrong = || Error::MapLine { line, text: shown(trimmed) };
    if let Some((phone, class)) = trimmed.split_once('\t') {
        let (phone, class) = (phone.trim(), class.trim());
        return match phone.is_empty() || class.is_empty() || class.contains('\t') {
            true => Err(wrong()),
            false => Ok(Some((phone, Some(class)))),
        };
    }
    let mut words = trimmed.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(phone), class, None) => Ok(Some((phone, class))),
        _ => Err(wrong()),
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
            for class in 0..classes as i32 {
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
            ("c\na b", "label map, line 2: `a b` is not of the form `phone class`"),
            ("c", "label map, line 1: `c` is not of the form `phone class`"),
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
    fn more_than_32767_classes_take_more_than_16_bits() {
        let text =
            |classes: usize| (0..classes).map(|n| format!("p{n} c{n}\n")).collect::<String>();
        let map = LabelMap::parse(&text(32_767)).unwrap();
        assert!(!map.is_wide());
        let map = LabelMap::parse(&text(32_769)).unwrap();
        assert!(map.is_wide());
        assert_eq!(map.class("p32768"), Some(32_768));
        let error = LabelMap::parse("a 1000001").unwrap_err();
        assert_eq!(
            error.to_string(),
            "label map, line 1: `1000001` would be class 1000001, and the last is 1000000"
        );
    }

    #[test]
    fn numbers_of_a_file_are_kept_and_a_list_has_a_class_a_line() {
        let map = LabelMap::parse("<eps> -\nsil 1\nsp 1\naa 5\n").unwrap();
        let classes = ["<eps>", "sil", "sp", "aa", "b"].map(|phone| map.class(phone));
        assert_eq!(classes, [Some(IGNORE), Some(1), Some(1), Some(5), None]);
        assert_eq!(map.class_names(), ["", "1", "", "", "", "5"]);
        let list = LabelMap::parse("# words\nshe\nhad\nshe\n").unwrap();
        assert_eq!(list.class_names(), ["she", "had"]);
        let blanks = LabelMap::parse("she had\tA\ndark\tlong one\n").unwrap();
        assert_eq!(
            (blanks.class("she had"), blanks.class_names()[1].as_str()),
            (Some(0), "long one")
        );
        assert_eq!(LabelMap::of_classes(vec!["b".into(), "a".into()]).class("a"), Some(1));
    }
}
