//! The recordings of a list: where each lies.

use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

use ossicle_files::printable;

use super::{
    entry::Entry,
    table::{Line, Table},
};
use crate::{
    held::Held,
    names::{folder_of, shown},
    readers::{base::find_base, faults::Faults},
    recording::{Sought, has_recording_name},
};

/// The place of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// The file, as written.
    pub(super) path: PathBuf,
    /// Where in it the recording is, if it has others too.
    pub(super) held: Option<Box<Held>>,
}

/// The recordings of a list.
pub(super) struct Sources {
    /// Those of its lines, in order; none for a line that has a fault.
    pub(super) of_lines: Vec<Option<Source>>,
    /// What people should know of them.
    pub(super) notice: Option<String>,
}

/// Finds the recordings of a list.
///
/// - `list`: its path
/// - `allow_commands`: commands are taken for what they print
pub(super) fn sources(
    list: &Path,
    recordings: &Table,
    allow_commands: bool,
    faults: &mut Faults,
) -> Sources {
    let entry = |line: &Line| (!line.value.is_empty()).then(|| Entry::new(&line.value));
    let entries: Vec<Option<Entry>> = recordings.lines.iter().map(entry).collect();
    let most = most_bytes(&recordings.lines, &entries);
    let commands = entries.iter().flatten().filter_map(|entry| match entry {
        Entry::Command(command) if allow_commands => Some(command.as_str()),
        _ => None,
    });
    let commands: Vec<&str> = commands.collect();
    let (folder, notice) = match commands[..] {
        [] => Default::default(),
        _ => folder_of_commands(list, recordings, &commands),
    };
    let lines = recordings.lines.iter().zip(entries).zip(most);
    let source = |((line, entry), most): ((&Line, Option<Entry>), Option<u64>)| match entry {
        Some(Entry::Path(path)) => Some(Source { path, held: None }),
        Some(Entry::Archive { path, offset }) => {
            Some(Source { path, held: Some(Box::new(Held::Entry { offset, most })) })
        }
        Some(Entry::Command(command)) if allow_commands => {
            let held = Held::Output { command: command.into(), folder: folder.clone().into() };
            let path = list.file_name().unwrap_or_default().into();
            Some(Source { path, held: Some(Box::new(held)) })
        }
        entry => {
            refuse(recordings, line, entry, faults);
            None
        }
    };
    Sources { of_lines: lines.map(source).collect(), notice }
}

/// Finds the folder that commands run in: that in which the files are that they name, or else the current
/// one, in which Kaldi would run them. Relative to the list's own.
fn folder_of_commands(
    list: &Path,
    recordings: &Table,
    commands: &[&str],
) -> (PathBuf, Option<String>) {
    let own = folder_of(list);
    let words = commands.iter().flat_map(|command| command.split_ascii_whitespace());
    let paths = words.map(|word| Path::new(word.trim_matches(['"', '\''])));
    let is_file = |path: &&Path| {
        let name = path.file_name().unwrap_or_default();
        path.is_relative() && has_recording_name(name, Sought::RawAudioToo)
    };
    let base = find_base(own, &[], paths.filter(is_file)).unwrap_or_else(|| ".".into());
    let notice = format!(
        "{}: {} run in {} when they are read",
        recordings.file,
        match commands.len() {
            1 => "a command is".to_owned(),
            count => format!("{count} commands are"),
        },
        match base == Path::new(".") {
            true => "the current folder".to_owned(),
            false => printable(&base),
        }
    );
    (relative_to(&base, own), Some(notice))
}

/// A folder as it is called from one below it; absolute where that is somewhere else.
fn relative_to(base: &Path, own: &Path) -> PathBuf {
    let (Ok(base), Ok(own)) = (std::path::absolute(base), std::path::absolute(own)) else {
        return base.to_path_buf();
    };
    // What is before `..` is not above it.
    let is_plain = own.components().all(|part| part != Component::ParentDir);
    match own.strip_prefix(&base) {
        Ok(below) if is_plain => below.components().map(|_| "..").collect(),
        _ => base,
    }
}

/// Says why a line names no recording.
fn refuse(recordings: &Table, line: &Line, entry: Option<Entry>, faults: &mut Faults) {
    let at = recordings.at(line);
    let text = shown(&String::from_utf8_lossy(&line.value));
    let (kind, wrong) = match entry {
        None => ("ids without a path", "expected a path, found nothing".to_owned()),
        Some(Entry::Command(_)) => {
            return faults.add_command(at, || {
                format!(
                    "expected a path, found the command `{text}`, and commands are not executed; \
                     write its output to a file and name that"
                )
            });
        }
        Some(Entry::Sink) => (
            "commands that read",
            format!("expected a path, found `{text}`, which takes what is written"),
        ),
        Some(Entry::Range) => (
            "ranges",
            format!(
                "expected a path or `archive:offset`, found the range `{text}`; name the entry, \
                 and its stretch in `segments`"
            ),
        ),
        Some(Entry::StandardInput) => {
            ("standard input", "expected a path, found `-`, standard input".to_owned())
        }
        Some(Entry::NoPath | Entry::Path(_) | Entry::Archive { .. }) => {
            ("lines that are not UTF-8", "expected UTF-8, found other bytes".to_owned())
        }
    };
    faults.add(at, kind, || wrong);
}

/// The most bytes that each entry of an archive can have, as the list tells where the next one begins.
///
/// Before that comes its key, which is that of the list unless somebody has changed it there.
fn most_bytes(lines: &[Line], entries: &[Option<Entry>]) -> Vec<Option<u64>> {
    let mut of_archives: BTreeMap<&Path, Vec<(u64, usize)>> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        if let Some(Entry::Archive { path, offset }) = entry {
            of_archives.entry(path).or_default().push((*offset, place));
        }
    }
    let mut most = vec![None; entries.len()];
    for mut places in of_archives.into_values() {
        places.sort_unstable();
        let mut next: Option<(u64, u64)> = None;
        for run in places.chunk_by(|a, b| a.0 == b.0).rev() {
            let offset = run[0].0;
            let room = next.map(|(begin, key)| {
                let all = begin - offset;
                // A key that does not fit is not the archive's.
                if key < all { all - key } else { all }
            });
            run.iter().for_each(|&(_, place)| most[place] = room);
            // The key and the blank behind it. Escaped, it is longer than it is there.
            let key = &lines[run[0].1].key;
            next = Some((offset, if key.contains('%') { 0 } else { key.len() as u64 + 1 }));
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_room_up_to_the_next_ones_key() {
        let line = |key: &str| Line { number: 1, key: key.into(), value: [].into(), column: 1 };
        let archive = |path: &str, offset| Some(Entry::Archive { path: path.into(), offset });
        let lines = ["ab", "a%0Ab", "abcdef", "a", "b", "c"].map(line);
        let entries = [
            archive("x.ark", 100),
            archive("x.ark", 200),
            archive("x.ark", 3),
            archive("y.ark", 7),
            None,
            // The same recording by another name, and a key that cannot be in front of it.
            archive("x.ark", 3),
        ];
        let most = most_bytes(&lines, &entries);
        assert_eq!(most, [Some(100), None, Some(94), None, None, Some(94)]);
        let tight = [archive("x.ark", 3), None, archive("x.ark", 7)];
        assert_eq!(most_bytes(&lines[..3], &tight), [Some(4), None, None]);
    }
}
