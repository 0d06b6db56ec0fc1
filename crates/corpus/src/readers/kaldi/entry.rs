//! The right-hand side of a line of `wav.scp`.

use std::path::PathBuf;

use ossicle_files::path_from_bytes;

/// What an entry says a recording is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A file.
    Path(PathBuf),
    /// An entry of an archive, as `archive:offset` tells it.
    Archive { path: PathBuf, offset: u64 },
    /// A range of rows or samples of an entry, which a `]` ends.
    Range,
    /// The output of a command, which a `|` ends.
    Command(String),
    /// The input of a command, which a `|` begins: nothing can be read of it.
    Sink,
    /// Standard input.
    StandardInput,
    /// A path that cannot be one on this system.
    NoPath,
}

impl Entry {
    pub(super) fn new(text: &[u8]) -> Entry {
        if text.starts_with(b"|") {
            return Entry::Sink;
        }
        if let Some(command) = text.strip_suffix(b"|") {
            let command = std::str::from_utf8(command.trim_ascii());
            return command.map_or(Entry::NoPath, |command| Entry::Command(command.to_owned()));
        }
        if text == b"-" {
            return Entry::StandardInput;
        }
        // A range in rows or samples may be behind either.
        let bare = match text.iter().rposition(|&byte| byte == b'[') {
            Some(at) if text.ends_with(b"]") => &text[..at],
            _ => text,
        };
        match (in_archive(bare), bare.len() < text.len()) {
            (Some(_), true) => Entry::Range,
            (Some((path, offset)), false) => match path_from_bytes(path) {
                Some(path) => Entry::Archive { path, offset },
                None => Entry::NoPath,
            },
            (None, _) => path_from_bytes(text).map_or(Entry::NoPath, Entry::Path),
        }
    }
}

/// The path and the offset of `archive:offset`.
fn in_archive(text: &[u8]) -> Option<(&[u8], u64)> {
    let colon = text.iter().rposition(|&byte| byte == b':')?;
    let (path, digits) = (&text[..colon], &text[colon + 1..]);
    let is_offset = !path.is_empty() && digits.iter().all(u8::is_ascii_digit);
    // A sign is no digit, and what is too large for a number is a name.
    let offset = std::str::from_utf8(digits).ok()?.parse().ok()?;
    is_offset.then_some((path, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_commands_and_archives_are_told_apart() {
        let path = |text: &str| Entry::Path(text.into());
        for (text, entry) in [
            ("a b.wav", path("a b.wav")),
            ("/a/b:c.wav", path("/a/b:c.wav")),
            ("a:12b", path("a:12b")),
            ("a[1].wav", path("a[1].wav")),
            ("a.ark:12", Entry::Archive { path: "a.ark".into(), offset: 12 }),
            ("/a:b/c.ark:0", Entry::Archive { path: "/a:b/c.ark".into(), offset: 0 }),
            ("a.ark:12[0:3]", Entry::Range),
            (":12", path(":12")),
            ("a.ark:", path("a.ark:")),
            ("a.ark:+1", path("a.ark:+1")),
            ("a.ark:18446744073709551616", path("a.ark:18446744073709551616")),
            ("sph2pipe -f wav a.sph |", Entry::Command("sph2pipe -f wav a.sph".into())),
            ("sox a.wav -t wav - | cat |", Entry::Command("sox a.wav -t wav - | cat".into())),
            ("| cat", Entry::Sink),
            ("-", Entry::StandardInput),
        ] {
            assert_eq!(Entry::new(text.as_bytes()), entry, "{text}");
        }
    }
}
