//! Text in lines that a terminal has room for.

use std::io::{self, Write};

/// The columns that a terminal has where nobody has changed it.
pub(crate) const WIDTH: usize = 80;

/// Breaks a text into lines of at most 80 columns, where words allow it.
///
/// - `first`, `others`: how far lines are indented
pub(crate) fn wrapped(text: &str, first: usize, others: usize) -> Vec<String> {
    wrapped_to(WIDTH, text, first, others)
}

/// Breaks a text into lines of at most so many columns, where words allow it.
///
/// - `first`, `others`: how far lines are indented
pub(crate) fn wrapped_to(width: usize, text: &str, first: usize, others: usize) -> Vec<String> {
    filled_to(width, text.split_whitespace(), first, others)
}

/// Writes a text in lines of at most 80 columns, where words allow it.
///
/// - `first`, `others`: how far lines are indented
pub(crate) fn write_wrapped(
    out: &mut dyn Write,
    text: &str,
    first: usize,
    others: usize,
) -> io::Result<()> {
    wrapped(text, first, others).iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Puts pieces of text, which stay whole, into lines of at most 80 columns.
///
/// - `first`, `others`: how far lines are indented
pub(crate) fn filled<'a>(
    pieces: impl IntoIterator<Item = &'a str>,
    first: usize,
    others: usize,
) -> Vec<String> {
    filled_to(WIDTH, pieces, first, others)
}

fn filled_to<'a>(
    width: usize,
    pieces: impl IntoIterator<Item = &'a str>,
    first: usize,
    others: usize,
) -> Vec<String> {
    let mut lines = vec![" ".repeat(first)];
    let mut is_empty = true;
    for piece in pieces {
        let Some(line) = lines.last_mut() else { break };
        if is_empty {
            line.push_str(piece);
        } else if line.chars().count() + 1 + piece.chars().count() <= width {
            line.push(' ');
            line.push_str(piece);
        } else {
            lines.push(format!("{}{piece}", " ".repeat(others)));
        }
        is_empty = false;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_unless_a_word_does_not_and_have_every_word() {
        let text = "a text of words of several lengths, which is longer than a line ".repeat(5);
        let lines = wrapped(&text, 2, 6);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
        assert!(lines[0].starts_with("  a") && lines[1].starts_with("      "), "{lines:?}");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&lines.join(" ")), words(&text));
        let long = "x".repeat(100);
        assert_eq!(wrapped(&format!("a {long} b"), 0, 1), ["a", &format!(" {long}"), " b"]);
        assert_eq!(wrapped("", 2, 2), ["  "]);
    }

    #[test]
    fn pieces_are_not_broken() {
        let pieces = ["one of a few words"; 9];
        let lines = filled(pieces, 4, 8);
        assert_eq!(
            lines.iter().map(|line| line.matches("one of a few words").count()).sum::<usize>(),
            9
        );
        assert!(lines.len() > 1 && lines.iter().all(|line| line.chars().count() <= WIDTH));
    }
}
