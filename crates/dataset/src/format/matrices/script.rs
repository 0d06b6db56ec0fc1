//! Kaldi's scripts: a line a matrix, `UTTERANCE PATH[:OFFSET][[ROWS,COLUMNS]]`.

use std::io::{BufRead, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::format::matrices::matrix::Matrix;
use crate::format::matrices::source::Source;
use crate::format::matrices::{kaldi, whole};

/// The most bytes of a line.
const MOST_LINE_BYTES: u64 = 1 << 16;

/// Where a line says that a matrix is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) path: PathBuf,
    /// The offset of the matrix; absent, the file is the matrix.
    offset: Option<u64>,
    rows: Option<Range<usize>>,
    columns: Option<Range<usize>>,
}

/// Lists the lines of a script. None if it is no script.
///
/// - `head`: its first bytes
pub(super) fn entries(
    source: &mut Source,
    head: &[u8],
) -> Result<Option<Vec<(String, Target)>>, Error> {
    let first = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let is_text = !head.contains(&0);
    let has_two_words =
        std::str::from_utf8(first).is_ok_and(|line| line.split_whitespace().nth(1).is_some());
    if !is_text || !has_two_words || !is_script(first, &source.path) {
        return Ok(None);
    }
    source.seek(0)?;
    let mut entries = Vec::new();
    for number in 1.. {
        let mut line = Vec::new();
        let read = (&mut source.reader).take(MOST_LINE_BYTES).read_until(b'\n', &mut line);
        if read.map_err(Error::io("read", &source.path))? == 0 {
            break;
        }
        let wrong = |reason: &str| format!("line {number}: {reason}");
        let text = std::str::from_utf8(&line).map_err(|_| source.bad(&wrong("it is not UTF-8")))?;
        let Some((name, target)) = text.trim().split_once(char::is_whitespace) else { continue };
        let target = Target::parse(target.trim(), &source.path);
        let target = target.map_err(|reason| source.bad(&wrong(reason)))?;
        entries.push((name.to_owned(), target));
    }
    Ok(Some(entries))
}

/// Returns whether a text whose lines have words is a script: it says so, or what its first line names is there or is a
/// command. Any text has words.
fn is_script(first: &[u8], path: &Path) -> bool {
    let is_named = path.extension().is_some_and(|extension| extension == "scp");
    let names_something = || {
        let line = std::str::from_utf8(first).ok()?.trim();
        let (_, target) = line.split_once(char::is_whitespace)?;
        let is_there = |target: Target| target.path.exists();
        Some(target.ends_with('|') || Target::parse(target.trim(), path).is_ok_and(is_there))
    };
    is_named || names_something().unwrap_or(false)
}

/// Reads the matrix that a line names.
pub(super) fn matrix(source: &mut Source, target: &Target) -> Result<Matrix, Error> {
    let matrix = match target.offset {
        Some(offset) => kaldi::matrix_at(source, offset),
        None => whole::matrix(source),
    }?;
    target.cut(matrix).ok_or_else(|| source.bad("a range reaches past the matrix"))
}

impl Target {
    /// Reads what a line says. Paths are relative to the working folder, as Kaldi has it, or else to a folder that
    /// the script is in: the one that was the working folder once.
    fn parse(text: &str, script: &Path) -> Result<Target, &'static str> {
        if text.ends_with('|') {
            return Err("it is a command, and none is run here");
        }
        let (place, ranges) = match text.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
            Some((place, ranges)) => (place, ranges),
            None => (text, ""),
        };
        let (rows, columns) = ranges.split_once(',').unwrap_or((ranges, ""));
        let (rows, columns) = (range(rows)?, range(columns)?);
        let (path, offset) = match place.rsplit_once(':') {
            Some((path, offset)) => match offset.parse() {
                Ok(offset) => (path, Some(offset)),
                Err(_) => (place, None),
            },
            _ => (place, None),
        };
        let folders = script.ancestors().skip(1).map(|folder| folder.join(path));
        let path = std::iter::once(PathBuf::from(path)).chain(folders).find(|path| path.exists());
        let path = path.unwrap_or_else(|| PathBuf::from(place));
        Ok(Target { path, offset, rows, columns })
    }

    fn cut(&self, matrix: Matrix) -> Option<Matrix> {
        if self.rows.is_none() && self.columns.is_none() {
            return Some(matrix);
        }
        let rows = self.rows.clone().unwrap_or(0..matrix.rows);
        let columns = self.columns.clone().unwrap_or(0..matrix.columns);
        if rows.end > matrix.rows || columns.end > matrix.columns {
            return None;
        }
        let mut values = Vec::with_capacity(rows.len() * columns.len());
        for row in rows.clone() {
            values.extend_from_slice(&matrix.values[row * matrix.columns..][columns.clone()]);
        }
        let rounding = match matrix.rounding.is_empty() {
            true => Vec::new(),
            false => matrix.rounding[columns.clone()].to_vec(),
        };
        Some(Matrix { rounding, ..Matrix::new(rows.len(), columns.len(), values) })
    }
}

/// Reads `FIRST:LAST`, of which Kaldi counts the last too. None where nothing is said.
fn range(text: &str) -> Result<Option<Range<usize>>, &'static str> {
    let text = text.trim();
    if text.is_empty() || text == ":" {
        return Ok(None);
    }
    let wrong = "a range is not FIRST:LAST";
    let (first, last) = text.split_once(':').ok_or(wrong)?;
    let first: usize = first.trim().parse().map_err(|_| wrong)?;
    let last: usize = last.trim().parse().map_err(|_| wrong)?;
    match last.checked_add(1) {
        Some(end) if first < end => Ok(Some(first..end)),
        _ => Err(wrong),
    }
}
