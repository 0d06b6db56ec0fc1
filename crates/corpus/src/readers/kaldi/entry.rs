//! The right-hand side of a line of `wav.scp`.

use std::path::PathBuf;

use ossicle_files::path_from_bytes;

/// What an entry says a recording is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A file.
    Path(PathBuf),
    /// A place in an archive, as `archive:offset` tells it.
    Archive,
    /// The output of a command, which a `|` ends, or its input.
    Command,
    /// Standard input.
    StandardInput,
    /// A path that cannot be one on this system.
    NoPath,
}

impl Entry {
    pub(super) fn new(text: &[u8]) -> Entry {
        if text.ends_with(b"|") || text.starts_with(b"|") {
            return Entry::Command;
        }
        if text == b"-" {
            return Entry::StandardInput;
        }
        // A range in rows or samples may be behind either.
        let bare = match text.iter().rposition(|&byte| byte == b'[') {
            Some(at) if text.ends_with(b"]") => &text[..at],
            _ => text,
        };
        let offset = bare.iter().rposition(|&byte| byte == b':').map(|at| &bare[at + 1..]);
        if offset.is_some_and(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
        {
            return Entry::Archive;
        }
        path_from_bytes(text).map_or(Entry::NoPath, Entry::Path)
    }
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
            ("a.ark:12", Entry::Archive),
            ("a.ark:12[0:3]", Entry::Archive),
            ("sph2pipe -f wav a.sph |", Entry::Command),
            ("| cat", Entry::Command),
            ("-", Entry::StandardInput),
        ] {
            assert_eq!(Entry::new(text.as_bytes()), entry, "{text}");
        }
    }
}
