//! Libraries do not speak of the command line: their sentences are also those of other doors.

use std::fs;
use std::path::{Path, PathBuf};

/// What only a command line has: flags, verbs, the shell's limits, and being typed again.
fn is_of_a_command_line(text: &str) -> bool {
    let flag = text.match_indices("--").any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + 2..].chars().next();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '-')
            && after.is_some_and(|c| c.is_ascii_lowercase())
    });
    flag || ["`ossicle ", "ossicle extract", "ossicle verify", "ulimit", "the same command"]
        .iter()
        .any(|words| text.contains(words))
}

/// The string literals of Rust source, with the line each begins on, up to its tests.
fn literals(source: &str) -> Vec<(usize, String)> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(c) = source[at..].chars().next() {
        let rest = &source[at..];
        let skip = |end: Option<usize>| end.unwrap_or(rest.len());
        let raw = rest
            .strip_prefix('r')
            .map_or(0, |text| text.len() - text.trim_start_matches('#').len());
        at += if rest.starts_with("//") {
            skip(rest.find('\n'))
        } else if rest.starts_with("/*") {
            skip(rest.find("*/").map(|end| end + 2))
        } else if rest.starts_with("'\"'") || rest.starts_with("b'\"'") {
            3 + usize::from(c == 'b')
        } else if rest.starts_with("'\\") {
            // The character after the backslash may itself be a quote.
            skip(rest[3..].find('\'').map(|end| end + 4))
        } else if let Some(text) = rest.strip_prefix('r').and_then(|t| t[raw..].strip_prefix('"')) {
            let hashes = "#".repeat(raw);
            let end = text.find(&format!("\"{hashes}")).expect("a raw literal ends");
            found.push((source[..at].lines().count(), text[..end].to_owned()));
            3 + 2 * raw + end
        } else if let Some(text) = rest.strip_prefix('"') {
            let mut escaped = false;
            let end = text.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let end = end.expect("a literal ends");
            // A backslash at the end of a line takes the next line's indentation away.
            let joined = text[..end].split("\\\n").map(str::trim_start).collect::<String>();
            found.push((source[..at].lines().count(), joined));
            2 + end
        } else if c.is_alphanumeric() || c == '_' {
            // Whole, so that the `r` at the end of a word begins no literal.
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            skip(word)
        } else {
            c.len_utf8()
        };
    }
    found
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn no_library_names_a_flag_or_a_verb() {
    let (mut seen, mut guilty) = (0, Vec::new());
    for name in ["audio", "corpus", "dataset", "dsp", "engine"] {
        let mut files = Vec::new();
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src"),
            &mut files,
        );
        let before = seen;
        for path in files {
            for (line, text) in literals(&fs::read_to_string(&path).unwrap()) {
                seen += 1;
                if is_of_a_command_line(&text) {
                    guilty.push(format!("{}:{line}: {text}", path.display()));
                }
            }
        }
        assert!(seen > before + 50, "{name}: the sources were not found");
    }
    assert!(guilty.is_empty(), "these belong into messages.rs of the cli:\n{}", guilty.join("\n"));
}

#[test]
fn literals_are_found_and_words_of_a_command_line_in_them() {
    let source = r##"
        // "--not-this"
        let var = 'x'; /* "--nor-this" */ let quote = '"'; let slash = '\''; let r = 1;
        f("a\"b"); f(r#"--raw "x""#); f(b"--bytes"); error("one \
            --two");
        #[cfg(test)] f("--for-tests");
#[cfg(test)]
mod tests { f("--tests-are-left-out"); }
    "##;
    let found: Vec<_> = literals(source).into_iter().map(|(_, text)| text).collect();
    assert_eq!(found, [r#"a\"b"#, "--raw \"x\"", "--bytes", "one --two", "--for-tests"]);
    for text in ["give --out", "`ossicle verify`", "raise `ulimit -n`", "(--set x)"] {
        assert!(is_of_a_command_line(text), "{text}");
    }
    for text in ["a -- b", "----", "x--y", "another output folder", "of ossicle itself"] {
        assert!(!is_of_a_command_line(text), "{text}");
    }
}
