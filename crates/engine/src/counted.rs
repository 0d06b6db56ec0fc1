//! A number with its noun.

/// `1 utterance`, `2 utterances`.
///
/// - `noun`: one of them, which has an s where there are others
pub fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_alone() {
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(counted(0, "file"), "0 files");
        assert_eq!(counted(2, "file"), "2 files");
    }
}
