//! The recordings of a list: where each lies.

use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

use ossicle_files::{absolute, is_absolute, is_url, printable};

use super::{
    entry::Entry,
    line::{Line, each_line},
    listing::Listing,
};
use crate::{
    error::Error,
    extra::Extra,
    held::Held,
    names::{folder_of, shown},
    readers::{base::find_base, faults::Faults, rows::Row},
    recording::{Sought, has_recording_name},
};

/// The recordings of a list.
pub(super) struct Recordings {
    pub(super) listing: Listing,
    /// What people should know of them.
    pub(super) notice: Option<String>,
}

/// Reads a list of recordings.
///
/// - `allow_commands`: commands are taken for what they print
pub(super) fn read(
    list: &Path,
    allow_commands: bool,
    faults: &mut Faults,
) -> Result<Recordings, Error> {
    let file = printable(list);
    let mut rows: Vec<Row> = Vec::new();
    each_line(list, &file, |line| {
        let entry = (!line.value.is_empty()).then(|| Entry::new(line.value));
        let (source, held) = match entry {
            Some(Entry::Path(path)) => (path, None),
            Some(Entry::Archive { path, offset }) => {
                (path, Some(Held::Entry { offset, most: None }))
            }
            Some(Entry::Command(command)) if allow_commands && !is_url(list) => {
                let held = Held::Output { command: command.into(), folder: Path::new("").into() };
                (list.file_name().unwrap_or_default().into(), Some(held))
            }
            entry => {
                refuse(line, entry, faults);
                Default::default()
            }
        };
        // Entries of one archive follow one another.
        let source = match rows.last() {
            Some(last) if *last.source == *source => last.source.clone(),
            _ => source.into(),
        };
        let (id, extra) = (Some(line.key.clone()), Extra::of(None, None, held));
        rows.push(Row { line: line.number, id, source, extra, ..Row::default() });
    })?;
    set_most_bytes(&mut rows);
    let notice = set_folder_of_commands(list, &file, &mut rows);
    Ok(Recordings { listing: Listing::new(file, rows, faults), notice })
}

/// Says where commands run, if there are any, and returns a line about it.
fn set_folder_of_commands(list: &Path, file: &str, rows: &mut [Row]) -> Option<String> {
    let commands = rows.iter().filter_map(|row| match row.held() {
        Some(Held::Output { command, .. }) => Some(&**command),
        _ => None,
    });
    let commands: Vec<&str> = commands.collect();
    if commands.is_empty() {
        return None;
    }
    let (found, notice) = folder_of_commands(list, file, &commands);
    for row in rows {
        if let Some(Held::Output { folder, .. }) = held_mut(row) {
            *folder = found.clone().into();
        }
    }
    Some(notice)
}

/// The place of a row's recording, to be completed.
fn held_mut(row: &mut Row) -> Option<&mut Held> {
    row.extra.as_mut()?.held_mut()
}

/// Finds the folder that commands run in: that in which the files are that they name, or else the current
/// one, in which Kaldi would run them. Relative to the list's own.
fn folder_of_commands(list: &Path, file: &str, commands: &[&str]) -> (PathBuf, String) {
    let own = folder_of(list);
    let words = commands.iter().flat_map(|command| command.split_ascii_whitespace());
    let paths = words.map(|word| Path::new(word.trim_matches(['"', '\''])));
    let is_file = |path: &&Path| {
        let name = path.file_name().unwrap_or_default();
        !is_absolute(path) && has_recording_name(name, Sought::RawAudioToo)
    };
    let base = find_base(own, &[], paths.filter(is_file)).unwrap_or_else(|| ".".into());
    let notice = format!(
        "{file}: {} run in {} when they are read",
        match commands.len() {
            1 => "a command is".to_owned(),
            count => format!("{count} commands are"),
        },
        match base == Path::new(".") {
            true => "the current folder".to_owned(),
            false => printable(&base),
        }
    );
    (relative_to(&base, own), notice)
}

/// A folder as it is called from one below it; absolute where that is somewhere else.
fn relative_to(base: &Path, own: &Path) -> PathBuf {
    let (Ok(base), Ok(own)) = (absolute(base), absolute(own)) else {
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
fn refuse(line: &Line<'_>, entry: Option<Entry>, faults: &mut Faults) {
    let at = line.at();
    let text = shown(&String::from_utf8_lossy(line.value));
    let (kind, wrong) = match entry {
        None => ("ids without a path", "expected a path, found nothing".to_owned()),
        // It would have no folder to run in.
        Some(Entry::Command(_)) if is_url(Path::new(at.file)) => (
            "commands",
            format!(
                "expected a path, found the command `{text}`, and none of a list in a store is \
                 executed; write its output to an object and name that"
            ),
        ),
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

/// Says the most bytes that each entry of an archive can have, as the list tells where the next one begins.
///
/// Before that comes its key, which is that of the list unless somebody has changed it there.
fn set_most_bytes(rows: &mut [Row]) {
    let mut of_archives: BTreeMap<&Path, Vec<(u64, usize)>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        if let Some(Held::Entry { offset, .. }) = row.held() {
            of_archives.entry(&row.source).or_default().push((*offset, place));
        }
    }
    let mut rooms: Vec<(usize, Option<u64>)> = Vec::new();
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
            rooms.extend(run.iter().map(|&(_, place)| (place, room)));
            // The key and the blank behind it. Escaped, it is longer than it is there.
            let key = rows[run[0].1].id.as_deref().unwrap_or_default();
            next = Some((offset, if key.contains('%') { 0 } else { key.len() as u64 + 1 }));
        }
    }
    for (place, room) in rooms {
        if let Some(Held::Entry { most, .. }) = held_mut(&mut rows[place]) {
            *most = room;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rooms of entries, by their keys, archives and offsets.
    fn rooms(entries: &[(&str, Option<(&str, u64)>)]) -> Vec<Option<u64>> {
        let row = |&(key, entry): &(&str, Option<(&str, u64)>)| Row {
            id: Some(key.into()),
            source: Path::new(entry.map_or("a.wav", |(path, _)| path)).into(),
            extra: Extra::of(
                None,
                None,
                entry.map(|(_, offset)| Held::Entry { offset, most: None }),
            ),
            ..Row::default()
        };
        let mut rows: Vec<Row> = entries.iter().map(row).collect();
        set_most_bytes(&mut rows);
        let most = |row: &Row| match row.held() {
            Some(Held::Entry { most, .. }) => *most,
            _ => None,
        };
        rows.iter().map(most).collect()
    }

    #[test]
    fn an_entry_has_room_up_to_the_next_ones_key() {
        let found = rooms(&[
            ("ab", Some(("x.ark", 100))),
            ("a%0Ab", Some(("x.ark", 200))),
            ("abcdef", Some(("x.ark", 3))),
            ("a", Some(("y.ark", 7))),
            ("b", None),
            // The same recording by another name, and a key that cannot be in front of it.
            ("c", Some(("x.ark", 3))),
        ]);
        assert_eq!(found, [Some(100), None, Some(94), None, None, Some(94)]);
        let tight = [("ab", Some(("x.ark", 3))), ("a%0Ab", None), ("abcdef", Some(("x.ark", 7)))];
        assert_eq!(rooms(&tight), [Some(4), None, None]);
    }
}
