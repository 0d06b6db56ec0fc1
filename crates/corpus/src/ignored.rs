//! Files of a corpus that are neither a recording of it nor an alignment, counted by kind.

use std::{collections::BTreeMap, ffi::OsStr, fmt, path::Path};

use ossicle_files::percent_escaped;

/// The most kinds that are told apart: the first ones in bytewise order. Names may be numbered where the
/// extension is, so that every file is a kind of its own.
pub(crate) const MOST_KINDS: usize = 256;

/// The most kinds that are told, those with the most files; what is left is told as [`OTHERS`].
const MOST_TOLD: usize = 8;

/// The longest extension that is a kind, in bytes.
const LONGEST: usize = 16;

const HIDDEN: &str = "hidden";
const NO_EXTENSION: &str = "no extension";
const OTHERS: &str = "others";

/// The files that are ignored, counted by kind. Equal for equal files, whatever order they came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ignored {
    files: u64,
    by_kind: BTreeMap<Box<str>, u64>,
}

/// The ignored files of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredKind {
    /// The extension, in small letters, escaped as ids are, with its dot: `.txt`. `no extension` of names that
    /// have none, `hidden` of names that begin with a dot, `others` of all kinds that are not told.
    pub kind: String,
    /// The number of files.
    pub count: u64,
}

impl Ignored {
    /// The number of files of all kinds.
    pub fn files(&self) -> u64 {
        self.files
    }

    /// The number of files of a kind: `.txt`.
    pub fn of_kind(&self, kind: &str) -> u64 {
        self.by_kind.get(kind).copied().unwrap_or(0)
    }

    /// The kinds with the most files, eight at most, the most first and those of one count in bytewise
    /// order; `others` last, where there are more kinds.
    pub fn kinds(&self) -> Vec<IgnoredKind> {
        let mut told: Vec<(&str, u64)> =
            self.by_kind.iter().map(|(kind, &count)| (&**kind, count)).collect();
        told.retain(|(kind, _)| *kind != OTHERS);
        told.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        told.truncate(MOST_TOLD);
        let others = self.files - told.iter().map(|(_, count)| count).sum::<u64>();
        if others > 0 {
            told.push((OTHERS, others));
        }
        let of = |(kind, count): (&str, u64)| IgnoredKind { kind: kind.to_owned(), count };
        told.into_iter().map(of).collect()
    }

    /// Counts a file.
    pub(crate) fn add(&mut self, path: &Path) {
        self.add_of(&kind_of(path.file_name().unwrap_or_default()), 1);
    }

    /// Takes a file that was counted back: something is read of it.
    pub(crate) fn remove(&mut self, path: &Path) {
        self.files = self.files.saturating_sub(1);
        let kind = kind_of(path.file_name().unwrap_or_default());
        if let Some(of_kind) = self.by_kind.get_mut(&*kind) {
            *of_kind -= 1;
            if *of_kind == 0 {
                self.by_kind.remove(&*kind);
            }
        }
    }

    /// Counts files of another count.
    pub(crate) fn merge(&mut self, others: &Ignored) {
        let of_kinds: u64 = others.by_kind.values().sum();
        self.files += others.files - of_kinds;
        for (kind, &count) in &others.by_kind {
            self.add_of(kind, count);
        }
    }

    fn add_of(&mut self, kind: &str, count: u64) {
        self.files += count;
        match self.by_kind.get_mut(kind) {
            Some(of_kind) => *of_kind += count,
            None => {
                self.by_kind.insert(kind.into(), count);
                keep_first(&mut self.by_kind);
            }
        }
    }
}

/// Keeps the first kinds in order. One that is dropped has [`MOST_KINDS`] before it for good, and so never
/// comes back: what is kept is right, and the same in any order.
pub(crate) fn keep_first<T>(by_kind: &mut BTreeMap<Box<str>, T>) {
    while by_kind.len() > MOST_KINDS {
        by_kind.pop_last();
    }
}

/// In words: `12 files ignored: 10 .txt, 2 .json`.
impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<String> =
            self.kinds().iter().map(|of| format!("{} {}", of.count, of.kind)).collect();
        f.write_str(&kinds.join(", "))
    }
}

/// Returns the kind of a file by its name, as [`IgnoredKind::kind`] has it.
pub(crate) fn kind_of(name: &OsStr) -> Box<str> {
    if name.as_encoded_bytes().starts_with(b".") {
        return HIDDEN.into();
    }
    match Path::new(name).extension() {
        None => NO_EXTENSION.into(),
        Some(extension) if extension.is_empty() => NO_EXTENSION.into(),
        Some(extension) if extension.len() > LONGEST => OTHERS.into(),
        Some(extension) => {
            let small = match extension.to_str() {
                Some(text) => text.to_lowercase().into_bytes(),
                None => extension.as_encoded_bytes().to_ascii_lowercase(),
            };
            format!(".{}", percent_escaped(&small)).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ignored<'a>(names: impl IntoIterator<Item = &'a str>) -> Ignored {
        let mut ignored = Ignored::default();
        names.into_iter().for_each(|name| ignored.add(Path::new(name)));
        ignored
    }

    #[test]
    fn kinds_are_extensions_in_small_letters_that_can_be_printed() {
        for (name, kind) in [
            ("a.txt", ".txt"),
            ("A.TXT", ".txt"),
            ("a.tar.GZ", ".gz"),
            ("a.Ä", ".ä"),
            ("a.x\n", ".x%0A"),
            ("a", "no extension"),
            ("a.", "no extension"),
            (".DS_Store", "hidden"),
            ("._a.wav", "hidden"),
            ("a.0123456789abcdef", ".0123456789abcdef"),
            ("a.0123456789abcdefg", "others"),
        ] {
            assert_eq!(&*kind_of(name.as_ref()), kind, "{name}");
        }
    }

    #[test]
    fn those_with_the_most_files_come_first_and_the_rest_is_told_together() {
        assert_eq!(ignored([]).to_string(), "");
        assert_eq!(ignored(["b.x", "c.json", "a.json"]).to_string(), "2 .json, 1 .x");
        let many = ["j", "i.i", "h.h", "g.g", "f.f", "e.e", "d.d", "c.c", "b.b", "a.a", "z.a"];
        let told = "2 .a, 1 .b, 1 .c, 1 .d, 1 .e, 1 .f, 1 .g, 1 .h, 2 others";
        assert_eq!(ignored(many).to_string(), told);
    }

    #[test]
    fn a_million_kinds_take_the_memory_of_a_few() {
        let names: Vec<String> = (0..100_000).map(|n| format!("a.{n:06}")).collect();
        let ignored = ignored(names.iter().rev().map(String::as_str));
        assert_eq!((ignored.files(), ignored.by_kind.len()), (100_000, MOST_KINDS));
        assert_eq!(ignored.kinds()[0], IgnoredKind { kind: ".000000".into(), count: 1 });
        assert_eq!(ignored.kinds()[8], IgnoredKind { kind: "others".into(), count: 99_992 });
    }

    proptest! {
        #[test]
        fn neither_order_nor_parts_change_what_is_told(
            numbers in prop::collection::vec(0u32..600, 0..900), cut in 0usize..900
        ) {
            let names: Vec<String> = numbers.iter().map(|n| format!("a.{n}")).collect();
            let whole = ignored(names.iter().map(String::as_str));
            let cut = cut.min(names.len());
            let mut parts = ignored(names[cut..].iter().rev().map(String::as_str));
            parts.merge(&ignored(names[..cut].iter().map(String::as_str)));
            prop_assert_eq!(whole, parts);
        }
    }
}
