//! Scripts of HTK: files, with blanks between them, each perhaps a stretch of a recording.
//!
//! The form is that of the HTK Book 3.4, section 4.2 on script files and "extended file names":
//! `logical=physical[start,end]`, in samples of the physical file, the last of them included.

use std::{io, path::PathBuf};

use ossicle_files::{be, counted, path_from_bytes, printable};

use crate::{
    corpus::CorpusKind,
    error::Error,
    extra::Extra,
    format::{CorpusFormat, Given},
    found::Found,
    lines::{Lines, MAX_DESCRIPTION_LINE_BYTES},
    names::{folder_of, shown},
    readers::{
        faults::{At, Faults},
        reader::{Description, Reader, Wanted},
        rows::{Row, Rows},
        text::{head, open_text},
    },
    recording::{Sought, has_extension, has_recording_name, stem},
    span::Span,
};

/// Reads a script: the first file of each line, which is what a program of HTK's would read there.
#[derive(Debug)]
pub(crate) struct Htk;

impl Reader for Htk {
    fn format(&self) -> CorpusFormat {
        CorpusFormat { name: "htk", what: "a script of HTK's", given: Given::File }
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        let name = description.path.file_name().unwrap_or_default();
        if description.is_folder {
            return Ok(false);
        }
        if has_extension(name, &["scp"]) {
            return Ok(true);
        }
        // A list called otherwise is one of paths, unless it has the form that nothing else has.
        let head = head(description.path)?;
        let line = head.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty());
        let Ok(words) = words(line.unwrap_or_default()) else { return Ok(false) };
        Ok(matches!(&words[..], [one] if File::new(&one.text).is_ok_and(|file| file.is_extended())))
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let file = printable(path);
        let mut rows = Rows::new(CorpusKind::Htk, file.clone(), folder_of(path));
        let mut faults = Faults::default();
        let mut input = open_text(path)?;
        let mut lines = Lines::with_limit(&mut *input, &file, MAX_DESCRIPTION_LINE_BYTES);
        let mut targets = 0;
        while let Some((line, text)) = lines.next_line()? {
            let at = |column| At { file: &file, line, column };
            let words = match words(text) {
                Ok(words) => words,
                Err(column) => {
                    faults.add(at(column), "quotes", || {
                        "the quote that begins here is not closed".into()
                    });
                    continue;
                }
            };
            targets += read_line(&words, line, wanted, &mut rows.rows, &mut |column, wrong| {
                faults.add(at(column), "files of another form", || wrong);
            });
        }
        if targets > 0 {
            rows.notices.push(format!(
                "{file}: {} behind another on a line {} passed over, as what a program would write",
                counted(targets as u64, "file"),
                be(targets as u64)
            ));
        }
        rows.into_found(wanted, faults)
    }
}

/// Adds the files of a line, and returns how many are passed over. Where the second is a recording too, all
/// of them are read; else it is what a program would make of the first, as `HCopy` does.
fn read_line(
    words: &[Word],
    line: u64,
    wanted: &Wanted,
    rows: &mut Vec<Row>,
    fault: &mut dyn FnMut(u64, String),
) -> usize {
    let is_recording = |word: &&Word| {
        let file = File::new(&word.text);
        file.is_ok_and(|file| {
            let name = file.physical.file_name().unwrap_or_default();
            has_recording_name(name, Sought::RawAudioToo)
        })
    };
    let all = words.iter().skip(1).all(|word| is_recording(&word));
    let read = if all { words.len() } else { 1 };
    let span = |(start, end)| Span::Samples { start, end: Some(end) };
    for word in &words[..read] {
        match File::new(&word.text) {
            Ok(file) => rows.push(Row {
                line,
                id: file.logical.map(|name| printable(&stem(&name, wanted.sought)).into()),
                source: file.physical.into(),
                extra: Extra::of(file.samples.map(span), None, None),
                ..Row::default()
            }),
            Err(wrong) => fault(word.column, wrong),
        }
    }
    words.len() - read
}

/// A word of a line, without its quotes.
#[derive(Debug, PartialEq, Eq)]
struct Word {
    text: Vec<u8>,
    /// The byte of the line, from 1, that it begins at.
    column: u64,
}

