//! Braces that stand for several words: `shard-{000000..000127}.tar`, `{train,valid}-0.tar`.
//!
//! They are those of bash's manual, "Brace Expansion", with numbers: webdataset's and NeMo's users write
//! them. NeMo also writes `_OP_` and `_CL_`, as its programs cannot have braces in their arguments.

/// The most words that one stands for.
pub(crate) const MOST_WORDS: usize = 1_000_000;

/// Returns the words that a text stands for, in order: itself alone where it has no braces. None where they
/// would be more than [`MOST_WORDS`].
pub(crate) fn expand(text: &str) -> Option<Vec<String>> {
    let text = text.replace("_OP_", "{").replace("_CL_", "}");
    let mut all = Vec::new();
    braces(&text, &mut all)?;
    Some(all)
}

/// Adds what a text with braces stands for; none if that is too much.
fn braces(text: &str, all: &mut Vec<String>) -> Option<()> {
    let Some((before, choices, behind)) = first_braces(text) else {
        all.push(text.to_owned());
        return (all.len() <= MOST_WORDS).then_some(());
    };
    for choice in choices? {
        braces(&format!("{before}{choice}{behind}"), all)?;
    }
    Some(())
}

/// What is before the first braces that stand for something, what they stand for, and what is behind
/// them. There are too many choices where the second is none.
fn first_braces(text: &str) -> Option<(&str, Option<Vec<String>>, &str)> {
    for (open, _) in text.match_indices('{') {
        let Some(close) = closing(text, open) else { continue };
        let inside = &text[open + 1..close];
        let choices = match range(inside) {
            Some(choices) => choices,
            None => {
                let choices = at_commas(inside);
                if choices.len() < 2 {
                    continue;
                }
                Some(choices)
            }
        };
        return Some((&text[..open], choices, &text[close + 1..]));
    }
    None
}

/// Where the braces end that begin at a place.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The parts between commas that are in no braces of their own.
fn at_commas(inside: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for character in inside.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap_or(&mut String::new()).push(character);
    }
    parts
}

/// The numbers of `first..last`, as wide as the wider one where it has zeros in front; none of them where
/// they are too many.
fn range(inside: &str) -> Option<Option<Vec<String>>> {
    let (first, last) = inside.split_once("..")?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(first) || !is_number(last) {
        return None;
    }
    let is_wide = |text: &str| text.len() > 1 && text.starts_with('0');
    let width = if is_wide(first) || is_wide(last) { first.len().max(last.len()) } else { 0 };
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    if first.abs_diff(last) >= MOST_WORDS as u64 {
        return Some(None);
    }
    let number = |number: u64| format!("{number:0width$}");
    Some(Some(match first <= last {
        true => (first..=last).map(number).collect(),
        false => (last..=first).rev().map(number).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_stand_for_what_bash_makes_of_them() {
        for (text, expected) in [
            ("a.tar", &["a.tar"][..]),
            ("s-{08..11}.tar", &["s-08.tar", "s-09.tar", "s-10.tar", "s-11.tar"]),
            ("s-{2..0}", &["s-2", "s-1", "s-0"]),
            ("s-{9..010}", &["s-009", "s-010"]),
            ("{a,b}-{0..1}", &["a-0", "a-1", "b-0", "b-1"]),
            ("{a,b{0..1}}", &["a", "b0", "b1"]),
            ("{a}", &["{a}"]),
            ("{a..c}", &["{a..c}"]),
            ("{x{0..1}", &["{x0", "{x1"]),
            ("{,a}b", &["b", "ab"]),
            ("a_OP_0..1_CL_.tar", &["a0.tar", "a1.tar"]),
        ] {
            assert_eq!(expand(text).unwrap(), expected, "{text}");
        }
        for many in ["{0..99999999999}", "{0..999}{0..999}{0..999}"] {
            assert_eq!(expand(many), None, "{many}");
        }
    }
}
