//! A list of recordings: one path a line. Lines that begin with `#` are comments, and a path may be
//! between quotes.

use std::{
    io::{self, BufRead, ErrorKind},
    path::{Path, PathBuf},
};

use ossicle_files::{
    absolute, below, is_url, join, look, metadata_of_files, path_from_bytes, percent_escaped,
    printable, simple,
};

use crate::{
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    lines::Lines,
    names::{assign_ids, folder_of, shown},
    readers::{
        beside::Alignments,
        reader::{Description, Reader, Wanted},
        text::open_text,
    },
};

/// Reads a list of paths, relative to its own folder. Any file that nobody else recognises is one.
#[derive(Debug)]
pub(crate) struct List;

impl Reader for List {
    fn format(&self) -> CorpusFormat {
        CorpusFormat { name: "list", what: "a list of paths, one a line", given: Given::File }
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        Ok(!description.is_folder)
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let base = folder_of(path);
        let base_in_words = format!("the list's own folder, {}", printable(base));
        let mut input = open_text(path)?;
        read_list(&mut *input, &printable(path), base, &base_in_words, wanted)
    }
}

/// Reads a list that standard input had, relative to the current folder.
pub(crate) fn read_standard_input(mut text: &[u8], wanted: &Wanted) -> Result<Found, Error> {
    read_list(&mut text, "standard input", Path::new("."), "the current folder", wanted)
}

/// Reads a list.
///
/// - `file`: how messages name the list
/// - `base`: the folder that relative paths are relative to; an absolute path that lies lexically
///   below it becomes relative to it
/// - `base_in_words`: how messages name that folder
fn read_list(
    input: &mut dyn BufRead,
    file: &str,
    base: &Path,
    base_in_words: &str,
    wanted: &Wanted,
) -> Result<Found, Error> {
    let begin =
        input.fill_buf().map_err(|source| Error::Read { file: file.to_string(), source })?;
    if let Some(found) = what_else(begin) {
        return Err(Error::NoList { list: file.to_string(), found });
    }
    let entries = read_entries(input, file, base)?;
    let (sources, lines): (Vec<PathBuf>, Vec<u64>) = entries.into_iter().unzip();
    refuse_if_none_exists(&sources, &lines, file, base, base_in_words)?;
    let place =
        |index: usize| format!("line {} ({}) of {file}", lines[index], printable(&sources[index]));
    let ids = assign_ids(&sources, wanted.sought).map_err(|(a, b)| Error::DuplicateId {
        id: printable(sources[a].strip_prefix("/").unwrap_or(&sources[a])),
        first: place(if lines[a] < lines[b] { a } else { b }),
        second: place(if lines[a] < lines[b] { b } else { a }),
    })?;
    let mut alignments = Alignments::beside(base, wanted.tiers);
    let utterances = alignments.utterances(ids, sources, wanted.sought);
    Ok(Found::unsplit(CorpusKind::List, base, utterances))
}

/// What a file is that is no list of paths, by its first bytes, with its article; none where it may be one.
fn what_else(begin: &[u8]) -> Option<&'static str> {
    let text = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin).trim_ascii_start();
    let is_after = |first: u8, next: &[u8]| {
        let rest = text.strip_prefix(&[first]).map(<[u8]>::trim_ascii_start);
        rest.and_then(<[u8]>::first).is_some_and(|byte| next.contains(byte))
    };
    // A tag on the first line, as no path has it.
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let has_tag = text.starts_with(b"<") && line.contains(&b'>');
    match text {
        text if text.starts_with(b"%PDF-") => Some("a PDF document"),
        text if has_tag && text.starts_with(b"<?xml") => Some("an XML document"),
        _ if has_tag => Some("an HTML page, or another document with tags"),
        _ if is_after(b'{', b"\"}") || is_after(b'[', b"{[\"]") => {
            Some("JSON that is no description of a corpus that is known")
        }
        _ => None,
    }
}

/// The paths of a list in order, each with its line.
fn read_entries(
    input: &mut dyn BufRead,
    file: &str,
    base: &Path,
) -> Result<Vec<(PathBuf, u64)>, Error> {
    let absolute_base =
        absolute(base).map_err(|source| Error::Open { path: base.to_path_buf(), source })?;
    let mut entries: Vec<(PathBuf, u64)> = Vec::new();
    let mut lines = Lines::new(input, file);
    while let Some((line, text)) = lines.next_line()? {
        // A file whose name begins so is named by `./#…`.
        if text.starts_with(b"#") {
            continue;
        }
        let text = match text.trim_ascii_end() {
            [b'"', inside @ .., b'"'] => inside,
            _ => text,
        };
        if text.trim_ascii_end().ends_with(b"|") {
            let text = shown(String::from_utf8_lossy(text).trim());
            return Err(Error::ListCommand { list: file.to_string(), line, text });
        }
        let path = path_from_bytes(text)
            .ok_or_else(|| Error::LineNotUtf8 { file: file.to_string(), line })?;
        if path.file_name().is_none() {
            let text = percent_escaped(text);
            return Err(Error::ListNamesFolder { list: file.to_string(), line, text });
        }
        let below = below(&path, &absolute_base);
        // `./a.wav` and `a.wav` are one recording. `..` stays: past a link it leads elsewhere.
        entries.push((simple(below), line));
    }
    if entries.is_empty() {
        return Err(Error::ListEmpty { list: file.to_string() });
    }
    entries.sort_unstable();
    match entries.array_windows().find(|[(a, _), (b, _)]| a == b) {
        None => Ok(entries),
        Some([(path, first), (_, second)]) => Err(Error::DuplicateId {
            id: printable(path),
            first: format!("line {first} of {file}"),
            second: format!("line {second}"),
        }),
    }
}

/// One missing file is one bad file; if all are missing, the paths mean another folder.
fn refuse_if_none_exists(
    sources: &[PathBuf],
    lines: &[u64],
    file: &str,
    base: &Path,
    base_in_words: &str,
) -> Result<(), Error> {
    let all = sources.iter().map(|source| join(base, source)).filter(|path| is_url(path));
    // All at once, where each is a request; what is answered is kept for those who ask one by one.
    drop(metadata_of_files(&all.collect::<Vec<_>>()));
    let is_missing = |source: &PathBuf| {
        let looked = look(&join(base, source));
        looked.is_err_and(|error| {
            matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
        })
    };
    if !sources.iter().all(is_missing) {
        return Ok(());
    }
    let first = lines.iter().zip(sources).min().map(|(_, source)| join(base, source));
    Err(Error::NoneExists {
        list: file.to_string(),
        paths: sources.len() as u64,
        first: first.unwrap_or_default(),
        base: base_in_words.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_as_another_kind_of_file_is_no_list() {
        for (begin, words) in [
            (&b"<!DOCTYPE html>\n<html>"[..], "HTML"),
            (b"\xef\xbb\xbf\n <html lang=\"en\">", "HTML"),
            (b"<?xml version=\"1.0\"?>", "XML"),
            (b"{\n  \"a\": 1}", "JSON"),
            (b"[{\"a\": 1}]", "JSON"),
            (b"[]", "JSON"),
            (b"%PDF-1.7\n", "PDF"),
        ] {
            let found = what_else(begin).unwrap_or_default();
            assert!(found.contains(words), "{begin:?}: {found}");
        }
        for list in ["a.wav\nb.wav\n", "<a.wav\n", "[a] b.wav\n", "{a} b.wav", "# a\n", "", "é.wav"]
        {
            assert_eq!(what_else(list.as_bytes()), None, "{list}");
        }
    }
}
