//! Patterns of names, with `*` and `?`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A pattern of names: `*` stands for any characters or none, `?` for one, and every other character for
/// itself. It matches a whole name.
///
/// ```
/// use ossicle_corpus::Pattern;
///
/// let phones = Pattern::new("* - phones");
/// assert!(phones.matches("speaker 1 - phones") && !phones.matches("speaker 1 - phones 2"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pattern(String);

impl Pattern {
    /// Makes a pattern of its text. Every text is one.
    pub fn new(text: impl Into<String>) -> Pattern {
        Pattern(text.into())
    }

    /// Returns the name that it is, where it has no `*` and no `?`.
    pub fn as_name(&self) -> Option<&str> {
        (!self.0.contains(['*', '?'])).then_some(&*self.0)
    }

    /// Returns whether it matches a name, in time that grows with the product of their lengths.
    pub fn matches(&self, name: &str) -> bool {
        let (pattern, name): (Vec<char>, Vec<char>) =
            (self.0.chars().collect(), name.chars().collect());
        let (mut p, mut n) = (0, 0);
        // The place behind the last star, and the place in the name that it has come to: what follows a
        // star is tried from each place on, and an earlier star need not be tried again.
        let mut star: Option<(usize, usize)> = None;
        while n < name.len() {
            match pattern.get(p) {
                Some('*') => {
                    p += 1;
                    star = Some((p, n));
                }
                Some(&c) if c == '?' || c == name[n] => {
                    p += 1;
                    n += 1;
                }
                _ => {
                    let Some((behind, tried)) = star else { return false };
                    star = Some((behind, tried + 1));
                    p = behind;
                    n = tried + 1;
                }
            }
        }
        pattern[p..].iter().all(|&c| c == '*')
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The words of the doc as they stand.
    fn naive(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern, name) {
            ([], _) => name.is_empty(),
            ([b'*', rest @ ..], _) => (0..=name.len()).any(|at| naive(rest, &name[at..])),
            ([b'?', rest @ ..], [_, tail @ ..]) => naive(rest, tail),
            ([a, rest @ ..], [b, tail @ ..]) => a == b && naive(rest, tail),
            (_, []) => false,
        }
    }

    proptest! {
        #[test]
        fn patterns_match_what_trying_everything_matches(
            pattern in "[ab*?]{0,8}", name in "[ab]{0,10}"
        ) {
            let expected = naive(pattern.as_bytes(), name.as_bytes());
            prop_assert_eq!(Pattern::new(&*pattern).matches(&name), expected);
        }
    }

    #[test]
    fn characters_are_those_of_unicode() {
        assert!(Pattern::new("f?r").matches("für"));
        assert!(!Pattern::new("f??r").matches("für"));
        assert_eq!(Pattern::new("a b").as_name(), Some("a b"));
        assert_eq!(Pattern::new("a*").as_name(), None);
    }
}
