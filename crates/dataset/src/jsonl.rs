//! Reads `utterances.jsonl` and `failures.jsonl`, a row at a time.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::format::names::UTTERANCES_FILE;
use crate::format::rows::{FailureRow, UtteranceRow};
use crate::open::open_file;
use crate::store::ReadAt;

/// The longest line that is read. An alignment may have 16 MiB, and in JSON no byte of it takes more
/// than six; the rest of a row is paths and numbers.
pub(crate) const MAX_LINE_BYTES: usize = 1 << 27;

/// The rows of a `utterances.jsonl`, in order; after an error there are no more.
pub type UtteranceRows = Rows<UtteranceRow>;

/// The rows of a `failures.jsonl`, in order; after an error there are no more.
pub type FailureRows = Rows<FailureRow>;

/// The rows of a file that has a JSON object a line, in order; after an error there are no more.
///
/// One row is in memory at a time, however many there are.
pub struct Rows<T> {
    path: PathBuf,
    input: BufReader<File>,
    line: u64,
    /// The bytes before the line that was read last, and those before the next.
    offsets: (u64, u64),
    buffer: Vec<u8>,
    has_ended: bool,
    row: PhantomData<fn() -> T>,
}

impl<T> Rows<T> {
    /// Opens the file.
    ///
    /// # Errors
    /// If that fails, or it is no regular file.
    pub fn open(path: &Path) -> Result<Rows<T>, Error> {
        let (file, _) = open_file(path)?;
        Ok(Rows {
            path: path.to_owned(),
            input: BufReader::with_capacity(1 << 16, file),
            line: 0,
            offsets: (0, 0),
            buffer: Vec::new(),
            has_ended: false,
            row: PhantomData,
        })
    }

    /// The line of the row that was read last, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The bytes before the row that was read last, at which [`line_at`] finds it again.
    pub fn offset(&self) -> u64 {
        self.offsets.0
    }

    /// Puts the next line into the buffer, without its end; `false` at the end of the file.
    fn read_line(&mut self) -> Result<bool, Error> {
        self.line += 1;
        self.buffer.clear();
        // One more for the line's end, so that the longest line is told from a longer one.
        let mut most = (&mut self.input).take(MAX_LINE_BYTES as u64 + 1);
        let read = most.read_until(b'\n', &mut self.buffer);
        let bytes = read.map_err(Error::io("read", &self.path))?;
        if bytes == 0 {
            return Ok(false);
        }
        self.offsets = (self.offsets.1, self.offsets.1 + bytes as u64);
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
        } else if self.buffer.len() > MAX_LINE_BYTES {
            let reason = format!("line {} is longer than {MAX_LINE_BYTES} bytes", self.line);
            return Err(Error::bad_file(&self.path, reason));
        }
        Ok(true)
    }
}

impl<T: DeserializeOwned> Rows<T> {
    fn read_row(&mut self) -> Result<Option<T>, Error> {
        if !self.read_line()? {
            return Ok(None);
        }
        let row = serde_json::from_slice(&self.buffer).map_err(|error| {
            // Every row is the first line to its parser: only the column says something.
            let (text, column) = (error.to_string(), error.column());
            let place = format!(" at line {} column {column}", error.line());
            let what = match text.strip_suffix(&place) {
                Some(what) => format!("{what} at column {column}"),
                None => text,
            };
            Error::bad_file(&self.path, format!("line {}: {what}", self.line))
        })?;
        Ok(Some(row))
    }
}

impl<T: DeserializeOwned> Iterator for Rows<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Result<T, Error>> {
        if self.has_ended {
            return None;
        }
        let row = self.read_row().transpose();
        self.has_ended = !matches!(row, Some(Ok(_)));
        row
    }
}

/// Reads the line at an offset, without its end.
///
/// # Errors
/// If it cannot be read, or is longer than any line that is.
pub fn line_at(file: &dyn ReadAt, offset: u64) -> Result<Vec<u8>, Error> {
    // More than most rows have, and doubled for those that are longer.
    let (mut line, mut at_once) = (Vec::new(), 1 << 10);
    loop {
        let begin = line.len();
        let left = file.bytes().saturating_sub(offset.saturating_add(begin as u64));
        line.resize(begin + left.min(at_once) as usize, 0);
        file.read_exact_at(&mut line[begin..], offset.saturating_add(begin as u64))?;
        if let Some(end) = line[begin..].iter().position(|&byte| byte == b'\n') {
            line.truncate(begin + end);
            return Ok(line);
        }
        if left <= at_once || line.len() > MAX_LINE_BYTES {
            let reason = format!("no line ends within {} bytes from byte {offset} on", line.len());
            return Err(Error::bad_file(UTTERANCES_FILE.as_ref(), reason));
        }
        at_once *= 2;
    }
}

impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("path", &self.path).field("line", &self.line).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn row(id: &str) -> UtteranceRow {
        UtteranceRow {
            id: id.into(),
            source: format!("{id}.wav"),
            held: None,
            channel: "first".into(),
            sample_rate_hz: 16_000,
            start_sample: 3,
            end_sample: 9000,
            num_frames: 54,
            first_event: None,
            num_events: None,
            truncated: None,
            levels: None,
            speaker: Some("mary".into()),
            intervals: [("phones".into(), vec![("sh".into(), 3, 9000)])].into(),
            columns: Default::default(),
        }
    }

    fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("utterances.jsonl");
        fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn rows_come_back_as_they_were_written_with_and_without_a_last_line_end() {
        let rows = ["a", "b\n", "caf%E9"].map(row);
        let text = rows.each_ref().map(|row| serde_json::to_string(row).unwrap()).join("\n");
        for end in ["", "\n"] {
            let (_folder, path) = file(format!("{text}{end}").as_bytes());
            let mut reader = UtteranceRows::open(&path).unwrap();
            let read: Vec<_> = reader.by_ref().map(Result::unwrap).collect();
            assert_eq!(read, rows);
            assert!(reader.next().is_none());
        }
    }

    #[test]
    fn a_line_that_is_no_row_is_named_and_is_the_last() {
        let good = serde_json::to_string(&row("a")).unwrap();
        for (bad, words) in [
            ("", "line 2: EOF"),
            ("{}", "line 2: missing field"),
            ("[", "line 2: invalid type: sequence"),
            ("\u{1}", "line 2: expected value at column 1"),
            (&good[..good.len() - 1], "line 2: EOF"),
        ] {
            let (_folder, path) = file(format!("{good}\n{bad}\n{good}\n").as_bytes());
            let mut rows = UtteranceRows::open(&path).unwrap();
            assert!(rows.next().unwrap().is_ok());
            let error = rows.next().unwrap().unwrap_err().to_string();
            assert!(error.contains("utterances.jsonl") && error.contains(words), "{error}");
            assert!(rows.next().is_none());
        }
    }

    #[test]
    fn an_endless_line_is_an_error_and_not_in_memory() {
        let (_folder, path) = file(b"");
        // A hole, which takes no room on the disk.
        File::options().write(true).open(&path).unwrap().set_len(1 << 32).unwrap();
        let mut rows = UtteranceRows::open(&path).unwrap();
        let error = rows.next().unwrap().unwrap_err().to_string();
        assert!(error.ends_with("line 1 is longer than 134217728 bytes"), "{error}");
        assert!(rows.buffer.capacity() <= 2 * MAX_LINE_BYTES, "{}", rows.buffer.capacity());
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_in_place_of_a_file_is_refused_unopened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("failures.jsonl");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let error = FailureRows::open(&path).unwrap_err().to_string();
        assert!(error.ends_with("failures.jsonl: is not a regular file"), "{error}");
    }
}
