//! Numbers with the nouns and verbs that fit them.

/// `1 utterance`, `2 utterances`.
///
/// - `noun`: one of them, which has an s where there are others
pub fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The verb of so many things: `is`, or `are`.
pub fn be(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// The verb of so many things: `has`, or `have`.
pub fn have(count: u64) -> &'static str {
    if count == 1 { "has" } else { "have" }
}

#[cfg(test)]
mod tests {
    use super::{be, counted, have};

    #[test]
    fn one_is_alone() {
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(counted(0, "file"), "0 files");
        assert_eq!(counted(2, "file"), "2 files");
        assert_eq!([be(0), be(1), be(2)], ["are", "is", "are"]);
        assert_eq!([have(0), have(1), have(2)], ["have", "has", "have"]);
    }
}