/// Takes a line apart at its blanks, as HTK reads strings: between quotes of either kind blanks are
/// characters, and behind a backslash a character is itself, or three octal digits are one.
///
/// # Errors
/// The column of a quote that is not closed.
fn words(line: &[u8]) -> Result<Vec<Word>, u64> {
    let mut words = Vec::new();
    let mut at = 0;
    while at < line.len() {
        if line[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let begin = at;
        let mut text = Vec::new();
        let mut quote = None;
        while at < line.len() && (quote.is_some() || !line[at].is_ascii_whitespace()) {
            match (line[at], &line[at + 1..]) {
                (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..]) => {
                    text.push((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'));
                    at += 3;
                }
                (b'\\', [next, ..]) => {
                    text.push(*next);
                    at += 1;
                }
                (byte, _) if quote == Some(byte) => quote = None,
                // A quote begins a name, or what is behind `=`; elsewhere it is a character.
                (byte @ (b'"' | b'\''), _)
                    if quote.is_none() && (text.is_empty() || text.ends_with(b"=")) =>
                {
                    quote = Some(byte);
                }
                (byte, _) => text.push(byte),
            }
            at += 1;
        }
        if quote.is_some() {
            return Err(begin as u64 + 1);
        }
        words.push(Word { text, column: begin as u64 + 1 });
    }
    Ok(words)
}

/// What a word says: a file, perhaps called otherwise, perhaps a stretch of it.
#[derive(Debug, PartialEq, Eq)]
struct File {
    /// The name under which programs know it.
    logical: Option<PathBuf>,
    physical: PathBuf,
    /// The first sample and the one behind the last.
    samples: Option<(u64, u64)>,
}

impl File {
    /// # Errors
    /// What is wrong with it, in words.
    fn new(text: &[u8]) -> Result<File, String> {
        let path = |bytes: &[u8]| {
            path_from_bytes(bytes).ok_or_else(|| "expected UTF-8, found other bytes".to_owned())
        };
        let (logical, rest) = match text.iter().position(|&byte| byte == b'=') {
            Some(at) if at > 0 => (Some(path(&text[..at])?), &text[at + 1..]),
            _ => (None, text),
        };
        let bracket = rest.iter().rposition(|&byte| byte == b'[');
        let (physical, samples) = match (bracket, rest.split_last()) {
            (Some(at), Some((b']', inside))) => {
                let inside = &inside[at + 1..];
                let range = std::str::from_utf8(inside).ok().and_then(range).ok_or_else(|| {
                    format!(
                        "expected the first and the last sample in brackets, as in [0,15999], found `[{}]`",
                        shown(&String::from_utf8_lossy(inside))
                    )
                })?;
                (&rest[..at], Some(range))
            }
            _ => (rest, None),
        };
        Ok(File { logical, physical: path(physical)?, samples })
    }

    /// Returns whether it says more than a path.
    fn is_extended(&self) -> bool {
        let name = self.physical.file_name().unwrap_or_default();
        self.logical.is_some()
            && self.samples.is_some()
            && has_recording_name(name, Sought::RawAudioToo)
    }
}

/// The first sample and the one behind the last, of `first,last`.
fn range(inside: &str) -> Option<(u64, u64)> {
    let (first, last) = inside.split_once(',')?;
    let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last.checked_add(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_between_blanks_or_quotes() {
        let texts = |line: &str| {
            let words = words(line.as_bytes()).unwrap();
            words.into_iter().map(|word| String::from_utf8(word.text).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(texts(" a.wav\tb.mfc "), ["a.wav", "b.mfc"]);
        assert_eq!(texts(r#""a b.wav" 'c"d.wav'"#), ["a b.wav", "c\"d.wav"]);
        assert_eq!(texts(r"a\ b.wav \303\244.wav it's"), ["a b.wav", "ä.wav", "it's"]);
        assert_eq!(texts(r#"x="a b.wav"[0,9]"#), ["x=a b.wav[0,9]"]);
        assert_eq!(words(b"a \"b c").unwrap_err(), 3);
    }

    #[test]
    fn a_file_may_have_another_name_and_a_stretch() {
        let file = |text: &str| File::new(text.as_bytes()).unwrap();
        let plain = File { logical: None, physical: "a.wav".into(), samples: None };
        assert_eq!(file("a.wav"), plain);
        let stretch = File { samples: Some((0, 10)), logical: Some("u.fea".into()), ..plain };
        assert_eq!(file("u.fea=a.wav[0,9]"), stretch);
        assert_eq!(file("a[1]b.wav").physical, PathBuf::from("a[1]b.wav"));
        for wrong in ["a.wav[1]", "a.wav[2,1]", "a.wav[x,1]", "a.wav[]"] {
            assert!(
                File::new(wrong.as_bytes()).unwrap_err().contains("first and the last"),
                "{wrong}"
            );
        }
    }
}
