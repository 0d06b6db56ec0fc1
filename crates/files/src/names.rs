//! Names and other text from outside, made safe: for files, and for a terminal.
//!
//! A name that is written down ([`printable`], [`percent_escaped`]) has one spelling on every machine,
//! and the name can be had back from it. Text that is only shown ([`visible`]) stays as readable as it
//! can be.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A path as text: `/` between its parts, and `%XX` (upper-case hexadecimal) for `%` itself, for
/// control characters and for bytes that are not UTF-8.
///
/// The text is safe to print, is the same on every machine, and can be turned back into the path; but of a URL what
/// nobody should see, a password or a signed query, is left out.
///
/// ```
/// use ossicle_files::printable;
/// use std::path::Path;
///
/// assert_eq!(printable(Path::new("mary/100%\n.wav")), "mary/100%25%0A.wav");
/// ```
pub fn printable(path: &Path) -> String {
    if let Some(url) = crate::url::shown(path) {
        return percent_escaped(url.as_bytes());
    }
    let text = percent_escaped(path.as_os_str().as_encoded_bytes());
    if cfg!(windows) { text.replace('\\', "/") } else { text }
}

/// The bytes of a name as text, with `%XX` where [`printable`] has it: the spelling of ids.
///
/// ```
/// use ossicle_files::percent_escaped;
///
/// assert_eq!(percent_escaped(b"caf\xc3\xa9 caf\xe9"), "café caf%E9");
/// ```
pub fn percent_escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character == '%' || character.is_control() {
                escape_into(&mut text, character.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                text.push(character);
            }
        }
        escape_into(&mut text, chunk.invalid());
    }
    text
}

fn escape_into(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        write!(text, "%{byte:02X}").unwrap_or_else(|_| unreachable!("a String takes any text"));
    }
}

/// Text that may quote anything, as one line for a terminal. It cannot be turned back.
///
/// Control characters, line separators and marks that turn the direction of writing become `\n`, `\t`
/// or `\u{1b}`; all others stay.
///
/// ```
/// use ossicle_files::visible;
///
/// assert_eq!(visible("100% of\n\u{1b}[1mbold"), "100% of\\n\\u{1b}[1mbold");
/// ```
pub fn visible(text: &str) -> String {
    made_visible(text, is_unsafe)
}

/// The same for text of several lines: line feeds stay.
///
/// ```
/// use ossicle_files::visible_lines;
///
/// assert_eq!(visible_lines("two\nlines\r\n"), "two\nlines\\r\n");
/// ```
pub fn visible_lines(text: &str) -> String {
    made_visible(text, |c| c != '\n' && is_unsafe(c))
}

fn made_visible(text: &str, is_unsafe: impl Fn(char) -> bool) -> String {
    let visible = |c| if is_unsafe(c) { c.escape_default().to_string() } else { c.into() };
    text.chars().map(visible).collect()
}

/// Returns whether a character can make a terminal or a log show something else than what is written:
/// it is a control character, or one that ends lines, turns the direction of writing, or is a note or
/// tag that nobody sees (Unicode 17, sections 23.1 to 23.9, and its annex 9 for the marks of direction).
///
/// Joiners and variation selectors, which scripts and emoji need, are safe.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            | '\u{2028}' | '\u{2029}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The path that these bytes spell; none where the platform's paths cannot hold them.
pub fn path_from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    #[cfg(unix)]
    {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        Some(PathBuf::from(OsStr::from_bytes(bytes)))
    }
    #[cfg(not(unix))]
    {
        std::str::from_utf8(bytes).ok().map(PathBuf::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Turns [`percent_escaped`] back.
    fn unescaped(text: &str) -> Vec<u8> {
        let mut bytes = text.bytes();
        let mut found = Vec::new();
        while let Some(byte) = bytes.next() {
            found.push(if byte == b'%' {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            } else {
                byte
            });
        }
        found
    }

    proptest! {
        #[test]
        fn escaping_is_reversible_and_prints_no_control_character(
            bytes in prop::collection::vec(
                prop_oneof![any::<u8>(), Just(b'%'), 0x7f_u8..0xc3],
                0..64,
            )
        ) {
            let text = percent_escaped(&bytes);
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert_eq!(unescaped(&text), bytes);
        }

        #[test]
        fn visible_text_has_no_unsafe_character_and_keeps_all_others(text: String) {
            let visible = visible(&text);
            prop_assert!(!visible.chars().any(is_unsafe));
            if !text.chars().any(is_unsafe) {
                prop_assert_eq!(&visible, &text);
            }
            let lines: Vec<_> = text.split('\n').map(super::visible).collect();
            prop_assert_eq!(visible_lines(&text), lines.join("\n"));
        }
    }

    #[test]
    fn names_are_spelled_as_every_dataset_has_them() {
        for (bytes, expected) in [
            (&b"dr1/SX37.WAV"[..], "dr1/SX37.WAV"),
            (b"100%", "100%25"),
            (b"a\tb\x00\x7f", "a%09b%00%7F"),
            ("ä\u{85}\u{202e}".as_bytes(), "ä%C2%85\u{202e}"),
            (b"caf\xe9\xff.wav", "caf%E9%FF.wav"),
            (b"\xe2\x82", "%E2%82"),
        ] {
            assert_eq!(percent_escaped(bytes), expected);
        }
    }

    #[test]
    fn text_for_a_terminal_shows_control_characters_as_rust_writes_them() {
        for (text, expected) in [
            ("is int16; \"float32\" was 100% right", "is int16; \"float32\" was 100% right"),
            ("a\tb\r\n", "a\\tb\\r\\n"),
            ("\0\u{7f}\u{85}ä", "\\u{0}\\u{7f}\\u{85}ä"),
            ("\\", "\\"),
            ("abc\u{202e}cba\u{2069}", "abc\\u{202e}cba\\u{2069}"),
            ("a\u{2028}b\u{feff}\u{e0041}", "a\\u{2028}b\\u{feff}\\u{e0041}"),
            ("می\u{200c}خواهم 👩\u{200d}🔬", "می\u{200c}خواهم 👩\u{200d}🔬"),
        ] {
            assert_eq!(visible(text), expected);
        }
    }
}
